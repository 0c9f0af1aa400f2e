"""The DAG of a scan, as declared before anything of it runs."""

from __future__ import annotations

import os

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.text import is_unicode

INSPECT, CATALOG, MERGE, COMPARE, EXPORT = "scan.inspect", "scan.catalog", "scan.merge", "scan.compare", "scan.export"
PATH_MAX = 4096


def scan_spec(source: str) -> DagSpec:
    """The pipeline for one source, an absolute path on the workers' machine.

    `scan.inspect` puts one `scan.catalog` per applicable analyzer before `scan.merge`. Whether the
    path exists and may be scanned is for the worker to say. InvalidInput if it cannot be a path.
    """
    check_source(source)
    return DagSpec(
        title=f"Scan {os.path.basename(source.rstrip('/')) or source}",
        nodes=(
            NodeSpec(key="inspect", job_type=INSPECT, payload={"source": source}),
            NodeSpec(key="merge", job_type=MERGE, after=("inspect",)),
            NodeSpec(key="compare", job_type=COMPARE, after=("merge",)),
            # The exported document is the merged one; it waits for the comparison's verdict.
            NodeSpec(key="export", job_type=EXPORT, after=("merge", "compare")),
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


def catalog_nodes(source: dict[str, object], analyzers: dict[str, tuple[str, ...]]) -> tuple[NodeSpec, ...]:
    """One `scan.catalog` node per analyzer: `source` as inspected, analyzers with their catalogers."""
    return tuple(
        NodeSpec(
            key=f"catalog:{name}",
            job_type=CATALOG,
            payload={"source": source, "analyzer": name, "catalogers": list(catalogers)},
            label=name,
            group="catalog",
        )
        for name, catalogers in analyzers.items()
    )
