"""The REST interface and the hub on the real ledger: what the double of the port could hide."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from execution_ops.api.app import create_api
from execution_ops.domain.access import local_operator
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.states import JobState
from execution_ops.domain.topics import JOBS as JOBS_TOPIC
from execution_ops.domain.verbs import Stamp
from execution_ops.services import bulk
from execution_ops.services.container import Services, open_services
from execution_ops.services.live import Hub
from execution_ops.services.own_jobs import LEDGER
from execution_ops.settings import Settings
from tests import jobs as test_types
from tests.api.document import CHECKED
from tests.handler_context import HandlerContext

JOBS = "/api/v1/jobengine/jobs"
SCANS = "/api/v1/scanner/scans"
REASON = {"X-Stella-Operator-Reason": "wrong branch"}
ANN = local_operator()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("data")
    opened = open_services(Settings(data_dir=folder, scan_roots=(folder,)))
    yield opened
    opened.close()


def client_of(services: Services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_api(lambda: services))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420", event_hooks=CHECKED)


async def start(client: httpx.AsyncClient, path: Path, **headers: str) -> dict[str, object]:
    answer = await client.post(SCANS, json={"path": str(path)}, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_scan_from_its_start_to_its_cancel(services: Services, tmp_path: Path) -> None:
    async with client_of(services) as client:
        scan = await start(client, tmp_path, **{"X-Stella-Tenant": "journey"})
        dag_id, job_ids = scan["dag_id"], scan["job_ids"]
        assert isinstance(job_ids, dict)
        inspect = job_ids["inspect"]
        listed = (await client.get(JOBS, params={"dag": dag_id, "limit": 3})).json()
        rest = (await client.get(JOBS, params={"dag": dag_id, "cursor": listed["next_cursor"]})).json()
        assert {item["id"] for item in listed["items"] + rest["items"]} == set(job_ids.values())
        found = (await client.get(f"{JOBS}/{inspect}")).json()
        assert found["waiting"]["kind"] == "no_worker"
        merge = (await client.get(f"{JOBS}/{job_ids['merge']}")).json()
        assert (merge["waiting"]["kind"], merge["waiting"]["blocking_job_id"]) == ("parent", inspect)
        assert (await client.get(f"{JOBS}/{inspect}/payload")).json()["source"] == str(tmp_path)
        assert (await client.get(f"{JOBS}/{inspect}/logs")).json()["total"] == 0
        assert len((await client.get(f"{JOBS}/{inspect}/dag")).json()["nodes"]) == len(job_ids)
        signal = f"/api/v1/jobengine/runs/{dag_id}/first-signal"
        assert (await client.get(signal)).status_code == 204
        canceled = await client.post(f"{JOBS}/{inspect}:cancel", headers=REASON)
        assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")
        assert (await client.post(f"{JOBS}/{inspect}:cancel", headers=REASON)).status_code == 409
        found = (await client.get(f"{JOBS}/{inspect}")).json()
        assert found["waiting"]["sentence"] == "It was canceled by local operator: wrong branch."
        merge = (await client.get(f"{JOBS}/{job_ids['merge']}")).json()
        assert merge["waiting"]["kind"] == "parent_ended"
        retried = await client.post(f"{JOBS}:retry", json={"ids": [inspect]})
        assert retried.json()["done"] == 1
        table = await client.get(f"{JOBS}/export", params={"dag": dag_id})
        assert len(list(csv.DictReader(io.StringIO(table.text, newline="")))) == len(job_ids)


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Job types of another package, as if it were installed."""
    for entry in test_types.REGISTRY.all():
        monkeypatch.setitem(REGISTRY._types, entry.name, entry)


@pytest.mark.usefixtures("types")
async def test_a_job_of_another_package_is_submitted_once_per_key(services: Services) -> None:
    body = {"job_type": "test.number", "payload": {"value": 7}, "label": "seven"}
    headers = {"X-Stella-Tenant": "submitted", "Idempotency-Key": "s-1"}
    async with client_of(services) as client:
        answer = await client.post(JOBS, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        job_id = answer.json()["job_ids"]["job"]
        assert answer.headers["location"] == f"{JOBS}/{job_id}"
        found = (await client.get(answer.headers["location"])).json()
        assert (found["row"]["job_type"], found["row"]["label"], found["row"]["tenant"], found["dag_title"]) == (
            *("test.number", "seven", "submitted"),
            "test.number seven",
        )
        assert (await client.get(f"{JOBS}/{job_id}/payload")).json() == {"value": 7}
        again = await client.post(JOBS, json=body, headers=headers)
        assert again.headers["idempotency-replayed"] == "true"
    async with client_of(services) as restarted:
        again = await restarted.post(JOBS, json=body, headers=headers)
        assert (again.status_code, again.json()["job_ids"]["job"]) == (200, job_id)


@pytest.mark.usefixtures("types")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_type": "test.nothing"},
        {"job_type": "test.number"},
        {"job_type": "test.number", "payload": {"value": "seven"}},
        {"job_type": "test.number", "payload": [7]},
        {"job_type": "test.number", "payload": {"value": 7}, "priority": -1},
        {"job_type": "test.number", "payload": {"value": 7}, "label": "x" * 201},
        {"job_type": "test.number", "payload": {"value": 7}, "label": "\ud800"},
        {"job_type": "test.number", "payload": {"value": 7}, "queue": "other"},
        {"job_type": "ops.bulk", "payload": {"verb": "cancel"}},
        {"job_type": "scan.inspect", "payload": {"source": "/"}},
    ],
)
async def test_a_job_that_could_not_run_is_not_stored(services: Services, body: dict[str, object]) -> None:
    async with client_of(services) as client:
        before = (await client.get(JOBS)).json()["items"]
        answer = await client.post(JOBS, content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert (await client.get(JOBS)).json()["items"] == before


@pytest.mark.usefixtures("types")
async def test_a_payload_of_any_depth_is_answered(services: Services) -> None:
    async with client_of(services) as client:
        for depth in (50, 400, 900, 5000):
            deep = '{"job_type": "test.echo", "payload": {"x": ' + "[" * depth + "]" * depth + "}}"
            answer = await client.post(JOBS, content=deep, headers={"Content-Type": "application/json"})
            assert answer.status_code in (201, 400, 422), (depth, answer.text)


async def test_a_key_outlives_the_process_that_took_it(services: Services, tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "k-1", "X-Stella-Tenant": "keys"}
    async with client_of(services) as one, client_of(services) as two:
        first, second = await start(one, tmp_path, **headers), await start(two, tmp_path, **headers)
    assert (first["dag_id"], first["created"], second["created"]) == (second["dag_id"], True, False)


async def test_the_same_key_of_another_verb_is_another_request(services: Services, tmp_path: Path) -> None:
    stamp = Stamp(actor=ANN, reason="r", idempotency_key="shared")
    scan = services.scans.submit(ANN, str(tmp_path), stamp=stamp)
    bulk = services.jobs.bulk(ANN, "cancel", JobFilter(tenant=("default",)), stamp)
    assert scan.dag_id != bulk.dag_id
    assert services.jobs.get(ANN, bulk.job_ids["bulk"]).row.job_type == "ops.bulk"


async def test_a_change_in_the_ledger_wakes_the_page_that_shows_it(services: Services, tmp_path: Path) -> None:
    hub = Hub(services.backend, poll_s=0.02)
    following = asyncio.create_task(hub.run())
    where = JobFilter(tenant=("live",))
    try:
        seen, page = await hub.page("list", JOBS_TOPIC, lambda: services.jobs.list(ANN, where))
        assert page.rows == ()
        scan = asyncio.to_thread(services.scans.submit, ANN, str(tmp_path), tenant="live", stamp=Stamp(actor=ANN))
        submitted = await scan
        async with asyncio.timeout(10):
            while not page.rows:
                await hub.wait(JOBS_TOPIC, seen, 10)
                seen, page = await hub.page("list", JOBS_TOPIC, lambda: services.jobs.list(ANN, where))
        assert {row.dag_id for row in page.rows} == {submitted.dag_id}
        assert hub.status.live
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def test_a_bad_cursor_is_refused(services: Services) -> None:
    async with client_of(services) as client:
        for cursor in ("x", "AAAA", "'; drop table job; --"):
            answer = await client.get(JOBS, params={"cursor": cursor})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_CURSOR")


async def test_both_orders_of_the_list_are_walked_to_their_end(services: Services, tmp_path: Path) -> None:
    async with client_of(services) as client:
        ids = (await start(client, tmp_path, **{"X-Stella-Tenant": "walked"}))["job_ids"]
        assert isinstance(ids, dict)
        walks: dict[str, list[str]] = {}
        for sort in ("newest", "oldest"):
            found, cursor = walks.setdefault(sort, []), ""
            while cursor is not None:
                query = {"tenant": "walked", "sort": sort, "limit": 1, "cursor": cursor}
                answer = (await client.get(JOBS, params=query)).json()
                found += [item["id"] for item in answer["items"]]
                cursor = answer["next_cursor"]
    assert set(walks["newest"]) == set(ids.values())
    assert walks["oldest"] == walks["newest"][::-1]


async def test_summary_and_metrics_are_counted_from_the_ledger(services: Services, tmp_path: Path) -> None:
    async with client_of(services) as client:
        await start(client, tmp_path, **{"X-Stella-Tenant": "counted"})
        counts = (await client.get(f"{JOBS}/summary?tenant=counted")).json()
        assert (counts["total"], counts["by_state"]["scheduled"]) == (4, 1)
        metrics = (await client.get("/metrics")).text
    assert 'execution_ops_queue_waiting{queue="scan"}' in metrics


def test_a_bulk_verb_walks_the_real_list_once(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    monkeypatch.setattr(LEDGER, "_tools", services.backend)
    scans = [services.scans.submit(ANN, str(tmp_path), tenant="bulk", stamp=Stamp(actor=ANN)) for _ in range(4)]
    where = JobFilter(tenant=("bulk",))
    started = services.jobs.bulk(ANN, "cancel", where, Stamp(actor=ANN, reason="clean up"))
    late = services.scans.submit(ANN, str(tmp_path), tenant="bulk", stamp=Stamp(actor=ANN))
    job_id = started.job_ids[bulk.NODE_KEY]
    payload = bulk.BulkPayload.model_validate_json(services.jobs.value(ANN, job_id, "payload"))
    result = bulk.run_bulk(HandlerContext(job_id=job_id), payload)
    assert result.value == {"done": 16, "already": 0, "refused": 0, "by_reason": {}}
    for scan in scans:
        assert {node.row.state for node in services.jobs.dag(ANN, scan.dag_id).nodes} == {JobState.CANCELED}
    assert JobState.CANCELED not in {node.row.state for node in services.jobs.dag(ANN, late.dag_id).nodes}
    again = bulk.run_bulk(HandlerContext(job_id=job_id, attempt=2), payload)
    assert again.value["done"] == 0
