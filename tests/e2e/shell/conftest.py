"""Tabs on the catalogue of the shell and its components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.catalogue import catalogue_server
from tests.e2e.servers import profile
from tests.e2e.shell.catalogue import DESKTOP


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with catalogue_server(tmp_path_factory.mktemp("catalogue") / "server.log") as url:
        yield url


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    with profile(
        browser, base_url=address, viewport=DESKTOP, timezone_id="Europe/Berlin", color_scheme="light"
    ) as made:
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
