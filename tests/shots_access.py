"""Pictures of who one is, of API tokens in every state, and of what makes and revokes them, for people to look at."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from execution_ops import routes
from execution_ops.domain.access import Scope
from execution_ops.routes import Rest
from tests.e2e.servers import Console
from tests.shots import Camera

LONG = "a scraper with a name that is as long as one may be, for the second site of the north"


def made(console: Console) -> None:
    """Tokens that last, that end soon, that act for others, and one that was revoked."""
    tokens = [
        {"name": "prometheus", "scopes": [Scope.READ.value], "days": 365},
        {"name": LONG[:80], "scopes": [Scope.READ.value], "tenants": ["acme", "beta", "gamma"], "days": 7},
        {"name": "console-eu", "scopes": [scope.value for scope in Scope], "delegate": True},
        {"name": "leaked", "scopes": [Scope.OPERATE.value]},
    ]
    ids = []
    for token in tokens:
        answer = httpx.post(console.url + Rest.TOKENS, json=token).raise_for_status()
        ids.append(answer.json()["token"]["id"])
    reason = {"X-Stella-Operator-Reason": "found in a log"}
    httpx.post(console.url + Rest.TOKEN_REVOKE.format(token_id=ids[-1]), headers=reason).raise_for_status()


def make_one(page: Page) -> None:
    """The form, filled in and sent: the secret is shown once."""
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("ci")
    form.get_by_role("button", name="Create the token").click()
    expect(form.locator("code").first).to_be_visible()


def ask_revoke(page: Page) -> None:
    """The question before one is revoked."""
    page.evaluate("document.querySelector('[data-verb=Revoke]:not([aria-disabled=true])').click()")
    expect(page.get_by_role("dialog")).to_be_visible()


def photograph(camera: Camera, console: Console) -> None:
    """All pictures of one console that starts without a token."""
    camera.take("access-empty", routes.access())
    made(console)
    camera.take("access", routes.access())
    camera.take("access-revoke", routes.access(), ask_revoke)
    camera.take("access-new", routes.new_token())
    camera.take("access-made", routes.new_token(), make_one)
