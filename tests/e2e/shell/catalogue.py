"""How the pages of the catalogue are looked at."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error, Page, expect

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# What a 1440 px window shows at a zoom of 200 %.
ZOOMED = {"width": 720, "height": 450}
PATHS = ("/", "/jobs", "/job", "/no/such/page")


def opened(page: Page, path: str) -> Page:
    """The page at `path` once the server has filled it."""
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    if path in PATHS[:3]:
        expect(page.locator(".topbar .live")).to_contain_text("Live")
    return page


def opened_on_a_stopped_clock(page: Page, path: str) -> Page:
    """The same, where time goes on only as `page.clock` is told to, however slowly the test goes."""
    page.clock.install()
    opened(page, path)
    stop_clock(page)
    return page


def stop_clock(page: Page) -> None:
    """Stop the time of a page whose clock is installed."""
    # It can't be stopped at a time that is past: asked too late, it stops all the same, and takes the next one.
    with suppress(Error):
        _stop_in_a_second(page)
    _stop_in_a_second(page)


def _stop_in_a_second(page: Page) -> None:
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
