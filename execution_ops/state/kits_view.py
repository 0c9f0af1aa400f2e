"""Offline kits as their page shows them: flat rows, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from execution_ops import routes
from execution_ops.domain.kit_records import (
    QUARANTINE_DAYS,
    Kit,
    KitActivation,
    KitRun,
    is_lower,
)
from execution_ops.domain.kits import Check, CheckStatus, KitReport, failed_at
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_ROLLBACK,
    KIT_VERIFY,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import KitState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.verb import Verb
from execution_ops.services.kit_reads import KitStatus

Fact = tuple[str, str]
_MARKS = {
    CheckStatus.PASSED: ("circle-check", "ok"),
    CheckStatus.FAILED: ("circle-x", "bad"),
    CheckStatus.ABSENT: ("circle-minus", "mute"),
    CheckStatus.NOT_RUN: ("circle-dashed", "mute"),
}
_WORK = {
    verb.name: words
    for verb, words in (
        (KIT_VERIFY, "Verification of"),
        (KIT_IMPORT, "Import of"),
        (KIT_RELEASE, "Release of"),
        (KIT_ACTIVATE, "Activation of"),
        (KIT_EXPORT, "Export of"),
    )
}


@dataclass(frozen=True)
class KitLine:
    """A kit in the list."""

    id: str
    href: str
    version: str
    what: str
    state: str
    phrase: str
    received_at: str
    chosen: bool
    removed: bool


@dataclass(frozen=True)
class Detail:
    """One line of what differs."""

    label: str
    value: str


@dataclass(frozen=True)
class CheckLine:
    """A step of a verification."""

    number: int
    title: str
    icon: str
    tone: str
    word: str
    expected: str
    found: str
    advice: str
    took: str
    details: list[Detail] = field(default_factory=list)


@dataclass(frozen=True)
class LockedLine:
    """A kit in quarantine."""

    id: str
    href: str
    log_href: str
    version: str
    refused: str
    since: str
    left: str
    failure: str


@dataclass(frozen=True)
class WorkLine:
    """The work of a job on a kit."""

    job_id: str
    href: str
    title: str
    at: str
    icon: str
    tone: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class PastLine:
    """An activation that was."""

    href: str
    version: str
    at: str
    by: str
    reason: str
    forced: bool
    undone: str


def kit_line(kit: Kit, active: Kit | None, chosen: str) -> KitLine:
    """A kit as a row."""
    what = ", ".join(part for part in (kit.channel, describe_bytes(kit.size)) if part)
    return KitLine(
        id=kit.id,
        href=routes.offline_kit(kit.id),
        version=visible(kit.version) or "unreadable",
        what=what,
        state=kit.state.value,
        phrase=visible(phrase(kit, active)),
        received_at=iso(kit.received_at),
        chosen=kit.id == chosen,
        removed=kit.removed_at is not None,
    )


def refusal(kit: Kit) -> str:
    """Which step refused a kit."""
    return f"refused at: {failed_at(kit.category)}" if kit.category else "refused"


def phrase(kit: Kit, active: Kit | None) -> str:
    """How the kit stands, in a few words."""
    if kit.removed_at is not None:
        return "removed; its record stays"
    if kit.state is KitState.QUARANTINED:
        return refusal(kit)
    if kit.state is KitState.ACTIVE:
        return "forced, lower than the one before" if kit.forced else f"{kit.entries:,} entries"
    if not kit.has_files:
        return "files removed, record kept"
    if kit.state is KitState.SUPERSEDED:
        return "kept for a roll-back"
    return "lower than the active one" if is_lower(kit, active) else "can be activated"


def check_line(check: Check) -> CheckLine:
    """A step as it ended."""
    icon, tone = _MARKS[check.status]
    return CheckLine(
        number=check.step.number,
        title=check.step.heading,
        icon=icon,
        tone=tone,
        word=check.status.word,
        expected=visible(check.expected),
        found=visible(check.found),
        advice=visible(check.advice),
        took="" if check.status is CheckStatus.NOT_RUN else describe_duration(check.duration_ms),
        details=[Detail(visible(one.label), visible(one.value)) for one in check.details],
    )


def locked_line(kit: Kit, now: datetime) -> LockedLine:
    """A kit in quarantine, and when its bundle goes."""
    left = kit.received_at + timedelta(days=QUARANTINE_DAYS) - now
    days = max(0, left.days)
    return LockedLine(
        id=kit.id,
        href=routes.offline_kit(kit.id),
        log_href=routes.api_kit(kit.id, "log"),
        version=visible(kit.version) or "unreadable",
        refused=refusal(kit),
        since=iso(kit.received_at),
        left=f"deleted in {days} d" if days else "deleted when the next kit is refused",
        failure=visible(kit.failure),
    )


def work_line(run: KitRun, chosen: str) -> WorkLine:
    """The work of a job, and what came of it."""
    icon, tone, text = outcome(run)
    return WorkLine(
        job_id=run.job_id,
        href=routes.offline_kits([("job", run.job_id)]),
        title=work_title(run),
        at=iso(run.started_at),
        icon=icon,
        tone=tone,
        text=text,
        chosen=run.job_id == chosen,
    )


def work_title(run: KitRun) -> str:
    """What a job works on."""
    return f"{_WORK.get(run.verb, 'Work on')} {visible(run.source).rsplit('/', 1)[-1]}"


def outcome(run: KitRun) -> tuple[str, str, str]:
    """Icon, tone and word of the work of a job."""
    if run.ended_at is None:
        return "loader-circle", "run", f"step {len(run.checks) + 1}" if _has_steps(run) else "running"
    if run.failure:
        return "circle-x", "bad", "failed"
    if not _has_steps(run):
        return "circle-check", "ok", "done"
    if _kept_lower(run):
        return "triangle-alert", "warn", "kept, lower than the active kit"
    if run.exit_code:
        return "shield-ban", "bad", f"refused, exit code {run.exit_code}"
    return "circle-check", "ok", "verified"


def _has_steps(run: KitRun) -> bool:
    return run.verb in (KIT_VERIFY.name, KIT_IMPORT.name, KIT_RELEASE.name)


def _kept_lower(run: KitRun) -> bool:
    """Whether the kit was kept though it is lower than the active one, as an import does with one that is sound."""
    return run.verb != KIT_VERIFY.name and KitReport(checks=run.checks).only_lower


def past_line(one: KitActivation) -> PastLine:
    """An activation, and its roll-back if there was one."""
    undone = f"rolled back by {visible(one.undone_by)}: {visible(one.undone_reason)}" if one.undone_at else ""
    return PastLine(
        href=routes.offline_kit(one.kit_id),
        version=one.version,
        at=iso(one.at),
        by=visible(one.by),
        reason=visible(one.reason),
        forced=one.forced,
        undone=undone,
    )


def kit_facts(kit: Kit) -> list[Fact]:
    """What is known of a kit."""
    facts = [
        ("Channel", kit.channel),
        ("Made", f"{kit.created_at:%-d %b %Y %H:%M} UTC" if kit.created_at else ""),
        ("Holds", f"{kit.entries:,} entries, {kit.baselines:,} baselines{', Syft' if kit.syft else ''}"),
        ("Signed by", f"{kit.signer}, {kit.signer_fingerprint[:16]}…" if kit.signer else ""),
        ("Received", f"{kit.received_at:%-d %b %H:%M} UTC by {kit.received_by}, from {kit.source}"),
        ("Activated", _activated(kit)),
        ("Removed", f"by {kit.removed_by}: {kit.remove_reason}" if kit.removed_at else ""),
    ]
    return [(label, visible(text)) for label, text in facts if text]


def _activated(kit: Kit) -> str:
    if kit.activated_at is None:
        return ""
    forced = ", forced to a lower version" if kit.forced else ""
    return f"{kit.activated_at:%-d %b %H:%M} UTC by {kit.activated_by}{forced}: {kit.activate_reason}"


def took(checks: Sequence[Check]) -> str:
    """How long the steps took together."""
    return describe_duration(sum(check.duration_ms for check in checks)) if checks else ""


def summary(status: KitStatus) -> str:
    """The page in one sentence."""
    locked = status.quarantined
    if locked:
        word = "One kit is" if locked == 1 else f"{locked} kits are"
        return f"Signed bundles carried into this site. {word} in quarantine."
    if status.place.active is None:
        return "Signed bundles carried into this site. None is active yet."
    return "Signed bundles carried into this site."


def takes_force(verb: Verb, kit: Kit, status: KitStatus) -> bool:
    """Whether the verb on the kit takes force, which its question then says."""
    return verb is KIT_ACTIVATE and is_lower(kit, status.place.active)


def question(verb: Verb, kit: Kit, status: KitStatus) -> tuple[str, str, list[Fact]]:
    """Title, button and facts of the question before a verb."""
    title, facts = f"{verb.label} {kit.title}?", list[Fact]()
    active, previous = status.place.active, status.place.previous
    if verb is KIT_ACTIVATE:
        facts.append(("Active now", active.title if active else "none"))
        facts.append(("Brings", f"{kit.baselines:,} baselines{', its own Syft' if kit.syft else ''}"))
        if takes_force(verb, kit, status):
            facts.append(("Lower version", "this is forced, and stays marked as such"))
            return f"Force the lower version {kit.title}?", f"Force {kit.title}", facts
    elif verb is KIT_ROLLBACK:
        title = f"Roll back from {kit.title}?"
        facts.append(("Active then", previous.title if previous else "none"))
        return title, f"Roll back to {previous.title}" if previous else verb.label, facts
    elif verb is KIT_REMOVE:
        facts.append(("Stays", "its record, its log and the reason"))
    return title, f"{verb.label} {kit.title}", facts
