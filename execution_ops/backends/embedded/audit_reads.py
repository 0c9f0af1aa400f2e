"""Reading the audit: pages, whole enumerations, one event, and the events of one thing.

A page walks one index in its order, that of the condition with the fewest events, and looks whether what it finds
matches the other conditions: the cost grows with the page, and a search is bounded (`walks.search`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.audit import changed_after
from execution_ops.backends.embedded.audit_tables import AUDIT_DIMENSIONS, RARE, audit_index
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import (
    Query,
    Relation,
    Span,
    bounds,
    hint,
    lookup,
    one_of,
    order,
    size_query,
    span_params,
)
from execution_ops.backends.embedded.matching import allowed
from execution_ops.backends.embedded.rows import fetch
from execution_ops.backends.embedded.tokens import query_words, reason_token
from execution_ops.backends.embedded.walks import SEARCH_MAX, Found, ends, onward, position, search
from execution_ops.domain.audit import (
    EVERYONE,
    AuditDetail,
    AuditEvent,
    AuditPage,
    AuditRecord,
    SubjectKey,
    SubjectKind,
    may_see,
)
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.paging import Towards, decode_cursor
from execution_ops.domain.times import from_ms, now_ms, to_ms

EVENTS = Relation("audit_event", lambda dimensions: audit_index(dimensions[0]))
KINDS = tuple(kind.value for kind in SubjectKind)
# A condition with more values than this is looked up on each event instead of walked.
BRANCHES_MAX = 40
COUNT_MAX = 10_000
ACTORS_MAX = 50
_COLUMNS = (
    *("n", "created_at", "actor", "source", "verb", "kind", "subject", "subject_id", "tenant", "scope", "count"),
    *("reason", "ticket", "inverse", "undoes", "correlation_id"),
)
_UNDONE = "(SELECT u.n FROM audit_event AS u WHERE u.undoes = j.n) AS undone_by"
_ROW = ", ".join([*(f"j.{name}" for name in _COLUMNS), _UNDONE])
_RECORD = f"{_ROW}, j.before, j.after"


class _Branch(NamedTuple):
    """A stretch of one index: all that has these values, in the order of time."""

    table: str
    hint: str
    equal: dict[str, Any]


@dataclass(frozen=True)
class _Match:
    """Which events: conditions on columns, one thing, words of the reason, and a window."""

    closed: dict[str, tuple[str, ...]]
    kinds: tuple[str, ...]
    id: str
    tokens: tuple[int, ...]
    window: tuple[int, int | None]

    def ways(self) -> list[list[_Branch]]:
        """How the events can be walked: each is the events of one condition, as branches of one index."""
        if self.id:
            return [[_Branch("audit_subject", "", {"kind": kind, "id": self.id}) for kind in self.kinds or KINDS]]
        found = [[_Branch("audit_word", "", {"token": token})] for token in self.tokens]
        for name, values in self.closed.items():
            if len(values) <= BRANCHES_MAX:
                found.append([_Branch("audit_event", audit_index(name), {name: value}) for value in values])
        return found or [[_Branch("audit_event", "audit_by_time", {})]]

    def searches(self) -> bool:
        """Whether what is walked has to be looked at."""
        return len(self.closed) + len(self.tokens) + (1 if self.id else 0) > 1 or any(
            len(values) > BRANCHES_MAX for values in self.closed.values()
        )

    def rest(self) -> Query:
        """All conditions, on an event `j`."""
        terms, params = one_of(self.closed, "j.")
        asked = [terms]
        if self.id:
            kinds = one_of({"kind": self.kinds or KINDS}, "s.")
            asked.append(
                f"EXISTS (SELECT 1 FROM audit_subject AS s WHERE {kinds.sql} AND s.id = :thing "
                "AND s.created_at = j.created_at AND s.n = j.n)"
            )
            params = {**kinds.params, **params, "thing": self.id}
        for i, token in enumerate(self.tokens):
            asked.append(
                f"EXISTS (SELECT 1 FROM audit_word AS w WHERE w.token = :token{i} "
                "AND w.created_at = j.created_at AND w.n = j.n)"
            )
            params[f"token{i}"] = token
        return Query(" AND ".join(asked), params)


def list_events(
    engine: Engine, where: AuditFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
) -> AuditPage:
    """One page, see `AuditBackend.list_audit`."""
    came_by = decode_cursor(cursor, where.sort) if cursor else None
    match = _resolve(where, tenants)
    if match is None:
        return AuditPage(rows=(), older=None, newer=None)
    towards = came_by.towards if came_by else onward(where.sort)
    with read(engine) as connection:
        found = _take(connection, match, Span.of(match.window, towards, came_by), limit + 1, _ROW)
    rows = [event_of(row) for row in found.rows[:limit]]
    older, newer = ends(where.sort, came_by, found, limit)
    return AuditPage(
        rows=tuple(rows if towards is onward(where.sort) else reversed(rows)),
        older=older,
        newer=newer,
        searched=SEARCH_MAX if found.stopped and len(found.rows) <= limit else None,
    )


def iterate_events(
    engine: Engine, where: AuditFilter, *, tenants: frozenset[str] | None, batch: int
) -> Iterator[list[AuditRecord]]:
    """All matches in batches; relative times of the filter are those of the beginning."""
    match = _resolve(where, tenants)
    if match is None:
        return
    span: Span | None = Span.of(match.window, onward(where.sort), None)
    while span is not None:
        with read(engine) as connection:
            found = _take(connection, match, span, batch, _RECORD)
        last = position(found.rows[-1]) if len(found.rows) == batch else found.stopped
        span = None if last is None else span.from_position(last)
        if found.rows:
            yield [record_of(row) for row in found.rows]


def get_event(engine: Engine, n: int, *, tenants: frozenset[str] | None) -> AuditDetail | None:
    """One event with what it names; None if there is none that the viewer may see."""
    with read(engine) as connection:
        rows = fetch(connection, Query(f"SELECT {_RECORD} FROM audit_event AS j WHERE j.n = :n", {"n": n}))
        if not rows or not may_see(tenants, event_of(rows[0])):
            return None
        named = Query("SELECT kind, id FROM audit_subject WHERE n = :n ORDER BY kind, id", {"n": n})
        subjects = tuple(SubjectKey(SubjectKind(row["kind"]), row["id"]) for row in fetch(connection, named))
    return AuditDetail(event=record_of(rows[0]), subjects=subjects)


def events_of(
    engine: Engine, things: Sequence[SubjectKey], *, tenants: frozenset[str] | None, limit: int
) -> tuple[AuditEvent, ...]:
    """The newest events of these things, see `AuditBackend.audit_of`."""
    match = _resolve(AuditFilter(), tenants)
    if match is None or not things:
        return ()
    branches = [_Branch("audit_subject", "", {"kind": kind.value, "id": one}) for kind, one in things]
    span = Span(Towards.OLDER)
    with read(engine) as connection:
        source = _walk(branches, connection.dialect.name, span)
        query = _among(source, span, match=match, candidates=limit, limit=limit, dialect=connection.dialect.name)
        return tuple(event_of(row) for row in fetch(connection, query))


def later_event(engine: Engine, n: int) -> AuditEvent | None:
    """See `AuditBackend.audit_later`."""
    with read(engine) as connection:
        later = changed_after(connection, n)
    # Nothing that was taken back has an event after it that is of before: who took it back does not matter here.
    return None if later is None else event_of({**later, "undone_by": None})


def count_events(engine: Engine, *, tenants: frozenset[str] | None) -> int:
    """How many events the viewer may see, counted up to COUNT_MAX + 1."""
    match = _resolve(AuditFilter(), tenants)
    if match is None:
        return 0
    with read(engine) as connection:
        source = _walk(match.ways()[0], connection.dialect.name, Span(Towards.OLDER))
        query = size_query(source, COUNT_MAX + 1)
        return int(fetch(connection, Query(query.sql, {**query.params, "candidates": COUNT_MAX + 1}))[0]["jobs"])


def actors(engine: Engine) -> list[str]:
    """Who did something so far, at most ACTORS_MAX: one look into the index for each of them."""
    found: list[str] = []
    with read(engine) as connection:
        last = ""
        while len(found) < ACTORS_MAX:
            query = Query("SELECT min(actor) AS actor FROM audit_event WHERE actor > :last", {"last": last})
            after = fetch(connection, query)[0]["actor"]
            if after is None:
                break
            found.append(last := str(after))
    return found


def event_of(row: Mapping[Any, Any]) -> AuditEvent:
    """An event's line."""
    return AuditEvent(**_values(row))


def record_of(row: RowMapping) -> AuditRecord:
    """An event with what was before and after it."""
    return AuditRecord(**_values(row), before=row["before"], after=row["after"])


def _values(row: Mapping[Any, Any]) -> dict[str, Any]:
    values = {name: row[name] for name in (*_COLUMNS, "undone_by") if name != "created_at"}
    return {**values, "at": from_ms(row["created_at"]), "kind": SubjectKind(row["kind"])}


def _resolve(where: AuditFilter, tenants: frozenset[str] | None) -> _Match | None:
    """What the filter asks of the database at this moment; None if no event can match."""
    seen = None if tenants is None else tenants | {EVERYONE}
    words = query_words(where.text)
    if where.text and not words:
        raise InvalidInput("A search in reasons needs at least one word of letters or digits.", field="text")
    asked: dict[str, tuple[str, ...] | None] = {
        "actor": where.actor or None,
        "verb": where.verb or None,
        # With a thing's id the kind is a part of its key.
        "kind": None if where.id else tuple(kind.value for kind in where.kind) or None,
        "tenant": allowed(where.tenant, seen),
        "ticket": (where.ticket,) if where.ticket else None,
        "correlation_id": (where.correlation,) if where.correlation else None,
    }
    closed = {name: values for name in AUDIT_DIMENSIONS if (values := asked[name]) is not None}
    if not all(closed.values()):
        return None
    after, before = where.window(from_ms(now_ms()))
    return _Match(
        closed=closed,
        kinds=tuple(kind.value for kind in where.kind),
        id=where.id,
        tokens=tuple(sorted({reason_token(word) for word in words})),
        window=(max(0, to_ms(after)), None if before is None else to_ms(before)),
    )


def _take(connection: Connection, match: _Match, span: Span, limit: int, columns: str) -> Found:
    """The next `limit` events of the walk."""
    dialect = connection.dialect.name
    branches = _shortest(connection, match)
    matching = partial(_among, match=match, dialect=dialect, columns=columns)
    if match.searches():
        return search(connection, lambda at: _walk(branches, dialect, at), matching, span, limit)
    walked = _walk(branches, dialect, span)
    return Found(fetch(connection, matching(walked, span, candidates=limit, limit=limit)))


def _shortest(connection: Connection, match: _Match) -> list[_Branch]:
    """The condition with the fewest events, each counted up to the bound of a search."""
    ways = match.ways()
    if len(ways) == 1:
        return ways[0]

    def size(branches: list[_Branch]) -> int:
        walked = _walk(branches, connection.dialect.name, Span(Towards.OLDER, *match.window))
        query = size_query(walked, SEARCH_MAX + 1)
        return int(fetch(connection, Query(query.sql, {**query.params, "candidates": SEARCH_MAX + 1}))[0]["jobs"])

    return min(ways, key=size)


def _walk(branches: Sequence[_Branch], dialect: str, span: Span) -> Query:
    """The positions of what has the values of a branch, in order, `:candidates` of each branch at most."""
    parts, params = [], span_params(span)
    for i, branch in enumerate(branches):
        # The index of what most events have none of holds the others alone, and is used where that is said.
        equal = " AND ".join(
            f"{name} = :b{i}_{name}" + (f" AND {name} <> ''" if name in RARE else "") for name in branch.equal
        )
        params |= {f"b{i}_{name}": value for name, value in branch.equal.items()}
        named = hint(branch.hint, dialect) if branch.hint else ""
        found = f"SELECT created_at, n FROM {branch.table} {named}WHERE {equal or 'TRUE'}{bounds(span)} {order(span)}"
        parts.append(f"SELECT created_at, n FROM ({found} LIMIT :candidates) AS b{i}")
    # A thing can be named under several keys, and an event can name several things.
    union = " UNION ".join(parts)
    return Query(f"SELECT created_at, n FROM ({union}) AS s {order(span)}", params)


def _among(
    source: Query, span: Span, *, match: _Match, candidates: int, limit: int, dialect: str, columns: str = _ROW
) -> Query:
    """The first `limit` events among the next `candidates` that match in everything."""
    rest = match.rest()
    return Query(
        f"SELECT {columns} FROM ({source.sql} LIMIT :candidates) AS k {lookup(EVENTS, dialect)} "
        f"WHERE {rest.sql} {order(span, 'k.')} LIMIT :limit",
        {**source.params, **rest.params, "candidates": candidates, "limit": limit},
    )
