"""The worker fleet over HTTP."""

from __future__ import annotations

import httpx

from execution_ops.domain.fleet import Asked
from execution_ops.domain.states import WorkerState
from tests.doubles import EPOCH, MemoryBackend

WORKERS = "/api/v1/scheduler/workers"
REASON = {"X-Stella-Operator-Reason": "deploy of 1.4", "X-Stella-Operator-Ticket": "OPS-7"}


async def test_a_worker_is_drained_resumed_and_stopped(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_worker(running=2)
    address = f"{WORKERS}/w1"
    drained = await client.post(f"{address}:drain", json={"revision": 1}, headers=REASON)
    assert drained.status_code == 200
    body = drained.json()
    assert (body["state"], body["asked"], body["asked_by"]) == ("draining", "drain", "local operator")
    assert (body["asked_reason"], body["revision"]) == ("deploy of 1.4", 2)
    assert (backend.stamps[-1].reason, backend.stamps[-1].ticket) == ("deploy of 1.4", "OPS-7")

    again = await client.post(f"{address}:drain", headers=REASON)
    assert again.status_code == 409
    assert "asked it to drain" in again.json()["error"]["message"]
    stale = await client.post(f"{address}:resume", json={"revision": 1})
    assert (stale.status_code, "after you had looked" in stale.json()["error"]["message"]) == (409, True)
    assert (await client.post(f"{address}:resume")).json()["state"] == "online"
    assert (await client.post(f"{address}:stop", headers=REASON)).json()["asked"] == "stop"
    assert (await client.get(address)).json()["asked"] == "stop"
    assert (await client.post(f"{address}:resume")).status_code == 409


async def test_a_drain_needs_a_reason_and_a_known_worker(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_worker()
    for verb in ("drain", "stop"):
        refused = await client.post(f"{WORKERS}/w1:{verb}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REASON_REQUIRED")
        assert (await client.post(f"{WORKERS}:{verb}")).json()["error"]["code"] == "REASON_REQUIRED"
    assert (await client.post(f"{WORKERS}/none:drain", headers=REASON)).status_code == 404
    assert (await client.get(f"{WORKERS}/none")).status_code == 404
    assert (await client.get(f"{WORKERS}/{'x' * 201}")).status_code == 400
    assert (await client.post(f"{WORKERS}/w1:drain", json={"rev": 1}, headers=REASON)).status_code == 422
    assert (await client.post(f"{WORKERS}/w1:drain", json={"revision": 0}, headers=REASON)).status_code == 400
    assert backend.known_workers["w1"].state is WorkerState.ONLINE


async def test_the_same_key_gets_the_same_answer(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_worker()
    headers = {**REASON, "Idempotency-Key": "once"}
    first = await client.post(f"{WORKERS}/w1:drain", headers=headers)
    second = await client.post(f"{WORKERS}/w1:drain", headers=headers)
    assert (second.status_code, second.json()) == (200, first.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert len(backend.stamps) == 1


async def test_all_workers_of_a_version_are_drained(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_worker(id="a", version="1.0")
    backend.add_worker(id="b", version="1.0", state=WorkerState.DRAINED, asked=Asked.DRAIN)
    backend.add_worker(id="c", version="2.0")
    backend.add_worker(id="d", version="1.0", state=WorkerState.LOST, ended_at=EPOCH)
    done = await client.post(f"{WORKERS}:drain?version=1.0", headers=REASON)
    assert done.json() == {"outcomes": [{"id": "a", "done": True, "why": "", "state": "draining"}]}
    assert backend.known_workers["c"].state is WorkerState.ONLINE
    resumed = await client.post(f"{WORKERS}:resume")
    assert [one["id"] for one in resumed.json()["outcomes"]] == ["a", "b"]
    assert (await client.post(f"{WORKERS}:resume")).json() == {"outcomes": []}
    stopped = await client.post(f"{WORKERS}:stop", headers=REASON)
    assert [one["id"] for one in stopped.json()["outcomes"]] == ["a", "b", "c"]


async def test_a_misspelled_filter_hits_nobody(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_worker()
    for query in ("versoin=1.0", "version=", "limit=5"):
        assert (await client.post(f"{WORKERS}:drain?{query}", headers=REASON)).status_code == 400
    assert backend.known_workers["w1"].state is WorkerState.ONLINE


async def test_who_acts_for_a_tenant_sees_workers_and_changes_none(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    backend.add_worker()
    tenant = {"X-Stella-Tenant": "acme", **REASON}
    assert len((await client.get(WORKERS, headers=tenant)).json()["items"]) == 1
    for address in (f"{WORKERS}/w1:drain", f"{WORKERS}:drain", f"{WORKERS}/w1:stop"):
        refused = await client.post(address, headers=tenant)
        assert (refused.status_code, "all tenants" in refused.json()["error"]["message"]) == (403, True)


async def test_the_list_filters_and_pages_and_the_summary_warns(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    backend.add_worker(id="a", name="a", host="h1", running=3)
    backend.add_worker(id="b", name="b", host="h2", version="0.2.0", state=WorkerState.DRAINED, asked=Asked.DRAIN)
    backend.add_worker(id="c", name="0", state=WorkerState.LOST, ended_at=EPOCH)
    first = (await client.get(WORKERS, params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == ["a", "b"]
    rest = (await client.get(WORKERS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == (["c"], None)
    found = (await client.get(WORKERS, params={"host": "h2", "state": "drained"})).json()["items"]
    assert [item["id"] for item in found] == ["b"]
    assert (await client.get(WORKERS, params={"state": "asleep"})).status_code == 400
    summary = (await client.get(f"{WORKERS}/summary")).json()
    assert summary["by_state"] == {"online": 1, "draining": 0, "drained": 1, "lost": 0}
    assert (summary["slots"], summary["slots_used"]) == (4, 3)
    assert [warning["kind"] for warning in summary["warnings"]] == ["versions"]
