"""Reading dead letters: pages, counts, whole enumerations, and one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded import letter_matching as sql
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, Span, nth_query, one_of
from execution_ops.backends.embedded.letter_matching import LetterMatch, resolve_letters
from execution_ops.backends.embedded.rows import fetch, worker_name
from execution_ops.backends.embedded.walks import SEARCH_MAX, Found, ends, onward, position, search
from execution_ops.domain.dead_letters import (
    ChainLink,
    DeadLetter,
    DeadLetterDetail,
    LetterCounts,
    LetterPage,
)
from execution_ops.domain.error_categories import Category, is_retryable
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.paging import Towards, decode_cursor
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import from_ms, now_ms

COUNT_MAX = 10_000
CHAIN_MAX = 50
# More groups than this are more stretches to merge than a search is work.
GROUPS_MAX = 40


def list_letters(
    engine: Engine, where: DeadLetterFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
) -> LetterPage:
    """One page, see `DeadLetterBackend.list_letters`."""
    came_by = decode_cursor(cursor, where.sort) if cursor else None
    match = resolve_letters(where, tenants, from_ms(now_ms()))
    if match is None:
        return LetterPage(rows=(), older=None, newer=None)
    towards = came_by.towards if came_by else onward(where.sort)
    with read(engine) as connection:
        found = _take(connection, match, Span.of(match.window, towards, came_by), limit + 1)
    rows = [letter_row(row) for row in found.rows[:limit]]
    older, newer = ends(where.sort, came_by, found, limit)
    return LetterPage(
        rows=tuple(rows if towards is onward(where.sort) else reversed(rows)),
        older=older,
        newer=newer,
        searched=SEARCH_MAX if found.stopped and len(found.rows) <= limit else None,
    )


def iterate_letters(
    engine: Engine, where: DeadLetterFilter, *, tenants: frozenset[str] | None, batch: int
) -> Iterator[list[DeadLetter]]:
    """All matches in batches; relative times of the filter are those of the beginning."""
    match = resolve_letters(where, tenants, from_ms(now_ms()))
    if match is None:
        return
    span: Span | None = Span.of(match.window, onward(where.sort), None)
    while span is not None:
        with read(engine) as connection:
            rows, span = following(connection, match, span, batch)
        if rows:
            yield [letter_row(row) for row in rows]


def following(
    connection: Connection, match: LetterMatch, span: Span, batch: int
) -> tuple[list[RowMapping], Span | None]:
    """The next rows of a walk over all matches, and where it goes on; None at its end."""
    found = _take(connection, match, span, batch)
    last = position(found.rows[-1]) if len(found.rows) == batch else found.stopped
    return found.rows, None if last is None else span.from_position(last)


def count_letters(engine: Engine, where: DeadLetterFilter, *, tenants: frozenset[str] | None) -> LetterCounts:
    """Counts by state, see `DeadLetterBackend.count_letters`."""
    now = now_ms()
    match = resolve_letters(where, tenants, from_ms(now))
    if match is None:
        return _counts([], exact=True, now=now)
    match = replace(match, states=())
    with read(engine) as connection:
        dialect = connection.dialect.name
        timed = bool(match.after or match.before is not None)
        if not (timed or match.others or match.ids or match.plan):
            return _counts(fetch(connection, counter_query(match)), exact=True, now=now)
        narrow = _narrowed(connection, match)
        if narrow is None:
            return _counts([], exact=True, now=now)
        match = narrow
        if match.searches():
            source = _source(connection, match)(Span(Towards.OLDER, *match.window))
            rows = fetch(connection, sql.search_count_query(source, match, candidates=COUNT_MAX, dialect=dialect))
            exact = not fetch(connection, nth_query(source, COUNT_MAX + 1))
        else:
            rows = fetch(connection, sql.count_query(match, COUNT_MAX + 1, dialect))
            exact = all(row["jobs"] <= COUNT_MAX for row in rows)
    return _counts(rows, exact=exact, now=now)


def get_letter(engine: Engine, letter_id: str, *, tenants: frozenset[str] | None) -> DeadLetterDetail | None:
    """One entry, see `DeadLetterBackend.get_letter`."""
    with read(engine) as connection:
        found = fetch(connection, Query(_DETAIL, {"id": letter_id}))
        if not found or not (tenants is None or found[0]["tenant"] in tenants):
            return None
        row = found[0]
        chain = fetch(connection, Query(_CHAIN, {"job": row["job_id"], "most": CHAIN_MAX}))
        job = fetch(connection, Query(_JOB, {"job": row["job_id"]}))
        blocked = fetch(connection, Query(_BLOCKED, {"n": job[0]["n"]}))[0]["jobs"] if job else 0
    return DeadLetterDetail(
        row=letter_row(row),
        **{
            name: row[name]
            for name in (
                *("dag_id", "dag_title", "node_key", "priority", "max_attempts", "worker_id", "worker_version"),
                *("error_stack", "payload_sha256", "payload_bytes", "correlation_id"),
            )
        },
        worker_name=row["worker_name"] or "",
        error_template=row["template"] or "",
        error_frame=row["frame"] or "",
        job_stored=bool(job),
        job_state=job[0]["state"] if job else "",
        new_attempt=row["attempt_from"] + 1 if job and job[0]["attempts"] > row["attempt_from"] > 0 else 0,
        blocked_children=int(blocked),
        chain=tuple(_link(link, row["fingerprint"]) for link in reversed(chain)),
    )


def letter_row(row: RowMapping) -> DeadLetter:
    """An entry's line."""
    category = Category(row["category"])
    return DeadLetter(
        id=row["id"],
        job_id=row["job_id"],
        job_type=row["job_type"],
        label=row["label"],
        queue=row["queue"],
        tenant=row["tenant"],
        state=DeadLetterState(row["state"]),
        died_at=from_ms(row["created_at"]),
        attempts=row["attempts"],
        error_type=row["error_type"],
        error_message=row["error_message"],
        fingerprint=row["fingerprint"],
        category=category,
        retryable=is_retryable(category),
        redeaths=row["redeaths"],
        revision=row["revision"],
        changed_at=None if row["changed_at"] is None else from_ms(row["changed_at"]),
        changed_by=row["changed_by"],
        note=row["note"],
        plan_id=row["plan_id"] or "",
    )


def counter_query(match: LetterMatch) -> Query:
    """(state, jobs) from the counters; for a match of dimensions alone, in any state."""
    closed = {name: values for name, values in match.dimensions.items() if name != "category"}
    where, params = one_of(closed)
    if "category" in match.dimensions:
        of_category = one_of({"category": match.dimensions["category"]}, "g.")
        where += f" AND fingerprint IN (SELECT g.fingerprint FROM letter_group AS g WHERE {of_category.sql})"
        params |= of_category.params
    sums = " UNION ALL ".join(
        f"SELECT state, sum(entries) AS jobs FROM {table} WHERE {where} GROUP BY state"
        for table in ("letter_counter", "letter_delta")
    )
    return Query(f"SELECT state, sum(jobs) AS jobs FROM ({sums}) AS s GROUP BY state", params)


def _take(connection: Connection, match: LetterMatch, span: Span, limit: int) -> Found:
    """The next `limit` entries of the walk."""
    dialect = connection.dialect.name
    narrow = _narrowed(connection, match)
    if narrow is None:
        return Found([])
    match = narrow
    if not match.searches():
        return Found(fetch(connection, sql.page_query(match, span, limit, dialect)))
    matching = partial(sql.search_query, match=match, dialect=dialect)
    return search(connection, _source(connection, match), matching, span, limit)


def _narrowed(connection: Connection, match: LetterMatch) -> LetterMatch | None:
    """The match by groups where few groups have what it asks for; None if none has, so that nothing matches."""
    asked = sql.groups_query(match, GROUPS_MAX + 1)
    if asked is None:
        return match
    groups = tuple(sorted(row["fingerprint"] for row in fetch(connection, asked)))
    if not groups:
        return None
    return match.narrowed(groups) if len(groups) <= GROUPS_MAX else match


def _source(connection: Connection, match: LetterMatch) -> Callable[[Span], Query]:
    """The index with the fewest candidates for what is searched, counted up to the bound."""
    dialect = connection.dialect.name
    few = sql.few_candidates(match, dialect)
    if few is not None:
        return few
    possible = sql.parts(match)

    def size(part: LetterMatch) -> int:
        return int(fetch(connection, sql.part_size_query(part, SEARCH_MAX + 1, dialect))[0]["jobs"])

    smallest = min(possible, key=size) if len(possible) > 1 else possible[0]
    return lambda span: sql.stretch_candidates(smallest, span, dialect)


def _counts(rows: Sequence[RowMapping], *, exact: bool, now: int) -> LetterCounts:
    by_state = dict.fromkeys(DeadLetterState, 0)
    for row in rows:
        by_state[DeadLetterState(row["state"])] += int(row["jobs"])
    return LetterCounts(by_state=by_state, total=sum(by_state.values()), exact=exact, as_of=from_ms(now))


def _link(row: RowMapping, fingerprint: str) -> ChainLink:
    return ChainLink(
        id=row["id"],
        state=DeadLetterState(row["state"]),
        died_at=from_ms(row["created_at"]),
        error_type=row["error_type"],
        error_message=row["error_message"],
        same_error=row["fingerprint"] == fingerprint,
        plan_id=row["plan_id"] or "",
    )


_DETAIL = (
    "SELECT j.*, (SELECT p.id FROM replay_plan AS p WHERE p.n = j.plan_n) AS plan_id, g.template, g.frame, "
    f"{worker_name('j')} "
    "FROM dead_letter AS j LEFT JOIN letter_group AS g ON g.fingerprint = j.fingerprint WHERE j.id = :id"
)
_CHAIN = (
    "SELECT j.id, j.state, j.created_at, j.error_type, j.error_message, j.fingerprint, "
    "(SELECT p.id FROM replay_plan AS p WHERE p.n = j.plan_n) AS plan_id "
    "FROM dead_letter AS j WHERE j.job_id = :job ORDER BY j.n DESC LIMIT :most"
)
_JOB = "SELECT n, state, attempts FROM job WHERE id = :job"
_BLOCKED = (
    "SELECT count(*) AS jobs FROM (SELECT 1 FROM job_edge AS e JOIN job AS c ON c.n = e.child_n "
    "WHERE e.parent_n = :n AND c.state = 'pending' LIMIT 1000) AS b"
)
