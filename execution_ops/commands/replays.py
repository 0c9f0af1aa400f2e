"""`execution-ops replays …`: what the console's pages of replay plans do, for a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    safe,
    table,
    warn_without_worker,
)
from execution_ops.commands.replay_views import cells, item_cells, progress, say
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_verbs import ABORT_PLAN, HOLD_PLAN, RESUME_PLAN, START_PLAN
from execution_ops.domain.replays import ItemStatus, ReplayPlan, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.bulk import QUEUE
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

if TYPE_CHECKING:
    from execution_ops.services.container import Services

LOOK_S = 0.5
OVER = (ReplayState.COMPLETED, ReplayState.ABORTED)

app = typer.Typer(no_args_is_help=True, help="List, show, start, pause, resume, abort and take back replay plans.")

PlanId = Annotated[str, typer.Argument(metavar="ID", help="The id of a replay plan.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
WaitOption = Annotated[
    bool,
    typer.Option("--wait", help="Follow the plan to its end; exits 1 if it was aborted or a job died again."),
]
Cursor = Annotated[str, typer.Option(help="Where the previous page ended.")]
Limit = Annotated[int, typer.Option(min=1, max=LIMIT_MAX)]
MakePlan = Callable[["Services", Actor], ReplayPlan]


@app.command("list", epilog=EXIT_CODES)
def list_plans(limit: Limit = LIMIT_DEFAULT, cursor: Cursor = "", as_json: JsonOption = False) -> None:
    """List replay plans, newest first."""
    with opened(as_json=as_json) as (services, actor):
        page = services.replays.list(actor, cursor=cursor or None, limit=limit)
        if as_json:
            items = [plan.model_dump(mode="json") for plan in page.plans]
            print_json({"items": items, "next_cursor": page.next_cursor})
            return
        if page.plans:
            columns = ("ID", "STATE", "WHAT", "ENTRIES", "SENT", "RATE", "BY", "CREATED")
            out().print(table(columns, map(cells, page.plans)))
        else:
            note("There are no replay plans yet. Make one: execution-ops dead-letters replay --filter 'state=pending'")
        if page.next_cursor:
            note(f"There are more: --cursor {page.next_cursor}")


@app.command(epilog=EXIT_CODES)
def show(plan_id: PlanId, as_json: JsonOption = False) -> None:
    """Show one plan: what its dry run found, what was sent, what came of it."""
    with opened(as_json=as_json) as (services, actor):
        say(services.replays.get(actor, plan_id), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def items(
    plan_id: PlanId,
    status: Annotated[list[ItemStatus] | None, typer.Option(help="Where an entry is; may be repeated.")] = None,
    verdict: Annotated[list[Verdict] | None, typer.Option(help="What the dry run says; may be repeated.")] = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Annotated[int, typer.Option(min=0, help="The number of the last entry of the previous page.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """List the dead letters of a plan, and why some are not sent."""
    with opened(as_json=as_json) as (services, actor):
        page = services.replays.items(
            actor, plan_id, statuses=status or (), verdicts=verdict or (), after=cursor, limit=limit
        )
        if as_json:
            found = [item.model_dump(mode="json") for item in page.items]
            print_json({"items": found, "next_cursor": None if page.next_no is None else str(page.next_no)})
            return
        columns = ("DEAD LETTER", "STATUS", "WHY", "TYPE", "LABEL", "TENANT", "JOB", "ERROR")
        if page.items:
            out().print(table(columns, map(item_cells, page.items)))
        else:
            note("This plan has no such entries.")
        if page.next_no is not None:
            note(f"There are more: --cursor {page.next_no}")


@app.command(epilog=EXIT_CODES)
def start(
    plan_id: PlanId, reason: Reason = "", ticket: Ticket = "", wait: WaitOption = False, as_json: JsonOption = False
) -> None:
    """Send what the dry run found eligible."""
    _act(START_PLAN, plan_id, reason, ticket, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def hold(plan_id: PlanId, reason: Reason = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Send nothing more until the plan is resumed."""
    _act(HOLD_PLAN, plan_id, reason, ticket, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resume(
    plan_id: PlanId, reason: Reason = "", ticket: Ticket = "", wait: WaitOption = False, as_json: JsonOption = False
) -> None:
    """Go on with what was not sent yet."""
    _act(RESUME_PLAN, plan_id, reason, ticket, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def abort(
    plan_id: PlanId,
    reason: Annotated[str, typer.Option(help="Why; required.")] = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Send nothing more, for good."""
    _act(ABORT_PLAN, plan_id, reason, ticket, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def rate(
    plan_id: PlanId,
    per_second: Annotated[str, typer.Argument(metavar="RATE", help="Jobs a second, or none for no limit.")],
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Send at another rate from now on."""
    with opened(as_json=as_json) as (services, actor):
        wanted = read_rate(per_second)
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        say(services.replays.set_rate(actor, plan_id, wanted, stamp), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def undo(
    plan_id: PlanId, reason: Reason = "", ticket: Ticket = "", wait: WaitOption = False, as_json: JsonOption = False
) -> None:
    """Reopen all that a plan resolved."""

    def make(services: Services, actor: Actor) -> ReplayPlan:
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        return services.replays.undo(actor, plan_id, stamp)

    run(make, wait=wait, as_json=as_json)


def run(make: MakePlan, *, wait: bool, as_json: bool) -> None:
    """Make or change a plan, follow it if wanted, and say how it stands."""
    with opened(as_json=as_json) as (services, actor):
        plan = make(services, actor)
        if plan.state not in OVER:
            warn_without_worker(services, actor, QUEUE, "the plan")
        if wait:
            plan = _follow(services, actor, plan, quiet=as_json)
        say(plan, as_json=as_json)
        if wait and not _is_fine(plan):
            raise typer.Exit(Exit.FAILED)


def read_rate(text: str) -> float | None:
    """A rate as it is typed, None for no limit; the service checks its bounds."""
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise InvalidInput("A rate is a number of jobs a second, or none for no limit.") from None


def _act(verb: Verb, plan_id: str, reason: str, ticket: str, *, wait: bool = False, as_json: bool) -> None:
    def make(services: Services, actor: Actor) -> ReplayPlan:
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        return services.replays.act(actor, verb.name, plan_id, stamp)

    run(make, wait=wait, as_json=as_json)


def _follow(services: Services, actor: Actor, plan: ReplayPlan, *, quiet: bool) -> ReplayPlan:
    """The plan once nothing of it moves by itself any more; each change is said on the way."""
    said = ""
    try:
        while True:
            plan = services.replays.get(actor, plan.id)
            line = f"{plan.state.value}: {progress(plan)}"
            if line != said and not quiet:
                out().print(safe(line))
                said = line
            if plan.state in OVER or plan.driver_failed or (plan.prepared and _waits(plan)):
                return plan
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        note(f"The plan goes on. See it with: execution-ops replays show {plan.id}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def _waits(plan: ReplayPlan) -> bool:
    return plan.state is ReplayState.DRAFT and not plan.starts


def _is_fine(plan: ReplayPlan) -> bool:
    """Whether all went well so far: nothing stands still, and nothing that was sent died again."""
    died = sum(plan.counts.by_status.get(status, 0) for status in (ItemStatus.DIED_SAME, ItemStatus.DIED_NEW))
    return plan.state is not ReplayState.ABORTED and not plan.driver_failed and not died
