"""How kits look in a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.text import Text

from execution_ops.commands.following import follow_until
from execution_ops.commands.output import Exit, complain, note, out, print_json, safe, table
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import NotFound, OpsError
from execution_ops.domain.jobs import JobDetail, Submission
from execution_ops.domain.kit_records import Kit, KitReads
from execution_ops.domain.kits import Check, CheckStatus, ExitCode, KitReport
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import ENDED, JobState, KitState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.words import counted

if TYPE_CHECKING:
    from execution_ops.services.container import Services

_REFUSALS = "2 checksum, or wrong usage · 5 DSSE signature · 6 Rekor receipt · 8 lower than the active kit"
CHECK_CODES = (
    f"Exit codes: 0 verified · 1 not found · {_REFUSALS} · "
    "11 not a valid kit, or nothing to check it with · 130 stopped"
)
IMPORT_CODES = (
    f"Exit codes: 0 started, with --wait verified · {_REFUSALS} · "
    "11 not a valid kit, or no verdict on it for any other reason · 130 stopped"
)
_STYLES = {
    KitState.VERIFIED: "green",
    KitState.QUARANTINED: "bold red",
    KitState.ACTIVE: "blue",
    KitState.SUPERSEDED: "dim",
}
_STEP_STYLES = {CheckStatus.PASSED: "green", CheckStatus.FAILED: "bold red"}


def no_verdict(_: OpsError) -> int:
    """The exit code of an error where codes are verdicts: the usual one would be taken for a verdict on the kit."""
    return int(ExitCode.VALIDATION)


def say_check(check: Check) -> None:
    """One step as it ended: expected, found, what to do."""
    line = safe(f"{check.step.number}. {check.step.heading}  ")
    line.append_text(Text(check.status.word, style=_STEP_STYLES.get(check.status, "dim")))
    line.append(f"  {describe_duration(check.duration_ms)}", style="dim")
    out().print(line)
    told = (("expected", check.expected), ("found", check.found), ("what to do", check.advice))
    for label, text in told:
        if text:
            out().print(safe(f"     {label:<11}{text}"))
    for detail in check.details:
        out().print(safe(f"     {detail.label:<11}{detail.value}", "dim"))


def say_report(report: KitReport, *, as_json: bool) -> None:
    """What came of a verification."""
    if as_json:
        shown = report.model_copy(update={"manifest": None}).model_dump(mode="json")
        print_json({**shown, "verified": report.verified, "failure": report.failure})
    elif report.verified:
        out().print(safe(f"The kit {report.manifest.version if report.manifest else ''} is sound.", "green"))
    else:
        complain(f"Refused ({report.category}, exit code {int(report.exit_code)}): {report.failure}")


def say_started(started: Submission, job_id: str, *, as_json: bool) -> None:
    """Which job does it."""
    if as_json:
        print_json(started)
        return
    out().print(f"Job {job_id}")
    out().print(f"Follow it: execution-ops jobs show {job_id}", style="dim")


def follow(services: Services, actor: Actor, job_id: str, *, failed: int, as_json: bool) -> int:
    """Show a job on a kit until it has ended; the exit code that says what came of it, `failed` for no result."""
    shown = 0

    def look() -> JobDetail:
        nonlocal shown
        # In this order: what ended it was told before it ended.
        detail = services.jobs.get(actor, job_id)
        try:
            checks = services.kits.run(actor, job_id).checks
        except NotFound:
            checks = ()  # Not begun yet, or no verification is part of it.
        for check in checks[shown:] if not as_json else ():
            say_check(check)
        shown = len(checks)
        return detail

    detail = follow_until(look, lambda detail: detail.row.state in ENDED)
    if detail.row.state is not JobState.SUCCEEDED:
        if as_json:
            print_json({"state": detail.row.state.value, "failure": detail.row.error_message})
        else:
            complain(detail.row.error_message or f"The job is {detail.row.state.value}.")
        return failed
    value = json.loads(services.jobs.value(actor, job_id, "result"))
    if as_json:
        print_json({**value, "files": [file.model_dump(mode="json") for file in detail.artifacts]})
    else:
        _say_result(value)
        for file in detail.artifacts:
            out().print(safe(f"{file.name}  {file.size:,} bytes  sha256:{file.sha256}"))
    return int(value.get("exit_code", Exit.OK))


def _say_result(value: dict[str, object]) -> None:
    if value.get("failure"):
        complain(str(value["failure"]))
    facts = [
        (name, str(value[name]))
        for name in ("kit_id", "version", "state", "baselines", "signed_with")
        if value.get(name)
    ]
    out().print(table(("", ""), facts))


def kit_cells(kit: Kit) -> tuple[str | Text, ...]:
    """One kit as the cells of a table."""
    word = "removed" if kit.removed_at else kit.state.value
    return (
        kit.id,
        kit.version,
        kit.channel,
        Text(word, style="dim" if kit.removed_at else _STYLES[kit.state]),
        describe_bytes(kit.size),
        iso(kit.received_at),
        _remark(kit),
    )


def say_kit(found: KitReads) -> None:
    """One kit: its facts, its verification, its activations."""
    kit = found.kit
    held = f"{counted(kit.entries, 'entry', 'entries')}, {counted(kit.baselines, 'baseline')}"
    facts = [
        ("Kit", kit.id),
        ("Version", f"{kit.version} ({kit.channel})" if kit.version else ""),
        ("State", f"{kit.state.value}{', forced to a lower version' if kit.forced else ''}"),
        ("Size", f"{describe_bytes(kit.size)}, {held}"),
        ("Made", iso(kit.created_at) if kit.created_at else ""),
        ("Received", f"{iso(kit.received_at)} by {kit.received_by}, from {kit.source}"),
        ("Signed", f"{kit.signer} {kit.signer_fingerprint}" if kit.signer else ""),
        ("Manifest", kit.manifest_sha256),
        ("Files", "here" if kit.has_files else "removed"),
        ("Removed", f"{iso(kit.removed_at)} by {kit.removed_by}: {kit.remove_reason}" if kit.removed_at else ""),
    ]
    out().print(table(("", ""), [fact for fact in facts if fact[1]]))
    for check in found.report.checks:
        say_check(check)
    for one in found.activations:
        undone = f", rolled back {iso(one.undone_at)} by {one.undone_by}" if one.undone_at else ""
        note(f"Activated {iso(one.at)} by {one.by}: {one.reason}{undone}")


def _remark(kit: Kit) -> str:
    if kit.removed_at:
        return kit.remove_reason
    if kit.state is KitState.QUARANTINED:
        return kit.failure
    marks = ["forced" if kit.forced else "", "" if kit.has_files else "files removed"]
    return ", ".join(mark for mark in marks if mark)
