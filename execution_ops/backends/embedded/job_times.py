"""How long jobs waited and ran, read once for each job, in the order of their ends."""

from __future__ import annotations

from sqlalchemy import Engine, text

from execution_ops.backends.embedded.engines import read
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_times import EndedJob, EndedJobs
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms

# A transaction that ends a job commits a little after the moment that it writes down, and clocks differ.
LAG_MS = 3_000
_ENDED = text(
    "SELECT j.n, j.queue, j.job_type, j.state, j.finished_at, "
    "(SELECT max(e.at) FROM job_event AS e WHERE e.job_n = j.n AND e.kind = 'scheduled') AS due_at, "
    "(SELECT a.started_at FROM job_attempt AS a WHERE a.job_n = j.n ORDER BY a.number DESC LIMIT 1) AS started_at "
    "FROM job AS j WHERE j.finished_at IS NOT NULL AND j.finished_at <= :until AND (j.finished_at, j.n) > (:at, :n) "
    "ORDER BY j.finished_at, j.n LIMIT :limit"
)


def ended_jobs(engine: Engine, after: str, *, limit: int) -> EndedJobs:
    """See TimesBackend."""
    until = now_ms() - LAG_MS
    if not after:
        return EndedJobs((), f"{until}.0")
    try:
        at, n = map(int, after.split("."))
    except ValueError as error:
        raise InvalidInput("That is no position among ended jobs.") from error
    with read(engine) as connection:
        rows = connection.execute(_ENDED, {"until": until, "at": at, "n": n, "limit": limit}).all()
    jobs = tuple(
        EndedJob(
            row.queue,
            row.job_type,
            JobState(row.state),
            _seconds(row.due_at, row.started_at),
            _seconds(row.started_at, row.finished_at),
        )
        for row in rows
    )
    return EndedJobs(jobs, f"{rows[-1].finished_at}.{rows[-1].n}" if rows else after)


def _seconds(since: int | None, until: int | None) -> float | None:
    return None if since is None or until is None else max(0, until - since) / 1000
