"""Cursors: where a page of a list ends, as an opaque text that a URL can carry.

A cursor names a position `(created_at, n)` and the way to go from it. It is bound to the sort of
its list, checked whole, and good for ever: the position need not exist any more.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from enum import StrEnum
from typing import NamedTuple

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import Sort

_VERSION = 1
_LAYOUT = struct.Struct(">BBqq")
_CHECK = struct.Struct(">I")
_TEXT_LENGTH = 30
CREATED_MAX = 2**53
N_MAX = 2**62


class Towards(StrEnum):
    """Which way a page goes in time, whatever the sort of the list."""

    OLDER = "older"
    NEWER = "newer"


class Cursor(NamedTuple):
    """Go from just beyond `(created_at, n)` towards older or newer jobs. `created_at` is in ms."""

    sort: Sort
    towards: Towards
    created_at: int
    n: int


def encode_cursor(cursor: Cursor) -> str:
    """The cursor as 30 URL-safe characters."""
    flags = (cursor.sort is Sort.OLDEST) << 1 | (cursor.towards is Towards.NEWER)
    body = _LAYOUT.pack(_VERSION, flags, cursor.created_at, cursor.n)
    return base64.urlsafe_b64encode(body + _CHECK.pack(zlib.crc32(body))).decode().rstrip("=")


def decode_cursor(text: str, sort: Sort) -> Cursor:
    """Read a cursor of a list with this sort. Raises InvalidInput for anything else."""
    wrong = InvalidInput("This page address is damaged: start again from the first page.", code="BAD_CURSOR")
    if len(text) != _TEXT_LENGTH:
        raise wrong
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    body, check = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    if check != _CHECK.pack(zlib.crc32(body)):
        raise wrong
    version, flags, created_at, n = _LAYOUT.unpack(body)
    if version != _VERSION or flags > 3 or not 0 <= created_at <= CREATED_MAX or not -1 <= n <= N_MAX:
        raise wrong
    cursor = Cursor(
        Sort.OLDEST if flags & 2 else Sort.NEWEST, Towards.NEWER if flags & 1 else Towards.OLDER, created_at, n
    )
    # Unused bits of the last character could spell one cursor in several ways.
    if encode_cursor(cursor) != text:
        raise wrong
    if cursor.sort is not sort:
        raise InvalidInput("This page address is of a list sorted the other way.", code="BAD_CURSOR")
    return cursor


def in_order(older: str | None, newer: str | None, sort: Sort) -> tuple[str | None, str | None]:
    """The cursors of the pages after and before this one in the list's own order."""
    return (older, newer) if sort is Sort.NEWEST else (newer, older)


def in_time(following: str | None, before: str | None, sort: Sort) -> tuple[str | None, str | None]:
    """The cursors towards older and newer rows, of the pages after and before this one: `in_order` taken back."""
    return in_order(following, before, sort)
