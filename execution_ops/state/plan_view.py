"""What the pages of replay plans show: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.components.status import ITEM, VERDICT
from execution_ops.domain.jobs import error_text
from execution_ops.domain.replays import SAYS, ItemStatus, PlanKind, ReplayItem, ReplayPlan, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso

# What the verb of a plan is called when it is done, and what is going to be.
DONE = {PlanKind.REPLAY: "sent", PlanKind.RESOLVE: "resolved", PlanKind.REOPEN: "reopened"}
_WILL = {
    PlanKind.REPLAY: "will be replayed",
    PlanKind.RESOLVE: "will be resolved",
    PlanKind.REOPEN: "will be reopened",
}
_HINTS = {
    Verdict.ELIGIBLE: "",
    Verdict.NOT_OPEN: "Somebody was faster, or it was dealt with before.",
    Verdict.QUARANTINED: "Open each, and replay or resolve it from its own page.",
    Verdict.UNREGISTERED: "No console or worker here knows the job type. Install its package, then plan again.",
    Verdict.PAYLOAD_INVALID: "The job type takes another payload by now. Submit a new job instead.",
    Verdict.PAYLOAD_GONE: "There is nothing to run again.",
    Verdict.JOB_MOVED: "It needs no replay, or not this one.",
    Verdict.CHANGED: "Left alone: what the dry run saw is no longer so.",
}
_OF_REPLAY = (
    *(ItemStatus.ELIGIBLE, ItemStatus.SENT, ItemStatus.SUCCEEDED, ItemStatus.DIED_SAME, ItemStatus.DIED_NEW),
    *(ItemStatus.CANCELED, ItemStatus.SKIPPED, ItemStatus.INELIGIBLE),
)
_OF_OTHERS = (ItemStatus.ELIGIBLE, ItemStatus.DONE, ItemStatus.SKIPPED, ItemStatus.INELIGIBLE)
# The order in which a bar shows its parts.
_TONES = ("ok", "run", "bad", "warn", "mute")


@dataclass(frozen=True)
class PlanLine:
    """One plan as the list draws it. `parts` are (tone, count) of `whole`."""

    id: str
    href: str
    title: str
    description: str
    state: str
    stuck: bool
    progress: str
    parts: list[tuple[str, int]]
    whole: int
    results: str
    rate: str
    by: str
    created_at: str


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


@dataclass(frozen=True)
class PlanView:
    """A plan as its page shows it. Times are ISO 8601 or empty."""

    id: str = ""
    short: str = ""
    kind: str = ""
    title: str = ""
    description: str = ""
    state: str = ""
    prepared: bool = False
    preparing: str = ""
    progress: str = ""
    ended: bool = False
    parts: tuple[tuple[str, int], ...] = ()
    whole: int = 0
    actor: str = ""
    reason: str = ""
    ticket: str = ""
    created_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    changed_by: str = ""
    changed_at: str = ""
    driver_href: str = ""
    entries_href: str = ""
    undoes_href: str = ""
    side_effects: str = ""
    rate: str = ""
    rate_words: str = ""
    left: str = ""
    left_behind: str = ""


def plan_title(plan: ReplayPlan) -> str:
    """A plan by its kind and the end of its id."""
    return f"{plan.kind.value.capitalize()} {plan.id[-8:]}"


def judged(plan: ReplayPlan) -> int:
    """How many entries the dry run found eligible, whatever became of them since."""
    return sum(count for status, count in plan.counts.by_status.items() if status is not ItemStatus.INELIGIBLE)


def progress_words(plan: ReplayPlan) -> str:
    """How far a plan is: "9,412 of 10,000 eligible", "8,200 of 9,412 sent"."""
    if not plan.prepared:
        if plan.state is not ReplayState.DRAFT:
            return f"{plan.total:,} looked at"
        return f"{plan.total:,} of {plan.expected:,} looked at" if plan.expected else f"{plan.total:,} looked at"
    if plan.state is ReplayState.DRAFT:
        return f"{judged(plan):,} of {plan.total:,} eligible"
    return f"{plan.counts.sent:,} of {judged(plan):,} {DONE[plan.kind]}"


def bar_parts(plan: ReplayPlan) -> list[tuple[str, int]]:
    """The shares of a plan's bar, of `plan.total`; what is still to be sent stays empty, in a draft it is `ok`."""
    if not plan.prepared:
        return [("run", plan.total)]
    shares = dict.fromkeys(_TONES, 0)
    if plan.state is ReplayState.DRAFT:
        for verdict, count in plan.counts.by_verdict.items():
            shares[VERDICT[verdict].tone] += count
    else:
        for status, count in plan.counts.by_status.items():
            if status is not ItemStatus.ELIGIBLE:
                shares[ITEM[status].tone] += count
    return [(tone, count) for tone, count in shares.items() if count]


def bar_whole(plan: ReplayPlan) -> int:
    """What the parts of the bar are shares of."""
    return max(1, plan.total if plan.prepared else max(plan.expected, plan.total))


def rate_words(plan: ReplayPlan) -> str:
    """The rate of a plan in words."""
    return "as fast as possible" if plan.rate is None else f"{plan.rate:g} a second"


def plan_line(plan: ReplayPlan) -> PlanLine:
    """A plan as its line."""
    counts = plan.counts.by_status
    died = counts.get(ItemStatus.DIED_SAME, 0) + counts.get(ItemStatus.DIED_NEW, 0)
    results = [
        (counts.get(ItemStatus.SUCCEEDED, 0), "succeeded"),
        (counts.get(ItemStatus.DONE, 0), DONE[plan.kind]),
        (died, "died again"),
        (counts.get(ItemStatus.SKIPPED, 0), "skipped"),
        (counts.get(ItemStatus.INELIGIBLE, 0), "not eligible"),
    ]
    return PlanLine(
        id=plan.id,
        href=routes.replay(plan.id),
        title=plan_title(plan),
        description=visible(plan.description),
        state=plan.state.value,
        stuck=plan.driver_failed,
        progress=progress_words(plan),
        parts=bar_parts(plan),
        whole=bar_whole(plan),
        results=", ".join(f"{count:,} {word}" for count, word in results if count),
        rate=rate_words(plan),
        by=visible(plan.actor),
        created_at=iso(plan.created_at),
    )


def plan_view(plan: ReplayPlan) -> PlanView:
    """A plan as its page shows it."""
    ended = plan.state in (ReplayState.COMPLETED, ReplayState.ABORTED)
    return PlanView(
        id=plan.id,
        short=plan.id[-8:],
        kind=plan.kind.value,
        title=f"{plan.kind.value.capitalize()} plan",
        description=visible(plan.description),
        state=plan.state.value,
        prepared=plan.prepared,
        preparing="" if plan.prepared or ended else progress_words(plan),
        progress=progress_words(plan),
        ended=ended,
        parts=tuple(bar_parts(plan)),
        whole=bar_whole(plan),
        actor=visible(plan.actor),
        reason=visible(plan.reason),
        ticket=visible(plan.ticket),
        created_at=iso(plan.created_at),
        started_at=iso(plan.started_at) if plan.started_at else "",
        ended_at=iso(plan.ended_at) if plan.ended_at else "",
        changed_by=visible(plan.changed_by),
        changed_at=iso(plan.changed_at),
        driver_href=routes.job(plan.driver_job_id) if plan.driver_job_id else "",
        entries_href=routes.dead_letter_queue([("plan", plan.id)]),
        undoes_href=routes.replay(plan.undoes) if plan.undoes else "",
        side_effects=visible(" ".join(plan.side_effects)),
        rate="" if plan.rate is None else f"{plan.rate:g}",
        rate_words=rate_words(plan),
        left=f"{plan.counts.left:,}",
        left_behind=_left_behind(plan),
    )


def _left_behind(plan: ReplayPlan) -> str:
    """What an aborted plan leaves, in a sentence."""
    left, gone = plan.counts.left, plan.counts.open
    if not plan.prepared:
        return "The dry run was not done, and nothing was touched."
    untouched = "was never touched and stays as it is" if left == 1 else "were never touched and stay as they are"
    words = [f"{left:,} of its entries {untouched}."]
    if gone:
        words.append(f"{gone:,} that {'was' if gone == 1 else 'were'} sent {'goes' if gone == 1 else 'go'} on.")
    return " ".join(words)


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
        return "never sent" if plan.state is ReplayState.ABORTED else _WILL[plan.kind]
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
    return ItemLine(
        no=item.no,
        href=routes.dead_letter_entry(item.letter_id),
        error=visible(error_text(item.error_type, item.error_message)),
        error_type=visible(item.error_type) or "Error without a type",
        error_message=visible(item.error_message),
        job_type=visible(item.job_type),
        label=visible(item.label),
        job_short=item.job_id[-8:],
        job_href=routes.job(item.job_id),
        tenant=visible(item.tenant),
        status=_status_look(plan, item.status),
        word=_status_word(plan, item.status),
        reason=visible(": ".join(part for part in (says, item.detail) if part)),
        sent_at=iso(item.sent_at) if item.sent_at else "",
    )


def speed(samples: Sequence[tuple[int, int]]) -> float:
    """How many a second were sent over the samples, (ms, sent) each."""
    if len(samples) < 2:
        return 0.0
    (start, first), (end, last) = samples[0], samples[-1]
    return (last - first) * 1000 / (end - start) if end > start else 0.0


def speed_words(per_s: float, left: int) -> str:
    """The speed now and how long the rest takes: "about 4.9 a second, 3m 12s left"."""
    if per_s <= 0:
        return ""
    seconds = int(left / per_s) + 1
    rest = f"{seconds} s" if seconds < 60 else describe_duration(seconds * 1000)
    return f"about {per_s:.1f} a second, {rest} left"
