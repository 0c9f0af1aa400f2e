"""The job that makes a kit the active one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from execution_ops.domain.baselines import NewBaseline
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.kit_payload import KitBaseline, KitPayload
from execution_ops.domain.kit_records import ACTIVATE_TYPE, QUEUE, Kit, KitOrder, why_kit_off
from execution_ops.domain.kits import MANIFEST, KitManifest
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE
from execution_ops.domain.states import KitState
from execution_ops.scanner.jobs import CYCLONEDX
from execution_ops.scanner.kits.payload import read_payload
from execution_ops.services.kit_orders import ActivatePayload
from execution_ops.services.kit_work import Tools, Watch, acting, drop_files


@job_type(ACTIVATE_TYPE, queue=QUEUE, payload=ActivatePayload, max_attempts=5, timeout_s=3600, scope=KIT_ACTIVATE.scope)
def activate_kit(job: JobContext, payload: ActivatePayload) -> JobResult:
    """Makes an offline kit the active one: its baselines and analyzer settings hold from then on."""
    with acting(payload.asked, KIT_ACTIVATE) as tools:
        known = tools.backend.get_kit(payload.kit_id)
        if known is None:
            raise NotFound(f"There is no kit {payload.kit_id}.")
        with Watch(tools, job, KIT_ACTIVATE, known.kit.title, payload.asked).working() as watch:
            # One that is active may be so by an earlier try of this very job: the ledger knows.
            off = why_kit_off(payload.asked.actor, KIT_ACTIVATE, known.kit)
            if off and known.kit.state is not KitState.ACTIVE:
                raise Conflict(off)
            value = _activate(tools, job, payload, known.kit)
            watch.end(kit_id=known.kit.id)
            return JobResult(value=value)


def _activate(tools: Tools, job: JobContext, payload: ActivatePayload, known: Kit) -> dict[str, object]:
    manifest = KitManifest.model_validate_json((tools.store.folder(known.id) / MANIFEST).read_text())
    brought = read_payload(tools.store.payload(known.id), manifest)
    kept = _keep_baselines(tools, job, payload, known, brought)
    order = KitOrder(
        job_id=job.job_id,
        force=payload.force,
        baselines=tuple(kept[number] for number in to_promote(brought.baselines)),
        disabled=brought.analyzers.disabled if brought.analyzers else None,
    )
    kit = tools.backend.activate_kit(known.id, order, payload.asked.stamp())
    with tools.store.exclusive():
        drop_files(tools.backend, tools.store)
    job.log.info("%s is active: %d baselines, %d of them promoted", kit.title, len(kept), len(order.baselines))
    return _value(kit, brought, len(order.baselines))


def to_promote(brought: Sequence[KitBaseline]) -> list[int]:
    """Which of the baselines are promoted: of each source the one that was where the kit was made, else the last."""
    chosen: dict[str, int] = {}
    for number, baseline in enumerate(brought):
        before = chosen.get(baseline.source)
        if before is None or baseline.promoted or not brought[before].promoted:
            chosen[baseline.source] = number
    return sorted(chosen.values())


def _keep_baselines(
    tools: Tools, job: JobContext, payload: ActivatePayload, kit: Kit, brought: KitPayload
) -> list[str]:
    """Store the baselines as candidates of the tenant; their ids. What an earlier try stored is found again."""
    kept: list[str] = []
    stamp, place = payload.asked.stamp(), tools.store.payload(kit.id)
    for number, baseline in enumerate(brought.baselines, 1):
        job.checkpoint()
        document = _document(job, place / baseline.file, baseline)
        new = NewBaseline(
            tenant=payload.tenant,
            source=baseline.source,
            label=baseline.label,
            sha256=document,
            size=baseline.size,
            components=baseline.components,
            kit_id=kit.id,
            green=True,
            syft=baseline.syft,
        )
        kept.append(tools.backend.keep_baseline(new, stamp).id)
        job.progress(number, len(brought.baselines), baseline.source)
    return kept


def _document(job: JobContext, path: Path, baseline: KitBaseline) -> str:
    copied = job.work_dir / "baseline.json"
    shutil.copyfile(path, copied)
    kept = job.keep(copied, name="baseline.cdx.json", media_type=CYCLONEDX)
    if kept.sha256 != baseline.sha256:
        raise JobFailed(
            f"The baseline of {baseline.source} was changed in the data directory since the kit was verified. "
            "Remove the kit and import it again.",
            permanent=True,
        )
    return kept.sha256


def _value(kit: Kit, brought: KitPayload, promoted: int) -> dict[str, object]:
    return {
        "kit_id": kit.id,
        "version": kit.version,
        "generation": kit.generation,
        "forced": kit.forced,
        "baselines": len(brought.baselines),
        "promoted": promoted,
        "analyzers": brought.analyzers is not None,
        "syft": bool(kit.syft),
    }
