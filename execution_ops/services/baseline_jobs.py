"""The jobs on baselines: one compares two and keeps what it found, one promotes with the difference on record."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import require
from execution_ops.domain.baselines import (
    COMPARE_TYPE,
    PROMOTE_TYPE,
    QUEUE,
    Baseline,
    PromotionOrder,
    describe_side,
    missing,
    name_of,
)
from execution_ops.domain.errors import NotFound
from execution_ops.domain.job_types import Artifact, JobContext, JobResult, job_type
from execution_ops.domain.sbom_diff import Comparison, in_words
from execution_ops.domain.sbom_exports import DiffFormat, write_diff
from execution_ops.domain.scanner_verbs import BASELINE_COMPARE, BASELINE_PROMOTE
from execution_ops.scanner.failures import in_words as failures_in_words
from execution_ops.services.comparisons import compare_files
from execution_ops.services.own_jobs import LEDGER, Asked, failing_in_words

NODE_KEY = "baseline"


class ComparePayload(BaseModel):
    """Compare from `left` to `right`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: str
    right: str
    asked: Asked


class PromotePayload(BaseModel):
    """Promote a baseline. `held` is the one that was promoted when it was asked for, empty for none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    baseline: str
    held: str
    asked: Asked


@job_type(COMPARE_TYPE, queue=QUEUE, payload=ComparePayload, scope=BASELINE_COMPARE.scope)
def compare_baselines(job: JobContext, payload: ComparePayload) -> JobResult:
    """Compares two baselines and keeps what changed as CSV, JSON and CycloneDX."""
    with failing_in_words():
        backend, asked = LEDGER.get(), payload.asked
        require(asked.actor, BASELINE_COMPARE.scope)
        left, right = (_read(backend, asked, one) for one in (payload.left, payload.right))
        job.progress(0, 1, "comparing")
        found = compare_files(backend, left, right)
        words = f"From {name_of(left)} to {name_of(right)}: {in_words(found.counts)}"
        job.log.info("%s", words)
        kept = tuple(_keep(job, left, right, found, form) for form in DiffFormat)
        job.progress(1, 1, in_words(found.counts))
        return JobResult(value={"left": left.id, "right": right.id, **_told(found, words)}, artifacts=kept)


@job_type(PROMOTE_TYPE, queue=QUEUE, payload=PromotePayload, scope=BASELINE_PROMOTE.scope)
def promote_baseline(job: JobContext, payload: PromotePayload) -> JobResult:
    """Promotes a baseline: scans of its source compare with it. What that changes is kept with the job."""
    with failing_in_words():
        backend, asked = LEDGER.get(), payload.asked
        require(asked.actor, BASELINE_PROMOTE.scope)
        one = _read(backend, asked, payload.baseline)
        value: dict[str, Any] = {"baseline": one.id, "held": payload.held}
        artifacts: tuple[Artifact, ...] = ()
        if payload.held:
            try:
                held = _read(backend, asked, payload.held)
                found = compare_files(backend, held, one)
            except NotFound as error:
                # A promotion is also the way out when the one that holds was damaged or lost its file.
                job.log.warning("There is no difference to keep. %s", error.message)
            else:
                value |= _told(found, f"Against {name_of(held)}: {in_words(found.counts)}")
                job.log.info("%s", value["verdict"])
                artifacts = (_keep(job, held, one, found, DiffFormat.JSON),)
        # From here on it is done or not at all: a cancel comes before.
        job.checkpoint()
        order = PromotionOrder(job_id=job.job_id, held=payload.held)
        backend.promote_baseline(one.id, order, asked.stamp())
        job.log.info("%s is promoted: scans of %s compare with it", name_of(one), one.source)
        return JobResult(value=value, artifacts=artifacts)


def _read(backend: Backend, asked: Asked, baseline_id: str) -> Baseline:
    found = backend.get_baseline(baseline_id, tenants=asked.actor.tenants)
    if found is None:
        raise missing(baseline_id)
    return found


def _keep(job: JobContext, left: Baseline, right: Baseline, found: Comparison, form: DiffFormat) -> Artifact:
    sides = {"left": describe_side(left), "right": describe_side(right)}
    path = job.work_dir / f"comparison.{form.ending}"
    with failures_in_words(str(job.work_dir)), path.open("wb") as file:
        for chunk in write_diff(found.rows, found.counts, sides, form):
            job.checkpoint()
            file.write(chunk)
    return job.keep(path, name=path.name, media_type=form.media_type)


def _told(found: Comparison, verdict: str) -> dict[str, Any]:
    return {"verdict": verdict, **found.counts.model_dump()}
