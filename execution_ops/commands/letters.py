"""`execution-ops dead-letters …`: what the console's dead letter pages do, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution_ops.commands.letter_views import cells, print_groups, print_letter
from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    complain,
    note,
    opened,
    out,
    print_json,
    save_export,
    table,
)
from execution_ops.commands.replays import Cursor, Limit, Reason, Ticket, WaitOption, read_rate, run
from execution_ops.domain.access import Actor
from execution_ops.domain.dead_letters import LetterOutcome
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.domain.replays import PlanKind, ReplayPlan
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.dead_letters import GROUPS_MAX
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT

if TYPE_CHECKING:
    from execution_ops.services.container import Services

app = typer.Typer(no_args_is_help=True, help="List, show, analyze, replay, resolve, reopen and export dead letters.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of dead letters.")]
LetterId = Annotated[str, typer.Argument(metavar="ID", help="The id of a dead letter.")]
Scope = Annotated[
    str | None,
    typer.Option("--filter", help="All that match, as a plan: a query like 'state=pending&error_type=TimeoutError'."),
]
Many = list[str] | None
GroupOption = Annotated[Many, typer.Option("--group", help="The fingerprint of an error group; may be repeated.")]
JobTypeOption = Annotated[Many, typer.Option("--job-type", help="A job type; may be repeated.")]
TenantOption = Annotated[Many, typer.Option("--tenant", help="A tenant; may be repeated.")]
CategoryOption = Annotated[Many, typer.Option("--category", help="A category of failures; may be repeated.")]
RetryableOption = Annotated[str, typer.Option(help="yes or no: whether the same try again may well succeed.")]
Needed = Annotated[str, typer.Option(help="Why; required.")]


@app.command("list", epilog=EXIT_CODES)
def list_letters(
    state: Annotated[Many, typer.Option(help="A state; may be repeated.")] = None,
    group: GroupOption = None,
    job_type: JobTypeOption = None,
    tenant: TenantOption = None,
    queue: Annotated[Many, typer.Option(help="A queue; may be repeated.")] = None,
    category: CategoryOption = None,
    retryable: RetryableOption = "",
    error_type: Annotated[Many, typer.Option(help="The type of the error; may be repeated.")] = None,
    after: Annotated[str, typer.Option(help="Died since: 24h, 30m, 7d or 2026-11-23T14:00:00Z.")] = "",
    before: Annotated[str, typer.Option(help="Died before, likewise.")] = "",
    letter_id: Annotated[str, typer.Option("--id", help="An id or its beginning.")] = "",
    job: Annotated[str, typer.Option(help="The id of a job.")] = "",
    plan: Annotated[str, typer.Option(help="The id of the replay plan that took it.")] = "",
    sort: Annotated[str, typer.Option(help="newest or oldest.")] = "",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = "",
    as_json: JsonOption = False,
) -> None:
    """List dead letters. The options are the filter of the console's list."""
    many = {"state": state, "group": group, "job_type": job_type, "tenant": tenant, "queue": queue}
    many |= {"category": category, "error_type": error_type}
    one = {"retryable": retryable, "after": after, "before": before, "id": letter_id, "job": job, "plan": plan}
    with opened(as_json=as_json) as (services, actor):
        where = _where(many, {**one, "sort": sort})
        page = services.letters.list(actor, where, cursor=cursor or None, limit=limit)
        following = page.following(where.sort)
        if as_json:
            items = [row.model_dump(mode="json") for row in page.rows]
            print_json({"items": items, "next_cursor": following, "searched": page.searched})
            return
        if page.rows:
            columns = ("ID", "STATE", "TYPE", "LABEL", "TENANT", "DIED", "CATEGORY", "JOB", "ERROR")
            out().print(table(columns, map(cells, page.rows)))
        if page.searched is not None and following:
            found = "" if page.rows else ", none matched yet"
            note(f"Looked at {page.searched:,} dead letters{found}; go on with --cursor {following}")
        elif following:
            note(f"There are more: --cursor {following}")
        elif not page.rows:
            note(f"There are no {where.describe()}." if where.active() else "There are no dead letters.")


@app.command(epilog=EXIT_CODES)
def show(letter_id: LetterId, as_json: JsonOption = False) -> None:
    """Show one dead letter: what its job died of, and every death of that job."""
    with opened(as_json=as_json) as (services, actor):
        detail = services.letters.get(actor, letter_id)
        if as_json:
            print_json(detail)
        else:
            print_letter(detail)


@app.command(epilog=EXIT_CODES)
def analyze(
    group: GroupOption = None,
    job_type: JobTypeOption = None,
    tenant: TenantOption = None,
    category: CategoryOption = None,
    retryable: RetryableOption = "",
    limit: Annotated[int, typer.Option(min=1, max=GROUPS_MAX)] = 10,
    as_json: JsonOption = False,
) -> None:
    """Group dead letters by their error: how many, since when, and what usually helps."""
    many = {"group": group, "job_type": job_type, "tenant": tenant, "category": category}
    with opened(as_json=as_json) as (services, actor):
        found = services.letters.groups(actor, _where(many, {"retryable": retryable}), limit=limit)
        if as_json:
            print_json(found)
        else:
            print_groups(found)


@app.command(epilog=EXIT_CODES)
def replay(
    ids: Ids = None,
    scope: Scope = None,
    rate: Annotated[str, typer.Option(help="Jobs a second at most, or none.")] = "",
    start: Annotated[bool, typer.Option("--start", help="Start the plan as soon as its dry run is done.")] = False,
    wait: WaitOption = False,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Start the jobs of dead letters again.

    Ids alone are replayed at once. A --filter, or ids with --rate, --start or --wait, make a replay
    plan: its dry run says what would be sent, and nothing is sent until the plan is started.
    """
    if scope is None and not (rate or start or wait):
        _act(REPLAY, ids or [], reason, ticket, as_json=as_json)
        return
    _plan(PlanKind.REPLAY, ids or [], scope, reason, ticket, rate=rate, starts=start, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resolve(
    ids: Ids = None,
    scope: Scope = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Whether the plan starts by itself.")] = True,
    wait: WaitOption = False,
    reason: Needed = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Close dead letters without another try."""
    _close(RESOLVE, ids or [], scope, reason, ticket, start=start, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def reopen(
    ids: Ids = None,
    scope: Scope = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Whether the plan starts by itself.")] = True,
    wait: WaitOption = False,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Take the resolution of dead letters back."""
    _close(REOPEN, ids or [], scope, reason, ticket, start=start, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def export(
    scope: Annotated[str, typer.Option("--filter", help="Which: a query like 'state=pending'; empty: all.")] = "",
    form: Annotated[ExportFormat, typer.Option("--format", help="The format.")] = ExportFormat.CSV,
    output: Annotated[Path | None, typer.Option(help="The file to write; without it: the terminal.")] = None,
    reason: Reason = "",
    ticket: Ticket = "",
) -> None:
    """Write dead letters into a file. Who exported what is in the audit."""
    with opened() as (services, actor):
        where = filter_from(scope, DeadLetterFilter)
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket)
        save_export(output, lambda: services.letters.export(actor, where, form, stamp))


def _where(many: dict[str, Many], one: dict[str, str]) -> DeadLetterFilter:
    pairs = [(name, value) for name, values in many.items() for value in values or ()]
    return DeadLetterFilter.from_query([*pairs, *one.items()])


def _close(
    verb: Verb,
    ids: Sequence[str],
    scope: str | None,
    reason: str,
    ticket: str,
    *,
    start: bool,
    wait: bool,
    as_json: bool,
) -> None:
    if scope is None and start and not wait:
        _act(verb, ids, reason, ticket, as_json=as_json)
        return
    _plan(PlanKind(verb.name), ids, scope, reason, ticket, starts=start, wait=wait, as_json=as_json)


def _act(verb: Verb, ids: Sequence[str], reason: str, ticket: str, *, as_json: bool) -> None:
    with opened(as_json=as_json) as (services, actor):
        if not ids:
            raise InvalidInput("Name either ids or a --filter.")
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        outcomes = services.letters.act(actor, verb.name, ids, stamp)
        if as_json:
            print_json({"items": [outcome.model_dump(mode="json") for outcome in outcomes]})
        else:
            for outcome in outcomes:
                _report(verb, outcome)
        if not all(outcome.done for outcome in outcomes):
            raise typer.Exit(Exit.REFUSED)


def _report(verb: Verb, outcome: LetterOutcome) -> None:
    if not outcome.done:
        complain(f"{outcome.id} refused: {outcome.why}")
        return
    state = f": now {outcome.state.value}" if outcome.state else ""
    job = f"; follow its job: execution-ops jobs show {outcome.job_id}" if verb is REPLAY else ""
    out().print(f"{outcome.id} {verb.label.lower()}{state}{job}")


def _plan(
    kind: PlanKind,
    ids: Sequence[str],
    scope: str | None,
    reason: str,
    ticket: str,
    *,
    rate: str = "",
    starts: bool,
    wait: bool,
    as_json: bool,
) -> None:
    def make(services: Services, actor: Actor) -> ReplayPlan:
        if bool(ids) == (scope is not None):
            raise InvalidInput("Name either ids or a --filter.")
        where = filter_from(scope, DeadLetterFilter) if scope is not None else None
        stamp = Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
        wanted = read_rate(rate) if rate else None
        return services.replays.plan(actor, kind, where=where, ids=ids, rate=wanted, starts=starts, stamp=stamp)

    run(make, wait=wait, as_json=as_json)
