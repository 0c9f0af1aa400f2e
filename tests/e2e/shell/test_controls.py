"""The controls of pages in a real browser, on the catalogue: keyboard, filters, questions, drawers, tables and logs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.opening import go
from tests.e2e.shell.catalogue import ZOOMED, opened, opened_on_a_stopped_clock

pytestmark = pytest.mark.long


def test_the_keyboard_moves_selects_and_opens(page: Page) -> None:
    opened(page, "/jobs")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(16)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1).locator("[data-row-link]")).to_be_focused()
    page.keyboard.press("x")
    expect(rows.nth(1).locator(".cb")).to_be_checked()
    expect(page.locator(".bulk")).to_contain_text("1 selected")
    page.keyboard.press("k")
    expect(rows.nth(0).locator("[data-row-link]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"id=8c41f0b0"))


def test_keys_type_letters_in_a_field(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Filter")
    expect(box).to_be_focused()
    page.keyboard.type("jxk")
    expect(box).to_have_value("jxk")
    assert page.locator(".bulk").count() == 0


def test_the_help_names_the_keys_and_gives_the_focus_back(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("j")
    link = page.locator("[data-row-link]").first
    expect(link).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Next row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_have_count(0)
    expect(link).to_be_focused()


def test_the_keys_work_at_a_zoom_that_hides_the_navigation(page: Page) -> None:
    page.set_viewport_size(ZOOMED)
    opened(page, "/jobs")
    expect(page.locator(".shell > .rail")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    goto = page.locator("a[data-goto]").first
    address = re.compile(f"{re.escape(goto.get_attribute('href') or 'none')}$")
    go(page, goto.get_attribute("data-goto") or "", address)


def test_the_filter_bar_works_by_keyboard_alone(page: Page) -> None:
    opened(page, "/jobs")
    page.keyboard.press("f")
    box = page.get_by_role("combobox", name="Filter")
    page.keyboard.type("que")
    page.keyboard.press("Tab")
    expect(box).to_have_value("queue:")
    page.keyboard.type("sc")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("scan")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "none")
    page.keyboard.press("Enter")
    token = page.locator(".tok")
    expect(token).to_contain_text("scan")
    page.keyboard.type("nonsense:1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no field nonsense")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.keyboard.type("after:yesterday")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is no time")
    page.keyboard.press("Backspace")
    expect(token).to_have_count(0)


def test_a_dangerous_verb_needs_the_count_and_a_reason(page: Page) -> None:
    opened(page, "/")
    opener = page.get_by_role("button", name="Open dialog")
    opener.click()
    dialog = page.get_by_role("dialog", name="Cancel 1,301 jobs?")
    confirm = dialog.get_by_role("button", name="Cancel 1,301 jobs")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    expect(confirm).to_have_accessible_description("Type 1301 first.")
    dialog.get_by_label("Type 1301").fill("1,301")
    expect(confirm).to_have_accessible_description("A reason is required.")
    # Forced: a button that is off can still be pressed by a person.
    confirm.click(force=True)
    expect(dialog).to_contain_text("Say why")
    for _ in range(12):
        page.keyboard.press("Tab")
        # The browser may pass through its own controls, but never through the page behind.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    dialog.get_by_label("Reason").fill("wrong registry")
    dialog.get_by_label("Ticket").fill("OPS-1")
    confirm.click()
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("wrong registry OPS-1")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_a_drawer_takes_and_returns_the_focus(page: Page) -> None:
    opened(page, "/")
    opener = page.get_by_role("button", name="Open drawer")
    opener.click()
    drawer = page.get_by_role("dialog", name="scan.catalog")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_verb_that_is_off_says_why(page: Page) -> None:
    opened(page, "/job")
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_have_attribute("aria-disabled", "true")
    cancel.focus()
    expect(page.get_by_role("tooltip").filter(has_text="The job has ended.")).to_be_visible()


def test_columns_are_chosen_and_kept(page: Page) -> None:
    opened(page, "/jobs")
    tenant = page.locator("td[data-label=Tenant]").first
    expect(tenant).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Tenant", exact=True).click()
    expect(tenant).to_be_hidden()
    opened(page, "/jobs")
    expect(page.locator("td[data-label=Queue]").first).to_be_visible()
    expect(tenant).to_be_hidden()


def test_a_long_log_draws_only_what_is_seen(page: Page) -> None:
    opened(page, "/job")
    lines = page.locator(".ln")
    expect(lines.first).to_contain_text("layer 0 of")
    page.locator(".log").evaluate("log => { log.scrollTop = 50000 * 19; }")
    wanted = page.locator(".ln", has_text="layer 50001 of")
    expect(wanted).to_be_visible()
    assert lines.count() < 120
    length = page.evaluate("history.length")
    wanted.click()
    expect(page).to_have_url(re.compile(r"#L50002$"))
    expect(page.locator(".log-full")).to_contain_text("layer 50001 of")
    assert page.evaluate("history.length") == length


def test_copying_works_without_the_clipboard_interface(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    opened_on_a_stopped_clock(page, "/job")
    button = page.get_by_role("button", name="Copy id")
    button.click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    expect(button).to_have_attribute("data-copied", "yes")
    expect(button).to_be_focused()
    page.clock.run_for(2_000)
    expect(button).not_to_have_attribute("data-copied", "yes")
