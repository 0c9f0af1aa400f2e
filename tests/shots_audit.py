"""Pictures of the audit, of what was done to a thing in its drawer, and of the way back, for people to look at.

The console has no worker.
"""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.routes import Rest
from tests.e2e.servers import Console
from tests.shots import Camera
from tests.shots_jobs import make_quotas

HOSTILE = '<img src=x onerror=alert(1)> "a" & a reason as long as can be, which somebody wrote at three in the morning'


def changed(console: Console, quota_id: str) -> None:
    """Do a few things to a quota, for reasons."""
    for verb, reason, ticket in (
        (Rest.QUOTA_PAUSE, HOSTILE, "OPS-2291"),
        (Rest.QUOTA_RESUME, "the mirror answers again", ""),
        (Rest.QUOTA_PAUSE, "nightly sweep first", "OPS-2305"),
    ):
        headers = {"X-Stella-Operator-Reason": reason, "X-Stella-Operator-Ticket": ticket}
        httpx.post(console.url + verb.format(quota_id=quota_id), headers=headers).raise_for_status()
    limits = {"max_active": 3, "max_per_hour": 100, "revision": 4}
    httpx.put(console.url + routes.api_quota(quota_id), json=limits).raise_for_status()
    exported = console.url + routes.api_audit_export([("kind", "quota"), ("after", "24h")])
    httpx.get(exported, headers={"X-Stella-Operator-Reason": "quarterly review"}).raise_for_status()
    newest = httpx.get(console.url + routes.api_audit([("verb", "quota_edit")])).json()["items"][0]
    httpx.post(console.url + Rest.AUDIT_UNDO.format(n=newest["n"])).raise_for_status()


def ask_resume(page: Page) -> None:
    """A verb that was done a moment ago, with the way back."""
    page.locator("dialog.drawer[open]").get_by_role("button", name="Resume").first.click()
    page.get_by_role("dialog", name="Resume").get_by_role("button", name="Resume").click()
    expect(page.locator(".toast")).to_contain_text("minutes left")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").last).to_contain_text("Undone")


def photograph(camera: Camera, console: Console) -> None:
    """All pictures of one console that starts empty."""
    camera.take("audit-empty", routes.audit())
    _, quota = make_quotas(console)
    changed(console, quota)
    camera.take("audit", routes.audit())
    items = httpx.get(console.url + routes.api_audit()).json()["items"]
    # The oldest of each: the edit that was undone.
    by_verb = {item["verb"]: item["n"] for item in items}
    camera.take("audit-edit", routes.audit_event(items[0]["n"]))
    camera.take("audit-late", routes.audit_event(by_verb["quota_edit"]))
    camera.take("audit-export", routes.audit_event(by_verb["export"]))
    camera.take("audit-nothing", routes.audit([("actor", "nobody"), ("kind", "quota")]))
    camera.take("audit-missing", routes.audit([("event", "9999")]))
    camera.take("audit-bad", routes.audit([("kind", "thing")]))
    camera.take("audit-undo", routes.quota(quota), ask_resume)
