"""Baselines over HTTP, on a real ledger: saved, compared, promoted, rolled back, exported, deleted; and refused in
words."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import JobState
from execution_ops.routes import Rest
from execution_ops.scanner.merge import problems
from tests.api.conftest import client_of
from tests.execution import operator
from tests.scan_bench import ScanBench

BASELINES = routes.api_baselines()
WHY = {"X-Stella-Operator-Reason": "the release"}


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[ScanBench]:
    directory = tmp_path_factory.mktemp("scans")
    shutil.copyfile(sqlite_template, directory / "ledger.db")
    bench = ScanBench(f"sqlite:///{directory / 'ledger.db'}", directory)
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def jobs(scans: ScanBench) -> tuple[dict[str, str], dict[str, str]]:
    """The jobs of two scans of one source."""
    return scans.scan([("react", "1"), ("gone", "1")]), scans.scan([("react", "2", "ISC"), ("=new", "1")])


@pytest.fixture
async def client(scans: ScanBench) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(scans) as made:
        yield made


async def saved(client: httpx.AsyncClient, job_id: str, label: str, **headers: str) -> str:
    answer = await client.post(BASELINES, json={"job_id": job_id, "label": label}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == routes.api_baseline(answer.json()["id"])
    found: str = answer.json()["id"]
    return found


def at(pattern: str, baseline_id: str) -> str:
    return pattern.replace("{baseline_id}", baseline_id)


async def promoted(scans: ScanBench, client: httpx.AsyncClient, baseline_id: str, **body: str) -> None:
    answer = await client.post(at(Rest.BASELINE_PROMOTE, baseline_id), headers=WHY, json=body)
    assert answer.status_code == 202, answer.text
    started = Submission.model_validate(answer.json())
    assert answer.headers["Location"] == routes.api_job(next(iter(started.job_ids.values())))
    assert scans.state(scans.ended(started)) is JobState.SUCCEEDED


async def test_the_whole_way(
    scans: ScanBench, client: httpx.AsyncClient, jobs: tuple[dict[str, str], dict[str, str]]
) -> None:
    one = await saved(client, jobs[0]["merge"], "1.0", **{"Idempotency-Key": "a"})
    assert await saved(client, jobs[0]["merge"], "1.0", **{"Idempotency-Key": "a"}) == one
    two = await saved(client, jobs[1]["export"], "1.1")

    refused = await client.post(at(Rest.BASELINE_PROMOTE, one))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REASON_REQUIRED")
    await promoted(scans, client, one)
    assert (await client.post(at(Rest.BASELINE_PROMOTE, one), headers=WHY)).status_code == 409

    listed = (await client.get(BASELINES, params={"state": "promoted"})).json()
    assert [item["id"] for item in listed["items"]] == [one]
    first = (await client.get(BASELINES, params={"limit": 1})).json()
    rest = (await client.get(BASELINES, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [first["items"][0]["id"], rest["items"][0]["id"]] == [two, one]
    (source,) = (await client.get(Rest.BASELINES_SOURCES)).json()["items"]
    assert (source["baselines"], source["promoted"]["id"]) == (2, one)

    offered = (await client.get(at(Rest.BASELINE_SUGGESTION, two))).json()
    assert offered["suggested"]["choice"] == "explicit"
    assert all(offer["why"] for offer in offered["offers"])

    sides = {"left": one, "right": two}
    compared = (await client.get(Rest.BASELINES_COMPARE, params={**sides, "limit": 2})).json()
    assert compared["counts"] == {"added": 1, "removed": 1, "version": 1, "licence": 1, "changed": 1, "same": 0}
    assert (len(compared["items"]), compared["next_start"], compared["matching"]) == (2, 2, 3)
    narrow = (await client.get(Rest.BASELINES_COMPARE, params={**sides, "kind": "licence", "text": "REACT"})).json()
    assert [item["change"] for item in narrow["items"]] == ["version+licence"]

    await promoted(scans, client, two, held=one)
    detail = (await client.get(routes.api_baseline(two))).json()
    assert [entry["label"] for entry in detail["promotions"]] == ["1.1", "1.0"]
    assert (await client.delete(routes.api_baseline(two), headers=WHY)).status_code == 409
    back = await client.post(at(Rest.BASELINE_ROLLBACK, two), headers=WHY)
    assert (back.status_code, back.json()["id"]) == (200, one)
    assert (await client.delete(routes.api_baseline(two), headers=WHY)).status_code == 200
    assert (await client.get(routes.api_baseline(two))).status_code == 404


async def test_a_comparison_is_kept_by_a_job(
    scans: ScanBench, client: httpx.AsyncClient, jobs: tuple[dict[str, str], dict[str, str]]
) -> None:
    one, two = await saved(client, jobs[0]["merge"], "1.0"), await saved(client, jobs[1]["merge"], "1.1")
    sides = {"left": one, "right": two}
    headers = {"Idempotency-Key": "k"}
    answer = await client.post(Rest.BASELINES_KEEP_COMPARISON, json=sides, headers=headers)
    assert answer.status_code == 202, answer.text
    again = await client.post(Rest.BASELINES_KEEP_COMPARISON, json=sides, headers=headers)
    assert again.json()["job_ids"] == answer.json()["job_ids"]
    job_id = scans.ended(Submission.model_validate(answer.json()))
    told = json.loads(scans.value(job_id))
    assert told["verdict"] == "From 1.0 to 1.1: 1 added, 1 removed, 1 changed"
    assert (await client.post(Rest.BASELINES_KEEP_COMPARISON, json={**sides, "right": "x"})).status_code == 400


async def test_files(client: httpx.AsyncClient, jobs: tuple[dict[str, str], dict[str, str]]) -> None:
    one, two = await saved(client, jobs[0]["compare"], "a"), await saved(client, jobs[1]["compare"], "b")
    sides = {"left": one, "right": two}
    document = await client.get(routes.api_baseline_document(one))
    assert document.json()["bomFormat"] == "CycloneDX"
    assert "attachment" in document.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO((await client.get(Rest.BASELINES_EXPORT, params=sides)).text)))
    assert ["added", "npm", "'=new"] in [line[:3] for line in lines]
    plain = (await client.get(Rest.BASELINES_EXPORT, params={**sides, "format": "json"})).json()
    assert (plain["left"]["label"], len(plain["changes"])) == ("a", 3)
    text = (await client.get(Rest.BASELINES_EXPORT, params={**sides, "format": "cyclonedx", "kind": "added"})).text
    assert problems(text) == []
    assert [part["name"] for part in json.loads(text)["components"]] == ["=new"]


async def test_what_is_wrong_is_said(
    scans: ScanBench, client: httpx.AsyncClient, jobs: tuple[dict[str, str], dict[str, str]]
) -> None:
    one = await saved(client, jobs[0]["merge"], "a")
    for address, params in (
        (BASELINES, {"stat": "promoted"}),
        (BASELINES, {"state": "gone"}),
        (BASELINES, {"cursor": "x"}),
        (Rest.BASELINES_COMPARE, {"left": one, "right": one, "knd": "added"}),
        (Rest.BASELINES_COMPARE, {"left": one, "right": "x"}),
        (Rest.BASELINES_COMPARE, {"left": one, "right": one, "text": "\0"}),
        (Rest.BASELINES_COMPARE, {"left": one, "right": one, "kind": "other"}),
        (Rest.BASELINES_EXPORT, {"left": one, "right": one, "format": "xml"}),
        (routes.api_baseline("x"), {}),
    ):
        answer = await client.get(address, params=params)
        assert 400 <= answer.status_code < 500, (address, params)
        assert answer.json()["error"]["message"]
    unknown = await client.get(Rest.BASELINES_COMPARE, params={"left": one, "right": new_id()})
    assert unknown.status_code == 404
    assert (await client.post(BASELINES, json={"job_id": new_id()})).status_code == 404
    assert 400 <= (await client.post(BASELINES, json={"job": new_id()})).status_code < 500
    async with client_of(scans, operator("eve", ["umbrella"]).actor) as eve:
        assert (await eve.get(BASELINES)).json()["items"] == []
        assert (await eve.get(Rest.BASELINES_SOURCES)).json()["items"] == []
        for address in (routes.api_baseline(one), routes.api_baseline_document(one), at(Rest.BASELINE_SUGGESTION, one)):
            assert (await eve.get(address)).status_code == 404
        assert (await eve.get(Rest.BASELINES_COMPARE, params={"left": one, "right": one})).status_code == 404
        for pattern in (Rest.BASELINE_PROMOTE, Rest.BASELINE_ROLLBACK):
            assert (await eve.post(at(pattern, one), headers=WHY)).status_code == 404
        assert (await eve.delete(routes.api_baseline(one), headers=WHY)).status_code == 404
        assert (await eve.post(BASELINES, json={"job_id": jobs[0]["merge"]})).status_code == 404
