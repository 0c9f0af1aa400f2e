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
from execution_ops.texts import common
from execution_ops.texts import schedules as words

PATHS_SHOWN = 20
SAYS_OVERLAP: dict[Overlap, str] = {
    Overlap.SKIP: words.SKIP_MEANS,
    Overlap.QUEUE_ONE: words.QUEUE_ONE_MEANS,
    Overlap.ALLOW: words.ALLOW_MEANS,
}
SAYS_MODE: dict[Mode, str] = {
    Mode.CONTENT_REFRESH: words.REFRESH_MEANS,
    Mode.ANALYSIS_ONLY: words.ANALYSIS_MEANS,
}
SAYS_FIELD = {
    "name": common.NAME,
    "description": words.DESCRIPTION,
    "owner": words.OWNER,
    "job_type": common.JOB_TYPE,
    "payload": common.PAYLOAD,
    "targets": common.TARGETS,
    "cron": common.RULE,
    "zone": words.TIME_ZONE,
    "mode": words.MODE,
    "overlap": words.WHILE_A_RUN_GOES_ON,
    "catch_up_s": words.CATCH_UP_IN_SECONDS,
    "max_jobs": words.TARGETS_AT_MOST,
    "parallelism": words.AT_ONCE,
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
            title=words.version(one.version),
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
        subtitle=words.last_change(schedule.version, schedule.changed_at, visible(schedule.changed_by)),
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
        catch_up=describe_duration(spec.catch_up_s * 1000) if spec.catch_up_s else words.NO_CATCH_UP,
        limits=words.limits(spec.max_jobs, spec.parallelism),
        payload=visible(payload, lines=True),
        targets=[visible(target) for target in spec.targets],
    )


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """What a run would do now, as (label, words); the last line has the first of the paths."""
    found = len(plan.targets)
    lines = [(words.CANDIDATES, words.found(plan.candidates))]
    if plan.deduped:
        lines.append((words.NAMED_TWICE, words.each_target_runs_once(plan.deduped)))
    if plan.unchanged:
        lines.append((words.UNCHANGED, words.unchanged(plan.unchanged)))
    if plan.over:
        lines.append((words.OVER_THE_LIMIT, words.left_out(plan.over)))
    lines.append((words.WOULD_RUN, counted(found, "target")))
    paths = [visible(one.target) for one in plan.targets[:PATHS_SHOWN] if one.target]
    if rest := (found - len(paths) if paths else 0):
        paths.append(words.and_more(rest))
    return [*lines, (common.TARGETS, "\n".join(paths))] if paths else lines


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
