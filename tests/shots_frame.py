"""Pictures of the frame of every page, and of all that it opens: palette, tenants, keys, display, navigation."""

from __future__ import annotations

import httpx
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import JobState
from execution_ops.settings import PREFIX
from tests.e2e.servers import Console
from tests.shots import Camera, Opener

NOWHERE = f"{routes.OPERATIONS}/jobengin/job"
# The badge that nobody must overlook.
ENVIRONMENT = {f"{PREFIX}ENVIRONMENT": "production"}


def photograph(camera: Camera, console: Console) -> None:
    """All pictures of one console on which much is going on, without a worker of its own."""
    running = httpx.get(f"{console.url}{routes.api_jobs([('state', JobState.RUNNING)])}").json()["items"][0]["id"]
    camera.take("frame", routes.jobs())
    camera.take("frame-keys", routes.jobs(), _keys)
    camera.take("frame-display", routes.jobs(), _display)
    camera.take("frame-pages", routes.jobs(), _all_pages)
    camera.take("frame-tenants", routes.jobs(), _tenants)
    camera.take("frame-tenants-elsewhere", routes.analyzers([("tenant", "acme")]), _tenants)
    camera.take("frame-tenant", routes.jobs([("tenant", "globex")]))
    camera.take("palette", routes.jobs(), _find(""))
    camera.take("palette-page", routes.jobs(), _find("sched"))
    camera.take("palette-verbs", routes.job(running), _find("c"))
    camera.take("palette-id", routes.jobs(), _find(running[:13]))
    camera.take("palette-nothing", routes.jobs(), _find("no such thing"))
    camera.take("not_found", NOWHERE)


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def _display(page: Page) -> None:
    page.get_by_role("button", name="Display").click()
    expect(page.get_by_role("button", name="Dark")).to_be_visible()


def _all_pages(page: Page) -> None:
    more = page.get_by_role("button", name="More", exact=True)
    if more.is_visible():
        more.click()
        expect(page.get_by_role("dialog", name="All pages")).to_be_visible()


def _tenants(page: Page) -> None:
    page.locator(".tenant").get_by_role("button").first.click()
    expect(page.get_by_role("searchbox", name="Find a tenant")).to_be_visible()


def _find(text: str) -> Opener:
    """What opens the palette and types; at the end it has answered."""

    def opener(page: Page) -> None:
        page.get_by_role("button", name="Find or do").click()
        palette: Locator = page.get_by_role("dialog", name="Command palette")
        palette.get_by_role("combobox").fill(text)
        expect(palette.get_by_role("status")).not_to_contain_text("Looking for ids")

    return opener
