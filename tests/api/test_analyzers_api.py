"""Analyzers and the cache of their results over HTTP."""

from __future__ import annotations

import httpx

from execution_ops.domain.analyzers import REFRESH_TYPE, SELFTEST_TYPE
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.scan_cache import CacheEntry, CacheFigures
from execution_ops.domain.scanner_settings import CacheLimits
from execution_ops.domain.states import JobState
from tests.analyzers_double import ASKED, analyzer_run, self_test
from tests.doubles import EPOCH, MemoryBackend

SCANNER = "/api/v1/scanner"
ANALYZERS = f"{SCANNER}/analyzers"
REASON = {"X-Stella-Operator-Reason": "no Go here"}


def entry(key: str, analyzer: str = "go", size: int = 10) -> CacheEntry:
    artifact = Artifact(name="go.cdx.json", sha256="0" * 64, size=size, media_type="application/json")
    return CacheEntry(
        key=key, analyzer=analyzer, source="app.zip", artifact=artifact, components=1, job_id="j", created_at=EPOCH
    )


async def test_before_syft_was_asked_there_is_no_analyzer(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    body = (await client.get(ANALYZERS)).json()
    assert (body["analyzers"], body["inventory"]["answer"]) == ([], None)
    assert (await client.get(f"{ANALYZERS}/go")).status_code == 404
    refused = await client.post(f"{ANALYZERS}:test")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "NOT_ASKED")


async def test_analyzers_are_told_with_figures_and_health(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.syft_asked = ASKED
    bad = analyzer_run(state=JobState.FAILED, error='it said {"password": "hunter2"}')
    backend.analyzer_past = [bad, analyzer_run()]
    backend.analyzer_tested = {"python": self_test("python", ["a"], [])}
    found = {one["name"]: one for one in (await client.get(ANALYZERS)).json()["analyzers"]}
    assert list(found) == ["binaries", "go", "python"]
    assert (found["go"]["health"], found["go"]["figures"]["runs"]) == ("degraded", 2)
    assert "hunter2" not in found["go"]["figures"]["last_error"]["error"]
    assert (found["python"]["health"], found["binaries"]["health"]) == ("failed", "untried")
    assert not found["binaries"]["has_fixture"]
    detail = (await client.get(f"{ANALYZERS}/go")).json()
    assert (detail["syft_version"], len(detail["runs"])) == ("1.18.1", 2)
    assert detail["rules"][detail["analyzer"]["health_rule"]]["state"] == "degraded"


async def test_refresh_and_self_tests_are_jobs(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.syft_asked = ASKED
    asked = await client.post(f"{ANALYZERS}:refresh", headers={"Idempotency-Key": "k"})
    assert asked.status_code == 202
    job = asked.json()["job_id"]
    assert asked.headers["Location"].endswith(job)
    assert backend.rows[job].job_type == REFRESH_TYPE
    again = await client.post(f"{ANALYZERS}:refresh", headers={"Idempotency-Key": "k"})
    assert (again.json()["job_id"], again.headers["Idempotency-Replayed"]) == (job, "true")
    one = await client.post(f"{ANALYZERS}/go:test")
    assert (one.status_code, list(one.json()["job_ids"])) == (202, ["go"])
    assert backend.rows[one.json()["job_ids"]["go"]].job_type == SELFTEST_TYPE
    every = await client.post(f"{ANALYZERS}:test")
    assert sorted(every.json()["job_ids"]) == ["go", "python"]
    for name in ("binaries", "nothing"):
        assert (await client.post(f"{ANALYZERS}/{name}:test")).status_code == 400


async def test_defaults_are_saved_as_versions_and_scans_keep_to_them(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    backend.syft_asked = ASKED
    address = f"{ANALYZERS}/defaults"
    assert (await client.get(address)).json()["version"] == 0
    refused = await client.put(address, json={"disabled": ["go"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REASON_REQUIRED")
    saved = await client.put(address, json={"disabled": ["go"], "version": 0}, headers=REASON)
    assert (saved.status_code, saved.json()["version"], saved.json()["disabled"]) == (200, 1, ["go"])
    late = await client.put(address, json={"disabled": [], "version": 0}, headers=REASON)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "CHANGED")
    assert (await client.put(address, json={"disabled": ["gone"]}, headers=REASON)).status_code == 400
    none_left = await client.put(address, json={"disabled": ["go", "python", "binaries"]}, headers=REASON)
    assert "leave at least one" in none_left.json()["error"]["message"]
    history = (await client.get(f"{address}/versions")).json()["items"]
    assert [(one["version"], one["reason"]) for one in history] == [(1, "no Go here")]
    await client.post(f"{SCANNER}/scans", json={"path": "/srv/app"})
    options = backend.specs[-1].nodes[0].payload["options"]
    assert (options["disabled"], options["analyzers_version"]) == (["go"], 1)


async def test_an_earlier_version_of_the_defaults_is_rolled_back_to(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    backend.syft_asked = ASKED
    for names in (["go"], ["python"]):
        saved = await client.put(f"{ANALYZERS}/defaults", json={"disabled": names}, headers=REASON)
        assert saved.status_code == 200
    address = f"{ANALYZERS}/defaults:rollback"
    refused = await client.post(address, json={"version": 1})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REASON_REQUIRED")
    headers = {**REASON, "Idempotency-Key": "back"}
    back = await client.post(address, json={"version": 1, "seen": 2}, headers=headers)
    assert (back.status_code, back.json()["version"], back.json()["disabled"]) == (200, 3, ["go"])
    again = await client.post(address, json={"version": 1, "seen": 2}, headers=headers)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (back.json(), "true")
    late = await client.post(address, json={"version": 0, "seen": 2}, headers=REASON)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "CHANGED")
    same = await client.post(address, json={"version": 1}, headers=REASON)
    assert (same.status_code, same.json()["error"]["code"]) == (409, "NO_CHANGE")
    for nothing in (9, -1, 2**40):
        assert (await client.post(address, json={"version": nothing}, headers=REASON)).status_code == 404
    one = {**REASON, "X-Stella-Tenant": "acme"}
    assert (await client.post(address, json={"version": 0}, headers=one)).status_code == 403
    defaults = await client.post(address, json={"version": 0}, headers=REASON)
    assert (defaults.json()["version"], defaults.json()["disabled"]) == (4, [])


async def test_who_acts_for_one_tenant_does_not_change_what_all_share(
    client: httpx.AsyncClient, backend: MemoryBackend
) -> None:
    headers = {**REASON, "X-Stella-Tenant": "acme"}
    refused = await client.put(f"{ANALYZERS}/defaults", json={"disabled": ["go"]}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert backend.analyzer_defaults().version == 0


async def test_the_cache_is_cleared_as_its_preview_showed(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.cache_figured = CacheFigures(limits=CacheLimits(), entries=2, hits=1, misses=99)
    stats = (await client.get(f"{SCANNER}/cache/stats")).json()
    assert (stats["hit_level"], stats["used_level"], stats["figures"]["entries"]) == ("fail", "fine", 2)
    backend.cache_entries = [entry("a"), entry("b"), entry("c", "python")]
    preview = (await client.get(f"{SCANNER}/cache/preview", params={"analyzer": "go", "older_days": 1})).json()
    assert (preview["entries"], preview["bytes"]) == (2, 20)
    address = f"{SCANNER}/cache:clear"
    assert (await client.post(address, json=preview)).json()["error"]["code"] == "REASON_REQUIRED"
    backend.cache_entries.pop(0)
    changed = await client.post(address, json=preview, headers=REASON)
    assert (changed.status_code, changed.json()["error"]["code"]) == (409, "CHANGED")
    preview = (await client.get(f"{SCANNER}/cache/preview", params={"analyzer": "go"})).json()
    assert (await client.post(address, json=preview, headers=REASON)).json() == preview
    assert [one.key for one in backend.cache_entries] == ["c"]
    assert (await client.get(f"{SCANNER}/cache/preview", params={"analyzer": "<b>"})).status_code == 400
