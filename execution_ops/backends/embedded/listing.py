"""The job list: pages, whole enumerations, counts. What it runs is built in `jobs_sql`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded import jobs_sql
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, Span, nth_query, size_query
from execution_ops.backends.embedded.matching import STATES, Match, resolve
from execution_ops.backends.embedded.rows import fetch, job_row
from execution_ops.backends.embedded.tokens import error_has, payload_has
from execution_ops.backends.embedded.walks import SEARCH_MAX, Found, ends, onward, position, search
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Counts, JobRow, Page
from execution_ops.domain.paging import Towards, decode_cursor
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms, now_ms

COUNT_MAX = 10_000
_COUNT_WORK = 7 * COUNT_MAX
_PROBED_TOKENS = 8
# A longer payload is believed to have what its tokens say; reading it would take too long.
_VERIFIED_BYTES = 65_536


def list_jobs(
    engine: Engine, where: JobFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
) -> Page:
    """One page, see `JobBackend.list_jobs`."""
    now = now_ms()
    came_by = decode_cursor(cursor, where.sort) if cursor else None
    match = resolve(where, tenants, from_ms(now))
    if match is None:
        return Page(rows=(), older=None, newer=None)
    towards = came_by.towards if came_by else onward(where.sort)
    with read(engine) as connection:
        found = _take(connection, match, Span.of(match.window, towards, came_by), limit + 1)
        rows = [job_row(row, now) for row in _verified(connection, where, found.rows[:limit])]
    older, newer = ends(where.sort, came_by, found, limit)
    return Page(
        rows=tuple(rows if towards is onward(where.sort) else reversed(rows)),
        older=older,
        newer=newer,
        searched=SEARCH_MAX if found.stopped and len(found.rows) <= limit else None,
    )


def iterate_jobs(
    engine: Engine, where: JobFilter, *, tenants: frozenset[str] | None, batch: int
) -> Iterator[list[JobRow]]:
    """All matches in batches; relative times of the filter are those of the beginning."""
    match = resolve(where, tenants, from_ms(now_ms()))
    if match is None:
        return
    span = Span.of(match.window, onward(where.sort), None)
    while True:
        with read(engine) as connection:
            found = _take(connection, match, span, batch)
            now = now_ms()
            rows = [job_row(row, now) for row in _verified(connection, where, found.rows)]
        if rows:
            yield rows
        last = position(found.rows[-1]) if len(found.rows) == batch else found.stopped
        if last is None:
            return
        span = span.from_position(last)


def count_jobs(engine: Engine, where: JobFilter, *, tenants: frozenset[str] | None) -> Counts:
    """Counts by state, see `JobBackend.count_jobs`."""
    now = now_ms()
    match = resolve(where, tenants, from_ms(now))
    if match is None:
        return _counts([], exact=True, now=now)
    match = replace(match, states=())
    with read(engine) as connection:
        dialect = connection.dialect.name
        if match.searches():
            source = _source(connection, match)(Span(Towards.OLDER, match.after, match.before))
            query = jobs_sql.search_count_query(source, match, candidates=COUNT_MAX, dialect=dialect)
            rows = fetch(connection, query)
            exact = not fetch(connection, nth_query(source, COUNT_MAX + 1))
        elif match.after or match.before is not None:
            most = min(COUNT_MAX + 1, _COUNT_WORK // len(match.keys(STATES)))
            rows = fetch(connection, jobs_sql.count_query(match, most, dialect))
            exact = all(row["jobs"] < most for row in rows)
        else:
            rows, exact = fetch(connection, jobs_sql.counter_query(match)), True
    return _counts(rows, exact=exact, now=now)


def _counts(rows: Sequence[RowMapping], *, exact: bool, now: int) -> Counts:
    by_state = dict.fromkeys(JobState, 0)
    for row in rows:
        by_state[JobState(row["state"])] += int(row["jobs"])
    return Counts(by_state=by_state, total=sum(by_state.values()), exact=exact, as_of=from_ms(now))


def _take(connection: Connection, match: Match, span: Span, limit: int) -> Found:
    """The next `limit` jobs of the walk."""
    dialect = connection.dialect.name
    if not match.searches():
        return Found(fetch(connection, jobs_sql.page_query(match, span, limit, dialect)))
    matching = partial(jobs_sql.search_query, match=match, dialect=dialect)
    return search(connection, _source(connection, match), matching, span, limit)


def _source(connection: Connection, match: Match) -> Callable[[Span], Query]:
    """The index with the fewest candidates for what is searched, counted up to the bound."""
    dialect = connection.dialect.name
    if match.dag:
        return partial(jobs_sql.dag_candidates, match.dag, dialect=dialect)
    window, most = Span(Towards.OLDER, match.after, match.before), SEARCH_MAX + 1

    def size(counting: Query) -> int:
        return int(fetch(connection, counting)[0]["jobs"])

    if match.ids and size(jobs_sql.ids_size_query(match.ids, most)) < most:
        return partial(jobs_sql.id_candidates, match.ids, dialect=dialect)
    sources: list[Callable[[Span], Query]] = [
        *(partial(jobs_sql.token_candidates, token) for token in match.tokens[:_PROBED_TOKENS]),
        *([partial(jobs_sql.quota_candidates, match.quota)] if match.quota else []),
        *([partial(jobs_sql.worker_candidates, match.worker, dialect=dialect)] if match.worker else []),
    ]
    sizes = [size(size_query(source(window), most)) for source in sources]
    if match.is_stretched():
        sources.append(partial(jobs_sql.stretch_candidates, match, dialect=dialect))
        sizes.append(size(jobs_sql.stretches_size_query(match, window, most, dialect)))
    if match.ended and (ended := size(jobs_sql.ended_size_query(match.ended, most))) < most:
        sources.append(partial(jobs_sql.ended_candidates, match.ended, dialect=dialect))
        sizes.append(ended)
    if not sources:
        return partial(jobs_sql.all_candidates, dialect=dialect)
    # Of equals the first: a token's jobs are fewer than a worker's, those fewer than a stretch's.
    return sources[sizes.index(min(sizes))]


def _verified(connection: Connection, where: JobFilter, rows: list[RowMapping]) -> list[RowMapping]:
    """The rows whose error and payload really say what their tokens promise."""
    if where.error:
        rows = [row for row in rows if error_has(where.error, row["error_type"], row["error_message"])]
    if where.payload and rows:
        numbers = [row["n"] for row in rows]
        bodies = {
            found["job_n"]: json.loads(found["body"])
            for found in fetch(connection, jobs_sql.payload_query(numbers, _VERIFIED_BYTES))
        }
        rows = [
            row
            for row in rows
            if row["n"] not in bodies or all(payload_has(bodies[row["n"]], key, value) for key, value in where.payload)
        ]
    return rows
