"""How far the queues are behind, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from execution_ops import routes
from execution_ops.api.deps import actor_of
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.jobs import Health
from tests.doubles import MemoryBackend
from tests.lag_samples import behind

LAG = "/api/v1/scheduler/runs/queue/lag"


async def test_each_queue_tells_its_depth_its_oldest_wait_and_who_serves_it(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    backend.queues_and_workers = behind()
    assert routes.api_queue_lag() == LAG
    answer = await client.get(LAG)
    assert answer.status_code == 200
    body = answer.json()
    assert body["as_of"] == "2026-11-23T14:00:00.000Z"
    first, second, third = body["items"]
    assert first.pop("stuck").startswith("No worker that is online serves the queue compare.")
    assert first == {"queue": "compare", "depth": 3, "oldest_wait_ms": 840_000, "running": 0, "workers": 0}
    assert (second["queue"], second["depth"], second["running"], second["stuck"]) == ("scan", 7, 2, "")
    assert (third["queue"], third["oldest_wait_ms"]) == ("merge", None)


async def test_an_empty_system_has_no_queue(client: httpx.AsyncClient) -> None:
    assert (await client.get(LAG)).json()["items"] == []


async def test_unknown_parameters_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get(LAG, params={"queue": "scan"})).status_code == 400


async def test_it_is_for_those_who_may_read_and_of_their_tenants(
    app: FastAPI, client: httpx.AsyncClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str] | None] = []

    def health(*, tenants: frozenset[str] | None) -> Health:
        asked.append(tenants)
        return behind()

    monkeypatch.setattr(backend, "health", health)
    nobody = Actor(name="eve", scopes=frozenset(), tenants=None, source="test")
    app.dependency_overrides[actor_of] = lambda: nobody
    assert (await client.get(LAG)).status_code == 403
    reader = Actor(name="ada", scopes=frozenset({Scope.READ}), tenants=frozenset({"acme"}), source="test")
    app.dependency_overrides[actor_of] = lambda: reader
    assert (await client.get(LAG)).status_code == 200
    assert asked == [frozenset({"acme"})]
