"""`execution-ops audit …`: who did what to what, and why, for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from execution_ops.commands.output import (
    EXIT_CODES,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    safe,
    save_export,
    table,
)
from execution_ops.commands.replays import Cursor, Limit, Reason, Ticket
from execution_ops.domain.audit import AuditDetail, AuditEvent, SubjectKind
from execution_ops.domain.audit_exports import AuditExportFormat
from execution_ops.domain.audit_filters import AuditFilter, verb_label
from execution_ops.domain.audit_words import pretty, say_scope, say_subject
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT

app = typer.Typer(no_args_is_help=True, help="List, show, export and undo what was done, by whom and why.")

Number = Annotated[int, typer.Argument(metavar="N", help="The number of an event.")]
Many = list[str] | None
_COLUMNS = ("N", "DONE", "WHO", "VERB", "WHAT", "COUNT", "REASON", "TICKET")


@app.command("list", epilog=EXIT_CODES)
def list_audit(
    actor: Annotated[Many, typer.Option(help="Who did it; may be repeated.")] = None,
    verb: Annotated[Many, typer.Option(help="A verb, like quota_pause; may be repeated.")] = None,
    kind: Annotated[list[SubjectKind] | None, typer.Option(help="What it was done to; may be repeated.")] = None,
    subject: Annotated[str, typer.Option("--id", help="The id of what it was done to.")] = "",
    tenant: Annotated[Many, typer.Option(help="A tenant; may be repeated.")] = None,
    after: Annotated[str, typer.Option(help="Done since: 24h, 30m, 7d or 2026-11-23T14:00:00Z.")] = "",
    before: Annotated[str, typer.Option(help="Done before, likewise.")] = "",
    ticket: Annotated[str, typer.Option(help="The ticket that it belongs to.")] = "",
    text: Annotated[str, typer.Option(help="Words of the reason.")] = "",
    correlation: Annotated[str, typer.Option(help="The correlation id of a request.")] = "",
    sort: Annotated[str, typer.Option(help="newest or oldest.")] = "",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = "",
    as_json: JsonOption = False,
) -> None:
    """List what was done. The options are the filter of the console's list."""
    many = {"actor": actor, "verb": verb, "kind": kind, "tenant": tenant}
    one = {"id": subject, "after": after, "before": before, "ticket": ticket, "text": text}
    one |= {"correlation": correlation, "sort": sort}
    pairs = [(name, str(value)) for name, values in many.items() for value in values or ()]
    with opened(as_json=as_json) as (services, viewer):
        where = AuditFilter.from_query([*pairs, *one.items()])
        page = services.audit.list(viewer, where, cursor=cursor or None, limit=limit)
        following = page.following(where.sort)
        if as_json:
            items = [row.model_dump(mode="json") for row in page.rows]
            print_json({"items": items, "next_cursor": following, "searched": page.searched})
            return
        if page.rows:
            out().print(table(_COLUMNS, map(_cells, page.rows)))
        if page.searched is not None and following:
            found = "" if page.rows else ", none matched yet"
            note(f"Looked at {page.searched:,} events{found}; go on with --cursor {following}")
        elif following:
            note(f"There are more: --cursor {following}")
        elif not page.rows:
            note("Nothing that was done matches." if where.active() else "Nothing was done yet.")


@app.command(epilog=EXIT_CODES)
def show(number: Number, as_json: JsonOption = False) -> None:
    """Show one event with what was before and after it."""
    with opened(as_json=as_json) as (services, viewer):
        detail = services.audit.get(viewer, number)
        if as_json:
            print_json(detail)
        else:
            _print(detail)


@app.command(epilog=EXIT_CODES)
def export(
    scope: Annotated[str, typer.Option("--filter", help="Which: a query like 'kind=quota&after=7d'; empty: all.")] = "",
    form: Annotated[AuditExportFormat, typer.Option("--format", help="The format.")] = AuditExportFormat.CSV,
    output: Annotated[Path | None, typer.Option(help="The file to write; without it: the terminal.")] = None,
    reason: Reason = "",
    ticket: Ticket = "",
) -> None:
    """Write events into a file. Who exported what is an event itself."""
    with opened() as (services, viewer):
        where = filter_from(scope, AuditFilter)
        stamp = Stamp(actor=viewer, reason=reason, ticket=ticket)
        save_export(output, lambda: services.audit.export(viewer, where, form, stamp))


@app.command(epilog=EXIT_CODES)
def undo(number: Number, reason: Reason = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Put back what held before an event, within 10 minutes and as long as nobody changed it since."""
    with opened(as_json=as_json) as (services, viewer):
        stamp = Stamp(actor=viewer, reason=reason, ticket=ticket)
        made = services.undo.undo(viewer, number, stamp)
        if as_json:
            print_json(made)
        else:
            event = made.event
            out().print(safe(f"Event {number} is undone: {verb_label(event.verb)}, {say_subject(event)} ({event.n})"))


def _cells(row: AuditEvent) -> tuple[str, ...]:
    verb, what = verb_label(row.verb), say_subject(row)
    return (str(row.n), iso(row.at), row.actor, verb, what, f"{row.count:,}", row.reason, row.ticket)


def _print(detail: AuditDetail) -> None:
    event = detail.event
    facts = (
        ("Event", str(event.n)),
        ("Done", iso(event.at)),
        ("Who", f"{event.actor} from {event.source}" if event.source else event.actor),
        ("Verb", f"{verb_label(event.verb)} ({event.verb})"),
        ("What", say_subject(event)),
        ("Id", event.subject_id),
        ("Filter", say_scope(event)),
        ("Count", f"{event.count:,}"),
        ("Reason", event.reason),
        ("Ticket", event.ticket),
        ("Correlation", event.correlation_id),
        ("Takes back", "" if event.undoes is None else f"event {event.undoes}"),
        ("Taken back", "" if event.undone_by is None else f"by event {event.undone_by}"),
    )
    for name, value in facts:
        if value:
            out().print(safe(f"{name + ':':<13}{value}"))
    for name, written_down in (("Before", event.before), ("After", event.after)):
        if written_down:
            out().print(safe(f"{name}:\n{pretty(written_down)}", lines=True))
