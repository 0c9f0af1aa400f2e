"""Dead letters, groups and plans for tests of what the pages make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.dead_letters import (
    ChainLink,
    DeadLetter,
    DeadLetterDetail,
    ErrorGroup,
    Groups,
    LetterHealth,
)
from execution_ops.domain.error_categories import Category
from execution_ops.domain.ids import new_id
from execution_ops.domain.replays import ItemCounts, ItemStatus, PlanKind, ReplayItem, ReplayPlan, Verdict
from execution_ops.domain.states import DeadLetterState, ReplayState

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
FINGERPRINT = "3fa9c2d4e5f60718"
HOSTILE = "<img src=x>\u202e\x07"


def letter(**changes: Any) -> DeadLetter:
    """A pending entry of the tenant acme, changed as wanted."""
    facts: dict[str, Any] = {
        "id": new_id(),
        "job_id": new_id(),
        "job_type": "scan.catalog",
        "label": "java",
        "queue": "catalog",
        "tenant": "acme",
        "state": DeadLetterState.PENDING,
        "died_at": NOW,
        "attempts": 3,
        "error_type": "PomError",
        "error_message": "no parent",
        "fingerprint": FINGERPRINT,
        "category": Category.RATE_LIMITED,
        "retryable": True,
        "redeaths": 0,
        "revision": 1,
        "changed_at": None,
        "changed_by": "",
        "note": "",
        "plan_id": "",
    }
    return DeadLetter.model_validate(facts | changes)


def link(entry: DeadLetter, *, same: bool = True) -> ChainLink:
    """The entry as a part of its job's chain."""
    return ChainLink(
        id=entry.id,
        state=entry.state,
        died_at=entry.died_at,
        error_type=entry.error_type,
        error_message=entry.error_message,
        same_error=same,
        plan_id=entry.plan_id,
    )


def detail(row: DeadLetter, **changes: Any) -> DeadLetterDetail:
    """Everything about an entry, changed as wanted."""
    facts: dict[str, Any] = {
        "row": row,
        "dag_id": new_id(),
        "dag_title": "Scan payments",
        "node_key": "java",
        "priority": 0,
        "max_attempts": 3,
        "worker_id": "w-1",
        "worker_version": "1.0",
        "error_stack": "Traceback",
        "error_template": "no parent",
        "error_frame": "pom.py:read",
        "payload_sha256": "ab" * 32,
        "payload_bytes": 412,
        "correlation_id": "",
        "job_stored": True,
        "job_state": "failed",
        "new_attempt": 0,
        "blocked_children": 0,
        "chain": (link(row),),
    }
    return DeadLetterDetail.model_validate(facts | changes)


def group(**changes: Any) -> ErrorGroup:
    """A group with open entries, changed as wanted."""
    facts: dict[str, Any] = {
        "fingerprint": FINGERPRINT,
        "error_type": "PomError",
        "template": "no parent <path> after <n>",
        "frame": "",
        "category": Category.NOT_FOUND,
        "retryable": False,
        "open": 2,
        "by_state": {DeadLetterState.PENDING: 1, DeadLetterState.QUARANTINED: 1, DeadLetterState.RESOLVED: 3},
        "total": 5,
        "first_seen": NOW,
        "last_seen": NOW,
        "trend": (*(0 for _ in range(22)), 3, 2),
        "tenants": 1,
        "job_types": 2,
        "job_type": "scan.catalog",
        "sample_id": new_id(),
    }
    return ErrorGroup.model_validate(facts | changes)


def groups(*found: ErrorGroup, **health: Any) -> Groups:
    """The groups, with figures that say the same unless told otherwise."""
    states: dict[DeadLetterState, int] = {}
    for one in found:
        for state, count in one.by_state.items():
            states[state] = states.get(state, 0) + count
    facts: dict[str, Any] = {
        "open": sum(one.open for one in found),
        "by_state": states,
        "retryable": 0,
        "oldest": None,
        "oldest_id": "",
        "most_common": "",
        "most_common_fingerprint": "",
        "most_common_open": 0,
        "as_of": NOW,
    }
    return Groups(groups=found, more=0, health=LetterHealth.model_validate(facts | health))


def plan(**changes: Any) -> ReplayPlan:
    """A draft whose dry run found 8 of 10 eligible, changed as wanted."""
    facts: dict[str, Any] = {
        "id": new_id(),
        "kind": PlanKind.REPLAY,
        "description": "Replay dead letters of tenant acme",
        "filter": "tenant=acme",
        "tenant": "acme",
        "state": ReplayState.DRAFT,
        "prepared": True,
        "starts": False,
        "expected": 10,
        "total": 10,
        "counts": counts(
            {ItemStatus.ELIGIBLE: 8, ItemStatus.INELIGIBLE: 2},
            {Verdict.ELIGIBLE: 8, Verdict.QUARANTINED: 1, Verdict.UNREGISTERED: 1},
        ),
        "rate": None,
        "actor": "ada",
        "reason": "",
        "ticket": "",
        "created_at": NOW,
        "started_at": None,
        "ended_at": None,
        "changed_at": NOW,
        "changed_by": "ada",
        "driver_job_id": new_id(),
        "driver_failed": False,
        "side_effects": (),
        "note": "",
        "undoes": "",
    }
    return ReplayPlan.model_validate(facts | changes)


def counts(by_status: dict[ItemStatus, int], by_verdict: dict[Verdict, int] | None = None) -> ItemCounts:
    """Figures of a plan."""
    return ItemCounts(by_status=by_status, by_verdict=by_verdict or {})


def item(**changes: Any) -> ReplayItem:
    """An eligible entry of a plan, changed as wanted."""
    facts: dict[str, Any] = {
        "no": 1,
        "letter_id": new_id(),
        "job_id": new_id(),
        "job_type": "scan.catalog",
        "label": "",
        "tenant": "acme",
        "error_type": "PomError",
        "error_message": "no parent",
        "status": ItemStatus.ELIGIBLE,
        "verdict": Verdict.ELIGIBLE,
        "detail": "",
        "sent_at": None,
    }
    return ReplayItem.model_validate(facts | changes)
