"""Reading and changing jobs over HTTP."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.jobs import LogLevel, LogLine
from execution_ops.domain.redaction import MASK
from execution_ops.domain.states import JobState
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_row

JOBS = "/api/v1/jobengine/jobs"
REASON = {"X-Stella-Operator-Reason": "wrong branch"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m=cmd()\ud800\u0000"


@pytest.mark.parametrize("sort", ["newest", "oldest"])
async def test_the_list_takes_the_filter_and_pages(
    client: httpx.AsyncClient, backend: MemoryBackend, sort: str
) -> None:
    rows = [backend.add(job_row(created_at=EPOCH + timedelta(seconds=second))) for second in range(5)]
    backend.add(job_row(state=JobState.SUCCEEDED))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"state": "failed", "sort": sort, "limit": 2, "cursor": cursor}
        answer = (await client.get(JOBS, params=query)).json()
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert found == [row.id for row in (rows if sort == "oldest" else reversed(rows))]


async def test_times_are_utc_with_milliseconds(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add(job_row())
    (item,) = (await client.get(JOBS)).json()["items"]
    assert item["created_at"] == "2026-01-23T12:00:00.000Z"


async def test_the_list_never_carries_payloads(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    document = json.dumps({"blob": "x" * 10_000_000})
    backend.values[(row.id, "payload")] = document
    assert len((await client.get(JOBS)).content) < 2000
    answer = await client.get(f"{JOBS}/{row.id}/payload")
    assert answer.text == document
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("stat=failed", "UNKNOWN_PARAMETER"),
        ("state=exploded", "INVALID_INPUT"),
        ("limit=501", "INVALID_INPUT"),
        ("limit=0", "INVALID_INPUT"),
        ("limit=<b>", "INVALID_INPUT"),
        ("after=99999999h", "INVALID_INPUT"),
        ("id=../..", "INVALID_INPUT"),
        ("tenant=&state=failed", "INVALID_INPUT"),
        ("error=%20", "INVALID_INPUT"),
        ("queue=" + "x" * 201, "INVALID_INPUT"),
        ("queue=a&" * 300, "INVALID_INPUT"),
        ("payload.__class__.%3Cb%3E=1", "INVALID_INPUT"),
    ],
)
async def test_a_query_that_means_nothing_is_refused(client: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await client.get(f"{JOBS}?{query}")
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] == code


async def test_the_query_of_the_page_is_the_query_of_the_list(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    row = backend.add(job_row())
    backend.add(job_row(state=JobState.RUNNING))
    copied = f"state=failed&bulk={new_id()}&scan=1"
    answer = await client.get(f"{JOBS}?{copied}")
    assert [item["id"] for item in answer.json()["items"]] == [row.id]
    assert (await client.get(f"{JOBS}/export?{copied}&format=ndjson")).text.count("\n") == 1
    assert (await client.post(f"{JOBS}:retry", json={"filter": copied})).status_code == 202


async def test_the_summary_counts_without_the_states_of_the_filter(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    for state in (JobState.FAILED, JobState.FAILED, JobState.RUNNING):
        backend.add(job_row(state=state))
    answer = (await client.get(f"{JOBS}/summary?state=failed")).json()
    assert (answer["total"], answer["by_state"]["failed"], answer["by_state"]["running"]) == (3, 2, 1)
    assert answer["as_of"].endswith("Z")
    backend.add(job_row())
    assert (await client.get(f"{JOBS}/summary")).json()["total"] == 3, "a sample serves a whole second"


async def test_one_job_says_why_it_waits(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.SCHEDULED))
    answer = (await client.get(f"{JOBS}/{row.id}")).json()
    assert answer["row"]["id"] == row.id
    assert answer["waiting"]["kind"] == "no_worker"


async def test_the_dag_of_a_job(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    first = backend.add(job_row())
    second = backend.add(job_row(dag_id=first.dag_id))
    backend.edges.append((first.id, second.id))
    answer = (await client.get(f"{JOBS}/{second.id}/dag")).json()
    assert answer["edges"] == [[first.id, second.id]]
    assert len(answer["nodes"]) == 2


async def test_logs_page_filter_and_download(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    backend.logs[row.id] = [
        LogLine(seq=seq, at=EPOCH, attempt=1, level=level, text=f"line {seq} token=abc")
        for seq, level in enumerate([LogLevel.INFO, LogLevel.ERROR, LogLevel.INFO], start=1)
    ]
    first = (await client.get(f"{JOBS}/{row.id}/logs?limit=2")).json()
    assert [item["seq"] for item in first["items"]] == [1, 2]
    rest = (await client.get(f"{JOBS}/{row.id}/logs?limit=2&cursor={first['next_cursor']}")).json()
    assert ([item["seq"] for item in rest["items"]], rest["next_cursor"]) == ([3], None)
    errors = (await client.get(f"{JOBS}/{row.id}/logs?level=error")).json()
    assert [item["text"] for item in errors["items"]] == [f"line 2 token={MASK}"]
    text = await client.get(f"{JOBS}/{row.id}/logs?format=text")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["content-disposition"].startswith(f'attachment; filename="{row.id}.log"')
    assert len(text.text.splitlines()) == 3
    assert (await client.get(f"{JOBS}/{row.id}/logs?cursor=x")).status_code == 400


async def test_secrets_are_hidden_unless_revealed(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    backend.values[(row.id, "result")] = '{"token":"s3cret","n":1e400}'
    assert (await client.get(f"{JOBS}/{row.id}/result")).text == f'{{"token":"{MASK}","n":1e400}}'
    assert "s3cret" in (await client.get(f"{JOBS}/{row.id}/result?reveal=true")).text
    missing = await client.get(f"{JOBS}/{row.id}/payload")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NO_VALUE")


async def test_an_artifact_is_a_download_that_no_browser_runs(
    client: httpx.AsyncClient, backend: MemoryBackend, tmp_path: Path
) -> None:
    row = backend.add(job_row())
    digest = "b" * 64
    stored = tmp_path / "stored"
    stored.write_text("<script>alert(1)</script>")
    name = 'evil"\r\nX-Injected: 1/../\u202e.html'
    backend.artifacts[row.id] = (Artifact(name=name, sha256=digest, size=25, media_type="text/html\r\nX: 1"),)
    backend.files[digest] = stored
    answer = await client.get(f"{JOBS}/{row.id}/artifacts/{digest}")
    assert answer.content == stored.read_bytes()
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["etag"] == f'"{digest}"'
    assert "x-injected" not in answer.headers
    for bad in ("%2e%2e%2fetc", "B" * 64, "b" * 63):
        assert (await client.get(f"{JOBS}/{row.id}/artifacts/{bad}")).status_code in (400, 404)


@pytest.mark.parametrize(
    ("verb", "state", "after"), [("cancel", "running", "canceled"), ("retry", "failed", "scheduled")]
)
async def test_a_verb_changes_one_job_and_a_second_operator_is_told(
    client: httpx.AsyncClient, backend: MemoryBackend, verb: str, state: str, after: str
) -> None:
    row = backend.add(job_row(state=JobState(state)))
    answer = await client.post(f"{JOBS}/{row.id}:{verb}", headers={**REASON, "X-Stella-Operator-Ticket": "OPS-1"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"id": row.id, "done": True, "why": "", "state": after}
    assert (backend.stamps[0].reason, backend.stamps[0].ticket) == ("wrong branch", "OPS-1")
    assert backend.stamps[0].correlation_id == answer.headers["x-stella-trace-id"]
    again = await client.post(f"{JOBS}/{row.id}:{verb}", headers=REASON)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")


async def test_a_cancel_needs_a_reason(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.RUNNING))
    answer = await client.post(f"{JOBS}/{row.id}:cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "REASON_REQUIRED")
    assert not backend.stamps
    spoken = await client.post(f"{JOBS}/{row.id}:cancel", headers={"X-Stella-Operator-Reason": "że źle".encode()})
    assert spoken.status_code == 200
    assert backend.stamps[0].reason == "że źle"


async def test_the_same_key_gets_the_same_answer_and_one_change(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    row, other = backend.add(job_row()), backend.add(job_row())
    headers = {**REASON, "Idempotency-Key": "4f1c"}
    first = await client.post(f"{JOBS}/{row.id}:retry", headers=headers)
    backend.add(row)
    second = await client.post(f"{JOBS}/{row.id}:retry", headers=headers)
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(backend.stamps) == 1
    reused = await client.post(f"{JOBS}/{other.id}:retry", headers=headers)
    assert (reused.status_code, reused.json()["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    bad = await client.post(f"{JOBS}/{other.id}:retry", headers={"Idempotency-Key": "a b"})
    assert bad.status_code == 400


async def test_a_key_belongs_to_the_tenant_that_it_was_sent_for(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    rows = {tenant: backend.add(job_row(tenant=tenant)) for tenant in ("acme", "beta")}
    body = {"ids": [row.id for row in rows.values()]}
    for tenant in rows:
        headers = {"Idempotency-Key": "k", "X-Stella-Tenant": tenant}
        answer = await client.post(f"{JOBS}:retry", json=body, headers=headers)
        assert "idempotency-replayed" not in answer.headers
        assert {item["id"] for item in answer.json()["items"] if item["done"]} == {rows[tenant].id}
        again = await client.post(f"{JOBS}:retry", json=body, headers=headers)
        assert again.headers["idempotency-replayed"] == "true"


async def test_an_error_is_not_kept_under_its_key(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.RUNNING))
    headers = {"Idempotency-Key": "k"}
    assert (await client.post(f"{JOBS}/{row.id}:retry", headers=headers)).status_code == 409
    backend.add(row.model_copy(update={"state": JobState.FAILED}))
    assert (await client.post(f"{JOBS}/{row.id}:retry", headers=headers)).status_code == 200


async def test_verbs_on_ids_answer_for_each(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    rows = [backend.add(job_row()), backend.add(job_row(state=JobState.SUCCEEDED))]
    answer = (await client.post(f"{JOBS}:retry", json={"ids": [row.id for row in rows]})).json()
    assert (answer["done"], answer["refused"]) == (1, 1)
    assert [item["id"] for item in answer["items"]] == [row.id for row in rows]


async def test_verbs_on_a_filter_start_a_job(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    answer = await client.post(f"{JOBS}:cancel", json={"filter": "job_type=demo.work"}, headers=REASON)
    assert answer.status_code == 202
    job = backend.rows[answer.json()["job_id"]]
    assert job.job_type == "ops.bulk"
    assert answer.headers["location"] == f"{JOBS}/{job.id}"


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": [new_id()], "filter": ""}, {"id": new_id()}, {"filter": "a=b"}]
)
async def test_a_scope_that_is_not_clear_is_refused(
    client: httpx.AsyncClient, backend: MemoryBackend, body: dict[str, object]
) -> None:
    assert (await client.post(f"{JOBS}:retry", json=body)).status_code in (400, 422)
    assert not backend.specs
    assert not backend.stamps


async def test_hostile_text_survives_the_exports_harmlessly(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    row = backend.add(job_row(error_message=HOSTILE, label="=1+1", job_type="@SUM(A1)"))
    table = await client.get(f"{JOBS}/export?format=csv&state=failed")
    assert table.headers["content-disposition"].startswith('attachment; filename="jobs.csv"')
    (line,) = csv.DictReader(io.StringIO(table.text, newline=""))
    assert (line["id"], line["label"], line["job_type"]) == (row.id, "'=1+1", "'@SUM(A1)")
    assert not set(line["error_message"]) & {"\x1b", "\u202e", "\0"}
    lines = await client.get(f"{JOBS}/export?format=ndjson")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert json.loads(lines.text)["error_message"] == HOSTILE
    assert (await client.get(f"{JOBS}/export?format=xlsx")).status_code == 422


async def test_a_hostile_row_does_not_break_the_list(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.add(job_row(error_message=HOSTILE.replace("\ud800", "")))
    answer = await client.get(JOBS)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["items"][0]["error_message"] == HOSTILE.replace("\ud800", "")


async def test_the_tenant_header_narrows_the_view(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    mine, other = backend.add(job_row(tenant="acme")), backend.add(job_row(tenant="other"))
    tenant = {"X-Stella-Tenant": "acme"}
    assert [item["id"] for item in (await client.get(JOBS, headers=tenant)).json()["items"]] == [mine.id]
    for method, path in (("GET", ""), ("GET", "/dag"), ("GET", "/logs"), ("GET", "/payload"), ("POST", ":retry")):
        answer = await client.request(method, f"{JOBS}/{other.id}{path}", headers=tenant)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
