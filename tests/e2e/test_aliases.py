"""Old addresses in a real browser: with the server, and from a host of files without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.routes import Alias, Tail, aliases
from tests.e2e.servers import Console, static_host

QUERY = "state=failed&state=timed_out&empty=&path=a%2Fb+c&state=failed"
# An address that no page has answers 404, which Chromium reports as an error of the document.
NOT_FOUND = pytest.mark.console_errors(r"status of 404 .*\(http://127\.0\.0\.1")
NO_SERVER = pytest.mark.console_errors(r"status of 404 .*\(http://127\.0\.0\.1", r"WebSocket connection to")


@pytest.fixture(scope="module")
def files(build: Path) -> Iterator[str]:
    """The origin of a host of files that has the build and nothing else."""
    with static_host(build) as origin:
        yield origin


def variants(alias: Alias) -> list[tuple[str, str]]:
    """Old addresses of one alias and where each must lead."""
    old, new = alias.prefix.rstrip("/"), alias.target
    found = [
        (old or "/", new),
        (f"{old}/", new),
        (f"{old or '/'}?{QUERY}", f"{new}?{QUERY}"),
        (f"{old or '/'}#L120", f"{new}#L120"),
        (f"{old}/?{QUERY}#L120", f"{new}?{QUERY}#L120"),
    ]
    if alias.tail is not Tail.NONE:
        found += [
            (f"{old}/tail", f"{new}/tail"),
            (f"{old}/a%2Fb/?{QUERY}#L120", f"{new}/a%2Fb?{QUERY}#L120"),
            (f"{old}//evil.example", f"{new}/evil.example"),
            (f"{old}/%5Cevil.example", f"{new}/%5Cevil.example"),
            (f"{old}?next=//evil.example", f"{new}?next=//evil.example"),
        ]
    if alias.tail is Tail.ANY:
        found.append((f"{old}/deep/tail/?{QUERY}", f"{new}/deep/tail?{QUERY}"))
    return found


@NOT_FOUND
@pytest.mark.parametrize("alias", aliases(), ids=lambda alias: alias.prefix)
def test_the_server_forwards_old_addresses(web: Console, page: Page, alias: Alias) -> None:
    for old, new in variants(alias):
        page.goto(f"{web.url}{old}", wait_until="commit")
        assert page.url == f"{web.url}{new}", old
    # A profile that is closed in the middle of a navigation can keep Chromium from ever answering.
    page.wait_for_load_state()


@NO_SERVER
@pytest.mark.parametrize("alias", aliases(), ids=lambda alias: alias.prefix)
def test_the_frontend_forwards_old_addresses_without_a_server(files: str, page: Page, alias: Alias) -> None:
    for old, new in variants(alias):
        page.goto(f"{files}{old}", wait_until="commit")
        page.wait_for_url(f"{files}{new}", wait_until="commit")
    page.wait_for_load_state()


@NO_SERVER
@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/ops/jobengine",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/ops/jobengine/..//evil.example",
        "/ops/jobengine/%2e%2e/%2e%2e//evil.example",
    ],
)
@pytest.mark.parametrize("host", ["server", "files"])
def test_no_address_leaves_the_origin(web: Console, files: str, page: Page, path: str, host: str) -> None:
    origin = web.url if host == "server" else files
    answer = page.goto(f"{origin}{path}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.startswith(f"{origin}/")


@NO_SERVER
@pytest.mark.parametrize("host", ["server", "files"])
def test_back_is_not_trapped(web: Console, files: str, page: Page, host: str) -> None:
    origin = web.url if host == "server" else files
    page.goto(f"{origin}/before")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{origin}/ops/jobengine/jobs", wait_until="commit")
    page.wait_for_url(f"{origin}{routes.jobs()}", wait_until="commit")
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    page.go_back()
    page.wait_for_url(f"{origin}/before")


@NOT_FOUND
def test_an_unknown_address_is_named_and_answers_404(web: Console, page: Page) -> None:
    answer = page.goto(f"{web.url}/ops/operations/jobengine/jobz?x=1")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("main")).to_contain_text("/ops/operations/jobengine/jobz")
    nearest = page.get_by_role("main").get_by_role("link", name="Jobs", exact=True)
    expect(nearest).to_have_attribute("href", routes.jobs())


def test_the_server_says_308_once_and_not_for_good(web: Console) -> None:
    answer = httpx.get(f"{web.url}/platform-ops/jobengine/jobs/?{QUERY}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{routes.jobs()}?{QUERY}"
    assert answer.headers["cache-control"] == "no-cache"
