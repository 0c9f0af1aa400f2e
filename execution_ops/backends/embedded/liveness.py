"""Who lives on this machine: each worker holds a lock on a file until it dies.

The kernel releases the lock when the process ends, also of `kill -9`, and keeps it while the
process is stopped. So a neighbour's death is known at once, not only after missed heartbeats.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType

# Every console and worker shares it while it runs; who restores a back-up has it alone.
USE_LOCK = "use.lock"


class FileLock:
    """An exclusive lock on a file, held until closed or until the process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("a+b")

    def acquire(self, *, shared: bool = False) -> bool:
        """Take it; False if another process holds it. Any number may share it, and then nobody has it alone."""
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Release it."""
        self._file.close()

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lock_path(data_dir: Path, worker_id: str) -> Path:
    """The lock file of a worker."""
    return data_dir.resolve() / "workers" / f"{worker_id}.lock"


def surely_dead(data_dir: Path, worker_id: str) -> bool:
    """Whether a worker of this machine has died. False also if that cannot be known here."""
    path = lock_path(data_dir, worker_id)
    if not path.is_file():
        return False
    with FileLock(path) as lock:
        return lock.acquire()


def forget(data_dir: Path, worker_id: str) -> None:
    """Remove the lock file of a worker that is gone."""
    lock_path(data_dir, worker_id).unlink(missing_ok=True)
