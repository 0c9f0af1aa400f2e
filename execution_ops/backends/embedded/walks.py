"""Walking a list page by page: bounded searches, and the cursors at both ends of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, RowMapping

from execution_ops.backends.embedded.keyset import Query, Span, nth_query
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.paging import Cursor, Towards, encode_cursor
from execution_ops.domain.query_values import Sort

# A page looks at these many candidates of a search, one portion after the other until it is full.
PORTIONS = (500, 2_500, 7_000)
SEARCH_MAX = sum(PORTIONS)


class Found(NamedTuple):
    """Rows in the direction of the walk. `stopped` is where a search reached its bound."""

    rows: list[RowMapping]
    stopped: tuple[int, int] | None = None


class Search(Protocol):
    """Makes the query for what matches among candidates."""

    def __call__(self, source: Query, span: Span, *, candidates: int, limit: int) -> Query:
        """The first `limit` rows among the next `candidates` that match in everything."""


class Ends(NamedTuple):
    """The cursors of a page; None where nothing follows in that direction."""

    older: str | None
    newer: str | None


def search(connection: Connection, source: Callable[[Span], Query], matching: Search, span: Span, limit: int) -> Found:
    """The next `limit` rows that match among bounded candidates of the source."""
    rows: list[RowMapping] = []
    for portion in PORTIONS:
        candidates = source(span)
        rows += fetch(connection, matching(candidates, span, candidates=portion, limit=limit - len(rows)))
        if len(rows) == limit:
            return Found(rows)
        last = fetch(connection, nth_query(candidates, portion))
        if not last:
            return Found(rows)
        span = span.from_position(position(last[0]))
    return Found(rows, stopped=span.position)


def ends(sort: Sort, came_by: Cursor | None, found: Found, limit: int) -> Ends:
    """The cursors of the page that shows the first `limit` of what was found (one more was asked for)."""
    taken = found.rows[:limit]
    towards = came_by.towards if came_by else onward(sort)
    ahead = position(taken[-1]) if len(found.rows) > limit else found.stopped
    places = {towards: ahead, opposite(towards): _behind(came_by, taken)}
    cursors = {way: None if at is None else encode_cursor(Cursor(sort, way, *at)) for way, at in places.items()}
    return Ends(cursors[Towards.OLDER], cursors[Towards.NEWER])


def position(row: RowMapping) -> tuple[int, int]:
    """Where a row stands in the order."""
    return row["created_at"], row["n"]


def onward(sort: Sort) -> Towards:
    """Which way the first page of a list goes."""
    return Towards.OLDER if sort is Sort.NEWEST else Towards.NEWER


def opposite(towards: Towards) -> Towards:
    """The other way."""
    return Towards.OLDER if towards is Towards.NEWER else Towards.NEWER


def _behind(came_by: Cursor | None, taken: list[RowMapping]) -> tuple[int, int] | None:
    """From where to walk back; nothing lies behind a first page."""
    if came_by is None:
        return None
    if taken:
        return position(taken[0])
    # An empty page: step over the cursor's own row, so that walking back finds it.
    return came_by.created_at, came_by.n + (-1 if came_by.towards is Towards.OLDER else 1)
