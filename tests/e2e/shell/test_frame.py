"""The frame of every page in a real browser, on the catalogue: accessible, fit for a phone, kept choices, lost tabs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.axe import violations
from tests.e2e.servers import profile
from tests.e2e.shell.catalogue import DESKTOP, PATHS, PHONE, ZOOMED, opened, opened_on_a_stopped_clock

pytestmark = pytest.mark.long


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_violates_the_accessibility_rules(
    browser: Browser, address: str, scheme: str, size: dict[str, int]
) -> None:
    look = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    with profile(browser, base_url=address, **look) as context:
        page = context.new_page()
        for path in PATHS:
            opened(page, path)
            assert violations(page) == [], path
        opened(page, "/jobs")
        page.locator("[data-row] .cb").first.click()
        expect(page.locator(".bulk")).to_be_visible()
        page.keyboard.press("f")
        expect(page.get_by_role("option").first).to_be_visible()
        assert violations(page) == []
        opened(page, "/")
        for name in ("Open dialog", "Open drawer"):
            page.get_by_role("button", name=name).click()
            expect(page.locator("dialog[open]")).to_be_visible()
            assert violations(page) == [], name
            page.keyboard.press("Escape")
            expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, ZOOMED], ids=["phone", "zoom 200 %"])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways(page: Page, size: dict[str, int], path: str) -> None:
    page.set_viewport_size(size)
    opened(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_every_byte_comes_from_our_own_server(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PATHS:
        opened(page, path)
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert asked
    assert foreign == []


def test_hostile_text_stays_text(page: Page) -> None:
    opened(page, "/job")
    expect(page.locator(".log")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".json")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def test_the_theme_is_kept_and_set_before_the_first_paint(page: Page) -> None:
    opened(page, "/")
    expect(page.locator("html")).to_have_class(re.compile("light"))
    page.get_by_role("button", name="Display").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/jobs", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_density_is_kept(page: Page) -> None:
    opened(page, "/jobs")
    height = "document.querySelector('[data-row]').offsetHeight"
    page.wait_for_selector("[data-row]")
    dense = page.evaluate(height)
    page.get_by_role("button", name="Display").click()
    page.get_by_role("button", name="Comfortable").click()
    page.wait_for_function(f"{height} > {dense}")
    opened(page, "/jobs")
    page.wait_for_function(f"document.querySelector('[data-row]') && {height} > {dense}")


def test_times_follow_the_zone_and_always_say_it(page: Page) -> None:
    opened(page, "/jobs")
    head = page.locator("th", has_text="Created")
    first = page.locator("[data-row] time").first
    expect(head).to_contain_text("UTC")
    exact = first.get_attribute("datetime")
    assert exact
    expect(first).to_contain_text(exact[11:19])
    expect(first).to_have_attribute("title", exact)
    page.get_by_role("button", name="Local").click()
    expect(head).to_contain_text(re.compile(r"UTC\+[12]"))
    expect(first).not_to_contain_text(exact[11:19])
    opened(page, "/jobs")
    expect(head).to_contain_text(re.compile(r"UTC\+[12]"))


def test_ages_tick_without_the_server(page: Page) -> None:
    opened_on_a_stopped_clock(page, "/jobs")
    age = page.locator("[data-row]").first.locator("time").nth(1)
    expect(age).to_have_text(re.compile(r"^\d+ s ago$"))
    old = int(age.inner_text().partition(" ")[0])
    page.clock.run_for(2_000)
    expect(age).to_have_text(f"{old + 2} s ago")


def test_a_lost_connection_is_said_and_turns_the_verbs_off(page: Page, context: BrowserContext) -> None:
    opened(page, "/")
    retry = page.locator(".btn", has_text="Retry").nth(2)
    expect(retry).not_to_have_attribute("aria-disabled", "true")
    context.set_offline(True)
    expect(page.locator(".topbar .live")).to_contain_text(re.compile(r"Stale since \d\d:\d\d:\d\d UTC, reconnecting"))
    expect(page.locator(".disc")).to_contain_text("nothing can be changed")
    expect(retry).to_have_attribute("aria-disabled", "true")
    context.set_offline(False)
    expect(page.locator(".disc")).to_have_count(0)
    expect(retry).not_to_have_attribute("aria-disabled", "true")


def test_a_silent_server_makes_the_page_stale(page: Page) -> None:
    opened_on_a_stopped_clock(page, "/")
    live = page.locator(".topbar .live")
    expect(live).to_contain_text(re.compile(r"Live · [\d.]+ s ago"))
    aged = re.search(r"([\d.]+) s ago", live.inner_text())
    assert aged
    rest = 15_000 - int(float(aged[1]) * 1000)
    page.clock.run_for(rest - 1_000)
    expect(live).to_contain_text("Live")
    page.clock.run_for(2_000)
    expect(live).to_contain_text("Stale since")


def test_a_hidden_tab_tells_so(page: Page) -> None:
    opened(page, "/")
    for state in ("hidden", "visible"):
        page.evaluate(
            "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            state,
        )
    expect(page.locator("#said")).to_have_text("hidden")


def test_a_phone_keeps_every_figure_and_the_navigation(page: Page) -> None:
    page.set_viewport_size(PHONE)
    opened(page, "/jobs")
    row = page.locator("[data-row]").first
    tenant = row.locator("td[data-label=Tenant]")
    expect(tenant).to_be_hidden()
    row.get_by_role("checkbox", name="Show all figures").check()
    expect(tenant).to_be_visible()
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("dialog", name="All pages")).to_be_visible()
    assert violations(page) == []
