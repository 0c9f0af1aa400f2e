"""The command palette and the tenant switch on the catalogue: keyboard, focus, requests, hostile text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.servers import profile
from tests.e2e.shell.catalogue import DESKTOP, PHONE, opened, opened_on_a_stopped_clock, stop_clock

pytestmark = pytest.mark.long


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Command palette")


def box(page: Page) -> Locator:
    return palette(page).get_by_role("combobox")


def option(page: Page, name: str) -> Locator:
    return palette(page).get_by_role("option", name=name)


def chosen(page: Page) -> Locator:
    return palette(page).locator("[role=option][aria-selected=true]")


def test_the_keyboard_opens_walks_and_leaves_and_the_focus_returns(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("j")
    row = page.locator("[data-row-link]").first
    expect(row).to_be_focused()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    options = palette(page).get_by_role("option")
    expect(chosen(page)).to_have_count(1)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box(page)).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id") or "none")
    page.keyboard.press("Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    expect(row).to_be_focused()
    page.keyboard.press("Control+k")
    expect(box(page)).to_have_value("")
    page.keyboard.press("Control+k")
    expect(palette(page)).to_have_count(0)
    expect(row).to_be_focused()


def test_it_opens_at_once_and_asks_nothing_for_pages_and_once_for_an_id(page: Page) -> None:
    opened_on_a_stopped_clock(page, "/")
    page.keyboard.press("Control+k")
    page.keyboard.type("dead letters")
    expect(chosen(page)).to_contain_text("Dead letters")
    page.clock.run_for(1_000)
    expect(page.locator("#calls")).to_have_text("")
    page.keyboard.press("Escape")
    page.clock.resume()
    took = page.evaluate(
        """() => new Promise(resolve => {
            const start = performance.now();
            document.querySelector("[data-palette]").click();
            const shown = () => document.querySelector(".palette [role=option]");
            const look = () => shown() ? resolve(performance.now() - start) : setTimeout(look);
            look();
        })"""
    )
    print(f"the palette opened in {took:.0f} ms")
    stop_clock(page)
    page.keyboard.type("8c41f0b")
    page.clock.run_for(1_000)
    page.clock.resume()
    expect(option(page, "8c41f0b1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#calls")).to_have_text("8c41f0b")


def test_what_is_found_is_only_text_and_leads_to_its_page(page: Page) -> None:
    opened(page, "/")
    page.keyboard.press("Control+k")
    page.keyboard.type("8c41")
    expect(option(page, "<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img").count() == 0
    option(page, "8c41f0b2").click()
    expect(page).to_have_url(re.compile(r"/job\?id=8c41f0b2$"))
    expect(palette(page)).to_have_count(0)


def test_what_can_not_be_found_is_said(page: Page) -> None:
    opened(page, "/")
    page.keyboard.press("Control+k")
    box(page).fill("beef0000")
    expect(palette(page).get_by_role("status")).to_have_text("Nothing is called beef0000, and no id begins with it.")
    box(page).fill("dead")
    expect(palette(page).get_by_role("status")).to_have_text("The database does not answer.")
    expect(option(page, "Dead letters").first).to_be_visible()


def test_the_verbs_are_those_of_the_selection_with_the_reasons_of_their_buttons(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("Control+k")
    expect(option(page, "Retry")).to_contain_text("Nothing is selected.")
    expect(option(page, "Retry")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator(".bulk")).to_contain_text("3 selected")
    reason = page.locator(".bulk").get_by_role("button", name="Cancel")
    page.keyboard.press("Control+k")
    expect(option(page, "Retry")).to_contain_text("3 selected")
    expect(option(page, "Retry")).not_to_have_attribute("aria-disabled", "true")
    expect(option(page, "Cancel")).to_contain_text("All 3 have ended.")
    expect(option(page, "Cancel")).to_have_attribute("aria-disabled", "true")
    # Chosen all the same, it stays and does nothing.
    option(page, "Cancel").click(force=True)
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(reason).to_have_accessible_description("All 3 have ended.")


def test_a_verb_opens_the_question_of_its_page_and_the_focus_returns(page: Page) -> None:
    opened(page, "/")
    opener = page.get_by_role("button", name="Open drawer")
    opener.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("cancel")
    verb = palette(page).locator("[role=option]", has_text="Cancel").locator("visible=true")
    expect(verb.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Cancel 1,301 jobs?")
    expect(question).to_be_visible()
    expect(palette(page)).to_have_count(0)
    # No key of the page works behind a question.
    question.get_by_role("button", name="Keep as it is").focus()
    for key in ("Control+k", "?", "g"):
        page.keyboard.press(key)
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(opener).to_be_focused()


def test_over_a_drawer_it_offers_what_the_drawer_has(page: Page) -> None:
    opened(page, "/")
    opener = page.get_by_role("button", name="Open drawer")
    opener.click()
    drawer = page.get_by_role("dialog", name="scan.catalog")
    expect(drawer).to_be_visible()
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_visible()
    expect(option(page, "Cancel")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()


def test_no_key_works_in_a_field(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("f")
    page.keyboard.press("Control+k")
    page.keyboard.type("g?jx")
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("g?jx")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_help_lists_the_keys_of_the_page(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Find a page, a verb or an id", "Add a filter", "Next row", "Retry", "Cancel", "Dead letters"):
        expect(dialog).to_contain_text(words)
    expect(dialog.get_by_role("heading", name="On this page")).to_be_visible()
    page.keyboard.press("Escape")
    opened(page, "/no/such/page")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("heading", name="On this page")).to_have_count(0)


def test_a_slash_searches_everywhere_on_a_page_without_a_search(page: Page) -> None:
    opened(page, "/")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_palette_and_tenants_are_accessible(browser: Browser, address: str, scheme: str, size: dict[str, int]) -> None:
    look = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    with profile(browser, base_url=address, **look) as context:
        page = context.new_page()
        opened(page, "/jobs?tenant=acme")
        page.get_by_role("button", name="Find or do").click()
        expect(option(page, "Retry")).to_be_visible()
        assert violations(page) == []
        box(page).fill("8c41")
        expect(option(page, "8c41f0b1")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Tenant: acme").click()
        expect(page.get_by_role("searchbox", name="Find a tenant")).to_be_focused()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


# The tenant switch


def tenant_button(page: Page, word: str) -> Locator:
    return page.get_by_role("button", name=f"Tenant: {word}")


def test_a_tenant_is_chosen_by_keyboard_and_lives_in_the_address_alone(page: Page) -> None:
    opened(page, "/jobs?state=failed&cursor=abc")
    tenant_button(page, "All tenants").click()
    search = page.get_by_role("searchbox", name="Find a tenant")
    expect(search).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="The first 50")).to_be_visible()
    search.fill("lum")
    expect(page.get_by_role("button", name="lumen")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/jobs/?\?state=failed&tenant=lumen$"))
    expect(tenant_button(page, "lumen")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/jobs/?\?state=failed&cursor=abc$"))
    expect(tenant_button(page, "All tenants")).to_be_visible()
    opened(page, "/jobs")
    expect(tenant_button(page, "All tenants")).to_be_visible()


def test_of_many_tenants_the_server_finds_the_one(page: Page) -> None:
    opened(page, "/jobs")
    tenant_button(page, "All tenants").click()
    expect(page.get_by_role("button", name="team-119")).to_have_count(0)
    page.get_by_role("searchbox", name="Find a tenant").fill("m-119")
    page.get_by_role("button", name="team-119").click()
    expect(page).to_have_url(re.compile(r"/jobs/?\?tenant=team-119$"))
    tenant_button(page, "team-119").click()
    page.get_by_role("searchbox", name="Find a tenant").fill("<b>nobody")
    expect(page.get_by_text("No tenant has a name like this.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tenant_button(page, "team-119")).to_be_focused()


def test_where_it_does_not_apply_it_says_so(page: Page) -> None:
    opened(page, "/?tenant=acme")
    tenant_button(page, "acme").click()
    expect(page.get_by_text("This page is not narrowed.")).to_be_visible()
