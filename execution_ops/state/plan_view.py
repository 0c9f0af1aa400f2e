"""What the pages of replay plans show: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.components.status import LOOKS
from execution_ops.domain.replays import ItemStatus, ReplayPlan
from execution_ops.domain.states import ReplayState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.state.plan_steps import DONE
from execution_ops.texts import dead_letters
from execution_ops.texts import replays as words

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
    note: str = ""
    driver_href: str = ""
    entries_href: str = ""
    undoes_href: str = ""
    side_effects: str = ""
    rate: str = ""
    rate_words: str = ""
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
            return words.looked_at(plan.total)
        return words.looked_at_of(plan.total, plan.expected) if plan.expected else words.looked_at(plan.total)
    if plan.state is ReplayState.DRAFT:
        return words.eligible(judged(plan), plan.total)
    return f"{plan.counts.sent:,} of {judged(plan):,} {DONE[plan.kind]}"


def bar_parts(plan: ReplayPlan) -> list[tuple[str, int]]:
    """The shares of a plan's bar, of `plan.total`; what is still to be sent stays empty, in a draft it is `ok`."""
    if not plan.prepared:
        return [("run", plan.total)]
    shares = dict.fromkeys(_TONES, 0)
    if plan.state is ReplayState.DRAFT:
        for verdict, count in plan.counts.by_verdict.items():
            shares[LOOKS["verdict"][verdict].tone] += count
    else:
        for status, count in plan.counts.by_status.items():
            if status is not ItemStatus.ELIGIBLE:
                shares[LOOKS["item"][status].tone] += count
    return [(tone, count) for tone, count in shares.items() if count]


def bar_whole(plan: ReplayPlan) -> int:
    """What the parts of the bar are shares of."""
    return max(1, plan.total if plan.prepared else max(plan.expected, plan.total))


def rate_words(plan: ReplayPlan) -> str:
    """The rate of a plan in words."""
    return words.AS_FAST_AS_POSSIBLE if plan.rate is None else words.rate(plan.rate)


def plan_line(plan: ReplayPlan) -> PlanLine:
    """A plan as its line."""
    counts = plan.counts.by_status
    died = counts.get(ItemStatus.DIED_SAME, 0) + counts.get(ItemStatus.DIED_NEW, 0)
    results = [
        (counts.get(ItemStatus.SUCCEEDED, 0), "succeeded"),
        (counts.get(ItemStatus.DONE, 0), DONE[plan.kind]),
        (died, dead_letters.DIED_AGAIN_WORD),
        (counts.get(ItemStatus.SKIPPED, 0), "skipped"),
        (counts.get(ItemStatus.INELIGIBLE, 0), words.NOT_ELIGIBLE),
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
        title=words.plan_of_kind(plan.kind.value.capitalize()),
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
        note=visible(plan.note),
        driver_href=routes.job(plan.driver_job_id) if plan.driver_job_id else "",
        entries_href=routes.dead_letter_queue([("plan", plan.id)]),
        undoes_href=routes.replay(plan.undoes) if plan.undoes else "",
        side_effects=visible(" ".join(plan.side_effects)),
        rate="" if plan.rate is None else f"{plan.rate:g}",
        rate_words=rate_words(plan),
        left_behind=_left_behind(plan),
    )


def _left_behind(plan: ReplayPlan) -> str:
    """What an aborted plan leaves, in a sentence."""
    left, gone = plan.counts.left, plan.counts.open
    if not plan.prepared:
        return words.DRY_RUN_NOT_DONE
    return words.left_behind(left, gone)


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
    # Whole seconds: it is about.
    rest = f"{seconds} s" if seconds < 60 else describe_duration(seconds * 1000)
    return words.speed(per_s, rest)
