"""Quotas over HTTP."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from execution_ops.domain.quotas import ANY, Limits
from tests.doubles import EPOCH, MemoryBackend
from tests.quota_double import quota_row

QUOTAS = "/api/v1/jobengine/quotas"
REASON = {"X-Stella-Operator-Reason": "release train"}
NEW = {"tenant": "acme", "job_type": "scan.catalog", "max_active": 8, "max_per_hour": 400, "burst": 10}


async def test_a_quota_is_made_changed_paused_and_deleted(client: httpx.AsyncClient) -> None:
    made = await client.post(QUOTAS, json=NEW, headers=REASON)
    assert made.status_code == 201
    body = made.json()
    address = f"{QUOTAS}/{body['id']}"
    assert made.headers["location"] == address
    assert (body["state"], body["revision"], body["limits"]["burst"]) == ("active", 1, 10)

    edited = await client.put(address, json={"max_active": 9, "revision": 1}, headers=REASON)
    assert edited.json()["configured"] == {"max_active": 9, "max_per_hour": None, "burst": None}
    over = await client.post(f"{address}:override", json={"max_active": 2, "revision": 2}, headers=REASON)
    assert (over.json()["limits"]["max_active"], over.json()["configured"]["max_active"]) == (2, 9)
    assert (await client.post(f"{address}:reset", headers=REASON)).json()["override"] is None

    paused = await client.post(f"{address}:pause", json={"revision": 4}, headers=REASON)
    assert (paused.json()["state"], paused.json()["pause_reason"]) == ("paused", "release train")
    assert (await client.post(f"{address}:pause", headers=REASON)).status_code == 409
    assert (await client.post(f"{address}:resume", headers=REASON)).json()["state"] == "active"

    assert (await client.delete(f"{address}?revision=1")).json()["error"]["code"] == "CHANGED_MEANWHILE"
    assert (await client.delete(f"{address}?revision=6")).json() == {"id": body["id"], "deleted": True}
    assert (await client.get(address)).status_code == 404


async def test_the_list_filters_and_pages(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    for tenant in ("borealis", "acme", ANY):
        backend.add_quota(quota_row(tenant=tenant, at_limit=tenant == "acme"))
    first = (await client.get(QUOTAS, params={"limit": 2})).json()
    assert [item["tenant"] for item in first["items"]] == ["acme", "borealis"]
    rest = (await client.get(QUOTAS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert ([item["tenant"] for item in rest["items"]], rest["next_cursor"]) == ([ANY], None)
    found = (await client.get(QUOTAS, params={"at_limit": "true", "paused": "no"})).json()["items"]
    assert [item["tenant"] for item in found] == ["acme"]
    summary = (await client.get(f"{QUOTAS}/summary")).json()
    assert (summary["quotas"], summary["at_limit"], summary["paused"]) == (3, 1, 0)


async def test_a_snapshot_is_a_download(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add_quota(quota_row(pause_reason="=cmd()", paused_at=EPOCH))
    table = await client.get(f"{QUOTAS}/export?format=csv")
    assert 'filename="quotas.csv"' in table.headers["content-disposition"]
    (line,) = csv.DictReader(io.StringIO(table.text))
    assert (line["tenant"], line["max_active"], line["pause_reason"]) == ("acme", "5", "'=cmd()")
    document = await client.get(f"{QUOTAS}/export")
    assert document.json()["items"][0]["configured"]["max_active"] == 5


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**NEW, "max_active": -1}, "negative"),
        ({**NEW, "max_active": 0}, "pause the quota"),
        ({**NEW, "max_active": 10**9 + 1}, "at most 1,000,000,000"),
        ({**NEW, "max_active": "8"}, "max_active"),
        ({**NEW, "max_active": 1.5}, "max_active"),
        ({**NEW, "burst": 500}, "Burst is at most"),
        ({**NEW, "max_per_hour": None}, "Burst needs"),
        ({**NEW, "tenant": "a b"}, "A tenant is named"),
        ({**NEW, "job_type": ""}, "A job type is named"),
        ({**NEW, "colour": "red"}, "colour"),
        ({"tenant": "acme"}, "job_type"),
    ],
)
async def test_bad_input_is_refused_in_words_and_nothing_is_done(
    client: httpx.AsyncClient, backend: MemoryBackend, body: dict[str, Any], words: str
) -> None:
    answer = await client.post(QUOTAS, json=body, headers=REASON)
    assert answer.status_code in (400, 422)
    assert words in answer.json()["error"]["message"]
    assert not backend.known_quotas


async def test_a_change_names_the_revision_that_was_seen(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add_quota(quota_row(revision=3))
    address = f"{QUOTAS}/{row.id}"
    assert (await client.put(address, json={"max_active": 1})).status_code == 422
    late = await client.put(address, json={"max_active": 1, "revision": 2})
    assert late.status_code == 409
    assert late.json()["error"]["message"].startswith("ann changed this quota at 2026-01-23T12:00:00.000Z")
    assert backend.known_quotas[row.id].limits == Limits(max_active=5)


async def test_a_tenant_sees_its_own_and_changes_no_other(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    theirs, everyones = backend.add_quota(quota_row()), backend.add_quota(quota_row(tenant=ANY))
    bob = {"X-Stella-Tenant": "borealis", **REASON}
    assert [item["id"] for item in (await client.get(QUOTAS, headers=bob)).json()["items"]] == [everyones.id]
    assert (await client.post(f"{QUOTAS}/{theirs.id}:pause", headers=bob)).status_code == 404
    assert (await client.post(f"{QUOTAS}/{everyones.id}:pause", headers=bob)).status_code == 403
    assert (await client.post(QUOTAS, json=NEW, headers=bob)).status_code == 403
    assert not backend.stamps


@pytest.mark.parametrize(
    ("quota_id", "status"), [("1", 400), ("..", 404), ("019a0000-0000-7000-8000-000000000000", 404)]
)
async def test_an_unknown_id_is_told_apart_from_none(client: httpx.AsyncClient, quota_id: str, status: int) -> None:
    answer = await client.get(f"{QUOTAS}/{quota_id}")
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_the_same_key_makes_one_quota(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    headers = {**REASON, "Idempotency-Key": "k1"}
    first = await client.post(QUOTAS, json=NEW, headers=headers)
    again = await client.post(QUOTAS, json=NEW, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(backend.known_quotas) == 1
    assert (await client.post(QUOTAS, json=NEW)).status_code == 409


@pytest.mark.parametrize("query", ["state=paused", "paused=", "paused=2", "limit=0", "cursor=xx"])
async def test_a_query_that_means_nothing_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"{QUOTAS}?{query}")).status_code in (400, 422)


async def test_without_a_reason_nothing_is_paused(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add_quota(quota_row())
    answer = await client.post(f"{QUOTAS}/{row.id}:pause")
    assert answer.json()["error"]["code"] == "REASON_REQUIRED"
    assert backend.known_quotas[row.id].paused_at is None
