"""The audit over HTTP, on a real ledger."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest

from execution_ops import routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.quotas import Limits
from execution_ops.routes import Rest
from execution_ops.services.queries import filter_from
from tests.api.conftest import ADDRESS, client_of
from tests.execution import STAMP, Bench

SECRET = "password=hunter2-hunter2"
HEADERS = {"X-Stella-Operator-Reason": f"rush {SECRET}", "X-Stella-Operator-Ticket": "OPS-7", "Idempotency-Key": "k1"}


async def quota(bench: Bench, console: httpx.AsyncClient, tenant: str) -> str:
    """A quota that somebody has just paused."""
    made = bench.backend.create_quota(tenant, "test.echo", Limits(max_active=1), STAMP)
    answer = await console.post(
        Rest.QUOTA_PAUSE.format(quota_id=made.id), headers={**HEADERS, "Idempotency-Key": made.id}
    )
    assert answer.status_code == 200, answer.text
    return made.id


async def test_what_was_done_is_listed_and_shown_whole(bench: Bench, console: httpx.AsyncClient) -> None:
    known = await quota(bench, console, "listed")
    answer = (await console.get(routes.api_audit([("id", known), ("limit", "1")]))).json()
    (paused,) = answer["items"]
    assert (paused["verb"], paused["actor"], paused["source"]) == ("quota_pause", STAMP.actor.name, ADDRESS)
    assert (paused["ticket"], paused["tenant"], paused["kind"]) == ("OPS-7", "listed", "quota")
    assert paused["reason"].startswith("rush password=")
    following = (await console.get(routes.api_audit([("id", known), ("cursor", answer["next_cursor"])]))).json()
    assert [item["verb"] for item in following["items"]] == ["quota_create"]
    assert following["next_cursor"] is None
    whole = (await console.get(Rest.AUDIT_EVENT.format(n=paused["n"]))).json()
    assert whole["subjects"] == [["quota", known]]
    assert json.loads(whole["event"]["before"])["paused_at"] is None
    # What was written is as it was, what is shown of it is not.
    assert "hunter2" not in json.dumps([answer, following, whole])
    assert SECRET in bench.rows("SELECT reason FROM audit_event WHERE n = :n", n=paused["n"])[0]["reason"]


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
async def test_exports_are_whole_redacted_and_audited(bench: Bench, console: httpx.AsyncClient, form: str) -> None:
    known = await quota(bench, console, f"export-{form}")
    answer = await console.get(routes.api_audit_export([("id", known), ("format", form)]))
    assert answer.status_code == 200
    assert f'filename="audit.{form}"' in answer.headers["content-disposition"]
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.text)))
    else:
        rows = json.loads(answer.text)["items"] if form == "json" else list(map(json.loads, answer.text.splitlines()))
    assert [row["verb"] for row in rows] == ["quota_pause", "quota_create"]
    assert json.loads(rows[0]["after"])["id"] == known
    assert "hunter2" not in answer.text
    (told,) = (await console.get(routes.api_audit([("kind", "audit"), ("verb", "export"), ("limit", "1")]))).json()[
        "items"
    ]
    assert told["scope"] == AuditFilter(id=known).to_query()


async def test_a_wrong_query_is_refused_in_words(console: httpx.AsyncClient) -> None:
    for query in ("kind=thing", "who=ann", "actor=", "limit=0", "cursor=x", "text=..."):
        answer = await console.get(f"{Rest.AUDIT}?{query}")
        assert answer.status_code in (400, 422), query
        assert answer.json()["error"]["message"]
    assert (await console.get(Rest.AUDIT_EVENT.format(n=0))).status_code == 422
    assert (await console.get(Rest.AUDIT_EVENT.format(n=2**62))).status_code == 422
    assert (await console.get(Rest.AUDIT_EVENT.format(n=2**31))).status_code == 404
    assert filter_from("actor=ann&kind=quota", AuditFilter).actor == ("ann",)


async def test_others_see_only_what_is_theirs(bench: Bench, console: httpx.AsyncClient) -> None:
    known = await quota(bench, console, "theirs")
    (paused, *_) = (await console.get(routes.api_audit([("id", known)]))).json()["items"]
    stranger = Actor(name="zoe", scopes=frozenset(Scope), tenants=frozenset({"zeta"}))
    async with client_of(bench, stranger) as client:
        assert (await client.get(routes.api_audit([("id", known)]))).json()["items"] == []
        assert (await client.get(Rest.AUDIT_EVENT.format(n=paused["n"]))).status_code == 404
        assert (await client.post(Rest.AUDIT_UNDO.format(n=paused["n"]))).status_code == 404
        assert known not in (await client.get(routes.api_audit_export())).text
    async with client_of(bench, Actor(name="nobody", scopes=frozenset())) as client:
        assert (await client.get(Rest.AUDIT)).status_code == 403


async def test_undo_is_offered_done_once_and_told(bench: Bench, console: httpx.AsyncClient) -> None:
    known = await quota(bench, console, "undone")
    (paused, *_) = (await console.get(routes.api_audit([("id", known)]))).json()["items"]
    address = Rest.AUDIT_UNDO.format(n=paused["n"])
    offer = (await console.get(address)).json()
    assert (offer["off"], offer["verb"]) == ("", "quota_resume")
    reader = Actor(name="bob", scopes=frozenset({Scope.READ}))
    async with client_of(bench, reader) as client:
        refused = await client.post(address)
        assert (refused.status_code, "ops:quota" in refused.text) == (403, True)
    first = await console.post(address, headers={"Idempotency-Key": "undo-1"})
    again = await console.post(address, headers={"Idempotency-Key": "undo-1"})
    assert (first.status_code, again.json()) == (200, first.json())
    event = first.json()["event"]
    assert (event["undoes"], event["verb"]) == (paused["n"], "quota_resume")
    assert (await console.get(Rest.QUOTA.format(quota_id=known))).json()["paused_at"] is None
    twice = await console.post(address, headers={"Idempotency-Key": "undo-2"})
    assert twice.status_code == 409
    assert twice.json()["error"]["message"] == f"It was undone already, by event {event['n']}."
