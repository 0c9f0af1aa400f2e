"""The page of quotas: made, seen to hold a job, paused, resumed, edited, overridden, reset, deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import JobState
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.servers import Console, await_condition
from tests.factories import add_jobs, job_values

pytestmark = pytest.mark.long

REASON = {"X-Stella-Operator-Reason": "a test"}


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone."""
    return f"t-{new_id()[-8:]}"


@pytest.fixture
def quota(console: Console, tenant: str) -> Iterator[dict[str, Any]]:
    """A quota of the tenant for scans, with one slot."""
    made = call(console, "POST", routes.api_quotas(), tenant=tenant, job_type="scan.inspect", max_active=1)
    yield made
    httpx.delete(f"{console.url}{routes.api_quota(made['id'])}", headers=REASON)


def call(console: Console, method: str, address: str, **body: Any) -> dict[str, Any]:
    """Ask the console's REST interface."""
    answer = httpx.request(method, console.url + address, json=body or None, headers=REASON)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def scan(console: Console, tenant: str, name: str) -> str:
    """Start a scan of a small directory for the tenant; the id of its first job."""
    source = console.scan_root / name
    source.mkdir(exist_ok=True)
    (source / "requirements.txt").write_text("flask==3.0.0\n")
    answer = httpx.post(
        f"{console.url}{routes.api_scans()}", json={"path": str(source)}, headers={"X-Stella-Tenant": tenant}
    )
    answer.raise_for_status()
    first: str = answer.json()["job_ids"]["inspect"]
    return first


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.quotas(pairs))


def row(page: Page, quota_id: str) -> Locator:
    """The row of a quota."""
    return page.locator(f'[data-row="{quota_id}"]')


def cell(page: Page, quota_id: str, label: str) -> Locator:
    """One figure of a row."""
    return row(page, quota_id).locator(f'td[data-label="{label}"]')


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def test_a_quota_is_made_from_the_page_and_its_bad_input_told(page: Page, console: Console, tenant: str) -> None:
    show(page, console)
    page.get_by_role("button", name=re.compile("New quota|Make the first quota")).first.click()
    expect(page).to_have_url(console.url + routes.quotas([("new", "1")]))
    form = drawer(page)
    form.get_by_label("Tenant").fill(tenant)
    form.get_by_label("Job type").fill("*")
    form.get_by_label("Max active").fill("-3")
    form.get_by_role("button", name="Make the quota").click()
    expect(form.get_by_role("alert")).to_contain_text("Max active can't be negative.")
    expect(form.get_by_label("Tenant")).to_have_value(tenant)
    form.get_by_label("Max active").fill("7")
    form.get_by_label("Max per hour").fill("100")
    form.get_by_label("Burst").fill("5")
    form.get_by_role("button", name="Make the quota").click()
    expect(page).to_have_url(console.url + routes.quotas())
    expect(page.get_by_text(f"Made the quota {tenant} / any type")).to_be_visible()
    made = page.get_by_role("link", name=f"{tenant} / any type")
    expect(made).to_be_visible()
    made.click()
    expect(drawer(page).get_by_role("heading", name=f"{tenant} / any type")).to_be_visible()
    drawer(page).get_by_role("button", name="Delete the quota").click()
    question = page.get_by_role("dialog", name=re.compile("^Delete"))
    question.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(console.url + routes.quotas())
    expect(page.get_by_role("link", name=f"{tenant} / any type")).to_have_count(0)


def test_a_paused_quota_holds_a_job_which_says_so_until_it_is_resumed(
    page: Page, console: Console, tenant: str, quota: dict[str, Any]
) -> None:
    show(page, console, ("tenant", tenant))
    row(page, quota["id"]).locator("[data-row-link]").click()
    expect(page).to_have_url(console.url + routes.quotas([("tenant", tenant), ("quota", quota["id"])]))
    drawer(page).get_by_role("button", name="Pause with reason").click()
    question = page.get_by_role("dialog", name=re.compile("^Pause"))
    expect(question.get_by_role("button", name="Pause", exact=True)).to_have_attribute("aria-disabled", "true")
    question.get_by_label("Reason").fill("the mirror is down")
    question.get_by_role("button", name="Pause", exact=True).click()
    expect(drawer(page).get_by_text("Paused: the mirror is down")).to_be_visible()
    drawer(page).get_by_role("button", name="Close").click()
    expect(page).to_have_url(console.url + routes.quotas([("tenant", tenant)]))
    expect(cell(page, quota["id"], "State")).to_contain_text("paused")

    job_id = scan(console, tenant, f"{tenant}-paused")
    expect(cell(page, quota["id"], "Waiting").get_by_role("link")).to_have_text("1")
    cell(page, quota["id"], "Waiting").get_by_role("link").click()
    expect(page).to_have_url(console.url + routes.jobs([("quota", quota["id"])]))
    page.locator(f'[data-row="{job_id}"] [data-row-link]').click()
    expect(page.get_by_text(f"paused its quota {tenant} / scan.inspect")).to_contain_text("the mirror is down")
    page.get_by_role("link", name="Open its quota").click()
    expect(page).to_have_url(console.url + routes.quota(quota["id"]))
    drawer(page).get_by_role("button", name="Resume").click()
    page.get_by_role("dialog", name=re.compile("^Resume")).get_by_role("button", name="Resume").click()
    expect(drawer(page).get_by_text("Paused:")).to_have_count(0)

    def started() -> bool:
        found = call(console, "GET", routes.api_job(job_id))
        return found["row"]["state"] in (JobState.RUNNING, JobState.SUCCEEDED)

    await_condition(started, "the held job did not start")


def test_values_are_edited_overridden_and_reset(
    page: Page, console: Console, tenant: str, quota: dict[str, Any]
) -> None:
    show(page, console, ("quota", quota["id"]))
    expect(drawer(page).locator(".was").first).to_have_text("1")
    drawer(page).get_by_label("Max active").fill("6")
    drawer(page).get_by_label("Reason").fill("release train")
    drawer(page).get_by_role("button", name="Apply").click()
    expect(page).to_have_url(console.url + routes.quotas())
    expect(cell(page, quota["id"], "Active / limit")).to_contain_text("/ 6")
    row(page, quota["id"]).locator("[data-row-link]").click()
    drawer(page).get_by_label("Max active").fill("9")
    drawer(page).get_by_label("Override for now").check()
    drawer(page).get_by_role("button", name="Apply").click()
    expect(cell(page, quota["id"], "Active / limit")).to_contain_text("/ 9")
    expect(cell(page, quota["id"], "State")).to_contain_text("overridden")
    row(page, quota["id"]).locator("[data-row-link]").click()
    expect(drawer(page).get_by_text("Configured are 6 at once.")).to_be_visible()
    drawer(page).get_by_role("button", name="Reset to the configured values").click()
    page.get_by_role("dialog", name=re.compile("^Reset")).get_by_role("button", name="Reset").click()
    expect(drawer(page).locator(".was").first).to_have_text("6")
    stored = call(console, "GET", routes.api_quota(quota["id"]))
    assert (stored["limits"]["max_active"], stored["override"], stored["revision"]) == (6, None, 4)


def test_the_later_of_two_operators_is_told_before_and_refused(
    page: Page, console: Console, quota: dict[str, Any]
) -> None:
    show(page, console, ("quota", quota["id"]))
    drawer(page).get_by_label("Max active").fill("50")
    call(console, "PUT", routes.api_quota(quota["id"]), max_active=3, revision=1)
    expect(drawer(page).get_by_text("changed this quota while you had it open")).to_be_visible()
    expect(drawer(page).get_by_label("Max active")).to_have_value("50")
    drawer(page).get_by_role("button", name="Apply").click()
    expect(drawer(page).get_by_role("alert")).to_contain_text("local operator changed this quota at 20")
    drawer(page).get_by_role("button", name="Show what holds now").click()
    expect(drawer(page).get_by_label("Max active")).to_have_value("3")
    assert call(console, "GET", routes.api_quota(quota["id"]))["limits"]["max_active"] == 3


def test_the_address_is_the_truth(page: Page, console: Console, tenant: str, quota: dict[str, Any]) -> None:
    show(page, console, ("tenant", tenant), ("paused", "no"))
    expect(page.locator("[data-row]")).to_have_count(1)
    row(page, quota["id"]).locator("[data-row-link]").click()
    expect(drawer(page)).to_be_visible()
    page.reload()
    expect(drawer(page).get_by_role("heading", name=f"{tenant} / scan.inspect")).to_be_visible()
    page.go_back()
    expect(drawer(page)).to_have_count(0)
    expect(page.locator("[data-row]")).to_have_count(1)
    show(page, console, ("tenant", f"{tenant}-none"))
    expect(page.get_by_text(re.compile("1 filter hides .* quotas"))).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(console.url + routes.quotas())
    show(page, console, ("paused", "maybe"))
    expect(page.get_by_role("alert")).to_contain_text("Paused is yes or no.")
    show(page, console, ("quota", new_id()))
    expect(drawer(page)).to_contain_text("It may have been deleted.")


def test_a_snapshot_is_saved(page: Page, console: Console, tenant: str, quota: dict[str, Any]) -> None:
    show(page, console, ("tenant", tenant))
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="JSON, for programs").click()
    document = json.loads(saved.value.path().read_text())
    assert [item["id"] for item in document["items"]] == [quota["id"]]
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV, for spreadsheets").click()
    assert quota["id"] in saved.value.path().read_text()

    def told() -> list[tuple[str, str, int]]:
        query = [("kind", "quota"), ("verb", "export"), ("verb", "export_finished")]
        items = call(console, "GET", routes.api_audit(query))["items"]
        return [(one["verb"], one["scope"], one["count"]) for one in items if tenant in one["scope"]]

    scope = f"tenant={tenant}"
    await_condition(lambda: told()[:1] == [("export_finished", scope, 1)], "the end of the export is in the audit")
    assert sorted(told()) == sorted([("export", scope, 1), ("export_finished", scope, 1)] * 2)


def test_gauges_move_without_a_reload(
    page: Page, console: Console, ledger: Engine, tenant: str, quota: dict[str, Any]
) -> None:
    show(page, console, ("tenant", tenant))
    expect(cell(page, quota["id"], "Active / limit")).to_contain_text("0 / 1")
    add_jobs(ledger, [job_values(tenant=tenant, job_type="scan.inspect", state="running")])
    expect(cell(page, quota["id"], "Active / limit")).to_contain_text("1 / 1")
    expect(cell(page, quota["id"], "State")).to_contain_text("at its limit")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, console: Console, tenant: str, quota: dict[str, Any], theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    call(console, "POST", f"{routes.api_quota(quota['id'])}:pause")
    show(page, console, ("tenant", tenant))
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert_accessible(page)
    for pairs in ([("quota", quota["id"])], [("new", "1")]):
        show(page, console, *pairs)
        expect(drawer(page)).to_be_visible()
        assert_accessible(page)


def test_a_phone_shows_every_control(page: Page, console: Console, tenant: str, quota: dict[str, Any]) -> None:
    call(console, "POST", f"{routes.api_quota(quota['id'])}:pause")
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, console, ("tenant", tenant))
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    expect(page.get_by_role("button", name="Resume")).to_be_in_viewport(ratio=1)
    row(page, quota["id"]).get_by_role("checkbox", name="Show all figures").click()
    expect(cell(page, quota["id"], "Tokens left")).to_be_visible()
    show(page, console, ("quota", quota["id"]))
    expect(drawer(page).get_by_role("button", name="Apply")).to_be_in_viewport(ratio=1)
    assert drawer(page).evaluate("one => one.scrollWidth - one.clientWidth") == 0
