"""How the stories about workers start jobs and look at the fleet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.e2e.servers import Console, await_condition
from tests.e2e.waiting_jobs import TYPE


def start_waiting(console: Console, go: Path) -> str:
    """Submit a job that ends once the file exists; its id."""
    body = {"job_type": TYPE, "payload": {"go": str(go)}}
    answer = httpx.post(f"{console.url}{routes.api_jobs()}", json=body)
    answer.raise_for_status()
    [job_id] = answer.json()["job_ids"].values()
    return str(job_id)


def await_job(console: Console, job_id: str, state: JobState) -> None:
    """Wait until a job is in the state."""

    def reached() -> bool:
        return bool(httpx.get(f"{console.url}{routes.api_job(job_id)}").json()["row"]["state"] == state)

    await_condition(reached, f"Job {job_id} did not become {state}.")


def workers(console: Console) -> dict[str, dict[str, Any]]:
    """The workers by name."""
    answer = httpx.get(f"{console.url}{routes.api_workers([('limit', '500')])}")
    answer.raise_for_status()
    return {item["name"]: item for item in answer.json()["items"]}


def await_worker(console: Console, name: str, state: str, *, ended: bool = False) -> dict[str, Any]:
    """Wait until a worker is in the state; the worker."""

    def reached() -> bool:
        one = workers(console).get(name)
        return one is not None and one["state"] == state and (one["ended_at"] is not None) == ended

    await_condition(reached, f"The worker {name} did not become {state}.")
    return workers(console)[name]


def ask(console: Console, verb: str, name: str) -> None:
    """Drain, resume or stop a worker, without a browser."""
    address = f"{console.url}{routes.api_worker(workers(console)[name]['id'])}:{verb}"
    httpx.post(address, headers={"X-Stella-Operator-Reason": "deploy of 1.4"}).raise_for_status()
