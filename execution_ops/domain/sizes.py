"""Sizes: as an operator says them, and how much of a file is handled at once."""

from __future__ import annotations

# Bytes of a file that are read at once. They should still be in the processor's cache when they are hashed or
# written: pieces of 4 MiB took 13 times as long to copy on a machine whose memory others kept busy.
CHUNK = 256 << 10


def describe_bytes(count: int) -> str:
    """A number of bytes: `412 bytes`, `9.8 kB`, `1.4 MB`, `5.0 GB` (powers of 1,000)."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        # 999,950 and more would round up to 1000.0 of this unit.
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"
