"""What every page has: its title, its controls on desktop and phone, and the keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.routes import BY_NAME, ROUTES
from tests.e2e.opening import show
from tests.e2e.servers import Console
from tests.factories import START, add_jobs, job_values

PAGES = [route for route in ROUTES if route.built and not route.dynamic]
PHONE = {"width": 390, "height": 844}
NOWHERE = f"{routes.OPERATIONS}/nowhere"


def title_of(name: str, heading: str = "") -> str:
    route = BY_NAME[name]
    return " · ".join(dict.fromkeys((heading or route.title, route.area, "Execution Operations")))


def test_titles_follow_the_navigation(page: Page, console: Console) -> None:
    show(page, console.url + routes.jobs())
    expect(page).to_have_title("Jobs · Execution · Execution Operations")
    rail = page.get_by_role("navigation", name="Main", exact=True)
    for other in ("quotas", "scanner", "baselines", "jobs"):
        rail.get_by_role("link", name=BY_NAME[other].title, exact=True).click()
        expect(page).to_have_url(console.url + routes.href(other))
        expect(page).to_have_title(title_of(other))
    page.go_back()
    expect(page).to_have_title(title_of("baselines"))


@pytest.mark.long
def test_the_title_of_one_thing_names_it(page: Page, console: Console, ledger: Engine) -> None:
    rows = add_jobs(
        ledger,
        [
            job_values(job_type="stories.title", label=label, state="failed", created_at=START)
            for label in ("</title><script>", "second")
        ],
    )
    for row in rows:
        show(page, console.url + routes.job(row["id"]))
        expect(page).to_have_title(f"stories.title ({row['label']}) · Execution · Execution Operations")
    show(page, console.url + routes.job_dag(rows[1]["id"]))
    expect(page).to_have_title("DAG of stories.title · Execution · Execution Operations")
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="JobEngine").click()
    expect(page).to_have_title(title_of("jobengine"))
    for unknown, words in ((routes.job, "Unknown job"), (routes.dead_letter_entry, "Unknown dead letter")):
        show(page, console.url + unknown("019ab107-0000-7000-8000-000000000000"))
        expect(page).to_have_title(f"{words} · Execution · Execution Operations")


@pytest.mark.long
@pytest.mark.parametrize("name", [route.name for route in PAGES])
def test_every_page_has_the_same_controls(page: Page, console: Console, name: str) -> None:
    show(page, console.url + routes.href(name))
    expect(page.locator("h1")).to_have_count(1)
    expect(page).to_have_title(title_of(name, page.locator("h1").inner_text()))
    expect(page.locator(".topbar .live")).to_contain_text(re.compile("Live"))
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.locator("[aria-current=page]")).to_have_text(BY_NAME[name].title)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    zones = page.locator(".topbar").get_by_role("group", name="Time zone")
    zones.get_by_role("button", name="Local").click()
    expect(zones.get_by_role("button", name="Local")).to_have_attribute("aria-pressed", "true")
    zones.get_by_role("button", name="UTC", exact=True).click()
    page.get_by_role("button", name="Display").click()
    page.get_by_role("button", name="Comfortable").click()
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.get_by_role("button", name="As the system").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Display")).to_be_focused()
    for key, dialog in (("?", "Keyboard shortcuts"), ("Control+k", "Command palette")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name=dialog)).to_have_count(0)
        expect(page.get_by_role("button", name="Display")).to_be_focused()


@pytest.mark.long
@pytest.mark.parametrize("name", [route.name for route in PAGES])
def test_a_phone_reaches_every_control(page: Page, console: Console, name: str) -> None:
    page.set_viewport_size(PHONE)
    show(page, console.url + routes.href(name))
    expect(page.locator(".topbar .live")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Display").click()
    expect(page.get_by_role("button", name="Comfortable")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    more = page.get_by_role("button", name="More", exact=True)
    more.click()
    pages = page.get_by_role("dialog", name="All pages")
    for route in PAGES:
        expect(pages.get_by_role("link", name=route.title, exact=True)).to_be_visible()
    pages.get_by_role("button", name="Local").click()
    expect(pages.get_by_role("button", name="Local")).to_have_attribute("aria-pressed", "true")
    pages.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(pages).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()


@pytest.mark.long
@pytest.mark.console_errors("404")
def test_an_unknown_address_has_a_title_and_the_keys(page: Page, console: Console) -> None:
    show(page, console.url + NOWHERE)
    expect(page).to_have_title("Not found · Execution Operations")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()


@pytest.mark.long
def test_both_densities_change_the_rows_of_a_table(page: Page, console: Console, ledger: Engine) -> None:
    add_jobs(ledger, [job_values(job_type="stories.dense", created_at=START)])
    show(page, console.url + routes.jobs([("job_type", "stories.dense")]))
    height = "document.querySelector('[data-row]').offsetHeight"
    dense = page.evaluate(height)
    page.get_by_role("button", name="Display").click()
    page.get_by_role("button", name="Comfortable").click()
    page.wait_for_function(f"{height} > {dense}")
    page.get_by_role("button", name="Dense", exact=True).click()
    page.wait_for_function(f"{height} === {dense}")
