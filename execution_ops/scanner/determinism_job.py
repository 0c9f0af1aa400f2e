"""The job that says whether the two scans of a determinism check gave the same. Importing it registers it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.scanner_verbs import DETERMINISM_CHECK
from execution_ops.domain.words import counted
from execution_ops.scanner.determinism import Step, differences, shared, steps
from execution_ops.scanner.documents import read_document
from execution_ops.scanner.failures import logs_cause
from execution_ops.scanner.plan import DETERMINISM, FIRST, SECOND

IDENTICAL = "identical"


class DeterminismPayload(BaseModel):
    """The path that was scanned twice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str


class ResultsDiffer(JobFailed):
    """The two scans gave something else each."""


@job_type(
    DETERMINISM,
    queue="report",
    payload=DeterminismPayload,
    max_attempts=3,
    timeout_s=600,
    scope=DETERMINISM_CHECK.scope,
)
@logs_cause
def determinism(ctx: JobContext, payload: DeterminismPayload) -> JobResult:
    """Compare the two scans of a source step by step, and say whether they are identical."""
    parents = ctx.parents()
    first, second = _merged(ctx, parents, FIRST), _merged(ctx, parents, SECOND)
    found = steps(_digests(parents, FIRST), _digests(parents, SECOND))
    same = [step for step in found if step.identical]
    for step in found:
        ctx.log.info("%s: %s", step.name, "identical" if step.identical else f"{step.first} and {step.second}")
    components, total = shared(first, second)
    ctx.progress(len(same), len(found), f"{len(same)} of {len(found)} steps identical")
    if len(same) < len(found):
        raise ResultsDiffer(_where(ctx, found, first, second), permanent=True)
    ctx.log.info("Identical: %d steps, %d components", len(found), total)
    return JobResult(
        value={
            "verdict": IDENTICAL,
            "source": payload.source,
            "steps": [step.model_dump(mode="json") for step in found],
            "identical": len(same),
            "total": len(found),
            "components": components,
            "sha256": parents[f"{SECOND}merge"].artifacts[0].sha256,
        }
    )


def _merged(ctx: JobContext, parents: Mapping[str, JobResult], prefix: str) -> dict[str, Any]:
    return read_document(ctx, parents[f"{prefix}merge"].artifacts[0])


def _digests(parents: Mapping[str, JobResult], prefix: str) -> dict[str, str]:
    """What each step of one scan gave, as a digest."""
    inspected, merged = parents[f"{prefix}inspect"], parents[f"{prefix}merge"]
    text = json.dumps(inspected.value, sort_keys=True)
    analyzers = {name: "+".join(found) for name, found in merged.value["documents"].items()}
    return {
        "inspection": hashlib.sha256(text.encode()).hexdigest(),
        **analyzers,
        "merge": merged.artifacts[0].sha256,
    }


def _where(ctx: JobContext, found: list[Step], first: dict[str, Any], second: dict[str, Any]) -> str:
    """In which steps they differ, for the error; the places are for the log, one line each, as warnings."""
    differing = [step.name for step in found if not step.identical]
    places = differences(first, second)
    for words in places.words():
        ctx.log.warning("%s", words)
    said = f"The two scans differ in {len(differing)} of {len(found)} steps: {', '.join(differing)}."
    if not places.shown:
        changed = " The source changed between them." if differing[0] == "inspection" else ""
        return f"{said}{changed} Their merged documents are the same."
    total = len(places.shown) + places.more
    documents = counted(total, "place")
    named = f"the first {len(places.shown)}" if places.more else "where"
    return f"{said} Their merged documents differ in {documents}; the log says {named}."
