"""Signing in with a browser, what a role may do on the pages, and API tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.domain.tokens import is_secret
from execution_ops.settings import PREFIX, Settings
from tests.e2e.axe import assert_accessible
from tests.e2e.opening import show
from tests.e2e.servers import WEB, Console, await_answer, new_console, running
from tests.factories import add_jobs, job_values
from tests.oidc import Provider, openid_provider

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib.*", "ignore::DeprecationWarning:oidc.*")
GRANTS = [
    {"group": "sre", "role": "admin", "tenants": "*"},
    {"group": "viewers", "role": "viewer", "tenants": ["acme"]},
]
FAILED = [("state", "failed"), ("tenant", "acme")]


@dataclass(frozen=True)
class Guarded:
    """A console that takes a sign-in, and the provider of that."""

    console: Console
    provider: Provider
    ledger: Engine

    def as_user(self, subject: str) -> None:
        """Whenever a browser comes to the provider, this is who signs in there."""
        self.provider.visitor = subject


@pytest.fixture(scope="module")
def guarded(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    made = new_console(tmp_path_factory.mktemp("guarded"))
    with openid_provider() as provider:
        provider.add("ann", groups=["sre"])
        provider.add("vic", groups=["viewers"])
        provider.add("zed")
        url = made.url.replace("127.0.0.1", "localhost")
        environment = made.environment | {
            f"{PREFIX}SIGN_IN": "oidc",
            f"{PREFIX}OIDC_ISSUER": provider.issuer,
            f"{PREFIX}OIDC_CLIENT_ID": "console",
            f"{PREFIX}OIDC_CLIENT_SECRET": "known to both",
            f"{PREFIX}PUBLIC_URL": url,
            f"{PREFIX}GRANTS": json.dumps(GRANTS),
        }
        console = replace(made, url=url, environment=environment)
        with running(console, WEB, "web") as process:
            await_answer(process, f"{console.url}{routes.HEALTH}", console.data_dir.parent / "web.log")
            ledger = ledger_engine(Settings(data_dir=console.data_dir).url())
            values = {"job_type": "stories.access", "state": "failed"}
            add_jobs(ledger, [job_values(tenant="acme", **values), job_values(tenant="beta", **values)])
            yield Guarded(console, provider, ledger)
            ledger.dispose()


def test_who_opens_a_deep_link_signs_in_and_is_there(page: Page, guarded: Guarded) -> None:
    guarded.as_user("vic")
    address = guarded.console.url + routes.jobs(FAILED)
    show(page, address)
    expect(page).to_have_url(address)
    expect(page.get_by_role("link", name="vic")).to_be_visible()
    # What a viewer of one tenant sees, and may not do, with the reason.
    expect(page.get_by_role("link", name="stories.access")).to_have_count(1)
    scan = page.get_by_role("button", name="Scan a directory")
    expect(scan).to_have_attribute("aria-disabled", "true")
    expect(scan).to_have_accessible_description("Needs the permission ops:operate.")
    page.goto(guarded.console.url + routes.jobs([("tenant", "beta")]))
    expect(page.get_by_role("link", name="stories.access")).to_have_count(0)


def test_nothing_that_opens_anything_is_within_reach_of_a_script(page: Page, guarded: Guarded) -> None:
    guarded.as_user("ann")
    show(page, guarded.console.url + routes.access())
    page.get_by_role("button", name="New token").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("prometheus")
    form.get_by_role("button", name="Create the token").click()
    shown = form.locator("code").first
    expect(shown).to_be_visible()
    secret = shown.inner_text()
    assert is_secret(secret)
    kept = "[JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie].join(' ')"
    assert secret not in page.evaluate(kept)
    assert "session" not in page.evaluate("document.cookie")
    form.get_by_role("button", name="Done").click()
    # The form is in the address: until it has gone from there, it would be there again.
    expect(page).to_have_url(guarded.console.url + routes.access())
    expect(page.get_by_role("table", name="API tokens").get_by_text("prometheus")).to_be_visible()
    page.reload()
    expect(page.get_by_role("table", name="API tokens").get_by_text("prometheus")).to_be_visible()
    assert secret not in page.content()
    me = f"{guarded.console.url}{routes.Rest.ME}"
    assert httpx.get(me, headers={"Authorization": f"Bearer {secret}"}).json()["name"] == "token prometheus"
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("leaked")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The token prometheus is revoked.")).to_be_visible()
    expect(page.get_by_role("table", name="API tokens").get_by_text("revoked", exact=True)).to_be_visible()
    assert httpx.get(me, headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_page_says_that_the_session_has_ended_and_leads_back(page: Page, guarded: Guarded) -> None:
    guarded.as_user("ann")
    address = guarded.console.url + routes.jobs(FAILED)
    show(page, address)
    expect(page.get_by_role("link", name="stories.access")).to_have_count(1)
    with write(guarded.ledger) as connection:
        connection.execute(text("DELETE FROM sign_in_session"))
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(page.get_by_role("link", name="stories.access")).to_have_count(0)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("link", name="stories.access")).to_have_count(1)
    expect(page).to_have_url(address)


@pytest.mark.long
def test_signing_out_ends_it_here_and_at_the_provider(page: Page, guarded: Guarded) -> None:
    guarded.as_user("ann")
    show(page, guarded.console.url + routes.access())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    assert len(guarded.provider.ended) == 1
    cookies = {cookie["name"] for cookie in page.context.cookies(guarded.console.url)}
    assert "execution_ops_session" not in cookies


@pytest.mark.long
def test_who_has_no_role_is_told_whom_to_ask(page: Page, guarded: Guarded) -> None:
    guarded.as_user("zed")
    show(page, guarded.console.url + routes.jobs())
    expect(page.get_by_text("nothing is granted to them here")).to_be_visible()
    show(page, guarded.console.url + routes.access())
    expect(page.get_by_text("Nothing is granted to you here.")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_and_its_form_are_accessible(page: Page, guarded: Guarded, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    guarded.as_user("ann")
    show(page, guarded.console.url + routes.new_token())
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert_accessible(page)
