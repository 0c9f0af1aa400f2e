"""A whole console on a remote: services, REST and command line over the gateway, against a live server."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from execution_ops import routes
from execution_ops.api.app import create_api
from execution_ops.backends.gateway.backend import GatewayBackend, open_gateway
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.profile import OURS
from execution_ops.backends.gateway.transport import Limits, Transport
from execution_ops.cli import app
from execution_ops.domain.access import local_operator
from execution_ops.domain.capabilities import CapabilityDocument
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import BULK_TYPE
from execution_ops.domain.job_verbs import CANCEL
from execution_ops.domain.states import JobState
from execution_ops.domain.topics import JOBS
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import Services, compose, open_services
from execution_ops.settings import Settings, settings
from tests.execution import Bench, node
from tests.gateway.conftest import Make
from tests.gateway.hostile import refusal
from tests.jobs import REGISTRY, add_own
from tests.remote import Server, services_on

add_own(REGISTRY, "execution_ops.services.bulk", BULK_TYPE)
ANN = local_operator()
WHY = Stamp(actor=ANN, reason="wrong branch", ticket="OPS-7", correlation_id="request-7")


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """The engine at the remote."""
    folder = tmp_path / "remote"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "ledger.db")
    made = Bench(f"sqlite:///{folder / 'ledger.db'}", folder)
    yield made
    made.close()


@pytest.fixture
def address(bench: Bench) -> Iterator[str]:
    """Where the remote listens."""
    services = services_on(bench.settings, bench.beneath, bench.registry)
    server = Server(create_api(lambda: services))
    yield server.start()
    server.stop()


@pytest.fixture
def here(address: str, tmp_path: Path) -> Iterator[Services]:
    """The services of the console on it."""
    opened = open_services(Settings(backend=address, data_dir=tmp_path / "here"))
    yield opened
    opened.close()


@pytest.fixture
async def client(here: Services) -> AsyncIterator[httpx.AsyncClient]:
    """The REST interface of the console on it."""
    transport = httpx.ASGITransport(create_api(lambda: here))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as made:
        yield made


async def test_it_serves_what_the_remote_does(bench: Bench, address: str, client: httpx.AsyncClient) -> None:
    ids = bench.submit(node("a", "test.number", {"value": 1}), node("b", "test.number", {"value": 2}, ("a",))).job_ids
    paths = [
        routes.api_jobs([("limit", "1"), ("state", "pending")]),
        routes.api_job(ids["a"], "dag"),
        routes.api_job(ids["a"], "logs"),
        routes.api_job(ids["a"], "payload"),
        *(routes.api_letters(), routes.api_quotas(), routes.api_schedules(), routes.api_runs(), routes.api_workers()),
        *(routes.api_kits(), routes.api_baselines(), routes.api_benchmarks()),
        *(routes.Rest.LETTERS_STATS, routes.Rest.SCANNER_SETTINGS, routes.Rest.ANALYZERS, routes.Rest.CACHE),
        *(routes.Rest.KITS_STATUS, routes.Rest.QUOTAS_SUMMARY, routes.Rest.JOB_FACETS, routes.Rest.REPLAYS),
    ]
    moments = {"as_of", "oldest_wait_ms"}

    def steady(value: object) -> object:
        if isinstance(value, dict):
            return {key: steady(one) for key, one in value.items() if key not in moments}
        return [steady(one) for one in value] if isinstance(value, list) else value

    async with httpx.AsyncClient(base_url=address) as there:
        for path in paths:
            theirs, ours = await there.get(path), await client.get(path)
            assert (ours.status_code, theirs.status_code) == (200, 200), (path, ours.text, theirs.text)
            assert steady(ours.json()) == steady(theirs.json()), path
    assert (await client.get(routes.api_job(new_id()))).status_code == 404
    ready = await client.get(routes.READY)
    assert ready.json()["checks"]["database"]["ok"]
    assert not ready.json()["ready"]  # No worker is online.


async def test_a_change_is_made_once_and_known_there_with_its_reason(bench: Bench, client: httpx.AsyncClient) -> None:
    job_id = bench.one("test.echo")
    headers = {
        "X-Stella-Operator-Reason": "wrong branch",
        "X-Stella-Operator-Ticket": "OPS-7",
        "Idempotency-Key": "k-1",
        "X-Stella-Trace-Id": "request-7",
    }
    done = await client.post(f"{routes.api_job(job_id)}:cancel", headers=headers)
    assert (done.status_code, done.json()["state"]) == (200, "canceled")
    again = await client.post(f"{routes.api_job(job_id)}:cancel", headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    [event] = bench.rows("SELECT * FROM audit_event WHERE verb = 'cancel'")
    assert (event["reason"], event["ticket"], event["correlation_id"]) == ("wrong branch", "OPS-7", "request-7")
    refused = await client.post(f"{routes.api_job(job_id)}:cancel", headers={**headers, "Idempotency-Key": "k-2"})
    assert refused.status_code == 409
    assert "It was canceled" in refused.text or "ended" in refused.text or "canceled" in refused.text


def test_a_verb_over_a_filter_is_work_at_the_remote(bench: Bench, here: Services) -> None:
    bench.one("test.echo")
    started = here.jobs.bulk(ANN, CANCEL.name, JobFilter(job_type=("test.echo",)), WHY)
    [row] = bench.rows("SELECT job_type, id FROM job WHERE job_type = 'ops.bulk'")
    assert list(started.job_ids.values()) == [row["id"]]
    payload = json.loads(bench.value(row["id"], "payload"))
    assert (payload["verb"], payload["reason"], payload["ticket"]) == ("cancel", "wrong branch", "OPS-7")
    assert "job_type=test.echo" in payload["filter"]


def test_an_export_streams_and_the_audit_there_tells_of_it_once(bench: Bench, here: Services) -> None:
    from execution_ops.domain.exports import ExportFormat

    ids = {bench.one("test.echo") for _ in range(3)}
    chunks = here.jobs.export(ANN, JobFilter(), ExportFormat.NDJSON, WHY)
    rows = [json.loads(line) for line in b"".join(chunks).splitlines()]
    assert {row["id"] for row in rows} == ids
    told = [row["verb"] for row in bench.rows("SELECT verb FROM audit_event ORDER BY n")]
    assert [verb for verb in told if verb.startswith("export")] == ["export", "export_finished"]


def test_a_secret_is_shown_only_to_who_asks_for_it_and_the_audit_there_tells(bench: Bench, here: Services) -> None:
    job_id = bench.one("test.echo", password="hunter2")
    assert "hunter2" not in here.jobs.value(ANN, job_id, "payload")
    assert bench.rows("SELECT n FROM audit_event WHERE verb = 'reveal'") == []
    assert "hunter2" in here.jobs.value(ANN, job_id, "payload", reveal=True)
    assert len(bench.rows("SELECT n FROM audit_event WHERE verb = 'reveal'")) == 1


def test_a_file_of_a_job_comes_whole(bench: Bench, here: Services) -> None:
    bench.work()
    job_id = bench.one("test.files")
    bench.until(job_id, JobState.SUCCEEDED)
    [known] = here.jobs.get(ANN, job_id).artifacts
    _, path = here.jobs.artifact(ANN, job_id, known.sha256)
    assert path.read_text() == "kept"
    assert path.is_relative_to(here.settings.data_dir.resolve())


async def test_the_files_of_kits_lie_beside_the_workers_and_that_is_said(
    here: Services, client: httpx.AsyncClient
) -> None:
    assert "beside the workers of the remote system" in here.backend.capabilities.files
    refused = await client.get(routes.Rest.KIT_FILE.format(kit_id=new_id()))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "NOT_SUPPORTED")
    assert refused.json()["error"]["message"] == here.backend.capabilities.files


async def test_pages_wake_when_something_changes_there(bench: Bench, here: Services) -> None:
    following = asyncio.create_task(here.hub.run())
    try:
        async with asyncio.timeout(120):
            await until(here, lambda: here.hub.gauges().polls > 0)
            seen = here.hub.version(JOBS)
            await asyncio.to_thread(bench.one, "test.echo")
            await until(here, lambda: here.hub.version(JOBS) > seen)
            assert here.hub.status.live
    finally:
        following.cancel()


async def test_a_remote_that_goes_away_is_said_and_one_that_is_back_is_followed(bench: Bench, tmp_path: Path) -> None:
    services = services_on(bench.settings, bench.beneath, bench.registry)
    server = Server(create_api(lambda: services))
    address = server.start()
    limits = Limits(connect=1, read=5, total=6, backoff=0.01, backoff_max=0.02)
    gateway = GatewayBackend(Transport(address, OURS, limits=limits), FileCache(tmp_path / "files"), follows=True)
    here = compose(Settings(backend=address, data_dir=tmp_path / "here"), gateway)
    following = asyncio.create_task(here.hub.run())
    back: Server | None = None
    try:
        async with asyncio.timeout(120):
            await until(here, lambda: here.hub.gauges().polls > 0)
            await asyncio.to_thread(server.stop)
            await until(here, lambda: not here.hub.status.live)
            assert "The remote system at 127.0.0.1" in here.hub.status.problem
            stale = here.hub.status.as_of
            # Another process, as far as it knows: a hub belongs to one event loop.
            again = services_on(bench.settings, bench.beneath, bench.registry)
            back = Server(create_api(lambda: again), port=int(address.rpartition(":")[2]))
            await asyncio.to_thread(back.start)
            await until(here, lambda: here.hub.status.live)
            assert here.hub.status.as_of > stale
    finally:
        following.cancel()
        gateway.close()
        if back is not None:
            await asyncio.to_thread(back.stop)


async def until(here: Services, condition: Callable[[], bool]) -> None:
    """Look on, as a page does, until it is so."""
    while not condition():
        await here.hub.wait(JOBS, here.hub.version(JOBS), 0.05)
        await asyncio.sleep(0)


def test_the_command_line_works_on_it(
    bench: Bench, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTION_OPS_BACKEND", address)
    monkeypatch.setenv("EXECUTION_OPS_DATA_DIR", str(tmp_path / "cli"))
    settings.cache_clear()
    try:
        job_id = bench.one("test.echo")
        run = CliRunner().invoke
        listed = run(app, ["jobs", "list", "--json"])
        assert listed.exit_code == 0, listed.output
        assert job_id in listed.output
        canceled = run(app, ["jobs", "cancel", job_id, "--reason", "wrong branch"])
        assert canceled.exit_code == 0, canceled.output
        assert bench.state(job_id) is JobState.CANCELED
        refused = run(app, ["worker"])
        assert refused.exit_code == 1
        assert "whose workers run its jobs" in refused.output
    finally:
        settings.cache_clear()


def test_a_remote_that_is_away_does_not_stop_the_start(tmp_path: Path) -> None:
    backend = open_gateway(Settings(backend="http://127.0.0.1:1", data_dir=tmp_path))
    assert backend.capabilities.unable() == {}
    backend.close()


def test_an_older_remote_lacks_what_came_later_and_says_so(make: Make, tmp_path: Path) -> None:
    _, server = make(refusal(404, "NOT_FOUND", "There is nothing here."))
    gateway = GatewayBackend(Transport(server.url, OURS), FileCache(tmp_path / "f"))
    assert gateway.offers() == CapabilityDocument()
    asked = len(server.asked)
    for ask in (
        gateway.last_change,
        lambda: gateway.health(tenants=None),
        lambda: gateway.get_dag(new_id(), tenants=None),
        lambda: gateway.count_audit(tenants=None),
    ):
        with pytest.raises(Conflict, match="older version that does not offer this") as caught:
            ask()
        assert caught.value.code == "NOT_SUPPORTED"
    # What is known to be missing is not asked for.
    assert len(server.asked) == asked
    with pytest.raises(NotFound):
        gateway.list_jobs(JobFilter(), tenants=None, cursor=None, limit=1)
    gateway.close()


def test_the_address_of_a_remote_is_https_or_this_machine(tmp_path: Path) -> None:
    for wrong in ("http://ops.example.org", "ftp://127.0.0.1", "https://", "https://a:b@host", "https://host/?x=1"):
        with pytest.raises(ValueError, match="must"):
            Settings(backend=wrong)
    assert Settings(backend="https://ops.example.org/").backend == "https://ops.example.org"
    assert "hunter2" not in repr(Settings(backend_token="hunter2"))
