"""What the page of runs shows in its list: rows, tabs and figures, flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.components.status import LOOKS
from execution_ops.domain.filter_fields import AGES, RUN_FIELDS
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Deltas, Run, Trigger
from execution_ops.domain.schedules import Schedule, ScheduleState
from execution_ops.domain.states import ACTIVE_RUNS, ENDED_RUNS, RunState, TargetState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.words import counted
from execution_ops.services.runs import RunSummary
from execution_ops.services.schedules import ScheduleRow
from execution_ops.state.list_view import BOUND, Listing, say_count
from execution_ops.texts import common
from execution_ops.texts import runs as words

LISTING = Listing(RunFilter, RunState, RUN_FIELDS, ("run", "runs"), routes.runs)
ACTIVE = tuple(state for state in RunState if state in ACTIVE_RUNS)
FAILURES = (RunState.ERROR, RunState.CANCELED)
COMING = ("view", "coming")
COMING_MAX = 50
_TABS: tuple[tuple[str, tuple[RunState, ...]], ...] = (
    (common.ALL, ()),
    (words.ACTIVE, ACTIVE),
    (words.COMPLETED, (RunState.COMPLETED,)),
    (words.FAILURES, FAILURES),
)
TRIGGER_ICONS = {
    Trigger.CRON: "calendar-clock",
    Trigger.MANUAL: "user",
    Trigger.RETRY: "rotate-ccw",
    Trigger.API: "braces",
}
# The order in which a bar shows its parts; what waits stays empty.
_SHOWN = (
    *(TargetState.COMPLETED, TargetState.FAILED, TargetState.RUNNING),
    *(TargetState.CANCELED, TargetState.SKIPPED),
)


@dataclass(frozen=True)
class RunLine:
    """One run as the list draws it. `parts` are (tone, count) of `whole`."""

    id: str
    short: str
    href: str
    trigger: str
    trigger_icon: str
    schedule: str
    schedule_href: str
    tenant: str
    tenant_href: str
    state: str
    progress: str
    parts: list[tuple[str, int]]
    whole: int
    duration_ms: int | None
    running_since: str
    not_started: str
    deltas: str
    deltas_words: str
    created_at: str


@dataclass(frozen=True)
class ComingLine:
    """The next firing of a schedule."""

    id: str
    name: str
    href: str
    words: str
    cron: str
    zone: str
    tenant: str
    at: str


@dataclass(frozen=True)
class TabLine:
    """One tab: its title, its address, and how many are behind it."""

    title: str
    href: str
    count: str
    on: bool


@dataclass(frozen=True)
class RunCards:
    """The figures above the list, with the addresses of the runs that they count."""

    active: str = ""
    active_href: str = ""
    waiting: str = ""
    waiting_href: str = ""
    failed: str = ""
    failed_href: str = ""
    deltas: str = ""
    deltas_words: str = ""
    deltas_href: str = ""


def run_line(run: Run, keep: Sequence[tuple[str, str]]) -> RunLine:
    """A run as its line; `keep` are the pairs of the list that its drawer opens in front of."""
    active = run.state in ACTIVE_RUNS
    return RunLine(
        id=run.id,
        short=run.id[-8:],
        href=routes.runs([*keep, ("run", run.id)]),
        trigger=run.trigger.value,
        trigger_icon=TRIGGER_ICONS[run.trigger],
        schedule=visible(run.schedule_name),
        schedule_href=routes.runs([("schedule", run.schedule_id)]),
        tenant=visible(run.tenant),
        tenant_href=routes.runs([("tenant", run.tenant)]),
        state=run.state.value,
        progress=say_progress(run),
        parts=bar_parts(run.counts.by_state),
        whole=max(1, run.counts.planned),
        duration_ms=None if active else run.duration_ms,
        running_since=iso(run.started_at) if active and run.started_at else "",
        not_started="waiting" if active else words.NEVER_STARTED,
        deltas=short_deltas(run.deltas),
        deltas_words=say_deltas(run.deltas),
        created_at=iso(run.created_at),
    )


def say_progress(run: Run) -> str:
    """How far a run is: "412 of 500, 3 failed"."""
    planned = run.counts.planned
    if not planned:
        if run.state in ENDED_RUNS:
            return words.NO_TARGET if run.state is RunState.COMPLETED else words.NOT_PLANNED
        return words.FINDING_TARGETS if run.state is RunState.PLANNING else words.NOT_BEGUN
    return say_states(run.counts.by_state)


def say_states(states: Mapping[TargetState, int]) -> str:
    """How many of some targets succeeded, and what became of the others: "412 of 500, 3 failed"."""
    others = [
        f"{states[state]:,} {state.value}"
        for state in (TargetState.FAILED, TargetState.CANCELED, TargetState.SKIPPED)
        if states.get(state)
    ]
    done = f"{states.get(TargetState.COMPLETED, 0):,} of {sum(states.values()):,}"
    return ", ".join([done, *others])


def bar_parts(states: Mapping[TargetState, int]) -> list[tuple[str, int]]:
    """The shares of a bar, in a fixed order."""
    return [(LOOKS["target"][state].tone, states[state]) for state in _SHOWN if states.get(state)]


def short_deltas(deltas: Deltas) -> str:
    """What changed, as signs; empty where nothing was compared."""
    return f"+{deltas.added:,} \u2212{deltas.removed:,} ~{deltas.changed:,}" if deltas.compared else ""


def say_deltas(deltas: Deltas) -> str:
    """What changed, in words."""
    if not deltas.compared:
        return words.NOTHING_COMPARED
    of = counted(deltas.compared, "target")
    return words.deltas(deltas.added, deltas.removed, deltas.changed, of)


def coming_lines(found: Iterable[ScheduleRow], where: RunFilter) -> list[ComingLine]:
    """The next firings of the enabled schedules that the filter leaves, in their order."""
    rows = [
        row
        for row in found
        if row.schedule.state is ScheduleState.ENABLED
        and row.schedule.next_at is not None
        and (not where.tenant or row.schedule.tenant in where.tenant)
        and (not where.schedule or row.schedule.id in where.schedule)
    ]
    rows.sort(key=lambda row: (row.schedule.next_at, row.schedule.spec.name))
    return [_coming(row.schedule, row.words) for row in rows]


def _coming(schedule: Schedule, told: str) -> ComingLine:
    return ComingLine(
        id=schedule.id,
        name=visible(schedule.spec.name),
        href=routes.schedule(schedule.id),
        words=told,
        cron=visible(schedule.spec.cron),
        zone=visible(schedule.spec.zone),
        tenant=visible(schedule.tenant),
        at=iso(schedule.next_at) if schedule.next_at else "",
    )


def run_tabs(where: RunFilter, counts: Mapping[RunState, int], coming: int | None, *, on_coming: bool) -> list[TabLine]:
    """All, active, completed and failed runs with their counts, and what comes."""
    lines = [
        TabLine(
            title,
            routes.runs(where.model_copy(update={"state": states}).to_pairs()),
            _bounded(counts.get(state, 0) for state in states or RunState),
            not on_coming and where.state == states,
        )
        for title, states in _TABS
    ]
    free = RunFilter(tenant=where.tenant, schedule=where.schedule)
    scheduled = TabLine(
        words.SCHEDULED, routes.runs([*free.to_pairs(), COMING]), "" if coming is None else f"{coming:,}", on_coming
    )
    # Between what has ended well and what has not, as the eye expects it: what is, what was, what comes.
    return [*lines[:3], scheduled, lines[3]]


def cards(found: RunSummary) -> RunCards:
    """The figures of now and of today."""
    figures, since = found.figures, iso(found.since)
    today = RunFilter(after=since)
    more = "" if figures.exact else words.out_of_the_last(BOUND)
    return RunCards(
        active=f"{figures.active:,}",
        active_href=routes.runs(RunFilter(state=ACTIVE).to_pairs()),
        waiting=f"{figures.waiting:,}",
        waiting_href=routes.runs(RunFilter(state=(RunState.QUEUED, RunState.RUNNING)).to_pairs()),
        failed=say_count(min(found.failed, BOUND), exact=found.failed <= BOUND),
        failed_href=routes.runs(today.model_copy(update={"state": (RunState.ERROR,)}).to_pairs()),
        deltas=short_deltas(figures.deltas),
        deltas_words=say_deltas(figures.deltas) + more,
        deltas_href=routes.runs(today.to_pairs()),
    )


def known_values(tenants: list[str]) -> dict[str, list[str]]:
    """What the filter bar can suggest."""
    return {
        "state": [state.value for state in RunState],
        "trigger": [trigger.value for trigger in Trigger],
        "tenant": tenants,
        "after": list(AGES),
        "before": list(AGES),
    }


def _bounded(counts: Iterable[int]) -> str:
    total, exact = 0, True
    for count in counts:
        total, exact = total + min(count, BOUND), exact and count <= BOUND
    return f"{total:,}{'' if exact else '+'}"
