"""The job types of a scan. Importing this module registers them."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.disk import KEEP_FREE, MAKE_ROOM
from execution_ops.domain.job_types import Artifact, JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.scan_cache import CacheEntry, cache_key
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.sizes import CHUNK
from execution_ops.domain.times import iso
from execution_ops.scanner import syft
from execution_ops.scanner.analyzers import Survey, analyzers
from execution_ops.scanner.archives import limits_of
from execution_ops.scanner.comparison import against_baseline
from execution_ops.scanner.documents import CYCLONEDX, keep_document
from execution_ops.scanner.failures import in_words, logs_cause
from execution_ops.scanner.merge import settled, to_text
from execution_ops.scanner.merge_job import merge_documents
from execution_ops.scanner.plan import CATALOG, COMPARE, EXPORT, INSPECT, catalog_nodes, prefix_of
from execution_ops.scanner.prepare import prepare
from execution_ops.scanner.sources import Kind, Source, check_unchanged, resolve
from execution_ops.scanner.survey import survey

# All steps of a scan, each registered where it is made.
__all__ = ["CYCLONEDX", "catalog", "compare", "export", "inspect", "merge_documents"]
_NAME_MAX = 100


class InspectPayload(BaseModel):
    """The path to scan, as the operator gave it, and what held when the scan was started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    options: ScanOptions = ScanOptions()


class CatalogPayload(BaseModel):
    """One analyzer's share: the source as inspected, and the cataloguers to run on it.

    `version` is the digest of a source that is one file, "" of a directory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    version: str = ""
    options: ScanOptions = ScanOptions()
    analyzer: str
    catalogers: tuple[str, ...] = Field(min_length=1)


class NoPayload(BaseModel):
    """For the steps that work on what their parents found."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@job_type(INSPECT, queue="scan", payload=InspectPayload, max_attempts=3, timeout_s=1800, scheduled=True)
@logs_cause
def inspect(ctx: JobContext, payload: InspectPayload) -> JobResult:
    """Check the source, list its files and find the analyzers that apply."""
    source = resolve(payload.source, ctx.scan_roots)
    ctx.progress(0, 3, "listing files")
    source, seen = survey(
        source,
        ctx.log,
        ctx.checkpoint,
        lambda n: ctx.progress(0, 3, f"listing files: {n:,} so far"),
        limits_of(payload.options.limits),
    )
    ctx.log.info(
        "%s is %s with %s files, %s bytes", source.path, source.kind.words, f"{seen.files:,}", f"{seen.bytes:,}"
    )
    _check_room(ctx, source, seen.bytes)
    ctx.progress(1, 3, "asking Syft for its catalogers")
    answer = syft.ask(ctx)
    ctx.memory.met_syft(answer)
    offered = analyzers(syft.grouped(answer), "image" if source.kind.is_image else "directory")
    wanted = {name: names for name, names in offered.items() if name not in payload.options.disabled}
    applicable = {name: names for name, names in wanted.items() if seen.applies(name)}
    left_out = [name for name in offered if name in payload.options.disabled and seen.applies(name)]
    _explain(ctx, seen, wanted, applicable)
    if left_out:
        ctx.log.info(
            "Left out by version %d of the defaults: %s", payload.options.analyzers_version, ", ".join(left_out)
        )
    ctx.progress(2, 3, "taking the checksum")
    version = _checksum(ctx, Path(source.path)) if source.size else ""
    ctx.progress(3, 3, f"{len(applicable)} of {len(wanted)} analyzers apply")
    prefix = prefix_of(ctx.node_key)
    return JobResult(
        value={
            "source": source.model_dump(mode="json"),
            "version": version,
            "files": seen.files,
            "bytes": seen.bytes,
            "analyzers": {name: seen.calls.get(name, 0) for name in applicable},
            "not_applicable": [name for name in wanted if name not in applicable],
            "left_out": left_out,
        },
        fan_out=catalog_nodes(source.model_dump(mode="json"), applicable, payload.options, version, prefix),
        fan_in=f"{prefix}merge",
    )


def _check_room(ctx: JobContext, source: Source, size: int) -> None:
    """Whether the catalog jobs can unpack the source and leave room for the ledger."""
    if source.kind in {Kind.DIRECTORY, Kind.JAVA}:
        return
    free = shutil.disk_usage(ctx.work_dir).free
    if size > free - KEEP_FREE:
        raise JobFailed(
            f"{source.path} needs {size >> 20:,} MiB to be unpacked, and the disk of the data directory has "
            f"{free >> 20:,} MiB free. {MAKE_ROOM}"
        )


def _explain(
    ctx: JobContext, seen: Survey, offered: dict[str, tuple[str, ...]], applicable: dict[str, tuple[str, ...]]
) -> None:
    if seen.opaque:
        ctx.log.warning("Every analyzer runs: %s", seen.opaque)
    for name in applicable:
        example = seen.examples.get(name)
        ctx.log.info("Analyzer %s applies%s", name, f" to {example} ({seen.calls[name]:,} such)" if example else "")
    if not applicable:
        ctx.log.warning("No analyzer applies: none of the %d that run finds files of its kind", len(offered))


def _checksum(ctx: JobContext, path: Path) -> str:
    digest = hashlib.sha256()
    with in_words(str(path)), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            ctx.checkpoint()
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


@job_type(CATALOG, queue="catalog", payload=CatalogPayload, max_attempts=3, timeout_s=1800)
@logs_cause
def catalog(ctx: JobContext, payload: CatalogPayload) -> JobResult:
    """Run Syft with the cataloguers of one analyzer, or take what it found in the same content before."""
    check_unchanged(payload.source, ctx.scan_roots)
    key = _cache_key(ctx, payload)
    known = ctx.memory.cached(key) if key else None
    if known is not None:
        return _taken(ctx, payload, known)
    artifact, count = _catalog(ctx, payload)
    if key:
        source = f"{payload.source.name} ({payload.source.kind.words})"
        ctx.memory.remember(
            CacheEntry(key=key, analyzer=payload.analyzer, source=source, artifact=artifact, components=count)
        )
    ctx.log.info("Found %d components", count)
    ctx.progress(2, 2, f"{count:,} components")
    return _catalogued(payload, artifact, count)


def _cache_key(ctx: JobContext, payload: CatalogPayload) -> str:
    """What the result is kept under; "" for a source without a digest, a scan that must run Syft, and while the cache
    is off."""
    if not payload.version or payload.options.fresh or not ctx.memory.caches():
        return ""
    # Syft writes the name of a single file into what it finds; of an archive it sees the content alone.
    name = payload.source.name if payload.source.kind is Kind.JAVA else ""
    return cache_key(ctx.tenant, payload.version, name, payload.catalogers, syft.ask(ctx).version, payload.options)


def _taken(ctx: JobContext, payload: CatalogPayload, known: CacheEntry) -> JobResult:
    found = f", found at {iso(known.created_at)} by job {known.job_id}" if known.created_at else ""
    ctx.log.info("Taken from the cache%s: %d components. Syft did not run.", found, known.components)
    ctx.progress(2, 2, f"{known.components:,} components, from the cache")
    return _catalogued(payload, known.artifact, known.components, from_job=known.job_id)


def _catalogued(payload: CatalogPayload, artifact: Artifact, count: int, *, from_job: str = "") -> JobResult:
    return JobResult(
        value={
            "analyzer": payload.analyzer,
            "catalogers": list(payload.catalogers),
            "components": count,
            "cached": bool(from_job),
            **({"from_job": from_job} if from_job else {}),
        },
        artifacts=(artifact,),
    )


def _catalog(ctx: JobContext, payload: CatalogPayload) -> tuple[Artifact, int]:
    ctx.progress(0, 2, "preparing the source")
    with in_words(str(ctx.work_dir)):
        target = prepare(ctx, payload.source, limits_of(payload.options.limits))
        ctx.checkpoint()
        ctx.progress(1, 2, "running Syft")
        ctx.log.info("Running Syft with %s", ", ".join(payload.catalogers))
        fixed = payload.options.determinism
        document = settled(syft.scan(ctx, target, payload.catalogers, fixed), fixed)
        check_unchanged(payload.source, ctx.scan_roots)
        artifact = keep_document(ctx, to_text(document), f"{payload.analyzer}.cdx.json")
    return artifact, len(document.get("components", ()))


@job_type(COMPARE, queue="report", payload=NoPayload, max_attempts=3, timeout_s=600)
@logs_cause
def compare(ctx: JobContext, payload: NoPayload) -> JobResult:
    """Compare the merged document with the promoted baseline."""
    return against_baseline(ctx, ctx.parents()["merge"])


@job_type(EXPORT, queue="report", payload=NoPayload, max_attempts=3, timeout_s=600)
@logs_cause
def export(ctx: JobContext, payload: NoPayload) -> JobResult:
    """Hand out the final CycloneDX document."""
    parents = ctx.parents()
    merged = parents["merge"]
    copy = ctx.work_dir / "export.cdx.json"
    with in_words(str(ctx.work_dir)):
        shutil.copyfile(ctx.open_artifact(merged.artifacts[0].sha256), copy)
        artifact = ctx.keep(copy, name=f"{_file_name(merged.value['name'])}.cdx.json", media_type=CYCLONEDX)
    ctx.log.info("Exported %s, SHA-256 %s", artifact.name, artifact.sha256)
    ctx.progress(1, 1, artifact.name)
    return JobResult(
        value={"components": merged.value["components"], "comparison": parents["compare"].value["verdict"]},
        artifacts=(artifact,),
    )


def _file_name(name: str) -> str:
    """The source's name as a file name that every system takes."""
    return re.sub(r"[^\w.+@-]+", "_", name).strip("._")[:_NAME_MAX] or "source"
