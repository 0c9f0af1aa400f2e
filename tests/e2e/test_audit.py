"""The audit: found by its filter, opened, followed to what it was done to, undone, and taken along as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.routes import Rest
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.job_list import type_filter
from tests.e2e.servers import Console


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone."""
    return f"t-{new_id()[-8:]}"


@pytest.fixture
def paused(web: Console, tenant: str) -> Iterator[dict[str, Any]]:
    """A quota of the tenant that was made and paused, for a hostile reason."""
    made = call(web, "POST", Rest.QUOTAS, tenant=tenant, job_type="scan.inspect", max_active=1)
    reason = "rush <img src=x onerror=alert(1)> <b>hour</b>"
    headers = {"X-Stella-Operator-Reason": reason.encode(), "X-Stella-Operator-Ticket": f"OPS-{tenant}"}
    call(web, "POST", Rest.QUOTA_PAUSE.format(quota_id=made["id"]), headers=headers)
    yield made
    httpx.delete(f"{web.url}{routes.api_quota(made['id'])}", headers={"X-Stella-Operator-Reason": "clean up"})


def call(console: Console, method: str, address: str, headers: dict[str, Any] | None = None, **body: Any) -> Any:
    """Ask the console's REST interface."""
    answer = httpx.request(method, console.url + address, json=body or None, headers=headers)
    answer.raise_for_status()
    return answer.json()


def events(console: Console, quota: dict[str, Any]) -> list[dict[str, Any]]:
    """What was done to the quota, the newest first."""
    found: list[dict[str, Any]] = call(console, "GET", routes.api_audit([("id", quota["id"])]))["items"]
    return found


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.audit(pairs))


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def rows(page: Page) -> Locator:
    """The rows of the list."""
    return page.locator("[data-row]")


def test_an_operator_finds_who_paused_it_and_takes_it_back(
    page: Page, web: Console, paused: dict[str, Any], tenant: str
) -> None:
    pause, made = events(web, paused)
    show(page, web)
    nav = page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit")
    expect(nav).to_have_attribute("aria-current", "page")
    # Filters are typed, and stand in the address.
    type_filter(page, f"tenant:{tenant}")
    expect(page).to_have_url(web.url + routes.audit([("tenant", tenant)]))
    expect(rows(page)).to_have_count(2)
    expect(page.locator("main")).to_contain_text(f"What was done for tenant {tenant}")
    page.locator(f'[data-row="{pause["n"]}"]').get_by_role("link", name="Pause").click()
    expect(page).to_have_url(web.url + routes.audit_event(pause["n"], [("tenant", tenant)]))
    expect(drawer(page)).to_contain_text("Pause: quota")
    expect(drawer(page)).to_contain_text(f"OPS-{tenant}")
    # What a person wrote is text, whatever it says.
    expect(drawer(page).locator("img, script")).to_have_count(0)
    changed = drawer(page).get_by_role("table", name="What changed").get_by_role("row")
    expect(changed.filter(has_text="state")).to_contain_text("activepaused")
    before = drawer(page).get_by_role("region", name="Before").inner_text()
    assert json.loads(before)["state"] == "active"
    # Back leads the same way.
    page.go_back()
    expect(drawer(page)).to_have_count(0)
    expect(page).to_have_url(web.url + routes.audit([("tenant", tenant)]))
    page.go_forward()
    expect(drawer(page)).to_contain_text("Pause: quota")
    # A deep link shows the same, with where it was done.
    page.reload()
    expect(drawer(page)).to_contain_text("Pause: quota")
    drawer(page).get_by_role("button", name="Undo").click()
    expect(drawer(page)).to_contain_text("Resume: quota")
    expect(page.locator(".toast")).to_contain_text("Undone: Pause")
    undone, *_ = events(web, paused)
    expect(page).to_have_url(web.url + routes.audit_event(undone["n"], [("tenant", tenant)]))
    assert call(web, "GET", routes.api_quota(paused["id"]))["paused_at"] is None
    assert (undone["undoes"], made["verb"]) == (pause["n"], "quota_create")
    # From the new event to the one that it takes back, which can't be undone again.
    drawer(page).get_by_role("link", name=f"Event {pause['n']}").click()
    expect(drawer(page)).to_contain_text("It was undone already")
    expect(drawer(page).get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    drawer(page).get_by_role("link", name=re.compile("^quota")).click()
    expect(page).to_have_url(web.url + routes.quota(paused["id"]))


def test_the_message_of_a_verb_offers_the_way_back(page: Page, web: Console, paused: dict[str, Any]) -> None:
    opening.show(page, web.url + routes.quota(paused["id"]))
    # The drawer of the quota has what was done to it, and leads to it.
    expect(drawer(page)).to_contain_text("What was done")
    expect(drawer(page).locator(".tl .aud")).to_have_count(2)
    drawer(page).get_by_role("button", name="Resume").first.click()
    page.get_by_role("dialog", name=re.compile("Resume")).get_by_role("button", name="Resume").click()
    told = drawer(page).locator(".toast")
    expect(told).to_contain_text("minutes left")
    assert call(web, "GET", routes.api_quota(paused["id"]))["paused_at"] is None
    told.get_by_role("button", name="Undo").click()
    expect(told.last).to_contain_text("Undone:")
    again = call(web, "GET", routes.api_quota(paused["id"]))
    assert again["pause_reason"].startswith("rush")
    expect(drawer(page).locator(".tl .aud")).to_have_count(4)
    # What the tab did itself is no change by somebody else, and its form goes on from there.
    expect(drawer(page)).not_to_contain_text("while you had it open")
    newest = events(web, paused)[0]
    drawer(page).locator(".tl .aud").first.get_by_role("link").click()
    expect(page).to_have_url(web.url + routes.audit_event(newest["n"]))
    page.go_back()
    expect(page).to_have_url(web.url + routes.quota(paused["id"]))


def test_what_matches_is_exported_and_that_is_told(page: Page, web: Console, paused: dict[str, Any]) -> None:
    show(page, web, ("id", paused["id"]))
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="JSON, one document").click()
    document = json.loads(taken.value.path().read_text())
    assert [item["verb"] for item in document["items"]] == ["quota_pause", "quota_create"]
    show(page, web, ("kind", "audit"), ("verb", "export"))
    newest = rows(page).first
    expect(newest).to_contain_text(paused["id"])
    newest.get_by_role("link", name="Export").click()
    drawer(page).get_by_role("link", name=re.compile("what was done with the id", re.IGNORECASE)).first.click()
    expect(page).to_have_url(web.url + routes.audit([("id", paused["id"])]))
    expect(rows(page)).to_have_count(2)


def test_the_list_is_live_and_says_what_hides_all(page: Page, web: Console, paused: dict[str, Any]) -> None:
    show(page, web, ("id", paused["id"]))
    expect(rows(page)).to_have_count(2)
    call(web, "POST", Rest.QUOTA_RESUME.format(quota_id=paused["id"]))
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("Resume")
    show(page, web, ("id", paused["id"]), ("actor", "nobody"))
    expect(page.locator("main")).to_contain_text("2 filters hide")
    page.get_by_role("link", name=re.compile("Clear")).click()
    expect(page).to_have_url(web.url + routes.audit())
    page.goto(f"{web.url}{routes.audit()}?kind={quote('a thing')}")
    expect(page.locator("main")).to_contain_text("There is no kind of thing 'a thing'")
    show(page, web, ("event", "999999999"))
    expect(drawer(page)).to_contain_text("This event is not there")


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible_in_both_themes(page: Page, web: Console, paused: dict[str, Any], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    pause, _ = events(web, paused)
    show(page, web, ("id", paused["id"]))
    assert_accessible(page)
    show(page, web, ("id", paused["id"]), ("event", str(pause["n"])))
    expect(drawer(page)).to_contain_text("Before and after")
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    show(page, web, ("id", paused["id"]))
    expect(rows(page)).to_have_count(2)
    assert_accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
