"""`execution-ops quotas …`: what the console's page of quotas does, for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

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
from execution_ops.domain.access import Actor
from execution_ops.domain.ids import new_id
from execution_ops.domain.quota_exports import QuotaExportFormat
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from execution_ops.domain.quotas import WAITING_MAX, Limits, QuotaRow, describe_limits, describe_scope, parse_limits
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

KEEP = "keep"
NONE = "none"

app = typer.Typer(
    no_args_is_help=True, help="List, make, change, pause, resume and delete quotas, and export a snapshot."
)

QuotaId = Annotated[str, typer.Argument(metavar="ID", help="The id of a quota.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Revision = Annotated[
    int | None, typer.Option(help="Refuse if the quota is not at this revision any more; `show` tells it.")
]
MaxActive = Annotated[str, typer.Option(help="How many run at once; none for no limit.")]
MaxPerHour = Annotated[str, typer.Option(help="How many start in an hour; none for no limit.")]
Burst = Annotated[str, typer.Option(help="How many of these start at once, the others evenly; none for all.")]
Tenants = Annotated[list[str] | None, typer.Option("--tenant", help="The quota's tenant or *; may be repeated.")]
Types = Annotated[list[str] | None, typer.Option("--job-type", help="The quota's job type or *; may be repeated.")]
Paused = Annotated[bool | None, typer.Option("--paused/--active", help="Only those that are, or are not, paused.")]
AtLimit = Annotated[
    bool | None, typer.Option("--at-limit/--below-limit", help="Only those that let none, or some, start now.")
]


@app.command("list", epilog=EXIT_CODES)
def list_quotas(
    tenant: Tenants = None,
    job_type: Types = None,
    paused: Paused = None,
    at_limit: AtLimit = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List quotas with how much of them is used."""
    with opened(as_json=as_json) as (services, actor):
        where = _where(tenant, job_type, paused, at_limit)
        page = services.quotas.list(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            items = [row.model_dump(mode="json") for row in page.rows]
            print_json({"items": items, "next_cursor": page.after})
            return
        if page.rows:
            columns = ("ID", "TENANT", "TYPE", "STATE", "ACTIVE", "STARTED", "TOKENS", "WAITING", "LIMITS")
            out().print(table(columns, map(_cells, page.rows)))
        else:
            note(f"There are no {where.describe()}." if where.active() else "There are no quotas yet.")
        if page.after:
            note(f"There are more: --cursor {page.after}")


@app.command(epilog=EXIT_CODES)
def show(quota_id: QuotaId, as_json: JsonOption = False) -> None:
    """Show one quota: what it governs, its limits and how much of them is used."""
    with opened(as_json=as_json) as (services, actor):
        row = services.quotas.get(actor, quota_id)
        if as_json:
            print_json(row)
        else:
            _show(row, describe_scope(row, services.quotas.all(actor)))


@app.command(epilog=EXIT_CODES)
def create(
    tenant: Annotated[str, typer.Argument(help="A tenant, or '*' for any.")],
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="A job type, or '*' for any.")],
    max_active: MaxActive = NONE,
    max_per_hour: MaxPerHour = NONE,
    burst: Burst = NONE,
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Make a quota. It holds at once, also for jobs that wait already."""
    with opened(as_json=as_json) as (services, actor):
        limits = _limits(Limits(), max_active, max_per_hour, burst)
        made = services.quotas.create(actor, tenant, job_type, limits, _stamp(actor, reason, ticket))
        _say("Made", made, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def edit(
    quota_id: QuotaId,
    max_active: MaxActive = KEEP,
    max_per_hour: MaxPerHour = KEEP,
    burst: Burst = KEEP,
    reason: Reason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Set the configured limits; those not named stay. An override ends with that."""
    _limit(QUOTA_EDIT, quota_id, (max_active, max_per_hour, burst), reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def override(
    quota_id: QuotaId,
    max_active: MaxActive = KEEP,
    max_per_hour: MaxPerHour = KEEP,
    burst: Burst = KEEP,
    reason: Reason = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Let other limits hold until `reset`; the configured ones are kept."""
    _limit(QUOTA_OVERRIDE, quota_id, (max_active, max_per_hour, burst), reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def reset(
    quota_id: QuotaId, reason: Reason = "", ticket: Ticket = "", revision: Revision = None, as_json: JsonOption = False
) -> None:
    """Let the configured limits hold again."""
    _plain(QUOTA_RESET, quota_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def pause(
    quota_id: QuotaId,
    reason: Annotated[str, typer.Option(help="Why; required.")] = "",
    ticket: Ticket = "",
    revision: Revision = None,
    as_json: JsonOption = False,
) -> None:
    """Let nothing new start. Running jobs finish."""
    _plain(QUOTA_PAUSE, quota_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resume(
    quota_id: QuotaId, reason: Reason = "", ticket: Ticket = "", revision: Revision = None, as_json: JsonOption = False
) -> None:
    """Let waiting jobs start again."""
    _plain(QUOTA_RESUME, quota_id, reason, ticket, revision, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def delete(
    quota_id: QuotaId, reason: Reason = "", ticket: Ticket = "", revision: Revision = None, as_json: JsonOption = False
) -> None:
    """Delete a quota; its jobs go to the next one that fits them, or to none."""
    with opened(as_json=as_json) as (services, actor):
        services.quotas.delete(actor, quota_id, _stamp(actor, reason, ticket), revision=revision)
        if as_json:
            print_json({"id": quota_id, "deleted": True})
        else:
            out().print(f"Deleted {quota_id}")


@app.command(epilog=EXIT_CODES)
def export(
    form: Annotated[QuotaExportFormat, typer.Option("--format", help="json or csv.")] = QuotaExportFormat.JSON,
    output: Annotated[Path | None, typer.Option(help="A file; without one it goes to the terminal.")] = None,
    tenant: Tenants = None,
    job_type: Types = None,
    paused: Paused = None,
    at_limit: AtLimit = None,
    reason: Reason = "",
    ticket: Ticket = "",
) -> None:
    """Write a snapshot of the quotas and their figures. Who exported what is in the audit."""
    with opened() as (services, actor):
        where, stamp = _where(tenant, job_type, paused, at_limit), Stamp(actor=actor, reason=reason, ticket=ticket)
        save_export(output, lambda: services.quotas.export(actor, where, form, stamp))


def _where(
    tenant: list[str] | None, job_type: list[str] | None, paused: bool | None, at_limit: bool | None
) -> QuotaFilter:
    pairs = [("tenant", value) for value in tenant or ()] + [("job_type", value) for value in job_type or ()]
    flags = {"paused": paused, "at_limit": at_limit}
    return QuotaFilter.from_query(
        [*pairs, *((name, "yes" if flag else "no") for name, flag in flags.items() if flag is not None)]
    )


def _limits(now: Limits, *texts: str) -> Limits:
    values: list[object] = []
    for name, text in zip(("max_active", "max_per_hour", "burst"), texts, strict=True):
        values.append(getattr(now, name) if text == KEEP else None if text == NONE else text)
    return parse_limits(*values)


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())


def _limit(
    verb: Verb,
    quota_id: str,
    texts: tuple[str, str, str],
    reason: str,
    ticket: str,
    revision: int | None,
    *,
    as_json: bool,
) -> None:
    with opened(as_json=as_json) as (services, actor):
        known = services.quotas.get(actor, quota_id)
        # What is kept was read here: a change in between must not be undone by it.
        seen = known.revision if revision is None else revision
        limits = _limits(known.configured if verb is QUOTA_EDIT else known.limits, *texts)
        row = services.quotas.act(
            actor, verb.name, quota_id, _stamp(actor, reason, ticket), limits=limits, revision=seen
        )
        _say("Changed", row, as_json=as_json)


def _plain(verb: Verb, quota_id: str, reason: str, ticket: str, revision: int | None, *, as_json: bool) -> None:
    with opened(as_json=as_json) as (services, actor):
        row = services.quotas.act(actor, verb.name, quota_id, _stamp(actor, reason, ticket), revision=revision)
        _say(verb.label, row, as_json=as_json)


def _say(what: str, row: QuotaRow, *, as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        out().print(safe(f"{what} {row.id} {row.name}: {row.state.value}, {describe_limits(row.limits)}"))


def _cells(row: QuotaRow) -> tuple[str | Text, ...]:
    return (
        row.id,
        row.tenant,
        row.job_type,
        _state(row),
        _of(row.active, row.limits.max_active),
        _of(row.started, row.limits.max_per_hour),
        "" if row.tokens_left is None else f"{row.tokens_left:,}",
        _waiting(row),
        describe_limits(row.limits) + (" (override)" if row.override else ""),
    )


def _show(row: QuotaRow, governs: str) -> None:
    tokens = "no rate" if row.tokens_left is None else f"{row.tokens_left:,}"
    facts: list[tuple[str, str | Text]] = [
        ("Quota", row.id),
        ("Governs", governs),
        ("State", _state(row)),
        ("Paused", f"by {row.paused_by} at {iso(row.paused_at)}: {row.pause_reason}" if row.paused_at else ""),
        ("Limits", describe_limits(row.limits)),
        ("Configured", describe_limits(row.configured) if row.override else ""),
        ("Active", _of(row.active, row.limits.max_active)),
        ("Started", f"{_of(row.started, row.limits.max_per_hour)} in the last hour"),
        ("Tokens left", tokens + (f", the next at {iso(row.next_token_at)}" if row.next_token_at else "")),
        ("Waiting", _waiting(row)),
        ("Changed", f"{iso(row.changed_at)} by {row.changed_by}, revision {row.revision}"),
    ]
    out().print(table(("", ""), [(name, value) for name, value in facts if str(value)]))


def _state(row: QuotaRow) -> Text:
    style = "yellow" if row.paused_at else "green"
    return Text(row.state.value, style=style)


def _of(used: int, limit: int | None) -> str:
    return f"{used:,}/{limit:,}" if limit is not None else f"{used:,}"


def _waiting(row: QuotaRow) -> str:
    return f"{row.waiting:,}" if row.waiting <= WAITING_MAX else f"{WAITING_MAX:,}+"
