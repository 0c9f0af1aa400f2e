"""What the page of schedules shows, prepared from rows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from execution_ops import routes
from execution_ops.domain.runs import FiredAt
from execution_ops.domain.schedules import SAYS_MISSED
from execution_ops.domain.states import RunState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.zones import zone
from execution_ops.services.schedules import ScheduleFigures, ScheduleRow
from execution_ops.texts import schedules as words

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Mark:
    """One due time in the strip of a row: `look` is a run's state or `missed`, `title` says it in words."""

    look: str
    title: str


@dataclass(frozen=True)
class ScheduleLine:
    """One row. Times are ISO 8601 or empty; `last_state` is a run's, empty where the due time was missed."""

    id: str
    href: str
    name: str
    description: str
    job_type: str
    tenant: str
    owner: str
    words: str
    rule: str
    state: str
    paused: bool
    paused_by: str
    paused_at: str
    pause_reason: str
    next_at: str
    last_at: str
    last_state: str
    last_missed: str
    last_href: str
    overlap: str
    strip: list[Mark]
    strip_label: str


def schedule_line(row: ScheduleRow, keep: Pairs) -> ScheduleLine:
    """A row as the table draws it; `keep` is the filter that opening it leaves in place."""
    schedule, spec = row.schedule, row.schedule.spec
    latest = row.last[0] if row.last else None
    place = zone(spec.zone)
    return ScheduleLine(
        id=schedule.id,
        href=routes.schedules([*keep, ("schedule", schedule.id)]),
        name=visible(spec.name),
        description=visible(spec.description),
        job_type=spec.job_type,
        tenant=schedule.tenant,
        owner=visible(spec.owner),
        words=row.words,
        rule=f"{spec.cron} · {spec.zone}",
        state=schedule.state.value,
        paused=schedule.paused_at is not None,
        paused_by=visible(schedule.paused_by),
        paused_at=iso(schedule.paused_at) if schedule.paused_at else "",
        pause_reason=visible(schedule.pause_reason),
        next_at=iso(schedule.next_at) if schedule.next_at else "",
        last_at=iso(latest.due_at) if latest else "",
        last_state=latest.run_state.value if latest and latest.run_state else "",
        last_missed=missed_words(latest) if latest else "",
        last_href=run_href(latest.run_id) if latest else "",
        overlap=spec.overlap.value.replace("_", " "),
        strip=[_mark(fired, place) for fired in reversed(row.last)],
        strip_label=_strip_label(row.last),
    )


def run_href(run_id: str) -> str:
    """The page of a run; empty without one, and while there is no such page."""
    return routes.href("run_stream", run_id=run_id) if run_id else ""


def missed_words(fired: FiredAt) -> str:
    """Why a due time brought no run; empty if it brought one."""
    if fired.missed is None:
        return ""
    told = SAYS_MISSED[fired.missed]
    return words.missed(told) if fired.times == 1 else words.due_times_missed(fired.times, told)


def say_figures(figures: ScheduleFigures) -> str:
    """How the schedules stand: "12 schedules: 10 enabled, 2 paused"."""
    return words.figures(figures.schedules, figures.enabled, figures.paused)


def _mark(fired: FiredAt, place: tzinfo) -> Mark:
    at = f"{fired.due_at.astimezone(place):%-d %b %H:%M}"
    if fired.run_state is None:
        return Mark("missed", f"{at}: {missed_words(fired) or words.ITS_RUN_IS_GONE}")
    return Mark(fired.run_state.value, f"{at}: {fired.run_state.value}")


def _strip_label(last: Sequence[FiredAt]) -> str:
    """The strip in one sentence, for who can't see it: "Last 5 due times: 3 completed, 2 missed"."""
    if not last:
        return words.NO_DUE_TIME_YET
    told = [(one.run_state or "missed") for one in last]
    counts = [(name, told.count(name)) for name in (*RunState, "missed")]
    said = ", ".join(f"{count} {name}" for name, count in counts if count)
    return words.last_due_times(len(last), said) if len(last) > 1 else words.one_due_time(said)
