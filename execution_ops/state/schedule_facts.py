"""What the drawer of a schedule shows, prepared from what the service gives: flat, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from execution_ops.domain.runs import FiredAt, Plan
from execution_ops.domain.schedules import Mode, Overlap, ScheduleVersion, differences
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.words import counted
from execution_ops.services.schedules import Preview, ScheduleRow
from execution_ops.state.schedules_view import missed_words, run_href

PATHS_SHOWN = 20
SAYS_OVERLAP: dict[Overlap, str] = {
    Overlap.SKIP: "skip: that due time is missed",
    Overlap.QUEUE_ONE: "queue one: one run waits, more are missed",
    Overlap.ALLOW: "allow: both run",
}
SAYS_MODE: dict[Mode, str] = {
    Mode.CONTENT_REFRESH: "every target, each time",
    Mode.ANALYSIS_ONLY: "only targets that changed since they last succeeded",
}
SAYS_FIELD = {
    "name": "Name",
    "description": "Description",
    "owner": "Owner",
    "job_type": "Job type",
    "payload": "Payload",
    "targets": "Targets",
    "cron": "Rule",
    "zone": "Time zone",
    "mode": "Mode",
    "overlap": "While a run goes on",
    "catch_up_s": "Catch-up, in seconds",
    "max_jobs": "Targets at most",
    "parallelism": "At once",
}
_WORDLESS = "none"


@dataclass(frozen=True)
class FiredLine:
    """A due time of the past, in the drawer."""

    key: str
    at: str
    state: str
    words: str
    href: str


@dataclass(frozen=True)
class TimeLine:
    """A time to come: the day and the time in the rule's zone, and the instant in UTC, each as text."""

    no: str
    day: str
    wall: str
    utc: str
    fires: bool
    note: str


@dataclass(frozen=True)
class DiffLine:
    """One field that a version changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionLine:
    """One version, with what it changed in the one before."""

    title: str
    by: str
    at: str
    reason: str
    changes: list[DiffLine]


@dataclass(frozen=True)
class ScheduleFacts:
    """A schedule in its drawer. Times are ISO 8601 or empty."""

    id: str = ""
    name: str = ""
    subtitle: str = ""
    description: str = ""
    state: str = ""
    paused: bool = False
    paused_by: str = ""
    paused_at: str = ""
    pause_reason: str = ""
    words: str = ""
    cron: str = ""
    zone: str = ""
    next_at: str = ""
    tenant: str = ""
    owner: str = ""
    job_type: str = ""
    mode: str = ""
    overlap: str = ""
    catch_up: str = ""
    limits: str = ""
    payload: str = ""
    targets: list[str] = field(default_factory=list)


def fired_line(fired: FiredAt) -> FiredLine:
    """A due time of the past, with what came of it."""
    return FiredLine(
        key=iso(fired.due_at),
        at=iso(fired.due_at),
        state=fired.run_state.value if fired.run_state else "",
        words=missed_words(fired),
        href=run_href(fired.run_id),
    )


def time_lines(times: Sequence[Preview]) -> list[TimeLine]:
    """Times to come as a table has them."""
    return [_time_line(number, time) for number, time in enumerate(times, 1)]


def version_lines(versions: Sequence[ScheduleVersion]) -> list[VersionLine]:
    """The versions, newest first, each with what it changed in the one before."""
    older: list[ScheduleVersion | None] = [*versions[1:], None]
    return [
        VersionLine(
            title=f"Version {one.version}",
            by=visible(one.by),
            at=iso(one.at),
            reason=visible(one.reason),
            changes=[]
            if before is None
            else [
                DiffLine(
                    label=SAYS_FIELD[change.field],
                    before=visible(change.before, lines=True) or _WORDLESS,
                    after=visible(change.after, lines=True) or _WORDLESS,
                )
                for change in differences(before.spec, one.spec)
            ],
        )
        for one, before in zip(versions, older, strict=True)
    ]


def schedule_facts(row: ScheduleRow, payload: str) -> ScheduleFacts:
    """A schedule as its drawer tells it; `payload` is the template as text."""
    schedule, spec = row.schedule, row.schedule.spec
    return ScheduleFacts(
        id=schedule.id,
        name=visible(spec.name),
        subtitle=f"Version {schedule.version}, last change {schedule.changed_at:%-d %b %H:%M} UTC "
        f"by {visible(schedule.changed_by)}",
        description=visible(spec.description, lines=True),
        state=schedule.state.value,
        paused=schedule.paused_at is not None,
        paused_by=visible(schedule.paused_by),
        paused_at=iso(schedule.paused_at) if schedule.paused_at else "",
        pause_reason=visible(schedule.pause_reason),
        words=row.words,
        cron=spec.cron,
        zone=spec.zone,
        next_at=iso(schedule.next_at) if schedule.next_at else "",
        tenant=schedule.tenant,
        owner=visible(spec.owner),
        job_type=spec.job_type,
        mode=SAYS_MODE[spec.mode],
        overlap=SAYS_OVERLAP[spec.overlap],
        catch_up=describe_duration(spec.catch_up_s * 1000) if spec.catch_up_s else "no catch-up",
        limits=f"{spec.max_jobs:,} targets, {spec.parallelism:,} at once",
        payload=visible(payload, lines=True),
        targets=[visible(target) for target in spec.targets],
    )


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """What a run would do now, as (label, words); the last line has the first of the paths."""
    found = len(plan.targets)
    lines = [("Candidates", f"{plan.candidates:,} found")]
    if plan.deduped:
        lines.append(("Named twice", f"{plan.deduped:,}: each target runs once"))
    if plan.unchanged:
        lines.append(("Unchanged", f"{plan.unchanged:,} left out: nothing in them changed"))
    if plan.over:
        lines.append(("Over the limit", f"{plan.over:,} left out"))
    lines.append(("Would run", counted(found, "target")))
    paths = [visible(one.target) for one in plan.targets[:PATHS_SHOWN] if one.target]
    if rest := (found - len(paths) if paths else 0):
        paths.append(f"and {rest:,} more")
    return [*lines, ("Targets", "\n".join(paths))] if paths else lines


def _time_line(number: int, time: Preview) -> TimeLine:
    wall = datetime.fromisoformat(time.wall)
    at = time.at.astimezone(UTC)
    clock = "%H:%M:%S" if wall.second else "%H:%M"
    # Another day in UTC than on the wall is said.
    utc = at.strftime(clock if at.date() == wall.date() else f"%-d %b {clock}")
    return TimeLine(
        no=str(number),
        day=f"{wall:%a %-d %b %Y}",
        wall=wall.strftime(clock),
        utc=utc if time.fires else "skipped",
        fires=time.fires,
        note=time.note,
    )
