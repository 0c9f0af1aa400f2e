"""How the commands of schedules show them."""

from __future__ import annotations

import json

from rich.text import Text

from execution_ops.commands.output import out, print_json, safe, table
from execution_ops.domain.runs import FiredAt, Plan
from execution_ops.domain.schedules import SAYS_MISSED
from execution_ops.domain.times import iso
from execution_ops.services.schedules import RulePreview, ScheduleRow

SHOWN_TARGETS = 20


def cells(row: ScheduleRow) -> tuple[str | Text, ...]:
    """The line of a schedule."""
    schedule = row.schedule
    spec = schedule.spec
    due = iso(schedule.next_at) if schedule.next_at else "never"
    last = came(row.last[0]) if row.last else ""
    return schedule.id, schedule.tenant, spec.name, schedule.state.value, row.words, spec.zone, due, last


def came(fired: FiredAt) -> str:
    """What came of a due time, in words."""
    if fired.missed is not None:
        times = f" ({fired.times:,} due times)" if fired.times > 1 else ""
        return f"missed: {SAYS_MISSED[fired.missed]}{times}"
    return f"run {fired.run_id}: {fired.run_state}"


def facts(row: ScheduleRow) -> list[tuple[str, str]]:
    """What a schedule is, as pairs of a name and words."""
    schedule = row.schedule
    spec = schedule.spec
    paused = f"paused by {schedule.paused_by}: {schedule.pause_reason}" if schedule.paused_at else "enabled"
    return [
        ("name", spec.name),
        ("tenant", schedule.tenant),
        ("owner", spec.owner),
        ("state", "deleted" if schedule.deleted_at else paused),
        ("rule", f"{row.words} ({spec.cron}, {spec.zone})"),
        ("runs", spec.job_type),
        ("targets", ", ".join(spec.targets) or "none"),
        ("payload", json.dumps(spec.payload)),
        ("mode", spec.mode.value),
        ("overlap", spec.overlap.value.replace("_", " ")),
        ("catch-up", f"{spec.catch_up_s:,} s"),
        ("limits", f"{spec.max_jobs:,} targets, {spec.parallelism} at once"),
        ("version", f"{schedule.version}, revision {schedule.revision}"),
        ("changed", f"{iso(schedule.changed_at)} by {schedule.changed_by}"),
    ]


def show_times(found: RulePreview) -> None:
    """Print the next times of a rule."""
    rows = ((iso(one.at), one.wall, one.note) for one in found.times)
    out().print(table(("NEXT (UTC)", f"IN {found.zone}", ""), rows))


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """Print what a run would find."""
    if as_json:
        print_json(plan)
        return
    said = f"{plan.candidates:,} candidates: {len(plan.targets):,} would run"
    for count, words in ((plan.deduped, "named twice"), (plan.unchanged, "unchanged"), (plan.over, "over the limit")):
        said += f", {count:,} {words}" if count else ""
    out().print(said)
    for planned in plan.targets[:SHOWN_TARGETS]:
        out().print(safe(f"  {planned.target}"))
    if len(plan.targets) > SHOWN_TARGETS:
        out().print(f"  … and {len(plan.targets) - SHOWN_TARGETS:,} more")
