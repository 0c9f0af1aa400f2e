"""A console of its own for each journey, and a browser that reaches nothing but it.

The console is the one port of `up` with one worker, or a static export behind nginx with its server elsewhere, on
PostgreSQL and with three workers; that server is restarted in the middle; or a console without an engine, that works on
the REST interface of another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from execution_ops import routes
from execution_ops.settings import PREFIX
from tests.databases import PostgresServer
from tests.e2e import failing_jobs
from tests.e2e.exported import Server, exported
from tests.e2e.journeys.operator import Operator
from tests.e2e.servers import Console, await_answer, complete, new_console, running

SERVER = pytest.StashKey[Server]()
# How often the operator stands somewhere before the server is restarted.
MIDDLE = 3
EXPORT = pytest.param(
    "export",
    marks=[pytest.mark.long, pytest.mark.console_errors(r"WebSocket connection to 'ws://127\.0\.0\.1:\d+/_event")],
)
GATEWAY = pytest.param("gateway", marks=pytest.mark.long)


@pytest.fixture(params=["single port", EXPORT, GATEWAY])
def console(request: pytest.FixtureRequest, build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console with its workers."""
    made = new_console(tmp_path)
    if request.param == "single port":
        with complete(made, failing_jobs.WEB, failing_jobs.WORKER):
            yield made
        return
    if request.param == "gateway":
        with complete(made, failing_jobs.WEB, failing_jobs.WORKER), on_remote(made, tmp_path / "front") as front:
            yield front
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    database, url = postgres.create(request.getfixturevalue("postgres_template"))
    made.environment[f"{PREFIX}DATABASE_URL"] = url
    with exported(build, made, tmp_path) as apart, ExitStack() as processes:
        request.node.stash[SERVER] = processes.enter_context(Server(apart, failing_jobs.WEB))
        for name in ("worker", "worker-2", "worker-3"):
            working = processes.enter_context(running(apart, failing_jobs.WORKER, name))
            await_answer(working, f"{apart.url}{routes.READY}", tmp_path / f"{name}.log")
        yield apart
    postgres.drop(database)


@contextmanager
def on_remote(remote: Console, folder: Path) -> Iterator[Console]:
    """A console that works on another one; what it shows lies with that."""
    front = new_console(folder)
    front.environment[f"{PREFIX}BACKEND"] = remote.url
    with running(front, failing_jobs.WEB, "web") as process:
        await_answer(process, f"{front.url}{routes.HEALTH}", folder / "web.log")
        yield replace(front, data_dir=remote.data_dir, scan_root=remote.scan_root)


@pytest.fixture
def restart(request: pytest.FixtureRequest, console: Console, page: Page) -> Callable[[], None] | None:
    """Restarts the server while somebody looks on, where a journey is to go on over that."""
    server = request.node.stash.get(SERVER, None)
    if server is None:
        return None

    def stop_and_start() -> None:
        server.stop()
        expect(page.locator(".disc")).to_contain_text("Stale since")
        server.start()
        expect(page.locator(".topbar .live")).to_contain_text("Live")
        expect(page.locator(".disc")).to_have_count(0)

    return stop_and_start


@pytest.fixture
def asked(context: BrowserContext) -> list[str]:
    """Every address that the browser asks for; those of other hosts are refused, and so get no answer."""
    addresses: list[str] = []

    def sort(route: Route) -> None:
        addresses.append(route.request.url)
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort("addressunreachable")

    context.route("**/*", sort)
    return addresses


@pytest.fixture
def operator(page: Page, console: Console, asked: list[str], restart: Callable[[], None] | None) -> Iterator[Operator]:
    """Somebody at the console. At the end: nothing was asked of any other host, not even in vain."""
    page.on("websocket", lambda socket: asked.append(socket.url))
    yield Operator(page, console, MIDDLE, restart)
    foreign = [address for address in asked if urlsplit(address).hostname not in ("127.0.0.1", None)]
    assert asked
    assert foreign == []
