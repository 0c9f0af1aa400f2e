"""What a worker process uses of its machine: read from the kernel, so that no library is needed for two figures."""

from __future__ import annotations

import os
import time
from pathlib import Path

_STATM = Path("/proc/self/statm")


class Vitals:
    """Memory and CPU of this process, without the programs that its jobs run."""

    def __init__(self) -> None:
        self._last = (time.monotonic(), time.process_time())

    def cpu_percent(self) -> int | None:
        """How much of one core it used since the last call; more than 100 with several threads in C code."""
        (wall_before, used_before), self._last = self._last, (time.monotonic(), time.process_time())
        wall, used = self._last[0] - wall_before, self._last[1] - used_before
        return round(100 * used / wall) if wall > 0 else None


def memory_bytes() -> int | None:
    """The resident memory now; None where the kernel does not tell (all but Linux tell only the highest so far)."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except FileNotFoundError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
