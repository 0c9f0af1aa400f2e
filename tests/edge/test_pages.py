"""`_redirects` and `_headers`, read as Cloudflare documents them, before the files of the export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from execution_ops import routes
from execution_ops.edge.pages import DYNAMIC_MAX, LINE_MAX
from execution_ops.edge.rules import BACKEND_FILE
from execution_ops.static_site import FALLBACK, IMMUTABLE, SECURITY_HEADERS, policy
from tests.edge import cases
from tests.edge.conftest import BACKEND


@dataclass(frozen=True)
class Rule:
    """One line of `_redirects`."""

    source: str
    target: str
    status: int

    @property
    def dynamic(self) -> bool:
        """Whether it has a splat or a placeholder, of which there may be fewer."""
        return "*" in self.source or ":" in self.source

    def apply(self, path: str) -> str | None:
        """Where a path leads, None if it is not meant."""
        pattern = re.escape(self.source).replace(r"\*", "(?P<splat>.*)")
        found = re.fullmatch(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", pattern), path)
        if found is None:
            return None
        return re.sub(r":(\w+)", lambda name: found[name[1]], self.target)


class Host:
    """A host of files that follows the rules: the first that fits, fixed ones before others, then the files."""

    def __init__(self, site: Path) -> None:
        self._site = site
        lines = (site / "_redirects").read_text().splitlines()
        self.rules = [Rule(*line.split()[:2], int(line.split()[2])) for line in lines if line and line[0] != "#"]

    def answer(self, target: str) -> tuple[int, str | None]:
        """The status with the location, or with the file."""
        path, mark, query = target.partition("?")
        for rule in self.rules:
            leads = rule.apply(path)
            if leads is not None:
                return (
                    (rule.status, self._file(leads))
                    if rule.status == 200
                    else (308, leads + mark * bool(query) + query)
                )
        file = self._file(path)
        return (200, file) if file else (404, FALLBACK)

    def _file(self, path: str) -> str | None:
        # A path that ends in .html is led to the one without.
        names = [f"{path}index.html"] if path.endswith("/") else [path, f"{path}.html", f"{path}/index.html"]
        return next((name for name in names if (self._site / name.lstrip("/")).is_file()), None)


@pytest.fixture
def host(site: Path) -> Host:
    """The export on such a host."""
    return Host(site)


def test_there_are_no_more_rules_than_the_platform_takes_and_fixed_ones_come_first(host: Host) -> None:
    dynamic = [rule.dynamic for rule in host.rules]
    assert dynamic == sorted(dynamic)
    assert sum(dynamic) <= DYNAMIC_MAX
    assert all(len(f"{rule.source} {rule.target} {rule.status}") < 1000 for rule in host.rules)


def test_every_page_answers_with_its_own_file(host: Host, site: Path) -> None:
    for case in cases.pages():
        status, file = host.answer(case.target)
        assert status == 200, case
        assert file is not None
        assert case.file is not None
        assert (site / file.lstrip("/")).read_bytes() == (site / case.file.lstrip("/")).read_bytes(), case


def test_old_addresses_lead_on_as_far_as_the_platform_can(host: Host) -> None:
    for case in cases.old_addresses():
        status, leads = host.answer(case.target)
        if case.status == 404 or case.odd or "//" in case.path:
            # These may lead on or not: never to another host, though.
            assert status == 404 or re.match(r"/ops/", str(leads)), case
            continue
        assert status == 308, case
        assert leads is not None
        assert case.location is not None
        path, mark, query = leads.partition("?")
        # As its README says: a slash at the end stays.
        assert path.rstrip("/") + mark + query == case.location, case
        assert leads.startswith("/ops/"), case


def test_unknown_addresses_answer_404_with_the_page_that_says_so(host: Host) -> None:
    platform_own = (".html", ".gz", "/_edge/nginx.conf", "/_redirects", "/_headers")
    for case in cases.unknown():
        if not case.target.endswith(platform_own):
            assert host.answer(case.target) == (404, FALLBACK), case


def test_one_policy_guards_every_page(site: Path) -> None:
    lines = (site / "_headers").read_text().splitlines()
    assert all(len(line) <= LINE_MAX for line in lines)
    blocks: dict[str, dict[str, str]] = {}
    address = ""
    for line in lines:
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            blocks[address][name] = value
        elif not line.startswith("#"):
            address = line
            blocks[address] = {}
    common = blocks["/*"]
    assert common.items() >= SECURITY_HEADERS.items()
    allowed = set(re.split(r";? ", common["Content-Security-Policy"]))
    for file in (FALLBACK, f"{routes.jobs()}.html", f"{routes.scanner()}.html"):
        html = (site / file.lstrip("/")).read_text()
        assert set(re.split(r";? ", policy(html, [BACKEND, "ws://127.0.0.1:8420"]))) <= allowed, file
    assert blocks["/assets/*"] == {"Cache-Control": IMMUTABLE}
    assert blocks[BACKEND_FILE] == {"Cache-Control": "no-store"}
