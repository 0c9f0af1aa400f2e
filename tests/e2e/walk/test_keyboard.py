"""One journey for each area with nothing but keys: the focus is always seen, and returns to where it was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.journeys.operator import at
from tests.e2e.opening import go, show
from tests.e2e.walk.furnished import Furnished

STEPS_MAX = 90
# Whether what has the focus shows it, or the field around it does; the page itself and its headings may have it after
# a change of the address.
_UNSEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one.tabIndex < 0) return "";
  const drawn = (box) => {
    const style = getComputedStyle(box);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  };
  for (let box = one, up = 0; box && up < 3; box = box.parentElement, up += 1) if (drawn(box)) return "";
  return one.outerHTML.slice(0, 160);
}"""


class Keys:
    """Somebody who has no mouse."""

    def __init__(self, page: Page, whole: Furnished) -> None:
        self.page = page
        self._url = whole.console.url

    def begin(self, address: str) -> None:
        """Open a page."""
        show(self.page, self._url + address)

    def press(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def goes(self, letter: str, address: str) -> None:
        """Go to a page by its letter."""
        go(self.page, letter, at(address))
        # The address changes before the page does, which is the one that has the keys.
        expect(self.page.locator(f'.shell > .rail a[data-goto="{letter}"]')).to_have_attribute("aria-current", "page")
        self.stands(address)

    def stands(self, address: str) -> None:
        """The address is this one, and its page is there."""
        expect(self.page).to_have_url(at(address))
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)

    def move_to(self, wanted: Locator) -> None:
        """Press Tab until this has the focus; every stop on the way shows that it has it."""
        expect(wanted.first).to_be_visible()
        for _ in range(STEPS_MAX):
            self.press("Tab")
            assert (unseen := self.page.evaluate(_UNSEEN)) == "", f"the focus is not seen on {unseen}"
            if wanted.first.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError(f"{wanted} is not reached by {STEPS_MAX} presses of Tab")

    def opens_a_row(self, address: str) -> None:
        """Go to the first row with `j` and open it; `address` is where all rows of this list begin to lead."""
        link = self.page.locator(f"[data-row] [data-row-link][href^='{address}']").first
        expect(link).to_be_visible()
        self.press("j")
        expect(link).to_be_focused()
        self.press("Enter")

    def asks_and_leaves(self, button: Locator) -> None:
        """Open what a button opens, and leave it by Escape: the focus is on the button again."""
        self.press("Enter")
        dialog = self.page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        expect(dialog.locator(":focus")).to_have_count(1)
        self.press("Escape")
        expect(dialog).to_have_count(0)
        expect(button.first).to_be_focused()


@pytest.fixture
def keys(page: Page, whole: Furnished) -> Keys:
    """The keyboard of a tab."""
    return Keys(page, whole)


def test_skipping_to_the_content(page: Page, keys: Keys) -> None:
    keys.begin(routes.jobs())
    keys.move_to(page.get_by_role("link", name="Skip to the content"))
    keys.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_jobs_and_queues(page: Page, keys: Keys) -> None:
    keys.begin(routes.jobengine())
    keys.goes("o", routes.jobs_queues())
    scan = page.get_by_role("button", name="Scan a directory").first
    keys.move_to(scan)
    keys.asks_and_leaves(scan)
    tab = page.get_by_role("navigation", name="What is listed").get_by_role("link", name=re.compile("^Jobs"))
    keys.move_to(tab)
    keys.press("Enter")
    keys.stands(f"{routes.jobs_queues()}?tab=jobs")
    keys.opens_a_row(routes.job(""))
    keys.stands(routes.job("*"))
    page.go_back()  # Which key that is, is the browser's to say.
    keys.stands(f"{routes.jobs_queues()}?tab=jobs")


def test_jobengine(page: Page, keys: Keys, whole: Furnished) -> None:
    keys.begin(routes.jobengine())
    keys.goes("j", routes.jobs())
    keys.press("f")
    page.keyboard.type("state:failed")
    keys.press("Enter")
    keys.stands(f"{routes.jobs()}?state=failed")
    expect(page.get_by_role("main").get_by_text("Failed jobs", exact=True)).to_be_visible()
    keys.press("Escape", "j")
    row = page.locator("[data-row] [data-row-link]").first
    expect(row).to_be_focused()
    keys.press("x")
    bulk = page.locator(".bulk").get_by_role("button", name="Retry")
    keys.move_to(bulk)
    keys.asks_and_leaves(bulk)
    keys.begin(whole.address("job"))
    retry = page.get_by_role("main").get_by_role("button", name="Retry", exact=True)
    keys.move_to(retry)
    keys.asks_and_leaves(retry)
    keys.press("Enter")
    keys.move_to(page.get_by_role("dialog").get_by_role("button", name="Retry 1 job"))
    keys.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("table", name="Attempts").get_by_role("row").nth(3)).to_be_visible()


def test_dead_letters(page: Page, keys: Keys) -> None:
    keys.begin(routes.jobengine())
    keys.goes("d", routes.dead_letter())
    plan = page.get_by_role("button", name="Plan a replay")
    keys.move_to(plan)
    keys.asks_and_leaves(plan)
    keys.opens_a_row(routes.dead_letter_queue())
    keys.stands(f"{routes.dead_letter_queue()}?…")
    keys.opens_a_row(routes.dead_letter_entry(""))
    keys.stands(routes.dead_letter_entry("*"))
    resolve = page.get_by_role("main").get_by_role("button", name="Resolve", exact=True)
    keys.move_to(resolve)
    keys.asks_and_leaves(resolve)
    page.go_back()  # Which key that is, is the browser's to say.
    keys.stands(f"{routes.dead_letter_queue()}?…")


def test_scheduler(page: Page, keys: Keys) -> None:
    keys.begin(routes.jobengine())
    keys.goes("s", routes.scheduler())
    keys.goes("r", routes.runs())
    keys.opens_a_row(routes.runs())
    keys.stands(f"{routes.runs()}?run=*")
    drawer = page.locator("dialog.drawer[open]")
    expect(drawer.locator(":focus")).to_have_count(1)
    retry = drawer.get_by_role("button", name="Retry", exact=True)
    keys.move_to(retry)
    keys.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(2)
    keys.press("Escape")
    expect(retry).to_be_focused()
    keys.press("Escape")
    keys.stands(routes.runs())
    expect(page.locator("[data-row] [data-row-link]").first).to_be_focused()


def test_workers(page: Page, keys: Keys) -> None:
    keys.begin(routes.scheduler())
    keys.goes("w", routes.workers())
    keys.opens_a_row(routes.workers())
    keys.stands(f"{routes.workers()}?worker=…")
    drawer = page.locator("dialog.drawer[open]")
    expect(drawer.locator(":focus")).to_have_count(1)
    drain = drawer.get_by_role("button", name="Drain", exact=True)
    keys.move_to(drain)
    keys.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(2)
    keys.press("Escape")
    expect(drain).to_be_focused()
    keys.press("Escape")
    keys.stands(routes.workers())
    expect(page.locator("[data-row] [data-row-link]").first).to_be_focused()


def test_scanner_ops(page: Page, keys: Keys) -> None:
    keys.begin(routes.jobengine())
    keys.goes("c", routes.scanner())
    keys.move_to(page.get_by_role("main").get_by_role("link", name="Baselines", exact=True))
    keys.press("Enter")
    keys.stands(routes.baselines())
    scan = page.get_by_role("main").get_by_role("button", name=re.compile("^Scan")).first
    keys.move_to(scan)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(scan).to_be_focused()
    keys.move_to(page.locator("[data-row] [data-row-link]").first)
    keys.press("Enter")
    keys.stands(routes.baseline("*"))
    expect(page.locator("dialog.drawer[open]")).to_be_visible()
    keys.press("Escape")
    keys.stands(routes.baselines())
    expect(page.locator("[data-row] [data-row-link]").first).to_be_focused()
