"""One production build, one server, one worker and one browser for all browser tests of a run.

The scope is the package, not the session: Playwright's synchronous interface keeps an event loop
running in its thread, and asynchronous tests elsewhere need that place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.settings import Settings
from tests.e2e import failing_jobs
from tests.e2e.servers import WORKER, Console, await_answer, chromium, complete, new_console, profile, running, serving


@pytest.fixture(scope="package")
def web(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console's web process without a worker."""
    console = new_console(tmp_path_factory.mktemp("console"))
    with serving(console):
        yield console


@pytest.fixture(scope="package")
def console(web: Console) -> Iterator[Console]:
    """A console with its worker."""
    with running(web, WORKER, "worker") as process:
        await_answer(process, f"{web.url}{routes.READY}", web.data_dir.parent / "worker.log")
        yield web


@pytest.fixture(scope="package")
def failing(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console of its own whose jobs fail as told (`failing_jobs`)."""
    console = new_console(tmp_path_factory.mktemp("failing"))
    with complete(console, failing_jobs.WEB, failing_jobs.WORKER):
        yield console


@pytest.fixture(scope="package")
def ledger(console: Console) -> Iterator[Engine]:
    """The console's ledger, to put jobs into it."""
    engine = ledger_engine(Settings(data_dir=console.data_dir).url())
    yield engine
    engine.dispose()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile without a past."""
    with profile(browser, viewport={"width": 1440, "height": 900}) as made:
        yield made


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab. The test fails for any error in its console and any request that leaves the machine.

    `@pytest.mark.console_errors("pattern")` names the errors that belong to what the test does.
    """
    marker = request.node.get_closest_marker("console_errors")
    expected = re.compile("|".join(marker.args) if marker else r"(?!)")
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type in ("error", "warning") and not expected.search(text):
            problems.append(f"console {message.type}: {text}")

    def on_request(sent: Request) -> None:
        if urlsplit(sent.url).hostname not in ("127.0.0.1", "localhost", None):
            problems.append(f"request to another host: {sent.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: problems.append(f"uncaught: {error.error}"))
    context.on("request", on_request)
    yield context.new_page()
    assert problems == []
