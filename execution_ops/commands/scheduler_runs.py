"""`execution-ops runs …`: the runs of schedules for a terminal."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.text import Text

from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    complain,
    note,
    opened,
    out,
    print_json,
    safe,
    table,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.queue_lag import QueueLag
from execution_ops.domain.run_events import RunLine
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Run, Trigger
from execution_ops.domain.schedule_verbs import RUN_RETRY, RUN_RETRY_FAILED
from execution_ops.domain.states import ENDED_RUNS, RunState, TargetState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.verbs import Stamp
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX

LOOK_S = 0.5
_COLUMNS = ("ID", "TRIGGER", "SCHEDULE", "STATE", "PROGRESS", "DURATION", "MADE")
_STYLES = {
    RunState.PLANNING: "cyan",
    RunState.QUEUED: "dim",
    RunState.RUNNING: "blue",
    RunState.COMPLETED: "green",
    RunState.ERROR: "red",
    RunState.CANCELED: "yellow",
}

_LINE_STYLES = {LogLevel.ERROR: "red", LogLevel.WARNING: "yellow", LogLevel.DEBUG: "dim"}

app = typer.Typer(no_args_is_help=True, help="List, show, watch, cancel and retry the runs of schedules.")

RunId = Annotated[str, typer.Argument(metavar="ID", help="The id of a run.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]


@app.command("list", epilog=EXIT_CODES)
def list_runs(
    state: Annotated[list[RunState] | None, typer.Option(help="Only those in this state; repeatable.")] = None,
    trigger: Annotated[list[Trigger] | None, typer.Option(help="Only those made so; repeatable.")] = None,
    schedule: Annotated[list[str] | None, typer.Option(help="Only those of this schedule; repeatable.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(help="Only those of this tenant; repeatable.")] = None,
    after: Annotated[str, typer.Option(help="Made since: an ISO 8601 instant or an age like 24h.")] = "",
    before: Annotated[str, typer.Option(help="Made before: likewise.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first."""
    with opened(as_json=as_json) as (services, actor):
        named = {"state": state, "trigger": trigger, "schedule": schedule, "tenant": tenant}
        pairs = [(name, str(value)) for name, values in named.items() for value in values or ()]
        pairs += [(name, value) for name, value in (("after", after), ("before", before)) if value]
        where = RunFilter.from_query(pairs)
        page = services.runs.list(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            items = [run.model_dump(mode="json") for run in page.rows]
            print_json({"items": items, "next_cursor": page.older})
            return
        if page.rows:
            out().print(
                table(("ID", "TRIGGER", "SCHEDULE", "STATE", "PROGRESS", "DURATION", "MADE"), map(_cells, page.rows))
            )
        else:
            note(f"There are no {where.describe()}." if where.active() else "There are no runs yet.")
        if page.older:
            note(f"There are more: --cursor {page.older}")


@app.command(epilog=EXIT_CODES)
def lag(as_json: JsonOption = False) -> None:
    """Show how far the queues are behind: what waits in each, since when, what runs, and who serves it."""
    with opened(as_json=as_json) as (services, actor):
        found = services.scheduler.lag(actor)
        if as_json:
            print_json(found)
            return
        if found.items:
            out().print(table(("QUEUE", "DEPTH", "OLDEST", "RUNNING", "WORKERS"), map(_lag_cells, found.items)))
        else:
            note("No queue has had a job yet.")
        for line in found.items:
            if line.stuck:
                note(line.stuck)


@app.command(epilog=EXIT_CODES)
def show(run_id: RunId, as_json: JsonOption = False) -> None:
    """Show a run: its figures, its segments and what failed."""
    with opened(as_json=as_json) as (services, actor):
        detail = services.runs.get(actor, run_id)
        if as_json:
            print_json(detail)
            return
        for name, value in _facts(detail.run):
            if value:
                out().print(Text.assemble((f"{name:<10} ", "bold"), safe(value)))
        rows = ((str(one.no), one.name, _states(one.by_state)) for one in detail.segments)
        if detail.segments:
            out().print(table(("SEGMENT", "TARGETS OF", "STATES"), rows))


@app.command(epilog=EXIT_CODES)
def targets(
    run_id: RunId,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    after: Annotated[int, typer.Option(min=0, help="The number of the last target that you saw.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """List the targets of a run, with the DAG and the error of each."""
    with opened(as_json=as_json) as (services, actor):
        found = services.runs.targets(actor, run_id, after=after, limit=limit)
        if as_json:
            print_json({"items": [one.model_dump(mode="json") for one in found]})
        else:
            rows = ((str(one.no), one.state.value, one.target, one.dag_id, one.error) for one in found)
            out().print(table(("NO", "STATE", "TARGET", "DAG", "ERROR"), rows))


@app.command(epilog=EXIT_CODES)
def wait(run_id: RunId, as_json: JsonOption = False) -> None:
    """Wait until a run has ended; fails if it did not complete."""
    with opened(as_json=as_json) as (services, actor):
        run = services.runs.get(actor, run_id).run
        while run.state not in ENDED_RUNS:
            time.sleep(LOOK_S)
            run = services.runs.get(actor, run_id).run
        _say("Ended", run, as_json=as_json)
        if run.state is not RunState.COMPLETED:
            if run.error and not as_json:
                complain(run.error)
            raise typer.Exit(Exit.FAILED)


@app.command(epilog=EXIT_CODES)
def logs(
    run_id: RunId,
    level: Annotated[LogLevel | None, typer.Option(help="At least this level.")] = None,
    text: Annotated[str, typer.Option(help="Only lines that contain this.")] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended; fails if it did not complete.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print what a run and its jobs logged."""
    with opened(as_json=as_json) as (services, actor):
        after = 0
        while True:
            part = services.run_stream.log(actor, run_id, after=after, limit=LOG_LIMIT_MAX, level=level, text=text)
            for line in part.lines:
                _print_line(line, as_json=as_json)
            if part.lines:
                after = part.lines[-1].line
            if len(part.lines) == LOG_LIMIT_MAX:
                continue
            if not follow:
                return
            if part.feed.closed:
                break
            time.sleep(LOOK_S)
        run = services.runs.find(actor, run_id)
        if run.state is not RunState.COMPLETED:
            if not as_json:
                complain(run.error or f"The run is {run.state.value}.")
            raise typer.Exit(Exit.FAILED)


@app.command(epilog=EXIT_CODES)
def cancel(
    run_id: RunId,
    reason: Annotated[str, typer.Option(help="Why; required.")] = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Cancel a run that has not ended."""
    with opened(as_json=as_json) as (services, actor):
        _say("Canceled", services.runs.cancel(actor, run_id, _stamp(actor, reason, ticket)), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def retry(
    run_id: RunId,
    failed: Annotated[bool, typer.Option("--failed", help="Only the segments that did not all succeed.")] = False,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Start a run that repeats one that has ended."""
    with opened(as_json=as_json) as (services, actor):
        verb = RUN_RETRY_FAILED if failed else RUN_RETRY
        _say("Started", services.runs.retry(actor, verb, run_id, _stamp(actor, reason, ticket)), as_json=as_json)


def _print_line(line: RunLine, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(line.model_dump(mode="json")))
        return
    where = f"segment {line.segment}" if line.segment else "run"
    source = "" if line.source == "run" else f"{line.source}: "
    out().print(
        safe(f"{line.line:>6}  {iso(line.at)}  {where:<10}  {source}{line.text}", _LINE_STYLES.get(line.level, ""))
    )


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())


def _say(what: str, run: Run, *, as_json: bool) -> None:
    if as_json:
        print_json(run)
    else:
        out().print(safe(f"{what} {run.id} of {run.schedule_name}: {run.state.value}"))


def _cells(run: Run) -> tuple[str | Text, ...]:
    counts = run.counts
    progress = f"{counts.done:,} of {counts.planned:,}" if counts.planned else ""
    if failed := counts.of(TargetState.FAILED):
        progress += f", {failed:,} failed"
    state = Text(run.state.value, style=_STYLES[run.state])
    return (
        *(run.id, run.trigger.value, run.schedule_name, state, progress),
        *(describe_duration(run.duration_ms), iso(run.created_at)),
    )


def _lag_cells(line: QueueLag) -> tuple[str | Text, ...]:
    depth = Text(f"{line.depth:,}", style="yellow" if line.stuck else "")
    return line.queue, depth, describe_duration(line.oldest_wait_ms), f"{line.running:,}", f"{line.workers:,}"


def _facts(run: Run) -> list[tuple[str, str]]:
    counts, deltas = run.counts, run.deltas
    found = f"{counts.candidates:,} candidates, {counts.deduped:,} named twice, {counts.unchanged:,} unchanged"
    compared = f"{deltas.added:,} added, {deltas.removed:,} removed, {deltas.changed:,} changed"
    return [
        ("run", run.id),
        ("schedule", f"{run.schedule_name}, version {run.schedule_version} ({run.schedule_id})"),
        ("state", run.state.value),
        ("error", f"{run.error_code}: {run.error}" if run.error_code else ""),
        ("trigger", f"{run.trigger.value} {run.requested_by} {run.why}".strip()),
        ("retry of", run.retry_of),
        ("due", iso(run.due_at) if run.due_at else ""),
        ("made", iso(run.created_at)),
        ("started", iso(run.started_at) if run.started_at else ""),
        ("duration", describe_duration(run.duration_ms)),
        ("found", f"{found}, {counts.over:,} over the limit"),
        ("targets", _states(counts.by_state)),
        ("deltas", compared if deltas.compared else ""),
        ("canceled", f"by {run.canceled_by}: {run.cancel_reason}" if run.canceled_by else ""),
    ]


def _states(by_state: dict[TargetState, int]) -> str:
    return ", ".join(f"{count:,} {state.value}" for state, count in by_state.items())
