"""The DAG of a scan, as declared before anything of it runs."""

from __future__ import annotations

import os

from execution_ops.domain.analyzers import CATALOG_TYPE
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.text import is_unicode

CATALOG = CATALOG_TYPE
INSPECT, MERGE, COMPARE, EXPORT = "scan.inspect", "scan.merge", "scan.compare", "scan.export"
DETERMINISM = "scan.determinism"
# The two scans of a determinism check, as the keys of their nodes begin.
FIRST, SECOND = "first:", "second:"
PATH_MAX = 4096
PLAIN = ScanOptions()


def scan_spec(source: str, options: ScanOptions = PLAIN) -> DagSpec:
    """The pipeline for one source, an absolute path on the workers' machine, with what it is started with.

    `scan.inspect` puts one `scan.catalog` per applicable analyzer before `scan.merge`. Whether the
    path exists and may be scanned is for the worker to say. InvalidInput if it cannot be a path.
    """
    check_source(source)
    report_s = options.timeouts.report_s
    return DagSpec(
        title=f"Scan {os.path.basename(source.rstrip('/')) or source}",
        nodes=(
            *_found(source, options),
            NodeSpec(key="compare", job_type=COMPARE, after=("merge",), timeout_s=report_s),
            # The exported document is the merged one; it waits for the comparison's verdict.
            NodeSpec(key="export", job_type=EXPORT, after=("merge", "compare"), timeout_s=report_s),
        ),
    )


def check_source(source: str) -> None:
    """InvalidInput for what cannot be the path of a source."""
    if not source.strip():
        raise InvalidInput("Name the directory, archive or image to scan.")
    if not is_unicode(source):
        raise InvalidInput("A path is UTF-8 text. Rename what is not, then scan it.")
    if "\0" in source or len(os.fsencode(source)) > PATH_MAX:
        raise InvalidInput(f"A path has at most {PATH_MAX:,} bytes and no NUL character.")
    if not os.path.isabs(source):
        raise InvalidInput("Give the absolute path of the source, one that begins with /.")


def determinism_spec(source: str, options: ScanOptions = PLAIN) -> DagSpec:
    """One source scanned twice in full, the second time after the first, and the comparison of both results."""
    fresh = options.model_copy(update={"fresh": True})
    return DagSpec(
        title=f"Determinism check of {scan_spec(source).title.removeprefix('Scan ')}",
        nodes=(
            *_found(source, fresh, FIRST),
            *_found(source, fresh, SECOND, after=(f"{FIRST}merge",)),
            NodeSpec(
                key="determinism",
                job_type=DETERMINISM,
                payload={"source": source},
                after=tuple(f"{scan}{step}" for scan in (FIRST, SECOND) for step in ("inspect", "merge")),
                timeout_s=options.timeouts.report_s,
            ),
        ),
    )


def _found(source: str, options: ScanOptions, prefix: str = "", after: tuple[str, ...] = ()) -> tuple[NodeSpec, ...]:
    """What finds the components of a source: its inspection and the merge, between which the analyzers come."""
    given = options.model_dump(mode="json")
    return (
        NodeSpec(
            key=f"{prefix}inspect",
            job_type=INSPECT,
            payload={"source": source, "options": given},
            after=after,
            label=prefix.removesuffix(":"),
            timeout_s=options.timeouts.inspect_s,
        ),
        NodeSpec(
            key=f"{prefix}merge",
            job_type=MERGE,
            payload={"options": given},
            after=(f"{prefix}inspect",),
            label=prefix.removesuffix(":"),
            timeout_s=options.timeouts.report_s,
        ),
    )


def prefix_of(key: str) -> str:
    """How the keys of the scan begin that this node belongs to: "" of a scan of its own."""
    return next((prefix for prefix in (FIRST, SECOND) if key.startswith(prefix)), "")


def catalog_nodes(
    source: dict[str, object],
    analyzers: dict[str, tuple[str, ...]],
    options: ScanOptions = PLAIN,
    version: str = "",
    prefix: str = "",
) -> tuple[NodeSpec, ...]:
    """One `scan.catalog` node per analyzer: `source` as inspected, analyzers with their catalogers.

    `version` is the digest of the source, "" if it has none; `prefix` is that of the scan.
    """
    common = {"source": source, "version": version, "options": options.model_dump(mode="json")}
    return tuple(
        NodeSpec(
            key=f"{prefix}catalog:{name}",
            job_type=CATALOG,
            payload={**common, "analyzer": name, "catalogers": list(catalogers)},
            label=name,
            group=f"{prefix}catalog",
            timeout_s=options.timeouts.catalog_s,
        )
        for name, catalogers in analyzers.items()
    )
