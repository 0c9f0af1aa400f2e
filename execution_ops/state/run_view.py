"""What the drawer of a run shows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunLog
from execution_ops.domain.run_waiting import RunWaiting
from execution_ops.domain.runs import Run, RunTarget, Segment
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ACTIVE_RUNS, RunState, TargetState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.words import counted
from execution_ops.state.runs_view import (
    TabLine,
    bar_parts,
    say_deltas,
    say_progress,
    say_states,
    short_deltas,
)
from execution_ops.texts import common
from execution_ops.texts import runs as words


@dataclass(frozen=True)
class Fact:
    """A label with its value: a text, an instant (`at`) or a link (`href`)."""

    label: str
    text: str = ""
    at: str = ""
    href: str = ""


@dataclass(frozen=True)
class RunView:
    """A run as its drawer shows it. An empty `id` is no run."""

    id: str = ""
    title: str = ""
    state: str = ""
    progress: str = ""
    parts: tuple[tuple[str, int], ...] = ()
    whole: int = 1
    duration_ms: int | None = None
    running_since: str = ""
    error_code: str = ""
    error: str = ""
    canceled: str = ""
    ended: bool = False


@dataclass(frozen=True)
class SegmentLine:
    """One segment of a run."""

    no: int
    name: str
    progress: str
    parts: list[tuple[str, int]]
    whole: int


@dataclass(frozen=True)
class TargetLine:
    """One target of a run, its texts safe to look at. `href` are its jobs."""

    no: int
    target: str
    state: str
    error: str
    deltas: str
    href: str


@dataclass(frozen=True)
class EvidenceLine:
    """A file that a job of a run left behind, and where it is downloaded."""

    key: str
    target: str
    name: str
    size: str
    href: str


@dataclass(frozen=True)
class WaitView:
    """Why a run waits, and what stands in its way. An empty sentence: nothing waits."""

    sentence: str = ""
    stuck: bool = False
    href: str = ""
    link: str = ""


def run_view(run: Run) -> RunView:
    """A run as its drawer shows it."""
    ended = run.finished_at is not None
    return RunView(
        id=run.id,
        title=visible(run.schedule_name),
        state=run.state.value,
        progress=say_progress(run),
        parts=tuple(bar_parts(run.counts.by_state)),
        whole=max(1, run.counts.planned),
        duration_ms=run.duration_ms if ended else None,
        running_since=iso(run.started_at) if run.started_at and not ended else "",
        error_code=run.error_code,
        error=visible(run.error),
        canceled=visible(": ".join(part for part in (run.canceled_by, run.cancel_reason) if part))
        if run.state is RunState.CANCELED
        else "",
        ended=ended,
    )


def facts(run: Run) -> list[Fact]:
    """What is to be known of a run; what it does not have is left out."""
    by = words.by_whom(visible(run.requested_by)) if run.requested_by else ""
    texts = [
        Fact(common.TRIGGER, f"{run.trigger.value}{by}"),
        Fact(words.WHY, visible(run.why)),
        Fact(words.DUE, at=iso(run.due_at) if run.due_at else ""),
        Fact(
            common.SCHEDULE,
            words.schedule_version(visible(run.schedule_name), run.schedule_version),
            href=routes.schedule(run.schedule_id),
        ),
        Fact(words.REPEATS, words.run_short(run.retry_of[-8:]), href=routes.run(run.retry_of))
        if run.retry_of
        else Fact(words.REPEATS),
        Fact(common.TENANT, visible(run.tenant)),
        Fact(common.JOB_TYPE, visible(run.job_type)),
        Fact(common.MADE, at=iso(run.created_at)),
        Fact(common.STARTED, at=iso(run.started_at) if run.started_at else ""),
        Fact(words.FINISHED, at=iso(run.finished_at) if run.finished_at else ""),
        Fact(common.TARGETS, say_plan(run)),
        Fact(words.PLANNED_BY, words.THE_JOB_THAT_FOUND_ITS_TARGETS, href=routes.job(run.planner_job_id))
        if run.planner_job_id
        else Fact(words.PLANNED_BY),
    ]
    return [fact for fact in texts if fact.text or fact.at]


def say_plan(run: Run) -> str:
    """What the planner found and what became of it: "5 found: 1 named twice; 4 planned"."""
    counts = run.counts
    if not counts.candidates and not counts.planned:
        return ""
    left = [
        f"{count:,} {told}"
        for count, told in (
            (counts.deduped, words.NAMED_TWICE),
            (counts.unchanged, "unchanged"),
            (counts.over, words.OVER_THE_LIMIT),
        )
        if count
    ]
    found = words.found(counts.candidates)
    return f"{found}: {', '.join([*left, f'{counts.planned:,} planned'])}"


def segment_lines(segments: Iterable[Segment]) -> list[SegmentLine]:
    """The segments as lines."""
    return [
        SegmentLine(
            no=one.no,
            name=visible(one.name) or words.WITHOUT_A_TARGET,
            progress=say_states(one.by_state),
            parts=bar_parts(one.by_state),
            whole=max(1, sum(one.by_state.values())),
        )
        for one in segments
    ]


def target_lines(targets: Sequence[RunTarget]) -> list[TargetLine]:
    """The targets as lines."""
    return [
        TargetLine(
            no=one.no,
            target=visible(one.target) or words.WITHOUT_A_TARGET,
            state=one.state.value,
            error=visible(one.error),
            deltas=short_deltas(one.deltas),
            href=routes.jobs([("dag", one.dag_id)]) if one.dag_id else "",
        )
        for one in targets
    ]


def evidence_lines(artifacts: Iterable[RunArtifact]) -> list[EvidenceLine]:
    """The files as lines."""
    return [
        EvidenceLine(
            key=f"{one.job_id} {one.name}",
            target=visible(one.target) or words.target(one.no),
            name=visible(one.name),
            size=describe_bytes(one.size),
            href=routes.api_artifact(one.job_id, one.sha256),
        )
        for one in artifacts
    ]


def log_words(log: RunLog | None) -> str:
    """How much a run has logged: "131 lines, 5 warnings, 2 errors"."""
    if log is None:
        return ""
    counts = {
        "line": log.total,
        "warning": log.by_level.get(LogLevel.WARNING, 0),
        "error": log.by_level.get(LogLevel.ERROR, 0),
    }
    said = [counted(count, word) for word, count in counts.items() if count or word == "line"]
    return ", ".join(said)


def say_run_deltas(run: Run) -> str:
    """What the comparisons of a run found, in words."""
    if run.deltas.compared or run.state in ACTIVE_RUNS:
        return say_deltas(run.deltas)
    return words.NOTHING_WAS_COMPARED


def target_tabs(run: Run, chosen: Sequence[TargetState], href: Callable[[Sequence[TargetState]], str]) -> list[TabLine]:
    """All targets, and those of each state that any is in or that is chosen."""
    counts = run.counts
    lines = [TabLine(common.ALL, href(()), f"{counts.planned:,}", not chosen)]
    for state in TargetState:
        if counts.of(state) or state in chosen:
            lines.append(TabLine(state.value, href((state,)), f"{counts.of(state):,}", tuple(chosen) == (state,)))
    return lines


def wait_view(waiting: RunWaiting | None) -> WaitView:
    """Why a run waits, with the address of what stands in its way."""
    if waiting is None:
        return WaitView()
    href, link = "", ""
    if waiting.run_id:
        href, link = routes.run(waiting.run_id), words.OPEN_THAT_RUN
    elif waiting.job_id:
        href, link = routes.job(waiting.job_id), words.OPEN_THAT_JOB
    return WaitView(visible(waiting.sentence), waiting.stuck, href, link)
