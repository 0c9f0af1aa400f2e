"""nginx and Caddy on an export, and our own server: the same answers to the same table of addresses."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from execution_ops import routes
from execution_ops.edge.export import with_backend
from execution_ops.edge.rules import BACKEND_FILE
from execution_ops.static_site import FALLBACK, IMMUTABLE, SECURITY_HEADERS, TWINS, StaticSite, policy
from tests.edge import cases
from tests.edge.asking import Reply, ask
from tests.edge.conftest import BACKEND
from tests.edge.own_server import serving

SERVERS = ("nginx", "caddy", "own")


@pytest.fixture(scope="module")
def own(build: Path) -> Iterator[str]:
    """The origin of our own server of the build, which is no export: it knows its backend by itself."""
    with serving(StaticSite(build)) as origin:
        yield origin


@pytest.fixture(params=SERVERS)
def origin(request: pytest.FixtureRequest) -> str:
    """The origin of each server in turn."""
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def server(origin: str, request: pytest.FixtureRequest) -> str:
    """The name of the server."""
    name: str = request.node.callspec.params["origin"]
    return name


def content(build: Path, file: str, server: str) -> bytes:
    """What the server has to give for a file of the build."""
    raw = (build / file.lstrip("/")).read_bytes()
    return with_backend(raw.decode()).encode() if file.endswith(".html") and server != "own" else raw


def assert_answers(case: cases.Case, reply: Reply, build: Path, server: str) -> None:
    location = reply.headers["location"]
    if server == "nginx" and case.odd and case.status == 308:
        # As its README says: the page, which leads on in the browser, where such paths are spelled otherwise.
        assert (reply.status, location) == (404, None), case
        return
    assert (reply.status, location) == (case.status, case.location), case
    if case.file is not None:
        assert reply.body == content(build, case.file, server), case
    elif case.status == 404:
        assert b"<html" not in reply.body, case


def test_every_page_answers_with_its_own_file(origin: str, server: str, build: Path) -> None:
    tried = list(cases.pages())
    for case in tried:
        reply = ask(origin, case.target)
        assert_answers(case, reply, build, server)
        assert reply.headers["content-type"].lower() == "text/html; charset=utf-8"
    assert len(tried) >= 80


def test_every_old_address_leads_on_with_its_tail_and_query(origin: str, server: str, build: Path) -> None:
    tried = list(cases.old_addresses())
    for case in tried:
        reply = ask(origin, case.target)
        assert_answers(case, reply, build, server)
        if reply.status == 308:
            assert reply.headers["cache-control"] == "no-cache", case
            # Of this origin whatever the address was: a path, and one that no browser reads as a host.
            assert re.match(r"/[^/\\]", str(reply.headers["location"])), case
    assert len(tried) >= 120


def test_unknown_addresses_answer_404_with_the_page_that_says_so(origin: str, server: str, build: Path) -> None:
    for case in cases.unknown():
        assert_answers(case, ask(origin, case.target), build, server)


def test_what_a_program_misses_is_no_page(origin: str) -> None:
    for accept in ("image/png", "*/*"):
        reply = ask(origin, "/img/nothing.png", {"Accept": accept})
        assert (reply.status, b"<html" in reply.body) == (404, False)


def test_files_come_as_they_are(origin: str, server: str, build: Path) -> None:
    for case in cases.files(build):
        reply = ask(origin, case.target)
        assert_answers(case, reply, build, server)
        hashed = case.target.startswith("/assets/")
        assert reply.headers["cache-control"] == (IMMUTABLE if hashed else "no-cache"), case
    kinds = {ask(origin, case.target).headers["content-type"].lower() for case in cases.files(build)}
    assert {kind.partition(";")[0] for kind in kinds} == {"text/javascript", "text/css", "font/woff2", "image/svg+xml"}


def test_what_never_changes_is_kept_and_nothing_else(origin: str, build: Path) -> None:
    for target in (routes.jobs(), routes.job("7"), "/nowhere", "/assets/nothing-12345678.js", "/ops/jobengine"):
        assert ask(origin, target).headers["cache-control"] == "no-cache", target
    # Revalidation costs no body.
    first = ask(origin, routes.jobs())
    again = ask(origin, routes.jobs(), {"If-None-Match": str(first.headers["etag"])})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("encoding", TWINS)
def test_what_is_compressed_comes_compressed(origin: str, server: str, build: Path, encoding: str) -> None:
    script = next(case.target for case in cases.files(build))
    decode = {"br": brotli.decompress, "gzip": gzip.decompress}[encoding]
    for target, file, status in (
        (script, script, 200),
        (routes.jobs(), f"{routes.jobs()}.html", 200),
        (routes.job("7"), FALLBACK, 200),
        ("/nowhere", FALLBACK, 404),
    ):
        reply = ask(origin, target, {"Accept-Encoding": encoding})
        assert (reply.status, reply.headers["content-encoding"]) == (status, encoding), target
        assert "accept-encoding" in str(reply.headers["vary"]).lower()
        assert decode(reply.body) == content(build, file, server)
    assert ask(origin, script).headers["content-encoding"] is None
    best = ask(origin, script, {"Accept-Encoding": "gzip, br"})
    assert best.headers["content-encoding"] == "br"


@pytest.mark.parametrize("server_name", SERVERS[:2])
def test_every_answer_is_guarded(server_name: str, request: pytest.FixtureRequest, build: Path) -> None:
    origin = request.getfixturevalue(server_name)
    for target, file in (
        (routes.jobs(), f"{routes.jobs()}.html"),
        (routes.job("7"), FALLBACK),
        ("/nowhere", FALLBACK),
        ("/favicon.svg", None),
        ("/assets/nothing.js", None),
    ):
        headers = ask(origin, target).headers
        for name, value in SECURITY_HEADERS.items():
            assert headers.get_all(name) == [value], (target, name)
        expected = (
            policy(content(build, file, server_name).decode(), [BACKEND, "ws://127.0.0.1:8420"]) if file else None
        )
        assert headers["content-security-policy"] == expected, target
        assert "nginx/" not in str(headers["server"])


def test_only_reading_is_possible(origin: str) -> None:
    for target in (routes.jobs(), "/ops/jobengine", "/favicon.svg"):
        for method in ("POST", "DELETE", "OPTIONS"):
            assert ask(origin, target, {"Content-Length": "0"}, method).status == 405, (target, method)
        head = ask(origin, target, method="HEAD")
        assert head.status in (200, 308)
        assert head.body == b""


@pytest.mark.parametrize("server_name", SERVERS[:2])
def test_the_address_of_the_server_is_asked_for_each_time(server_name: str, request: pytest.FixtureRequest) -> None:
    reply = ask(request.getfixturevalue(server_name), BACKEND_FILE)
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert f'globalThis.EXECUTION_OPS_BACKEND = "{BACKEND}";' in reply.body.decode()
    assert reply.headers["content-type"].lower().startswith("text/javascript")
