"""`execution-ops up` on real scans: whatever is killed, frozen or cut off, nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from execution_ops import routes
from tests.databases import PostgresServer
from tests.e2e.servers import await_condition, chromium
from tests.faults.upstart import Up, arguments
from tests.processes import is_alive

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("build")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own profile."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One console for the tests of this file, on SQLite."""
    up = Up(tmp_path_factory.mktemp("up"))
    yield up
    up.close()


@pytest.fixture
def up(installed: Up) -> Up:
    """That console, running."""
    installed.run()
    return installed


def test_a_scan_survives_the_death_of_its_worker(up: Up) -> None:
    scan = up.scan()
    up.kill("worker")
    up.let_go()
    assert up.until_succeeded(scan) == {
        "scan.inspect": ["succeeded"],
        "scan.catalog": ["lost", "succeeded"],
        "scan.merge": ["succeeded"],
        "scan.compare": ["succeeded"],
        "scan.export": ["succeeded"],
    }


def test_an_open_page_survives_the_death_of_its_server(up: Up, page: Page) -> None:
    scan = up.scan()
    page.goto(f"{up.console.url}{routes.job_dag(scan['export'])}")
    expect(page.locator("[data-graph-box][data-state=running]")).to_be_visible()
    up.kill("web")
    expect(page.locator("html[data-stale]")).to_have_count(1)
    up.let_go()
    expect(page.get_by_text("All succeeded.")).to_be_visible()
    expect(page.locator("html[data-stale]")).to_have_count(0)
    assert up.until_succeeded(scan)["scan.catalog"] == ["succeeded"], "the worker did not notice"


def test_a_frozen_worker_is_replaced_and_ends_when_it_wakes_up(up: Up) -> None:
    other = None
    scan = up.scan()
    frozen = up.pid("worker")
    try:
        up.freeze(frozen)
        other = up.start("worker")
        up.let_go()
        assert up.until_succeeded(scan)["scan.catalog"] == ["lost", "succeeded"]
        os.kill(frozen, signal.SIGCONT)
        await_condition(lambda: up.pid("worker") != frozen, "the zombie goes on\n", up.log)
        assert "was declared lost while it did not react" in up.log.read_text()
    finally:
        if is_alive(frozen):
            os.kill(frozen, signal.SIGCONT)
        if other is not None:
            other.terminate()
            other.wait(30)


@pytest.mark.parametrize("also", ["", "worker"])
def test_nothing_outlives_a_killed_supervisor_and_the_next_one_goes_on(up: Up, also: str) -> None:
    scan = up.scan()
    family = up.family()
    assert any("scan" in arguments(pid) for pid in family), "Syft is among them"
    worker = up.pid("worker")
    up.process.kill()
    up.process.wait()
    if also:
        os.kill(worker, signal.SIGKILL)
    else:
        # The worker is asked to leave, and lets its job finish.
        up.let_go()
    up.until_gone(family)
    up.run()
    up.let_go()
    assert up.until_succeeded(scan)["scan.catalog"] == (["lost", "succeeded"] if also else ["succeeded"])


def test_a_worker_that_an_operator_stopped_stays_away_until_the_next_start(up: Up) -> None:
    scan = up.scan()
    pid = up.pid("worker")
    reason = {"X-Stella-Operator-Reason": "out of memory soon"}
    httpx.post(f"{up.console.url}{routes.Rest.WORKERS_STOP}", headers=reason).raise_for_status()
    up.let_go()
    up.until_gone([pid])
    await_condition(
        lambda: "worker ended as it was asked to, and is not started again" in up.log.read_text(),
        "no word of it\n",
        up.log,
    )
    assert web_answers(up)
    assert not any(arguments(child)[-1:] == ["worker"] for child in up.family())
    up.process.terminate()
    up.process.wait(40)
    up.run()
    up.let_go()
    assert set(up.until_succeeded(scan)) >= {"scan.catalog"}


def test_a_busy_port_is_refused_in_words(up: Up, tmp_path: Path) -> None:
    port = up.console.environment["EXECUTION_OPS_PORT"]
    second = Up(tmp_path, PORT=port)
    assert second.start().wait(60) == 1
    assert second.log.read_text() == (
        f"Port {port} is in use. Stop what uses it, or set EXECUTION_OPS_PORT to another one.\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_lets_the_running_jobs_finish(up: Up, number: signal.Signals) -> None:
    scan = up.scan()
    family = up.family()
    before = len(up.log.read_text())
    up.process.send_signal(number)
    await_condition(lambda: not web_answers(up), "the web process goes on\n", up.log)
    up.let_go()
    assert up.process.wait(40) == 0
    up.until_gone(family)
    up.run()
    up.let_go()
    assert up.until_succeeded(scan)["scan.catalog"] == ["succeeded"]
    assert "Traceback" not in up.log.read_text()[before:]


def test_a_database_that_goes_away_and_comes_back(postgres: PostgresServer, page: Page, tmp_path: Path) -> None:
    name, url = postgres.create()
    up = Up(tmp_path, DATABASE_URL=url)
    try:
        up.run()
        scan = up.scan()
        web, worker = up.pid("web"), up.pid("worker")
        page.goto(f"{up.console.url}{routes.job_dag(scan['export'])}")
        expect(page.locator("[data-graph-box][data-state=running]")).to_be_visible()
        with postgres.away():
            up.let_go()
            expect(page.locator("html[data-stale]")).to_have_count(1)
        expect(page.get_by_text("All succeeded.")).to_be_visible()
        expect(page.locator("html[data-stale]")).to_have_count(0)
        up.until_succeeded(scan)
        assert (up.pid("web"), up.pid("worker")) == (web, worker), "no process had to be started again"
    finally:
        up.close()
        postgres.drop(name)


def test_a_database_that_is_not_there_at_the_start_is_named_and_waited_for(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    name, url = postgres.create()
    up = Up(tmp_path, DATABASE_URL=url)
    try:
        with postgres.away():
            process = up.start()
            await_condition(lambda: up.log.read_text().count("starts again in") >= 2, "it is silent\n", up.log)
            words = up.log.read_text()
        assert "The database does not answer" in words
        assert "Traceback" not in words
        up.adopt(process)
        up.until_ready()
    finally:
        up.close()
        postgres.drop(name)


def web_answers(up: Up) -> bool:
    """Whether something listens on the console's port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(up.console.environment["EXECUTION_OPS_PORT"]))) == 0
