"""The tenant switch in the console: by the address alone, on every page that lists by tenant, kept by links."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.routes import ROUTES
from tests.e2e.job_list import expect_labels
from tests.e2e.opening import go, show
from tests.e2e.servers import Console, await_condition
from tests.factories import START, add_jobs, job_values

ONE, OTHER = "switch-one", "switch-other"
BY_TENANT = [route for route in ROUTES if route.by_tenant and route.built]


@pytest.fixture(scope="module", autouse=True)
def _seeded(ledger: Engine) -> None:
    """A job of each of two tenants."""
    common = {"job_type": "stories.switch", "state": "pending", "created_at": START}
    add_jobs(ledger, [job_values(**common, tenant=ONE, label="a"), job_values(**common, tenant=OTHER, label="b")])


def button(page: Page, word: str) -> Locator:
    return page.get_by_role("button", name=f"Tenant: {word}")


def show_choice(page: Page, address: str, name: str = ONE) -> None:
    """Open an address, anew until the tenant is known: they are read every ten seconds at most."""
    show(page, address)

    def known() -> bool:
        try:
            look_for(page, "All tenants", name).wait_for(timeout=12_000)
        except TimeoutError:
            page.reload()
            return False
        page.keyboard.press("Escape")
        return True

    await_condition(known, "The tenant did not become known.")


def look_for(page: Page, now: str, name: str) -> Locator:
    """Open the switch and look for a tenant by its name: the choice of it."""
    button(page, now).click(timeout=12_000)
    page.get_by_role("searchbox", name="Find a tenant").fill(name)
    return page.get_by_role("group", name=f"Tenant: {now}").get_by_role("button", name=name, exact=True)


def choose(page: Page, now: str, name: str) -> None:
    look_for(page, now, name).click()


def test_a_tenant_narrows_the_list_and_goes_along(page: Page, console: Console) -> None:
    pair = ("job_type", "stories.switch")
    show_choice(page, console.url + routes.jobs([pair]))
    expect_labels(page, "ba")
    choose(page, "All tenants", ONE)
    expect(page).to_have_url(console.url + routes.jobs([pair, ("tenant", ONE)]))
    expect_labels(page, "a")
    # The filter bar says it as well, and into the page of one thing it goes along for the way back.
    expect(page.locator(".tok").filter(has_text=ONE)).to_be_visible()
    page.locator("[data-row-link]").first.click()
    expect(page).to_have_url(re.compile(rf"\?tenant={ONE}$"))
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Jobs", exact=True).click()
    expect(page).to_have_url(console.url + routes.jobs([("tenant", ONE)]))
    go(page, "q", console.url + routes.quotas([("tenant", ONE)]))
    for _ in range(3):
        page.go_back()
    expect(page).to_have_url(console.url + routes.jobs([pair, ("tenant", ONE)]))
    page.go_back()
    expect(page).to_have_url(console.url + routes.jobs([pair]))
    expect(button(page, "All tenants")).to_be_visible()
    expect_labels(page, "ba")


@pytest.mark.long
@pytest.mark.parametrize("name", [route.name for route in BY_TENANT])
def test_it_works_on_every_page_that_lists_by_tenant(page: Page, console: Console, name: str) -> None:
    show_choice(page, console.url + routes.href(name), OTHER)
    choose(page, "All tenants", OTHER)
    expect(page).to_have_url(re.compile(rf"\?tenant={OTHER}$"))
    # A list that is empty with and without a filter draws no filter bar.
    narrowed = page.locator(".tok").filter(has_text=OTHER).or_(page.locator("main .emp")).first
    expect(narrowed).to_be_visible()
    page.reload()
    expect(button(page, OTHER)).to_be_visible()
    expect(narrowed).to_be_visible()
    rail = page.get_by_role("navigation", name="Main", exact=True)
    for link in rail.get_by_role("link").all():
        expect(link).to_have_attribute("href", re.compile(rf"\?tenant={OTHER}$"))
    button(page, OTHER).click()
    page.get_by_role("button", name="All tenants", exact=True).click()
    expect(page).to_have_url(console.url + routes.href(name))


@pytest.mark.long
def test_where_nothing_is_listed_by_tenant_it_is_kept_and_says_that_it_does_not_apply(
    page: Page, console: Console
) -> None:
    show(page, f"{console.url}{routes.workers()}?tenant={ONE}")
    button(page, ONE).click()
    expect(page.get_by_text("This page is not narrowed.")).to_be_visible()
    page.keyboard.press("Escape")
    go(page, "j", console.url + routes.jobs([("tenant", ONE)]))


@pytest.mark.long
def test_on_a_phone_it_is_in_the_top_bar_and_the_bar_below_keeps_it(page: Page, console: Console) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show_choice(page, console.url + routes.jobs())
    choose(page, "All tenants", ONE)
    expect(page).to_have_url(console.url + routes.jobs([("tenant", ONE)]))
    page.get_by_role("navigation", name="Main, small screen").get_by_role("link", name="Dead letters").click()
    expect(page).to_have_url(console.url + routes.dead_letter([("tenant", ONE)]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
