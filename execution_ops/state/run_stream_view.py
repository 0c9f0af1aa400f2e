"""What the page that follows a run shows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution_ops import routes
from execution_ops.domain.jobs import QueueHealth
from execution_ops.domain.runs import Run, Segment
from execution_ops.domain.states import ACTIVE_RUNS, RunState, TargetState
from execution_ops.domain.times import describe_duration, to_ms
from execution_ops.domain.words import counted
from execution_ops.state.runs_view import short_deltas

# The order in which the figures of a run stand, and their words.
_FIGURES = {
    TargetState.COMPLETED: "Completed",
    TargetState.FAILED: "Failed",
    TargetState.RUNNING: "Running",
    TargetState.WAITING: "Waiting",
    TargetState.CANCELED: "Canceled",
    TargetState.SKIPPED: "Never started",
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
    found = f"{counts.planned:,} of {counts.candidates:,} found" if counts.candidates else "finding targets"
    if run.state is RunState.PLANNING:
        plan = Phase("Plan", "now", "finding targets")
    elif run.state is RunState.QUEUED and not run.planner_job_id:
        plan = Phase("Plan", "coming", "after the run before it")
    elif unplanned:
        plan = Phase("Plan", "failed", "not planned")
    else:
        plan = Phase("Plan", "done" if counts.candidates else "off", found if counts.candidates else "not planned")
    size = counted(len(segments), "segment")
    queued = "done" if run.started_at else "now" if active and counts.planned else "coming" if active else "off"
    done = f"{counts.done:,} of {counts.planned:,}"
    return [
        plan,
        Phase("Queue", queued, size if segments else "no segments"),
        Phase("Execute", _executing(run), done if counts.planned else "nothing to run"),
        Phase(
            "Compare",
            "done" if run.deltas.compared else "coming" if active else "off",
            short_deltas(run.deltas) or "no baseline",
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
            RunState.PLANNING: "Its targets are being found.",
            RunState.QUEUED: "It has not begun yet.",
            RunState.COMPLETED: "It found nothing to do.",
        }.get(run.state, "It had no targets.")
    targets = counted(counts.planned, "target")
    whole = counted(len(segments), "segment")
    parts = [f"{counts.done:,} done"]
    parts += [
        f"{counts.of(state):,} {state.value}"
        for state in (TargetState.FAILED, TargetState.CANCELED)
        if counts.of(state)
    ]
    left = time_left(run, now)
    if left is not None:
        parts.append(f"about {describe_duration(max(1000, left))} left")
    return f"{targets} in {whole}. {', '.join(parts)}."


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
    words = {
        "Added": deltas.added,
        "Removed": deltas.removed,
        "Changed": deltas.changed,
        "Targets compared": deltas.compared,
    }
    return [(label, f"{count:,}") for label, count in words.items()]


def lag(queues: Iterable[QueueHealth], queue: str) -> Lag:
    """How the queue of a run stands."""
    for one in queues:
        if one.queue == queue:
            wait = f", up to {describe_duration(one.oldest_wait_ms)}" if one.oldest_wait_ms is not None else ""
            words = f"{one.waiting:,} waiting{wait}" if one.waiting else "nothing waits"
            href = routes.jobs([("queue", queue), ("state", "scheduled")])
            return Lag(words, href, stuck=one.waiting > 0 and not one.workers)
    return Lag()
