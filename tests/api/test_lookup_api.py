"""Looking up ids over REST."""

from __future__ import annotations

import httpx

from execution_ops.routes import Rest
from tests.api.conftest import client_of
from tests.execution import Bench
from tests.letters import die, submit


async def test_an_id_finds_what_it_is_of(console: httpx.AsyncClient, bench: Bench) -> None:
    (job_id,) = submit(bench, 1, tenant="seeker")
    die(bench, [job_id])
    letter_id = bench.rows("SELECT id FROM dead_letter WHERE job_id = :id", id=job_id)[0]["id"]
    answer = await console.get(Rest.LOOKUP, params={"id": job_id})
    assert answer.status_code == 200
    (item,) = answer.json()["items"]
    assert (item["kind"], item["id"], item["tenant"]) == ("job", job_id, "seeker")
    assert item["created_at"].endswith("Z")
    answer = await console.get(Rest.LOOKUP, params={"id": letter_id[:23]})
    assert "entry" in {item["kind"] for item in answer.json()["items"]}


async def test_the_tenant_header_narrows_what_is_found(bench: Bench) -> None:
    (job_id,) = submit(bench, 1, tenant="seeker")
    async with client_of(bench) as client:
        for tenant, count in (("seeker", 1), ("other", 0)):
            answer = await client.get(Rest.LOOKUP, params={"id": job_id}, headers={"X-Stella-Tenant": tenant})
            assert len(answer.json()["items"]) == count


async def test_too_little_and_what_is_no_id_are_refused_in_words(client: httpx.AsyncClient) -> None:
    for text in ("", "01a", "<script>", "0" * 200):
        answer = await client.get(Rest.LOOKUP, params={"id": text})
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["code"] == "INVALID_INPUT"
        assert error["message"].endswith(".")
