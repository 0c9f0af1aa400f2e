"""The JobEngine summary: every figure opens what it counts, what blocks is named, nothing is stale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, update

from execution_ops import routes
from execution_ops.backends.embedded import counters
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.backends.embedded.tables import Job
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import now_ms
from execution_ops.settings import Settings
from tests.e2e.axe import assert_accessible
from tests.e2e.job_list import expect_rows
from tests.e2e.servers import WEB, Console, await_answer, await_condition, new_console, running
from tests.factories import START, add_jobs, announce, job_values

pytestmark = pytest.mark.long

AGO_MS = 20 * 60_000
LONG_MS = 3 * 3_600_000
# How many jobs of each state a queue is given: no two alike, so that no figure passes for another.
STANDS = {"scheduled": 2, "pending": 3, "running": 4, "succeeded": 5, "failed": 6, "timed_out": 1}
# The states that each figure counts, by its label in the table and in the totals.
FIGURES = {
    "Waiting": ("scheduled",),
    "Pending": ("pending",),
    "Running / limit": ("running",),
    "Done, last hour": ("succeeded",),
    "Failed, last hour": ("failed", "timed_out"),
}
_RENAMED = {"Pending": "Behind a parent", "Running / limit": "Running"}
# What the tab All of a figure's list adds up to, of one seed: all jobs, or those that ended in the last hour.
ALL = sum(STANDS.values()) + 2
ENDED_LATELY = sum(jobs for state, jobs in STANDS.items() if state in ENDED)
TOTALS = {_RENAMED.get(label, label): states for label, states in FIGURES.items()}
_queues = count(1)


@pytest.fixture
def queue() -> str:
    """A queue that nothing else has jobs in, and that no worker serves."""
    return f"summary-{next(_queues)}"


@pytest.fixture
def alone(build: Path, tmp_path: Path) -> Iterator[Console]:
    """A console of its own, without a worker and without a job."""
    console = new_console(tmp_path)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", tmp_path / "web.log")
        yield console


@pytest.fixture
def own_ledger(alone: Console) -> Iterator[Engine]:
    """The ledger of the console of its own."""
    engine = ledger_engine(Settings(data_dir=alone.data_dir).url())
    yield engine
    engine.dispose()


def seed(ledger: Engine, queue: str, stands: dict[str, int] = STANDS) -> dict[str, list[dict[str, Any]]]:
    """So many jobs of each state, the rows by state: those that wait or run were made some minutes ago, those that
    ended some minutes ago were made long before. And two that ended long ago, which no figure counts."""
    now = count(now_ms() - AGO_MS, 1000)
    common = {"queue": queue, "job_type": "stories.stand", "tenant": queue}
    made = []
    for state in (state for state, jobs in stands.items() for _ in range(jobs)):
        at = next(now)
        ended = {"created_at": at - LONG_MS, "finished_at": at} if state in ENDED else {"created_at": at}
        made.append(job_values(**common, state=state, **ended))
    rows = add_jobs(ledger, made)
    add_jobs(ledger, [job_values(**common, state=state, created_at=START) for state in ("succeeded", "failed")])
    announce(ledger, rows)
    return {state: [row for row in rows if row["state"] == state] for state in stands}


def show(page: Page, console: Console) -> None:
    """Open the summary, with all that blocks, and wait until it is there."""
    page.goto(console.url + routes.jobengine([("blocks", "all")]))
    expect(page.get_by_role("table", name="Queues")).to_be_visible()


def cell(page: Page, queue: str, label: str) -> Locator:
    return page.locator(f'[data-row="{queue}"] td[data-label="{label}"]')


def total(page: Page, label: str) -> Locator:
    return page.locator("dl.ledger > div").filter(has=page.get_by_text(label, exact=True))


def blocking(page: Page, queue: str) -> Locator:
    """What the strip says of a queue."""
    said = page.get_by_text(f"No worker serves the queue {queue}", exact=True)
    return page.get_by_role("region", name="What blocks").locator(".i").filter(has=said)


def newest_first(rows: dict[str, list[dict[str, Any]]], *states: str) -> list[str]:
    chosen = [row for state in states for row in rows[state]]
    return [row["id"] for row in sorted(chosen, key=lambda row: (row["created_at"], row["n"]), reverse=True)]


def expect_list(page: Page, ids: list[str], states: tuple[str, ...], everything: int) -> None:
    """The list on view has these rows, its tabs of these states add up to them, and its tab All to everything."""
    expect(page).to_have_url(re.compile(re.escape(routes.jobs()) + r"\?"))
    expect_rows(page, ids)
    tabs = page.get_by_role("navigation", name="States").get_by_role("link")

    def counted(word: str) -> int:
        figure = tabs.filter(has_text=re.compile(rf"^\s*{word}[\d,]+$")).locator(".c")
        return int(figure.inner_text().replace(",", ""))

    # The counts follow the rows by a moment.
    await_condition(
        lambda: sum(counted(state.replace("_", " ")) for state in states) == len(ids) and counted("All") == everything,
        "the tabs count other jobs than the list has",
    )


@pytest.mark.parametrize("label", FIGURES)
def test_a_figure_of_a_queue_opens_the_jobs_that_it_counts(
    page: Page, console: Console, ledger: Engine, queue: str, label: str
) -> None:
    rows = seed(ledger, queue)
    ids = newest_first(rows, *FIGURES[label])
    show(page, console)
    figure = cell(page, queue, label).get_by_role("link")
    expect(figure).to_have_text(str(len(ids)))
    figure.click()
    expect_list(page, ids, FIGURES[label], ENDED_LATELY if "last hour" in label else ALL)


def test_the_oldest_wait_and_the_name_of_a_queue_open_its_lists(
    page: Page, console: Console, ledger: Engine, queue: str
) -> None:
    rows = seed(ledger, queue)
    show(page, console)
    oldest = cell(page, queue, "Oldest waiting").get_by_role("link")
    expect(oldest).to_have_text(re.compile("^2[0-9]m "))
    oldest.click()
    expect_rows(page, [row["id"] for row in rows["scheduled"]])
    page.go_back()
    cell(page, queue, "Queue").get_by_role("link", name=queue, exact=True).click()
    expect(page.locator("[data-row]")).to_have_count(ALL)


def test_each_total_opens_the_jobs_that_it_counts(page: Page, alone: Console, own_ledger: Engine) -> None:
    first, second = seed(own_ledger, "one"), seed(own_ledger, "two", dict.fromkeys(STANDS, 1))
    rows = {state: first[state] + second[state] for state in STANDS}
    # The second queue has one job of each state.
    lately, everything = ENDED_LATELY + 3, ALL + len(STANDS) + 2
    show(page, alone)
    for label, states in TOTALS.items():
        ids = newest_first(rows, *states)
        figure = total(page, label).get_by_role("link")
        expect(figure).to_have_text(str(len(ids)))
        figure.click()
        expect_list(page, ids, states, lately if "last hour" in label else everything)
        page.go_back()
    expect(total(page, "Oldest waiting")).to_contain_text("one")
    total(page, "Oldest waiting").get_by_role("link").click()
    expect_rows(page, newest_first(rows, "scheduled")[::-1])


def test_a_queue_without_a_worker_is_named_with_its_waiting_jobs(
    page: Page, console: Console, ledger: Engine, queue: str
) -> None:
    rows = seed(ledger, queue)
    show(page, console)
    expect(blocking(page, queue)).to_contain_text(
        re.compile("2 jobs wait.*since .* UTC, 2[0-9]m .*Start a worker", re.DOTALL)
    )
    expect(cell(page, queue, "Workers")).to_have_text("none")
    blocking(page, queue).get_by_role("link", name="2 jobs wait").click()
    expect_list(page, newest_first(rows, "scheduled"), ("scheduled",), ALL)


def test_a_change_shows_without_reload(page: Page, console: Console, ledger: Engine, queue: str) -> None:
    (waits,) = seed(ledger, queue, {"scheduled": 1})["scheduled"]
    show(page, console)
    expect(cell(page, queue, "Waiting").get_by_role("link")).to_have_text("1")
    page.evaluate("window.kept = true")
    with write(ledger) as connection:
        connection.execute(update(Job).where(Job.id == waits["id"]).values(state="running", started_at=now_ms()))
        move = counters.Move(queue, waits["job_type"], queue, JobState.SCHEDULED, JobState.RUNNING)
        counters.count(connection, [move], now_ms())
    announce(ledger, [waits])
    expect(cell(page, queue, "Running / limit").get_by_role("link")).to_have_text("1")
    expect(cell(page, queue, "Waiting").get_by_role("link")).to_have_text("0")
    expect(cell(page, queue, "Oldest waiting")).to_have_text("none")
    expect(blocking(page, queue)).to_have_count(0)
    assert page.evaluate("window.kept"), "the document was never loaded again"


def test_a_phone_never_scrolls_sideways(page: Page, console: Console, ledger: Engine, queue: str) -> None:
    long = f"{queue}-{'no-blank-in-it-' * 12}"
    seed(ledger, long)
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, console)
    expect(blocking(page, long)).to_be_visible()
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    row = page.locator(f'[data-row="{long}"]')
    row.get_by_role("checkbox", name="Show all figures").click()
    expect(cell(page, long, "Failed, last hour")).to_be_visible()
    assert page.evaluate(sideways) == 0
    inside = "one => one.getBoundingClientRect().left >= 0 && one.getBoundingClientRect().right <= innerWidth"
    assert row.evaluate(inside), "the card fits"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_summary_is_accessible(page: Page, console: Console, ledger: Engine, queue: str, theme: Any) -> None:
    seed(ledger, queue)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    show(page, console)
    expect(blocking(page, queue)).to_be_visible()
    expect(cell(page, queue, "Failed, last hour")).to_have_text("7")
    assert_accessible(page)
    # What is heard of a figure is the figure.
    expect(cell(page, queue, "Waiting").get_by_role("link")).to_have_accessible_name(re.compile(r"\b2\b"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_empty_system_offers_the_first_scan(page: Page, alone: Console, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(alone.url + routes.jobengine())
    first = page.locator(".first")
    expect(first.get_by_role("heading", name="Nothing has run yet")).to_be_visible()
    expect(page.get_by_text("No queue has had a job yet.")).to_be_visible()
    expect(page.get_by_role("region", name="What blocks")).to_have_count(0)
    assert_accessible(page)
    first.get_by_role("button", name="Scan a directory").click()
    expect(page.get_by_role("dialog", name="Scan a directory")).to_be_visible()
    assert_accessible(page)
