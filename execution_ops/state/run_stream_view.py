"""What the page that follows a run shows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution_ops import routes
from execution_ops.domain.jobs import QueueHealth
from execution_ops.domain.runs import Run, Segment
from execution_ops.domain.states import ACTIVE_RUNS, RunState, TargetState
from execution_ops.domain.times import to_ms
from execution_ops.domain.words import counted
from execution_ops.state.runs_view import short_deltas
from execution_ops.texts import common
from execution_ops.texts import runs as words

# The order in which the figures of a run stand, and their words.
_FIGURES = {
    TargetState.COMPLETED: words.COMPLETED,
    TargetState.FAILED: words.FAILED,
    TargetState.RUNNING: common.RUNNING,
    TargetState.WAITING: common.WAITING,
    TargetState.CANCELED: words.CANCELED,
    TargetState.SKIPPED: words.NEVER_STARTED_LABEL,
}
_ALWAYS = (TargetState.COMPLETED, TargetState.FAILED, TargetState.RUNNING, TargetState.WAITING)


@dataclass(frozen=True)
class Phase:
    """One of the phases that a run goes through; `state` is one of `done`, `now`, `coming`, `failed`, `off`."""

    title: str
    state: str
    words: str


@dataclass(frozen=True)
class Figure:
    """How many targets are in a state, and where they are listed; `bad` if somebody should look."""

    label: str
    count: str
    href: str
    bad: bool


@dataclass(frozen=True)
class Lag:
    """How the queue of a run stands, with the jobs that wait in it. Empty without such a queue."""

    words: str = ""
    href: str = ""
    stuck: bool = False


def phases(run: Run, segments: Sequence[Segment]) -> list[Phase]:
    """Plan, queue, execute, compare."""
    counts, active = run.counts, run.state in ACTIVE_RUNS
    unplanned = not counts.planned and run.state is RunState.ERROR
    found = words.targets_found(counts.planned, counts.candidates) if counts.candidates else words.FINDING_TARGETS
    if run.state is RunState.PLANNING:
        plan = Phase(words.PLAN, "now", words.FINDING_TARGETS)
    elif run.state is RunState.QUEUED and not run.planner_job_id:
        plan = Phase(words.PLAN, "coming", words.AFTER_THE_RUN_BEFORE_IT)
    elif unplanned:
        plan = Phase(words.PLAN, "failed", words.NOT_PLANNED)
    else:
        plan = Phase(
            words.PLAN, "done" if counts.candidates else "off", found if counts.candidates else words.NOT_PLANNED
        )
    size = counted(len(segments), "segment")
    queued = "done" if run.started_at else "now" if active and counts.planned else "coming" if active else "off"
    done = f"{counts.done:,} of {counts.planned:,}"
    return [
        plan,
        Phase(common.QUEUE, queued, size if segments else words.NO_SEGMENTS),
        Phase(words.EXECUTE, _executing(run), done if counts.planned else words.NOTHING_TO_RUN),
        Phase(
            words.COMPARE,
            "done" if run.deltas.compared else "coming" if active else "off",
            short_deltas(run.deltas) or words.NO_BASELINE,
        ),
    ]


def _executing(run: Run) -> str:
    if run.state in ACTIVE_RUNS:
        return "now" if run.started_at else "coming"
    if not run.started_at:
        return "off"
    return {RunState.COMPLETED: "done", RunState.ERROR: "failed"}.get(run.state, "off")


def headline(run: Run, segments: Sequence[Segment], now: datetime) -> str:
    """The run in a sentence: "640 targets in 8 segments. 493 done, 3 failed, about 17m 00s left."."""
    counts = run.counts
    if not counts.planned:
        return {
            RunState.PLANNING: words.ITS_TARGETS_ARE_BEING_FOUND,
            RunState.QUEUED: words.IT_HAS_NOT_BEGUN_YET,
            RunState.COMPLETED: words.IT_FOUND_NOTHING_TO_DO,
        }.get(run.state, words.IT_HAD_NO_TARGETS)
    targets = counted(counts.planned, "target")
    whole = counted(len(segments), "segment")
    parts = [words.done(counts.done)]
    parts += [
        f"{counts.of(state):,} {state.value}"
        for state in (TargetState.FAILED, TargetState.CANCELED)
        if counts.of(state)
    ]
    left = time_left(run, now)
    if left is not None:
        parts.append(words.time_left(max(1000, left)))
    return words.headline(targets, whole, ", ".join(parts))


def time_left(run: Run, now: datetime) -> int | None:
    """How many ms the run still takes if it goes on as it has; None while nothing tells."""
    counts = run.counts
    if run.state is not RunState.RUNNING or run.started_at is None or not counts.done:
        return None
    return (to_ms(now) - to_ms(run.started_at)) * (counts.planned - counts.done) // counts.done


def figures(run: Run) -> list[Figure]:
    """How many targets are where, each with its list."""
    return [
        Figure(
            label,
            f"{run.counts.of(state):,}",
            routes.runs([("run", run.id), ("target_state", state.value)]),
            state is TargetState.FAILED and run.counts.of(state) > 0,
        )
        for state, label in _FIGURES.items()
        if state in _ALWAYS or run.counts.of(state)
    ]


def deltas_lines(run: Run) -> list[tuple[str, str]]:
    """What the comparisons found, a line each; empty where nothing was compared."""
    deltas = run.deltas
    if not deltas.compared:
        return []
    told = {
        words.ADDED: deltas.added,
        words.REMOVED: deltas.removed,
        words.CHANGED: deltas.changed,
        words.TARGETS_COMPARED: deltas.compared,
    }
    return [(label, f"{count:,}") for label, count in told.items()]


def lag(queues: Iterable[QueueHealth], queue: str) -> Lag:
    """How the queue of a run stands."""
    for one in queues:
        if one.queue == queue:
            wait = words.oldest_waits(one.oldest_wait_ms) if one.oldest_wait_ms is not None else ""
            told = words.count_waiting(one.waiting, wait) if one.waiting else words.NOTHING_WAITS
            href = routes.jobs([("queue", queue), ("state", "scheduled")])
            return Lag(told, href, stuck=one.waiting > 0 and not one.workers)
    return Lag()
