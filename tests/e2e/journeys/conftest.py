"""A console of its own for each journey, and a browser that reaches nothing but it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.e2e import failing_jobs
from tests.e2e.journeys.operator import Operator
from tests.e2e.servers import Console, complete, new_console


@pytest.fixture
def console(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console with a worker."""
    made = new_console(tmp_path)
    with complete(made, failing_jobs.WEB, failing_jobs.WORKER):
        yield made


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
def operator(page: Page, console: Console, asked: list[str]) -> Iterator[Operator]:
    """Somebody at the console. At the end: nothing was asked of any other host, not even in vain."""
    page.on("websocket", lambda socket: asked.append(socket.url))
    yield Operator(page, console)
    foreign = [address for address in asked if urlsplit(address).hostname not in ("127.0.0.1", None)]
    assert asked
    assert foreign == []
