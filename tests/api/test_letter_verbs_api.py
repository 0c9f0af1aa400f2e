"""What is done to dead letters over HTTP, on a real ledger: who may, who was faster, what is written down."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from execution_ops.domain.access import Scope
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.states import JobState
from tests.api.conftest import ADDRESS, client_of
from tests.api.dead_letters import LETTERS, REASON, audit, entry, made, operator
from tests.execution import Bench
from tests.letters import succeed


async def test_a_replay_hands_over_to_the_job_and_a_second_one_is_told_by_whom(
    bench: Bench, console: httpx.AsyncClient
) -> None:
    (letter_id,) = made(bench)
    answer = await console.post(f"{LETTERS}/replay", json={"id": letter_id}, headers=REASON)
    assert answer.status_code == 200, answer.text
    job_id = entry(bench, letter_id)["job_id"]
    assert answer.json() == {"id": letter_id, "done": True, "why": "", "state": "replaying", "job_id": job_id}
    assert bench.state(job_id) is JobState.SCHEDULED
    again = await console.post(f"{LETTERS}/replay", json={"id": letter_id}, headers=REASON)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")
    assert "replaying by local operator at 20" in again.json()["error"]["message"]
    succeed(bench, [job_id])
    assert (await console.get(f"{LETTERS}/entries/{letter_id}")).json()["row"]["state"] == "replayed"


async def test_verbs_on_ids_answer_for_each(bench: Bench, console: httpx.AsyncClient) -> None:
    ids = made(bench, 2)
    unknown = new_id()
    body = {"ids": [*ids, unknown, ids[0]]}
    resolved = (await console.post(f"{LETTERS}/resolve", json=body, headers=REASON)).json()
    assert (resolved["done"], resolved["refused"]) == (2, 1)
    assert [(item["id"], item["done"]) for item in resolved["items"]] == [
        *((letter_id, True) for letter_id in ids),
        (unknown, False),
    ]
    assert entry(bench, ids[0])["note"] == "seen to"
    reopened = (await console.post(f"{LETTERS}/reopen", json={"ids": ids})).json()
    assert [item["state"] for item in reopened["items"]] == ["pending", "pending"]
    refused = (await console.post(f"{LETTERS}/reopen", json={"ids": ids})).json()
    assert (refused["done"], refused["refused"]) == (0, 2)
    assert all("pending by local operator at 20" in item["why"] for item in refused["items"])


async def test_a_revision_tells_that_somebody_was_faster(bench: Bench, console: httpx.AsyncClient) -> None:
    first, second = made(bench, 2)
    seen = entry(bench, first)["revision"]
    await console.post(f"{LETTERS}/resolve", json={"id": first, "revision": seen}, headers=REASON)
    await console.post(f"{LETTERS}/reopen", json={"id": first})
    late = await console.post(f"{LETTERS}/resolve", json={"id": first, "revision": seen}, headers=REASON)
    assert late.status_code == 409
    assert "It changed since you saw it: pending by local operator at 20" in late.json()["error"]["message"]
    body = {"ids": [first, second], "revisions": {first: seen, second: entry(bench, second)["revision"]}}
    both = (await console.post(f"{LETTERS}/resolve", json=body, headers=REASON)).json()
    assert [item["done"] for item in both["items"]] == [False, True]


async def test_of_two_operators_one_wins_and_the_other_is_told_who_and_when(bench: Bench) -> None:
    ids = made(bench, 8)
    async with client_of(bench, operator("ann")) as ann, client_of(bench, operator("ben")) as ben:
        for letter_id in ids:
            body = {"id": letter_id, "revision": entry(bench, letter_id)["revision"]}
            answers = await asyncio.gather(
                *(client.post(f"{LETTERS}/resolve", json=body, headers=REASON) for client in (ann, ben))
            )
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            winner = "ann" if answers[0].status_code == 200 else "ben"
            (refusal,) = (answer.json()["error"]["message"] for answer in answers if answer.status_code == 409)
            row = entry(bench, letter_id)
            assert (row["state"], row["changed_by"]) == ("resolved", winner)
            assert f"resolved by {winner} at 20" in refusal


async def test_a_key_acts_once_and_belongs_to_its_request(bench: Bench, console: httpx.AsyncClient) -> None:
    first, second = made(bench, 2)
    key = {**REASON, "Idempotency-Key": "k-1"}
    one = await console.post(f"{LETTERS}/resolve", json={"id": first}, headers=key)
    again = await console.post(f"{LETTERS}/resolve", json={"id": first}, headers=key)
    assert (again.status_code, again.json()) == (200, one.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert entry(bench, first)["revision"] == 1
    for path, body in (("resolve", {"id": second}), ("reopen", {"id": first}), ("resolve", {"ids": [first]})):
        reused = await console.post(f"{LETTERS}/{path}", json=body, headers=key)
        assert (reused.status_code, reused.json()["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "x",
        {"ids": []},
        {"ids": None},
        {"ids": "x"},
        {"ids": [1]},
        {"ids": ["../.."]},
        {"ids": ["<script>"]},
        {"ids": ["\0"]},
        {"ids": [str(number) for number in range(501)]},
        {"id": "ID", "ids": ["ID"]},
        {"id": 7},
        {"id": "ID", "revision": -1},
        {"id": "ID", "revision": 10**30},
        {"id": "ID", "revision": True},
        {"id": "ID", "revision": "0"},
        {"id": "ID", "revision": 0.5},
        {"id": "ID", "revision": float("nan")},
        {"id": "ID", "revisions": {"ID": 0}},
        {"ids": ["ID"], "revision": 0},
        {"ids": ["ID"], "revisions": {"JD": 0}},
        {"ids": ["ID"], "revisions": [0]},
        {"ids": ["ID"], "filter": ""},
        {"filter": ""},
    ],
)
async def test_a_scope_that_is_not_clear_changes_nothing(
    bench: Bench, console: httpx.AsyncClient, body: object
) -> None:
    (letter_id,) = made(bench)
    text = json.dumps(body).replace('"ID"', f'"{letter_id}"')
    before = len(audit(bench))
    for verb in ("replay", "resolve", "reopen"):
        headers = {**REASON, "Content-Type": "application/json"}
        answer = await console.post(f"{LETTERS}/{verb}", content=text, headers=headers)
        assert answer.status_code in (400, 422), answer.text
        assert set(answer.json()["error"]) - {"field"} == {"code", "message", "trace_id"}
    assert (entry(bench, letter_id)["state"], len(audit(bench))) == ("pending", before)


async def test_a_resolution_needs_a_reason(bench: Bench, console: httpx.AsyncClient) -> None:
    (letter_id,) = made(bench)
    for headers, code in (
        ({}, "REASON_REQUIRED"),
        ({"X-Stella-Operator-Reason": "  "}, "REASON_REQUIRED"),
        ({"X-Stella-Operator-Reason": "x" * 257}, "INVALID_INPUT"),
        ({**REASON, "X-Stella-Operator-Ticket": "x" * 129}, "INVALID_INPUT"),
    ):
        answer = await console.post(f"{LETTERS}/resolve", json={"id": letter_id}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert entry(bench, letter_id)["state"] == "pending"


@pytest.mark.parametrize("verb", [verb.name for verb in LETTER_VERBS])
async def test_every_verb_refuses_who_lacks_its_permission(bench: Bench, verb: str) -> None:
    (letter_id,) = made(bench)
    before = (audit(bench), entry(bench, letter_id))
    scopes = set(Scope) - {Scope.OPERATE}
    async with client_of(bench, operator("vera", *scopes)) as vera:
        for body in ({"id": letter_id}, {"ids": [letter_id]}):
            answer = await vera.post(f"{LETTERS}/{verb}", json=body, headers=REASON)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
            assert "ops:operate" in answer.text
    assert (audit(bench), entry(bench, letter_id)) == before


async def test_a_change_is_in_the_audit_with_who_from_where_and_why(bench: Bench, console: httpx.AsyncClient) -> None:
    (letter_id,) = made(bench)
    headers = {"X-Stella-Operator-Reason": "für Ägypten".encode(), "X-Stella-Operator-Ticket": "OPS-2"}
    answer = await console.post(f"{LETTERS}/resolve", json={"id": letter_id}, headers=headers)
    event = audit(bench)[-1]
    assert (event["verb"], event["source"], event["count"], event["inverse"]) == ("resolve", ADDRESS, 1, "reopen")
    assert (event["reason"], event["ticket"]) == ("für Ägypten", "OPS-2")
    assert letter_id in event["subject"]
    assert event["correlation_id"] == answer.headers["x-stella-trace-id"]
