"""Every page in every state that it can be in: the words on screen, and how it stands on a phone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.access import Scope
from tests.e2e.axe import assert_accessible
from tests.e2e.opening import show
from tests.e2e.servers import Console
from tests.e2e.walk.faulty import UNAVAILABLE, Fault, Switch
from tests.e2e.walk.furnished import HIDDEN, Furnished
from tests.e2e.walk.looking import DESKTOP, PHONE, assert_stands

BUILT = [route for route in routes.ROUTES if route.built]
# In the usual suite a list, a page about one thing and a form stand for all.
SHORT = ("jobs", "dead_letter_entry", "scanner_settings")
# What an empty console says, and the step that it offers; pages about one thing have none to be empty about.
EMPTY = {
    "jobs_queues": ("Nothing has run yet", "Scan"),
    "jobengine": ("Nothing has run yet", "Scan"),
    "jobs": ("No job yet", "Scan"),
    "quotas": ("No quota yet", "quota"),
    "dead_letter": ("Nothing died", "All jobs"),
    "dead_letter_queue": ("Nothing died", "All jobs"),
    "replays": ("No plan yet", "Error groups"),
    "scheduler": ("No schedule yet", "New schedule"),
    "runs": ("No run yet", "schedule"),
    "schedules": ("No schedule yet", "Make the first schedule"),
    "workers": ("No worker here", ""),
    "audit": ("Nothing was done yet", ""),
    "scanner": ("", "kit"),
    "offline_kits": ("No offline kit", "Add a trust root"),
    "baselines": ("No baseline yet", "Scan"),
    "analyzers": ("Syft was never asked", "Refresh"),
    "performance": ("Nothing was measured yet", "Run the first benchmark"),
    "scanner_settings": ("", "Check"),
}


def pages(names: Sequence[str]) -> list[object]:
    """The pages as parameters; those beyond the short form are long."""
    return [pytest.param(name, marks=() if name in SHORT else pytest.mark.long, id=name) for name in names]


every_page = pytest.mark.parametrize("name", pages([route.name for route in BUILT]))


@pytest.fixture
def told(page: Page) -> Callable[[], None]:
    """Look at the page as it stands: at a desk and on a phone, in both themes."""

    def look() -> None:
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            assert_stands(page)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            assert_accessible(page)

    page.emulate_media(reduced_motion="reduce")
    return look


def begin(page: Page, console: Console, address: str) -> None:
    """Open an address, without waiting for what it shows."""
    page.goto(console.url + address)
    expect(page.locator("h1")).to_be_visible()


def alert(page: Page) -> Locator:
    """What stands in place of the content."""
    return page.get_by_role("main").get_by_role("alert")


@every_page
def test_loading_shows_a_skeleton_and_then_the_page(
    page: Page, whole: Furnished, fault: Switch, told: Callable[[], None], name: str
) -> None:
    fault.turn(Fault.SLOW)
    begin(page, whole.console, whole.address(name))
    skeleton = page.get_by_role("main").locator(".skeleton[aria-busy=true]").first
    expect(skeleton).to_be_visible()
    expect(skeleton).to_contain_text("Loading")
    told()
    fault.turn(Fault.NONE)
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    expect(alert(page)).to_have_count(0)
    assert_stands(page)


def test_a_tab_that_loads_shows_nothing_of_another(page: Page, whole: Furnished, fault: Switch) -> None:
    fault.turn(Fault.SLOW)
    begin(page, whole.console, routes.jobs_queues([("tab", "jobs")]))
    main = page.get_by_role("main")
    expect(main.locator(".skeleton").first).to_be_visible()
    expect(main.get_by_role("table")).to_have_count(0)
    expect(main.get_by_role("button", name="Columns")).to_have_count(0)
    expect(main.get_by_role("combobox")).to_have_attribute("placeholder", "Filter")
    fault.turn(Fault.NONE)
    expect(main.get_by_role("table", name="Jobs")).to_be_visible()
    expect(main.get_by_role("button", name="Columns")).to_be_visible()
    expect(main.get_by_role("combobox")).to_have_attribute("placeholder", re.compile("type, time, error$"))


@every_page
def test_what_cannot_be_read_says_so_in_plain_words_with_its_code_and_retry(
    page: Page, whole: Furnished, fault: Switch, told: Callable[[], None], name: str
) -> None:
    fault.turn(Fault.FAILING)
    begin(page, whole.console, whole.address(name))
    expect(alert(page)).to_contain_text("This could not be read")
    expect(alert(page)).to_contain_text(UNAVAILABLE)
    expect(alert(page)).to_contain_text("UNAVAILABLE")
    told()
    fault.turn(Fault.NONE)
    alert(page).get_by_role("button", name="Retry").click()
    expect(alert(page)).to_have_count(0)


@every_page
def test_a_fault_that_nobody_thought_of_is_named_by_its_trace(
    page: Page, whole: Furnished, fault: Switch, name: str
) -> None:
    fault.turn(Fault.BROKEN)
    begin(page, whole.console, whole.address(name))
    expect(alert(page)).to_contain_text("Something went wrong")
    expect(alert(page)).to_contain_text(re.compile("INTERNAL · trace [0-9a-f-]{36}"))
    expect(page.get_by_role("main")).not_to_contain_text("RuntimeError")


@every_page
def test_who_may_not_see_a_page_is_told_which_permission_is_missing(
    page: Page, whole: Furnished, fault: Switch, told: Callable[[], None], name: str
) -> None:
    fault.turn(Fault.FORBIDDEN)
    begin(page, whole.console, whole.address(name))
    expect(alert(page)).to_contain_text("You may not see this")
    expect(alert(page)).to_contain_text(f"needs the permission {Scope.READ.value}")
    told()


@every_page
def test_who_may_only_look_finds_every_verb_off_with_the_missing_permission(
    page: Page, whole: Furnished, fault: Switch, name: str
) -> None:
    fault.turn(Fault.READ_ONLY)
    show(page, whole.console.url + whole.address(name))
    expect(alert(page)).to_have_count(0)
    # Those that open a form or a page change nothing; `changes` marks those that do.
    on = page.locator("main button[data-changes]:not([aria-disabled=true])")
    expect(on).to_have_count(0)
    assert_stands(page)


def test_who_may_only_look_finds_the_verbs_of_a_worker_off_in_its_drawer(
    page: Page, whole: Furnished, fault: Switch, told: Callable[[], None]
) -> None:
    fault.turn(Fault.READ_ONLY)
    show(page, whole.console.url + routes.workers())
    page.locator("[data-row] [data-row-link]").first.click()
    drawer = page.locator("dialog.drawer[open]")
    for verb in ("Drain", "Stop"):
        button = drawer.get_by_role("button", name=verb, exact=True)
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_accessible_description(re.compile(Scope.OPERATE.value))
    told()


@every_page
@pytest.mark.console_errors("ERR_INTERNET_DISCONNECTED", "Cannot connect to server")
def test_a_lost_connection_says_since_when_and_ends(
    page: Page, context: BrowserContext, whole: Furnished, told: Callable[[], None], name: str
) -> None:
    show(page, whole.console.url + whole.address(name))
    expect(page.locator(".topbar .live")).to_contain_text("Live")
    with _cut(context):
        expect(page.locator(".disc")).to_contain_text(re.compile(r"Stale since \d\d:\d\d:\d\d UTC, reconnecting"))
        told()
    expect(page.locator(".disc")).to_have_count(0)


@contextmanager
def _cut(context: BrowserContext) -> Iterator[None]:
    context.set_offline(True)
    try:
        yield
    finally:
        context.set_offline(False)


@pytest.mark.parametrize("name", pages([route.name for route in BUILT if not route.dynamic]))
def test_an_empty_console_says_so_and_leads_to_the_next_step(
    page: Page, bare: Console, told: Callable[[], None], name: str
) -> None:
    words, step = EMPTY.get(name, ("", ""))
    # The switch of this console says that all fails. It has none, and nothing does.
    show(page, bare.url + routes.href(name))
    expect(page.get_by_role("main")).to_contain_text(words)
    if step:
        steps = page.get_by_role("main").get_by_role("link").or_(page.get_by_role("main").get_by_role("button"))
        expect(steps.filter(has_text=re.compile(step, re.I)).first).to_be_visible()
    told()


@pytest.mark.long
def test_the_first_step_of_the_kits_asks_for_the_key_that_is_missing(page: Page, bare: Console) -> None:
    show(page, bare.url + routes.offline_kits())
    page.get_by_role("main").get_by_role("link", name="Add a trust root").click()
    expect(page.get_by_role("dialog", name="Add a key").get_by_label("Public key, PEM")).to_be_visible()


@pytest.mark.parametrize("name", pages(sorted(HIDDEN)))
def test_filters_that_hide_all_say_how_many_and_are_cleared_by_one_click(
    page: Page, whole: Furnished, told: Callable[[], None], name: str
) -> None:
    filtered = whole.console.url + HIDDEN[name]()
    show(page, filtered)
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name=re.compile(r"^1 filter hides ([\d,]+ )?[a-z ]+$"))).to_be_visible()
    told()
    main.get_by_role("link", name="Clear filters").click()
    expect(page).not_to_have_url(filtered)
    expect(page).to_have_url(re.compile(rf"^{re.escape(whole.console.url + routes.href(name))}(\?tab=\w+)?$"))
    expect(main.get_by_role("heading", name=re.compile("filter hides"))).to_have_count(0)


@pytest.mark.parametrize("name", pages([route.name for route in BUILT if route.dynamic]))
def test_a_thing_that_is_not_there_is_said_with_the_way_to_its_kind(
    page: Page, whole: Furnished, told: Callable[[], None], name: str
) -> None:
    show(page, whole.console.url + whole.nowhere(name))
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name=re.compile("^There is no such "))).to_be_visible()
    expect(main.get_by_role("link", name=re.compile("^All "))).to_be_visible()
    told()


@pytest.mark.console_errors("404")
def test_an_address_without_a_page_is_named_with_the_nearest_pages(
    page: Page, bare: Console, told: Callable[[], None]
) -> None:
    page.goto(f"{bare.url}{routes.OPERATIONS}/jobengin/job")
    expect(page.locator("h1")).to_have_text("No page at this address")
    expect(page.get_by_role("main")).to_contain_text("/jobengin/job")
    told()
