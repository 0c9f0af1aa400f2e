"""Schedules and runs over HTTP, on a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution_ops.api.app import create_api
from execution_ops.domain.ids import new_id
from execution_ops.services.container import Services, open_services
from execution_ops.settings import Settings
from tests.api.document import CHECKED

SCHEDULES = "/api/v1/scheduler/schedules"
RUNS = "/api/v1/scheduler/runs"
REASON = {"X-Stella-Operator-Reason": "release train"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened = open_services(Settings(data_dir=tmp_path / "data", scan_roots=(tmp_path,)))
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_api(lambda: services))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420", event_hooks=CHECKED)


def body(folder: Path, **values: Any) -> dict[str, Any]:
    return {"name": "nightly", "job_type": "scan.inspect", "targets": [str(folder)], "cron": "0 3 * * *", **values}


async def test_a_schedule_is_made_edited_paused_and_deleted(client: httpx.AsyncClient, tmp_path: Path) -> None:
    made = await client.post(SCHEDULES, json=body(tmp_path), headers=REASON)
    assert made.status_code == 201, made.text
    found = made.json()["schedule"]
    address = made.headers["location"]
    assert address == f"{SCHEDULES}/{found['id']}"
    assert (found["state"], found["version"], found["spec"]["owner"]) == ("enabled", 1, "local operator")
    again = await client.post(SCHEDULES, json=body(tmp_path), headers=REASON)
    assert (again.status_code, again.json()["error"]["field"]) == (409, "name")

    change = body(tmp_path, cron="@hourly", owner="ada", revision=1)
    edited = await client.put(address, json=change, headers=REASON)
    assert (edited.json()["words"], edited.json()["schedule"]["version"]) == ("At minute 0 of every hour", 2)
    stale = await client.put(address, json=change, headers=REASON)
    assert stale.json()["error"]["code"] == "CHANGED_MEANWHILE"
    versions = (await client.get(f"{address}/versions")).json()["items"]
    assert [one["version"] for one in versions] == [2, 1]

    assert (await client.post(f"{address}:pause")).json()["error"]["code"] == "REASON_REQUIRED"
    paused = await client.post(f"{address}:pause", json={"revision": 2}, headers=REASON)
    assert paused.json()["schedule"]["pause_reason"] == "release train"
    listed = (await client.get(SCHEDULES, params={"state": "paused", "text": "NIGHT"})).json()["items"]
    assert [one["schedule"]["id"] for one in listed] == [found["id"]]
    assert (await client.post(f"{address}:resume", headers=REASON)).json()["schedule"]["state"] == "enabled"
    assert (await client.delete(address, headers=REASON)).json()["schedule"]["deleted_at"]
    assert (await client.get(SCHEDULES)).json()["items"] == []


async def test_a_rule_is_previewed_and_its_candidates_too(client: httpx.AsyncClient, tmp_path: Path) -> None:
    told = await client.get(f"{SCHEDULES}/preview", params={"cron": "30 2 * * *", "zone": "Europe/Berlin", "count": 3})
    assert (told.json()["words"], len(told.json()["times"])) == ("At 02:30 every day", 3)
    for cron in ("*/0 * * * *", "1--100000000 * * * *", "x" * 10_000, "0 0 30 2 *"):
        refused = await client.get(f"{SCHEDULES}/preview", params={"cron": cron})
        assert refused.status_code == 400, cron
    (tmp_path / "one").mkdir()
    found = await client.post(f"{SCHEDULES}/candidates", json=body(tmp_path, targets=[f"{tmp_path}/*"]))
    assert found.json()["candidates"] == 2
    outside = await client.post(f"{SCHEDULES}/candidates", json=body(tmp_path, targets=["/etc"]))
    assert "not below the scan roots" in outside.json()["error"]["message"]


@pytest.mark.parametrize(
    "values",
    [
        {"zone": "../../etc/passwd"},
        {"name": ""},
        {"targets": ["relative"]},
        {"targets": []},
        {"job_type": "ops.plan"},
        {"max_jobs": "5"},
        {"unknown": 1},
    ],
)
async def test_what_can_be_no_schedule_is_refused(
    client: httpx.AsyncClient, tmp_path: Path, values: dict[str, Any]
) -> None:
    answer = await client.post(SCHEDULES, json=body(tmp_path, **values), headers=REASON)
    assert answer.status_code in (400, 422), answer.text
    assert (await client.get(SCHEDULES)).json()["items"] == []


async def test_a_run_is_started_once_for_a_key_canceled_and_retried(client: httpx.AsyncClient, tmp_path: Path) -> None:
    address = (await client.post(SCHEDULES, json=body(tmp_path), headers=REASON)).headers["location"]
    key = {**REASON, "Idempotency-Key": "once"}
    started = await client.post(f"{address}:run", headers=key)
    run = started.json()
    assert (started.status_code, run["state"], run["trigger"]) == (202, "planning", "api")
    assert (await client.post(f"{address}:run", headers=key)).json()["id"] == run["id"]
    mine = f"{RUNS}/{run['id']}"
    assert started.headers["location"] == mine
    assert (await client.get(RUNS, params={"state": "planning"})).json()["items"][0]["id"] == run["id"]
    assert (await client.get(f"{RUNS}/summary")).json()["by_state"]["planning"] == 1
    assert (await client.post(f"{mine}/retry", headers=REASON)).status_code == 409
    assert (await client.post(f"{mine}/cancel")).status_code == 400
    assert (await client.post(f"{mine}/cancel", headers=REASON)).json()["cancel_reason"] == "release train"
    detail = (await client.get(mine)).json()
    assert (detail["run"]["state"], detail["segments"]) == ("canceled", [])
    assert (await client.get(f"{mine}/targets")).json() == {"items": [], "next_cursor": None}
    assert (await client.get(f"{mine}/deltas")).json()["deltas"]["compared"] == 0
    again = await client.post(f"{mine}/retry", headers=REASON)
    assert (again.status_code, again.json()["retry_of"]) == (202, run["id"])


@pytest.mark.parametrize("address", [f"{SCHEDULES}/{{id}}", f"{RUNS}/{{id}}", f"{RUNS}/{{id}}/targets"])
async def test_what_is_not_there_says_so(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address.format(id=new_id()))).status_code == 404
    assert (await client.get(address.format(id="not-an-id"))).status_code == 400


async def test_unknown_parameters_and_values_are_refused(client: httpx.AsyncClient) -> None:
    for params in ({"stat": "planning"}, {"state": "lost"}, {"cursor": "x"}, {"schedule": "x"}, {"limit": "0"}):
        answer = await client.get(RUNS, params=params)
        assert answer.status_code in (400, 422), params
