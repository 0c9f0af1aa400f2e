"""What no route sees: foreign pages, oversized bodies, and errors without an envelope."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.routing import Match, Mount

from execution_ops import routes
from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.api.errors import BODY_MAX
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_settings import ScannerSettings
from execution_ops.routes import Auth, Rest
from execution_ops.server import Front
from execution_ops.services.container import Services
from execution_ops.settings import Settings
from tests.doubles import MemoryBackend
from tests.job_samples import job_row

JOBS = "/api/v1/jobengine/jobs"
# To become somebody, to hear who one is, and whether the process lives; exact, so that no other name passes.
FOR_ANYBODY = {"/healthz", "/readyz", Rest.ME, Auth.SIGN_IN, Auth.CALLBACK, Auth.SIGN_OUT}
OWN = "http://127.0.0.1:8420"


def assert_envelope(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "trace_id"}
    assert error["code"] == code
    assert error["trace_id"] == answer.headers["x-stella-trace-id"]
    assert "Traceback" not in answer.text


async def test_every_kind_of_error_has_the_envelope(client: httpx.AsyncClient) -> None:
    assert_envelope(await client.get("/api/v1/nothing"), 404, "NOT_FOUND")
    assert_envelope(await client.put(JOBS), 405, "METHOD_NOT_ALLOWED")
    assert_envelope(await client.get(f"{JOBS}?limit=x"), 422, "INVALID_INPUT")
    assert_envelope(await client.get(f"{JOBS}/not-an-id"), 400, "INVALID_INPUT")
    assert_envelope(await client.post(f"{JOBS}:retry", content=b"{"), 422, "INVALID_INPUT")


async def test_an_error_of_our_own_tells_nothing_but_its_id(
    client: httpx.AsyncClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(backend, "list_jobs", fail)
    answer = await client.get(JOBS)
    assert_envelope(answer, 500, "INTERNAL")
    assert "hunter2" not in answer.text
    assert answer.json()["error"]["trace_id"] in caplog.text


async def test_a_database_that_is_down_is_unavailable(client: httpx.AsyncClient, backend: MemoryBackend) -> None:
    backend.down = True
    assert_envelope(await client.get(JOBS), 503, "UNAVAILABLE")


async def test_a_stream_that_breaks_is_cut_off_and_not_ended(
    client: httpx.AsyncClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def batches(*_: object, **__: object) -> object:
        yield [job_row()]
        raise RuntimeError("lost")

    monkeypatch.setattr(backend, "iterate_jobs", batches)
    with pytest.raises(RuntimeError, match="lost"):
        await client.get(f"{JOBS}/export")


async def test_a_trace_id_is_taken_over_if_it_is_one(client: httpx.AsyncClient) -> None:
    kept = await client.get(JOBS, headers={"X-Stella-Trace-Id": "abc-1"})
    assert kept.headers["x-stella-trace-id"] == "abc-1"
    made = await client.get(JOBS, headers={"X-Stella-Trace-Id": "<b>"})
    assert len(made.headers["x-stella-trace-id"]) == 36


async def test_a_body_too_large_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 16_384
            yield b" " * 16_384

    told = {"Content-Length": str(10_000_000), "Content-Type": "application/json"}
    assert_envelope(await client.post(f"{JOBS}:retry", content=chunks(), headers=told), 413, "BODY_TOO_LARGE")
    assert read == 0
    assert_envelope(await client.post(f"{JOBS}:retry", content=chunks()), 413, "BODY_TOO_LARGE")
    assert read <= BODY_MAX + 2 * 16_384


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "1e3"])
async def test_a_length_that_is_none_is_refused(client: httpx.AsyncClient, length: str) -> None:
    answer = await client.post(f"{JOBS}:retry", headers={"Content-Length": length})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8420"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8421"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://127.0.0.1:8420"}, 200),
        ({}, 200),
    ],
)
async def test_another_site_changes_nothing(
    client: httpx.AsyncClient, backend: MemoryBackend, headers: dict[str, str], status: int
) -> None:
    row = backend.add(job_row())
    answer = await client.post(f"{JOBS}/{row.id}:retry", headers=headers)
    assert answer.status_code == status
    assert len(backend.stamps) == (status == 200)
    if status == 403:
        assert_envelope(answer, 403, "CROSS_SITE")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8420", "127.0.0.1.evil.example", "", "[::1", "a@b"])
async def test_a_name_that_was_bent_to_this_machine_is_refused(client: httpx.AsyncClient, host: str) -> None:
    assert_envelope(await client.get(JOBS, headers={"Host": host}), 421, "HOST_NOT_ALLOWED")


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "LOCALHOST"])
async def test_the_names_of_this_machine_are_taken(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get(JOBS, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("bound", "host", "status"),
    [
        ("127.0.0.2", "127.0.0.2:8420", 200),
        ("127.0.0.2", "localhost:8420", 200),
        ("127.0.0.2", "127.0.0.3:8420", 421),
        ("::1", "[::1]:8420", 200),
        ("127.0.0.1", "[::1]:8420", 421),
    ],
)
async def test_pages_and_rest_answer_for_the_same_hosts(services: Services, bound: str, host: str, status: int) -> None:
    origins = Settings(host=bound).origins()
    api = create_api(lambda: services, origins=lambda: origins)
    pages = Front(api, api, origins)
    for app in (api, pages):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any.example") as client:
            assert (await client.get(JOBS, headers={"Host": host})).status_code == status


async def test_an_address_with_a_line_break_is_answered_with_the_envelope(services: Services) -> None:
    origins = Settings().origins()
    api = create_api(lambda: services, origins=lambda: origins)
    mounted = Starlette(routes=[Mount("/", app=api)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Front(mounted, mounted, origins)), base_url="http://127.0.0.1:8420"
    ) as client:
        assert_envelope(await client.get("/api/v1/jobengine/jobs/a%0Ab"), 400, "INVALID_INPUT")
        assert_envelope(await client.get("/api/v1/a%0Ab"), 404, "NOT_FOUND")


async def test_an_address_knows_its_methods_and_no_more(services: Services) -> None:
    # The contract of the template that fits as well is not what is answered by.
    client = httpx.AsyncClient(transport=httpx.ASGITransport(create_api(lambda: services)), base_url=OWN)
    for address, method, allowed in (
        ("/api/v1/scanner/kits/upload", "DELETE", "POST, PUT"),
        ("/api/v1/scanner/baselines/sources", "DELETE", "GET"),
        ("/api/v1/jobengine/quotas", "PATCH", "GET, POST"),
        ("/api/v1/jobengine/jobs/019ab107-5a2f-7c3e-8d41-0b6f2c9e7a01:cancel", "GET", "POST"),
        ("/api/v1/jobengine/jobs", "BREW", "GET, POST"),
    ):
        answer = await client.request(method, address)
        assert_envelope(answer, 405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == allowed, address


async def test_a_host_that_is_named_twice_is_refused(client: httpx.AsyncClient) -> None:
    hosts = [("Host", "localhost"), ("Host", "evil.example")]
    assert (await client.get(JOBS, headers=hosts)).status_code == 421


def scanner_bodies(known: str) -> dict[str, Any]:
    """What the routes of Scanner Ops take, by their patterns."""
    draft = {"settings": ScannerSettings().model_dump(mode="json", exclude={"trust"}), "seen": 0}
    pem = "-----BEGIN PUBLIC KEY-----"
    return {
        **{key: {"path": "/kit.tar"} for key in (Rest.KITS_VERIFY, Rest.KITS_IMPORT)},
        **{key: {} for key in (Rest.KITS_ROLLBACK, Rest.KIT_ACTIVATE, Rest.KIT_RELEASE, Rest.KIT_REMOVE)},
        Rest.KITS_EXPORT: {"version": "1.0"},
        Rest.BASELINES: {"job_id": known},
        **{key: {} for key in (Rest.BASELINE_PROMOTE, Rest.BASELINE_ROLLBACK)},
        Rest.BASELINES_KEEP_COMPARISON: {"left": known, "right": known},
        Rest.ANALYZERS_ROLLBACK: {"version": 0},
        **{key: {} for key in (Rest.ANALYZERS_REFRESH, Rest.ANALYZER_TEST)},
        f"{Rest.ANALYZERS}:test": {"analyzers": ["python"]},
        Rest.ANALYZERS_DEFAULTS: {"disabled": []},
        Rest.CACHE_CLEAR: {"scope": {}, "entries": 0, "bytes": 0, "until": 0},
        Rest.BENCHMARKS: {"scenario": "go_modules"},
        Rest.BENCHMARK_PROMOTE: {},
        **dict.fromkeys((Rest.SCANNER_SETTINGS, f"{Rest.SCANNER_SETTINGS}:preview"), draft),
        Rest.SCANNER_SETTINGS_ROLLBACK: {"version": 1},
        Rest.SCANNER_SETTINGS_TRUST: {"pem": pem, "name": "n", "use": "kit"},
        f"{Rest.SCANNER_SETTINGS_TRUST}:read": {"pem": pem},
        **{key: {} for key in (Rest.TRUST_DISABLE, Rest.TRUST_ENABLE)},
        Rest.DETERMINISM_CHECKS: {"path": "/x"},
    }


async def test_every_route_asks_who_is_there(services: Services, backend: MemoryBackend) -> None:
    """With an actor who may do nothing, every route answers 403 but those that are for anybody."""
    app = create_api(lambda: services)
    nobody = Actor(name="nobody", scopes=frozenset({Scope.REVEAL}))
    app.dependency_overrides[actor_of] = lambda: nobody
    row = backend.add(job_row())
    names = ("job_id", "dag_id", "run_id", "entry_id", "plan_id", "quota_id", "worker_id", "schedule_id")
    names += ("kit_id", "baseline_id", "result_id", "token_id")
    params = {**dict.fromkeys(names, row.id), "sha256": "a" * 64}
    params |= {"segment": "1", "analyzer": "python", "version": "1", "fingerprint": "a" * 64, "n": "1"}
    bodies = {"/api/v1/scanner/scans": {"path": "/x"}, JOBS: {"job_type": "test.echo"}, Rest.REPLAY_RATE: {"rate": 1}}
    quotas = "/api/v1/jobengine/quotas"
    bodies |= {quotas: {"tenant": "*", "job_type": "*"}, f"{quotas}/{{quota_id}}:override": {"revision": 1}}
    bodies |= {f"{quotas}/{{quota_id}}{verb}": {"revision": 1} for verb in ("", ":pause", ":resume", ":reset")}
    bodies |= {path: {"revision": 1} for path in (Rest.WORKER_DRAIN, Rest.WORKER_RESUME, Rest.WORKER_STOP)}
    bodies |= {Rest.TOKENS: {"name": "ci", "scopes": ["ops:read"]}}
    spec = {"name": "nightly", "job_type": "test.echo", "cron": "@daily"}
    bodies |= {Rest.DAGS: {"title": "two", "nodes": [{"key": "a", "job_type": "test.echo"}]}}
    bodies |= {Rest.SCHEDULE_RUN: {"trigger": "api"}, Rest.SCHEDULES_CHECK: spec}
    bodies |= dict.fromkeys((Rest.SCHEDULES, Rest.SCHEDULES_CANDIDATES), spec) | {Rest.SCHEDULE: spec | {"revision": 1}}
    bodies |= {path: {} for path in (Rest.SCHEDULE_PAUSE, Rest.SCHEDULE_RESUME, Rest.RUN_RETRY)}
    bodies |= scanner_bodies(row.id)
    sides = {"left": row.id, "right": row.id}
    queries = {
        Rest.SCHEDULES_PREVIEW: {"cron": "@daily"},
        Rest.SCHEDULES_MISSED: {"since": "2026-01-01T00:00:00Z"},
        Rest.RUNS_FIGURES: {"since": "2026-01-01T00:00:00Z"},
        Rest.AUDIT_OF: {"thing": f"job:{row.id}"},
        Rest.BASELINES_OF: {"tenant": "acme", "source": "/srv"},
        Rest.ANALYZERS_RUNS: {"analyzer": "go"},
        Rest.BASELINES_COMPARE: sides,
        Rest.BASELINES_EXPORT: sides,
        Rest.BENCHMARKS_HISTORY: {"scenario": "go_modules", "analyzer": "go"},
    }
    seen = 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        document = (await client.get("/openapi.json")).json()
        for path, methods in document["paths"].items():
            for method in methods:
                if path in FOR_ANYBODY:
                    continue
                body = bodies.get(path, {"ids": [row.id]}) if method in ("post", "put") else None
                reason = {"X-Stella-Operator-Reason": "r"}
                answer = await client.request(
                    method, path.format(**params), params=queries.get(path), json=body, headers=reason
                )
                assert answer.status_code in (403, 503), (method, path, answer.text)
                assert "ops:" in answer.text
                seen += 1
    assert seen >= 100
    assert not backend.stamps


def test_every_address_that_pages_and_clients_build_is_served(app: FastAPI) -> None:
    job_id, query = new_id(), [("state", "failed")]
    built = {
        "POST": [routes.api_jobs(), routes.api_scans()],
        "PUT": [routes.api_replay(job_id, "rate"), routes.api_quota(job_id)],
        "GET": [
            routes.api_quotas(query),
            routes.api_quota(job_id),
            routes.api_quotas_export(query),
            routes.api_jobs(query),
            routes.api_export(query),
            routes.api_job(job_id),
            *(routes.api_job(job_id, part) for part in ("dag", "logs", "payload", "result")),
            routes.api_artifact(job_id, "a" * 64),
            routes.api_scan(job_id),
            *(routes.api_letters(query), routes.api_letters_export(query), routes.api_letter(job_id)),
            *(routes.api_replay(job_id), routes.api_replay(job_id, "items")),
            *(routes.HEALTH, routes.READY, routes.METRICS, routes.OPENAPI),
        ],
    }
    for method, addresses in built.items():
        for address in addresses:
            scope = {"type": "http", "method": method, "path": address.partition("?")[0]}
            assert any(route.matches(scope)[0] is Match.FULL for route in app.routes), address
            assert routes.is_api(scope["path"])


async def test_probes_are_exact_addresses(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    for path in ("/api/v1/healthz", "/healthz/x", "/api/v1/jobengine/jobs/healthz"):
        assert (await client.get(path)).status_code in (400, 404)


async def test_what_is_not_ours_passes_untouched(services: Services) -> None:
    app = create_api(lambda: services)
    page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @page.get("/ops/x", dependencies=[Depends(lambda: None)])
    def show() -> Annotated[str, "text"]:
        return "page"

    app.mount("/", page)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any.example") as client:
        answer = await client.get("/ops/x")
    assert answer.status_code == 200
    assert "x-stella-trace-id" not in answer.headers
