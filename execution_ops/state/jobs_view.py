"""What the job list shows of a row: flat, small, already in words."""

from __future__ import annotations

from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.jobs import JobRow, error_text
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.texts import jobengine as words


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
    worker_id: str
    worker_href: str
    error: str
    progress: str


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
        not_started=words.NEVER_STARTED if row.state in ENDED else "waiting",
        created_at=iso(row.created_at),
        worker=visible(row.worker),
        worker_id=visible(row.worker_id),
        worker_href=routes.worker(row.worker_id),
        error=visible(error_text(row.error_type, row.error_message)),
        progress=f"{row.progress_done:,} of {row.progress_total:,}" if running and row.progress_total else "",
    )
