"""Who may do what to replay plans over HTTP, whose entries they reach, and what is written down."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from execution_ops.domain.access import Scope
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_verbs import LETTER_VERBS, PLAN_VERBS, SET_RATE
from tests.api.conftest import ADDRESS, client_of
from tests.api.dead_letters import LETTERS, REASON, operator
from tests.api.replay_plans import REPLAYS, get, planned, prepare
from tests.execution import Bench
from tests.letters import dead, entries, send_all


@pytest.mark.parametrize("name", [*(verb.name for verb in PLAN_VERBS), "undo", SET_RATE.name])
async def test_every_verb_on_plans_refuses_who_lacks_its_permission(
    bench: Bench, console: httpx.AsyncClient, name: str
) -> None:
    plan = await planned(bench, console, "scopes", 1, verb="resolve", start=False)
    before = (await get(console, f"{REPLAYS}/{plan['id']}"), bench.rows("SELECT count(*) AS n FROM audit_event"))
    async with client_of(bench, operator("vera", *(set(Scope) - {Scope.OPERATE}))) as vera:
        if name == SET_RATE.name:
            answer = await vera.put(f"{REPLAYS}/{plan['id']}/rate", json={"rate": 1}, headers=REASON)
        else:
            answer = await vera.post(f"{REPLAYS}/{plan['id']}:{name}", headers=REASON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert "ops:operate" in answer.text
    after = (await get(console, f"{REPLAYS}/{plan['id']}"), bench.rows("SELECT count(*) AS n FROM audit_event"))
    assert after == before


@pytest.mark.parametrize("verb", [verb.name for verb in LETTER_VERBS])
async def test_no_plan_without_the_permission_of_its_verb(bench: Bench, verb: str) -> None:
    (job_id,) = dead(bench, 1)
    letter_id = entries(bench, job_id=job_id)[0]["id"]
    before = bench.rows("SELECT count(*) AS n FROM audit_event")
    for missing in (Scope.OPERATE, Scope.READ):
        async with client_of(bench, operator("vera", *(set(Scope) - {missing}))) as vera:
            for body in ({"filter": ""}, {"ids": [letter_id]}):
                answer = await vera.post(f"{LETTERS}/{verb}/batch", json=body, headers=REASON)
                assert (answer.status_code, missing.value in answer.text) == (403, True)
    assert bench.rows("SELECT count(*) AS n FROM audit_event") == before


async def test_a_plan_of_another_tenant_is_not_found(bench: Bench, console: httpx.AsyncClient) -> None:
    plan = await planned(bench, console, "theirs", 1, verb="resolve", start=False)
    mine = {**REASON, "X-Stella-Tenant": "mine"}
    address = f"{REPLAYS}/{plan['id']}"
    calls = [
        ("GET", address, None),
        ("GET", f"{address}/items", None),
        ("PUT", f"{address}/rate", {"rate": 1}),
        *(("POST", f"{address}:{name}", None) for name in (*(verb.name for verb in PLAN_VERBS), "undo")),
    ]
    for method, path, body in calls:
        answer = await console.request(method, path, json=body, headers=mine)
        unknown = await console.request(method, path.replace(plan["id"], new_id()), json=body, headers=mine)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), path
        assert unknown.status_code == 404
    assert (await console.get(REPLAYS, headers=mine)).json()["items"] == []
    assert (await get(console, address))["state"] == "draft"
    for bad in ("nonsense", "%3Cb%3E", "%00", "..%2f.."):
        assert (await console.get(f"{REPLAYS}/{bad}")).status_code in (400, 404)


async def test_entries_of_another_tenant_are_never_sent(bench: Bench, console: httpx.AsyncClient) -> None:
    (job_id,) = dead(bench, 1, tenant="theirs")
    dead(bench, 1, tenant="mine")
    mine = {**REASON, "X-Stella-Tenant": "mine"}
    foreign = entries(bench, job_id=job_id)[0]["id"]
    for body in ({"ids": [foreign], "start": True}, {"filter": "", "start": True}):
        answer = await console.post(f"{LETTERS}/resolve/batch", json=body, headers=mine)
        if answer.status_code == 202:
            prepare(bench, answer.json()["id"])
            send_all(bench, answer.json()["id"])
    assert entries(bench, job_id=job_id)[0]["state"] == "pending"
    nothing = await console.post(f"{LETTERS}/resolve/batch", json={"filter": "tenant=theirs"}, headers=mine)
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "NOTHING_MATCHES")
    assert (await console.get(REPLAYS, headers=mine)).json()["items"][0]["expected"] == 1


async def test_of_two_operators_at_a_plan_the_later_one_is_told_who_and_when(
    bench: Bench, console: httpx.AsyncClient
) -> None:
    for _ in range(5):
        plan = await planned(bench, console, "contested", 1)
        address = f"{REPLAYS}/{plan['id']}"
        async with client_of(bench, operator("ann")) as ann, client_of(bench, operator("ben")) as ben:
            aborted, started = await asyncio.gather(
                ann.post(f"{address}:abort", headers=REASON), ben.post(f"{address}:start")
            )
        assert aborted.status_code == 200
        found = await get(console, address)
        assert (found["state"], found["changed_by"]) == ("aborted", "ann")
        if started.status_code != 200:
            assert (started.status_code, started.json()["error"]["code"]) == (409, "CONFLICT")
            assert "It is aborted: ann changed it last, at 20" in started.json()["error"]["message"]


async def test_what_is_done_to_a_plan_is_in_the_audit(bench: Bench, console: httpx.AsyncClient) -> None:
    plan = await planned(bench, console, "audited", 1)
    headers = {**REASON, "X-Stella-Operator-Ticket": "OPS-3"}
    address = f"{REPLAYS}/{plan['id']}"
    refused = await console.post(f"{address}:abort")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REASON_REQUIRED")
    await console.put(f"{address}/rate", json={"rate": 2}, headers=headers)
    await console.post(f"{address}:start", headers=headers)
    await console.post(f"{address}:abort", headers=headers)
    events = bench.rows(
        "SELECT * FROM audit_event WHERE subject LIKE :subject ORDER BY n", subject=f"plan {plan['id']}%"
    )
    assert [event["verb"] for event in events] == ["plan replay", "rate", "start", "abort"]
    assert {event["source"] for event in events} == {ADDRESS}
    assert (events[1]["before"], events[1]["after"]) == ("null", "2.0")
    assert (events[-1]["reason"], events[-1]["ticket"]) == ("seen to", "OPS-3")
    assert "tenant=audited" in events[0]["after"]
