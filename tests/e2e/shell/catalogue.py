"""How the pages of the catalogue are looked at."""

from __future__ import annotations

from playwright.sync_api import Page, expect

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
