"""Replay plans in the browser: dry run, rate, pause, abort in the middle, results, and taking back."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from tests.e2e.axe import assert_accessible
from tests.e2e.letters import die, entries
from tests.e2e.opening import show
from tests.e2e.servers import Console, await_condition

pytestmark = pytest.mark.long

ADDRESS = re.compile(re.escape(routes.replay("")) + "[0-9a-f-]{36}$")
# Jobs a second: so slow that a few are sent while most wait for minutes, and that none is before something is done.
SOME, NONE_YET = "0.1", "0.01"
_tenants = count(1)


@pytest.fixture
def tenant() -> str:
    """A tenant that nothing else has dead letters of."""
    return f"replays-{next(_tenants)}"


def rows(page: Page) -> Locator:
    return page.locator("[data-row]")


def state(page: Page, name: str) -> Locator:
    """The badge of the plan."""
    return page.locator(f".head [data-state={name}]")


def figure(page: Page, word: str) -> Locator:
    """The figure beside a word of the plan's panels."""
    return page.locator(".steps li", has_text=word).get_by_role("link")


def make_plan(page: Page, console: Console, tenant: str, verb: str = "replay", reason: str = "") -> None:
    """Ask for a plan for everything open of the tenant, from the groups."""
    show(page, console.url + routes.dead_letter([("tenant", tenant)]))
    if verb == "replay":
        page.get_by_role("button", name="Plan a replay").click()
    else:
        rows(page).first.get_by_role("button", name="Resolve").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=re.compile("^Plan a replay|^Resolve")).click()
    expect(page).to_have_url(ADDRESS)


def act(page: Page, verb: str, confirm: str, reason: str = "") -> None:
    """Press a verb of the plan and answer its question."""
    page.get_by_role("button", name=verb, exact=True).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=confirm).click()
    expect(dialog).to_have_count(0)


def set_rate(page: Page, rate: str) -> None:
    page.get_by_label("Jobs a second, at most").fill(rate)
    page.get_by_role("button", name="Set the rate").click()


def test_a_plan_is_aborted_in_the_middle(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, *(f"offset {n}" for n in range(12)))
    make_plan(page, failing, tenant)
    expect(page.get_by_text("12 of 12 eligible")).to_be_visible()
    expect(state(page, "draft")).to_be_visible()
    set_rate(page, SOME)
    expect(page.get_by_text(f"The rate is {SOME} a second now.")).to_be_visible()
    act(page, "Start", "Replay 12 dead letters")
    expect(state(page, "running")).to_be_visible()
    expect(figure(page, "died again, same error")).to_be_visible()
    page.get_by_role("button", name="Abort").click()
    dialog = page.get_by_role("dialog", name="Abort this plan?")
    dialog.get_by_label("Reason").press("Enter")
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_label("Reason").fill("the error is still there")
    dialog.get_by_role("button", name="Abort the plan").click()
    expect(state(page, "aborted")).to_be_visible()
    expect(page.get_by_text("Aborted by local operator: the error is still there.")).to_be_visible()
    plan = page.url
    left = figure(page, "never sent")
    count = int(left.inner_text())
    assert 0 < count < 12
    left.click()
    expect(page).to_have_url(f"{plan}?status=eligible")
    expect(rows(page)).to_have_count(count)
    page.reload()
    expect(rows(page)).to_have_count(count)
    page.get_by_role("link", name="Show all entries").click()
    expect(page).to_have_url(plan)
    expect(rows(page)).to_have_count(12)
    expect(page.get_by_role("button", name="Start")).to_have_count(0)

    def all_pending() -> bool:
        return [entry["state"] for entry in entries(failing, tenant)].count("pending") == 12

    # What was sent has died again, what was not stays as it was.
    await_condition(all_pending, "Not everything was pending again.\n")


def test_the_rate_is_changed_while_a_plan_runs(page: Page, failing: Console, tenant: str, tmp_path: Path) -> None:
    cure = tmp_path / "cure"
    die(failing, tenant, *(f"offset {n}" for n in range(6)), cure=cure)
    cure.touch()
    make_plan(page, failing, tenant)
    expect(page.get_by_text("6 of 6 eligible")).to_be_visible()
    set_rate(page, "fast")
    expect(page.get_by_text("A rate is a number of jobs a second, or nothing for no limit.")).to_be_visible()
    set_rate(page, SOME)
    act(page, "Start", "Replay 6 dead letters")
    expect(page.get_by_role("heading", name=re.compile("^[1-5] of 6 sent"))).to_be_visible()
    set_rate(page, "")
    expect(page.get_by_role("heading", name="6 of 6 sent")).to_be_visible()
    expect(state(page, "completed")).to_be_visible()
    figure(page, "succeeded").click()
    expect(page).to_have_url(re.compile(r"\?status=succeeded$"))
    expect(rows(page)).to_have_count(6)
    assert {entry["state"] for entry in entries(failing, tenant)} == {"replayed"}


def test_a_plan_is_paused_and_goes_on(page: Page, failing: Console, tenant: str, tmp_path: Path) -> None:
    cure = tmp_path / "cure"
    die(failing, tenant, *(f"offset {n}" for n in range(5)), cure=cure)
    cure.touch()
    make_plan(page, failing, tenant)
    expect(page.get_by_text("5 of 5 eligible")).to_be_visible()
    set_rate(page, NONE_YET)
    act(page, "Start", "Replay 5 dead letters")
    act(page, "Pause", "Pause the plan")
    expect(state(page, "held")).to_have_text("paused")
    expect(page.get_by_text("Paused by local operator.")).to_be_visible()
    set_rate(page, "")
    act(page, "Resume", "Resume the plan")
    expect(state(page, "completed")).to_be_visible()
    expect(figure(page, "succeeded")).to_have_text("5")


def test_a_plan_whose_background_job_was_canceled_stands_still_until_it_is_resumed(
    page: Page, failing: Console, tenant: str, tmp_path: Path
) -> None:
    cure = tmp_path / "cure"
    die(failing, tenant, *(f"offset {n}" for n in range(4)), cure=cure)
    cure.touch()
    make_plan(page, failing, tenant)
    set_rate(page, NONE_YET)
    act(page, "Start", "Replay 4 dead letters")
    plan = page.url
    other = page.context.new_page()
    other.goto(plan)
    other.locator(".facts").get_by_role("link", name="Open", exact=True).click()
    expect(other.locator("h1")).to_contain_text("ops.replay")
    act(other, "Cancel", "Cancel 1 job", "by mistake")
    expect(state(other, "canceled")).to_be_visible()
    other.close()
    expect(page.get_by_text("The plan stands still.")).to_be_visible()
    page.goto(failing.url + routes.replays())
    expect(rows(page).first).to_contain_text("stands still")
    page.goto(plan)
    set_rate(page, "")
    act(page, "Resume", "Resume the plan")
    expect(state(page, "completed")).to_be_visible()
    expect(page.get_by_text("The plan stands still.")).to_have_count(0)
    expect(figure(page, "succeeded")).to_have_text("4")


def test_what_a_plan_resolved_is_reopened(page: Page, failing: Console, tenant: str) -> None:
    die(failing, tenant, "offset 1", "offset 2")
    make_plan(page, failing, tenant, "resolve", "known, ignored")
    expect(page.get_by_role("heading", name="2 of 2 resolved")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="known, ignored")).to_be_visible()
    expect(state(page, "completed")).to_be_visible()
    act(page, "Reopen all", "Reopen 2 dead letters")
    expect(page.locator("h1")).to_have_text("Reopen plan")
    expect(page.get_by_role("heading", name="2 of 2 reopened")).to_be_visible()
    page.get_by_role("link", name="another plan").click()
    expect(page.locator("h1")).to_have_text("Resolve plan")
    page.get_by_role("link", name="Replays", exact=True).last.click()
    expect(page).to_have_url(failing.url + routes.replays())
    expect(rows(page).first).to_contain_text("Reopen")
    rows(page).first.get_by_role("link").first.click()
    expect(page).to_have_url(ADDRESS)


def test_the_dry_run_says_why_an_entry_is_left_out(page: Page, failing: Console, tenant: str) -> None:
    died = die(failing, tenant, "offset 1", "offset 2")
    page.goto(failing.url + routes.dead_letter_queue([("tenant", tenant)]))
    page.get_by_role("checkbox", name="Select this page").click()
    bar = page.get_by_role("region", name="Selection")
    bar.get_by_role("button", name="Replay").click()
    # Meanwhile somebody resolves one of them.
    other = page.context.new_page()
    other.goto(failing.url + routes.dead_letter_entry(died[0]["id"]))
    other.get_by_role("button", name="Resolve").click()
    other.get_by_role("dialog").get_by_label("Reason").fill("mine")
    other.get_by_role("dialog").get_by_role("button", name="Resolve 1 dead letter").click()
    expect(other.locator(".head [data-state=resolved]")).to_be_visible()
    other.close()
    page.get_by_role("dialog").get_by_role("button", name="Plan a replay of 2").click()
    expect(page.get_by_text("1 of 2 eligible")).to_be_visible()
    figure(page, "not open any more").click()
    expect(page).to_have_url(re.compile(r"\?verdict=not_open$"))
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("resolved by local operator at")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (routes.replay("019a0000-0000-7000-8000-000000000000"), "There is no replay plan"),
        (routes.replay("019a0000-0000-7000-8000-000000000000", [("status", "odd")]), "There is no status"),
    ],
)
def test_what_is_no_plan_says_so(page: Page, failing: Console, address: str, said: str) -> None:
    page.goto(failing.url + address)
    expect(page.get_by_role("heading", name="There is no such plan")).to_be_visible()
    expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("link", name="All plans").click()
    expect(page).to_have_url(failing.url + routes.replays())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(page: Page, failing: Console, tenant: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    die(failing, tenant, "offset 1")
    make_plan(page, failing, tenant)
    expect(page.get_by_text("1 of 1 eligible")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Start").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(failing.url + routes.replays())
    expect(rows(page).first).to_be_visible()
    assert_accessible(page)
