"""What is open beside the list of offline kits: the work of a job, or a kit; flat, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from shlex import quote

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.kit_records import Kit, KitReads, KitRun, is_lower, why_kit_off, why_opened_off
from execution_ops.domain.kits import Check, CheckStatus, KitReport
from execution_ops.domain.scanner_verbs import (
    KIT_ACTIVATE,
    KIT_EXPORT,
    KIT_IMPORT,
    KIT_RELEASE,
    KIT_REMOVE,
    KIT_VERIFY,
)
from execution_ops.domain.states import KitState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, describe_instant, iso
from execution_ops.domain.words import counted
from execution_ops.services.kit_reads import KitStatus
from execution_ops.texts import common
from execution_ops.texts import kits as words

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
        (KIT_VERIFY, words.VERIFICATION_OF),
        (KIT_IMPORT, words.IMPORT_OF),
        (KIT_RELEASE, words.RELEASE_OF),
        (KIT_ACTIVATE, words.ACTIVATION_OF),
        (KIT_EXPORT, words.EXPORT_OF),
    )
}


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
class PanelView:
    """What is open. `kind` is job, kit or missing, "" for nothing.

    `icon`, `tone` and `word` are of a job, the `*_off` of a kit; `import_job` is the verification to be imported.
    """

    kind: str = ""
    title: str = ""
    state: str = ""
    icon: str = ""
    tone: str = ""
    word: str = ""
    took: str = ""
    failure: str = ""
    running: bool = False
    job_href: str = ""
    kit_href: str = ""
    file_href: str = ""
    log_href: str = ""
    command: str = ""
    facts: list[Fact] = field(default_factory=list)
    activate_off: str = ""
    release_off: str = ""
    remove_off: str = ""
    verify_off: str = ""
    import_job: str = ""


def job_panel(run: KitRun, actor: Actor) -> PanelView:
    """The work of a job as it is open."""
    icon, tone, word = outcome(run)
    sound = run.verb == KIT_VERIFY.name and run.exit_code in (0, 8) and not run.kit_id
    source = visible(run.source)
    return PanelView(
        kind="job",
        title=work_title(run),
        icon=icon,
        tone=tone,
        word=word,
        took=took(run.checks),
        failure=visible(run.failure),
        running=run.ended_at is None,
        job_href=routes.job(run.job_id),
        kit_href=routes.offline_kit(run.kit_id) if run.kit_id else "",
        command=words.verify_command(quote(source)) if source.startswith("/") else "",
        import_job=run.job_id if sound and not why_kit_off(actor, KIT_IMPORT) else "",
    )


def kit_panel(opened: KitReads, status: KitStatus, actor: Actor) -> PanelView:
    """A kit as it is open."""
    kit, off = opened.kit, why_opened_off(actor, KIT_ACTIVATE, opened)
    failure = visible(kit.failure)
    if is_lower(kit, status.place.active) and not off and kit.exit_code == 0:
        failure = words.ACTIVATING_IT_TAKES_FORCE
    handed_out = kit.has_files and kit.state is not KitState.QUARANTINED
    return PanelView(
        kind="kit",
        title=words.kit(visible(kit.title)),
        state=kit.state.value,
        took=took(opened.report.checks),
        failure=failure,
        job_href=routes.job(kit.job_id),
        file_href=routes.api_kit(kit.id, "file") if handed_out else "",
        log_href=routes.api_kit(kit.id, "log"),
        facts=kit_facts(kit),
        activate_off=off,
        release_off=why_kit_off(actor, KIT_RELEASE, kit),
        # What lost its files can still be taken off the list.
        remove_off=why_kit_off(actor, KIT_REMOVE, kit.model_copy(update={"has_files": True})),
        verify_off=why_kit_off(actor, KIT_VERIFY, kit),
    )


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
    return f"{_WORK.get(run.verb, words.WORK_ON)} {visible(run.source).rsplit('/', 1)[-1]}"


def outcome(run: KitRun) -> tuple[str, str, str]:
    """Icon, tone and word of the work of a job."""
    if run.ended_at is None:
        return "loader-circle", "run", words.step(len(run.checks) + 1) if _has_steps(run) else "running"
    if run.failure:
        return "circle-x", "bad", "failed"
    if not _has_steps(run):
        return "circle-check", "ok", "done"
    if _kept_lower(run):
        return "triangle-alert", "warn", words.KEPT_LOWER_THAN_THE_ACTIVE_KIT
    if run.exit_code:
        return "shield-ban", "bad", words.refused_exit_code(run.exit_code)
    return "circle-check", "ok", "verified"


def _has_steps(run: KitRun) -> bool:
    return run.verb in (KIT_VERIFY.name, KIT_IMPORT.name, KIT_RELEASE.name)


def _kept_lower(run: KitRun) -> bool:
    """Whether the kit was kept though it is lower than the active one, as an import does with one that is sound."""
    return run.verb != KIT_VERIFY.name and KitReport(checks=run.checks).only_lower


def kit_facts(kit: Kit) -> list[Fact]:
    """What is known of a kit."""
    facts = [
        (words.CHANNEL, kit.channel),
        (common.MADE, describe_instant(kit.created_at, year=True) if kit.created_at else ""),
        (words.HOLDS, _holds(kit)),
        (words.SIGNED_BY, f"{kit.signer}, {kit.signer_fingerprint[:16]}…" if kit.signer else ""),
        (words.RECEIVED, words.received(kit.received_at, kit.received_by, kit.source)),
        (words.ACTIVATED, _activated(kit)),
        (words.REMOVED, words.removed_by(kit.removed_by, kit.remove_reason) if kit.removed_at else ""),
    ]
    return [(label, visible(text)) for label, text in facts if text]


def _activated(kit: Kit) -> str:
    if kit.activated_at is None:
        return ""
    at = describe_instant(kit.activated_at)
    return words.activated(at, kit.activated_by, kit.activate_reason, forced=kit.forced)


def took(checks: Sequence[Check]) -> str:
    """How long the steps took together."""
    return describe_duration(sum(check.duration_ms for check in checks)) if checks else ""


def _holds(kit: Kit) -> str:
    held = [counted(kit.entries, "entry", "entries"), counted(kit.baselines, "baseline")]
    return ", ".join([*held, common.SYFT] if kit.syft else held)
