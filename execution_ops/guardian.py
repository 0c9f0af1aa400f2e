"""Ends process groups when the process that started them has died, however it died.

A small process of its own holds the reading end of a pipe. The kernel closes the pipe when the
owner dies, also of `kill -9`; the guardian then ends every group that is still registered. Unlike
the parent-death signal it reaches grandchildren too, and needs no code between fork and exec.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable


class Guardian:
    """The owner's side. `grace` are the seconds between asking (SIGTERM) and killing; 0 kills at once."""

    def __init__(self, grace: float = 0.0) -> None:
        self._grace = grace
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._process = self._start()

    def watch(self, group: int) -> None:
        """End this process group if we die."""
        with self._lock:
            self._groups.add(group)
            self._tell(f"+{group}")

    def release(self, group: int) -> None:
        """The group has ended."""
        with self._lock:
            self._groups.discard(group)
            self._tell(f"-{group}")

    def close(self) -> None:
        """Stop guarding; what is still registered is ended."""
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # -I -S: nothing but the standard library, so it starts in milliseconds. Its own session,
        # so a Ctrl-C or a kill of our group leaves it to do its work.
        return subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(self._grace)], stdin=subprocess.PIPE, start_new_session=True
        )

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._write(line)
        except BrokenPipeError:
            # Somebody killed the guardian: a new one learns of all groups.
            self._process.wait()
            self._process = self._start()
            for group in self._groups:
                self._write(f"+{group}")

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()


def end_group(group: int, number: int) -> bool:
    """Send the signal to a process group; False if it has ended already."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _end_all(groups: Iterable[int], grace: float) -> None:
    left = list(groups)
    if grace:
        left = [group for group in left if end_group(group, signal.SIGTERM)]
        deadline = time.monotonic() + grace
        # They are not our children, so there is nothing to wait on but their existence.
        while left and time.monotonic() < deadline:
            time.sleep(0.1)
            left = [group for group in left if end_group(group, 0)]
    for group in left:
        end_group(group, signal.SIGKILL)


def main() -> None:
    """Read `+group` and `-group` lines until the owner is gone, then end what is left."""
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        group = int(line[1:])
        if line.startswith(b"+"):
            groups.add(group)
        else:
            groups.discard(group)
    _end_all(groups, float(sys.argv[1]))


if __name__ == "__main__":
    main()
