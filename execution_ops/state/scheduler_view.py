"""What the overview of the scheduler shows: rows and figures, flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from execution_ops import routes
from execution_ops.domain.cron import Cron
from execution_ops.domain.cron_words import in_words
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.jobs import Health
from execution_ops.domain.outlook import ComingFiring, MissedFiring
from execution_ops.domain.queue_lag import Lag, QueueLag
from execution_ops.domain.schedules import SAYS_MISSED
from execution_ops.domain.states import WorkerState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.waiting import why_unserved
from execution_ops.domain.words import counted
from execution_ops.services.scheduler import ActiveRun, MissedLately
from execution_ops.state.run_view import WaitView, wait_view
from execution_ops.state.runs_view import ComingLine, RunLine, run_line
from execution_ops.texts import scheduler as words

# The pair that lists all that was missed, and that alone.
ALL_MISSED = ("missed", "all")
MISSED_SHOWN = 6


@dataclass(frozen=True)
class ActiveLine(RunLine):
    """A run that goes on, since when, and what it waits for (`wait.sentence` is empty if for nothing)."""

    since: str
    wait: WaitView


@dataclass(frozen=True)
class NextLine(ComingLine):
    """The next due time of a schedule; `wait` says why one that is past has not fired."""

    wait: str


@dataclass(frozen=True)
class MissedLine:
    """A due time that brought no run, and why. `times` is empty for a single one."""

    key: str
    name: str
    href: str
    tenant: str
    at: str
    why: str
    times: str


@dataclass(frozen=True)
class LagLine:
    """One queue, each figure with the address of what it counts; `stuck` says why nobody takes what waits."""

    queue: str
    href: str
    depth: int
    depth_href: str
    oldest: str
    oldest_href: str
    running: int
    running_href: str
    workers: int
    workers_href: str
    stuck: str


@dataclass(frozen=True)
class NowFigures:
    """The figures of this moment: what waits, who works, and the first that fires (no `next_href`: nothing does)."""

    waiting: str = ""
    waiting_href: str = ""
    waiting_words: str = ""
    workers: str = ""
    workers_href: str = ""
    workers_words: str = ""
    next_name: str = ""
    next_at: str = ""
    next_href: str = ""


@dataclass(frozen=True)
class MissedFigure:
    """How many records of missed due times there are, and of how many due times they tell."""

    count: str = ""
    href: str = ""
    words: str = ""


def active_line(active: ActiveRun) -> ActiveLine:
    """A run that goes on as its line."""
    run = active.run
    since = iso(run.started_at or run.created_at)
    shown = vars(run_line(run, ())) | {"href": routes.run_stream(run.id)}
    return ActiveLine(**shown, since=since, wait=wait_view(active.waiting))


def next_line(coming: ComingFiring, health: Health) -> NextLine:
    """A coming due time as its line."""
    return NextLine(
        id=coming.schedule_id,
        name=visible(coming.name),
        href=routes.schedule(coming.schedule_id),
        words=in_words(Cron.parse(coming.cron)),
        cron=visible(coming.cron),
        zone=visible(coming.zone),
        tenant=visible(coming.tenant),
        at=iso(coming.due_at),
        wait=_why_late(coming, health, health.as_of),
    )


def missed_line(missed: MissedFiring) -> MissedLine:
    """A missed due time as its line."""
    why = SAYS_MISSED[missed.missed]
    return MissedLine(
        key=f"{missed.schedule_id} {iso(missed.due_at)}",
        name=visible(missed.name),
        href=routes.schedule(missed.schedule_id),
        tenant=visible(missed.tenant),
        at=iso(missed.due_at),
        why=why[0].upper() + why[1:],
        times="" if missed.times == 1 else words.more_from_then_on(missed.times),
    )


def lag_line(lag: QueueLag) -> LagLine:
    """A queue as its line."""
    here, waits = ("queue", lag.queue), ("state", "scheduled")
    serving = WorkerFilter(state=(WorkerState.ONLINE,), queue=(lag.queue,))
    return LagLine(
        queue=visible(lag.queue),
        href=routes.jobs([here]),
        depth=lag.depth,
        depth_href=routes.jobs([waits, here]),
        oldest="none" if lag.oldest_wait_ms is None else describe_duration(lag.oldest_wait_ms),
        oldest_href=routes.jobs([waits, here, ("sort", "oldest")]),
        running=lag.running,
        running_href=routes.jobs([("state", "running"), here]),
        workers=lag.workers,
        workers_href=routes.workers(serving.to_pairs()),
        stuck=visible(lag.stuck),
    )


def now_figures(lag: Lag, health: Health, coming: Sequence[NextLine]) -> NowFigures:
    """The figures of this moment."""
    behind = [one for one in lag.items if one.depth]
    depth = sum(one.depth for one in behind)
    states = [worker.state for worker in health.workers if worker.ended_at is None]
    online = states.count(WorkerState.ONLINE)
    draining = len(states) - online
    first = coming[0] if coming else None
    return NowFigures(
        waiting=f"{depth:,}",
        waiting_href=routes.jobs([("state", "scheduled")]),
        waiting_words=words.IN_NO_QUEUE if not behind else f"in {counted(len(behind), 'queue')}",
        workers=f"{online:,}",
        workers_href=routes.workers(WorkerFilter(state=(WorkerState.ONLINE,)).to_pairs()),
        workers_words=words.online_and_draining(draining) if draining else "online",
        next_name=first.name if first else "",
        next_at=first.at if first else "",
        next_href=first.href if first else "",
    )


def missed_figure(found: MissedLately) -> MissedFigure:
    """The figure of what was missed in the last 24 hours."""
    records, due_times = len(found.firings), sum(one.times for one in found.firings)
    schedules = len({one.schedule_id for one in found.firings})
    told = words.NO_DUE_TIME if not records else f"of {counted(schedules, 'schedule')}"
    if due_times > records:
        told = words.for_due_times(due_times)
    more = "+" if found.more else ""
    return MissedFigure(f"{records:,}{more}", routes.scheduler([ALL_MISSED]), told)


def say_now(active: int, lag: Lag, *, schedules: bool) -> str:
    """How things stand; `schedules` says that there is any schedule, or a run that goes on."""
    if not schedules and not any(one.depth for one in lag.items):
        return words.NOTHING_STARTS
    depth = sum(one.depth for one in lag.items)
    return words.now(active, depth, [visible(one.queue) for one in lag.items if one.stuck])


def _why_late(coming: ComingFiring, health: Health, now: datetime) -> str:
    if coming.due_at > now:
        return ""
    unserved = why_unserved(coming.queue, health)
    return visible(unserved.sentence) if unserved else ""
