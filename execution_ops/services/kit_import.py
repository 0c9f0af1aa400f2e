"""The jobs that verify a kit, and that import one: kept whole, or put into quarantine with log and reason."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from execution_ops.domain.ids import child_id
from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.kit_payload import SYFT, KitPayload
from execution_ops.domain.kit_records import (
    IMPORT_TYPE,
    QUARANTINE_DAYS,
    QUARANTINE_MAX,
    QUEUE,
    VERIFY_TYPE,
    Kit,
    NewKit,
    over_limits,
)
from execution_ops.domain.kits import MANIFEST, Check, CheckStatus, CheckStep, ExitCode, KitManifest, KitReport
from execution_ops.domain.scanner_verbs import KIT_IMPORT, KIT_RELEASE, KIT_VERIFY
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import KitState
from execution_ops.scanner.kit_bundle import copy_kit, write_findings
from execution_ops.scanner.kit_store import BUNDLE, KIT, PAYLOAD, size_of
from execution_ops.scanner.kits.container import Opened
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.payload import read_payload
from execution_ops.services.kit_orders import ImportPayload, VerifyPayload
from execution_ops.services.kit_work import Tools, Watch, acting, check_kit, drop_files, located, without_manifest

TIMEOUT_S = 6 * 3600.0


@job_type(VERIFY_TYPE, queue=QUEUE, payload=VerifyPayload, max_attempts=3, timeout_s=TIMEOUT_S, scope=KIT_VERIFY.scope)
def verify_kit(job: JobContext, payload: VerifyPayload) -> JobResult:
    """Verifies an offline kit step by step, and changes nothing."""
    with (
        acting(payload.asked, KIT_VERIFY) as tools,
        Watch(tools, job, KIT_VERIFY, payload.words, payload.asked).working() as watch,
        located(tools, job, payload.source) as kit,
    ):
        report = check_kit(tools, job, watch, kit)
        watch.end(report=report, kit_id=payload.source.kit)
        return _result(report, payload.source.kit, "")


@job_type(IMPORT_TYPE, queue=QUEUE, payload=ImportPayload, max_attempts=3, timeout_s=TIMEOUT_S, scope=KIT_IMPORT.scope)
def import_kit(job: JobContext, payload: ImportPayload) -> JobResult:
    """Verifies an offline kit, then keeps it whole; one that fails goes to quarantine."""
    verb = KIT_RELEASE if payload.source.kit else KIT_IMPORT
    with acting(payload.asked, verb) as tools:
        # An earlier try of this job that died after its last step: the upload is gone, the kit is there.
        ended = tools.backend.get_kit_run(job.job_id)
        known = tools.backend.get_kit(ended.kit_id) if ended and ended.exit_code is not None else None
        if known is not None:
            return _result(known.report, known.kit.id, known.kit.state.value)
        with Watch(tools, job, verb, payload.words, payload.asked).working() as watch:
            return _Import(tools, job, payload, watch).run()


class _Import:
    """One try. What an earlier one did is found again: the same manifest gives the same kit."""

    def __init__(self, tools: Tools, job: JobContext, payload: ImportPayload, watch: Watch) -> None:
        self._tools = tools
        self._job = job
        self._payload = payload
        self._watch = watch
        self._stamp = payload.asked.stamp()
        self._stage = job.work_dir / "kit"

    def run(self) -> JobResult:
        self._stage.mkdir()
        with located(self._tools, self._job, self._payload.source) as found:
            bundle, report = self._verified(found)
        sound, about = report.verified or report.only_lower, KitPayload()
        if sound and report.manifest is not None:
            about, report = self._read(report, report.manifest)
            sound = report.verified or report.only_lower
        if not sound:
            _check_is_bad(report)
        kit = self._keep(bundle, report, about) if sound else self._refuse(report)
        self._watch.end(report=report, kit_id=kit.id)
        if self._payload.source.upload:
            self._tools.store.drop_upload(self._payload.source.upload)
        return _result(report, kit.id, kit.state.value)

    def _verified(self, found: Path | Opened) -> tuple[Path, KitReport]:
        """The kit copied to where nobody else changes it, and what verifying the copy tells."""
        bundle, most, whole = self._stage / BUNDLE, self._tools.settings.kit_max_bytes, True
        if isinstance(found, Path):
            os.link(found, bundle)
        else:
            whole = copy_kit(found.descriptor, bundle, most=most, checkpoint=self._job.checkpoint)
        into = self._stage / PAYLOAD
        # What is not copied is what the verification has to see.
        report = check_kit(self._tools, self._job, self._watch, bundle if whole else found, into)
        if not whole and (report.verified or report.only_lower):
            raise JobFailed("The kit was changed while it was copied. It is tried again.")
        return bundle, report

    def _read(self, report: KitReport, manifest: KitManifest) -> tuple[KitPayload, KitReport]:
        try:
            return read_payload(self._stage / PAYLOAD, manifest), report
        except KitRefused as error:
            failed = {"status": CheckStatus.FAILED, "found": error.found, "advice": error.advice}
            checks = tuple(
                check.model_copy(update=failed) if check.step is CheckStep.PAYLOAD else check for check in report.checks
            )
            told = {"checks": checks, "exit_code": error.exit_code, "category": error.category}
            return KitPayload(), report.model_copy(update=told)

    def _keep(self, bundle: Path, report: KitReport, about: KitPayload) -> Kit:
        assert report.manifest is not None
        store, backend = self._tools.store, self._tools.backend
        os.rename(bundle, self._stage / KIT)
        (self._stage / MANIFEST).write_text(report.manifest.model_dump_json())
        new = self._new(report, KitState.VERIFIED, "", report.manifest_sha256).model_copy(
            update={"baselines": len(about.baselines), "syft": self._syft(about)}
        )
        with store.exclusive():
            drop_files(backend, store)
            known = backend.kit_by_manifest(report.manifest_sha256)
            kit_id = known.id if known else child_id(self._job.job_id, report.manifest_sha256)
            store.settle(kit_id, self._stage)
            if (again := self._stage / KIT).exists():
                # It was here already. This one is what passed now, perhaps signed with another key.
                os.replace(again, store.kit_file(kit_id))
            kit = backend.keep_kit(new.model_copy(update={"id": kit_id}), without_manifest(report), self._stamp)
        self._job.log.info("%s is kept as the kit %s", kit.title, kit.id)
        self._leave_quarantine(kit)
        return kit

    def _syft(self, about: KitPayload) -> str:
        """The Syft of the kit, if this machine can run it."""
        if about.syft is None:
            return ""
        here = f"{platform.system().lower()}-{platform.machine()}"
        if about.syft.platform != here:
            self._job.log.warning("its Syft is for %s, this machine is %s: not used", about.syft.platform, here)
            return ""
        (self._stage / PAYLOAD / SYFT).chmod(0o700)
        return f"{PAYLOAD}/{SYFT}"

    def _leave_quarantine(self, kit: Kit) -> None:
        left = self._payload.source.kit
        known = self._tools.backend.get_kit(left) if left else None
        if known is None or known.kit.state is not KitState.QUARANTINED or known.kit.removed_at is not None:
            return
        with self._tools.store.exclusive():
            self._tools.backend.remove_kit(left, self._stamp, KIT_RELEASE)
            drop_files(self._tools.backend, self._tools.store)
        self._job.log.info("it has passed, and left quarantine as the kit %s", kit.id)

    def _refuse(self, report: KitReport) -> Kit:
        """Put it into quarantine; one that was released stays there."""
        store, backend, again = self._tools.store, self._tools.backend, self._payload.source.kit
        kit_id = again or child_id(self._job.job_id, "quarantine")
        self._job.log.warning("it goes to quarantine: %s", report.failure)
        write_findings(
            self._stage,
            report,
            datetime.now(UTC),
            {"id": kit_id, "source": self._payload.words, "job": self._job.job_id},
        )
        with store.exclusive():
            if not again:
                store.lock_away(kit_id, self._stage)
            elif not store.bundle(kit_id).exists():
                raise JobFailed("It failed again, and was removed from quarantine meanwhile.", permanent=True)
            new = self._new(report, KitState.QUARANTINED, kit_id, f"quarantine:{kit_id}").model_copy(
                # Not the report's: what can't be opened as a kit has no size there.
                update={"size": size_of(store.bundle(kit_id))}
            )
            kit = backend.keep_kit(new, without_manifest(report), self._stamp)
            why = f"Older than {QUARANTINE_DAYS} days, or beyond {describe_bytes(QUARANTINE_MAX)} of quarantine."
            over = over_limits(backend.quarantined_kits(), datetime.now(UTC))
            backend.expire_kits([old.id for old in over], why)
            drop_files(backend, store)
        return kit

    def _new(self, report: KitReport, state: KitState, kit_id: str, identity: str) -> NewKit:
        manifest, signer = report.manifest, report.signer
        return NewKit(
            id=kit_id,
            identity=identity,
            state=state,
            version=manifest.version if manifest else "",
            channel=manifest.channel.value if manifest else "",
            size=report.size,
            entries=len(manifest.entries) if manifest else 0,
            manifest_sha256=report.manifest_sha256,
            created_at=manifest.created_at if manifest else None,
            signer=signer.name if signer else "",
            signer_fingerprint=signer.fingerprint if signer else "",
            source=self._payload.words,
            job_id=self._job.job_id,
            exit_code=int(report.exit_code),
            category=report.category,
            failure=report.failure,
        )


def _check_is_bad(report: KitReport) -> None:
    """JobFailed, in words, unless the kit itself is at fault: not that it is absent, or that the disk is full."""
    fault = next(check for check in report.checks if _is_fault(check))
    if report.exit_code is ExitCode.NOT_FOUND or fault.step is CheckStep.DISK:
        raise JobFailed(f"{fault.found} {fault.advice}".strip(), permanent=True)


def _is_fault(check: Check) -> bool:
    # A lower version is sound, and what comes after it is still checked.
    return check.status is CheckStatus.FAILED and check.step is not CheckStep.VERSION


def _result(report: KitReport, kit_id: str, state: str) -> JobResult:
    return JobResult(
        value={
            "verified": report.verified,
            "exit_code": int(report.exit_code),
            "category": report.category,
            "failure": report.failure,
            "kit_id": kit_id,
            "state": state,
            "report": without_manifest(report).model_dump(mode="json"),
        }
    )
