"""The figures of a replay plan and its entries, as lines: so many are here, and this is why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.jobs import error_text
from execution_ops.domain.replays import SAYS, ItemStatus, PlanKind, ReplayItem, ReplayPlan, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.texts import dead_letters
from execution_ops.texts import replays as words

# What the verb of a plan is called when it is done, and what is going to be.
DONE = {PlanKind.REPLAY: "sent", PlanKind.RESOLVE: "resolved", PlanKind.REOPEN: "reopened"}
_WILL = {
    PlanKind.REPLAY: words.WILL_BE_REPLAYED,
    PlanKind.RESOLVE: words.WILL_BE_RESOLVED,
    PlanKind.REOPEN: words.WILL_BE_REOPENED,
}
_HINTS = {
    Verdict.ELIGIBLE: "",
    Verdict.NOT_OPEN: words.SOMEBODY_WAS_FASTER,
    Verdict.QUARANTINED: words.OPEN_EACH,
    Verdict.UNREGISTERED: words.UNKNOWN_JOB_TYPE,
    Verdict.PAYLOAD_INVALID: words.ANOTHER_PAYLOAD,
    Verdict.PAYLOAD_GONE: words.NOTHING_TO_RUN,
    Verdict.JOB_MOVED: words.NEEDS_NO_REPLAY,
    Verdict.FORBIDDEN: words.NEEDS_PERMISSION,
    Verdict.SUPERSEDED: words.SUPERSEDED,
    Verdict.CHANGED: words.LEFT_ALONE,
}
_OF_REPLAY = (
    *(ItemStatus.ELIGIBLE, ItemStatus.SENT, ItemStatus.SUCCEEDED, ItemStatus.DIED_SAME, ItemStatus.DIED_NEW),
    *(ItemStatus.CANCELED, ItemStatus.SKIPPED, ItemStatus.INELIGIBLE),
)
_OF_OTHERS = (ItemStatus.ELIGIBLE, ItemStatus.DONE, ItemStatus.SKIPPED, ItemStatus.INELIGIBLE)


@dataclass(frozen=True)
class StepLine:
    """One figure of a plan: so many entries are in this state, or have this verdict (`key`), drawn as `look`."""

    key: str
    look: str
    word: str
    hint: str
    count: str
    href: str
    on: bool


@dataclass(frozen=True)
class ItemLine:
    """One entry of a plan, its texts safe to look at."""

    no: int
    href: str
    error: str
    error_type: str
    error_message: str
    job_type: str
    label: str
    job_short: str
    job_href: str
    tenant: str
    status: str
    word: str
    reason: str
    sent_at: str


def status_lines(plan: ReplayPlan, chosen: Sequence[ItemStatus]) -> list[StepLine]:
    """How many entries are where; what no entry is or can be any more is left out."""
    counts = plan.counts.by_status
    order = _OF_REPLAY if plan.kind is PlanKind.REPLAY else _OF_OTHERS
    main = {ItemStatus.SUCCEEDED, ItemStatus.DONE} & set(order)
    return [
        StepLine(
            key=status.value,
            look=_status_look(plan, status),
            word=_status_word(plan, status),
            hint="",
            count=f"{counts.get(status, 0):,}",
            href=routes.replay(plan.id, [("status", status.value)]),
            on=tuple(chosen) == (status,),
        )
        for status in order
        if counts.get(status, 0) or status in main
    ]


def _status_look(plan: ReplayPlan, status: ItemStatus) -> str:
    """The state whose look is drawn: what an aborted plan never sent waits for nothing any more."""
    never = status is ItemStatus.ELIGIBLE and plan.state is ReplayState.ABORTED
    return (ItemStatus.INELIGIBLE if never else status).value


def _status_word(plan: ReplayPlan, status: ItemStatus) -> str:
    if status is ItemStatus.DONE:
        return DONE[plan.kind]
    if status is ItemStatus.ELIGIBLE:
        return words.NEVER_SENT if plan.state is ReplayState.ABORTED else _WILL[plan.kind]
    return ""


def verdict_lines(plan: ReplayPlan, chosen: Sequence[Verdict]) -> list[StepLine]:
    """What the dry run says, the eligible first."""
    return [
        StepLine(
            key=verdict.value,
            look=verdict.value,
            word=_verdict_word(plan, verdict),
            hint=_HINTS[verdict],
            count=f"{plan.counts.by_verdict.get(verdict, 0):,}",
            href=routes.replay(plan.id, [("verdict", verdict.value)]),
            on=tuple(chosen) == (verdict,),
        )
        for verdict in Verdict
        if plan.counts.by_verdict.get(verdict, 0) or verdict is Verdict.ELIGIBLE
    ]


def _verdict_word(plan: ReplayPlan, verdict: Verdict) -> str:
    if verdict is not Verdict.ELIGIBLE:
        return SAYS[verdict].partition(":")[0]
    return _WILL[plan.kind] if plan.state is ReplayState.DRAFT else "eligible"


def item_line(plan: ReplayPlan, item: ReplayItem) -> ItemLine:
    """An entry of the plan as its line."""
    says = "" if item.verdict is Verdict.ELIGIBLE else SAYS[item.verdict]
    gone = not item.letter_id
    return ItemLine(
        no=item.no,
        href=routes.replay(plan.id) if gone else routes.dead_letter_entry(item.letter_id),
        error=words.REMOVED if gone else visible(error_text(item.error_type, item.error_message)),
        error_type=words.REMOVED if gone else visible(item.error_type) or dead_letters.ERROR_WITHOUT_A_TYPE,
        error_message=visible(item.error_message),
        job_type=visible(item.job_type),
        label=visible(item.label),
        job_short=item.job_id[-8:],
        job_href="" if gone else routes.job(item.job_id),
        tenant=visible(item.tenant),
        status=_status_look(plan, item.status),
        word=_status_word(plan, item.status),
        reason=visible(": ".join(part for part in (says, item.detail) if part)),
        sent_at=iso(item.sent_at) if item.sent_at else "",
    )
