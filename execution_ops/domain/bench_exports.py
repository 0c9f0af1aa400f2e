"""Benchmark results as a file: CSV with the columns that benchmarks of scanners are kept in, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from execution_ops.domain.benchmarks import Judged
from execution_ops.domain.exports import csv_lines
from execution_ops.domain.times import iso

# The first six are what other tools expect, in their order.
COLUMNS = (
    *("scenario", "iterations", "sample_count", "mean_ms", "p95_ms", "max_ms"),
    *("analyzer", "peak_bytes", "components", "warm_up", "syft", "machine", "state", "breaches", "is_baseline"),
    *("created_at", "created_by", "tenant", "job_id", "result_id"),
)


class BenchExportFormat(StrEnum):
    """How results are written."""

    CSV = "csv"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type of the document."""
        return "text/csv; charset=utf-8" if self is BenchExportFormat.CSV else "application/json"


def write_benchmarks(rows: Sequence[Judged], form: BenchExportFormat, now: datetime) -> bytes:
    """The results; JSON has the samples too, in ASCII, so that marks that hide or reorder text stay visible."""
    if form is BenchExportFormat.CSV:
        return csv_lines([COLUMNS, *(_values(row).values() for row in rows)])
    items = [{**_values(row), "samples": [one.model_dump() for one in row.result.samples]} for row in rows]
    return json.dumps({"exported_at": iso(now), "items": items}, indent=2).encode()


def _values(row: Judged) -> dict[str, object]:
    result, figures, verdict = row.result, row.figures, row.verdict
    known = {
        **figures.model_dump(),
        "scenario": result.scenario,
        "analyzer": result.analyzer,
        "components": result.components,
        "warm_up": result.warm_up,
        "syft": result.syft,
        "machine": result.machine.words,
        "state": verdict.state.value,
        "breaches": " ".join(verdict.breaches),
        "is_baseline": verdict.is_baseline,
        "created_at": iso(result.created_at),
        "created_by": result.created_by,
        "tenant": result.tenant,
        "job_id": result.job_id,
        "result_id": result.id,
    }
    return {name: known[name] for name in COLUMNS}
