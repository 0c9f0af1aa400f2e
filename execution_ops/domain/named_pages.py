"""Pages of a list that is short enough to be filtered and sorted in memory, and their cursors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import VALUE_MAX

# A character of a name is spelled by up to 6 bytes, and these by 4 characters for 3; the names of a place are short.
_CURSOR_MAX = 8 * VALUE_MAX
Row = TypeVar("Row")
# Where a row stands: flags and names, compared in this order.
Place = tuple[bool | str, ...]


class NamedPage(NamedTuple, Generic[Row]):
    """A part of a list in its order; cursors are None at the ends."""

    rows: tuple[Row, ...]
    before: str | None
    after: str | None
    total: int


def named_page(
    rows: Iterable[Row], place: Callable[[Row], Place], cursor: str | None, limit: int, *, kinds: tuple[type, ...]
) -> NamedPage[Row]:
    """One page of the rows by their `place`, whose parts are of these kinds; InvalidInput for a bad cursor."""
    found = sorted(rows, key=place)
    start = 0
    if cursor:
        backward, at = _read(cursor, kinds)
        start = sum(place(row) < at if backward else place(row) <= at for row in found)
        if backward:
            start = max(0, start - limit)
    shown = found[start : start + limit]
    return NamedPage(
        rows=tuple(shown),
        before=_write(True, place(shown[0])) if shown and start > 0 else None,
        after=_write(False, place(shown[-1])) if start + limit < len(found) else None,
        total=len(found),
    )


def check_place(cursor: str, kinds: tuple[type, ...]) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    if cursor:
        _read(cursor, kinds)
    return cursor


def _write(backward: bool, place: Place) -> str:
    text = json.dumps([backward, *place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, kinds: tuple[type, ...]) -> tuple[bool, Place]:
    wrong = InvalidInput("This page address is damaged: start again from the first page.", code="BAD_CURSOR")
    if len(cursor) > _CURSOR_MAX:
        raise wrong
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise wrong from None
    if not isinstance(value, list) or [type(part) for part in value] != [bool, *kinds]:
        raise wrong
    return value[0], tuple(value[1:])
