"""`execution-ops scanner-settings …` and `execution-ops trust …` for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
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
    table,
    warn_without_worker,
)
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_settings import SettingsValues, SettingsVersion, TrustKey, TrustUse
from execution_ops.domain.scanner_verbs import TRUST_DISABLE, TRUST_ENABLE
from execution_ops.domain.settings_changes import USES, SettingChange
from execution_ops.domain.settings_forms import fields_by_name, form_fields, form_texts, in_words, read_form, value_of
from execution_ops.domain.times import iso
from execution_ops.domain.trust_keys import PEM_MAX
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.scanner_settings import VERSIONS_DEFAULT, VERSIONS_MAX

app = typer.Typer(no_args_is_help=True, help="Show, change and roll back the settings of the scanner.")
trust_app = typer.Typer(no_args_is_help=True, help="List, add, disable and enable the keys that kits are checked with.")

Reason = Annotated[str, typer.Option(help="Why; required.")]
Ticket = Annotated[str, typer.Option(help="The ticket that this belongs to.")]
Seen = Annotated[
    int | None, typer.Option(help="Refuse if this is not the last version any more; `show` tells it.", min=0)
]
SCAN_QUEUE = "scan"
Fingerprint = Annotated[str, typer.Argument(metavar="FINGERPRINT", help="As `trust list` shows it.")]


@app.command(epilog=EXIT_CODES)
def show(as_json: JsonOption = False) -> None:
    """Show what holds now for scans that are started."""
    with opened(as_json=as_json) as (services, actor):
        version = services.scanner_settings.get(actor)
        if as_json:
            print_json(version)
            return
        out().print(safe(_title(version)))
        rows = (
            (field.name, field.label, in_words(field, value_of(version.settings, field.name)), field.range)
            for field in form_fields()
        )
        out().print(table(("SETTING", "WHAT", "VALUE", "RANGE"), rows))


@app.command("set", epilog=EXIT_CODES)
def set_values(
    values: Annotated[list[str], typer.Argument(metavar="SETTING=VALUE…", help="Like cache.ttl_days=7.")],
    reason: Reason = "",
    ticket: Ticket = "",
    seen: Seen = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Change some settings; they are saved as one version, which holds for scans started afterwards."""
    with opened(as_json=as_json) as (services, actor):
        now = services.scanner_settings.get(actor)
        draft = _draft(now.settings, values)
        expected = now.version if seen is None else seen
        found = services.scanner_settings.preview(actor, draft, seen=expected)
        if preview:
            if as_json:
                print_json(found)
            else:
                _show_changes(found.changes)
            return
        saved = services.scanner_settings.save(actor, draft, _stamp(actor, reason, ticket), seen=expected)
        if as_json:
            print_json(saved)
        else:
            out().print(safe(f"Saved as version {saved.version}."))
            _show_changes(found.changes)


@app.command(epilog=EXIT_CODES)
def versions(
    limit: Annotated[int, typer.Option(min=1, max=VERSIONS_MAX, help="How many, the newest first.")] = VERSIONS_DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List what was saved: by whom, when, why, and what it changed."""
    with opened(as_json=as_json) as (services, actor):
        found = services.scanner_settings.versions(actor, limit=limit)
        if as_json:
            print_json({"items": [row.model_dump(mode="json") for row in found]})
        elif found:
            rows = (
                (
                    str(row.version.version),
                    iso(row.version.at) if row.version.at else "",
                    row.version.by,
                    row.version.reason,
                    "; ".join(f"{one.label}: {one.before} → {one.after}" for one in row.changes),
                )
                for row in found
            )
            out().print(table(("VERSION", "AT", "BY", "REASON", "CHANGED"), rows))
        else:
            note("Nothing was saved yet: the defaults hold.")


@app.command(epilog=EXIT_CODES)
def rollback(
    version: Annotated[int, typer.Argument(metavar="VERSION", min=0, help="As `versions` lists it; 0: the defaults.")],
    reason: Reason = "",
    ticket: Ticket = "",
    seen: Seen = None,
    as_json: JsonOption = False,
) -> None:
    """Save what an earlier version says as the next one. The trust roots stay."""
    with opened(as_json=as_json) as (services, actor):
        saved = services.scanner_settings.roll_back(actor, version, _stamp(actor, reason, ticket), seen=seen)
        if as_json:
            print_json(saved)
        else:
            out().print(safe(f"Saved as version {saved.version}: what version {version} says."))


@app.command(epilog=EXIT_CODES)
def check(
    path: Annotated[Path, typer.Argument(help="A directory, archive or image tarball below the scan roots.")],
    as_json: JsonOption = False,
) -> None:
    """Scan a source twice in full and compare; `checks` tells how it ended."""
    with opened(as_json=as_json) as (services, actor):
        stamp = _stamp(actor, "", "")
        started = services.determinism.start(actor, str(path.absolute()), stamp=stamp)
        if as_json:
            print_json(started)
        else:
            out().print(safe(f"Started; its verdict is that of job {started.job_ids['determinism']}"))
        warn_without_worker(services, actor, SCAN_QUEUE, "the check")


@app.command(epilog=EXIT_CODES)
def checks(as_json: JsonOption = False) -> None:
    """List the last determinism checks with their verdicts."""
    with opened(as_json=as_json) as (services, actor):
        found = services.determinism.last(actor)
        if as_json:
            print_json(found)
        elif found.items:
            rows = ((one.job_id, one.verdict.value, one.source, one.words) for one in found.items)
            out().print(table(("JOB", "VERDICT", "SOURCE", "WHAT CAME OF IT"), rows))
            for one in found.items:
                if one.places:
                    note(f"{one.source}: {' '.join(one.places)}")
        else:
            note("No check was run yet. Start one: execution-ops scanner-settings check PATH")


@trust_app.command("list", epilog=EXIT_CODES)
def list_keys(as_json: JsonOption = False) -> None:
    """List the keys, those that are disabled too."""
    with opened(as_json=as_json) as (services, actor):
        found = services.scanner_settings.get(actor).settings.trust
        if as_json:
            print_json({"items": [key.model_dump(mode="json") for key in found]})
        elif found:
            out().print(table(("FINGERPRINT", "NAME", "FOR", "ALGORITHM", "STATE", "BY", "ADDED"), map(_cells, found)))
        else:
            note("No key is trusted, so no kit can be verified. Add one: execution-ops trust add FILE --name …")


@trust_app.command("add", epilog=EXIT_CODES)
def add_key(
    file: Annotated[Path, typer.Argument(help="A file with the public key as PEM; - for stdin.")],
    name: Annotated[str, typer.Option(help="What the key is called here.")],
    use: Annotated[TrustUse, typer.Option(help="What it is trusted for.")] = TrustUse.KIT,
    reason: Reason = "",
    ticket: Ticket = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show its fingerprint and algorithm.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Trust a public key: Ed25519 or ECDSA P-256."""
    with opened(as_json=as_json) as (services, actor):
        pem = _read(file)
        if preview:
            facts = services.scanner_settings.read_key(actor, pem)
            if as_json:
                print_json(facts)
            else:
                known = f", there already as {facts.known_as}" if facts.known_as else ""
                out().print(safe(f"{facts.algorithm} {facts.fingerprint}{known}"))
            return
        added = services.scanner_settings.add_key(actor, pem, name, use, _stamp(actor, reason, ticket))
        _say("Trusted", added, as_json=as_json)


@trust_app.command(epilog=EXIT_CODES)
def disable(fingerprint: Fingerprint, reason: Reason = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Trust a key no more. Kits that were imported stay."""
    _act(TRUST_DISABLE, "Disabled", fingerprint, reason, ticket, as_json=as_json)


@trust_app.command(epilog=EXIT_CODES)
def enable(fingerprint: Fingerprint, reason: Reason = "", ticket: Ticket = "", as_json: JsonOption = False) -> None:
    """Trust a key again."""
    _act(TRUST_ENABLE, "Enabled", fingerprint, reason, ticket, as_json=as_json)


def _act(verb: Verb, said: str, fingerprint: str, reason: str, ticket: str, *, as_json: bool) -> None:
    with opened(as_json=as_json) as (services, actor):
        stamp = _stamp(actor, reason, ticket)
        _say(said, services.scanner_settings.act_on_key(actor, verb, fingerprint, stamp), as_json=as_json)


def _draft(now: SettingsValues, given: Iterable[str]) -> SettingsValues:
    texts = form_texts(now)
    for one in given:
        name, equals, text = one.partition("=")
        if not equals or name not in fields_by_name():
            raise InvalidInput(f"{one!r} names no setting: write SETTING=VALUE; `show` lists the settings.")
        texts[name] = text
    values, problems = read_form(texts)
    if values is None:
        raise InvalidInput(" ".join(f"{name}: {words}" for name, words in problems.items()))
    return values


def _show_changes(found: Iterable[SettingChange]) -> None:
    out().print(table(("SETTING", "BEFORE", "AFTER"), ((one.label, one.before, one.after) for one in found)))


def _title(version: SettingsVersion) -> str:
    if version.at is None:
        return "The defaults: nothing was saved yet."
    return f"Version {version.version}, saved by {version.by} at {iso(version.at)}: {version.reason}"


def _cells(key: TrustKey) -> tuple[str | Text, ...]:
    state = "enabled" if key.enabled else "disabled"
    return (key.fingerprint, key.name, USES[key.use], key.algorithm, state, key.added_by, iso(key.added_at))


def _say(said: str, key: TrustKey, *, as_json: bool) -> None:
    if as_json:
        print_json(key)
    else:
        out().print(safe(f"{said} {key.name} for {USES[key.use]}: {key.algorithm} {key.fingerprint}"))


def _read(file: Path) -> str:
    try:
        if str(file) == "-":
            return sys.stdin.read(PEM_MAX + 1)
        with file.open(encoding="ascii") as opened_file:
            # One character more than a key may have, so that a longer text is told as such.
            return opened_file.read(PEM_MAX + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"{file} can't be read: {why}.") from error


def _stamp(actor: Actor, reason: str, ticket: str) -> Stamp:
    return Stamp(actor=actor, reason=reason, ticket=ticket, idempotency_key=new_id())
