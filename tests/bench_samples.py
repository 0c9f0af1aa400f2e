"""Results of benchmarks for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.benchmarks import Machine, NewResult, Result, Sample
from execution_ops.domain.ids import new_id

MACHINE = Machine(host="builder", platform="Linux 6.1 x86_64", cores=2, memory_bytes=8_000_000_000, load=0.5)
EPOCH = datetime(2026, 1, 23, 12, tzinfo=UTC)


def new_result(*times: float, **changes: Any) -> NewResult:
    """What a job measured: passes of these milliseconds with 100 MB each, changed as wanted."""
    values: dict[str, Any] = {
        "tenant": "acme",
        "scenario": "go_modules",
        "analyzer": "go",
        "iterations": len(times),
        "warm_up": 1,
        "samples": tuple(Sample(wall_ms=one, peak_bytes=100_000_000, components=7) for one in times),
        "machine": MACHINE,
        "syft": "1.18.1",
        "job_id": new_id(),
        "created_by": "ann",
    }
    return NewResult(**{**values, **changes})


def result(*times: float, **changes: Any) -> Result:
    """The same, kept."""
    kept = {"id": new_id(), "created_at": EPOCH}
    own = {name: changes.pop(name) for name in tuple(changes) if name in kept}
    return Result(**dict(new_result(*times, **changes)), **{**kept, **own})
