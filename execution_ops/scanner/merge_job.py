"""The job that joins what the analyzers found. Importing it registers it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.job_types import JobContext, JobResult, job_type
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.scanner.documents import keep_document, read_document
from execution_ops.scanner.failures import in_words, logs_cause, permanent
from execution_ops.scanner.merge import Subject, merge, problems, to_text, without
from execution_ops.scanner.plan import MERGE, prefix_of
from execution_ops.scanner.sources import Source


class MergePayload(BaseModel):
    """What held when the scan was started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    options: ScanOptions = ScanOptions()


@job_type(MERGE, queue="report", payload=MergePayload, max_attempts=3, timeout_s=600)
@logs_cause
def merge_documents(ctx: JobContext, payload: MergePayload) -> JobResult:
    """Join what the analyzers found into one valid CycloneDX document."""
    parents = ctx.parents()
    prefix = prefix_of(ctx.node_key)
    inspected = parents[f"{prefix}inspect"].value
    source = Source.model_validate(inspected["source"])
    catalogs = f"{prefix}catalog:"
    found = {key.removeprefix(catalogs): parents[key] for key in sorted(parents) if key.startswith(catalogs)}
    documents = []
    for done, (key, result) in enumerate(found.items()):
        ctx.checkpoint()
        ctx.progress(done, len(found) + 1, f"reading {key}")
        documents += [read_document(ctx, artifact) for artifact in result.artifacts]
    ctx.progress(len(found), len(found) + 1, "merging and validating")
    merged = merge(documents, _subject(source, inspected["version"], documents), payload.options.determinism)
    text = _valid(ctx, merged)
    with in_words(str(ctx.work_dir)):
        artifact = keep_document(ctx, text, "merged.cdx.json")
    components = merged["components"]
    total = sum(len(document.get("components", ())) for document in documents)
    ctx.log.info("Merged %d components of %d analyzers into %d", total, len(found), len(components))
    ctx.progress(len(found) + 1, len(found) + 1, f"{len(components):,} components")
    kinds = Counter(_kind(component) for component in components)
    return JobResult(
        value={
            "name": source.name,
            "source": source.path,
            "components": len(components),
            "dependencies": len(merged["dependencies"]),
            "by_type": dict(sorted(kinds.items())),
            "serial_number": merged["serialNumber"],
            "settings_version": payload.options.settings_version,
            "documents": {key: [artifact.sha256 for artifact in result.artifacts] for key, result in found.items()},
        },
        artifacts=(artifact,),
    )


def _subject(source: Source, version: str, documents: list[dict[str, Any]]) -> Subject:
    if not source.kind.is_image:
        return Subject(source.name, "file", version)
    # Of an image, Syft knows the digest of the manifest, which registries know it by too.
    digests = {document.get("metadata", {}).get("component", {}).get("version", "") for document in documents}
    return Subject(source.name, "container", max(digests, default="") or version)


def _kind(component: dict[str, Any]) -> str:
    purl = str(component.get("purl", ""))
    return purl.removeprefix("pkg:").split("/")[0] if purl else str(component.get("type", ""))


def _valid(ctx: JobContext, document: dict[str, Any]) -> str:
    text = to_text(document)
    for left_out in without(document, problems(text)):
        ctx.log.warning("Left out, it breaks the CycloneDX schema: %s", left_out)
        text = to_text(document)
    remaining = problems(text)
    if remaining:
        first = remaining[0]
        raise permanent(
            f"The merged document breaks the CycloneDX schema at {'/'.join(map(str, first.path))} "
            f"({first.message[:200]}), and in {len(remaining) - 1} other places. Report this with the documents of "
            "the catalog jobs attached."
        )
    return text
