"""`execution-ops jobs …`: what the console's job pages do, for a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

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
    state_text,
    table,
)
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import NodeSpec
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import JobDetail, JobRow, LogLevel, LogLine, Outcome, Page, error_text
from execution_ops.domain.states import ENDED
from execution_ops.domain.times import describe_duration, iso, to_ms
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.bulk import NODE_KEY
from execution_ops.services.jobs import SUBMITTED_KEY
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX

LOOK_S = 0.5

app = typer.Typer(no_args_is_help=True, help="List, show, submit, cancel and retry jobs, and read their logs.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of jobs.")]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The id of a job.")]
Scope = Annotated[
    str | None,
    typer.Option("--filter", help="All jobs that match, in the background: a query like 'state=failed&after=24h'."),
]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]


@app.command("list", epilog=EXIT_CODES)
def list_jobs(
    state: Annotated[list[str] | None, typer.Option(help="A state; may be repeated.")] = None,
    job_type: Annotated[list[str] | None, typer.Option(help="A job type; may be repeated.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="A queue; may be repeated.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(help="A tenant; may be repeated.")] = None,
    after: Annotated[str, typer.Option(help="Created since: 24h, 30m, 7d or 2026-11-23T14:00:00Z.")] = "",
    before: Annotated[str, typer.Option(help="Created before, likewise.")] = "",
    ended_after: Annotated[str, typer.Option(help="Ended since, likewise.")] = "",
    job_id: Annotated[str, typer.Option("--id", help="An id or its beginning.")] = "",
    dag: Annotated[str, typer.Option(help="The id of a DAG.")] = "",
    worker: Annotated[str, typer.Option(help="The id of a worker.")] = "",
    quota: Annotated[str, typer.Option(help="The id of the quota that holds the jobs back.")] = "",
    error: Annotated[str, typer.Option(help="Words that all occur in the last error.")] = "",
    payload: Annotated[list[str] | None, typer.Option(help="An exact key:value; may be repeated.")] = None,
    sort: Annotated[str, typer.Option(help="newest or oldest.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List jobs. The options are the filter of the console's list."""
    many = {"state": state, "job_type": job_type, "queue": queue, "tenant": tenant}
    one = {"after": after, "before": before, "ended_after": ended_after, "id": job_id, "dag": dag}
    one |= {"worker": worker, "quota": quota, "error": error, "sort": sort}
    with opened(as_json=as_json) as (services, actor):
        pairs = [(name, value) for name, values in many.items() for value in values or ()]
        where = JobFilter.from_query([*pairs, *one.items(), *map(_payload_pair, payload or ())])
        page = services.jobs.list(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            items = [row.model_dump(mode="json") for row in page.rows]
            print_json({"items": items, "next_cursor": page.following(where.sort), "searched": page.searched})
        else:
            _print_page(page, where)


@app.command(epilog=EXIT_CODES)
def show(job_id: JobId, as_json: JsonOption = False) -> None:
    """Show one job: what it waits for, its attempts, its files."""
    with opened(as_json=as_json) as (services, actor):
        detail = services.jobs.get(actor, job_id)
        waiting = services.jobs.why_waiting(actor, detail)
        if as_json:
            print_json({**detail.model_dump(mode="json"), "waiting": waiting.model_dump(mode="json")})
            return
        _show(detail, waiting.sentence)


@app.command(epilog=EXIT_CODES)
def submit(
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="A job type of an installed package.")],
    payload: Annotated[str, typer.Option(help="The payload, a JSON object.")] = "{}",
    label: Annotated[str, typer.Option(help="A word that tells the job from others of its type.")] = "",
    priority: Annotated[int, typer.Option(min=0, help="0 runs first.")] = 0,
    tenant: Annotated[str, typer.Option(help="The tenant that the job belongs to.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Start one job."""
    with opened(as_json=as_json) as (services, actor):
        values = _json_object(payload)
        work = NodeSpec(key=SUBMITTED_KEY, job_type=job_type, payload=values, label=label, priority=priority)
        stamp = Stamp(actor=actor, idempotency_key=new_id())
        started = services.jobs.submit(actor, work, tenant=tenant, stamp=stamp)
        if as_json:
            print_json(started)
        else:
            out().print(f"Submitted: execution-ops jobs show {started.job_ids[SUBMITTED_KEY]}")


@app.command(epilog=EXIT_CODES)
def cancel(
    ids: Ids = None,
    scope: Scope = None,
    reason: Annotated[str, typer.Option(help="Why; required.")] = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Cancel jobs: waiting ones never start, running ones are asked to stop."""
    _act(CANCEL, ids or [], scope, reason, ticket, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def retry(
    ids: Ids = None,
    scope: Scope = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Start failed, timed out or canceled jobs again; the jobs behind them continue."""
    _act(RETRY, ids or [], scope, reason, ticket, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def logs(
    job_id: JobId,
    level: Annotated[LogLevel | None, typer.Option(help="At least this level.")] = None,
    text: Annotated[str, typer.Option(help="Only lines that contain this.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job has ended.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print a job's log."""
    with opened(as_json=as_json) as (services, actor):
        after = 0
        while True:
            # The state is read first: a line written after it is still found below.
            ended = services.jobs.get(actor, job_id).row.state in ENDED if follow else True
            part = services.jobs.log(actor, job_id, after=after, limit=LOG_LIMIT_MAX, level=level, text=text)
            for line in part.lines:
                _print_line(line, as_json=as_json)
            if part.lines:
                after = part.lines[-1].seq
            if len(part.lines) < LOG_LIMIT_MAX:
                if ended:
                    return
                time.sleep(LOOK_S)


def _print_page(page: Page, where: JobFilter) -> None:
    now = datetime.now(UTC)
    following = page.following(where.sort)
    if page.rows:
        columns = ("ID", "STATE", "TYPE", "LABEL", "TENANT", "CREATED", "TOOK", "ATTEMPT", "ERROR")
        out().print(table(columns, (_cells(row, now) for row in page.rows)))
    if page.searched is not None and following:
        # A search looks at so many jobs at a time: to have found none is no answer yet.
        found = "" if page.rows else ", none matched yet"
        note(f"Looked at {page.searched:,} jobs{found}; go on with --cursor {following}")
    elif following:
        note(f"There are more: --cursor {following}")
    elif not page.rows:
        note(f"There are no {where.describe()}." if where.active() else "There are no jobs yet.")


def _act(verb: Verb, ids: Sequence[str], scope: str | None, reason: str, ticket: str, *, as_json: bool) -> None:
    with opened(as_json=as_json) as (services, actor):
        if bool(ids) == (scope is not None):
            raise InvalidInput("Name either ids or a --filter.")
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        if scope is not None:
            started = services.jobs.bulk(actor, verb.name, filter_from(scope, JobFilter), stamp)
            if as_json:
                print_json(started)
            else:
                out().print(f"Started in the background: execution-ops jobs show {started.job_ids[NODE_KEY]}")
            return
        outcomes = services.jobs.act(actor, verb.name, ids, stamp)
        _report(verb, outcomes, as_json=as_json)
        if not all(outcome.done for outcome in outcomes):
            raise typer.Exit(Exit.REFUSED)


def _report(verb: Verb, outcomes: Iterable[Outcome], *, as_json: bool) -> None:
    if as_json:
        print_json({"items": [outcome.model_dump(mode="json") for outcome in outcomes]})
        return
    for outcome in outcomes:
        if outcome.done:
            state = f": now {outcome.state.value}" if outcome.state else ""
            out().print(f"{outcome.id} {verb.label.lower()}{state}")
        else:
            complain(f"{outcome.id} refused: {outcome.why}")


def _payload_pair(text: str) -> tuple[str, str]:
    key, colon, value = text.partition(":")
    if not colon:
        raise InvalidInput("A payload condition is written key:value.")
    return f"payload.{key}", value


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The payload is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidInput("A payload is a JSON object, like '{\"width\": 100}'.")
    return found


def _cells(row: JobRow, now: datetime) -> tuple[str | Text, ...]:
    took = row.duration_ms
    if row.started_at is not None and row.finished_at is None:
        took = to_ms(now) - to_ms(row.started_at)
    return (
        row.id,
        state_text(row.state, canceling=row.canceling),
        row.job_type,
        row.label,
        row.tenant,
        iso(row.created_at),
        describe_duration(took),
        f"{row.attempts}/{row.max_attempts}",
        row.error_message[:80],
    )


def _show(detail: JobDetail, sentence: str) -> None:
    row = detail.row
    facts: list[tuple[str, str | Text]] = [
        ("Job", row.id),
        ("State", state_text(row.state, canceling=row.canceling)),
        ("Why", sentence),
        ("Type", f"{row.job_type} {row.label}".strip()),
        ("Queue", row.queue),
        ("Tenant", row.tenant),
        ("DAG", f"{row.dag_id} ({detail.dag_title}, jobs: {detail.dag_size})"),
        ("Created", iso(row.created_at)),
        ("Took", describe_duration(row.duration_ms)),
        ("Progress", f"{row.progress_done}/{row.progress_total} {row.progress_note}" if row.progress_total else ""),
    ]
    console = out()
    console.print(table(("", ""), [(name, value) for name, value in facts if str(value)]))
    if detail.attempts:
        columns = ("ATTEMPT", "STATE", "WORKER", "STARTED", "TOOK", "ERROR")
        rows = [
            (
                str(attempt.number),
                attempt.state.value,
                attempt.worker,
                iso(attempt.started_at),
                describe_duration(attempt.duration_ms),
                error_text(attempt.error_type, attempt.error_message),
            )
            for attempt in detail.attempts
        ]
        console.print()
        console.print(table(columns, rows))
    for artifact in detail.artifacts:
        console.print(safe(f"{artifact.name}  {artifact.size:,} bytes  sha256:{artifact.sha256}"))


def _print_line(line: LogLine, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(line.model_dump(mode="json")))
        return
    style = {LogLevel.ERROR: "red", LogLevel.WARNING: "yellow", LogLevel.DEBUG: "dim"}.get(line.level, "")
    out().print(safe(f"{line.seq:>6}  {iso(line.at)}  {line.text}", style))
