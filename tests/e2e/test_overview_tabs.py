"""One filter for all tabs of Jobs & Queues: it survives a change of tab, and acts only where it is shown."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.servers import Console
from tests.e2e.test_overview import busy, cell, expect_listed, number, open_at, tab
from tests.execution import Bench

__all__ = ["busy"]
pytestmark = pytest.mark.long


def tokens(page: Page) -> Locator:
    return page.get_by_role("search").locator(".tok")


def type_filter(page: Page, text: str) -> None:
    bar = page.get_by_role("combobox", name="Filter")
    bar.click()
    bar.press_sequentially(text)
    bar.press("Enter")
    expect(bar).to_have_value("")


def test_a_filter_survives_a_change_of_tab_and_acts_only_where_it_is_shown(
    page: Page, busy: tuple[Console, Bench]
) -> None:
    console, _ = busy
    open_at(page, console)
    type_filter(page, "tenant:acme")
    expect(page).to_have_url(console.url + routes.jobs_queues([("tenant", "acme")]))
    type_filter(page, "queue:maven")
    expect(page.locator("[data-row]")).to_have_count(1)
    tab(page, "Jobs").click()
    expect(tokens(page)).to_have_text([re.compile("tenant.*acme"), re.compile("queue.*maven")])
    type_filter(page, "state:failed")
    here = [("tab", "jobs"), ("tenant", "acme"), ("queue", "maven"), ("jobs.state", "failed")]
    expect(page).to_have_url(console.url + routes.jobs_queues(here))
    expect(tokens(page)).to_have_count(3)
    expect(tab(page, "Jobs")).to_have_text(re.compile(r"^Jobs\s*[1-9]$"))
    expect_listed(page, number(tab(page, "Jobs").inner_text()))
    # A run has a tenant and no queue; the state of jobs is none of runs.
    tab(page, "Runs").click()
    expect(tokens(page)).to_have_text([re.compile("tenant.*acme")])
    tab(page, "Workers").click()
    expect(tokens(page)).to_have_text([re.compile("queue.*maven")])
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(tokens(page)).to_have_count(0)
    expect(page.locator("[data-row]")).to_have_count(4)
    tab(page, "Jobs").click()
    expect(tokens(page)).to_have_text([re.compile("state.*failed"), re.compile("tenant.*acme")])
    page.go_back()
    page.go_back()
    expect(page.locator("[data-row]")).to_have_count(2)


def test_a_filter_that_hides_all_says_so_and_lets_go_of_it(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console, ("tab", "jobs"), ("tenant", "nobody"), ("runs.state", "error"))
    expect(page.get_by_role("heading", name=re.compile("^1 filter hides [0-9,]+ jobs$"))).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(console.url + routes.jobs_queues([("tab", "jobs"), ("runs.state", "error")]))
    expect(page.locator("[data-row]").first).to_be_visible()


def test_the_rates_reach_back_as_far_as_the_address_says(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console)
    choice = page.get_by_role("navigation", name="How far rates reach back")
    choice.get_by_role("link", name="6 h").click()
    expect(page).to_have_url(console.url + routes.jobs_queues([("window", "6h")]))
    figure = cell(page, "scan", "Done").get_by_role("link")
    said, here = number(figure.inner_text()), page.url
    figure.click()
    expect_listed(page, said)
    # Its pages are steps in the history.
    page.goto(here)
    expect(choice).to_be_visible()
    tab(page, "Jobs").click()
    expect(choice).to_have_count(0)
    tab(page, "Queues").click()
    expect(choice.get_by_role("link", name="6 h")).to_have_attribute("aria-current", "page")


def test_the_keyboard_walks_rows_and_tabs(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console)
    tab(page, "Jobs").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Jobs", exact=True)).to_be_visible()
    expect(tab(page, "Jobs")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.locator("[data-row]").nth(1)
    expect(row.locator("[data-row-link]")).to_be_focused()
    wanted = row.locator("[data-row-link]").get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}{wanted}")


def test_a_name_of_a_queue_opens_its_jobs_with_the_same_filter(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console, ("tenant", "acme"))
    cell(page, "scan", "Queue").get_by_role("link", name="scan", exact=True).click()
    expect(page).to_have_url(console.url + routes.jobs_queues([("tab", "jobs"), ("tenant", "acme"), ("queue", "scan")]))
    expect(tab(page, "Jobs")).to_have_text(re.compile(r"\d$"))
    expect_listed(page, number(tab(page, "Jobs").inner_text()))
