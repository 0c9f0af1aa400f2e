"""`execution-ops schedules …`: schedules for a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.text import Text

from execution_ops.commands.output import (
    EXIT_CODES,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    safe,
    table,
    warn_without_worker,
)
from execution_ops.commands.schedule_views import came, cells, facts, show_plan, show_times
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.schedule_filters import ScheduleFilter
from execution_ops.domain.schedule_verbs import SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from execution_ops.domain.schedules import (
    Mode,
    Overlap,
    ScheduleSpec,
    ScheduleState,
    differences,
)
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.bulk import QUEUE
from execution_ops.services.schedules import ScheduleRow

app = typer.Typer(no_args_is_help=True, help="List, make, edit, pause, resume, run and delete schedules.")

ScheduleId = Annotated[str, typer.Argument(metavar="ID", help="The id of a schedule.")]
Reason = Annotated[str, typer.Option(help="Why.")]
NeededReason = Annotated[str, typer.Option(help="Why; required.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Revision = Annotated[
    int | None, typer.Option(help="Refuse if the schedule is not at this revision any more; `show` tells it.")
]


@app.command("list", epilog=EXIT_CODES)
def list_schedules(
    tenant: Annotated[list[str] | None, typer.Option(help="Only those of this tenant; repeatable.")] = None,
    state: Annotated[list[ScheduleState] | None, typer.Option(help="Only those that are so.")] = None,
    job_type: Annotated[list[str] | None, typer.Option(help="Only those that start this type; repeatable.")] = None,
    missed: Annotated[bool | None, typer.Option("--missed/--not-missed", help="Whether the last one was.")] = None,
    text: Annotated[str, typer.Option(help="Only those with this in name or description.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List schedules with when they fire and what came of the last due time."""
    where = ScheduleFilter(
        tenant=tuple(tenant or ()),
        state=tuple(state or ()),
        job_type=tuple(job_type or ()),
        missed=missed,
        text=text,
    )
    with opened(as_json=as_json) as (services, actor):
        rows = services.schedules.list(actor, where)
        if as_json:
            print_json({"items": [row.model_dump(mode="json") for row in rows]})
        elif rows:
            out().print(table(("ID", "TENANT", "NAME", "STATE", "RULE", "ZONE", "NEXT", "LAST"), map(cells, rows)))
        else:
            note(f"There are no {where.describe()}." if where.active() else "There are no schedules yet.")


@app.command(epilog=EXIT_CODES)
def show(schedule_id: ScheduleId, as_json: JsonOption = False) -> None:
    """Show a schedule: what it runs, its next times and what came of the last ones."""
    with opened(as_json=as_json) as (services, actor):
        row = services.schedules.get(actor, schedule_id)
        if as_json:
            print_json(row)
            return
        for name, value in facts(row):
            out().print(Text.assemble((f"{name:<12} ", "bold"), safe(value)))
        spec = row.schedule.spec
        show_times(services.schedules.preview(actor, spec.cron, spec.zone))
        if row.last:
            out().print(table(("DUE", "WHAT CAME OF IT"), ((iso(fired.due_at), came(fired)) for fired in row.last)))


@app.command(epilog=EXIT_CODES)
def preview(
    cron: Annotated[str, typer.Argument(help="A cron rule of 5 or 6 fields (seconds first), or a form like @hourly.")],
    zone: Annotated[str, typer.Option(help="An IANA time zone.")] = "UTC",
    count: Annotated[int, typer.Option(min=1, max=50)] = 10,
    as_json: JsonOption = False,
) -> None:
    """Say a rule in words and list its next times, with what a change of the clock leaves out."""
    with opened(as_json=as_json) as (services, actor):
        found = services.schedules.preview(actor, cron, zone, count=count)
        if as_json:
            print_json(found)
        else:
            out().print(safe(f"{found.words} ({found.zone})"))
            show_times(found)


@app.command(epilog=EXIT_CODES)
def create(
    name: Annotated[str, typer.Argument(help="What it is called; one of a tenant.")],
    cron: Annotated[str, typer.Option(help="A cron rule of 5 or 6 fields (seconds first), or a form like @hourly.")],
    job_type: Annotated[str, typer.Option(help="What runs for each target.")] = "scan.inspect",
    target: Annotated[list[str] | None, typer.Option(help="A path or glob below the scan roots; repeatable.")] = None,
    payload: Annotated[str, typer.Option(help="The payload as JSON; {target} in it becomes the target.")] = "{}",
    zone: Annotated[str, typer.Option(help="An IANA time zone.")] = "UTC",
    mode: Annotated[Mode, typer.Option(help="analysis-only leaves out what did not change.")] = Mode.CONTENT_REFRESH,
    overlap: Annotated[Overlap, typer.Option(help="At a due time while a run goes on.")] = Overlap.SKIP,
    catch_up: Annotated[int, typer.Option(help="How late it may still fire, in seconds.")] = 3600,
    max_jobs: Annotated[int, typer.Option(help="At most so many targets in a run.")] = 1_000,
    parallelism: Annotated[int, typer.Option(help="At most so many of them at once.")] = 4,
    description: Annotated[str, typer.Option()] = "",
    owner: Annotated[str, typer.Option(help="Who answers for it; you if left out.")] = "",
    tenant: Annotated[str, typer.Option(help="Whose it is; yours if left out.")] = "",
    paused: Annotated[bool, typer.Option("--paused", help="Make it, but do not let it fire.")] = False,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Make a schedule."""
    spec = ScheduleSpec(
        name=name,
        description=description,
        owner=owner,
        job_type=job_type,
        payload=_payload(payload),
        targets=tuple(target or ()),
        cron=cron,
        zone=zone,
        mode=mode,
        overlap=overlap,
        catch_up_s=catch_up,
        max_jobs=max_jobs,
        parallelism=parallelism,
    )
    with opened(as_json=as_json) as (services, actor):
        stamp = _stamp(actor, reason, ticket)
        _say("Made", services.schedules.create(actor, spec, stamp, tenant=tenant, paused=paused), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def edit(
    schedule_id: ScheduleId,
    spec: Annotated[Path, typer.Option(help="A file with the whole spec, as `show --json` gives it; - for stdin.")],
    reason: Reason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Give a schedule its next version, and say what differs."""
    with opened(as_json=as_json) as (services, actor):
        before = services.schedules.get(actor, schedule_id).schedule
        seen = before.revision if revision is None else revision
        row = services.schedules.edit(
            actor, schedule_id, _read_spec(spec), _stamp(actor, reason, ticket), revision=seen
        )
        _say("Changed", row, as_json=as_json)
        if not as_json:
            changed = differences(before.spec, row.schedule.spec)
            out().print(table(("FIELD", "BEFORE", "AFTER"), ((one.field, one.before, one.after) for one in changed)))


@app.command(epilog=EXIT_CODES)
def versions(schedule_id: ScheduleId, as_json: JsonOption = False) -> None:
    """List the versions of a schedule: who made each, when and why."""
    with opened(as_json=as_json) as (services, actor):
        found = services.schedules.versions(actor, schedule_id)
        if as_json:
            print_json({"items": [one.model_dump(mode="json") for one in found]})
        else:
            rows = ((str(one.version), iso(one.at), one.by, one.reason, one.spec.cron) for one in found)
            out().print(table(("VERSION", "AT", "BY", "REASON", "RULE"), rows))


@app.command(epilog=EXIT_CODES)
def pause(
    schedule_id: ScheduleId,
    reason: NeededReason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Let a schedule fire no more; what comes due meanwhile is recorded as missed."""
    _act(SCHEDULE_PAUSE, schedule_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resume(
    schedule_id: ScheduleId,
    reason: Reason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Let a schedule fire again, from its next due time on."""
    _act(SCHEDULE_RESUME, schedule_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def delete(
    schedule_id: ScheduleId,
    reason: NeededReason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a schedule; its runs and versions are kept."""
    _act(SCHEDULE_DELETE, schedule_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def run(
    schedule_id: ScheduleId,
    dry: Annotated[bool, typer.Option("--preview", help="Only say what it would find, as seen from here.")] = False,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Start a run now, also of a paused schedule."""
    with opened(as_json=as_json) as (services, actor):
        if dry:
            spec = services.schedules.get(actor, schedule_id).schedule.spec
            show_plan(services.schedules.candidates(actor, spec, schedule_id=schedule_id), as_json=as_json)
            return
        started = services.schedules.run(actor, schedule_id, _stamp(actor, reason, ticket))
        if as_json:
            print_json(started)
        else:
            out().print(safe(f"Started {started.id} of {started.schedule_name}"))
        warn_without_worker(services, actor, QUEUE, "the run")


def _act(verb: Verb, schedule_id: str, reason: str, ticket: str, revision: int | None, *, as_json: bool) -> None:
    with opened(as_json=as_json) as (services, actor):
        row = services.schedules.act(actor, verb, schedule_id, _stamp(actor, reason, ticket), revision=revision)
        _say(verb.label, row, as_json=as_json)


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())


def _payload(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--payload is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise typer.BadParameter("--payload is a JSON object.")
    return value


def _read_spec(path: Path) -> ScheduleSpec:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        value = json.loads(text)
        # What `show --json` prints has the spec inside.
        inner = value["schedule"]["spec"] if "schedule" in value else value
        return ScheduleSpec.model_validate(inner)
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise InvalidInput(f"{path} holds no spec of a schedule: {why}.") from error


def _say(what: str, row: ScheduleRow, *, as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        spec = row.schedule.spec
        out().print(
            safe(f"{what} {row.schedule.id} {spec.name}: {row.words} ({spec.zone}), {row.schedule.state.value}")
        )
