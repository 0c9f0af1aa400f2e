"""The pages behind nginx, their server on another port: deep links, old addresses, and the server away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from execution_ops import routes
from execution_ops.edge.rules import BACKEND_FILE
from execution_ops.routes import ROUTES, Tail, aliases
from tests.e2e.exported import Server, exported
from tests.e2e.servers import Console, new_console, profile

QUERY = "limit=25&x=a%2Fb+c&x=&y"
FRAGMENT = "L7"
THING = "019ab107-0000-7000-8000-000000000000"
DEEP = [re.sub(r"\[\w+\]", THING, route.pattern) for route in ROUTES]
OLD = [
    (alias.prefix.rstrip("/") + tail, alias.target + tail.rstrip("/"))
    for alias in aliases()
    for tail in ("/", *(() if alias.tail is Tail.NONE else ("/settings/",)))
]
GARBLED = (
    "",
    "globalThis.EXECUTION_OPS_BACKEND = 'not an address';",
    "globalThis.EXECUTION_OPS_BACKEND = 'https://api.example.org/console';",
    "<!doctype html>",
    "globalThis.EXECUTION_OPS_BACKEND = {",
)
NO_SERVER = pytest.mark.console_errors(r"WebSocket connection to", r"Failed to load resource")


@pytest.fixture(scope="module")
def apart(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console with its pages behind nginx."""
    folder = tmp_path_factory.mktemp("export")
    with exported(build, new_console(folder), folder) as console, Server(console):
        yield console


@pytest.fixture
def away(build: Path, tmp_path: Path) -> Iterator[Console]:
    """The same without its server."""
    with exported(build, new_console(tmp_path), tmp_path) as console:
        yield console


@contextmanager
def fresh(browser: Browser) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A tab of a browser without a past; what it complained of, and the sockets that it opened."""
    with profile(browser, viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        problems: list[str] = []
        sockets: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("websocket", lambda socket: sockets.append(socket.url))
        yield page, problems, sockets


def opened(page: Page, address: str) -> Response:
    """The answer for the document of a deep link; the page has its heading."""
    answer = page.goto(address)
    assert answer is not None
    expect(page.locator("h1")).not_to_be_empty()
    return answer


def test_every_page_opens_by_deep_link_and_talks_to_its_server(browser: Browser, apart: Console) -> None:
    socket = apart.url.replace("http", "ws", 1) + routes.SOCKET
    for path in DEEP:
        with fresh(browser) as (page, problems, sockets):
            assert opened(page, f"{apart.pages}{path}?{QUERY}#{FRAGMENT}").status == 200, path
            expect(page.locator(".topbar .live")).to_contain_text("Live")
            expect(page.locator("main [aria-busy=true]")).to_have_count(0)
            assert page.url.startswith(f"{apart.pages}{path}"), path
            assert page.url.endswith(f"#{FRAGMENT}"), path
            assert sockets, path
            assert all(address.startswith(socket) for address in sockets), path
            # Nothing was refused by the policy, and the page is the one that was compiled.
            assert problems == [], path


@pytest.mark.long
def test_every_old_address_leads_on_in_one_step(browser: Browser, apart: Console) -> None:
    for old, new in OLD:
        with fresh(browser) as (page, _, _):
            answer = page.goto(f"{apart.pages}{old}?{QUERY}#{FRAGMENT}", wait_until="commit")
            assert answer is not None
            assert page.url == f"{apart.pages}{new}?{QUERY}#{FRAGMENT}", old
            asked = answer.request.redirected_from
            assert asked is not None, old
            assert asked.redirected_from is None, old
            page.wait_for_load_state()


@NO_SERVER
def test_without_its_server_a_page_says_so_and_old_addresses_lead_on(page: Page, away: Console) -> None:
    for path in (routes.jobs(), routes.job(THING), routes.scanner(), routes.jobs_queues()):
        assert opened(page, f"{away.pages}{path}?{QUERY}#{FRAGMENT}").status == 200
        said = page.get_by_role("alert").filter(has_text="does not answer")
        expect(said).to_contain_text(f"The server at {away.url} does not answer.")
    for old, new in OLD:
        page.goto(f"{away.pages}{old}?{QUERY}#{FRAGMENT}", wait_until="commit")
        assert page.url == f"{away.pages}{new}?{QUERY}#{FRAGMENT}"
        page.wait_for_load_state()


def test_a_page_that_does_not_know_its_server_says_so(browser: Browser, away: Console) -> None:
    file = away.data_dir.parent / "site" / BACKEND_FILE.lstrip("/")
    for said in GARBLED:
        file.write_text(said)
        with fresh(browser) as (page, _, _):
            unknown(page, away)
    file.unlink()
    with fresh(browser) as (page, _, _):
        unknown(page, away)


def unknown(page: Page, console: Console) -> None:
    """The page says that it doesn't know its server, and is all there."""
    opened(page, f"{console.pages}{routes.jobs()}")
    expect(page.get_by_role("alert").filter(has_text=BACKEND_FILE.lstrip("/"))).to_be_visible()
    expect(page.get_by_role("link", name="Workers", exact=True).first).to_be_visible()


def test_files_come_from_the_server_and_go_to_it(page: Page, apart: Console) -> None:
    opened(page, f"{apart.pages}{routes.jobs()}")
    expect(page.locator(".topbar .live")).to_contain_text("Live")
    page.get_by_role("button", name="Export", exact=True).click()
    links = page.locator("a[download]")
    expect(links.first).to_be_visible()
    for link in links.all():
        expect(link).to_have_attribute("href", re.compile(f"^{re.escape(apart.url)}/api/"))
    with page.expect_download() as waiting:
        page.locator("a[href*='format=csv']").first.click()
    assert waiting.value.url.startswith(f"{apart.url}{routes.API}/")
    assert Path(waiting.value.path()).read_text().startswith("id,")


def test_a_kit_goes_to_the_server(page: Page, apart: Console, tmp_path: Path) -> None:
    kit = tmp_path / "kit.tar"
    kit.write_bytes(b"no kit" * 100)
    opened(page, f"{apart.pages}{routes.offline_kits()}?do=upload")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(kit)
    with page.expect_response(re.compile(routes.api_kit_upload())) as sent:
        dialog.get_by_role("button", name="Upload and verify only").click()
    assert sent.value.url.startswith(f"{apart.url}{routes.api_kit_upload()}?")
    assert sent.value.status == 201
    expect(page).to_have_url(re.compile(r"\?job="))
