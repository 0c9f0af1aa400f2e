"""Runs a program and writes down what it took: wall time, and the peak of its resident memory.

A program of its own (`python -I -S metered.py OUT PROGRAM ARGUMENT…`), because the kernel counts the peak of the
process that starts another one as the other's too: started by a worker of 300 MB, `true` "takes" 300 MB. This one
starts with 10 MB, and nothing of its own start is in the time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# The peak is in bytes on macOS, else in KiB.
_UNIT = 1 if sys.platform == "darwin" else 1024
_SIGNAL = 128


class Usage(NamedTuple):
    """What a program took."""

    wall_ms: float
    peak_bytes: int


def metered(out: Path) -> tuple[str, ...]:
    """What to put before a command so that its usage is in the file `out` afterwards."""
    return (sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(out))


def read_usage(out: Path) -> Usage:
    """What a metered command wrote. OSError or ValueError if it did not get that far."""
    told = json.loads(out.read_text(encoding="utf-8"))
    return Usage(wall_ms=told["wall_ns"] / 1e6, peak_bytes=told["peak_bytes"])


def main(arguments: Sequence[str]) -> int:
    """Run the program; its exit code, 128 and the signal's number for one that was killed."""
    out, program, *rest = arguments
    begun = time.monotonic_ns()
    try:
        pid = os.posix_spawn(program, [program, *rest], os.environ)
    except OSError as error:
        sys.stderr.write(f"{program}: {error.strerror}\n")
        return 127
    _, status, used = os.wait4(pid, 0)
    told = {"wall_ns": time.monotonic_ns() - begun, "peak_bytes": used.ru_maxrss * _UNIT}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(told, file)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _SIGNAL - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
