"""Keyset pages over a table with `(created_at, n)` as its order: what every long list shares, as pure functions.

Without a search, all matches lie in stretches of one composite index, one stretch for each
combination of values and states, each already in order. A page takes its rows from each stretch
and merges them: the cost grows with the page and the number of stretches, never with the table.
SQLite gets a UNION ALL with the index named (it needs no statistics then); PostgreSQL gets a
lateral join, which is planned once however many stretches there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from execution_ops.domain.paging import Cursor, Towards


@dataclass(frozen=True)
class Relation:
    """A table with the columns `n`, `id`, `state` and `created_at`, and the index that serves a filter by
    the given dimensions and a state."""

    table: str
    index: Callable[[tuple[str, ...]], str]


class Stretched(Protocol):
    """Values of dimensions, as stretches of an index."""

    @property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """The values of each dimension that is closed."""

    def keys(self, states: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The value of each dimension and of the state, for every stretch of the index."""


@dataclass(frozen=True)
class Span:
    """Which stretch of the order by `(created_at, n)`, and which way to walk it.

    `position` is exclusive: the walk begins just beyond it.
    """

    towards: Towards
    after: int = 0
    before: int | None = None
    position: tuple[int, int] | None = None

    @classmethod
    def of(cls, window: tuple[int, int | None], towards: Towards, cursor: Cursor | None) -> Span:
        """The stretch that a filter's window and a page's cursor leave."""
        return cls(towards, *window, (cursor.created_at, cursor.n) if cursor else None)

    def from_position(self, position: tuple[int, int]) -> Span:
        """The same walk, going on from there."""
        return Span(self.towards, self.after, self.before, position)


class Query(NamedTuple):
    """A statement (or a part of one) with named parameters."""

    sql: str
    params: dict[str, Any]


def nth_query(source: Query, nth: int) -> Query:
    """The position of the candidate number `nth` (1 is the first), no row if there are fewer."""
    return Query(f"{source.sql} LIMIT 1 OFFSET :skip", {**source.params, "skip": nth - 1, "candidates": nth})


def size_query(source: Query, most: int) -> Query:
    """How many `jobs` a source has, counted up to `most`. Its order costs nothing: an index has it."""
    return Query(
        f"SELECT count(*) AS jobs FROM (SELECT 1 FROM ({source.sql}) AS k LIMIT :most) AS c",
        {**source.params, "most": most},
    )


def one_of(closed: dict[str, tuple[str, ...]], prefix: str = "") -> Query:
    """The condition that each column has one of its values."""
    terms: list[str] = []
    params: dict[str, Any] = {}
    for name, values in closed.items():
        params |= {f"{name}{i}": value for i, value in enumerate(values)}
        terms.append(f"{prefix}{name} IN ({', '.join(f':{name}{i}' for i in range(len(values)))})")
    return Query(" AND ".join(terms) or "TRUE", params)


def stretches(
    relation: Relation, match: Stretched, states: Sequence[str], select: str, tail: str, dialect: str
) -> Query:
    """`select` on each stretch of the index, as one relation that also has the stretch's `state`."""
    names = (*match.dimensions, "state")
    keys = match.keys(tuple(states))
    values = {value: f"v{i}" for i, value in enumerate(dict.fromkeys(value for key in keys for value in key))}
    params = {name: value for value, name in values.items()}
    counts = select.startswith("count")
    if dialect == "sqlite":
        named = hint(relation.index(tuple(match.dimensions)), dialect)
        branches = []
        for key in keys:
            equal = " AND ".join(f"{name} = :{values[value]}" for name, value in zip(names, key, strict=True))
            rows = f"SELECT {'1' if counts else select} FROM {relation.table} {named}WHERE {equal}{tail}"
            outer = f":{values[key[-1]]} AS state, {select}" if counts else "*"
            branches.append(f"SELECT {outer} FROM ({rows})")
        return Query(" UNION ALL ".join(branches), params)
    rows = ", ".join(f"({', '.join(':' + values[value] for value in key)})" for key in keys)
    equal = " AND ".join(f"{name} = v.{name}_" for name in names)
    inner = f"SELECT {'1' if counts else select} FROM {relation.table} WHERE {equal}{tail}"
    if counts:
        inner = f"SELECT {select} FROM ({inner}) AS c"
    columns = ", ".join(f"{name}_" for name in names)
    return Query(
        f"SELECT v.state_ AS state, b.* FROM (VALUES {rows}) AS v ({columns}) CROSS JOIN LATERAL ({inner}) AS b", params
    )


def lookup(relation: Relation, dialect: str) -> str:
    """The row `j` of each position `k`."""
    # OFFSET 0 keeps PostgreSQL from answering many lookups with a scan of the whole table.
    if dialect == "sqlite":
        return f"CROSS JOIN {relation.table} AS j ON j.n = k.n"
    return f"CROSS JOIN LATERAL (SELECT * FROM {relation.table} AS r WHERE r.n = k.n OFFSET 0) AS j"


def hint(index: str, dialect: str) -> str:
    """Names the index for SQLite, which then needs no statistics."""
    return f"INDEXED BY {index} " if dialect == "sqlite" else ""


def order(span: Span, prefix: str = "") -> str:
    """The order of the walk."""
    way = "DESC" if span.towards is Towards.OLDER else "ASC"
    return f"ORDER BY {prefix}created_at {way}, {prefix}n {way}"


def bounds(span: Span) -> str:
    """The window, with the cursor in place of the bound that it makes tighter.

    One bound on each side: of two, SQLite would use either to find its place in the index.
    """
    older = span.towards is Towards.OLDER
    lower = "created_at >= :after" if span.after > 0 else ""
    upper = "created_at < :before" if span.before is not None else ""
    if span.position is not None:
        at = span.position[0]
        if older and (span.before is None or at < span.before):
            upper = "(created_at, n) < (:at, :n)"
        elif not older and at >= span.after:
            lower = "(created_at, n) > (:at, :n)"
    return "".join(f" AND {term}" for term in (lower, upper) if term)


def span_params(span: Span) -> dict[str, Any]:
    """The parameters of `bounds`."""
    at, n = span.position or (None, None)
    return {"after": span.after, "before": span.before, "at": at, "n": n}
