"""The page of analyzers: Syft is asked, self-tests pass and fail, defaults are drafted and saved, the cache is cleared.

The console's Syft is the real one behind a program that keeps what the Go analyzer finds to itself.
"""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from execution_ops.routes import Rest
from execution_ops.settings import PREFIX
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.fleet import await_job
from tests.e2e.servers import Console, await_condition, complete, new_console

pytestmark = pytest.mark.long

DEAF = """#!/bin/sh
case "$*" in
  *scan*go-module-file-cataloger*)
    echo '{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}}' ;;
  *) exec {syft} "$@" ;;
esac
"""


@pytest.fixture(scope="module")
def lab(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console whose Syft does not say what it finds of Go."""
    folder = tmp_path_factory.mktemp("lab")
    console = new_console(folder)
    real = shutil.which("syft", path=f"{Path(sys.executable).parent}")
    assert real is not None
    deaf = folder / "deaf-syft"
    deaf.write_text(DEAF.format(syft=real), encoding="utf-8")
    deaf.chmod(0o755)
    console.environment[f"{PREFIX}SYFT"] = str(deaf)
    with complete(console):
        yield console


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.analyzers(pairs))


def row(page: Page, name: str) -> Locator:
    """The row of an analyzer."""
    return page.locator(f'[data-row="{name}"]')


def cell(page: Page, name: str, label: str) -> Locator:
    """One figure of a row."""
    return row(page, name).locator(f'td[data-label="{label}"]')


def know_syft(console: Console) -> None:
    """Let Syft be asked, if it was not."""
    if httpx.get(f"{console.url}{Rest.ANALYZERS}").json()["analyzers"]:
        return
    started = httpx.post(f"{console.url}{Rest.ANALYZERS_REFRESH}").json()
    await_job(console, started["job_id"], JobState.SUCCEEDED)


def scan(console: Console, path: Path) -> dict[str, Any]:
    """Scan to the end; the jobs by their key."""
    started = httpx.post(f"{console.url}{Rest.SCANS}", json={"path": str(path)}).json()
    await_job(console, started["job_ids"]["export"], JobState.SUCCEEDED)
    items = httpx.get(f"{console.url}{routes.api_jobs([('dag', started['dag_id'])])}").json()["items"]
    return {item["node_key"]: item for item in items}


def archive(console: Console, name: str) -> Path:
    """An archive with something for the analyzers go and python."""
    path = console.scan_root / name
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("go.mod", f"module example.org/{name}\n")
        made.writestr("requirements.txt", "click==8.1.7\n")
    return path


def test_syft_is_asked_and_self_tests_lead_to_their_jobs(page: Page, lab: Console) -> None:
    show(page, lab)
    expect(page.get_by_role("heading", name="Syft was never asked what it offers")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Refresh").click()
    expect(row(page, "python")).to_be_visible()
    expect(cell(page, "python", "Health")).to_contain_text("not tried yet")
    expect(cell(page, "binaries", "Verbs").get_by_role("button")).to_have_attribute("aria-disabled", "true")

    cell(page, "python", "Verbs").get_by_role("button", name="Test").click()
    expect(cell(page, "python", "Self-test")).to_contain_text("passed")
    expect(cell(page, "python", "Health")).to_contain_text("healthy")
    row(page, "python").get_by_role("link", name="python").click()
    expect(page).to_have_url(lab.url + routes.analyzer("python"))
    drawer = page.get_by_role("dialog", name="python")
    expect(drawer).to_contain_text("Found all 3 expected components, and nothing else.")
    expect(drawer).to_contain_text("pkg:pypi/click@8.1.7")
    page.keyboard.press("Escape")
    expect(page).to_have_url(lab.url + routes.analyzers())

    cell(page, "go", "Verbs").get_by_role("button", name="Test").click()
    failed = cell(page, "go", "Self-test").get_by_role("link")
    expect(failed).to_contain_text("failed")
    expect(cell(page, "go", "Health")).to_contain_text("missing: pkg:golang/")
    failed.click()
    expect(page).to_have_url(re.compile(re.escape(lab.url + routes.job(""))))
    expect(page.get_by_text("The self-test of go with Syft").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(lab.url + routes.analyzers())


def test_the_defaults_are_drafted_saved_and_hold_for_the_next_scan(page: Page, lab: Console) -> None:
    know_syft(lab)
    show(page, lab)
    page.get_by_role("link", name="Change").click()
    editor = page.get_by_role("dialog", name="Default analyzers")
    expect(editor.get_by_role("button", name="Save the next version")).to_have_attribute("aria-disabled", "true")
    editor.get_by_role("checkbox", name=re.compile("^python")).click()
    expect(page).to_have_url(re.compile("without=python"))
    expect(editor).to_contain_text("scans started afterwards leave it out")
    page.reload()
    expect(editor.get_by_role("checkbox", name=re.compile("^python"))).not_to_be_checked()
    editor.get_by_role("button", name="Save the next version").click()
    question = page.get_by_role("dialog", name=re.compile("^Save version 1"))
    question.get_by_label("Reason").fill("no Python here")
    question.get_by_role("button", name="Save version 1").click()
    expect(page).to_have_url(lab.url + routes.analyzers())
    expect(page.get_by_text("Scans run all analyzers but")).to_contain_text("python")
    expect(row(page, "python")).to_contain_text("left out")

    jobs = scan(lab, archive(lab, "without.zip"))
    assert "catalog:go" in jobs
    assert "catalog:python" not in jobs
    expect(cell(page, "go", "Success")).to_contain_text("100 %")
    opening.show(page, lab.url + routes.job(jobs["inspect"]["id"]))
    expect(page.get_by_text("Left out by version 1 of the defaults: python").first).to_be_visible()


def test_the_defaults_are_rolled_back_after_their_difference_was_shown(page: Page, lab: Console) -> None:
    know_syft(lab)
    address, headers = f"{lab.url}{Rest.ANALYZERS_DEFAULTS}", {"X-Stella-Operator-Reason": "a test"}
    for names in (["lua"], ["ruby"]):
        httpx.put(address, json={"disabled": names}, headers=headers)
    show(page, lab)
    page.get_by_role("link", name="Change").click()
    editor = page.get_by_role("dialog", name="Default analyzers")
    earlier = editor.locator(".vers li").filter(has_text="without lua")
    earlier.get_by_role("button", name="Roll back").click()
    question = page.get_by_role("dialog", name=re.compile(r"^Roll back to version \d+ of the default analyzers"))
    expect(question).to_contain_text("scans started afterwards leave it out")
    expect(question).to_contain_text("ruby")
    question.get_by_label("Reason").fill("Ruby is back")
    question.get_by_role("button", name=re.compile("^Roll back to version")).click()
    expect(page).to_have_url(lab.url + routes.analyzers())
    expect(page.get_by_text("Scans run all analyzers but")).to_contain_text("lua")
    expect(row(page, "ruby")).not_to_contain_text("left out")


def test_the_cache_is_used_and_cleared(page: Page, lab: Console) -> None:
    know_syft(lab)
    path = archive(lab, "twice.zip")
    scan(lab, path)
    again = scan(lab, path)
    result = httpx.get(f"{lab.url}{routes.api_job(again['catalog:go']['id'], 'result')}").json()
    assert result["cached"]

    show(page, lab)
    page.get_by_role("link", name="Clear…").click()
    drawer = page.get_by_role("dialog", name="Clear the cache")
    drawer.get_by_label("Found by").select_option("go")
    drawer.get_by_role("button", name="Show what that drops").click()
    expect(page).to_have_url(re.compile("of=go"))
    expect(drawer).to_contain_text("What go found")
    before = httpx.get(f"{lab.url}{Rest.CACHE}").json()["figures"]["by_analyzer"]["go"]
    drawer.get_by_role("button", name="Clear these").click()
    question = page.get_by_role("dialog", name=re.compile(f"^Clear {before} "))
    question.get_by_label("Reason").fill("to look anew")
    question.get_by_role("button", name=re.compile("^Clear")).click()
    expect(page).to_have_url(lab.url + routes.analyzers())

    def gone() -> bool:
        return "go" not in httpx.get(f"{lab.url}{Rest.CACHE}").json()["figures"]["by_analyzer"]

    await_condition(gone, "The entries of go were not cleared.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_and_its_drawers_are_accessible(page: Page, lab: Console, theme: Any) -> None:
    know_syft(lab)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for pairs in ([], [("analyzer", "go")], [("edit", "1"), ("seen", "0"), ("without", "lua")], [("clear", "1")]):
        show(page, lab, *pairs)
        if pairs:
            expect(page.get_by_role("dialog")).to_be_visible()
        assert_accessible(page)


def test_a_phone_shows_every_control(page: Page, lab: Console) -> None:
    know_syft(lab)
    page.set_viewport_size({"width": 390, "height": 844})
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for pairs in ([], [("analyzer", "go")], [("edit", "1"), ("seen", "0")], [("clear", "1")]):
        show(page, lab, *pairs)
        assert page.evaluate(sideways) == 0
    show(page, lab)
    row(page, "go").get_by_role("checkbox", name="Show all figures").click()
    expect(row(page, "go").get_by_role("button", name="Test")).to_be_visible()
    show(page, lab, ("older", "never"))
    expect(page.get_by_role("alert")).to_contain_text("A number in this address")
