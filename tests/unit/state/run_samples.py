"""Runs for tests of what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.ids import new_id
from execution_ops.domain.runs import Run, RunTarget, Segment, Trigger
from execution_ops.domain.states import RunState, TargetState
from execution_ops.services.runs import RunDetail
from execution_ops.state.run_drawer import Opened, Shown

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def run(**changes: Any) -> Run:
    """A run of the tenant acme that an operator has started, changed as wanted."""
    facts: dict[str, Any] = {
        "id": new_id(),
        "schedule_id": new_id(),
        "schedule_name": "nightly",
        "schedule_version": 2,
        "tenant": "acme",
        "job_type": "demo.work",
        "queue": "demo",
        "trigger": Trigger.MANUAL,
        "state": RunState.QUEUED,
        "created_at": NOW,
        "requested_by": "ada",
    }
    return Run(**{**facts, **changes})


def opened(one: Run, *segments: dict[TargetState, int], **shown: Any) -> Opened:
    """The drawer of a run with these segments and a failed target."""
    parts = tuple(Segment(no=no, name=f"/part-{no}/*", by_state=states) for no, states in enumerate(segments, 1))
    targets = [RunTarget(no=1, segment=1, target="/part-1/a", state=TargetState.FAILED, error="broken")]
    detail = RunDetail(run=one, segments=parts, parallelism=2)
    return Opened(Shown(one.id, **shown), detail, targets)
