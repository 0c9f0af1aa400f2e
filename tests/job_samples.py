"""Jobs as a test wants them."""

from __future__ import annotations

from typing import Any

from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import JobDetail, JobRow
from execution_ops.domain.states import JobState
from tests.quota_double import EPOCH


def job_row(**changes: Any) -> JobRow:
    """A failed job of the tenant acme, changed as wanted."""
    values: dict[str, Any] = {
        "id": new_id(),
        "job_type": "demo.work",
        "label": "",
        "queue": "demo",
        "tenant": "acme",
        "state": JobState.FAILED,
        "canceling": False,
        "attempts": 1,
        "max_attempts": 3,
        "priority": 0,
        "created_at": EPOCH,
        "eligible_at": None,
        "started_at": EPOCH,
        "finished_at": EPOCH,
        "duration_ms": 0,
        "worker_id": "w1",
        "dag_id": new_id(),
        "node_key": "work",
        "error_type": "",
        "error_message": "",
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
    }
    return JobRow(**{**values, **changes})


def job_detail(row: JobRow, **changes: Any) -> JobDetail:
    """The job without history, changed as wanted."""
    values: dict[str, Any] = {
        "row": row,
        "timeout_ms": 60_000,
        "payload_bytes": 0,
        "result_bytes": 0,
        "idempotency_key": "",
        "attempts": (),
        "events": (),
        "artifacts": (),
        "parents": (),
        "children": (),
        "dag_title": "Demo",
        "dag_size": 1,
        "parents_total": len(changes.get("parents", ())),
        "children_total": len(changes.get("children", ())),
    }
    return JobDetail(**{**values, **changes})
