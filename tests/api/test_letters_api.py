"""Dead letters over HTTP, on a real ledger."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import httpx
import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.error_categories import Category
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import EXPORT
from tests import jobs as test_types
from tests.api.conftest import ADDRESS, client_of
from tests.execution import Bench
from tests.letters import dead, entries, succeed

LETTERS = "/api/v1/deadletter"
REASON = {"X-Stella-Operator-Reason": "seen to"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m=cmd()"


def made(bench: Bench, count: int = 1, **death: Any) -> list[str]:
    """That many entries of jobs that died just now; their ids, oldest first."""
    jobs = dead(bench, count, **death)
    by_job = {row["job_id"]: row["id"] for row in entries(bench)}
    return [by_job[job_id] for job_id in jobs]


def entry(bench: Bench, letter_id: str) -> dict[str, Any]:
    """The entry as the ledger has it."""
    return entries(bench, id=letter_id)[0]


def audit(bench: Bench) -> list[dict[str, Any]]:
    """All of it, oldest first."""
    return bench.rows("SELECT * FROM audit_event ORDER BY n")


def operator(name: str, *scopes: Scope, tenants: frozenset[str] | None = None) -> Actor:
    return Actor(name=name, scopes=frozenset(scopes or Scope), tenants=tenants, source=ADDRESS)


async def ids_of(console: httpx.AsyncClient, query: str) -> list[str]:
    answer = await console.get(f"{LETTERS}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
async def test_the_list_takes_the_filter_and_pages(bench: Bench, console: httpx.AsyncClient, sort: str) -> None:
    ids = made(bench, 5, tenant=f"paged-{sort}")
    made(bench, 1, tenant="another")
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"tenant": f"paged-{sort}", "sort": sort, "limit": 2, "cursor": cursor}
        answer = (await console.get(LETTERS, params=query)).json()
        assert answer["searched"] is None
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert found == (ids if sort == "oldest" else ids[::-1])


async def test_every_field_of_the_filter_narrows_the_list(bench: Bench, console: httpx.AsyncClient) -> None:
    (wanted,) = made(bench, tenant="fields", error_type="TimeoutError", message="the store timed out")
    (other,) = made(bench, tenant="fields", error_type="KeyError", message="no such key")
    (resolved,) = made(bench, tenant="fields", error_type="KeyError", message="no such key")
    await console.post(f"{LETTERS}/resolve", json={"id": resolved}, headers=REASON)
    row = entry(bench, wanted)
    narrowed = {
        "state": ("resolved", {resolved}),
        "group": (row["fingerprint"], {wanted}),
        "job_type": ("test.echo", {wanted, other, resolved}),
        "tenant": ("fields", {wanted, other, resolved}),
        "queue": ("elsewhere", set()),
        "category": ("transient", {wanted}),
        "retryable": ("no", {other, resolved}),
        "error_type": ("TimeoutError", {wanted}),
        "after": ("1h", {wanted, other, resolved}),
        "before": ("1h", set()),
        "id": (wanted, {wanted}),
        "job": (row["job_id"], {wanted}),
        "plan": (new_id(), set()),
        "sort": ("oldest", {wanted, other, resolved}),
    }
    assert set(narrowed) == set(DeadLetterFilter.model_fields)
    for name, (value, expected) in narrowed.items():
        assert set(await ids_of(console, f"tenant=fields&{name}={value}")) == expected, name


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("stat=pending", "UNKNOWN_PARAMETER"),
        ("payload.a=1", "UNKNOWN_PARAMETER"),
        ("bulk=1", "UNKNOWN_PARAMETER"),
        ("%3Cscript%3E=1", "UNKNOWN_PARAMETER"),
        ("state=exploded", "INVALID_INPUT"),
        ("category=%3Cb%3E", "INVALID_INPUT"),
        ("retryable=maybe", "INVALID_INPUT"),
        ("group=%27%3B--", "INVALID_INPUT"),
        ("job=../..", "INVALID_INPUT"),
        ("plan=%00", "INVALID_INPUT"),
        ("id=zz", "INVALID_INPUT"),
        ("tenant=a%00b", "INVALID_INPUT"),
        ("error_type=%00", "INVALID_INPUT"),
        ("tenant=", "INVALID_INPUT"),
        ("error_type=%20", "INVALID_INPUT"),
        ("after=99999999h", "INVALID_INPUT"),
        ("before=NaN", "INVALID_INPUT"),
        ("sort=random", "INVALID_INPUT"),
        ("limit=0", "INVALID_INPUT"),
        ("limit=501", "INVALID_INPUT"),
        ("limit=1000000000", "INVALID_INPUT"),
        ("limit=NaN", "INVALID_INPUT"),
        ("limit=" + "9" * 5000, "INVALID_INPUT"),
        ("cursor=%3Cb%3E", "BAD_CURSOR"),
        ("queue=" + "x" * 201, "INVALID_INPUT"),
        ("queue=a&" * 300, "INVALID_INPUT"),
    ],
)
async def test_a_query_that_means_nothing_is_refused(console: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await console.get(f"{LETTERS}?{query}")
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["error"]["code"] == code
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("part", ["", "/stats", "/summary", "/export", "/error-codes", "/replays", "/replays/ID/items"])
async def test_no_value_of_any_parameter_does_harm(bench: Bench, console: httpx.AsyncClient, part: str) -> None:
    """Markup, NUL, damaged UTF-8, huge and odd numbers, injections: never a stack, a page or an open door."""
    (letter_id,) = made(bench)
    plan = await console.post(f"{LETTERS}/replay/batch", json={"ids": [letter_id]})
    path = f"{LETTERS}{part}".replace("ID", plan.json()["id"])
    names = {*DeadLetterFilter.model_fields, "limit", "cursor", "format", "status", "verdict", "%3Cb%3E"}
    values = ("%3Cimg%20src=x%20onerror=alert(1)%3E", "%00", "%ED%A0%80", "-1", "1e400", "9" * 400, "'%20OR%201=1--")
    for name in sorted(names):
        for value in values:
            answer = await console.get(f"{path}?{name}={value}")
            assert answer.status_code in (200, 400, 422), (name, value, answer.text)
            if answer.status_code != 200:
                assert set(answer.json()["error"]) == {"code", "message", "trace_id"}
            assert answer.headers["content-type"].split(";")[0] in ("application/json", "text/csv")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"].startswith("sandbox")


async def test_the_figures_beside_the_list(bench: Bench, console: httpx.AsyncClient) -> None:
    made(bench, 3, tenant="figures", error_type="TimeoutError", message="the store timed out")
    (one,) = made(bench, tenant="figures", error_type="KeyError", message="no such key")
    await console.post(f"{LETTERS}/resolve", json={"id": one}, headers=REASON)
    counts = (await console.get(f"{LETTERS}/summary?tenant=figures&state=pending")).json()
    assert (counts["total"], counts["by_state"]["pending"], counts["by_state"]["resolved"]) == (4, 3, 1)
    assert counts["as_of"].endswith("Z")
    stats = (await console.get(f"{LETTERS}/stats?tenant=figures")).json()
    assert [(group["error_type"], group["open"], group["total"]) for group in stats["groups"]] == [
        ("TimeoutError", 3, 3),
        ("KeyError", 0, 1),
    ]
    assert sum(stats["groups"][0]["trend"]) == 3
    health = stats["health"]
    assert (health["open"], health["retryable"], health["most_common"]) == (3, 3, "TimeoutError")
    first = (await console.get(f"{LETTERS}/stats?tenant=figures&limit=1")).json()
    assert (len(first["groups"]), first["more"]) == (1, 1)
    only = (await console.get(f"{LETTERS}/stats?tenant=figures&retryable=no")).json()
    assert [group["error_type"] for group in only["groups"]] == ["KeyError"]
    for ignored in ("state=pending", "after=1h", "queue=test", "error_type=KeyError", "limit=201", "limit=-1"):
        refused = await console.get(f"{LETTERS}/stats?{ignored}")
        assert refused.status_code in (400, 422), "what would not count is refused, not ignored"
    refused = await console.get(f"{LETTERS}/stats?state=pending")
    assert "Known are category, group, job_type, retryable, tenant." in refused.json()["error"]["message"]


async def test_error_codes_say_what_they_mean(bench: Bench, console: httpx.AsyncClient) -> None:
    made(bench, tenant="codes", error_type="StrangeError", message="odd")
    answer = (await console.get(f"{LETTERS}/error-codes", headers={"X-Stella-Tenant": "codes"})).json()
    by_name = {item["category"]: item for item in answer["items"]}
    assert set(by_name) == set(Category)
    assert by_name["transient"]["retryable"] is True
    assert by_name["validation"]["retryable"] is False
    assert all(item["meaning"].endswith(".") for item in answer["items"])
    assert answer["error_types"] == ["StrangeError"]
    assert (await console.get(f"{LETTERS}/error-codes?x=1")).status_code == 400


async def test_one_entry_with_its_snapshot(
    bench: Bench, console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (letter_id,) = made(bench, message="row 7 of token=abc is broken")
    found = (await console.get(f"{LETTERS}/entries/{letter_id}")).json()
    assert found["row"]["id"] == letter_id
    assert "abc" not in found["row"]["error_message"]
    assert [link["id"] for link in found["chain"]] == [letter_id]
    assert "orders.py" in found["error_stack"]
    assert "does not know the job type" in found["replay_off"]
    kind = test_types.REGISTRY.get("test.echo")
    assert kind is not None
    monkeypatch.setitem(
        REGISTRY._types, "test.echo", kind.model_copy(update={"side_effects": "sends the mail once more"})
    )
    found = (await console.get(f"{LETTERS}/entries/{letter_id}")).json()
    assert (found["replay_off"], found["side_effects"]) == ("", "sends the mail once more")
    for unknown, status in ((new_id(), 404), ("nonsense", 400), ("%3Cb%3E", 400), ("%00", 400)):
        assert (await console.get(f"{LETTERS}/entries/{unknown}")).status_code == status


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
        assert set(answer.json()["error"]) == {"code", "message", "trace_id"}
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


async def test_an_export_refuses_who_may_not_read_and_leaves_no_trace(bench: Bench) -> None:
    before = audit(bench)
    async with client_of(bench, operator("otto", Scope.OPERATE)) as otto:
        answer = await otto.get(f"{LETTERS}/export")
    assert (answer.status_code, EXPORT.scope.value in answer.text) == (403, True)
    assert audit(bench) == before


async def test_entries_of_another_tenant_are_not_found(bench: Bench, console: httpx.AsyncClient) -> None:
    (mine,) = made(bench, tenant="mine")
    (other,) = made(bench, tenant="theirs")
    tenant = {**REASON, "X-Stella-Tenant": "mine"}
    assert (await console.get(LETTERS, headers=tenant)).json()["items"][0]["id"] == mine
    assert (await console.get(f"{LETTERS}?id={other}", headers=tenant)).json()["items"] == []
    assert (await console.get(f"{LETTERS}?tenant=theirs", headers=tenant)).json()["items"] == []
    assert (await console.get(f"{LETTERS}/entries/{other}", headers=tenant)).status_code == 404
    assert (await console.get(f"{LETTERS}/summary", headers=tenant)).json()["total"] == 1
    assert (await console.get(f"{LETTERS}/stats?tenant=theirs", headers=tenant)).json()["groups"] == []
    assert other not in (await console.get(f"{LETTERS}/export", headers=tenant)).text
    for verb in LETTER_VERBS:
        one = await console.post(f"{LETTERS}/{verb.name}", json={"id": other}, headers=tenant)
        unknown = await console.post(f"{LETTERS}/{verb.name}", json={"id": new_id()}, headers=tenant)
        assert (one.status_code, one.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert unknown.status_code == 404
        many = (await console.post(f"{LETTERS}/{verb.name}", json={"ids": [other]}, headers=tenant)).json()
        assert (many["refused"], many["items"][0]["state"], many["items"][0]["job_id"]) == (1, None, "")
    assert entry(bench, other)["state"] == "pending"


async def test_hostile_text_survives_the_exports_harmlessly(bench: Bench, console: httpx.AsyncClient) -> None:
    (letter_id,) = made(bench, tenant="exported", error_type="=HYPERLINK(1)", message=HOSTILE)
    table = await console.get(f"{LETTERS}/export?format=csv&tenant=exported")
    assert table.headers["content-disposition"].startswith('attachment; filename="dead-letters.csv"')
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    (line,) = csv.DictReader(io.StringIO(table.text, newline=""))
    assert (line["id"], line["error_type"]) == (letter_id, "'=HYPERLINK(1)")
    assert not set(line["error_message"]) & {"\x1b", "\u202e"}
    lines = await console.get(f"{LETTERS}/export?format=ndjson&tenant=exported")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert json.loads(lines.text)["error_message"] == HOSTILE
    assert (await console.get(f"{LETTERS}/export?format=xlsx")).status_code == 422
    listed = await console.get(f"{LETTERS}?tenant=exported")
    assert listed.headers["content-type"] == "application/json"
    assert listed.json()["items"][0]["error_message"] == HOSTILE


async def test_an_export_is_whole_and_in_the_audit(bench: Bench, console: httpx.AsyncClient) -> None:
    ids = made(bench, 600, tenant="whole")
    headers = {**REASON, "X-Stella-Operator-Ticket": "OPS-1"}
    answer = await console.get(f"{LETTERS}/export?tenant=whole&sort=oldest", headers=headers)
    assert [line["id"] for line in csv.DictReader(io.StringIO(answer.text, newline=""))] == ids
    event = audit(bench)[-1]
    assert (event["verb"], event["actor"], event["source"]) == ("export", local_operator().name, ADDRESS)
    assert event["subject"] == "dead letters csv: tenant=whole&sort=oldest"
    assert (event["reason"], event["ticket"]) == ("seen to", "OPS-1")
    assert event["correlation_id"] == answer.headers["x-stella-trace-id"]


async def test_a_change_is_in_the_audit_with_who_from_where_and_why(bench: Bench, console: httpx.AsyncClient) -> None:
    (letter_id,) = made(bench)
    headers = {"X-Stella-Operator-Reason": "für Ägypten".encode(), "X-Stella-Operator-Ticket": "OPS-2"}
    answer = await console.post(f"{LETTERS}/resolve", json={"id": letter_id}, headers=headers)
    event = audit(bench)[-1]
    assert (event["verb"], event["source"], event["count"], event["inverse"]) == ("resolve", ADDRESS, 1, "reopen")
    assert (event["reason"], event["ticket"]) == ("für Ägypten", "OPS-2")
    assert letter_id in event["subject"]
    assert event["correlation_id"] == answer.headers["x-stella-trace-id"]
