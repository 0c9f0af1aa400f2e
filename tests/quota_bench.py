"""Quotas of an engine under test, and ways to look at what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from execution_ops.domain.quotas import Limits, Quota, QuotaRow
from tests.execution import STAMP, Bench, node

TYPE = "test.number"
SOON_S = 10.0


def quota(bench: Bench, tenant: str = "acme", job_type: str = TYPE, **limits: int) -> Quota:
    """Make a quota."""
    return bench.backend.create_quota(tenant, job_type, Limits(**limits), STAMP)


def act(bench: Bench, known: Quota, verb: Any, limits: Limits | None = None) -> Quota:
    """Do a verb to a quota."""
    return bench.backend.change_quota(known.id, verb, limits, STAMP, revision=None)


def row(bench: Bench, known: Quota) -> QuotaRow:
    """The quota with its figures."""
    return next(found for found in bench.backend.quotas(tenants=None) if found.id == known.id)


def many(bench: Bench, count: int, tenant: str = "acme", job_type: str = TYPE) -> list[str]:
    """Submit that many jobs; their ids in order."""
    marks = {} if job_type == TYPE else {"marks": str(bench.marks)}
    payloads = [{"value": i} if job_type == TYPE else {**marks, "value": str(i)} for i in range(count)]
    made = bench.submit(*(node(str(i), job_type, payload) for i, payload in enumerate(payloads)), tenant=tenant)
    return [made.job_ids[str(i)] for i in range(count)]


def ended(bench: Bench, tenant: str = "acme") -> int:
    """How many jobs of the tenant have ended well."""
    found = bench.rows("SELECT count(*) AS jobs FROM job WHERE tenant = :t AND state = 'succeeded'", t=tenant)
    return int(found[0]["jobs"])


def running(bench: Bench) -> int:
    """How many jobs run."""
    return int(bench.rows("SELECT count(*) AS jobs FROM job WHERE state = 'running'")[0]["jobs"])


def most_at_once(tries: Sequence[dict[str, Any]]) -> int:
    """How many tries of the ledger overlapped at most: an end counts before a start of the same moment."""
    edges = sorted((at, step) for t in tries for at, step in ((t["started_at"], 1), (t["finished_at"], -1)))
    now = most = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most
