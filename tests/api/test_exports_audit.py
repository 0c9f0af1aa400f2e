"""Whoever takes a copy of a list is in the audit: when it begins, and how many things went out until its end."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from execution_ops.api.download import export_response
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.quotas import Limits
from execution_ops.domain.redaction import MASK
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest
from execution_ops.services.container import Services, compose
from tests.api.conftest import client_of
from tests.bench_samples import new_result
from tests.execution import STAMP, Bench
from tests.factories import add_jobs, job_values
from tests.letters import dead

# Each list that can be taken whole, its kind in the audit, and what its text begins with.
LISTS = {
    Rest.JOBS_EXPORT: ("job", "jobs csv"),
    Rest.LETTERS_EXPORT: ("dead_letter", "dead letters csv"),
    Rest.QUOTAS_EXPORT: ("quota", "quotas csv"),
    Rest.BENCHMARKS_EXPORT: ("benchmark", "benchmarks csv"),
    Rest.AUDIT_EXPORT: ("audit", "audit csv"),
}


@pytest.fixture
def tenant(bench: Bench) -> str:
    """A tenant with one thing in each list, but two jobs, one of which died."""
    name = f"t{uuid4().hex[:12]}"
    add_jobs(bench.beneath.engine, [job_values(tenant=name)])
    dead(bench, 1, tenant=name)
    bench.backend.create_quota(name, "test.echo", Limits(max_active=1), STAMP)
    bench.backend.keep_benchmark(new_result(1.0, tenant=name))
    return name


@pytest.fixture
def services(bench: Bench) -> Services:
    return compose(bench.settings, bench.backend)


def told(bench: Bench, tenant: str) -> list[dict[str, Any]]:
    """What the audit has of exports of the tenant, the oldest first."""
    return bench.rows("SELECT * FROM audit_event WHERE tenant = :t AND verb LIKE 'export%' ORDER BY n", t=tenant)


def some_jobs(services: Services, tenant: str, **stamp: str) -> Any:
    """An export of the tenant's jobs by someone who sees only these, not read yet."""
    vera = Actor(name="vera", scopes=frozenset(Scope), tenants=frozenset({tenant}))
    return services.jobs.export(vera, JobFilter(), ExportFormat.NDJSON, Stamp(actor=vera, **stamp))


@pytest.mark.parametrize("address", LISTS)
async def test_every_list_tells_of_its_exports_alike(
    bench: Bench, console: httpx.AsyncClient, tenant: str, address: str
) -> None:
    kind, subject = LISTS[address]
    who = {"X-Stella-Tenant": tenant, "X-Stella-Operator-Reason": "a check", "X-Stella-Operator-Ticket": "OPS-7"}
    where = "kind=quota" if kind == "audit" else f"tenant={tenant}" if kind != "benchmark" else "scenario=go_modules"
    answer = await console.get(f"{address}?format=csv&{where}", headers=who)
    assert answer.status_code == 200
    lines = len(answer.text.splitlines()) - 1
    assert lines == {"job": 2}.get(kind, 1)
    begun, ended = told(bench, tenant)
    assert (begun["verb"], ended["verb"], ended["count"]) == ("export", "export_finished", lines)
    for event in (begun, ended):
        assert (event["kind"], event["scope"], event["subject"]) == (kind, where, f"{subject}: {where}")
        assert (event["reason"], event["ticket"], event["undoes"]) == ("a check", "OPS-7", None)
        assert event["correlation_id"] == answer.headers["x-stella-trace-id"]


@pytest.mark.parametrize("address", LISTS)
async def test_who_may_not_read_takes_nothing_and_leaves_no_trace(bench: Bench, tenant: str, address: str) -> None:
    async with client_of(bench, Actor(name="otto", scopes=frozenset(), tenants=frozenset({tenant}))) as otto:
        assert (await otto.get(address)).status_code == 403
    assert told(bench, tenant) == []


def test_what_is_cut_off_says_how_much_went_out(bench: Bench, services: Services, tenant: str) -> None:
    add_jobs(bench.beneath.engine, [job_values(tenant=tenant) for _ in range(1_200)])
    chunks = some_jobs(services, tenant)
    assert [event["verb"] for event in told(bench, tenant)] == ["export"]
    assert next(chunks).count(b"\n") == 500
    chunks.close()
    assert [(event["verb"], event["count"]) for event in told(bench, tenant)[1:]] == [("export_cut_off", 500)]


async def test_who_goes_away_cuts_it_off(bench: Bench, services: Services, tenant: str) -> None:
    add_jobs(bench.beneath.engine, [job_values(tenant=tenant) for _ in range(1_200)])
    response = export_response(some_jobs(services, tenant), "jobs.ndjson", "application/x-ndjson")
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 1:
            raise OSError("the line is cut")

    async def receive() -> Any:
        return {"type": "http.disconnect"} if len(sent) > 1 else {"type": "http.request"}

    with pytest.raises(Exception, match=r"^$|the line is cut"):
        await response({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)
    del response
    async with asyncio.timeout(60):
        # What is left of the response is closed by the event loop, in a thread of its own.
        while len(told(bench, tenant)) < 2:
            await asyncio.sleep(0.02)
    assert [(event["verb"], event["count"]) for event in told(bench, tenant)[1:]] == [("export_cut_off", 500)]


async def test_a_list_that_breaks_is_cut_off(
    bench: Bench, services: Services, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Any:
        yield []
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(bench.backend, "iterate_jobs", broken)
    with pytest.raises(Unavailable):
        b"".join(some_jobs(services, tenant))
    assert [(event["verb"], event["count"]) for event in told(bench, tenant)[1:]] == [("export_cut_off", 0)]


def test_a_value_that_is_hidden_is_not_written_down(bench: Bench, services: Services, tenant: str) -> None:
    vera = Actor(name="vera", scopes=frozenset(Scope), tenants=frozenset({tenant}))
    where = JobFilter.from_query("payload.password=hunter2")
    b"".join(services.jobs.export(vera, where, ExportFormat.CSV, Stamp(actor=vera)))
    for event in told(bench, tenant):
        assert "hunter2" not in repr(event)
        assert JobFilter.from_query(event["scope"]).payload == (("password", MASK),)
