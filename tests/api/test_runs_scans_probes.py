"""First signals, scans, probes, metrics and the description of the interface."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import httpx

from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Health, Worker
from execution_ops.domain.states import JobState, WorkerState
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_row

RUNS = "/api/v1/jobengine/runs"
SCANS = "/api/v1/scanner/scans"


def worker(state: WorkerState = WorkerState.ONLINE) -> Worker:
    return Worker(
        id="w1",
        host="h",
        pid=1,
        version="1",
        state=state,
        queues=("scan",),
        concurrency=4,
        running=0,
        started_at=EPOCH,
        heartbeat_at=EPOCH,
    )


async def test_a_run_without_a_start_has_no_signal(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.SCHEDULED, started_at=None, finished_at=None))
    answer = await client.get(f"{RUNS}/{row.dag_id}/first-signal")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_the_first_failure_is_the_signal(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    first = backend.add(job_row(error_message="token=abc is wrong", node_key="inspect"))
    late = EPOCH + timedelta(minutes=1)
    backend.add(job_row(dag_id=first.dag_id, finished_at=late, error_message="later"))
    answer = await client.get(f"{RUNS}/{first.dag_id}/first-signal")
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["etag"].startswith('W/"')
    assert body["run_id"] == first.dag_id
    assert body["summary_etag"] == answer.headers["etag"]
    signal = body["first_signal"]
    assert (signal["type"], signal["step"], signal["message"]) == ("failed", "inspect", "token=[redacted] is wrong")


async def test_an_unchanged_signal_is_not_sent_again(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.RUNNING, finished_at=None))
    address = f"{RUNS}/{row.dag_id}/first-signal"
    etag = (await client.get(address)).headers["etag"]
    for condition in (etag, f'"x", {etag}', etag.removeprefix("W/"), "*"):
        again = await client.get(address, headers={"If-None-Match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await client.get(address, headers={"If-None-Match": 'W/"old"'})).status_code == 200


async def test_a_run_that_succeeded_says_so_with_another_tag(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    running = backend.add(job_row(state=JobState.RUNNING, finished_at=None))
    before = await client.get(f"{RUNS}/{running.dag_id}/first-signal")
    done = backend.add(job_row(state=JobState.SUCCEEDED))
    after = await client.get(f"{RUNS}/{done.dag_id}/first-signal")
    assert (before.json()["first_signal"]["type"], after.json()["first_signal"]["type"]) == ("started", "succeeded")
    assert before.headers["etag"] != after.headers["etag"]


async def test_an_unknown_run_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{RUNS}/{new_id()}/first-signal")).status_code == 404
    assert (await client.get(f"{RUNS}/..%2f/first-signal")).status_code in (400, 404)


async def test_a_scan_is_started_once_per_key(
    client: httpx.AsyncClient, backend: MemoryBackend, tmp_path: Path
) -> None:
    headers = {"Idempotency-Key": "k", "X-Stella-Tenant": "acme"}
    first = await client.post(SCANS, json={"path": str(tmp_path)}, headers=headers)
    assert first.status_code == 201
    assert first.headers["location"] == f"{SCANS}/{first.json()['dag_id']}"
    again = await client.post(SCANS, json={"path": str(tmp_path)}, headers=headers)
    assert again.json() == first.json()
    assert len(backend.specs) == 1
    other = await client.post(SCANS, json={"path": str(tmp_path)}, headers={**headers, "X-Stella-Tenant": "beta"})
    assert (other.status_code, other.json()["dag_id"] == first.json()["dag_id"]) == (201, False)
    summary = (await client.get(first.headers["location"])).json()
    assert summary["tenant"] == "acme"
    assert summary["by_state"]["scheduled"] == 1
    assert "inspect" in summary["job_ids"]


async def test_a_scan_of_nothing_is_refused(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    for body in ({}, {"path": ""}, {"path": "relative"}, {"path": "/a\0"}, {"path": 1}, {"path": "/x", "roots": "/"}):
        assert (await client.post(SCANS, json=body)).status_code in (400, 422)
    assert not backend.specs


async def test_ready_means_a_database_and_a_worker(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    alone = await client.get("/readyz")
    assert (alone.status_code, alone.json()["error"]["code"]) == (503, "NOT_READY")
    assert "execution-ops worker" in alone.json()["checks"]["worker"]["message"]
    backend.down = True
    lost = await client.get("/readyz")
    assert (lost.status_code, lost.json()["checks"]["database"]["ok"]) == (503, False)
    assert (await client.get("/healthz")).status_code == 200


async def test_a_worker_makes_it_ready(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.queues_and_workers = Health(queues=(), workers=(worker(WorkerState.LOST), worker()), as_of=EPOCH)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


async def test_the_interface_describes_itself_without_other_hosts(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["info"]["title"] == "Execution Operations"
    assert "/api/v1/jobengine/jobs/{job_id}:cancel" in document["paths"]
    assert "ErrorEnvelope" in document["components"]["schemas"]
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] for operation in operations)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named == set(document["components"]["schemas"])
    for path in ("/docs", "/redoc"):
        assert (await client.get(path)).status_code == 404
