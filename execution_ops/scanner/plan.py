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
PATH_MAX = 4096
PLAIN = ScanOptions()


def scan_spec(source: str, options: ScanOptions = PLAIN) -> DagSpec:
    """The pipeline for one source, an absolute path on the workers' machine, with what it is started with.

    `scan.inspect` puts one `scan.catalog` per applicable analyzer before `scan.merge`. Whether the
    path exists and may be scanned is for the worker to say. InvalidInput if it cannot be a path.
    """
    if not source.strip():
        raise InvalidInput("Name the directory, archive or image to scan.")
    if not is_unicode(source):
        raise InvalidInput("A path is UTF-8 text. Rename what is not, then scan it.")
    if "\0" in source or len(os.fsencode(source)) > PATH_MAX:
        raise InvalidInput(f"A path has at most {PATH_MAX:,} bytes and no NUL character.")
    if not os.path.isabs(source):
        raise InvalidInput("Give the absolute path of the source, one that begins with /.")
    return DagSpec(
        title=f"Scan {os.path.basename(source.rstrip('/')) or source}",
        nodes=(
            NodeSpec(key="inspect", job_type=INSPECT, payload=_payload(source, options)),
            NodeSpec(key="merge", job_type=MERGE, after=("inspect",)),
            NodeSpec(key="compare", job_type=COMPARE, after=("merge",)),
            # The exported document is the merged one; it waits for the comparison's verdict.
            NodeSpec(key="export", job_type=EXPORT, after=("merge", "compare")),
        ),
    )


def _payload(source: str, options: ScanOptions) -> dict[str, object]:
    return {"source": source, "options": options.model_dump(mode="json")}


def catalog_nodes(
    source: dict[str, object], analyzers: dict[str, tuple[str, ...]], options: ScanOptions = PLAIN, version: str = ""
) -> tuple[NodeSpec, ...]:
    """One `scan.catalog` node per analyzer: `source` as inspected, analyzers with their catalogers.

    `version` is the digest of the source, "" if it has none.
    """
    common = {"source": source, "version": version, "options": options.model_dump(mode="json")}
    return tuple(
        NodeSpec(
            key=f"catalog:{name}",
            job_type=CATALOG,
            payload={**common, "analyzer": name, "catalogers": list(catalogers)},
            label=name,
            group="catalog",
        )
        for name, catalogers in analyzers.items()
    )
