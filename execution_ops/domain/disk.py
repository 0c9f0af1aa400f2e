"""A full disk: how it is known, and what the operator reads."""

from __future__ import annotations

import errno

# Bytes that no work of ours takes: the database is on the same disk.
KEEP_FREE = 256 << 20
MAKE_ROOM = "Free some space or set EXECUTION_OPS_DATA_DIR to a larger disk, then retry this job."
DISK_FULL = f"The disk of the data directory is full. {MAKE_ROOM}"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_disk_full(error: BaseException) -> bool:
    """Whether the error says that there is no space left."""
    return isinstance(error, OSError) and error.errno in _FULL
