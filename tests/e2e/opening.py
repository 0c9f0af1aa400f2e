"""How a browser test opens an address."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def show(page: Page, address: str) -> None:
    """Open an address and wait until its content is there.

    An empty document has nothing that is busy either: the heading says that the page has begun.
    """
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
