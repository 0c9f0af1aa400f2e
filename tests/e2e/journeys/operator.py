"""A person at the console who has never seen it: reads what it says, and presses what has a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.servers import Console

ID = "[0-9a-f-]{36}"


def at(address: str) -> re.Pattern[str]:
    """An address of the console in which `*` stands for an id; the query goes on as it likes after `…`."""
    pattern = re.escape(address.replace("%2A", "*")).replace(r"\*", ID).replace("…", ".*")
    return re.compile(rf"^http://[^/]+{pattern}$")


class Operator:
    """Walks through the console with one tab and remembers the way.

    `disturb`, if there is one, is what happens once, when the operator stands somewhere for the `middle`th time.
    """

    def __init__(
        self, page: Page, console: Console, middle: int = 0, disturb: Callable[[], None] | None = None
    ) -> None:
        self.page = page
        self._console = console
        self._trail: list[str] = []
        self._middle = middle
        self._disturb = disturb

    # where

    def begins(self) -> None:
        """Open the console as somebody does who knows nothing but its name."""
        self.page.goto(f"{self._console.pages or self._console.url}/")
        self.stands(routes.home())

    def stands(self, address: str) -> None:
        """The address is this one (see `at`), and its page is there. It is a step of the way."""
        expect(self.page).to_have_url(at(address))
        expect(self.page.locator("h1")).not_to_be_empty()
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)
        self._trail.append(self.page.url)
        if self._disturb is not None and len(self._trail) == self._middle:
            self._disturb()

    def walks_back(self) -> None:
        """Back leads through every step of the way in turn, to where it began."""
        for address in reversed(self._trail[:-1]):
            self.page.go_back()
            expect(self.page).to_have_url(address)
            expect(self.page.locator("h1")).not_to_be_empty()
            expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)
        assert urlsplit(self.page.url).path == routes.home()

    # what is on screen

    @property
    def front(self) -> Locator:
        """What is in front: the dialog or drawer that is open, else the page."""
        return self.page.locator("main, dialog[open]").last

    def sees(self, title: str | re.Pattern[str]) -> None:
        """A drawer or dialog of this title is open."""
        expect(self.page.get_by_role("dialog", name=title)).to_be_visible()

    def reads(self, *words: str | re.Pattern[str]) -> None:
        """The page says this, in front of all else."""
        for text in words:
            expect(self.front).to_contain_text(text)

    def heading(self, words: str | re.Pattern[str]) -> None:
        """The page is called this."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def badge(self, word: str) -> None:
        """The state beside the title."""
        expect(self.page.locator(".head").get_by_text(word, exact=True)).to_be_visible()

    # what is done

    def navigates(self, name: str, address: str) -> None:
        """Follow an entry of the navigation."""
        self.page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name=name, exact=True).click()
        self.stands(address)

    def follows(self, name: str | re.Pattern[str], address: str) -> None:
        """Follow the first link of that name."""
        exact = isinstance(name, str)
        self.front.get_by_role("link", name=name, exact=exact).first.click()
        self.stands(address)

    def counts(self, label: str, figure: str, address: str) -> None:
        """Read a figure by its label, and follow it to what it counts."""
        term = self.front.get_by_role("term").filter(has_text=re.compile(f"^{re.escape(label)}$"))
        link = term.locator("xpath=following-sibling::dd[1]").get_by_role("link").first
        expect(link).to_have_text(figure)
        link.click()
        self.stands(address)

    def opens(self, row: str | re.Pattern[str], address: str) -> None:
        """Follow the row of a table that says this."""
        found = self.page.get_by_role("main").get_by_role("row").filter(has_text=row).first
        found.get_by_role("link").first.click()
        self.stands(address)

    def presses(self, name: str | re.Pattern[str]) -> None:
        """Press a button."""
        self.front.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()

    def answers(self, title: str | re.Pattern[str], name: str | re.Pattern[str], **fields: str) -> None:
        """Fill in what the dialog of this title asks for, by label, and press its button; it closes."""
        dialog = self.page.get_by_role("dialog", name=title)
        for label, value in fields.items():
            dialog.get_by_label(label).fill(value)
        dialog.get_by_role("button", name=name, exact=isinstance(name, str)).click()
        expect(dialog).to_have_count(0)

    def closes(self, address: str) -> None:
        """Close the drawer: that, too, is a step."""
        self.page.keyboard.press("Escape")
        self.stands(address)

    def takes_up(self, words: str, link: str, address: str) -> None:
        """Follow the link of the message that says this."""
        said = self.page.get_by_role("status").get_by_role("listitem").filter(has_text=words)
        said.get_by_role("link", name=link).click()
        self.stands(address)
