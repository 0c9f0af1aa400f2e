"""The SQL of the job list, built by pure functions.

Without a search, all matches lie in stretches of one composite index, one stretch for each
combination of values and states, each already in order. A page takes its rows from each stretch
and merges them: the cost grows with the page and the number of stretches, never with the table.
SQLite gets a UNION ALL with the index named (it needs no statistics then); PostgreSQL gets a
lateral join, which is planned once however many stretches there are.

A search takes candidates, in order, from the one index that narrows best, and checks the rest of
the filter on each. The candidates are bounded, so a search that finds little stays cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from execution_ops.backends.embedded.matching import STATES, Match, Span
from execution_ops.backends.embedded.tables import DIMENSIONS, Job, list_index
from execution_ops.domain.paging import Towards
from execution_ops.domain.states import JobState

COLUMNS = ", ".join(f"j.{name}" for name in Job.__table__.columns.keys())  # type: ignore[attr-defined]  # noqa: SIM118

OLDEST_PROBES = 20


class Query(NamedTuple):
    """A statement (or a part of one) with named parameters."""

    sql: str
    params: dict[str, Any]


def page_query(match: Match, span: Span, limit: int, dialect: str) -> Query:
    """The next `limit` jobs of the span, all columns, in its direction. Not for searches."""
    params = {**_span_params(span), "limit": limit}
    if match.is_stretched():
        tail = f"{_bounds(span)} {_order(span)} LIMIT :limit"
        stretches = _stretches(match, match.states or STATES, "created_at, n", tail, dialect)
        params |= stretches.params
        keys = f"SELECT created_at, n FROM ({stretches.sql}) AS s {_order(span)} LIMIT :limit"
    else:
        keys = f"{all_candidates(span, dialect).sql} LIMIT :limit"
    return Query(f"SELECT {COLUMNS} FROM ({keys}) AS k {_lookup(dialect)} {_order(span, 'k.')}", params)


def count_query(match: Match, most: int, dialect: str) -> Query:
    """(state, jobs) for each stretch of the match in any state, each counted up to `most`."""
    span = Span(Towards.OLDER, match.after, match.before)
    counted = _stretches(match, STATES, "count(*) AS jobs", f"{_bounds(span)} LIMIT :most", dialect)
    return Query(counted.sql, {**counted.params, **_span_params(span), "most": most})


def stretch_candidates(match: Match, span: Span, dialect: str) -> Query:
    """The jobs with the wanted states and values of the dimensions; as many of each stretch as
    a search looks at in all (`:candidates`)."""
    tail = f"{_bounds(span)} {_order(span)} LIMIT :candidates"
    stretches = _stretches(match, match.states or STATES, "created_at, n", tail, dialect)
    sql = f"SELECT created_at, n FROM ({stretches.sql}) AS s {_order(span)}"
    return Query(sql, {**stretches.params, **_span_params(span)})


def token_candidates(token: int, span: Span) -> Query:
    """The jobs under one token of the inverted index."""
    sql = f"SELECT created_at, n FROM job_token WHERE token = :token{_bounds(span)} {_order(span)}"
    return Query(sql, {"token": token, **_span_params(span)})


def worker_candidates(worker: str, span: Span, dialect: str) -> Query:
    """The jobs that a worker ran last. The literal condition is that of the partial index."""
    sql = (
        f"SELECT created_at, n FROM job {_hint('job_by_worker', dialect)}"
        f"WHERE worker_id = :worker AND worker_id <> ''{_bounds(span)} {_order(span)}"
    )
    return Query(sql, {"worker": worker, **_span_params(span)})


def quota_candidates(quota: str, span: Span) -> Query:
    """The jobs that a quota holds back."""
    sql = (
        "SELECT created_at, n FROM quota_hold WHERE quota_n = (SELECT q.n FROM quota AS q WHERE q.id = :quota) "
        f"AND opened_at IS NULL{_bounds(span)} {_order(span)}"
    )
    return Query(sql, {"quota": quota, **_span_params(span)})


def all_candidates(span: Span, dialect: str) -> Query:
    """All jobs."""
    sql = f"SELECT created_at, n FROM job {_hint('job_by_created', dialect)}WHERE TRUE{_bounds(span)} {_order(span)}"
    return Query(sql, _span_params(span))


def dag_candidates(dag: str, span: Span, dialect: str) -> Query:
    """The jobs of a DAG, put in order: they are few."""
    found = f"SELECT created_at, n FROM job {_hint('job_by_dag', dialect)}WHERE dag_id = :dag"
    return Query(_sorted(found, span), {"dag": dag, **_span_params(span)})


def id_candidates(ids: tuple[str, str], span: Span, dialect: str) -> Query:
    """The jobs with an id in the range, put in order: only for a range with few."""
    found = f"SELECT created_at, n FROM job {_hint('job_by_id', dialect)}WHERE id BETWEEN :low AND :high"
    return Query(_sorted(found, span), {"low": ids[0], "high": ids[1], **_span_params(span)})


def ended_candidates(ended: int, span: Span, dialect: str) -> Query:
    """The jobs that ended since then, put in order: only where they are few."""
    found = f"SELECT created_at, n FROM job {_hint('job_by_end', dialect)}WHERE finished_at >= :ended"
    return Query(_sorted(found, span), {"ended": ended, **_span_params(span)})


def search_query(source: Query, match: Match, span: Span, *, candidates: int, limit: int, dialect: str) -> Query:
    """The first `limit` jobs among the next `candidates` that match in everything."""
    rest = _rest(match)
    return Query(
        f"SELECT {COLUMNS} FROM ({source.sql} LIMIT :candidates) AS k {_lookup(dialect)} "
        f"WHERE {rest.sql} {_order(span, 'k.')} LIMIT :limit",
        {**source.params, **rest.params, "candidates": candidates, "limit": limit},
    )


def search_count_query(source: Query, match: Match, *, candidates: int, dialect: str) -> Query:
    """(state, jobs) of what matches among the first `candidates`, in any state."""
    rest = _rest(match, with_states=False)
    return Query(
        f"SELECT j.state AS state, count(*) AS jobs FROM ({source.sql} LIMIT :candidates) AS k {_lookup(dialect)} "
        f"WHERE {rest.sql} GROUP BY j.state",
        {**source.params, **rest.params, "candidates": candidates},
    )


def nth_query(source: Query, nth: int) -> Query:
    """The position of the candidate number `nth` (1 is the first), no row if there are fewer."""
    return Query(f"{source.sql} LIMIT 1 OFFSET :skip", {**source.params, "skip": nth - 1, "candidates": nth})


def size_query(source: Query, most: int) -> Query:
    """How many `jobs` a source has, counted up to `most`. Its order costs nothing: an index has it."""
    return Query(
        f"SELECT count(*) AS jobs FROM (SELECT 1 FROM ({source.sql}) AS k LIMIT :most) AS c",
        {**source.params, "most": most},
    )


def stretches_size_query(match: Match, span: Span, most: int, dialect: str) -> Query:
    """How many `jobs` have the wanted states and values, counted up to `most`."""
    found = _stretches(match, match.states or STATES, "created_at, n", f"{_bounds(span)} LIMIT :most", dialect)
    return size_query(Query(found.sql, {**found.params, **_span_params(span)}), most)


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


def oldest_query(closed: dict[str, tuple[str, ...]], dialect: str) -> Query:
    """The oldest scheduled jobs of each combination of the dimensions: their queue, when they were
    created, may start again, and became scheduled last.

    Several, because the one created first may be in its back-off or just retried while those
    after it wait on. No index has a job's wait; one for this figure alone would cost every write.
    """
    match = Match(dimensions={name: closed[name] for name in DIMENSIONS if name in closed})
    tail = f" ORDER BY created_at, n LIMIT {OLDEST_PROBES}"
    oldest = _stretches(match, (JobState.SCHEDULED.value,), "created_at, n", tail, dialect)
    return Query(
        "SELECT j.queue, j.created_at, j.eligible_at, "
        "(SELECT max(e.at) FROM job_event AS e WHERE e.job_n = j.n AND e.kind = 'scheduled') AS scheduled_at "
        f"FROM ({oldest.sql}) AS k {_lookup(dialect)}",
        oldest.params,
    )


def counter_query(match: Match) -> Query:
    """(state, jobs) from the counters; for a match of dimensions alone, in any state."""
    where, params = one_of(match.dimensions)
    sums = " UNION ALL ".join(
        f"SELECT state, sum(jobs) AS jobs FROM {table} WHERE {where} GROUP BY state"
        for table in ("counter", "counter_delta")
    )
    return Query(f"SELECT state, sum(jobs) AS jobs FROM ({sums}) AS s GROUP BY state", params)


def one_of(closed: dict[str, tuple[str, ...]], prefix: str = "") -> Query:
    """The condition that each column has one of its values."""
    terms: list[str] = []
    params: dict[str, Any] = {}
    for name, values in closed.items():
        params |= {f"{name}{i}": value for i, value in enumerate(values)}
        terms.append(f"{prefix}{name} IN ({', '.join(f':{name}{i}' for i in range(len(values)))})")
    return Query(" AND ".join(terms) or "TRUE", params)


def _stretches(match: Match, states: Sequence[str], select: str, tail: str, dialect: str) -> Query:
    """`select` on each stretch of the index, as one relation that also has the stretch's `state`."""
    names = (*match.dimensions, "state")
    keys = match.keys(tuple(states))
    values = {value: f"v{i}" for i, value in enumerate(dict.fromkeys(value for key in keys for value in key))}
    params = {name: value for value, name in values.items()}
    counts = select.startswith("count")
    if dialect == "sqlite":
        hint = _hint(list_index(tuple(match.dimensions)), dialect)
        branches = []
        for key in keys:
            equal = " AND ".join(f"{name} = :{values[value]}" for name, value in zip(names, key, strict=True))
            rows = f"SELECT {'1' if counts else select} FROM job {hint}WHERE {equal}{tail}"
            outer = f":{values[key[-1]]} AS state, {select}" if counts else "*"
            branches.append(f"SELECT {outer} FROM ({rows})")
        return Query(" UNION ALL ".join(branches), params)
    rows = ", ".join(f"({', '.join(':' + values[value] for value in key)})" for key in keys)
    equal = " AND ".join(f"{name} = v.{name}_" for name in names)
    inner = f"SELECT {'1' if counts else select} FROM job WHERE {equal}{tail}"
    if counts:
        inner = f"SELECT {select} FROM ({inner}) AS c"
    columns = ", ".join(f"{name}_" for name in names)
    return Query(
        f"SELECT v.state_ AS state, b.* FROM (VALUES {rows}) AS v ({columns}) CROSS JOIN LATERAL ({inner}) AS b", params
    )


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


def _lookup(dialect: str) -> str:
    # OFFSET 0 keeps PostgreSQL from answering many lookups with a scan of the whole table.
    if dialect == "sqlite":
        return "CROSS JOIN job AS j ON j.n = k.n"
    return "CROSS JOIN LATERAL (SELECT * FROM job WHERE job.n = k.n OFFSET 0) AS j"


def _sorted(found: str, span: Span) -> str:
    # MATERIALIZED keeps PostgreSQL from walking the whole table in order to avoid a sort.
    bounds = _bounds(span)
    return f"SELECT * FROM (WITH f AS MATERIALIZED ({found}) SELECT * FROM f WHERE TRUE{bounds}) AS o {_order(span)}"


def _hint(index: str, dialect: str) -> str:
    return f"INDEXED BY {index} " if dialect == "sqlite" else ""


def _order(span: Span, prefix: str = "") -> str:
    way = "DESC" if span.towards is Towards.OLDER else "ASC"
    return f"ORDER BY {prefix}created_at {way}, {prefix}n {way}"


def _bounds(span: Span) -> str:
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


def _span_params(span: Span) -> dict[str, Any]:
    at, n = span.position or (None, None)
    return {"after": span.after, "before": span.before, "at": at, "n": n}
