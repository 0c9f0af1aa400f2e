"""Replay plans over HTTP, on a real ledger; the test itself is the driver of the plans."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import httpx
import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.states import JobState
from execution_ops.routes import api_replay
from tests.api.conftest import client_of
from tests.api.dead_letters import LETTERS, REASON
from tests.api.replay_plans import RAW, REPLAYS, get, planned, prepare
from tests.execution import Bench
from tests.jobs import REGISTRY
from tests.letters import dead, die, entries, send_all, succeed, work_with_plans


async def test_a_plan_from_its_dry_run_to_its_end(bench: Bench, console: httpx.AsyncClient) -> None:
    jobs = dead(bench, 3, tenant="journey")
    body = {"filter": "tenant=journey&state=pending", "rate": 50}
    answer = await console.post(f"{LETTERS}/replay/batch", json=body, headers=REASON)
    assert answer.status_code == 202
    plan = answer.json()
    address = answer.headers["location"]
    assert address == api_replay(plan["id"]) == f"{REPLAYS}/{plan['id']}"
    assert (plan["state"], plan["kind"], plan["rate"], plan["starts"]) == ("draft", "replay", 50.0, False)
    assert (plan["expected"], plan["description"]) == (3, "Replay pending dead letters of tenant journey")
    prepare(bench, plan["id"])
    assert (await get(console, address))["counts"]["by_verdict"] == {"eligible": 3}
    assert {row["state"] for row in entries(bench, tenant="journey")} == {"pending"}, "a draft has sent nothing"
    started = await console.post(f"{address}:start")
    assert (started.status_code, started.json()["state"]) == (200, "running")
    held = await console.post(f"{address}:hold")
    assert held.json()["state"] == "held"
    assert send_all(bench, plan["id"]) == 0
    slow = await console.put(f"{address}/rate", json={"rate": 0.5})
    assert (slow.status_code, slow.json()["rate"]) == (200, 0.5)
    fast = await console.put(f"{address}/rate", json={"rate": None})
    assert fast.json()["rate"] is None
    assert (await console.post(f"{address}:resume")).json()["state"] == "running"
    assert send_all(bench, plan["id"]) == 3
    succeed(bench, jobs[:2])
    die(bench, jobs[2:])
    bench.backend.driver.settle()
    done = await get(console, address)
    assert (done["state"], done["counts"]["by_status"]) == ("completed", {"succeeded": 2, "died_same": 1})
    refused = await console.post(f"{address}:hold")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert "It is completed: local operator" in refused.json()["error"]["message"]


async def test_a_worker_carries_a_plan_out(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    bench = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    try:
        work_with_plans(bench)
        jobs = [bench.one("test.switch", value=str(number)) for number in range(3)]
        for job_id in jobs:
            await asyncio.to_thread(bench.until, job_id, JobState.FAILED)
        (bench.marks / "on").touch()
        async with client_of(bench) as console:
            body = {"filter": "state=pending&error_type=ValueError", "start": True, "rate": 100}
            answer = await console.post(f"{LETTERS}/replay/batch", json=body, headers=REASON)
            address = answer.headers["location"]
            async with asyncio.timeout(60):
                while (plan := await get(console, address))["state"] != "completed":
                    await asyncio.sleep(0.05)
            items = await get(console, f"{address}/items?status=succeeded")
            listed = await get(console, f"{LETTERS}?plan={plan['id']}&state=replayed")
        assert plan["counts"]["by_status"] == {"succeeded": 3}
        assert {item["job_id"] for item in items["items"]} == {row["job_id"] for row in listed["items"]} == set(jobs)
    finally:
        bench.close()


async def test_the_entries_of_a_plan_page_and_narrow(bench: Bench, console: httpx.AsyncClient) -> None:
    jobs = dead(bench, 5, tenant="items")
    rows = entries(bench, tenant="items")
    await console.post(f"{LETTERS}/resolve", json={"id": rows[0]["id"]}, headers=REASON)
    body = {"ids": [row["id"] for row in rows]}
    plan = (await console.post(f"{LETTERS}/replay/batch", json=body, headers=REASON)).json()
    prepare(bench, plan["id"])
    address = f"{REPLAYS}/{plan['id']}/items"
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await get(console, f"{address}?limit=2&cursor={cursor}")
        found += [item["job_id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert found == jobs
    eligible = await get(console, f"{address}?verdict=eligible")
    assert [item["job_id"] for item in eligible["items"]] == jobs[1:]
    both = await get(console, f"{address}?verdict=eligible&verdict=not_open&status=ineligible&status=sent")
    assert [(item["job_id"], item["verdict"]) for item in both["items"]] == [(jobs[0], "not_open")]


@pytest.mark.parametrize(
    "query",
    [
        *("status=exploded", "verdict=%3Cscript%3E", "verdict=", "verdict=%00", "stat=sent", "after=1"),
        *("limit=0", "limit=501", "limit=NaN", "limit=1000000000", "limit=" + "9" * 5000),
        *("cursor=-1", "cursor=1.5", "cursor=NaN", "cursor=x", "cursor=9999999999999999", "cursor=" + "9" * 400),
    ],
)
async def test_a_query_that_means_nothing_is_refused(bench: Bench, console: httpx.AsyncClient, query: str) -> None:
    plan = await planned(bench, console, "queries", 1)
    answer = await console.get(f"{REPLAYS}/{plan['id']}/items?{query}")
    assert answer.status_code in (400, 422), answer.text
    assert set(answer.json()["error"]) == {"code", "message", "trace_id"}


async def test_the_list_of_plans_pages(bench: Bench, console: httpx.AsyncClient) -> None:
    made = [(await planned(bench, console, "listed", 1))["id"] for _ in range(3)]
    first = await get(console, f"{REPLAYS}?limit=2")
    rest = await get(console, f"{REPLAYS}?limit=500&cursor={first['next_cursor']}")
    found = [plan["id"] for plan in (*first["items"], *rest["items"])]
    assert (found[:3], rest["next_cursor"]) == (made[::-1], None)
    for query in ("state=draft", "limit=0", "limit=1e9", "cursor=%3Cb%3E"):
        assert (await console.get(f"{REPLAYS}?{query}")).status_code in (400, 422), query


async def test_a_plan_warns_of_what_another_run_does_twice(
    bench: Bench, console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = REGISTRY.get("test.echo")
    assert kind is not None
    monkeypatch.setitem(
        REGISTRY._types, "test.echo", kind.model_copy(update={"side_effects": "sends the mail once more"})
    )
    plan = await planned(bench, console, "effects")
    assert (await get(console, f"{REPLAYS}/{plan['id']}"))["side_effects"] == ["test.echo: sends the mail once more"]


async def test_a_plan_may_start_by_itself(bench: Bench, console: httpx.AsyncClient) -> None:
    plan = await planned(bench, console, "starts", start=True)
    assert (await get(console, f"{REPLAYS}/{plan['id']}"))["state"] == "running"
    waits = await planned(bench, console, "waits", verb="resolve", start=False)
    assert (await get(console, f"{REPLAYS}/{waits['id']}"))["state"] == "draft"


async def test_what_a_plan_resolved_is_taken_back(bench: Bench, console: httpx.AsyncClient) -> None:
    plan = await planned(bench, console, "undone", verb="resolve")
    early = await console.post(f"{REPLAYS}/{plan['id']}:undo")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "NOTHING_MATCHES")
    assert send_all(bench, plan["id"]) == 3
    assert {row["state"] for row in entries(bench, tenant="undone")} == {"resolved"}
    undo = await console.post(f"{REPLAYS}/{plan['id']}:undo", headers={"Idempotency-Key": "u-1"})
    assert (undo.status_code, undo.json()["kind"], undo.json()["undoes"]) == (202, "reopen", plan["id"])
    assert undo.headers["location"] == f"{REPLAYS}/{undo.json()['id']}"
    again = await console.post(f"{REPLAYS}/{plan['id']}:undo", headers={"Idempotency-Key": "u-1"})
    assert again.json()["id"] == undo.json()["id"]
    prepare(bench, undo.json()["id"])
    send_all(bench, undo.json()["id"])
    assert {row["state"] for row in entries(bench, tenant="undone")} == {"pending"}
    replay = await planned(bench, console, "undone")
    assert (await console.post(f"{REPLAYS}/{replay['id']}:undo")).status_code == 400


async def test_all_resolved_ones_are_reopened(bench: Bench, console: httpx.AsyncClient) -> None:
    resolve = await planned(bench, console, "reopened", verb="resolve")
    send_all(bench, resolve["id"])
    answer = await console.post(f"{LETTERS}/reopen/batch", json={"filter": "tenant=reopened"})
    assert (answer.status_code, answer.json()["kind"]) == (202, "reopen")
    prepare(bench, answer.json()["id"])
    assert send_all(bench, answer.json()["id"]) == 3


@pytest.mark.parametrize("verb", [verb.name for verb in LETTER_VERBS])
async def test_nothing_that_matches_makes_no_plan(bench: Bench, console: httpx.AsyncClient, verb: str) -> None:
    before = bench.rows("SELECT count(*) AS n FROM replay_plan")
    for body in ({"filter": "tenant=nobody"}, {"ids": [new_id(), new_id()]}):
        answer = await console.post(f"{LETTERS}/{verb}/batch", json=body, headers=REASON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NOTHING_MATCHES")
    assert bench.rows("SELECT count(*) AS n FROM replay_plan") == before


async def test_a_key_makes_one_plan_also_after_a_restart(bench: Bench, console: httpx.AsyncClient) -> None:
    dead(bench, 2, tenant="keys")
    body = {"filter": "tenant=keys"}
    headers = {**REASON, "Idempotency-Key": "plan-1"}
    first = await console.post(f"{LETTERS}/replay/batch", json=body, headers=headers)
    again = await console.post(f"{LETTERS}/replay/batch", json=body, headers=headers)
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (first.json()["id"], "true")
    assert again.headers["location"] == first.headers["location"]
    async with client_of(bench) as restarted:
        third = await restarted.post(f"{LETTERS}/replay/batch", json=body, headers=headers)
    assert (third.status_code, third.json()["id"]) == (202, first.json()["id"])
    other = await console.post(f"{LETTERS}/resolve/batch", json=body, headers={**headers, "Idempotency-Key": "plan-2"})
    assert other.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "body",
    [
        *("{}", "[]", "null", '"x"', "{", '{"ids": []}', '{"ids": [1]}', '{"ids": ["<b>"]}', '{"ids": ["\\u0000"]}'),
        *('{"filter": "", "ids": ["x"]}', '{"filter": 1}', '{"filter": "tennant=a"}', '{"filter": "tenant="}'),
        *('{"filter": "state=%00"}', '{"filter": "tenant=%3Cb%3E", "x": 1}', '{"filter": "limit=1"}'),
        *('{"filter": "", "start": "yes"}', '{"filter": "", "start": 1}', '{"filter": "", "start": null}'),
    ],
)
async def test_a_scope_that_is_not_clear_makes_no_plan(bench: Bench, console: httpx.AsyncClient, body: str) -> None:
    dead(bench, 1)
    before = bench.rows("SELECT count(*) AS n FROM replay_plan")
    for verb in LETTER_VERBS:
        answer = await console.post(f"{LETTERS}/{verb.name}/batch", content=body, headers=RAW)
        assert answer.status_code in (400, 422), answer.text
        assert set(answer.json()["error"]) == {"code", "message", "trace_id"}
    assert bench.rows("SELECT count(*) AS n FROM replay_plan") == before


@pytest.mark.parametrize(
    "rate",
    [
        *("0", "-1", "-0.0", "NaN", "Infinity", "-Infinity", "1e9", "10001", "0.001", "1e-300", "1" + "0" * 400),
        *("true", '"5"', "[5]", "{}", '"<script>"'),
    ],
)
async def test_what_is_no_rate_is_refused(bench: Bench, console: httpx.AsyncClient, rate: str) -> None:
    plan = await planned(bench, console, "rates", 1, rate=5)
    address = f"{REPLAYS}/{plan['id']}"
    answer = await console.put(f"{address}/rate", content=f'{{"rate": {rate}}}', headers=RAW)
    assert answer.status_code in (400, 422), answer.text
    text = f'{{"filter": "tenant=rates", "rate": {rate}}}'
    assert (await console.post(f"{LETTERS}/replay/batch", content=text, headers=RAW)).status_code in (400, 422)
    assert (await get(console, address))["rate"] == 5


async def test_a_rate_has_to_be_named(bench: Bench, console: httpx.AsyncClient) -> None:
    plan = await planned(bench, console, "rates", 1, rate=5)
    for body in ({}, {"rate": 1, "per": "minute"}, [1], None):
        answer = await console.put(f"{REPLAYS}/{plan['id']}/rate", content=json.dumps(body), headers=RAW)
        assert answer.status_code == 422
    asked = {"filter": "tenant=rates", "rate": 5}
    answer = await console.post(f"{LETTERS}/resolve/batch", json=asked, headers=REASON)
    assert answer.status_code == 422, "only a replay has a rate"
