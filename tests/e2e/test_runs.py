"""The page of runs: watched while they run, opened, retried and canceled, filtered, and told of what comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import RunState
from tests.e2e import opening
from tests.e2e.axe import assert_accessible
from tests.e2e.scheduled import Station, station
from tests.e2e.servers import Console
from tests.unit.state.letter_samples import HOSTILE

pytestmark = pytest.mark.long

FILES = ("core/a", "core/b", "edge/c", "edge/bad-d")


@pytest.fixture(scope="module")
def made(failing: Console) -> Iterator[Station]:
    """Services on the console's ledger."""
    with station(failing) as opened:
        yield opened


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone."""
    return f"t-{new_id()[-8:]}"


@pytest.fixture
def nightly(made: Station, tenant: str) -> str:
    """A schedule of four targets in two segments, one of which fails; two run at once."""
    return made.schedule("nightly", FILES, tenant=tenant, parallelism=2)


@pytest.fixture
def failed(made: Station, nightly: str, tenant: str) -> str:
    """A run of it that has ended."""
    (made.folder(tenant) / "go").touch()
    run_id = made.start(nightly)
    assert made.until_ended(run_id) is RunState.ERROR
    return run_id


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page of these pairs and wait until it is there."""
    opening.show(page, console.url + routes.runs(pairs))


def row(page: Page, run_id: str) -> Locator:
    """The row of a run."""
    return page.locator(f'[data-row="{run_id}"]')


def cell(page: Page, run_id: str, label: str) -> Locator:
    """One figure of a row."""
    return row(page, run_id).locator(f'td[data-label="{label}"]')


def drawer(page: Page) -> Locator:
    """The open drawer."""
    return page.locator("dialog.drawer[open]")


def confirm(page: Page, title: str, button: str, reason: str = "") -> None:
    """Answer the question before a verb."""
    question = page.get_by_role("dialog", name=re.compile(title))
    if reason:
        expect(question.get_by_role("button", name=button)).to_have_attribute("aria-disabled", "true")
        question.get_by_label("Reason").fill(reason)
    question.get_by_role("button", name=button).click()


def test_a_run_is_watched_opened_and_its_failed_segment_retried(
    page: Page, failing: Console, made: Station, nightly: str, tenant: str
) -> None:
    show(page, failing, ("tenant", tenant))
    expect(page.get_by_text(re.compile("1 filter hides .* runs|No run yet"))).to_be_visible()
    run_id = made.start(nightly)
    expect(cell(page, run_id, "State")).to_contain_text("running")
    expect(cell(page, run_id, "Progress")).to_contain_text("0 of 4")
    expect(cell(page, run_id, "Trigger")).to_contain_text("manual")
    (made.folder(tenant) / "go").touch()
    expect(cell(page, run_id, "Progress")).to_contain_text("3 of 4, 1 failed")
    expect(cell(page, run_id, "State")).to_contain_text("error")
    row(page, run_id).locator("[data-row-link]").click()
    expect(page).to_have_url(failing.url + routes.runs([("tenant", tenant), ("run", run_id)]))
    expect(drawer(page).locator(".note.bad")).to_contain_text("1 of 4 targets failed.")
    expect(drawer(page)).to_contain_text("4 found: 4 planned")
    expect(drawer(page)).to_contain_text("Nothing was compared")
    bad = drawer(page).locator(".run-parts li", has_text="bad-d is damaged")
    expect(bad).to_contain_text("failed")
    expect(bad.get_by_role("link")).to_have_attribute("href", re.compile(r"/jobs\?dag="))

    (made.folder(tenant) / "cure").touch()
    drawer(page).get_by_role("button", name="Retry failed segments").click()
    confirm(page, "^Retry the failed segments", "Start the new run")
    expect(page).not_to_have_url(re.compile(run_id))
    expect(drawer(page)).to_contain_text("1 of 1")
    expect(drawer(page)).to_contain_text("retry, by local operator")
    again = page.url.rpartition("run=")[2]
    assert made.until_ended(again) is RunState.COMPLETED
    drawer(page).get_by_role("link", name=f"run {run_id[-8:]}").click()
    expect(page).to_have_url(failing.url + routes.run(run_id))
    expect(drawer(page).locator(".note.bad")).to_contain_text("1 of 4 targets failed.")


def test_a_running_run_says_what_waits_and_is_canceled_with_a_reason(
    page: Page, failing: Console, made: Station, nightly: str
) -> None:
    run_id = made.start(nightly)
    made.until_running(run_id, 2)
    show(page, failing, ("run", run_id))
    expect(drawer(page).get_by_text("2 targets wait: at most 2 targets run at once.")).to_be_visible()
    drawer(page).get_by_role("button", name="Cancel").click()
    confirm(page, "^Cancel this run of nightly", "Cancel the run", reason="the mirror is down")
    expect(drawer(page).locator(".note")).to_contain_text("local operator: the mirror is down")
    expect(drawer(page)).to_contain_text("2 canceled, 2 skipped")
    expect(cell(page, run_id, "State")).to_contain_text("canceled")
    found = made.run(run_id)
    assert (found.state, found.cancel_reason) == (RunState.CANCELED, "the mirror is down")
    drawer(page).get_by_role("button", name="Close").last.click()
    expect(page).to_have_url(failing.url + routes.runs())


def test_the_figure_of_active_runs_opens_them(
    page: Page, failing: Console, made: Station, nightly: str, tenant: str
) -> None:
    first = made.start(nightly)
    made.until_running(first, 2)
    show(page, failing, ("tenant", tenant), ("state", "running"))
    expect(page.locator("[data-row]")).to_have_count(1)
    figure = page.locator(".ledger > div", has_text="Active runs").get_by_role("link")
    figure.click()
    active = [("state", state) for state in ("planning", "queued", "running")]
    expect(page).to_have_url(failing.url + routes.runs(active))
    expect(page.locator(".tabs a[aria-current=page]")).to_contain_text("Active")
    expect(row(page, first)).to_be_visible()
    made.cancel(first)
    expect(row(page, first)).to_have_count(0)


def test_the_address_is_the_truth(page: Page, failing: Console, nightly: str, failed: str, tenant: str) -> None:
    show(page, failing, ("tenant", tenant))
    tabs = page.get_by_role("navigation", name="Runs")
    tabs.get_by_role("link", name="Failures").click()
    narrowed = [("state", "error"), ("state", "canceled"), ("tenant", tenant)]
    expect(page).to_have_url(failing.url + routes.runs(narrowed))
    row(page, failed).locator("[data-row-link]").click()
    page.reload()
    expect(drawer(page).get_by_role("heading", name="nightly")).to_be_visible()
    page.go_back()
    expect(drawer(page)).to_have_count(0)
    tabs.get_by_role("link", name="Completed").click()
    expect(page.get_by_text(re.compile("2 filters hide .* runs"))).to_be_visible()
    tabs.get_by_role("link", name="Scheduled").click()
    expect(page).to_have_url(failing.url + routes.runs([("tenant", tenant), ("view", "coming")]))
    expect(row(page, nightly)).to_contain_text("nightly")
    expect(row(page, nightly)).to_contain_text("1 Jan")
    show(page, failing, ("schedule", nightly), ("trigger", "manual"))
    expect(page.locator(".fbar")).to_contain_text("nightly")
    expect(page.locator("[data-row]")).to_have_count(1)
    show(page, failing, ("after", "yesterday"))
    expect(page.get_by_role("alert")).to_contain_text("This address shows no runs")
    show(page, failing, ("run", "junk"))
    expect(page.get_by_role("alert")).to_contain_text("This is not an id")
    show(page, failing, ("run", new_id()))
    expect(drawer(page)).to_contain_text("This run is not there")


def test_targets_are_narrowed_by_their_state(page: Page, failing: Console, failed: str) -> None:
    show(page, failing, ("run", failed))
    targets = drawer(page).get_by_role("navigation", name="Targets")
    targets.get_by_role("link", name="failed").click()
    expect(page).to_have_url(failing.url + routes.runs([("run", failed), ("target_state", "failed")]))
    expect(drawer(page).get_by_text(re.compile("/core/"))).to_have_count(1)
    expect(drawer(page).locator(".run-parts li", has_text="bad-d is damaged")).to_be_visible()


def test_keys_move_and_open(page: Page, failing: Console, failed: str, tenant: str) -> None:
    show(page, failing, ("tenant", tenant))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(drawer(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(failing.url + routes.runs([("tenant", tenant)]))


def test_a_hostile_name_is_text(page: Page, failing: Console, made: Station, tenant: str) -> None:
    schedule = made.schedule(HOSTILE, ("core/<img src=x onerror=alert(1)>",), tenant=tenant)
    (made.folder(tenant) / "go").touch()
    run_id = made.start(schedule)
    made.until_ended(run_id)
    show(page, failing, ("tenant", tenant), ("run", run_id))
    expect(drawer(page).get_by_role("heading", level=2)).to_contain_text("<img src=x>\\u202e")
    expect(drawer(page)).to_contain_text("<img src=x onerror=alert(1)>")
    drawer(page).get_by_role("button", name="Retry").first.click()
    expect(page.get_by_role("dialog", name=re.compile("^Retry this run of"))).to_contain_text("<img src=x>")
    assert page.locator("main img, dialog img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, failing: Console, failed: str, tenant: str, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, failing, ("tenant", tenant))
    expect(row(page, failed)).to_be_visible()
    assert_accessible(page)
    for pairs in ([("run", failed)], [("view", "coming")], [("tenant", "nobody")]):
        show(page, failing, *pairs)
        expect(page.get_by_role("navigation", name="Runs").get_by_role("link", name="All")).to_be_attached()
        assert_accessible(page)


def test_a_phone_shows_every_control(page: Page, failing: Console, failed: str, tenant: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, failing, ("tenant", tenant))
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    row(page, failed).get_by_role("checkbox", name="Show all figures").click()
    expect(cell(page, failed, "Progress")).to_be_visible()
    show(page, failing, ("run", failed))
    expect(drawer(page).get_by_role("button", name="Retry failed segments")).to_be_in_viewport(ratio=1)
    assert drawer(page).evaluate("one => one.scrollWidth - one.clientWidth") == 0
