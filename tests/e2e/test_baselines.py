"""Baselines in the browser: a scan is saved and promoted, the next one says what changed, both are compared, the second
is promoted and rolled back."""

from __future__ import annotations

import csv
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.settings import Settings
from tests.baselines import keep
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console
from tests.e2e.test_scan_journey import open_job, scan_button, start

pytestmark = pytest.mark.long

_sources = count(1)


@pytest.fixture
def source(console: Console) -> Path:
    """A directory of its own with one Python package in it."""
    folder = console.scan_root / f"baselines-{next(_sources)}"
    folder.mkdir()
    requires(folder, "requests==2.32.3")
    return folder


def requires(folder: Path, *lines: str) -> None:
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))


def scan(page: Page, console: Console, source: Path) -> None:
    """Scan it from the page of baselines, and wait in its graph until all is done."""
    opening.show(page, console.url + routes.baselines())
    scan_button(page).click()
    dialog = page.get_by_role("dialog", name="Scan a directory")
    dialog.get_by_label("Directory, archive or image tarball").fill(str(source))
    start(dialog).click()
    expect(page.get_by_text("All succeeded.")).to_be_visible()


def save(page: Page, label: str) -> str:
    """Save the result on the page of a job; the id of the baseline, which is open then."""
    page.get_by_role("button", name="Save as candidate").click()
    dialog = page.get_by_role("dialog", name="Save the result of this scan?")
    dialog.get_by_label("Label").fill(label)
    dialog.get_by_role("button", name="Save as candidate").click()
    note = page.get_by_text("This result is kept as the baseline")
    expect(note).to_be_visible()
    note.get_by_role("link", name=label, exact=True).click()
    expect(page).to_have_url(re.compile(r"\?baseline=[0-9a-f-]{36}$"))
    expect(drawer(page)).to_contain_text(label)
    return page.url.rpartition("=")[2]


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def confirm(page: Page, verb: str, reason: str) -> None:
    """Answer the question before a verb."""
    dialog = page.get_by_role("dialog", name=re.compile(f"^{verb}: "))
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=verb, exact=True).click()
    expect(dialog).to_have_count(0)


def test_from_a_scan_to_the_roll_back(page: Page, console: Console, source: Path) -> None:
    scan(page, console, source)
    open_job(page, "scan.merge")
    first = save(page, "1.0")
    drawer(page).get_by_role("button", name="Promote", exact=True).click()
    question = page.get_by_role("dialog", name=re.compile("^Promote: 1.0"))
    expect(question).to_contain_text("have compared with nothing so far")
    confirm(page, "Promote", "the first release")
    expect(drawer(page)).to_contain_text("the first release")

    requires(source, "requests==2.32.4", "flask==3.0.0")
    scan(page, console, source)
    open_job(page, "scan.compare")
    expect(page.locator("main")).to_contain_text("Against the promoted baseline 1.0: 1 added, 0 removed, 1 changed")
    second = save(page, "1.1")
    suggested = drawer(page).get_by_role("listitem").filter(has_text="Promoted baseline")
    expect(suggested).to_contain_text("suggested")
    suggested.get_by_role("link", name="1.0").click()
    expect(page).to_have_url(console.url + routes.compare_baselines(first, second))
    expect(page.locator("h1")).to_have_text("Compare baselines")
    rows = page.locator("main tbody tr[data-row]")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="requests")).to_contain_text("2.32.4")

    page.get_by_role("navigation", name="Kinds of change").get_by_role("link", name="Added").click()
    expect(page).to_have_url(console.url + routes.compare_baselines(first, second, [("kind", "added")]))
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("flask")
    page.get_by_label("Filter the changes by text").fill("requests")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(
        console.url + routes.compare_baselines(first, second, [("kind", "added"), ("text", "requests")])
    )
    expect(page.get_by_text("Nothing matches all of them.")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV, for spreadsheets").click()
    lines = list(csv.reader(started.value.path().read_text(encoding="utf-8").splitlines()))
    assert sorted(line[2] for line in lines) == ["flask", "name", "requests"]
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Promote", exact=True).click()
    question = page.get_by_role("dialog", name=re.compile("^Promote: 1.1"))
    expect(question).to_contain_text("Version changed")
    expect(question.get_by_role("link", name="See every change first")).to_be_visible()
    confirm(page, "Promote", "the next release")
    expect(page.get_by_text("1.1 is promoted: scans of its source compare with it.")).to_be_visible()
    opening.show(page, console.url + routes.baseline(second))
    drawer(page).get_by_role("button", name="Roll back").click()
    confirm(page, "Roll back", "it broke")
    expect(drawer(page)).to_contain_text("it broke")
    opening.show(page, console.url + routes.baselines([("state", "promoted"), ("source", str(source))]))
    expect(page.locator("main tbody tr[data-row]")).to_have_count(1)
    expect(page.locator(f'[data-row="{first}"]')).to_contain_text("promoted")


@pytest.fixture(scope="module")
def two(console: Console) -> tuple[str, str]:
    """Two baselines of one source, kept without a scan."""
    backend = EmbeddedBackend(Settings(data_dir=console.data_dir, scan_roots=(console.scan_root,)))
    try:
        old = keep(backend, [("react", "18.2.0"), ("gone", "1.0"), ("lodash", "4.17.20")], label="v1", tenant="default")
        new = keep(
            backend,
            [("react", "18.3.1"), ("lodash", "4.17.20", "Apache-2.0"), *[(f"added-{i}", "1.0") for i in range(130)]],
            label="v2",
            tenant="default",
        )
    finally:
        backend.close()
    return old.id, new.id


def test_a_long_comparison_has_pages_and_any_two_can_be_chosen(
    page: Page, console: Console, two: tuple[str, str]
) -> None:
    old, new = two
    opening.show(page, console.url + routes.baseline(old))
    drawer(page).get_by_role("link", name="Choose another").click()
    expect(page).to_have_url(console.url + routes.baselines([("left", old)]))
    page.locator(f'[data-row="{new}"]').get_by_role("link", name="v2").click()
    expect(page).to_have_url(console.url + routes.compare_baselines(old, new))
    rows = page.locator("main tbody tr[data-row]")
    expect(rows).to_have_count(100)
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(console.url + routes.compare_baselines(old, new, [("start", "100")]))
    expect(rows).to_have_count(33)
    page.get_by_role("link", name="Compare the other way round").click()
    expect(page).to_have_url(console.url + routes.compare_baselines(new, old))
    expect(page.get_by_role("navigation", name="Kinds of change")).to_contain_text("Removed130")


def test_a_comparison_is_kept_as_files_of_a_job(page: Page, console: Console, two: tuple[str, str]) -> None:
    opening.show(page, console.url + routes.compare_baselines(*two))
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="All of it, as a job").click()
    told = page.locator(".toast").filter(has_text="The changes are kept with the job as CSV, JSON and CycloneDX.")
    told.get_by_role("link", name="Open the job").click()
    expect(page.locator("main")).to_contain_text("comparison.cdx.json")
    page.go_back()
    expect(page).to_have_url(console.url + routes.compare_baselines(*two))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, console: Console, two: tuple[str, str], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    old, new = two
    for address in (
        routes.baselines(),
        routes.baseline(new),
        routes.compare_baselines(old, new),
        routes.baselines([("label", "no such label")]),
        routes.baselines([("state", "wrong")]),
        routes.compare_baselines(old, "019ab107-5a2f-7000-8000-000000000000"),
    ):
        opening.show(page, console.url + address)
        assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    opening.show(page, console.url + routes.compare_baselines(old, new))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
