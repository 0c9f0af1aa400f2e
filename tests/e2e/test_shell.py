"""The shell and its components in a real browser, on the catalogue that shows each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.axe import violations
from tests.e2e.catalogue import catalogue_server

pytestmark = pytest.mark.long

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# What a 1440 px window shows at a zoom of 200 %.
ZOOMED = {"width": 720, "height": 450}
PATHS = ("/", "/jobs", "/job", "/no/such/page")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with catalogue_server(tmp_path_factory.mktemp("catalogue") / "server.log") as url:
        yield url


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=address, viewport=DESKTOP, timezone_id="Europe/Berlin", color_scheme="light")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def opened(page: Page, path: str) -> Page:
    """The page at `path` once the server has filled it."""
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    if path in PATHS[:3]:
        expect(page.locator(".topbar .live")).to_contain_text("Live")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_violates_the_accessibility_rules(
    browser: Browser, address: str, scheme: str, size: dict[str, int]
) -> None:
    context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme, reduced_motion="reduce")
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
    context.close()


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
    opened(page, "/jobs")
    age = page.locator("[data-row]").first.locator("time").nth(1)
    expect(age).to_contain_text("1 s ago")
    expect(age).to_contain_text("3 s ago")


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
    page.clock.install()
    opened(page, "/")
    page.clock.run_for(14_000)
    expect(page.locator(".topbar .live")).to_contain_text("Live")
    page.clock.run_for(2_000)
    expect(page.locator(".topbar .live")).to_contain_text("Stale since")


def test_a_hidden_tab_tells_so(page: Page) -> None:
    opened(page, "/")
    for state in ("hidden", "visible"):
        page.evaluate(
            "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            state,
        )
    expect(page.locator("#said")).to_have_text("hidden")


def test_columns_are_chosen_and_kept(page: Page) -> None:
    opened(page, "/jobs")
    tenant = page.locator("td[data-label=Tenant]").first
    expect(tenant).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Tenant").click()
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
    opened(page, "/job")
    button = page.get_by_role("button", name="Copy id")
    button.click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    expect(button).to_have_attribute("data-copied", "yes")
    expect(button).to_be_focused()


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
