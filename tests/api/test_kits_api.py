"""Offline kits over HTTP, on a real ledger: uploads of a bounded size, and every verb."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from execution_ops import job_types, routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.job_types import REGISTRY as KNOWN
from execution_ops.domain.kit_records import ACTIVATE_TYPE, EXPORT_TYPE, IMPORT_TYPE, REACH, VERIFY_TYPE
from execution_ops.routes import Rest
from tests.api.conftest import client_of
from tests.execution import Bench
from tests.jobs import REGISTRY
from tests.kits import Key, Site, make_kit, tamper

KEY = Key.new()
WHY = {"X-Stella-Operator-Reason": "a test"}


@pytest.fixture(scope="module")
def site(bench: Bench) -> Iterator[Site]:
    """The console behind the client, which knows the jobs on kits."""
    job_types.load()
    for name in (VERIFY_TYPE, IMPORT_TYPE, ACTIVATE_TYPE, EXPORT_TYPE):
        known = KNOWN.get(name)
        assert known is not None
        REGISTRY.add(known)
    made = Site(bench.backend, bench.settings)
    made.trust(KEY)
    return made


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def upload(console: httpx.AsyncClient, data: bytes) -> str:
    answer = await console.put(routes.api_kit_upload([("name", "kit.tar")]), content=data)
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == len(data)
    return str(answer.json()["id"])


async def test_an_upload_larger_than_the_general_limit_is_taken_whole(console: httpx.AsyncClient, site: Site) -> None:
    data = b"x" * 300_000
    upload_id = await upload(console, data)
    assert (site.backend.kit_root / "incoming" / upload_id / "bundle").read_bytes() == data


async def test_an_upload_beyond_its_limit_is_refused_before_it_is_read(bench: Bench) -> None:
    small = bench.settings.model_copy(update={"kit_max_bytes": 1000})
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65_536

    before, bench.settings = bench.settings, small
    try:
        async with client_of(bench) as console:
            told = await console.put(Rest.KITS_UPLOAD, content=b"x" * 1001)
            assert error(told) == (413, "BODY_TOO_LARGE")
            assert error(await console.put(Rest.KITS_UPLOAD, content=endless())) == (413, "BODY_TOO_LARGE")
            # The limit of all other addresses stays.
            assert error(await console.post(Rest.KITS_VERIFY, content=b"x" * 70_000)) == (413, "BODY_TOO_LARGE")
    finally:
        bench.settings = before
    assert read < 40
    assert len(list((bench.backend.kit_root / "incoming").iterdir())) <= 1


async def test_another_site_uploads_nothing(console: httpx.AsyncClient) -> None:
    answer = await console.put(Rest.KITS_UPLOAD, content=b"x", headers={"Sec-Fetch-Site": "cross-site"})
    assert error(answer) == (403, "CROSS_SITE")
    assert error(await console.put(Rest.KITS_UPLOAD, content=b"")) == (409, "EMPTY")


async def test_a_verification_is_a_job_that_names_its_source(
    console: httpx.AsyncClient, site: Site, bench: Bench
) -> None:
    upload_id = await upload(console, b"no kit")
    answer = await console.post(Rest.KITS_VERIFY, json={"upload": upload_id})
    assert answer.status_code == 202
    job = await console.get(answer.headers["location"])
    assert (job.json()["row"]["job_type"], job.json()["dag_title"]) == ("kit.verify", "Verify kit.tar")
    # It belongs to no tenant, so nobody who is bound to one sees it, and nobody can be bound to none.
    bound = await console.get(answer.headers["location"], headers={"X-Stella-Tenant": "default"})
    assert error(bound) == (404, "NOT_FOUND")
    nobody = await console.get(answer.headers["location"], headers={"X-Stella-Tenant": job.json()["row"]["tenant"]})
    assert error(nobody) == (403, "FORBIDDEN")
    payload = bench.value(job.json()["row"]["id"], "payload")
    assert json.loads(payload)["source"] == {"upload": upload_id, "path": "", "kit": ""}


@pytest.mark.parametrize(
    "body",
    [{}, {"path": "kit.tar"}, {"upload": "../../x"}, {"path": "/a", "upload": "b"}, {"path": "/a\0b"}, {"kit": "1"}],
)
async def test_what_names_no_kit_is_refused(console: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert error(await console.post(Rest.KITS_VERIFY, json=body)) == (400, "INVALID_INPUT")


async def test_a_kit_lives_from_import_to_removal(console: httpx.AsyncClient, site: Site, tmp_path: Path) -> None:
    site = Site(site.backend, site.settings.model_copy(update={"scan_roots": (tmp_path,)}))
    made = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    good = str(site.take(made).value["kit_id"])
    bad = str(site.take(tamper(made, tmp_path / "bad.tar")).value["kit_id"])
    page = (await console.get(routes.api_kits([("limit", "1")]))).json()
    assert [row["id"] for row in page["items"]] == [bad]
    rest = (await console.get(routes.api_kits([("cursor", page["next_cursor"])]))).json()
    assert [row["id"] for row in rest["items"]] == [good]
    log = await console.get(routes.api_kit(bad, "log"))
    assert "failed" in log.text
    assert "attachment" in log.headers["content-disposition"]
    assert (await console.get(routes.api_kit(good, "file"))).content == made.read_bytes()
    assert error(await console.get(routes.api_kit(bad, "file"))) == (409, "CONFLICT")
    activate = Rest.KIT_ACTIVATE.format(kit_id=good)
    assert error(await console.post(activate, json={})) == (400, "REASON_REQUIRED")
    assert error(await console.post(Rest.KIT_ACTIVATE.format(kit_id=bad), headers=WHY)) == (409, "CONFLICT")
    assert (await console.post(activate, headers=WHY)).status_code == 202
    site.activate(good)
    status = (await console.get(Rest.KITS_STATUS)).json()
    assert (status["place"]["active"]["id"], status["quarantined"], status["trust_roots"]) == (good, 1, 1)
    assert status["age_level"] == "ok"
    assert error(await console.post(Rest.KITS_ROLLBACK, headers=WHY)) == (409, "CONFLICT")
    assert error(await console.post(Rest.KIT_REMOVE.format(kit_id=good), headers=WHY)) == (409, "CONFLICT")
    released = await console.post(Rest.KIT_RELEASE.format(kit_id=bad), headers=WHY)
    assert released.status_code == 202
    removed = await console.post(Rest.KIT_REMOVE.format(kit_id=bad), headers=WHY)
    assert (removed.json()["has_files"], removed.json()["remove_reason"]) == (False, "a test")
    assert [row["id"] for row in (await console.get(Rest.KITS)).json()["items"]] == [good]
    assert len((await console.get(routes.api_kits([("removed", "true")]))).json()["items"]) == 2
    detail = (await console.get(routes.api_kit(good))).json()
    assert detail["activations"][0]["version"] == "2026.11.14"
    assert (await console.get(Rest.KITS_ACTIVATIONS)).json()["items"][0]["kit_id"] == good
    runs = (await console.get(Rest.KITS_RUNS)).json()["items"]
    assert {run["verb"] for run in runs} == {"kit_import", "kit_activate"}
    imported = next(run["job_id"] for run in runs if run["verb"] == "kit_import")
    one = (await console.get(Rest.KITS_RUN.format(job_id=imported))).json()
    assert [check["step"] for check in one["checks"]][:2] == ["container", "manifest"]


async def test_a_kit_is_handed_out_to_who_sees_all_tenants_only(
    console: httpx.AsyncClient, site: Site, bench: Bench, tmp_path: Path
) -> None:
    site = Site(site.backend, site.settings.model_copy(update={"scan_roots": (tmp_path,)}))
    kit = str(site.take(make_kit(tmp_path / "kit.tar", KEY, "2010.1")).value["kit_id"])
    told = await console.get(routes.api_kit(kit, "file"), headers={"X-Stella-Tenant": "acme"})
    assert error(told) == (403, "FORBIDDEN")
    assert told.json()["error"]["message"] == REACH
    assert (await console.get(routes.api_kit(kit, "log"), headers={"X-Stella-Tenant": "acme"})).status_code == 200
    took = "SELECT actor, reason FROM audit_event WHERE verb = 'export' AND subject = :subject"
    assert bench.rows(took, subject=f"kit {kit} 2010.1") == []
    assert (await console.get(routes.api_kit(kit, "file"), headers=WHY)).status_code == 200
    assert bench.rows(took, subject=f"kit {kit} 2010.1") == [{"actor": "local operator", "reason": "a test"}]


async def test_a_lower_version_takes_force(console: httpx.AsyncClient, site: Site, tmp_path: Path) -> None:
    site = Site(site.backend, site.settings.model_copy(update={"scan_roots": (tmp_path,)}))
    lower = str(site.take(make_kit(tmp_path / "kit.tar", KEY, "2020.1")).value["kit_id"])
    high = str(site.take(make_kit(tmp_path / "high.tar", KEY, "2030.1")).value["kit_id"])
    site.activate(high)
    address = Rest.KIT_ACTIVATE.format(kit_id=lower)
    assert error(await console.post(address, headers=WHY)) == (409, "LOWER_VERSION")
    assert (await console.post(address, json={"force": True}, headers=WHY)).status_code == 202


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"version": "one"}, "up to eight numbers"),
        ({"version": "1.0", "settings": False}, "a kit of nothing"),
        ({"version": "1.0", "baselines": ["x"]}, "not an id"),
    ],
)
async def test_a_recipe_that_makes_no_kit_is_refused(
    console: httpx.AsyncClient, body: dict[str, object], said: str
) -> None:
    answer = await console.post(Rest.KITS_EXPORT, json=body)
    assert error(answer) == (400, "INVALID_INPUT")
    assert said in answer.json()["error"]["message"]


async def test_the_same_key_starts_one_job(console: httpx.AsyncClient, site: Site) -> None:
    headers = {"Idempotency-Key": "export-1"}
    first = await console.post(Rest.KITS_EXPORT, json={"version": "3.0"}, headers=headers)
    again = await console.post(Rest.KITS_EXPORT, json={"version": "3.0"}, headers=headers)
    assert first.json()["job_ids"] == again.json()["job_ids"]


async def test_only_who_acts_for_all_tenants_changes_kits(bench: Bench, site: Site) -> None:
    reader = Actor(name="ann", scopes=frozenset({Scope.READ}))
    bound = Actor(name="bob", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    for actor in (reader, bound):
        async with client_of(bench, actor) as client:
            for address in (Rest.KITS_VERIFY, Rest.KITS_IMPORT):
                assert error(await client.post(address, json={"path": "/a"})) == (403, "FORBIDDEN")
            assert error(await client.put(Rest.KITS_UPLOAD, content=b"x")) == (403, "FORBIDDEN")
            assert error(await client.post(Rest.KITS_ROLLBACK, headers=WHY)) == (403, "FORBIDDEN")
            assert (await client.get(Rest.KITS)).status_code == 200
