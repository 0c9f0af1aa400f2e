"""Schedules and due times in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.ids import new_id
from execution_ops.domain.schedules import Schedule, ScheduleSpec

EPOCH = datetime(2026, 1, 23, 12, tzinfo=UTC)


def schedule(*, tenant: str = "acme", changes: dict[str, Any] | None = None, **values: Any) -> Schedule:
    """A schedule of scans of acme, its spec and itself changed as wanted."""
    given = {"name": "nightly", "job_type": "scan.inspect", "cron": "30 2 * * *", "targets": ("/srv",), **values}
    made: dict[str, Any] = {
        "id": new_id(),
        "tenant": tenant,
        "spec": ScheduleSpec(**given),
        "created_at": EPOCH,
        "changed_at": EPOCH,
        "changed_by": "ann",
        "next_at": EPOCH,
    }
    return Schedule(**{**made, **(changes or {})})
