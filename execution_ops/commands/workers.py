"""`execution-ops workers …`: what the console's page of the fleet does, for a terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from execution_ops.commands.output import EXIT_CODES, Exit, JsonOption, complain, note, opened, out, print_json, table
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.fleet import FleetWorker, WorkerOutcome, describe_worker
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import WorkerState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP

if TYPE_CHECKING:
    from execution_ops.services.container import Services

LOOK_S = 0.5
LIMIT_MAX = 500
_STYLES = {
    WorkerState.ONLINE: "green",
    WorkerState.DRAINING: "yellow",
    WorkerState.DRAINED: "dim",
    WorkerState.LOST: "bold red",
}

app = typer.Typer(no_args_is_help=True, help="List the worker fleet; drain, resume and stop workers.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Ids of workers, or the filters below.")]
Everyone = Annotated[bool, typer.Option("--all", help="All workers.")]
States = Annotated[list[WorkerState] | None, typer.Option("--state", help="Their state; may be repeated.")]
Queues = Annotated[list[str] | None, typer.Option("--queue", help="One of their queues; may be repeated.")]
Hosts = Annotated[list[str] | None, typer.Option("--host", help="Their machine; may be repeated.")]
Versions = Annotated[list[str] | None, typer.Option("--version", help="The version that they run; may be repeated.")]
Required = Annotated[str, typer.Option(help="Why; required.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Wait = Annotated[bool, typer.Option("--wait", help="Return once none of them runs a job any more.")]
Timeout = Annotated[float, typer.Option(min=0, help="With --wait: after so many seconds, exit with 1.")]


@app.command("list", epilog=EXIT_CODES)
def list_workers(
    state: States = None,
    queue: Queues = None,
    host: Hosts = None,
    version: Versions = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_MAX,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the workers that live or ended in the last day, and what to look at."""
    with opened(as_json=as_json) as (services, actor):
        where = _where(state, queue, host, version)
        page = services.workers.list(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            print_json({"items": [one.model_dump(mode="json") for one in page.rows], "next_cursor": page.after})
            return
        if page.rows:
            columns = ("ID", "NAME", "STATE", "VERSION", "QUEUES", "SLOTS", "HEARTBEAT", "MEMORY", "CPU")
            now = datetime.now(UTC)
            out().print(table(columns, [_cells(worker, now) for worker in page.rows]))
        else:
            note(f"There are no {where.describe()}." if where.active() else "There is no worker: execution-ops worker")
        if page.after:
            note(f"There are more: --cursor {page.after}")
        found = services.workers.summary(actor)
        note(found.sentence)
        for warning in found.warnings:
            note(warning.sentence)


@app.command(epilog=EXIT_CODES)
def show(worker_id: Annotated[str, typer.Argument(metavar="ID")], as_json: JsonOption = False) -> None:
    """Show one worker and some of the jobs that it runs."""
    with opened(as_json=as_json) as (services, actor):
        worker = services.workers.get(actor, worker_id)
        if as_json:
            print_json(worker)
            return
        facts = [
            ("Worker", worker.id),
            ("Name", worker.name),
            ("State", f"{worker.state.value}: {describe_worker(worker)}"),
            ("Asked", _asked(worker)),
            ("Host", f"{worker.host}, pid {worker.pid}"),
            ("Version", worker.version),
            ("Queues", ", ".join(worker.queues)),
            ("Slots", f"{worker.running:,}/{worker.slots:,} used"),
            ("Memory", _memory(worker)),
            ("CPU", _cpu(worker)),
            ("Started", iso(worker.started_at)),
            ("Heartbeat", iso(worker.heartbeat_at)),
            ("Ended", iso(worker.ended_at) if worker.ended_at else ""),
            *(("Runs", f"{job.id} {job.job_type} {job.label}".strip()) for job in worker.jobs),
        ]
        out().print(table(("", ""), [fact for fact in facts if fact[1]]))


@app.command(epilog=EXIT_CODES)
def drain(
    ids: Ids = None,
    everyone: Everyone = False,
    queue: Queues = None,
    host: Hosts = None,
    version: Versions = None,
    reason: Required = "",
    ticket: Ticket = "",
    wait: Wait = False,
    timeout: Timeout = 3600,
    as_json: JsonOption = False,
) -> None:
    """Let workers finish what they run and take nothing new, until they are resumed."""
    where = _where(None, queue, host, version)
    _act(WORKER_DRAIN, ids, where, reason, ticket, timeout if wait else None, everyone=everyone, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resume(
    ids: Ids = None,
    everyone: Everyone = False,
    queue: Queues = None,
    host: Hosts = None,
    version: Versions = None,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Let drained workers take jobs again."""
    where = _where(None, queue, host, version)
    _act(WORKER_RESUME, ids, where, reason, ticket, None, everyone=everyone, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def stop(
    ids: Ids = None,
    everyone: Everyone = False,
    queue: Queues = None,
    host: Hosts = None,
    version: Versions = None,
    reason: Required = "",
    ticket: Ticket = "",
    wait: Wait = False,
    timeout: Timeout = 3600,
    as_json: JsonOption = False,
) -> None:
    """Let workers finish what they run, then end. `execution-ops up` does not start its own again."""
    where = _where(None, queue, host, version)
    _act(WORKER_STOP, ids, where, reason, ticket, timeout if wait else None, everyone=everyone, as_json=as_json)


def _act(
    verb: Verb,
    ids: list[str] | None,
    where: WorkerFilter,
    reason: str,
    ticket: str,
    timeout_s: float | None,
    *,
    everyone: bool,
    as_json: bool,
) -> None:
    with opened(as_json=as_json) as (services, actor):
        if sum((bool(ids), bool(where.active()), everyone)) != 1:
            raise InvalidInput("Name ids of workers, or filters, or --all: one of the three.")
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        if ids:
            outcomes = services.workers.act(actor, verb.name, ids, stamp)
        else:
            outcomes = services.workers.act_on_matching(actor, verb.name, where, stamp)
        busy = [] if timeout_s is None else _await(services, actor, outcomes, verb, timeout_s)
        if as_json:
            print_json({"outcomes": [one.model_dump(mode="json") for one in outcomes], "busy": busy})
        else:
            _say(verb, outcomes, busy, waited=timeout_s is not None)
        if busy:
            raise typer.Exit(Exit.FAILED)
        if outcomes and not any(outcome.done for outcome in outcomes):
            raise typer.Exit(Exit.REFUSED)


def _await(
    services: Services, actor: Actor, outcomes: Sequence[WorkerOutcome], verb: Verb, timeout_s: float
) -> list[str]:
    """Wait until the workers have done as asked; the ids of those that had not when the time was over."""
    ids = {outcome.id for outcome in outcomes if outcome.done}
    deadline, pause = time.monotonic() + timeout_s, threading.Event()
    while True:
        left = [
            one.id
            for one in services.workers.fleet(actor).workers
            if one.id in ids and not one.gone and (verb is WORKER_STOP or one.state is WorkerState.DRAINING)
        ]
        if not left or time.monotonic() >= deadline:
            return left
        pause.wait(LOOK_S)


def _say(verb: Verb, outcomes: Sequence[WorkerOutcome], busy: Sequence[str], *, waited: bool) -> None:
    if not outcomes:
        note(f"{verb.label}: there is no worker that this would change.")
    for outcome in outcomes:
        if outcome.done:
            out().print(f"{verb.label}: {outcome.id}", markup=False)
        else:
            complain(f"{outcome.id}: {outcome.why}")
    if busy:
        complain(f"Still not done when the time was over: {', '.join(busy)}")
    elif waited and outcomes:
        note("None of them runs a job any more.")


def _where(
    state: list[WorkerState] | None, queue: list[str] | None, host: list[str] | None, version: list[str] | None
) -> WorkerFilter:
    named = (("state", [one.value for one in state or ()]), ("queue", queue), ("host", host), ("version", version))
    return WorkerFilter.from_query([(name, value) for name, values in named for value in values or ()])


def _cells(worker: FleetWorker, now: datetime) -> tuple[str | Text, ...]:
    word = "ended" if worker.gone and worker.state is WorkerState.DRAINED else worker.state.value
    age = describe_duration(max(0, int((now - worker.heartbeat_at).total_seconds() * 1000)))
    return (
        worker.id,
        worker.name,
        Text(word, style=_STYLES[worker.state]),
        worker.version,
        ", ".join(worker.queues),
        f"{worker.running:,}/{worker.slots:,}",
        f"{age} ago" + (" (late)" if worker.late and not worker.gone else ""),
        _memory(worker),
        _cpu(worker),
    )


def _memory(worker: FleetWorker) -> str:
    return "" if worker.memory_bytes is None else describe_bytes(worker.memory_bytes)


def _cpu(worker: FleetWorker) -> str:
    return "" if worker.cpu_percent is None else f"{worker.cpu_percent}% of a core"


def _asked(worker: FleetWorker) -> str:
    if not worker.asked or worker.asked_at is None:
        return ""
    reason = f": {worker.asked_reason}" if worker.asked_reason else ""
    return f"to {worker.asked.value} by {worker.asked_by} at {iso(worker.asked_at)}{reason}"
