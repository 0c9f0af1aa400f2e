"""How the stories about dead letters make jobs die, and wait for their entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from execution_ops import routes
from tests.e2e.failing_jobs import TYPE
from tests.e2e.servers import Console, await_condition


def die(console: Console, tenant: str, *errors: str, kind: str = "", cure: Path | None = None) -> list[dict[str, Any]]:
    """Submit a job for each error, and wait until all have died; the newest entries first."""
    known = len(entries(console, tenant))
    for error in errors:
        payload = {"error": error, "kind": kind, "cure": str(cure) if cure else None}
        answer = httpx.post(
            f"{console.url}{routes.api_jobs()}",
            json={"job_type": TYPE, "payload": payload},
            headers={"X-Stella-Tenant": tenant},
        )
        answer.raise_for_status()
    return await_entries(console, tenant, known + len(errors))


def entries(console: Console, tenant: str) -> list[dict[str, Any]]:
    """The newest dead letters of a tenant."""
    answer = httpx.get(f"{console.url}{routes.api_letters([('tenant', tenant), ('limit', '500')])}")
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def await_entries(console: Console, tenant: str, count: int) -> list[dict[str, Any]]:
    """Wait until a tenant has that many dead letters."""
    await_condition(
        lambda: len(entries(console, tenant)) >= count,
        f"{tenant} never had {count} dead letters.\n",
        console.data_dir.parent / "worker.log",
    )
    return entries(console, tenant)


def replay(console: Console, entry_id: str) -> None:
    """Replay one entry, without a browser."""
    answer = httpx.post(f"{console.url}{routes.Rest.LETTERS_REPLAY}", json={"id": entry_id})
    answer.raise_for_status()
