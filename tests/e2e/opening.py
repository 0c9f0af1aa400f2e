"""How a browser test opens an address."""

from __future__ import annotations

import re

from playwright.sync_api import Page, TimeoutError, expect

TRIES, TRY_MS = 4, 30_000


def show(page: Page, address: str) -> None:
    """Open an address and wait until its content is there.

    An empty document has nothing that is busy either: the heading says that the page has begun.
    """
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


def go(page: Page, letter: str, address: str | re.Pattern[str]) -> None:
    """Go by the keys `g` and this letter to an address.

    The console waits for the second key as long as for a person. Where this machine was slower, the keys were pressed
    for nothing, and are again.
    """
    for left in reversed(range(TRIES)):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        try:
            page.wait_for_url(address, timeout=TRY_MS, wait_until="commit")
        except TimeoutError:
            assert left, f"the keys g {letter} do not lead to {address}, but to {page.url}"
        else:
            return
