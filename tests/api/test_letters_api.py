"""Dead letters over HTTP, on a real ledger."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest

from execution_ops.domain.access import Scope, local_operator
from execution_ops.domain.error_categories import Category
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.verbs import EXPORT
from tests import jobs as test_types
from tests.api.conftest import ADDRESS, client_of
from tests.api.dead_letters import HOSTILE, LETTERS, REASON, audit, entry, made, operator
from tests.execution import Bench


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
    begun, ended = audit(bench)[-2:]
    assert (begun["verb"], ended["verb"], ended["count"]) == ("export", "export_finished", 600)
    for event in (begun, ended):
        assert (event["actor"], event["source"]) == (local_operator().name, ADDRESS)
        assert event["subject"] == "dead letters csv: tenant=whole&sort=oldest"
        assert (event["reason"], event["ticket"]) == ("seen to", "OPS-1")
        assert event["correlation_id"] == answer.headers["x-stella-trace-id"]
