"""What a scan says against the promoted baseline of its source."""

from __future__ import annotations

import json
from typing import Any

from execution_ops.domain.baselines import PromotedBaseline
from execution_ops.domain.job_types import Artifact, JobContext, JobResult
from execution_ops.domain.sbom_diff import Comparison, compare, in_words
from execution_ops.domain.sbom_exports import DiffFormat, write_diff
from execution_ops.domain.sbom_parts import Damaged, Inventory, inventory, unpack
from execution_ops.scanner.failures import in_words as failures_in_words
from execution_ops.scanner.failures import permanent

NO_BASELINE = "no promoted baseline yet"


def against_baseline(ctx: JobContext, merged: JobResult) -> JobResult:
    """The result of `scan.compare`. The same document and the same baseline give the same result."""
    source = str(merged.value.get("source", ""))
    baseline = ctx.promoted_baseline(source) if source else None
    if baseline is None:
        ctx.log.info("No baseline of %s is promoted, so there is nothing to compare with", source or "this scan")
        return JobResult(
            value={"baseline": None, "verdict": NO_BASELINE, "components": merged.value["components"]},
        )
    ctx.progress(0, 3, f"reading the baseline {baseline.label}".strip())
    before = _baseline(ctx, baseline)
    ctx.checkpoint()
    ctx.progress(1, 3, "reading the merged document")
    after = _merged(ctx, merged.artifacts[0])
    ctx.checkpoint()
    ctx.progress(2, 3, "comparing")
    found = compare(before, after)
    artifact = _keep(ctx, baseline, merged.artifacts[0], found)
    verdict = _verdict(baseline, found)
    ctx.log.info("%s", verdict)
    ctx.progress(3, 3, in_words(found.counts))
    counts = found.counts
    return JobResult(
        value={
            "baseline": baseline.id,
            "label": baseline.label,
            "verdict": verdict,
            "added": counts.added,
            "removed": counts.removed,
            "changed": counts.changed,
            "version_changed": counts.version,
            "licence_changed": counts.licence,
            "components": merged.value["components"],
        },
        artifacts=(artifact,),
    )


def _verdict(baseline: PromotedBaseline, found: Comparison) -> str:
    named = f"the promoted baseline {baseline.label}".strip()
    return f"Against {named}: {in_words(found.counts)}"


def _baseline(ctx: JobContext, baseline: PromotedBaseline) -> Inventory:
    path = ctx.open_artifact(baseline.parts)
    with failures_in_words(str(path)):
        content = path.read_bytes()
    try:
        return unpack(content)
    except Damaged as error:
        raise permanent(
            f"The stored packages of the baseline {baseline.label or baseline.id} are damaged. Promote another one."
        ) from error


def _merged(ctx: JobContext, artifact: Artifact) -> Inventory:
    path = ctx.open_artifact(artifact.sha256)
    with failures_in_words(str(path)), path.open(encoding="utf-8") as file:
        try:
            return inventory(json.load(file))
        except ValueError as error:
            # The merge job has succeeded, which is final: only another scan makes the document anew.
            raise permanent("The stored document of the merge job is damaged. Scan the source again.") from error


def _keep(ctx: JobContext, baseline: PromotedBaseline, merged: Artifact, found: Comparison) -> Artifact:
    sides: dict[str, dict[str, Any]] = {
        "left": {"baseline": baseline.id, "label": baseline.label},
        "right": {"document": f"sha256:{merged.sha256}"},
    }
    path = ctx.work_dir / "comparison.json"
    with failures_in_words(str(ctx.work_dir)), path.open("wb") as file:
        for chunk in write_diff(found.rows, found.counts, sides, DiffFormat.JSON):
            file.write(chunk)
    return ctx.keep(path, name="comparison.json", media_type=DiffFormat.JSON.media_type)
