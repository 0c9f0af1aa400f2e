"""Answers of other servers that come packed: a kilobyte of them may hold a gigabyte, so they are unpacked in pieces."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

# The header `Accept-Encoding` of who reads with `unpacked`. Other packings give all that a chunk holds at once, which
# for Brotli and Zstandard is without a bound.
PACKINGS = "gzip"
PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


def unpacked(chunks: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """The body whose chunks these are, by the header `Content-Encoding`: packed ones in pieces of at most PIECE bytes.

    ValueError for what was not asked for, can't be unpacked or ends in the middle.
    """
    kind = packing.strip().lower()
    if kind in ("", "identity"):
        return iter(chunks)
    if kind not in ("gzip", "x-gzip"):
        raise ValueError("it is packed in a way that was not asked for")
    return _gunzipped(chunks)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        rest = chunk
        while rest and not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, PIECE)
            except zlib.error as error:
                raise ValueError("it is not what it says") from error
            rest = unpacker.unconsumed_tail
            if piece:
                yield piece
    # What zlib holds back of a piece that was full.
    while not unpacker.eof and (piece := unpacker.decompress(b"", PIECE)):
        yield piece
    if not unpacker.eof:
        raise ValueError("it ends in the middle")
