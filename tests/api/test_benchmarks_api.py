"""Benchmarks over HTTP, on a real ledger."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import httpx
import pytest

from execution_ops import routes
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.job_types import BENCH_TYPE
from execution_ops.domain.job_types import REGISTRY as KNOWN
from tests.api.conftest import client_of
from tests.bench_samples import new_result
from tests.execution import Bench
from tests.jobs import REGISTRY

ALL = routes.Rest.BENCHMARKS
REASON = {"X-Stella-Operator-Reason": "after the release"}


def tenant() -> str:
    return f"t{uuid4().hex[:12]}"


async def test_a_result_is_listed_shown_promoted_and_compared(bench: Bench, console: httpx.AsyncClient) -> None:
    who = {"X-Stella-Tenant": (name := tenant())}
    first = bench.backend.keep_benchmark(new_result(100.0, 110.0, tenant=name))
    listed = (await console.get(ALL, headers=who)).json()
    assert [one["result"]["id"] for one in listed["items"]] == [first.id]
    assert listed["items"][0]["figures"]["mean_ms"] == 105.0
    assert (listed["figures"]["measured"], listed["figures"]["without_baseline"]) == (1, 1)

    address = f"{ALL}/{first.id}:promote"
    assert (await console.post(address, headers=who)).json()["error"]["code"] == "REASON_REQUIRED"
    headers = {**who, **REASON, "Idempotency-Key": uuid4().hex}
    promoted = await console.post(address, headers=headers)
    assert (promoted.status_code, promoted.json()["verdict"]["is_baseline"]) == (200, True)
    assert (await console.post(address, headers=headers)).headers["idempotency-replayed"] == "true"
    assert (await console.post(address, headers={**who, **REASON})).status_code == 409

    second = bench.backend.keep_benchmark(new_result(210.0, tenant=name))
    shown = (await console.get(f"{ALL}/{second.id}", headers=who)).json()
    assert shown["verdict"]["state"] == "breach"
    assert shown["verdict"]["breaches"][0].startswith("The mean of 210 ms is 100.0 % slower")
    only = (await console.get(ALL, params={"state": "breach"}, headers=who)).json()
    assert [one["result"]["id"] for one in only["items"]] == [second.id]

    history = await console.get(routes.Rest.BENCHMARKS_HISTORY, params=series(limit="1"), headers=who)
    assert [one["result"]["id"] for one in history.json()["items"]] == [second.id]
    assert history.json()["promotions"][0]["reason"] == "after the release"
    older = series(limit="1", cursor=history.json()["next_cursor"])
    rest = (await console.get(routes.Rest.BENCHMARKS_HISTORY, params=older, headers=who)).json()
    assert [one["verdict"]["is_baseline"] for one in rest["items"]] == [True]


def series(**more: str) -> dict[str, str]:
    return {"scenario": "go_modules", "analyzer": "go", **more}


async def test_the_export_is_a_file(bench: Bench, console: httpx.AsyncClient) -> None:
    who = {"X-Stella-Tenant": (name := tenant())}
    bench.backend.keep_benchmark(new_result(100.0, tenant=name))
    answer = await console.get(routes.Rest.BENCHMARKS_EXPORT, params={"format": "csv"}, headers=who)
    assert "attachment" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["scenario"], row["sample_count"], row["max_ms"]) == ("go_modules", "1", "100.0")
    body = json.loads((await console.get(routes.Rest.BENCHMARKS_EXPORT, headers=who)).text)
    assert body["items"][0]["samples"][0]["wall_ms"] == 100.0
    assert (await console.get(routes.Rest.BENCHMARKS_EXPORT, params={"format": "xml"})).status_code == 422


async def test_who_exported_what_is_in_the_audit(bench: Bench, console: httpx.AsyncClient) -> None:
    who = {"X-Stella-Tenant": tenant(), "X-Stella-Operator-Reason": "for the review"}
    wanted = {"format": "csv", "scenario": (name := f"s{uuid4().hex[:12]}")}
    assert (await console.get(routes.Rest.BENCHMARKS_EXPORT, params=wanted, headers=who)).status_code == 200
    told = bench.rows("SELECT * FROM audit_event WHERE subject LIKE :subject", subject=f"%{name}%")
    assert [(one["verb"], one["subject"], one["actor"], one["reason"]) for one in told] == [
        (verb, f"benchmarks csv: scenario={name}", "local operator", "for the review")
        for verb in ("export", "export_finished")
    ]


async def test_a_benchmark_is_started_once_for_a_key(
    bench: Bench, console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = KNOWN.get(BENCH_TYPE)
    assert own is not None
    monkeypatch.setitem(REGISTRY._types, BENCH_TYPE, own)
    headers = {"Idempotency-Key": uuid4().hex, "X-Stella-Tenant": (name := tenant())}
    order = {"scenario": "go_modules", "analyzers": ["go", "go"], "iterations": 2, "warm_up": 0}
    first = await console.post(ALL, json=order, headers=headers)
    assert first.status_code == 201
    (job_id,) = first.json()["job_ids"].values()
    assert first.headers["location"].endswith(job_id)
    again = await console.post(ALL, json=order, headers=headers)
    assert again.json()["job_ids"] == first.json()["job_ids"]
    row = bench.job(job_id)
    assert (row["job_type"], row["queue"], row["tenant"], row["label"]) == (BENCH_TYPE, "bench", name, "Go modules")
    assert json.loads(bench.value(job_id, "payload")) == {
        **order,
        "analyzers": ["go"],
        "by": "local operator",
        # Of the settings that hold as it is started.
        "limits": bench.backend.scanner_settings().settings.limits.model_dump(),
    }


async def test_what_cannot_be_measured_is_refused_in_words(console: httpx.AsyncClient) -> None:
    for order, words in (
        ({}, "Name a scenario, or a path"),
        ({"scenario": "go_modules", "path": "/srv"}, "not both"),
        ({"scenario": "none"}, "Known are: node_monorepo_walk"),
        ({"path": "srv"}, "absolute path"),
        ({"scenario": "go_modules", "analyzers": ["cobol"]}, "no analyzer 'cobol'"),
        ({"scenario": "go_modules", "iterations": 51}, "from 1 to 50"),
        ({"scenario": "go_modules", "iterations": 0}, "from 1 to 50"),
        ({"scenario": "go_modules", "warm_up": 11}, "from 0 to 10"),
    ):
        answer = await console.post(ALL, json=order)
        assert (answer.status_code, words in answer.json()["error"]["message"]) == (400, True), answer.text
    for wrong in ({"scenario": "go_modules", "by": "eve"}, {"scenario": "go_modules", "iterations": "2"}):
        assert (await console.post(ALL, json=wrong)).status_code == 422
    assert (await console.get(ALL, params={"colour": "red"})).json()["error"]["code"] == "UNKNOWN_PARAMETER"
    assert (await console.get(ALL, params={"cursor": "x"})).json()["error"]["code"] == "BAD_CURSOR"
    assert (await console.get(f"{ALL}/none")).status_code == 400


async def test_who_may_not_is_refused(bench: Bench) -> None:
    kept = bench.backend.keep_benchmark(new_result(1.0, tenant=(name := tenant())))
    reader = Actor(name="rea", scopes=frozenset({Scope.READ}), tenants=frozenset({"else"}))
    async with client_of(bench, reader) as client:
        assert (await client.post(ALL, json={"scenario": "go_modules"})).status_code == 403
        assert (await client.post(f"{ALL}/{kept.id}:promote", headers=REASON)).status_code == 403
        assert (await client.get(f"{ALL}/{kept.id}")).status_code == 404
        history = await client.get(routes.Rest.BENCHMARKS_HISTORY, params=series(tenant=name))
        assert history.status_code == 403
    nobody = Actor(name="nob", scopes=frozenset())
    async with client_of(bench, nobody) as client:
        for address in (ALL, routes.Rest.BENCHMARKS_SCENARIOS, routes.Rest.BENCHMARKS_EXPORT):
            assert (await client.get(address)).status_code == 403


async def test_the_scenarios_are_told(console: httpx.AsyncClient) -> None:
    found = (await console.get(routes.Rest.BENCHMARKS_SCENARIOS)).json()
    assert {"node_monorepo_walk", "java_demo_archive"} <= {one["name"] for one in found["items"]}
    assert "go" in found["analyzers"]
    assert "95 %" in found["p95"]
