"""Analyzers, performance and settings that the pictures show (`tests/shots.py`), with their drawers and dialogs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from execution_ops.routes import Rest
from tests.e2e.fleet import await_job
from tests.e2e.servers import Console
from tests.shots import Picture
from tests.trust_keys import ed25519_pem

WHY = {"X-Stella-Operator-Reason": "nothing of ours is written in it, and it doubles the time"}


def scanner(console: Console) -> Iterator[Picture]:
    """Let analyzers, benchmarks and checks run, save some versions, and name what to look at."""
    _work(console)
    yield from _analyzers(console)
    yield from _settings(console)
    yield from _performance(console)


def _analyzers(console: Console) -> Iterator[Picture]:
    yield Picture("analyzers", routes.analyzers())
    yield Picture("analyzers-drawer", routes.analyzer("go"))
    draft = [("edit", "1"), ("seen", "2"), ("without", "lua"), ("without", "prolog")]
    yield Picture("analyzers-draft", routes.analyzers(draft))
    yield Picture("analyzers-rollback", routes.analyzers(draft), _ask("Roll back"))
    yield Picture("analyzers-cache", routes.analyzers([("clear", "1"), ("of", "go")]))


def _settings(console: Console) -> Iterator[Picture]:
    yield Picture("settings", routes.scanner_settings())
    yield Picture("settings-review", routes.scanner_settings(), _draft)
    for part in ("trust", "checks", "history"):
        yield Picture(f"settings-{part}", routes.scanner_settings([("part", part)]))
    yield Picture("settings-key", routes.scanner_settings([("part", "trust"), ("ask", "key")]), _paste)
    yield Picture("settings-check", routes.scanner_settings([("part", "checks"), ("ask", "check")]))
    version = routes.scanner_settings([("part", "history"), ("version", "1")])
    yield Picture("settings-version", version)
    yield Picture("settings-rollback", version, _ask("Roll back"))


def _performance(console: Console) -> Iterator[Picture]:
    yield Picture("performance", routes.performance())
    (newest, *_) = httpx.get(f"{console.url}{Rest.BENCHMARKS}").json()["items"]
    yield Picture("performance-drawer", routes.performance([("result", newest["result"]["id"])]))
    yield Picture("performance-run", routes.performance([("run", "go_modules")]))


def _ask(verb: str) -> Callable[[Page], None]:
    def opener(page: Page) -> None:
        page.get_by_role("dialog").get_by_role("button", name=verb).first.click()
        expect(page.get_by_role("dialog", name=re.compile(f"^{verb}"))).to_be_visible()

    return opener


def _draft(page: Page) -> None:
    page.get_by_label("Lifetime of an entry").fill("3")
    page.get_by_label("Inspection").fill("7200")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("dialog", name=re.compile("^Save"))).to_be_visible()


def _paste(page: Page) -> None:
    page.get_by_label("Public key, PEM").fill(ed25519_pem())
    expect(page.locator(".key-facts dd").first).to_be_visible()


def _work(console: Console) -> None:
    source = console.scan_root / "checkout"
    source.mkdir()
    (source / "go.mod").write_text("module example.org/checkout\n\nrequire example.org/cart v1.2.3\n")
    packed = _archive(console.scan_root / "checkout.zip")
    _post(console, Rest.ANALYZERS_REFRESH, "job_id")
    _post(console, Rest.ANALYZER_TEST.format(analyzer="go"), "go")
    for _ in range(2):
        _post(console, Rest.SCANS, "export", {"path": str(packed)})
    _post(console, Rest.DETERMINISM_CHECKS, "determinism", {"path": str(source)})
    for _ in range(2):
        order = {"scenario": "go_modules", "iterations": 3, "warm_up": 1}
        _post(console, Rest.BENCHMARKS, "bench", order)
    for names in (["haskell"], ["haskell", "lua"]):
        _put(console, Rest.ANALYZERS_DEFAULTS, {"disabled": names})
    settings = httpx.get(f"{console.url}{Rest.SCANNER_SETTINGS}").json()["settings"]
    settings.pop("trust")
    for seen, days in enumerate((14, 7)):
        settings["cache"]["ttl_days"], settings["timeouts"]["inspect_s"] = days, 60 * days
        _put(console, Rest.SCANNER_SETTINGS, {"settings": settings, "seen": seen})
    for name in ("release", "release of last year"):
        key = {"pem": ed25519_pem(), "name": name, "use": "kit"}
        httpx.post(f"{console.url}{Rest.SCANNER_SETTINGS_TRUST}", json=key, headers=WHY).raise_for_status()


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("go.mod", "module example.org/checkout\n\nrequire example.org/cart v1.2.3\n")
        made.writestr("requirements.txt", "click==8.1.7\n")
    return path


def _post(console: Console, address: str, key: str, body: dict[str, Any] | None = None) -> None:
    """Start jobs and wait until the one with the key has succeeded."""
    answer = httpx.post(f"{console.url}{address}", json=body)
    answer.raise_for_status()
    started = answer.json()
    await_job(console, started.get("job_id") or started["job_ids"][key], JobState.SUCCEEDED)


def _put(console: Console, address: str, body: dict[str, Any]) -> None:
    httpx.put(f"{console.url}{address}", json=body, headers=WHY).raise_for_status()
