"""`execution-ops kits …`: what the console's page of offline kits does, for a terminal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from execution_ops.commands.kit_views import (
    CHECK_CODES,
    IMPORT_CODES,
    follow,
    kit_cells,
    no_verdict,
    say_check,
    say_kit,
    say_report,
    say_started,
)
from execution_ops.commands.output import (
    EXIT_CODES,
    Exit,
    JsonOption,
    note,
    opened,
    out,
    print_json,
    table,
    warn_without_worker,
    written,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kit_records import QUEUE
from execution_ops.domain.kits import Channel, ExitCode
from execution_ops.domain.sizes import CHUNK
from execution_ops.domain.verbs import Stamp

if TYPE_CHECKING:
    from execution_ops.services.container import Services
    from execution_ops.services.kit_orders import KitSource

app = typer.Typer(no_args_is_help=True, help="Verify, import, activate and export offline kits.")

KitId = Annotated[str, typer.Argument(metavar="ID", help="The id of a kit, see `kits list`.")]
KitPath = Annotated[Path, typer.Argument(help="The kit: a tar file or a directory.")]
Required = Annotated[str, typer.Option(help="Why; required.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the job until it has ended.")]


@app.command(epilog=CHECK_CODES)
def verify(path: KitPath, as_json: JsonOption = False) -> None:
    """Verify a kit here and now, against the trust roots of the console. Nothing is imported or changed.

    Needs no server and no worker. Each step says what was expected, what was found and what to do.
    """
    try:
        with opened(as_json=as_json, code_of=no_verdict) as (services, actor):
            report = services.kits.check(actor, path, (lambda _: None) if as_json else say_check)
            code = int(report.exit_code)
            say_report(report, as_json=as_json)
    except KeyboardInterrupt:
        note("Stopped. Nothing was changed.")
        code = Exit.INTERRUPTED
    raise typer.Exit(code)


@app.command("import", epilog=IMPORT_CODES)
def import_kit(path: KitPath, wait: Wait = False, ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Import a kit: it is verified by a job, then kept whole, or put into quarantine.

    With --wait every step is shown as it ends, and the exit code is that of the verification.
    """
    with opened(as_json=as_json, code_of=no_verdict) as (services, actor):
        source = _source(services, actor, path)
        started = services.kits.import_kit(actor, source, _stamp(actor, "", ticket))
        _begun(services, actor, started, failed=ExitCode.VALIDATION, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def activate(
    kit_id: KitId,
    reason: Required = "",
    force: Annotated[bool, typer.Option("--force", help="Also a version lower than the active one.")] = False,
    tenant: Annotated[str, typer.Option(help="The tenant that its baselines become those of.")] = "",
    ticket: Ticket = "",
    wait: Wait = False,
    as_json: JsonOption = False,
) -> None:
    """Make a kit the active one: its baselines and analyzer settings hold from then on."""
    with opened(as_json=as_json) as (services, actor):
        stamp = _stamp(actor, reason, ticket)
        started = services.kits.activate(actor, kit_id, stamp, force=force, tenant=tenant)
        _begun(services, actor, started, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def export(
    version: Annotated[str, typer.Argument(help="The version of the kit, such as 2026.11.14.")],
    baseline: Annotated[list[str] | None, typer.Option(help="The id of a baseline; may be repeated.")] = None,
    channel: Annotated[Channel, typer.Option(help="Whom the kit is for.")] = Channel.STABLE,
    settings: Annotated[bool, typer.Option(help="Take the default analyzers along.")] = True,
    syft: Annotated[bool, typer.Option(help="Take the Syft in use along.")] = False,
    ticket: Ticket = "",
    output: Annotated[Path | None, typer.Option(help="A file for the kit; waits for the job.")] = None,
    wait: Wait = False,
    as_json: JsonOption = False,
) -> None:
    """Build a kit from baselines and settings, signed with the key of EXECUTION_OPS_KIT_KEY or _KIT_KEY_PEM.

    The worker reads the key; the kit is then a file of the job, and of --output if it is given.
    """
    with opened(as_json=as_json) as (services, actor):
        from execution_ops.services.kit_orders import KitRecipe

        recipe = KitRecipe(
            version=version, channel=channel, baselines=tuple(baseline or ()), settings=settings, syft=syft
        )
        stamp = _stamp(actor, "", ticket)
        if output is None:
            _begun(services, actor, services.kits.export(actor, recipe, stamp), wait=wait, as_json=as_json)
            return
        # Opened first: what can't be written is told before anything is built.
        with written(output) as target:
            started = services.kits.export(actor, recipe, stamp)
            if code := _followed(services, actor, started, as_json=as_json):
                raise typer.Exit(code)
            _hand_over(services, actor, started, target)
        note(f"The kit is {output}.")


@app.command("list", epilog=EXIT_CODES)
def list_kits(
    removed: Annotated[bool, typer.Option("--removed", help="Also those that only a record is left of.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the previous page ended.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List kits, the last received first, and how old the active one is."""
    with opened(as_json=as_json) as (services, actor):
        page = services.kits.list(actor, removed=removed, cursor=cursor or None, limit=limit)
        if as_json:
            print_json({"items": [kit.model_dump(mode="json") for kit in page.rows], "next_cursor": page.after})
            return
        if page.rows:
            columns = ("ID", "VERSION", "CHANNEL", "STATE", "SIZE", "RECEIVED", "REMARK")
            out().print(table(columns, [kit_cells(kit) for kit in page.rows]))
        else:
            note("There is no kit here: execution-ops kits import PATH")
        if page.after:
            note(f"There are more: --cursor {page.after}")
        found = services.kits.status(actor)
        if found.place.active:
            note(f"{found.place.active.version} is active. {found.age}".rstrip())


@app.command(epilog=EXIT_CODES)
def show(kit_id: KitId, as_json: JsonOption = False) -> None:
    """Show one kit with its verification and its activations."""
    with opened(as_json=as_json) as (services, actor):
        found = services.kits.get(actor, kit_id)
        if as_json:
            print_json(found)
        else:
            say_kit(found)


@app.command(epilog=EXIT_CODES)
def rollback(reason: Required = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Make the kit before active again, with the baselines and analyzer settings of then."""
    with opened(as_json=as_json) as (services, actor):
        kit = services.kits.roll_back(actor, _stamp(actor, reason, ticket))
        if as_json:
            print_json(kit)
        else:
            out().print(f"{kit.version} is active again.", markup=False)


@app.command(epilog=IMPORT_CODES)
def release(
    kit_id: KitId, reason: Required = "", ticket: Ticket = "", wait: Wait = False, as_json: JsonOption = False
) -> None:
    """Verify a kit in quarantine again, and import it if it passes now."""
    with opened(as_json=as_json, code_of=no_verdict) as (services, actor):
        started = services.kits.release(actor, kit_id, _stamp(actor, reason, ticket))
        _begun(services, actor, started, failed=ExitCode.VALIDATION, wait=wait, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def remove(kit_id: KitId, reason: Required = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Delete the files of a kit; its record and its log stay."""
    with opened(as_json=as_json) as (services, actor):
        kit = services.kits.remove(actor, kit_id, _stamp(actor, reason, ticket))
        if as_json:
            print_json(kit)
        else:
            out().print(f"Removed: {kit.id} {kit.version}", markup=False)


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())


def _source(services: Services, actor: Actor, path: Path) -> KitSource:
    """A path as it is where workers see it; a file from elsewhere is taken in first, as an upload is."""
    from execution_ops.services.kit_orders import KitSource

    whole = Path(os.path.abspath(path))
    try:
        inside = any(whole.resolve().is_relative_to(root) for root in services.settings.roots())
        if inside or not whole.is_file():
            return KitSource(path=str(whole))
        with services.kits.receive(actor, whole.name) as receiving, whole.open("rb") as file:
            while data := file.read(CHUNK):
                receiving.write(data)
            return KitSource(upload=receiving.finish().id)
    except OSError as error:
        if is_disk_full(error):
            raise Conflict(DISK_FULL.replace(", then retry this job", ", then import it again")) from error
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from error


def _begun(
    services: Services,
    actor: Actor,
    started: Submission,
    *,
    failed: int = Exit.FAILED,
    wait: bool,
    as_json: bool,
) -> None:
    """Say which job does it; with `wait` follow it, and leave with what came of it, `failed` for no result."""
    if wait:
        raise typer.Exit(_followed(services, actor, started, failed=failed, as_json=as_json))
    warn_without_worker(services, actor, QUEUE, "it")
    say_started(started, _job_of(started), as_json=as_json)


def _followed(
    services: Services, actor: Actor, started: Submission, *, failed: int = Exit.FAILED, as_json: bool
) -> int:
    """Follow the job until it has ended; the exit code that says what came of it."""
    warn_without_worker(services, actor, QUEUE, "it")
    try:
        return follow(services, actor, _job_of(started), failed=failed, as_json=as_json)
    except KeyboardInterrupt:
        note(f"The job goes on: execution-ops jobs show {_job_of(started)}")
        return Exit.INTERRUPTED


def _hand_over(services: Services, actor: Actor, started: Submission, target: BinaryIO) -> None:
    """Write the kit that the job has built."""
    job_id = _job_of(started)
    (kit,) = services.jobs.get(actor, job_id).artifacts
    _, path = services.jobs.artifact(actor, job_id, kit.sha256)
    with path.open("rb") as file:
        shutil.copyfileobj(file, target, CHUNK)


def _job_of(started: Submission) -> str:
    return next(iter(started.job_ids.values()))
