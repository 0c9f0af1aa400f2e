"""The page of performance: a benchmark is run, looked at, made the baseline, run again and compared."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.axe import assert_accessible
from tests.e2e.opening import show
from tests.e2e.servers import Console

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def tree(console: Console) -> Path:
    """A small tree of the operator's own: one pass over it takes a moment."""
    folder = console.scan_root / "bench-tree"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.org/a\n\nrequire example.org/b v1.2.3\n")
    return folder


def address(console: Console, *pairs: tuple[str, str]) -> str:
    return console.url + routes.performance(pairs)


def row(page: Page, tree: Path) -> Locator:
    return page.locator("[data-row]").filter(has=page.get_by_text(str(tree), exact=True))


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile(r"bench-tree$"))


def run(page: Page, tree: Path) -> None:
    """Start a benchmark of the tree from the open dialog, and wait until it has ended."""
    dialog = page.get_by_role("dialog", name="Run a benchmark")
    dialog.get_by_label("Scenario").select_option(label="A tree of your own")
    dialog.get_by_label("Path").fill(str(tree))
    expect(dialog.get_by_role("checkbox", name="javascript")).not_to_be_checked()
    dialog.get_by_role("checkbox", name="go", exact=True).check()
    dialog.get_by_label("Iterations").fill("2")
    dialog.get_by_label("Warm-up").fill("1")
    dialog.get_by_role("button", name="Start").click()
    running = page.get_by_role("list", name="Running benchmarks")
    expect(running.get_by_role("link", name=str(tree))).to_be_visible()
    expect(running).to_have_count(0)


def test_a_benchmark_is_run_promoted_run_again_and_compared(page: Page, console: Console, tree: Path) -> None:
    show(page, address(console))
    expect(page.get_by_role("heading", name="Nothing was measured yet")).to_be_visible()
    page.get_by_role("button", name="Run the first benchmark").click()
    expect(page).to_have_url(address(console, ("run", "1")))
    run(page, tree)
    expect(page).to_have_url(address(console))

    expect(row(page, tree)).to_contain_text("no baseline yet")
    expect(row(page, tree)).to_contain_text("MB")
    row(page, tree).get_by_role("link", name=str(tree)).click()
    expect(page).to_have_url(re.compile(r"\?result=[0-9a-f-]{36}$"))
    first = page.url
    expect(drawer(page)).to_contain_text("2 of 2 measured, 1 to warm up before")
    passes = drawer(page).get_by_role("table", name="Passes").get_by_role("row")
    expect(passes).to_have_count(3)
    expect(drawer(page).locator(".hist .dot")).to_have_count(1)

    drawer(page).get_by_role("button", name="Make it the baseline").click()
    question = page.get_by_role("dialog", name=re.compile("^Make this the baseline"))
    question.get_by_label("Reason").fill("the release of today")
    question.get_by_role("button", name="Make it the baseline").click()
    expect(drawer(page)).to_contain_text("It is the baseline.")
    expect(drawer(page)).to_contain_text("the release of today")

    drawer(page).get_by_role("link", name="Measure again").click()
    expect(page).to_have_url(re.compile("run=path"))
    dialog = page.get_by_role("dialog", name="Run a benchmark")
    expect(dialog.get_by_label("Path")).to_have_value(str(tree))
    expect(dialog.get_by_role("checkbox", name="go", exact=True)).to_be_checked()
    run(page, tree)
    expect(row(page, tree)).to_contain_text(re.compile("faster|slower|the same|more memory"))
    row(page, tree).get_by_role("link", name=str(tree)).click()
    expect(page).not_to_have_url(first)
    compared = drawer(page).get_by_role("table", name="Figures and the baseline's")
    expect(compared.get_by_role("row", name=re.compile("^Mean"))).to_contain_text(re.compile("%|the same"))
    history = drawer(page).get_by_role("table", name=re.compile("^The last"))
    expect(history.get_by_role("row")).to_have_count(3)
    history.get_by_role("row").last.get_by_role("link").click()
    expect(page).to_have_url(first)
    expect(drawer(page)).to_contain_text("Later results are compared with this one.")
    page.keyboard.press("Escape")
    expect(page).to_have_url(address(console))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_its_drawer_and_its_dialog_are_accessible(page: Page, console: Console, scheme: str) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    show(page, address(console))
    assert_accessible(page)
    page.locator("[data-row-link]").first.click()
    expect(page.get_by_role("button", name=re.compile("Make it the baseline|Close"))).not_to_have_count(0)
    expect(page.locator(".hist .dot")).not_to_have_count(0)
    assert_accessible(page)
    show(page, address(console, ("run", "go_modules")))
    expect(page.get_by_role("dialog", name="Run a benchmark")).to_be_visible()
    assert_accessible(page)


def test_a_running_benchmark_is_canceled(page: Page, console: Console) -> None:
    show(page, address(console, ("run", "node_monorepo_walk")))
    dialog = page.get_by_role("dialog", name="Run a benchmark")
    dialog.get_by_label("Iterations").fill("50")
    dialog.get_by_role("button", name="Start").click()
    running = page.get_by_role("list", name="Running benchmarks")
    running.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel the benchmark of Node monorepo?")
    question.get_by_label("Reason").fill("not now")
    question.get_by_role("button", name="Cancel", exact=True).click()
    expect(running).to_have_count(0)


def test_addresses_filters_and_exports(page: Page, console: Console, tree: Path) -> None:
    show(page, address(console, ("state", "breach"), ("analyzer", "rust")))
    expect(page.get_by_role("heading", name=re.compile("filters hide"))).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(row(page, tree)).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON, for programs").click()
    (item,) = json.loads(download.value.path().read_text())["items"]
    assert (item["scenario"], item["sample_count"]) == (f"path:{tree}", 2)
    show(page, address(console, ("state", "fine")))
    expect(page.get_by_role("heading", name="This address shows no results")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, address(console))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(row(page, tree)).to_be_visible()
