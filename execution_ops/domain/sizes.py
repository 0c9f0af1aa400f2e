"""Sizes as an operator says them."""

from __future__ import annotations


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
