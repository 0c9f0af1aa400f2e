"""What the job list shows, prepared from rows and filter: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from execution_ops import routes
from execution_ops.components.filter_bar import AGES
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Counts, JobRow, error_text
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso

BOUND = 10_000


@dataclass(frozen=True)
class JobLine:
    """One row, its texts safe to look at. Times are ISO 8601 or empty, `running_since` only for a running job,
    `not_started` is what stands in place of a duration."""

    id: str
    short: str
    href: str
    job_type: str
    label: str
    state: str
    canceling: bool
    queue: str
    queue_href: str
    tenant: str
    tenant_href: str
    attempts: str
    spent: bool
    duration_ms: int | None
    running_since: str
    not_started: str
    created_at: str
    worker: str
    worker_href: str
    error: str
    progress: str


@dataclass(frozen=True)
class TabLine:
    """One state tab."""

    state: str
    href: str
    count: str
    on: bool


def suggestions(facets: dict[str, list[str]]) -> dict[str, list[str]]:
    """Known values by field."""
    return {
        **facets,
        "state": [state.value for state in JobState],
        "after": list(AGES),
        "ended_after": list(AGES),
        "before": list(AGES),
    }


def job_line(row: JobRow) -> JobLine:
    """A row as the table draws it."""
    running = row.state is JobState.RUNNING and row.started_at is not None
    return JobLine(
        id=row.id,
        # The beginning of a UUIDv7 is its time: ids of one scan differ at the end.
        short=row.id[-8:],
        href=routes.job(row.id),
        job_type=visible(row.job_type),
        label=visible(row.label),
        state=row.state.value,
        canceling=row.canceling,
        queue=visible(row.queue),
        queue_href=routes.jobs([("queue", row.queue)]),
        tenant=visible(row.tenant),
        tenant_href=routes.jobs([("tenant", row.tenant)]),
        attempts=f"{row.attempts}/{row.max_attempts}",
        spent=row.attempts >= row.max_attempts and row.state in (JobState.FAILED, JobState.TIMED_OUT),
        duration_ms=row.duration_ms,
        running_since=iso(row.started_at) if running and row.started_at else "",
        not_started="never started" if row.state in ENDED else "waiting",
        created_at=iso(row.created_at),
        worker=visible(row.worker_id),
        worker_href=routes.jobs([("worker", row.worker_id)]),
        error=visible(error_text(row.error_type, row.error_message)),
        progress=f"{row.progress_done:,} of {row.progress_total:,}" if running and row.progress_total else "",
    )


def tabs(where: JobFilter, counts: Counts, keep: Sequence[tuple[str, str]]) -> list[TabLine]:
    """All, then each state, with its count under the rest of the filter; `keep` are the page's own pairs."""
    everything, *each = _tab_addresses(where.model_copy(update={"state": ()}), tuple(keep))
    lines = [TabLine("", everything, _say(counts.total, counts.exact), not where.state)]
    for state, address in zip(JobState, each, strict=True):
        count = _say(counts.by_state.get(state, 0), counts.exact)
        lines.append(TabLine(state.value, address, count, where.state == (state,)))
    return lines


def matching(where: JobFilter, counts: Counts) -> tuple[int, str]:
    """How many jobs match, as a number and in words ("10,412", "10,000+")."""
    states = where.state or tuple(JobState)
    count = sum(counts.by_state.get(state, 0) for state in states)
    return count, _say(count, counts.exact)


# Every open list asks at every refresh, most of them for the same.
@lru_cache(maxsize=256)
def _tab_addresses(free: JobFilter, keep: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Of all, then of each state."""
    filters = (free, *(free.model_copy(update={"state": (state,)}) for state in JobState))
    return tuple(routes.jobs([*where.to_pairs(), *keep]) for where in filters)


def _say(count: int, exact: bool) -> str:
    return f"{count:,}" if exact or count < BOUND else f"{BOUND:,}+"
