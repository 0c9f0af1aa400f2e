"""`execution-ops baselines …`: what the console's page of baselines does, for a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from execution_ops.commands.following import follow_until
from execution_ops.commands.kit_views import say_started
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
    save_export,
    table,
    warn_without_worker,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.baseline_choice import CHOICE_WORDS
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import QUEUE, Baseline
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Submission
from execution_ops.domain.sbom_diff import ChangeKind, DiffFilter, in_words
from execution_ops.domain.sbom_exports import DiffFormat, row_of
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, BaselineState, JobState
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp

if TYPE_CHECKING:
    from execution_ops.services.container import Services

LIMIT_DEFAULT = 50
LIMIT_MAX = 500
ROWS_MAX = 100
_STYLES = {BaselineState.PROMOTED: "green", BaselineState.CANDIDATE: "cyan"}

app = typer.Typer(no_args_is_help=True, help="Keep, compare, promote and roll back baselines of scans.")

BaselineId = Annotated[str, typer.Argument(metavar="ID", help="The id of a baseline.")]
Kinds = Annotated[list[ChangeKind] | None, typer.Option("--kind", help="What changed; may be repeated.")]
Ecosystems = Annotated[list[str] | None, typer.Option("--ecosystem", help="Like npm or deb; may be repeated.")]
Search = Annotated[str, typer.Option("--text", help="A part of a name or purl.")]
Required = Annotated[str, typer.Option(help="Why; required.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Left = Annotated[str, typer.Argument(metavar="LEFT", help="The baseline to compare from.")]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="The baseline to compare to.")]

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the job until it has ended.")]


@app.command("list", epilog=EXIT_CODES)
def list_baselines(
    source: Annotated[str, typer.Option(help="A part of the path that was scanned.")] = "",
    label: Annotated[str, typer.Option(help="A part of the label.")] = "",
    state: Annotated[list[BaselineState] | None, typer.Option(help="Their state; may be repeated.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(help="Their tenant; may be repeated.")] = None,
    after: Annotated[str, typer.Option(help="Saved since then: 24h, or an ISO 8601 instant.")] = "",
    before: Annotated[str, typer.Option(help="Saved before then.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List baselines, the newest first."""
    with opened(as_json=as_json) as (services, actor):
        pairs = [("source", source), ("label", label), ("after", after), ("before", before)]
        pairs += [("state", one.value) for one in state or ()] + [("tenant", one) for one in tenant or ()]
        where = BaselineFilter.from_query(pairs)
        page = services.baselines.list(actor, where, cursor=cursor or None, limit=limit)
        if as_json:
            print_json({"items": [row.model_dump(mode="json") for row in page.rows], "next_cursor": page.older})
            return
        if page.rows:
            columns = ("ID", "STATE", "LABEL", "SOURCE", "TENANT", "COMPONENTS", "SAVED")
            out().print(table(columns, map(_cells, page.rows)))
        elif where.active():
            note(f"There are no {where.describe()}.")
        else:
            note("There are no baselines yet: scan something, then execution-ops baselines save JOB")
        if page.older:
            note(f"There are more: --cursor {page.older}")


@app.command(epilog=EXIT_CODES)
def show(baseline_id: BaselineId, as_json: JsonOption = False) -> None:
    """Show one baseline, the promotions of its source, and what to compare it with."""
    with opened(as_json=as_json) as (services, actor):
        one = services.baselines.get(actor, baseline_id)
        log = services.baselines.history(actor, baseline_id)
        found = services.baselines.suggestion(actor, baseline_id)
        if as_json:
            told = {"baseline": one.model_dump(mode="json"), "suggestion": found.model_dump(mode="json")}
            print_json({**told, "promotions": [entry.model_dump(mode="json") for entry in log]})
            return
        out().print(table(("", ""), [fact for fact in _facts(one) if str(fact[1])]))
        for entry in log:
            named = entry.label or entry.baseline_id or "nothing"
            note(f"{iso(entry.at)} {entry.by}: {named} is promoted. {entry.reason}")
        for offer in found.offers:
            offered = f" ({offer.baseline.id})" if offer.baseline else ""
            note(f"{CHOICE_WORDS[offer.choice]}{offered}: {offer.why}")


@app.command(epilog=EXIT_CODES)
def save(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="Any job of the scan.")],
    label: Annotated[str, typer.Option(help="A name for people, like a release.")] = "",
    reason: Reason = "",
    ticket: Ticket = "",
    as_json: JsonOption = False,
) -> None:
    """Keep the merged result of a scan as a candidate."""
    with opened(as_json=as_json) as (services, actor):
        _say("Saved", services.baselines.save(actor, job_id, _stamp(actor, reason, ticket), label=label), as_json)


@app.command(epilog=EXIT_CODES)
def compare(
    left: Left,
    right: Right,
    kind: Kinds = None,
    ecosystem: Ecosystems = None,
    text: Search = "",
    start: Annotated[int, typer.Option(min=0, help="How many rows to leave out.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=ROWS_MAX)] = ROWS_MAX,
    as_json: JsonOption = False,
) -> None:
    """Show what changed from one baseline to another."""
    with opened(as_json=as_json) as (services, actor):
        where = _where(kind, ecosystem, text)
        page = services.baselines.compare(actor, left, right, where, start=start, limit=limit)
        rows = [row_of(row) for row in page.rows]
        end = start + len(rows)
        following = end if end < page.matching else None
        if as_json:
            counts = page.counts.model_dump()
            print_json({"counts": counts, "matching": page.matching, "items": rows, "next_start": following})
            return
        if rows:
            shown = ("purl", "change", "version_before", "version_after", "licences_before", "licences_after")
            columns = ("PACKAGE", "CHANGE", "VERSION", "", "LICENCES", "")
            named = ({**row, "purl": row["purl"] or row["name"]} for row in rows)
            out().print(table(columns, [[row[column] for column in shown] for row in named]))
        note(f"{in_words(page.counts)}; {page.counts.same:,} the same".capitalize())
        if following:
            note(f"There are more: --start {following}")


@app.command("keep-comparison", epilog=EXIT_CODES)
def keep_comparison(
    left: Left, right: Right, reason: Reason = "", ticket: Ticket = "", wait: Wait = False, as_json: JsonOption = False
) -> None:
    """Start the job that compares two baselines and keeps what changed as CSV, JSON and CycloneDX."""
    with opened(as_json=as_json) as (services, actor):
        started = services.baselines.keep_comparison(actor, left, right, _stamp(actor, reason, ticket))
        _tell(services, actor, started, "the comparison", wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def promote(
    baseline_id: BaselineId, reason: Required = "", ticket: Ticket = "", wait: Wait = False, as_json: JsonOption = False
) -> None:
    """Start the job that lets scans of its source compare with it."""
    with opened(as_json=as_json) as (services, actor):
        held = services.baselines.promoted(actor, services.baselines.get(actor, baseline_id))
        if held is not None and held.id != baseline_id and not as_json:
            note(f"Against {held.label or held.id}: {in_words(services.baselines.counts(actor, held.id, baseline_id))}")
        started = services.baselines.promote(
            actor, baseline_id, _stamp(actor, reason, ticket), held="" if held is None else held.id
        )
        _tell(services, actor, started, "the promotion", wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def rollback(baseline_id: BaselineId, reason: Required = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Promote again what was promoted before this one."""
    with opened(as_json=as_json) as (services, actor):
        back = services.baselines.rollback(actor, baseline_id, _stamp(actor, reason, ticket))
        _say("Promoted again", back, as_json)


@app.command(epilog=EXIT_CODES)
def remove(baseline_id: BaselineId, reason: Required = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Delete a candidate; the scan that it came from stays."""
    with opened(as_json=as_json) as (services, actor):
        _say("Deleted", services.baselines.remove(actor, baseline_id, _stamp(actor, reason, ticket)), as_json)


@app.command(epilog=EXIT_CODES)
def export(
    left: Left,
    right: Right,
    form: Annotated[DiffFormat, typer.Option("--format", help="csv, json or cyclonedx.")] = DiffFormat.CSV,
    output: Annotated[Path | None, typer.Option(help="A file; without one it goes to the terminal.")] = None,
    kind: Kinds = None,
    ecosystem: Ecosystems = None,
    text: Search = "",
) -> None:
    """Write what changed from one baseline to another."""
    with opened() as (services, actor):
        where = _where(kind, ecosystem, text)
        stamp = _stamp(actor, "", "")
        save_export(output, lambda: services.baselines.export(actor, left, right, where, form, stamp)[1])


def _tell(services: Services, actor: Actor, started: Submission, what: str, *, wait: bool, as_json: bool) -> None:
    """Which job does it; with `wait` what came of it."""
    job_id = next(iter(started.job_ids.values()))
    warn_without_worker(services, actor, QUEUE, what)
    if not wait:
        say_started(started, job_id, as_json=as_json)
        return
    detail = follow_until(lambda: services.jobs.get(actor, job_id), lambda detail: detail.row.state in ENDED)
    if detail.row.state is not JobState.SUCCEEDED:
        complain(detail.row.error_message or f"The job is {detail.row.state.value}.")
        raise typer.Exit(Exit.FAILED)
    value = json.loads(services.jobs.value(actor, job_id, "result"))
    if as_json:
        print_json({**value, "files": [file.model_dump(mode="json") for file in detail.artifacts]})
        return
    out().print(safe(f"{what.capitalize()} is done. {value.get('verdict', '')}".rstrip()))
    for file in detail.artifacts:
        out().print(safe(f"{file.name}  {file.size:,} bytes  sha256:{file.sha256}"))


def _where(kind: list[ChangeKind] | None, ecosystem: list[str] | None, text: str) -> DiffFilter:
    return DiffFilter(kind=tuple(kind or ()), ecosystem=tuple(ecosystem or ()), text=text)


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())


def _say(what: str, one: Baseline, as_json: bool) -> None:
    if as_json:
        print_json(one)
    else:
        out().print(safe(f"{what} {one.id} {one.label}".rstrip() + f" of {one.source}: {one.state.value}"))


def _cells(one: Baseline) -> tuple[str | Text, ...]:
    state = Text(one.state.value, style=_STYLES[one.state])
    return one.id, state, one.label, one.source, one.tenant, f"{one.components:,}", iso(one.created_at)


def _facts(one: Baseline) -> list[tuple[str, str | Text]]:
    promoted = f"{iso(one.promoted_at)} by {one.promoted_by}: {one.promote_reason}" if one.promoted_at else ""
    return [
        ("Baseline", one.id),
        ("Label", one.label),
        ("State", Text(one.state.value, style=_STYLES[one.state])),
        ("Source", one.source),
        ("Tenant", one.tenant),
        ("Components", f"{one.components:,}"),
        ("Document", f"sha256:{one.sha256}, {describe_bytes(one.size)}"),
        ("Scan", one.dag_id),
        ("Kit", one.kit_id),
        ("Succeeded", ("as a whole" if one.green else "not as a whole") if one.dag_id else ""),
        ("Syft", one.syft),
        ("Saved", f"{iso(one.created_at)} by {one.created_by}"),
        ("Promoted", promoted),
    ]
