"""The job list at work: selecting, bulk verbs, live rows, hostile text, exports, keys, small screens."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import Engine, update

from execution_ops import routes
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.tables import Job
from tests.e2e.axe import assert_accessible
from tests.e2e.job_list import address, expect_labels, names, show
from tests.e2e.servers import Console
from tests.factories import START, add_jobs, announce, job_values

pytestmark = pytest.mark.long

HOSTILE = '=cmd()<img src=x onerror="document.title=1">\u202egnp.exe\x07'
SPELLED = '=cmd()<img src=x onerror="document.title=1">\\u202egnp.exe\\x07'
_tenants = count(1)


@pytest.fixture
def tenant() -> str:
    """A tenant that nothing else has jobs of."""
    return f"acts-{next(_tenants)}"


def seed(ledger: Engine, tenant: str, labels: str, **values: Any) -> list[dict[str, Any]]:
    """A job for each letter, a second apart."""
    common = {"tenant": tenant, "job_type": "stories.act", "state": "pending"}
    return add_jobs(
        ledger,
        [job_values(**common | values, label=label, created_at=START + 1000 * ord(label)) for label in labels],
    )


def pick(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_role("checkbox", name=re.compile(rf"^Select \S+ {label} ")).click()


def bulk_bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selection")


def test_a_selection_is_canceled(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    seed(ledger, tenant, "abc")
    show(page, console, ("tenant", tenant))
    pick(page, "a", "c")
    expect(bulk_bar(page)).to_contain_text("2 selected")
    retry = bulk_bar(page).get_by_role("button", name="Retry")
    expect(retry).to_be_disabled()
    expect(retry).to_have_accessible_description("Only failed, timed out or canceled jobs can be retried.")
    bulk_bar(page).get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel 2 jobs?")
    confirm = dialog.get_by_role("button", name="Cancel 2 jobs")
    reason = dialog.get_by_label("Reason")
    reason.press("Enter")
    expect(dialog).to_contain_text("Say why")
    reason.fill("wrong release")
    confirm.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Cancel: 2 jobs done.")).to_be_visible()
    expect(bulk_bar(page)).to_have_count(0)
    rows = page.locator("[data-row]")
    expect(rows.filter(has_text="canceled")).to_have_count(2)
    expect(rows.filter(has_text="pending")).to_contain_text("b")


def test_a_selection_is_retried(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    rows = seed(ledger, tenant, "ab", state="canceled")
    show(page, console, ("tenant", tenant), ("state", "canceled"))
    pick(page, "a", "b")
    bulk_bar(page).get_by_role("button", name="Retry").click()
    page.get_by_role("dialog").get_by_role("button", name="Retry 2 jobs").click()
    expect(page.get_by_text("Retry: 2 jobs done.")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^2 filters hide"))).to_be_visible()
    page.goto(console.url + routes.job(rows[0]["id"]))
    expect(page.get_by_role("listitem").filter(has_text=re.compile("^retry"))).to_contain_text("local operator")


def test_all_that_match_are_canceled_in_the_background(
    page: Page, console: Console, ledger: Engine, tenant: str
) -> None:
    common = {"tenant": tenant, "job_type": "stories.act", "state": "pending"}
    add_jobs(ledger, [job_values(**common) for _ in range(60)])
    show(page, console, ("tenant", tenant))
    page.get_by_role("checkbox", name="Select this page").click()
    expect(page.get_by_text("50 jobs of this page are selected.")).to_be_visible()
    page.get_by_role("button", name="Select all 60 matching").first.click()
    expect(page.get_by_text("All 60 matching jobs are selected, also those not on this page.")).to_be_visible()
    bulk_bar(page).get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel 60 jobs?")
    confirm = dialog.get_by_role("button", name="Cancel 60 jobs")
    dialog.get_by_label("Reason").fill("wrong release")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Type 60").fill("60")
    confirm.click()
    expect(page).to_have_url(re.compile(r"[?&]bulk=[0-9a-f-]{36}$"))
    expect(page.get_by_text("Cancel of all that matched")).to_be_visible()
    expect(page.get_by_role("link", name="Open the background job")).to_have_text("60 of 60")
    expect(page.get_by_role("link", name=re.compile("canceled 60$"))).to_be_visible()
    leads = page.get_by_role("link", name="What it did")
    expect(leads).to_have_attribute("href", re.compile(re.escape(routes.job("")) + "[0-9a-f-]{36}$"))
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page).to_have_url(address(console, ("tenant", tenant)))
    expect(leads).to_have_count(0)


def test_all_that_match_are_retried_without_typing(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    seed(ledger, tenant, "abc", state="failed", attempts=3)
    seed(ledger, tenant, "d", state="succeeded")
    show(page, console, ("tenant", tenant), ("state", "failed"))
    page.get_by_role("checkbox", name="Select this page").click()
    page.get_by_role("button", name="Select all 3 matching").first.click()
    bulk_bar(page).get_by_role("button", name="Retry").click()
    page.get_by_role("dialog").get_by_role("button", name="Retry 3 jobs").click()
    expect(page.get_by_text("Retry of all that matched")).to_be_visible()
    expect(page.get_by_role("link", name="Open the background job")).to_have_text("3 of 3")


def test_a_selection_holds_the_rows(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    seed(ledger, tenant, "ab")
    show(page, console, ("tenant", tenant))
    pick(page, "a")
    expect(bulk_bar(page)).to_contain_text("1 selected")
    announce(ledger, seed(ledger, tenant, "c"))
    changes = page.get_by_role("button", name=re.compile("^[0-9]+ new changes?$"))
    expect(changes).to_be_visible()
    expect_labels(page, "ba")
    changes.click()
    expect_labels(page, "cba")
    expect(bulk_bar(page)).to_contain_text("1 selected")
    expect(changes).to_have_count(0)
    announce(ledger, seed(ledger, tenant, "d"))
    expect(changes).to_be_visible()
    bulk_bar(page).get_by_role("button", name="Clear selection").click()
    expect_labels(page, "dcba")


def test_a_change_shows_in_every_open_tab(
    page: Page, context: BrowserContext, console: Console, ledger: Engine, tenant: str
) -> None:
    first = seed(ledger, tenant, "a")
    tabs = [page, context.new_page()]
    for tab in tabs:
        show(tab, console, ("tenant", tenant))
        expect_labels(tab, "a")
        tab.evaluate("window.kept = true")
    announce(ledger, seed(ledger, tenant, "b"))
    for tab in tabs:
        expect_labels(tab, "ba")
    with write(ledger) as connection:
        connection.execute(update(Job).where(Job.id == first[0]["id"]).values(state="running", started_at=START))
    announce(ledger, first)
    for tab in tabs:
        expect(tab.locator(f'[data-row="{first[0]["id"]}"]')).to_contain_text("running")
        assert tab.evaluate("window.kept"), "the document was never loaded again"


def test_hostile_text_stays_text(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    hostile = dict.fromkeys(("label", "job_type", "queue", "worker_id", "error_message"), HOSTILE)
    (row,) = add_jobs(ledger, [job_values(tenant=tenant, state="failed", **hostile)])
    show(page, console, ("tenant", tenant))
    cells = page.locator(f'[data-row="{row["id"]}"]')
    expect(cells.get_by_text(SPELLED, exact=True)).to_have_count(5)
    assert page.evaluate("document.title") != "1"
    assert page.locator("main img").count() == 0
    # The link of a hostile queue leads to its jobs all the same.
    cells.get_by_role("link", name=SPELLED, exact=True).first.click()
    expect(names(page)).to_have_text([f"{SPELLED} {SPELLED}"])
    expect(page.locator(".tok")).to_have_count(1)


def test_an_export_has_exactly_what_the_filter_matches(
    page: Page, console: Console, ledger: Engine, tenant: str
) -> None:
    rows = seed(ledger, tenant, "ab", state="failed", error_message=HOSTILE)
    seed(ledger, tenant, "c")
    expected = {row["id"] for row in rows}
    show(page, console, ("tenant", tenant), ("state", "failed"))

    def download(name: str) -> str:
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as started:
            page.get_by_role("link", name=name).click()
        page.keyboard.press("Escape")
        return started.value.path().read_text(encoding="utf-8")

    lines = list(csv.DictReader(io.StringIO(download("CSV"), newline="")))
    assert {line["id"] for line in lines} == expected
    assert {line["error_message"] for line in lines} == {f"'{SPELLED}"}
    objects = [json.loads(line) for line in download("NDJSON").splitlines()]
    assert {one["id"] for one in objects} == expected
    assert {one["error_message"] for one in objects} == {HOSTILE}


def test_the_list_is_worked_by_keyboard(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    rows = seed(ledger, tenant, "ab")
    show(page, console, ("tenant", tenant))
    expect_labels(page, "ba")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address(console, ('tenant', tenant))}#main")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(names(page).nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(bulk_bar(page)).to_contain_text("1 selected")
    page.keyboard.press("x")
    expect(bulk_bar(page)).to_have_count(0)
    # Nobody is told of this one, so that only the refresh can show it.
    seed(ledger, tenant, "c")
    page.keyboard.press("r")
    expect_labels(page, "cba")
    for key in ("f", "/"):
        page.keyboard.press(key)
        expect(page.get_by_role("combobox", name="Filter")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    help_sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_sheet).to_contain_text("Select the row")
    page.keyboard.press("Escape")
    expect(help_sheet).to_have_count(0)
    names(page).first.focus()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}{routes.job(rows[1]['id'])}?tenant={tenant}")


def test_a_phone_never_scrolls_sideways(page: Page, console: Console, ledger: Engine, tenant: str) -> None:
    seed(ledger, tenant, "ab", state="failed", error_message="no-blank-in-it-" * 20)
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, console, ("tenant", tenant))
    expect_labels(page, "ba")
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    held = "all => all.every(one => one.scrollWidth <= one.clientWidth)"
    assert page.locator(".actions .btn").evaluate_all(held), "every button holds its words"
    page.get_by_role("button", name="Export").click()
    menu = page.get_by_role("group", name="Export the jobs that match")
    inside = "one => one.getBoundingClientRect().left >= 0 && one.getBoundingClientRect().right <= innerWidth"
    assert menu.evaluate(inside)
    assert page.evaluate(sideways) == 0
    page.keyboard.press("Escape")
    pick(page, "a")
    expect(bulk_bar(page)).to_be_visible()
    assert page.evaluate(sideways) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_is_accessible(page: Page, console: Console, ledger: Engine, tenant: str, theme: Any) -> None:
    seed(ledger, tenant, "ab", state="failed", error_message="disk full")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, console, ("tenant", tenant))
    expect_labels(page, "ba")
    assert_accessible(page)
    page.get_by_role("checkbox", name="Select this page").click()
    expect(page.get_by_text("2 jobs of this page are selected.")).to_be_visible()
    assert_accessible(page)
    bulk_bar(page).get_by_role("button", name="Retry").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)
    show(page, console, ("tenant", tenant), ("state", "canceled"))
    expect(page.get_by_role("heading", name=re.compile("^2 filters hide"))).to_be_visible()
    assert_accessible(page)
    show(page, console, ("state", "exploded"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
