"""Why a job is not running, in words an operator can act on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Health, JobDetail, JobRow, Worker, error_text
from execution_ops.domain.quotas import WAITING_MAX, QuotaRow
from execution_ops.domain.states import ENDED, RETRYABLE, JobState, WorkerState
from execution_ops.domain.times import describe_duration, describe_instant


class WaitingKind(StrEnum):
    """The kind of thing that a job waits for; `running` and `ended` jobs wait for nothing."""

    PARENT = "parent"
    PARENT_ENDED = "parent_ended"
    BACKOFF = "backoff"
    QUOTA_PAUSED = "quota_paused"
    QUOTA = "quota"
    NO_WORKER = "no_worker"
    WORKERS_DRAIN = "workers_drain"
    QUEUE_FULL = "queue_full"
    NEXT = "next"
    RUNNING = "running"
    CANCELING = "canceling"
    ENDED = "ended"


class Waiting(BaseModel):
    """The sentence, what kind it is, and the job, the quota or the queue without a worker that stands in the way."""

    model_config = ConfigDict(frozen=True)

    sentence: str
    kind: WaitingKind
    blocking_job_id: str | None = None
    quota_id: str | None = None
    queue: str | None = None


def why_waiting(detail: JobDetail, health: Health | None, now: datetime, *, quota: QuotaRow | None = None) -> Waiting:
    """What the job waits for now, or what ended it.

    Only a scheduled job needs the health of its queue, and the quota that governs it if one does.
    """
    row = detail.row
    if row.state in ENDED:
        return Waiting(sentence=_ended(detail), kind=WaitingKind.ENDED)
    if row.state is JobState.RUNNING:
        return _running(row)
    if row.state is JobState.PENDING:
        return _pending(detail)
    if health is None:
        raise ValueError("Why a scheduled job waits depends on the health of its queue.")
    return _in_backoff(row, now) or (quota and _held(quota)) or _scheduled(row, health)


def name_of(row: JobRow) -> str:
    """A job as people call it: its type, and its label where siblings share the type."""
    return f"{row.job_type} ({row.label})" if row.label else row.job_type


def _running(row: JobRow) -> Waiting:
    if row.canceling:
        return Waiting(
            sentence="It is still running: its cancel was asked for, and it stops at its next checkpoint.",
            kind=WaitingKind.CANCELING,
        )
    return Waiting(sentence=f"It is running on {row.worker}.", kind=WaitingKind.RUNNING)


def _pending(detail: JobDetail) -> Waiting:
    blocking = [parent for parent in detail.parents if parent.state is not JobState.SUCCEEDED]
    broken = next((parent for parent in blocking if parent.state in RETRYABLE), None)
    if broken is not None:
        return Waiting(
            sentence=f"Its parent {name_of(broken)} {_past(broken.state)}. It continues when that is retried.",
            kind=WaitingKind.PARENT_ENDED,
            blocking_job_id=broken.id,
        )
    if not blocking:
        return Waiting(sentence="Its parents have succeeded; it is being scheduled.", kind=WaitingKind.NEXT)
    first = min(blocking, key=lambda parent: parent.state is not JobState.RUNNING)
    # Parents that succeeded come last, so what is left out can only block if all that is here does.
    least = "at least " if len(blocking) == len(detail.parents) < detail.parents_total else ""
    others = f" and {least}{len(blocking) - 1} more of its parents" if len(blocking) > 1 else ""
    return Waiting(
        sentence=f"It waits for {name_of(first)}, which is {first.state.value}{others}.",
        kind=WaitingKind.PARENT,
        blocking_job_id=first.id,
    )


def _in_backoff(row: JobRow, now: datetime) -> Waiting | None:
    if row.eligible_at is None or row.eligible_at <= now:
        return None
    left = describe_duration(max(1, int((row.eligible_at - now).total_seconds() * 1000)))
    return Waiting(
        sentence=f"Attempt {row.attempts} of {row.max_attempts} did not succeed; "
        f"the next one may start at {describe_instant(row.eligible_at)}, in {left}.",
        kind=WaitingKind.BACKOFF,
    )


def _held(quota: QuotaRow) -> Waiting | None:
    """How the quota stands in the way; None if it lets one start."""
    if quota.paused_at is not None:
        reason = f": {quota.pause_reason}" if quota.pause_reason else "."
        return Waiting(
            sentence=f"{quota.paused_by} paused its quota {quota.name} at {describe_instant(quota.paused_at)}{reason}",
            kind=WaitingKind.QUOTA_PAUSED,
            quota_id=quota.id,
        )
    if not quota.at_limit:
        return None
    limits = quota.limits
    if limits.max_active is not None and quota.active >= limits.max_active:
        slots = "The one slot" if limits.max_active == 1 else f"All {limits.max_active:,} slots"
        sentence = f"{slots} of its quota {quota.name} {'is' if limits.max_active == 1 else 'are'} taken"
    else:
        next_one = f"; the next one at {describe_instant(quota.next_token_at)}" if quota.next_token_at else ""
        sentence = f"Its quota {quota.name} allows no more starts now{next_one}"
    others = quota.waiting - 1
    more = f", and {min(others, WAITING_MAX):,}{'+' if others > WAITING_MAX else ''} other jobs wait for it"
    return Waiting(sentence=f"{sentence}{more if others > 1 else ''}.", kind=WaitingKind.QUOTA, quota_id=quota.id)


def _scheduled(row: JobRow, health: Health) -> Waiting:
    if unserved := why_unserved(row.queue, health):
        return unserved
    serving = _serving(row.queue, health)
    queue = next((queue for queue in health.queues if queue.queue == row.queue), None)
    limit = None if queue is None else queue.limit
    slots = sum(worker.concurrency for worker in serving) if limit is None else limit
    if queue is not None and queue.running >= slots:
        what = "The one slot" if slots == 1 else f"All {slots} slots"
        return Waiting(
            sentence=f"{what} of the queue {row.queue} {'is' if slots == 1 else 'are'} busy, "
            f"with {queue.waiting:,} waiting.",
            kind=WaitingKind.QUEUE_FULL,
        )
    return Waiting(
        sentence=f"It is among the next of the queue {row.queue}; a worker takes it at its next look.",
        kind=WaitingKind.NEXT,
    )


def why_unserved(queue: str, health: Health) -> Waiting | None:
    """Why no worker takes jobs of the queue, and what helps: those who could drain, or there is nobody.

    None if one does.
    """
    if _serving(queue, health):
        return None
    drained = [
        worker
        for worker in health.workers
        if worker.ended_at is None
        and worker.state in (WorkerState.DRAINING, WorkerState.DRAINED)
        and queue in worker.queues
    ]
    if not drained:
        return Waiting(
            sentence=f"No worker that is online serves the queue {queue}. Start one: execution-ops worker",
            kind=WaitingKind.NO_WORKER,
            queue=queue,
        )
    busy = any(worker.state is WorkerState.DRAINING for worker in drained)
    what = f"is {'draining' if busy else 'drained'} and takes"
    if len(drained) > 1:
        what = f"are {'draining or drained' if busy else 'drained'} and take"
    who = "The worker" if len(drained) == 1 else f"All {len(drained)} workers"
    return Waiting(
        sentence=f"{who} of the queue {queue} {what} nothing new. Resume one, or start one: execution-ops worker",
        kind=WaitingKind.WORKERS_DRAIN,
        queue=queue,
    )


def _serving(queue: str, health: Health) -> list[Worker]:
    return [worker for worker in health.workers if worker.state is WorkerState.ONLINE and queue in worker.queues]


def _ended(detail: JobDetail) -> str:
    row = detail.row
    if row.state is JobState.SUCCEEDED:
        return f"It succeeded on attempt {row.attempts} of {row.max_attempts}."
    if row.state is JobState.CANCELED:
        event = next((event for event in reversed(detail.events) if event.actor), None)
        by = f" by {event.actor}" if event else ""
        reason = f": {event.reason}" if event and event.reason else ""
        return f"It was canceled{by}{reason}."
    if row.state is JobState.TIMED_OUT:
        return f"It ran out of its time of {describe_duration(detail.timeout_ms)}, on attempt {row.attempts}."
    what = error_text(row.error_type, row.error_message) or "without an error text"
    return f"Attempt {row.attempts} of {row.max_attempts} failed: {what}"


def _past(state: JobState) -> str:
    return {JobState.FAILED: "failed", JobState.TIMED_OUT: "timed out", JobState.CANCELED: "was canceled"}[state]
