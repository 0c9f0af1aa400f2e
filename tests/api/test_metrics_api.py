"""What Prometheus reads: parsed as strictly as it does, on the real ledger."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from execution_ops.api import deps
from execution_ops.api.app import create_api
from execution_ops.api.meters import NAME_CHARS_MAX, OTHER, JobTimes, Names
from execution_ops.backends.embedded.counters import fold
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.job_times import EndedJob, EndedJobs
from execution_ops.domain.quotas import Limits
from execution_ops.domain.states import JobState
from execution_ops.services import container
from tests.execution import DEADLINE_S, STAMP, Bench
from tests.factories import add_jobs, job_values

HOSTILE = 'a"b\\c\nd\x1b[31m{}=," # HELP evil'


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(bench: Bench) -> httpx.AsyncClient:
    services = container.compose(bench.settings, bench.backend)
    transport = httpx.ASGITransport(create_api(lambda: services))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420")


async def scrape(client: httpx.AsyncClient) -> dict[str, Metric]:
    """All families, as Prometheus understands them."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    # A family that is told twice is an error for Prometheus.
    assert answer.text.count("# TYPE ") == len(found)
    assert all(name.startswith("execution_ops_") for name in found)
    return found


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    """One figure."""
    samples = [one for family in families.values() for one in family.samples if one.name == name]
    assert samples, name
    return next(one.value for one in samples if one.labels == labels)


async def test_every_area_is_there_and_can_be_parsed(bench: Bench, client: httpx.AsyncClient) -> None:
    add_jobs(bench.backend.engine, [job_values(state=JobState.SCHEDULED, queue="scan") for _ in range(3)])
    bench.backend.create_quota("acme", "test.echo", Limits(max_active=5, max_per_hour=100), STAMP)
    fold(bench.backend.engine)
    found = await scrape(client)
    assert value(found, "execution_ops_jobs", state="scheduled") == 3
    assert value(found, "execution_ops_queue_waiting", queue="scan") == 3
    assert value(found, "execution_ops_dead_letters", state="pending") == 0
    assert value(found, "execution_ops_schedules_missed") == 0
    quota = {"tenant": "acme", "job_type": "test.echo"}
    assert value(found, "execution_ops_quota_active_limit", **quota) == 5
    assert value(found, "execution_ops_quota_hour_limit", **quota) == 100
    assert value(found, "execution_ops_retention_removed_total", kind="jobs") == 0
    assert value(found, "execution_ops_retention_seconds", kind="audit") == 730 * 86_400
    assert value(found, "execution_ops_workers", state="online") == 0
    assert value(found, "execution_ops_live_viewers") == 0
    assert value(found, "execution_ops_statements_total") > 0
    assert value(found, "execution_ops_statement_seconds_total") > 0
    assert value(found, "execution_ops_tasks") > 0
    assert value(found, "execution_ops_process_resident_memory_bytes") > 1e6
    assert {"execution_ops_sockets", "execution_ops_event_loop_lag_seconds"} <= set(found)


async def test_jobs_that_end_are_in_the_histograms_once(bench: Bench, client: httpx.AsyncClient) -> None:
    await scrape(client)
    bench.work()
    jobs = [bench.one("test.echo") for _ in range(3)]
    for job in jobs:
        bench.until(job, JobState.SUCCEEDED)
    labels = {"queue": "test", "job_type": "test.echo"}
    # They are told of a few seconds after their end.
    found = await scrape(client)
    deadline = time.monotonic() + DEADLINE_S
    while not found["execution_ops_job_run_seconds"].samples:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
        found = await scrape(client)
    for _ in range(2):
        assert value(found, "execution_ops_job_run_seconds_count", **labels) == 3
        assert value(found, "execution_ops_job_wait_seconds_count", **labels) == 3
        assert value(found, "execution_ops_jobs_ended_total", **labels, state="succeeded") == 3
        found = await scrape(client)


async def test_requests_are_counted_by_the_pattern_of_their_route(client: httpx.AsyncClient) -> None:
    def count(found: dict[str, Metric], **labels: str) -> float:
        samples = found["execution_ops_http_requests"].samples
        return sum(one.value for one in samples if one.name.endswith("_total") and labels.items() <= one.labels.items())

    before = await scrape(client)
    for i in range(5):
        await client.get(f"/api/v1/jobengine/jobs/0000000{i}-0000-7000-8000-000000000000")
        await client.get(f"/api/v1/nothing/{i}")
    await client.get("/healthz", headers={"Host": "evil.example"})
    after = await scrape(client)
    route = {"route": "/api/v1/jobengine/jobs/{job_id}", "status": "404"}
    assert count(after, **route) - count(before, **route) == 5
    assert count(after, route="(none)", status="404") - count(before, route="(none)", status="404") == 5
    refused = {one.labels.get("why"): one.value for one in after["execution_ops_http_refused"].samples}
    assert refused["wrong_host"] >= 1
    assert not [one for one in after["execution_ops_http_requests"].samples if "00000" in one.labels.get("route", "")]


async def test_hostile_names_are_labels_and_nothing_else(bench: Bench, client: httpx.AsyncClient) -> None:
    add_jobs(bench.backend.engine, [job_values(state=JobState.SCHEDULED, queue=HOSTILE)])
    fold(bench.backend.engine)
    found = await scrape(client)
    queues = {one.labels["queue"] for one in found["execution_ops_queue_waiting"].samples}
    assert len(queues) == 1
    shown = queues.pop()
    assert '"b\\c' in shown
    assert "\x1b" not in shown


class _Ended:
    """A backend whose jobs end as given."""

    def __init__(self, jobs: list[EndedJob]) -> None:
        self._jobs = jobs

    def ended_jobs(self, after: str, *, limit: int) -> EndedJobs:
        """All at once, after the first look."""
        return EndedJobs(tuple(self._jobs) if after else (), "1.1")


def test_names_that_never_end_are_counted_together() -> None:
    jobs = [EndedJob(f"queue-{i}", "t" * 500, JobState.FAILED, 1.0, 2.0) for i in range(5_000)]
    times = JobTimes()
    times.update(_Ended(jobs))
    times.update(_Ended(jobs))
    families = {family.name: family for family in times.registry.collect()}
    samples = families["execution_ops_job_run_seconds"].samples
    series = {(one.labels["queue"], one.labels["job_type"]) for one in samples}
    assert len(series) == 101
    assert (OTHER, OTHER) in series
    assert all(len(job_type) <= NAME_CHARS_MAX for _, job_type in series)
    assert sum(one.value for one in samples if one.name.endswith("_count")) == 5_000


def test_the_first_names_stay_themselves() -> None:
    names = Names(2)
    assert [names.of(name) for name in ("a", "b", "c", "a")] == [("a",), ("b",), (OTHER,), ("a",)]


async def test_who_sees_some_tenants_is_told_nothing(bench: Bench) -> None:
    services = container.compose(bench.settings, bench.backend)
    api = create_api(lambda: services)
    api.dependency_overrides[deps.actor_of] = lambda: Actor(
        name="ann", scopes=frozenset({Scope.READ}), tenants=frozenset({"acme"})
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://127.0.0.1:8420") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 403
    assert "every tenant" in answer.json()["error"]["message"]
