"""The bars of a run: its segments, and the targets and jobs of the open one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from execution_ops import routes
from execution_ops.components.status import LOOKS
from execution_ops.domain.run_events import JobBar, TargetBars
from execution_ops.domain.runs import Run, RunTarget, Segment
from execution_ops.domain.states import ENDED_TARGETS, RunState, TargetState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, to_ms
from execution_ops.state.runs_view import say_states
from execution_ops.texts import common
from execution_ops.texts import runs as words


@dataclass(frozen=True)
class Bar:
    """A stretch of time in ms since 1970; it goes on while `end` is None. A mark has its end where it begins."""

    tone: str
    start: int
    end: int | None
    title: str
    href: str = ""


@dataclass(frozen=True)
class GanttRow:
    """A segment, or one of its targets (`depth` 1). `says` puts its bars into words; `until` is its likely end."""

    key: str
    depth: int
    state: str
    name: str
    detail: str
    href: str
    open: bool
    figure: str
    figure_href: str
    says: str
    bars: list[Bar] = field(default_factory=list)
    until: int | None = None


def segment_state(by_state: Mapping[TargetState, int]) -> TargetState:
    """The state that stands for a segment: what still happens in it, else the worst that has happened."""
    order = (TargetState.RUNNING, TargetState.WAITING, TargetState.FAILED, TargetState.CANCELED, TargetState.SKIPPED)
    if by_state.get(TargetState.WAITING) and any(by_state.get(state) for state in ENDED_TARGETS):
        # Between two of its targets nothing of it runs, and yet it goes on.
        return TargetState.RUNNING
    return next((state for state in order if by_state.get(state)), TargetState.COMPLETED)


def gantt_rows(
    run: Run,
    segments: Iterable[Segment],
    failed: Iterable[RunTarget],
    opened: tuple[int, Sequence[TargetBars]] | None,
    now: datetime,
    href: Callable[[int], str],
) -> list[GanttRow]:
    """The segments, the open one with its targets; `href` is the page with a segment open (0 for none)."""
    marks: dict[int, list[Bar]] = {}
    for target in failed:
        if target.finished_at is not None:
            at = to_ms(target.finished_at)
            marks.setdefault(target.segment, []).append(Bar("bad", at, at, words.target_failed(visible(target.target))))
    rows = []
    for segment in segments:
        is_open = opened is not None and opened[0] == segment.no
        rows.append(
            _segment_row(
                run, segment, marks.get(segment.no, []), now, href(0 if is_open else segment.no), is_open=is_open
            )
        )
        if is_open and opened is not None:
            rows += [_target_row(one) for one in opened[1]]
    return rows


def _segment_row(
    run: Run, segment: Segment, marks: Sequence[Bar], now: datetime, href: str, *, is_open: bool
) -> GanttRow:
    states, state = segment.by_state, segment_state(segment.by_state)
    done = sum(count for one, count in states.items() if one in ENDED_TARGETS)
    whole = sum(states.values())
    bars, until = [], None
    if segment.started_at is not None:
        start, last = to_ms(segment.started_at), segment.finished_at
        if last is not None and done:
            bars.append(Bar("ok", start, to_ms(last), words.ended(done, whole)))
        if states.get(TargetState.RUNNING):
            running = words.count_running(states[TargetState.RUNNING])
            bars.append(Bar("run", max(start, to_ms(last)) if last else start, None, running))
            until = _likely_end(run, done, whole, start, to_ms(now))
    says = f"{say_states(states)}, {_span(segment.started_at, segment.finished_at if done == whole else None, now)}"
    return GanttRow(
        key=f"s{segment.no}",
        depth=0,
        state=state.value,
        name=f"segment {segment.no}",
        detail=visible(segment.name),
        href=href,
        open=is_open,
        figure=f"{done:,} / {whole:,}",
        figure_href=routes.runs([("run", run.id)]),
        says=says,
        bars=[*bars, *marks],
        until=until,
    )


def _target_row(one: TargetBars) -> GanttRow:
    target = one.target
    done = sum(1 for job in one.jobs if job.finished_at is not None)
    return GanttRow(
        key=f"t{target.no}",
        depth=1,
        state=target.state.value,
        name=visible(target.target) or f"target {target.no}",
        detail="",
        href=routes.job_dag(one.jobs[0].id) if one.jobs else "",
        open=False,
        figure=f"{done:,} / {len(one.jobs):,}" if one.jobs else "",
        figure_href=routes.jobs([("dag", target.dag_id)]) if target.dag_id else "",
        says=", ".join(
            [target.state.value, *(f"{visible(job.name)} {job.state.value.replace('_', ' ')}" for job in one.jobs)]
        ),
        bars=[bar for job in one.jobs if (bar := _job_bar(job))],
    )


def _job_bar(job: JobBar) -> Bar | None:
    if job.started_at is None:
        return None
    start, end = to_ms(job.started_at), None if job.finished_at is None else to_ms(job.finished_at)
    took = "" if end is None else f", {describe_duration(max(0, end - start))}"
    title = f"{visible(job.name)}: {job.state.value.replace('_', ' ')}{took}"
    return Bar(LOOKS["job"][job.state].tone, start, end, title, routes.job(job.id))


def _likely_end(run: Run, done: int, whole: int, start: int, now: int) -> int | None:
    """When a segment ends if it goes on as it has."""
    if run.state is not RunState.RUNNING or not done or done == whole:
        return None
    return now + (now - start) * (whole - done) // done


def _span(start: datetime | None, end: datetime | None, now: datetime) -> str:
    if start is None:
        return common.NOT_STARTED
    took = describe_duration(max(0, to_ms(end or now) - to_ms(start)))
    return words.took(took) if end else words.takes(took)


def tones() -> list[tuple[str, str]]:
    """What the colours of the bars mean."""
    return [
        (LOOKS["target"][TargetState.COMPLETED].tone, "done"),
        (LOOKS["target"][TargetState.RUNNING].tone, "running"),
        (LOOKS["target"][TargetState.FAILED].tone, "failed"),
    ]
