"""A scan from the summary to the document: the dialog, the graph, the download, and what can go wrong."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, func, select

from execution_ops import routes
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.tables import Dag
from tests.e2e.servers import Console

_sources = count(1)


@pytest.fixture
def source(console: Console) -> Path:
    """A directory of its own with one Python package in it."""
    folder = console.scan_root / f"journey-{next(_sources)}"
    folder.mkdir()
    (folder / "requirements.txt").write_text("requests==2.32.3\n")
    return folder


def summary(console: Console) -> str:
    return console.url + routes.jobengine()


def scan_button(page: Page) -> Locator:
    """The main button of the page."""
    return page.get_by_role("button", name="Scan a directory").first


def open_dialog(page: Page, console: Console) -> Locator:
    """The dialog, opened from the summary and filled with what may be scanned."""
    page.goto(summary(console))
    scan_button(page).click()
    dialog = page.get_by_role("dialog", name="Scan a directory")
    expect(path_field(dialog)).to_have_value(str(console.scan_root))
    return dialog


def path_field(dialog: Locator) -> Locator:
    return dialog.get_by_label("Directory, archive or image tarball")


def start(dialog: Locator) -> Locator:
    return dialog.get_by_role("button", name="Start the scan")


def box(page: Page, name: str) -> Locator:
    """A job in the graph."""
    return page.locator("[data-graph-box]", has_text=name)


def open_job(page: Page, name: str) -> None:
    """From the graph to the page of one job."""
    box(page, name).click()
    page.get_by_role("complementary", name="Selected").get_by_role("link", name="Open job").click()
    expect(page.locator("h1")).to_contain_text(name)


def scans_of(ledger: Engine, source: Path) -> int:
    """How many scans of it were ever started."""
    with read(ledger) as connection:
        chosen = select(func.count()).select_from(Dag).where(Dag.title == f"Scan {source.name}")  # type: ignore[arg-type]
        return int(connection.execute(chosen).scalar_one())


def test_a_scan_leads_from_the_summary_to_its_document(page: Page, console: Console, source: Path) -> None:
    dialog = open_dialog(page, console)
    expect(page).to_have_url(f"{summary(console)}?scan=1")
    path_field(dialog).fill(str(source))
    start(dialog).click()
    expect(page).to_have_url(re.compile(re.escape(routes.job("")) + "[0-9a-f-]{36}/dag$"))
    expect(page.locator("h1")).to_have_text(f"Scan {source.name}")
    expect(page.get_by_text("All succeeded.")).to_be_visible()
    expect(box(page, "catalog")).not_to_have_count(0)
    expect(page.locator("[data-graph-box]:not([data-state=succeeded])")).to_have_count(0)
    open_job(page, "scan.export")
    with page.expect_download() as started:
        page.get_by_role("link", name=re.compile(r"\.cdx\.json$")).click()
    document = json.loads(started.value.path().read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    assert {("requests", "2.32.3")} <= {(one["name"], one.get("version")) for one in document["components"]}


def test_the_address_opens_the_dialog_and_back_closes_it(page: Page, console: Console) -> None:
    dialog = open_dialog(page, console)
    page.go_back()
    expect(page).to_have_url(summary(console))
    expect(dialog).to_have_count(0)
    page.goto(f"{summary(console)}?scan=1")
    expect(path_field(dialog)).to_have_value(str(console.scan_root))


def test_what_is_there_can_be_walked_and_chosen(page: Page, console: Console, source: Path) -> None:
    (source / "inner").mkdir()
    (source / "inner" / "deep.zip").write_bytes(b"PK")
    (source / "packed.tar.gz").write_bytes(b"x" * 2048)
    dialog = open_dialog(page, console)
    listing = dialog.get_by_role("group", name="What is there")
    entries = listing.get_by_role("button")
    expect(entries.filter(has_text="Up")).to_have_count(0)
    entries.filter(has_text=re.compile(rf"^{source.name}$")).click()
    expect(path_field(dialog)).to_have_value(str(source))
    # What can't be scanned on its own is not offered.
    expect(entries).to_have_text(["Up", "inner", re.compile(r"^packed\.tar\.gz\s*2")])
    entries.filter(has_text="inner").click()
    expect(path_field(dialog)).to_have_value(str(source / "inner"))
    expect(entries).to_have_text(["Up", re.compile(r"^deep\.zip")])
    entries.filter(has_text="Up").click()
    entries.filter(has_text="packed").click()
    expect(path_field(dialog)).to_have_value(str(source / "packed.tar.gz"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("{source}/nowhere", "was not found below the scan roots of this worker."),
        ("/etc", "was not found below the scan roots of this worker."),
        ("{source}/empty.tar.gz", "is empty (0 bytes). Make or download the file again, then scan it."),
    ],
    ids=["missing", "outside", "empty"],
)
def test_what_cannot_be_scanned_fails_in_plain_words(
    page: Page, console: Console, source: Path, name: str, words: str
) -> None:
    (source / "empty.tar.gz").touch()
    path = name.format(source=source)
    dialog = open_dialog(page, console)
    path_field(dialog).fill(path)
    start(dialog).click()
    expect(box(page, "scan.inspect")).to_have_attribute("data-state", "failed")
    open_job(page, "scan.inspect")
    # One attempt, since the same input would fail again; the stack is folded away below the words.
    error = page.get_by_role("table", name="Attempts").locator(".er summary")
    expect(error).to_have_text(re.compile(f"^{re.escape(f'{path} {words}')}"))


def test_what_can_be_no_path_is_refused_in_the_dialog(page: Page, console: Console, source: Path) -> None:
    dialog = open_dialog(page, console)
    path_field(dialog).fill(source.name)
    start(dialog).click()
    expect(dialog.get_by_role("alert")).to_have_text("Give the absolute path of the source, one that begins with /.")
    path_field(dialog).fill("")
    start(dialog).click()
    expect(dialog.get_by_role("alert")).to_have_text("Name the directory, archive or image to scan.")
    path_field(dialog).fill(str(source))
    expect(dialog.get_by_role("alert")).to_have_count(0)
    start(dialog).click()
    expect(page.locator("h1")).to_have_text(f"Scan {source.name}")


def test_enter_starts_what_was_typed_just_now(page: Page, console: Console, source: Path) -> None:
    dialog = open_dialog(page, console)
    # At a hand's pace: the server's answer to one letter must not undo the next ones.
    path_field(dialog).press("ControlOrMeta+a")
    path_field(dialog).press_sequentially(str(source), delay=30)
    expect(path_field(dialog)).to_have_value(str(source))
    path_field(dialog).press("Enter")
    expect(page.locator("h1")).to_have_text(f"Scan {source.name}")


def test_start_pressed_twice_starts_one_scan(page: Page, console: Console, ledger: Engine, source: Path) -> None:
    dialog = open_dialog(page, console)
    path_field(dialog).fill(str(source))
    start(dialog).dblclick()
    expect(page.locator("h1")).to_have_text(f"Scan {source.name}")
    expect(page.get_by_text("All succeeded.")).to_be_visible()
    assert scans_of(ledger, source) == 1


def test_escape_closes_and_the_focus_returns(page: Page, console: Console) -> None:
    dialog = open_dialog(page, console)
    expect(path_field(dialog)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(summary(console))
    expect(scan_button(page)).to_be_focused()
