"""The overview of the scheduler: every figure opens what it counts, what waits and what was missed says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.domain.states import RunState
from execution_ops.domain.times import now_ms
from tests.e2e import failing_jobs, opening
from tests.e2e.axe import assert_accessible
from tests.e2e.scheduled import OPERATOR, Station, station
from tests.e2e.servers import WEB, Console, await_answer, await_condition, complete, new_console, running
from tests.factories import add_jobs, announce, job_values

pytestmark = pytest.mark.long

HOUR_MS = 3_600_000
UNSERVED = "compare"
SERVED = failing_jobs.QUEUE
# How many rows each figure leads to.
FIGURES = {"Active runs": 2, "Missed, last 24 h": 2, "Failed today": 1, "Jobs waiting": 3, "Workers": 1}
LAG = {
    UNSERVED: {"Waiting": 3, "Running": 0, "Workers": 0},
    SERVED: {"Waiting": 0, "Running": 3, "Workers": 1},
}


@dataclass(frozen=True)
class Scene:
    """A console in the middle of its day: ids of its schedules and runs."""

    console: Console
    station: Station
    sweep: str
    sweep_run: str
    busy: str
    archive: str
    first: str


@pytest.fixture(scope="module")
def scene(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two runs go on, one has failed, two due times were missed, and three jobs wait that nobody takes."""
    console = new_console(tmp_path_factory.mktemp("scheduler"))
    with complete(console, failing_jobs.WEB, failing_jobs.WORKER), station(console) as made:
        yield _play(console, made)


def _play(console: Console, made: Station) -> Scene:
    failed = made.schedule("failed", ("core/bad-a",), tenant="done")
    (made.folder("done") / "go").touch()
    assert made.until_ended(made.start(failed)) is RunState.ERROR
    sweep = made.schedule("sweep", ("sweep/a", "sweep/b", "sweep/c", "sweep/d"), tenant="acme", parallelism=2)
    busy = made.schedule("busy", ("busy/a",), tenant="acme")
    archive = made.schedule("archive", ("archive/a",), tenant="acme")
    first = made.schedule("first", ("first/a",), tenant="acme")
    made.pause(archive)
    sweep_run, busy_run = made.start(sweep), made.start(busy)
    made.until_running(sweep_run, 2)
    made.until_running(busy_run, 1)
    made.come_due(archive, now_ms() - HOUR_MS)
    made.come_due(busy, now_ms() - 1000)
    made.come_due(first, now_ms() + 2 * HOUR_MS)
    ago = now_ms() - 2 * HOUR_MS
    rows = add_jobs(made.engine, [job_values(queue=UNSERVED, state="scheduled", created_at=ago + i) for i in range(3)])
    announce(made.engine, rows)
    missed = made.services.scheduler.missed
    await_condition(lambda: len(missed(OPERATOR).firings) == FIGURES["Missed, last 24 h"], "Nothing was missed.")
    return Scene(console, made, sweep, sweep_run, busy, archive, first)


@pytest.fixture
def alone(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console of its own, without a worker and without a schedule."""
    console = new_console(tmp_path)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", tmp_path / "web.log")
        yield console


def show(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    opening.show(page, console.url + routes.scheduler(pairs))
    expect(page.get_by_role("heading", name="Scheduler", level=1)).to_be_visible()


def total(page: Page, label: str) -> Locator:
    """A figure above the tables."""
    return page.locator("dl.ledger > div").filter(has=page.get_by_text(label, exact=True))


def rows(page: Page, table: str) -> Locator:
    return page.get_by_role("table", name=table).locator("[data-row]")


def cell(page: Page, queue: str, label: str) -> Locator:
    return page.get_by_role("table", name="Queue lag").locator(f'[data-row="{queue}"] td[data-label="{label}"]')


@pytest.mark.parametrize("label", FIGURES)
def test_a_figure_opens_the_rows_that_it_counts(page: Page, scene: Scene, label: str) -> None:
    show(page, scene.console)
    figure = total(page, label).get_by_role("link")
    expect(figure).to_have_text(str(FIGURES[label]))
    before = page.url
    figure.click()
    expect(page).not_to_have_url(before)
    expect(page.locator("[data-row]")).to_have_count(FIGURES[label])
    page.go_back()
    expect(page).to_have_url(before)
    expect(rows(page, "Queue lag").first).to_be_visible()


@pytest.mark.parametrize(("queue", "label"), [(queue, label) for queue, figures in LAG.items() for label in figures])
def test_a_figure_of_a_queue_opens_the_rows_that_it_counts(page: Page, scene: Scene, queue: str, label: str) -> None:
    show(page, scene.console)
    figure = cell(page, queue, label).get_by_role("link")
    expect(figure).to_have_text(str(LAG[queue][label]))
    figure.click()
    expect(page).to_have_url(re.compile(f"queue={queue}"))
    expect(page.locator("h1")).not_to_have_text("Scheduler")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    expect(page.locator("[data-row]")).to_have_count(LAG[queue][label])


def test_a_queue_that_nobody_serves_is_called_out_with_its_jobs(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    expect(page.get_by_text(f"2 runs go on, 3 jobs wait, and nobody takes those of {UNSERVED}.")).to_be_visible()
    expect(rows(page, "Queue lag").first).to_have_attribute("data-row", UNSERVED)
    expect(page.get_by_text(f"No worker that is online serves the queue {UNSERVED}.").first).to_be_visible()
    said = page.get_by_text(f"No worker serves the queue {UNSERVED}", exact=True)
    blocks = page.get_by_role("region", name="What blocks").locator(".i").filter(has=said)
    expect(cell(page, UNSERVED, "Oldest waiting")).to_have_text(re.compile("^2h "))
    blocks.get_by_role("link", name="3 jobs wait").click()
    expect(page).to_have_url(scene.console.url + routes.jobs([("state", "scheduled"), ("queue", UNSERVED)]))
    expect(page.locator("[data-row]")).to_have_count(3)


def test_a_run_says_what_it_waits_for_and_opens(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    sweep = page.locator(f'[data-row="{scene.sweep_run}"]')
    expect(sweep).to_contain_text("sweep")
    expect(sweep).to_contain_text("running")
    expect(sweep).to_contain_text("0 of 4")
    expect(sweep).to_contain_text("manual")
    expect(page.get_by_text("2 targets wait: at most 2 targets run at once.")).to_be_visible()
    sweep.locator("[data-row-link]").click()
    expect(page).to_have_url(scene.console.url + routes.run_stream(scene.sweep_run))
    expect(page.get_by_role("heading", level=1)).to_contain_text("sweep")


def test_what_comes_stands_in_its_order_and_leads_to_its_schedule(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    expect(rows(page, "What fires next")).to_have_count(4)
    expect(rows(page, "What fires next").first).to_contain_text("first")
    expect(total(page, "Next firing")).to_contain_text(re.compile("in 1h "))
    total(page, "Next firing").get_by_role("link").click()
    expect(page).to_have_url(scene.console.url + routes.schedule(scene.first))
    expect(page.locator("dialog.drawer[open]").get_by_role("heading", name="first")).to_be_visible()


def test_what_was_missed_says_why_and_leads_to_its_schedule(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    found = rows(page, "Missed")
    expect(found).to_have_count(2)
    expect(found.filter(has_text="busy")).to_contain_text("The run before it had not ended")
    expect(found.filter(has_text="archive")).to_contain_text("The schedule was paused")
    total(page, "Missed, last 24 h").get_by_role("link").click()
    expect(page).to_have_url(scene.console.url + routes.scheduler([("missed", "all")]))
    expect(page.get_by_role("table", name="Queue lag")).to_have_count(0)
    page.reload()
    expect(found).to_have_count(2)
    found.filter(has_text="archive").locator("[data-row-link]").click()
    expect(page).to_have_url(scene.console.url + routes.schedule(scene.archive))


def test_a_run_that_starts_and_ends_shows_without_reload(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    page.evaluate("window.kept = true")
    made = scene.station
    begun = made.start(scene.first)
    expect(page.locator(f'[data-row="{begun}"]')).to_contain_text("running")
    expect(total(page, "Active runs").get_by_role("link")).to_have_text("3")
    expect(cell(page, SERVED, "Running")).to_have_text("4")
    made.cancel(begun)
    made.until_ended(begun)
    expect(page.locator(f'[data-row="{begun}"]')).to_have_count(0)
    expect(total(page, "Active runs").get_by_role("link")).to_have_text("2")
    expect(cell(page, SERVED, "Running")).to_have_text("3")
    assert page.evaluate("window.kept"), "the document was never loaded again"


def test_the_keyboard_goes_from_row_to_row_and_opens(page: Page, scene: Scene) -> None:
    show(page, scene.console)
    page.keyboard.press("j")
    expect(page.locator("[data-row-link]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f'[data-row="{scene.sweep_run}"] [data-row-link]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(scene.console.url + routes.run_stream(scene.sweep_run))
    page.keyboard.press("Escape")
    opening.go(page, "s", scene.console.url + routes.scheduler())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_overview_is_accessible(page: Page, scene: Scene, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, scene.console)
    expect(rows(page, "Missed")).to_have_count(2)
    assert_accessible(page)
    show(page, scene.console, ("missed", "all"))
    expect(rows(page, "Missed")).to_have_count(2)
    assert_accessible(page)


def test_a_phone_never_scrolls_sideways_and_keeps_every_figure(page: Page, scene: Scene) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, scene.console)
    expect(rows(page, "Missed")).to_have_count(2)
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    box = page.locator(f'[data-row="{UNSERVED}"]').get_by_role("checkbox", name="Show all figures")
    right = box.evaluate("one => one.getBoundingClientRect().right")
    assert right <= 390, "what opens the card is in the window"
    box.click()
    expect(cell(page, UNSERVED, "Running")).to_be_visible()
    assert page.evaluate(sideways) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_empty_system_offers_the_first_schedule(page: Page, alone: Console, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, alone)
    expect(page.get_by_text("There is no schedule yet: nothing starts by itself.")).to_be_visible()
    first = page.locator(".first")
    expect(first.get_by_role("heading", name="No schedule yet")).to_be_visible()
    for label in FIGURES:
        expect(total(page, label).get_by_role("link")).to_have_text("0")
    expect(page.get_by_text("No queue has had a job yet, and no worker is online")).to_be_visible()
    assert_accessible(page)
    total(page, "Missed, last 24 h").get_by_role("link").click()
    expect(page.get_by_text("Nothing was missed")).to_be_visible()
    page.go_back()
    first.get_by_role("link", name="New schedule").click()
    expect(page).to_have_url(alone.url + routes.new_schedule())
    expect(page.locator("dialog[open]")).to_be_visible()
