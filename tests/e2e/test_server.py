"""The production server against who should not reach it, and what it tells caches and browsers."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from execution_ops import routes
from tests.e2e.servers import Console

SOCKET = f"{routes.SOCKET}/?EIO=4&transport=websocket&token=7d1a4b7e-0b8e-4a52-a7c4-8a2f0b0a9a11"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def ask(console: Console, target: str, *headers: str, host: str | None = "") -> tuple[int, str]:
    """Send a request exactly as written; the status and the whole answer (a socket: its handshake)."""
    netloc = urlsplit(console.url).netloc
    lines = [f"GET {target} HTTP/1.1", *([] if host is None else [f"Host: {host or netloc}"]), *headers]
    if headers[: len(UPGRADE)] != UPGRADE:
        lines.append("Connection: close")
    with socket.create_connection((urlsplit(console.url).hostname, urlsplit(console.url).port), timeout=10) as wire:
        wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"101 Switching" not in answer and (part := wire.recv(65536)):
            answer += part
    return int(answer.split()[1]), answer.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "localhost@evil.example",
        "[::2]",
        "[",
        "0.0.0.0",
    ],
)
@pytest.mark.parametrize("target", [routes.HEALTH, routes.jobengine(), routes.api_jobs(), SOCKET])
def test_another_host_name_is_refused(web: Console, host: str, target: str) -> None:
    headers = UPGRADE if target is SOCKET else ()
    status, _ = ask(web, target, *headers, host=host)
    assert status in (400, 403, 421)


def test_two_host_names_are_refused(web: Console) -> None:
    assert ask(web, routes.jobengine(), "Host: evil.example")[0] in (400, 421)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1", "null", "http://localhost:1", "file://"]
)
def test_the_socket_refuses_another_origin(web: Console, origin: str) -> None:
    assert ask(web, SOCKET, *UPGRADE, f"Origin: {origin}")[0] == 403


def test_the_socket_refuses_one_good_and_one_foreign_origin(web: Console) -> None:
    assert ask(web, SOCKET, *UPGRADE, f"Origin: {web.url}", "Origin: http://evil.example")[0] in (400, 403)


def test_the_socket_opens_for_our_own_pages(web: Console) -> None:
    assert ask(web, SOCKET, *UPGRADE, f"Origin: {web.url}")[0] == 101


@pytest.mark.parametrize("target", ["/_upload/x", "/_health", "/ping", "/_all_routes", f"{routes.API}x", "/sio"])
def test_no_other_socket_or_endpoint_of_the_framework_is_open(web: Console, target: str) -> None:
    assert ask(web, target, *UPGRADE, f"Origin: {web.url}")[0] == 403
    assert ask(web, target)[0] == 404
    assert httpx.post(f"{web.url}{target}", files={"files": b"x"}).status_code in (404, 405)


@pytest.mark.parametrize(
    "target",
    [
        "/../pyproject.toml",
        "/assets/../../../../pyproject.toml",
        "/assets/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
        "/..%2f..%2f..%2fpyproject.toml",
        "/..%5c..%5cpyproject.toml",
        "/assets//etc/passwd",
        "//etc/passwd",
        "/%00",
        "/404.html",
        "/index.html.gz",
        "/.gitkeep/..",
    ],
)
def test_no_path_leads_out_of_the_build(web: Console, target: str) -> None:
    status, answer = ask(web, target)
    assert status in (400, 404)
    assert "execution-ops" not in answer
    assert "root:" not in answer


def test_hashed_files_are_cached_for_good_and_compressed_and_pages_are_not(web: Console) -> None:
    html = httpx.get(f"{web.url}{routes.jobengine()}", headers={"Accept": "text/html"})
    assert html.status_code == 200
    assert html.headers["cache-control"] == "no-cache"
    script = html.text.split('rel="modulepreload" href="')[1].split('"')[0]
    file = httpx.get(f"{web.url}{script}", headers={"Accept-Encoding": "gzip"})
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["content-encoding"] == "gzip"
    assert file.headers["vary"] == "Accept-Encoding"
    smaller = httpx.get(f"{web.url}{script}", headers={"Accept-Encoding": "gzip, br"})
    assert (smaller.headers["content-encoding"], smaller.content) == ("br", file.content)
    plain = httpx.get(f"{web.url}{script}", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert plain.content == file.content
    again = httpx.get(f"{web.url}{routes.jobengine()}", headers={"If-None-Match": html.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("target", [routes.jobengine(), "/nope", routes.HEALTH, "/assets/nope.js", "/"])
def test_every_answer_carries_the_security_headers(web: Console, target: str) -> None:
    headers = httpx.get(f"{web.url}{target}", headers={"Accept": "text/html"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "server" not in headers


def test_pages_run_only_our_scripts(web: Console) -> None:
    answer = httpx.get(f"{web.url}{routes.jobengine()}", headers={"Accept": "text/html"})
    rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "*" not in answer.headers["content-security-policy"]
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"


@pytest.mark.console_errors(r"Content Security Policy")
def test_no_inline_script_can_be_added_to_a_page(web: Console, page: Page) -> None:
    page.goto(f"{web.url}{routes.jobengine()}")
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.injected = true";
            document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.injected") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_pages_are_only_read(web: Console, method: str) -> None:
    assert httpx.request(method, f"{web.url}{routes.jobengine()}").status_code == 405


def test_a_page_needs_no_trailing_slash_and_minds_none(web: Console) -> None:
    for address in (routes.jobengine(), f"{routes.jobengine()}/"):
        answer = httpx.get(f"{web.url}{address}", headers={"Accept": "text/html"})
        assert answer.status_code == 200


def test_the_console_opens_without_an_error_and_its_socket_connects(web: Console, page: Page) -> None:
    with page.expect_websocket() as opened:
        page.goto(f"{web.url}/")
    assert urlsplit(opened.value.url).netloc == urlsplit(web.url).netloc
    page.wait_for_url(f"{web.url}{routes.home()}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
