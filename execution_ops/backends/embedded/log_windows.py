"""Windows of numbered lines: the log of a job, and that of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.rows import LEVELS, fetch
from execution_ops.domain.jobs import LogLevel

# Both fold the case of ASCII letters alone; without that collation PostgreSQL would fold what its locale knows.
_LIKE = {"sqlite": "LIKE", "postgresql": 'COLLATE "C" ILIKE'}


@dataclass(frozen=True)
class Lines:
    """Lines in a table: those whose `owner` is `n`, numbered from 1 without a gap in `number`, in `text`."""

    table: str
    owner: str
    number: str
    text: str
    n: int


@dataclass(frozen=True)
class Wanted:
    """Which lines: numbered above `after`, at least `level`, with `text` in any case of ASCII letters; without the
    first `skip` of them, at most `limit`. `last` takes the end instead."""

    after: int = 0
    skip: int = 0
    limit: int = 500
    level: LogLevel | None = None
    text: str = ""
    last: bool = False

    @property
    def least(self) -> int:
        """The number of the logging module from which a line is loud enough."""
        return 0 if self.level is None else LEVELS[self.level]


@dataclass(frozen=True)
class Window:
    """The rows, the index of the first among those that match, and how many match."""

    rows: Sequence[RowMapping]
    start: int
    total: int


def window(connection: Connection, of: Lines, wanted: Wanted, by_level: Mapping[LogLevel, int]) -> Window:
    """The lines wanted of those that there are; `by_level` counts them all."""
    where, params = _matching(of, wanted, like=_LIKE[connection.dialect.name])
    total = sum(lines for level, lines in by_level.items() if LEVELS[level] >= wanted.least)
    if wanted.text:
        (counted,) = fetch(connection, Query(f"SELECT count(*) AS lines FROM {of.table} WHERE {where}", params))
        total = counted["lines"]
    numbered = not wanted.least and not wanted.text
    if numbered:
        return _numbered(connection, of, wanted, total)
    order = "DESC" if wanted.last else "ASC"
    sql = (
        f"SELECT * FROM {of.table} WHERE {where} AND {of.number} > :after "
        f"ORDER BY {of.number} {order} LIMIT :limit OFFSET :skip"
    )
    rows = fetch(connection, Query(sql, {**params, "after": wanted.after, "limit": wanted.limit, "skip": wanted.skip}))
    if wanted.last:
        rows.reverse()
        return Window(rows, max(0, total - wanted.skip - len(rows)), total)
    start = wanted.skip
    if wanted.after:
        before = f"SELECT count(*) AS lines FROM {of.table} WHERE {where} AND {of.number} <= :after"
        start += fetch(connection, Query(before, {**params, "after": wanted.after}))[0]["lines"]
    return Window(rows, start, total)


def _numbered(connection: Connection, of: Lines, wanted: Wanted, total: int) -> Window:
    """Of all lines: their numbers say where they are, so nothing is counted and nothing walked over."""
    first = max(0, total - wanted.skip - wanted.limit) if wanted.last else wanted.after + wanted.skip
    first = max(first, wanted.after)
    end = max(0, total - wanted.skip) if wanted.last else first + wanted.limit
    sql = (
        f"SELECT * FROM {of.table} WHERE {of.owner} = :n AND {of.number} > :first AND {of.number} <= :end "
        f"ORDER BY {of.number}"
    )
    # A line that was written since the total was read would not be counted in it.
    rows = fetch(connection, Query(sql, {"n": of.n, "first": first, "end": min(end, total)}))
    return Window(rows, min(first, total), total)


def _matching(of: Lines, wanted: Wanted, *, like: str) -> tuple[str, dict[str, Any]]:
    where = f"{of.owner} = :n"
    params: dict[str, Any] = {"n": of.n}
    if wanted.least:
        where, params = f"{where} AND level >= :level", {**params, "level": wanted.least}
    if wanted.text:
        where = f"{where} AND {of.number} > 0 AND {of.text} {like} :pattern ESCAPE '!'"
        params = {**params, "pattern": _contains(wanted.text)}
    return where, params


def _contains(text: str) -> str:
    """The LIKE pattern (with `!` as escape) of a text that occurs anywhere."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"
