"""The SQL of the job list, built by pure functions.

Pages are walks over an index (`keyset`). A search takes candidates, in order, from the one index that
narrows best, and checks the rest of the filter on each. The candidates are bounded, so a search that
finds little stays cheap.
"""

from __future__ import annotations

from collections.abc import Sequence

from execution_ops.backends.embedded.counters import ALL_TENANTS
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
    stretches,
)
from execution_ops.backends.embedded.matching import STATES, Match
from execution_ops.backends.embedded.rows import worker_name
from execution_ops.backends.embedded.tables import DIMENSIONS, Job, list_index
from execution_ops.domain.paging import Towards
from execution_ops.domain.states import JobState

JOBS = Relation("job", list_index)
_STORED = ", ".join(f"j.{name}" for name in Job.__table__.columns.keys())  # type: ignore[attr-defined]  # noqa: SIM118
COLUMNS = f"{_STORED}, {worker_name('j')}"

OLDEST_PROBES = 20


def page_query(match: Match, span: Span, limit: int, dialect: str) -> Query:
    """The next `limit` jobs of the span, all columns, in its direction. Not for searches."""
    params = {**span_params(span), "limit": limit}
    if match.is_stretched():
        tail = f"{bounds(span)} {order(span)} LIMIT :limit"
        found = stretches(JOBS, match, match.states or STATES, "created_at, n", tail, dialect)
        params |= found.params
        keys = f"SELECT created_at, n FROM ({found.sql}) AS s {order(span)} LIMIT :limit"
    else:
        keys = f"{all_candidates(span, dialect).sql} LIMIT :limit"
    return Query(f"SELECT {COLUMNS} FROM ({keys}) AS k {lookup(JOBS, dialect)} {order(span, 'k.')}", params)


def count_query(match: Match, most: int, dialect: str) -> Query:
    """(state, jobs) for each stretch of the match in any state, each counted up to `most`."""
    span = Span(Towards.OLDER, match.after, match.before)
    counted = stretches(JOBS, match, STATES, "count(*) AS jobs", f"{bounds(span)} LIMIT :most", dialect)
    return Query(counted.sql, {**counted.params, **span_params(span), "most": most})


def stretch_candidates(match: Match, span: Span, dialect: str) -> Query:
    """The jobs with the wanted states and values of the dimensions; as many of each stretch as
    a search looks at in all (`:candidates`)."""
    tail = f"{bounds(span)} {order(span)} LIMIT :candidates"
    found = stretches(JOBS, match, match.states or STATES, "created_at, n", tail, dialect)
    sql = f"SELECT created_at, n FROM ({found.sql}) AS s {order(span)}"
    return Query(sql, {**found.params, **span_params(span)})


def token_candidates(token: int, span: Span) -> Query:
    """The jobs under one token of the inverted index."""
    sql = f"SELECT created_at, n FROM job_token WHERE token = :token{bounds(span)} {order(span)}"
    return Query(sql, {"token": token, **span_params(span)})


def worker_candidates(worker: str, span: Span, dialect: str) -> Query:
    """The jobs that a worker ran last. The literal condition is that of the partial index."""
    sql = (
        f"SELECT created_at, n FROM job {hint('job_by_worker', dialect)}"
        f"WHERE worker_id = :worker AND worker_id <> ''{bounds(span)} {order(span)}"
    )
    return Query(sql, {"worker": worker, **span_params(span)})


def quota_candidates(quota: str, span: Span) -> Query:
    """The jobs that a quota holds back."""
    sql = (
        "SELECT created_at, n FROM quota_hold WHERE quota_n = (SELECT q.n FROM quota AS q WHERE q.id = :quota) "
        f"AND opened_at IS NULL{bounds(span)} {order(span)}"
    )
    return Query(sql, {"quota": quota, **span_params(span)})


def all_candidates(span: Span, dialect: str) -> Query:
    """All jobs."""
    sql = f"SELECT created_at, n FROM job {hint('job_by_created', dialect)}WHERE TRUE{bounds(span)} {order(span)}"
    return Query(sql, span_params(span))


def dag_candidates(dag: str, span: Span, dialect: str) -> Query:
    """The jobs of a DAG, put in order: they are few."""
    found = f"SELECT created_at, n FROM job {hint('job_by_dag', dialect)}WHERE dag_id = :dag"
    return Query(_sorted(found, span), {"dag": dag, **span_params(span)})


def id_candidates(ids: tuple[str, str], span: Span, dialect: str) -> Query:
    """The jobs with an id in the range, put in order: only for a range with few."""
    found = f"SELECT created_at, n FROM job {hint('job_by_id', dialect)}WHERE id BETWEEN :low AND :high"
    return Query(_sorted(found, span), {"low": ids[0], "high": ids[1], **span_params(span)})


def ended_candidates(ended: int, span: Span, dialect: str) -> Query:
    """The jobs that ended since then, put in order: only where they are few."""
    found = f"SELECT created_at, n FROM job {hint('job_by_end', dialect)}WHERE finished_at >= :ended"
    return Query(_sorted(found, span), {"ended": ended, **span_params(span)})


def search_query(source: Query, span: Span, *, match: Match, candidates: int, limit: int, dialect: str) -> Query:
    """The first `limit` jobs among the next `candidates` that match in everything."""
    rest = _rest(match)
    return Query(
        f"SELECT {COLUMNS} FROM ({source.sql} LIMIT :candidates) AS k {lookup(JOBS, dialect)} "
        f"WHERE {rest.sql} {order(span, 'k.')} LIMIT :limit",
        {**source.params, **rest.params, "candidates": candidates, "limit": limit},
    )


def search_count_query(source: Query, match: Match, *, candidates: int, dialect: str) -> Query:
    """(state, jobs) of what matches among the first `candidates`, in any state."""
    rest = _rest(match, with_states=False)
    return Query(
        f"SELECT j.state AS state, count(*) AS jobs FROM ({source.sql} LIMIT :candidates) AS k {lookup(JOBS, dialect)} "
        f"WHERE {rest.sql} GROUP BY j.state",
        {**source.params, **rest.params, "candidates": candidates},
    )


def stretches_size_query(match: Match, span: Span, most: int, dialect: str) -> Query:
    """How many `jobs` have the wanted states and values, counted up to `most`."""
    found = stretches(JOBS, match, match.states or STATES, "created_at, n", f"{bounds(span)} LIMIT :most", dialect)
    return size_query(Query(found.sql, {**found.params, **span_params(span)}), most)


def ids_size_query(ids: tuple[str, str], most: int) -> Query:
    """How many `jobs` have an id in the range, counted up to `most`."""
    found = Query("SELECT n FROM job WHERE id BETWEEN :low AND :high", {"low": ids[0], "high": ids[1]})
    return size_query(found, most)


def ended_size_query(ended: int, most: int) -> Query:
    """How many `jobs` ended since then, counted up to `most`."""
    return size_query(Query("SELECT n FROM job WHERE finished_at >= :ended", {"ended": ended}), most)


def payload_query(numbers: Sequence[int], most_bytes: int) -> Query:
    """(job_n, body) of the payloads of these jobs that are not longer than `most_bytes`."""
    names = {f"n{i}": n for i, n in enumerate(numbers)}
    listed = ", ".join(f":{name}" for name in names)
    return Query(
        f"SELECT job_n, body FROM job_value WHERE job_n IN ({listed}) AND which = 'payload' AND size <= :most_bytes",
        {**names, "most_bytes": most_bytes},
    )


def oldest_query(closed: dict[str, tuple[str, ...]], dialect: str, probes: int) -> Query:
    """The `probes` oldest scheduled jobs of each combination of the dimensions: their queue, when they were
    created, may start again, and became scheduled last.

    Several, because the one created first may be in its back-off or just retried while those
    after it wait on. No index has a job's wait; one for this figure alone would cost every write.
    """
    match = Match(dimensions={name: closed[name] for name in DIMENSIONS if name in closed})
    tail = f" ORDER BY created_at, n LIMIT {probes}"
    oldest = stretches(JOBS, match, (JobState.SCHEDULED.value,), "created_at, n", tail, dialect)
    return Query(
        "SELECT j.queue, j.created_at, j.eligible_at, "
        "(SELECT max(e.at) FROM job_event AS e WHERE e.job_n = j.n AND e.kind = 'scheduled') AS scheduled_at "
        f"FROM ({oldest.sql}) AS k {lookup(JOBS, dialect)}",
        oldest.params,
    )


def counter_query(match: Match) -> Query:
    """(state, jobs) from the counters; for a match of dimensions alone, in any state."""
    return sums_query(match.dimensions, ("state",))


def sums_query(closed: dict[str, tuple[str, ...]], by: tuple[str, ...]) -> Query:
    """How many `jobs` there are by state, or by queue and state, with these values of dimensions and states: what is
    folded, from as few rows as can tell it, and what waits for that."""
    if "job_type" in closed:
        table, kept = "counter", closed
    else:
        table, kept = "queue_counter", {"tenant": (ALL_TENANTS,), **closed}
    folded, params = one_of(kept)
    names = ", ".join(by)
    sums = " UNION ALL ".join(
        f"SELECT {names}, sum(jobs) AS jobs FROM {source} WHERE {condition} GROUP BY {names}"
        for source, condition in ((table, folded), ("counter_delta", one_of(closed).sql))
    )
    return Query(f"SELECT {names}, sum(jobs) AS jobs FROM ({sums}) AS s GROUP BY {names}", params)


def _rest(match: Match, *, with_states: bool = True) -> Query:
    """Everything that the filter asks of a candidate `k` and its job `j`; the window is not here."""
    closed = match.dimensions | ({"state": match.states} if with_states and match.states else {})
    values = one_of(closed, "j.")
    terms, params = [values.sql], values.params
    for i, token in enumerate(match.tokens):
        params[f"token{i}"] = token
        terms.append(
            f"EXISTS (SELECT 1 FROM job_token AS t WHERE t.token = :token{i} "
            "AND t.created_at = k.created_at AND t.n = k.n)"
        )
    if match.dag:
        params["of_dag"] = match.dag
        terms.append("j.dag_id = :of_dag")
    if match.worker:
        params["of_worker"] = match.worker
        terms.append("j.worker_id = :of_worker")
    if match.quota:
        params["of_quota"] = match.quota
        terms.append(
            "EXISTS (SELECT 1 FROM quota_hold AS h JOIN quota AS q ON q.n = h.quota_n "
            "WHERE h.n = k.n AND h.opened_at IS NULL AND q.id = :of_quota)"
        )
    if match.ended:
        params["ended_from"] = match.ended
        terms.append("j.finished_at >= :ended_from")
    if match.ids:
        params["low_id"], params["high_id"] = match.ids
        terms.append("j.id BETWEEN :low_id AND :high_id")
    return Query(" AND ".join(terms), params)


def _sorted(found: str, span: Span) -> str:
    # MATERIALIZED keeps PostgreSQL from walking the whole table in order to avoid a sort.
    limits = bounds(span)
    return f"SELECT * FROM (WITH f AS MATERIALIZED ({found}) SELECT * FROM f WHERE TRUE{limits}) AS o {order(span)}"
