"""Verification of a kit, step by step, in one pass over its payload."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from execution_ops.domain.kits import Check, CheckStatus, CheckStep, Detail, ExitCode, KitReport
from execution_ops.domain.scanner_settings import TrustKey
from execution_ops.domain.text import visible
from execution_ops.scanner.kits.container import Opened
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.steps import Absent, Kit, Limits, Site
from execution_ops.scanner.kits.unpacking import Progress

LIMITS = Limits()
_TEXT_MAX = 1000


def verify(
    source: Path | Opened,
    *,
    trust: Sequence[TrustKey],
    active_version: str | None,
    free_bytes: Callable[[], int],
    on_check: Callable[[Check], None],
    checkpoint: Callable[[], None],
    progress: Progress,
    into: Path | None = None,
    limits: Limits = LIMITS,
) -> KitReport:
    """Check the kit at `source`, a directory or a tar, and say of each step how it ended.

    Nothing is written unless `into` is given: then the payload is unpacked to this directory, which must not exist,
    in the same pass that checks its digests, so that what is unpacked is what was verified. It is there afterwards
    only if the report is `verified` or `only_lower`; its parent must be on the disk that it will stay on, so that it
    can be renamed into place.

    `trust` are the trust roots of the settings (disabled ones do not count); `active_version` that of the active
    kit, None if none is; `free_bytes` tells the free bytes of the disk that kits are unpacked to. `on_check` is
    called with each step as it ends, `progress` with bytes done, bytes in all and what goes on. What `checkpoint`
    raises ends the verification and leaves nothing behind. A hostile or damaged kit never raises; an OSError of the
    disk that is written to does, other than a full one.
    """
    site = Site(trust, active_version, free_bytes, checkpoint, progress, limits)
    with ExitStack() as stack:
        kit = Kit(source, into, site, stack)
        keep = False
        try:
            report = _report(kit, on_check, checkpoint)
            keep = report.verified or report.only_lower
        finally:
            if into is not None and not keep and kit.findings is not None and kit.findings.unpacked:
                shutil.rmtree(into)
    return report


def _report(kit: Kit, on_check: Callable[[Check], None], checkpoint: Callable[[], None]) -> KitReport:
    checks: list[Check] = []
    failure: KitRefused | None = None
    blocked: CheckStep | None = None
    for step in CheckStep:
        checkpoint()
        if blocked is not None:
            check, refusal = _not_run(kit, step, blocked), None
        else:
            check, refusal = _run(kit, step)
        failure = failure or refusal
        # A lower version is sound all the same; whether there is room for it is worth knowing.
        if refusal is not None and step is not CheckStep.VERSION:
            blocked = step
        checks.append(check)
        on_check(check)
    return KitReport(
        checks=tuple(checks),
        exit_code=failure.exit_code if failure else ExitCode.OK,
        category=failure.category if failure else "",
        manifest=kit.manifest,
        manifest_sha256=kit.manifest_sha256,
        signer=kit.attested.signer if kit.attested else None,
        size=kit.container.size if kit.container else 0,
    )


def _run(kit: Kit, step: CheckStep) -> tuple[Check, KitRefused | None]:
    started = time.perf_counter()
    status, advice, refusal = CheckStatus.PASSED, "", None
    details: tuple[Detail, ...] = ()
    try:
        found = kit.check(step)
    except Absent as absent:
        status, found = CheckStatus.ABSENT, str(absent)
    except KitRefused as error:
        refusal = error
        status, found, advice, details = CheckStatus.FAILED, error.found, error.advice, error.details
    check = Check(
        step=step,
        status=status,
        expected=_shown(kit.expected(step)),
        found=_shown(found),
        advice=_shown(advice),
        duration_ms=round((time.perf_counter() - started) * 1000),
        details=tuple(Detail(label=one.label, value=_shown(one.value)) for one in details),
    )
    return check, refusal


def _not_run(kit: Kit, step: CheckStep, blocked: CheckStep) -> Check:
    found = f"Needs step {blocked.number}, which failed."
    return Check(step=step, status=CheckStatus.NOT_RUN, expected=_shown(kit.expected(step)), found=found)


def _shown(text: str) -> str:
    """Kits are hostile: what a message quotes of them is made visible, and cut."""
    return visible(text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "…")
