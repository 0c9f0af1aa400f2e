"""What the page of one dead letter shows: flat, small, already in words."""

from __future__ import annotations

from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.dead_letters import ChainLink, DeadLetterDetail
from execution_ops.domain.error_categories import MEANING
from execution_ops.domain.jobs import error_text
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.words import counted
from execution_ops.state.letters_view import category_words
from execution_ops.texts import dead_letters as words

_ENTRY_SHOWN = 8


@dataclass(frozen=True)
class EntryView:
    """One entry, its texts safe to look at. Times are ISO 8601 or empty."""

    id: str = ""
    short: str = ""
    state: str = ""
    job_type: str = ""
    label: str = ""
    job_href: str = ""
    job_short: str = ""
    job_state: str = ""
    job_stored: bool = False
    dag_title: str = ""
    dag_href: str = ""
    group_href: str = ""
    group_short: str = ""
    queue: str = ""
    queue_href: str = ""
    tenant: str = ""
    tenant_href: str = ""
    attempts: str = ""
    priority: int = 0
    worker: str = ""
    worker_id: str = ""
    worker_href: str = ""
    worker_version: str = ""
    died_at: str = ""
    payload_sha256: str = ""
    payload_size: str = ""
    correlation_id: str = ""
    error_type: str = ""
    error_message: str = ""
    template: str = ""
    frame: str = ""
    stack: str = ""
    category: str = ""
    meaning: str = ""
    retryable: bool = False
    blocked: str = ""
    redeaths: int = 0
    changed_at: str = ""
    changed_by: str = ""
    note: str = ""
    plan_href: str = ""
    plan_short: str = ""
    standing: str = ""
    side_effects: str = ""


@dataclass(frozen=True)
class ChainView:
    """One death of the job. `said` tells whether it was the same error; `here` marks the entry on view."""

    id: str
    href: str
    state: str
    died_at: str
    error: str
    said: str
    plan_href: str
    here: bool


def entry_view(detail: DeadLetterDetail) -> EntryView:
    """An entry as its page shows it."""
    row = detail.row
    return EntryView(
        id=row.id,
        short=row.id[-_ENTRY_SHOWN:],
        state=row.state.value,
        job_type=visible(row.job_type),
        label=visible(row.label),
        job_href=routes.job(row.job_id),
        job_short=row.job_id[-_ENTRY_SHOWN:],
        job_state=detail.job_state,
        job_stored=detail.job_stored,
        dag_title=visible(detail.dag_title),
        dag_href=routes.job_dag(row.job_id, [("node", row.job_id)]) if detail.job_stored else "",
        group_href=routes.dead_letter_queue([("group", row.fingerprint)]) if row.fingerprint else "",
        group_short=row.fingerprint[:6],
        queue=visible(row.queue),
        queue_href=routes.dead_letter_queue([("queue", row.queue)]),
        tenant=visible(row.tenant),
        tenant_href=routes.dead_letter_queue([("tenant", row.tenant)]),
        attempts=f"{row.attempts} of {max(detail.max_attempts, row.attempts)}",
        priority=detail.priority,
        worker=visible(detail.worker),
        worker_id=visible(detail.worker_id),
        worker_href=routes.worker(detail.worker_id),
        worker_version=visible(detail.worker_version),
        died_at=iso(row.died_at),
        payload_sha256=detail.payload_sha256,
        payload_size=describe_bytes(detail.payload_bytes),
        correlation_id=visible(detail.correlation_id),
        error_type=visible(row.error_type) or words.ERROR_WITHOUT_A_TYPE,
        error_message=visible(row.error_message, lines=True),
        template=visible(detail.error_template),
        frame=visible(detail.error_frame),
        stack=visible(detail.error_stack, lines=True),
        category=category_words(row.category),
        meaning=MEANING[row.category],
        retryable=row.retryable,
        blocked=_blocked(detail.blocked_children),
        redeaths=row.redeaths,
        changed_at=iso(row.changed_at) if row.changed_at else "",
        changed_by=visible(row.changed_by),
        note=visible(row.note),
        plan_href=routes.replay(row.plan_id) if row.plan_id else "",
        plan_short=row.plan_id[-_ENTRY_SHOWN:],
        standing=_standing(detail),
        side_effects=visible(detail.side_effects),
    )


def chain_views(detail: DeadLetterDetail) -> list[ChainView]:
    """All deaths of the job, newest first."""
    first = detail.chain[0].id if detail.chain else ""
    return [
        ChainView(
            id=link.id,
            href=routes.dead_letter_entry(link.id),
            state=link.state.value,
            died_at=iso(link.died_at),
            error=visible(error_text(link.error_type, link.error_message)),
            said=_said(link, detail.row.id, first),
            plan_href=routes.replay(link.plan_id) if link.plan_id else "",
            here=link.id == detail.row.id,
        )
        for link in reversed(detail.chain)
    ]


def _said(link: ChainLink, here: str, first: str) -> str:
    if link.id == here:
        return words.THIS_ENTRY
    when = words.THE_FIRST_DEATH if link.id == first else words.DIED_AGAIN_WORD
    return f"{when}, {words.THE_SAME_ERROR if link.same_error else words.ANOTHER_ERROR}"


def _blocked(count: int) -> str:
    if not count:
        return "nothing"
    return counted(count, "job")


def _standing(detail: DeadLetterDetail) -> str:
    """What came of the replay, in a sentence; empty before one."""
    if not detail.job_stored:
        return words.JOB_NOT_STORED
    state = detail.job_state.replace("_", " ")
    attempt = words.first_attempt_since(detail.new_attempt) if detail.new_attempt else ""
    if detail.row.state is DeadLetterState.REPLAYING:
        return words.being_replayed(state, attempt)
    if detail.row.state is DeadLetterState.REPLAYED:
        return words.was_replayed(state, attempt)
    return ""
