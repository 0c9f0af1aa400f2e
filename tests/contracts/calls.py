"""What is asked of a remote in the recorded contracts: one call of the port by each name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.states import JobState, RunState
from execution_ops.domain.verbs import Stamp

ACME = frozenset({"acme"})
BOB = Actor(name="bob", scopes=frozenset(Scope), tenants=ACME)
Call = Callable[[GatewayBackend, Mapping[str, str]], Any]


def why(key: str) -> Stamp:
    """Who changes something and why. A key is for one request only."""
    return Stamp(actor=BOB, reason="wrong branch", ticket="OPS-7", idempotency_key=key, correlation_id="request-7")


CALLS: dict[str, Call] = {
    "capabilities": lambda gateway, ids: gateway.offers(),
    "changes": lambda gateway, ids: gateway.changes_after(0, 100),
    "job-cancel": lambda gateway, ids: gateway.cancel([ids["job"]], why("key-1")),
    "jobs": lambda gateway, ids: gateway.list_jobs(
        JobFilter(state=(JobState.CANCELED,)), tenants=ACME, cursor=None, limit=2
    ),
    "job-log": lambda gateway, ids: gateway.get_log(ids["job"], tenants=ACME, limit=10, text="hello", last=True),
    "quotas": lambda gateway, ids: gateway.quotas(tenants=ACME),
    "quota-pause": lambda gateway, ids: gateway.change_quota(ids["quota"], QUOTA_PAUSE, None, why("key-2"), revision=1),
    "letter-stats": lambda gateway, ids: gateway.letter_groups(DeadLetterFilter(), tenants=ACME, limit=10),
    "runs": lambda gateway, ids: gateway.list_runs(
        RunFilter(state=(RunState.CANCELED,)), tenants=ACME, cursor=None, limit=2
    ),
    "run-cancel": lambda gateway, ids: gateway.cancel_run(ids["run"], why("key-3")),
}
