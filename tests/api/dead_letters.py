"""What the tests of dead letters over HTTP share, those of replay plans included."""

from __future__ import annotations

from typing import Any

from execution_ops.domain.access import Actor, Scope
from tests.api.conftest import ADDRESS
from tests.execution import Bench
from tests.letters import dead, entries

LETTERS = "/api/v1/deadletter"
REASON = {"X-Stella-Operator-Reason": "seen to"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m=cmd()"


def made(bench: Bench, count: int = 1, **death: Any) -> list[str]:
    """That many entries of jobs that died just now; their ids, oldest first."""
    jobs = dead(bench, count, **death)
    by_job = {row["job_id"]: row["id"] for row in entries(bench)}
    return [by_job[job_id] for job_id in jobs]


def entry(bench: Bench, letter_id: str) -> dict[str, Any]:
    """The entry as the ledger has it."""
    return entries(bench, id=letter_id)[0]


def audit(bench: Bench) -> list[dict[str, Any]]:
    """All of it, oldest first."""
    return bench.rows("SELECT * FROM audit_event ORDER BY n")


def operator(name: str, *scopes: Scope, tenants: frozenset[str] | None = None) -> Actor:
    return Actor(name=name, scopes=frozenset(scopes or Scope), tenants=tenants, source=ADDRESS)
