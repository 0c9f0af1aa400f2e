"""Worker processes for tests, and what the kernel says of processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.execution import Bench, wait_until

ROOT = Path(__file__).parent.parent


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        # The second: it went between the opening of its file and the reading.
        return False


def freeze(pid: int, sqlite: Path | None) -> None:
    """Stop a process between two of its transactions: frozen within one it would hold SQLite's write
    lock, and no engine can help the others then. PostgreSQL has no such lock."""

    def frozen_outside() -> bool:
        os.kill(pid, signal.SIGSTOP)
        if sqlite is None or _is_writable(sqlite):
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    wait_until(frozen_outside, "the process is frozen outside of a transaction")


def _is_writable(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=0.2)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


class WorkerProcess:
    """A worker in a process of its own, on the bench's database and with the tests' job types."""

    def __init__(self, bench: Bench, *, concurrency: int = 8) -> None:
        settings = bench.settings
        self._bench = bench
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker_process", str(concurrency)],
            cwd=ROOT,
            env=os.environ
            | {
                "EXECUTION_OPS_DATA_DIR": str(settings.data_dir),
                "EXECUTION_OPS_DATABASE_URL": settings.url(),
                "EXECUTION_OPS_SCAN_ROOTS": os.pathsep.join(str(root) for root in settings.roots()),
                "EXECUTION_OPS_POLL_INTERVAL": str(settings.poll_interval),
                "EXECUTION_OPS_HEARTBEAT_INTERVAL": str(settings.heartbeat_interval),
                "EXECUTION_OPS_LOST_AFTER": str(settings.lost_after),
            },
        )
        self.pid = self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def freeze(self) -> None:
        """SIGSTOP, between two transactions."""
        url = self._bench.beneath.engine.url
        freeze(self.pid, Path(str(url.database)) if url.get_backend_name() == "sqlite" else None)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def has_ended(self) -> bool:
        """Whether it has ended, by itself or not."""
        return self._process.poll() is not None

    def wait(self, timeout_s: float = 20) -> int:
        """Its exit code."""
        return self._process.wait(timeout_s)

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()
