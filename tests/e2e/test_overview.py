"""Jobs & Queues: every figure opens exactly the rows that it counts, and what blocks leads to what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from execution_ops import routes
from execution_ops.settings import Settings
from tests.e2e.axe import assert_accessible
from tests.e2e.opening import show
from tests.e2e.servers import WEB, Console, await_answer, new_console, running
from tests.execution import Bench
from tests.overview_samples import QUEUES, fill, strand

# The figures of a queue, by the label of their column.
FIGURES = ("Waiting", "Running / limit", "Oldest waiting", "Arrived", "Done", "Failed", "Workers")
TOTALS = ("Waiting", "Running", "Done, last hour", "Failed, last hour", "Dead letters", "Workers")
TABS = ("Queues", "Jobs", "Runs", "Dead letters", "Workers")
PAGE_SIZE = 50
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def busy(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, Bench]]:
    """A console whose ledger has much in it and stands still."""
    yield from _console(tmp_path_factory.mktemp("overview"), filled=True)


@pytest.fixture
def quiet(build: Path, tmp_path: Path) -> Iterator[tuple[Console, Bench]]:
    """A console without a job."""
    yield from _console(tmp_path, filled=False)


def _console(folder: Path, *, filled: bool) -> Iterator[tuple[Console, Bench]]:
    console = new_console(folder)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", folder / "web.log")
        bench = Bench(Settings(data_dir=console.data_dir).url(), folder)
        if filled:
            fill(bench)
        yield console, bench
        bench.close()


def open_at(page: Page, console: Console, *pairs: tuple[str, str]) -> None:
    """Open the page and wait until its figures are there: they follow its rows."""
    show(page, console.url + routes.jobs_queues(pairs))
    expect(total(page, "Waiting").get_by_role("link")).to_be_visible()


def total(page: Page, label: str) -> Locator:
    return page.locator("dl.ledger > div").filter(has=page.get_by_text(label, exact=True))


def cell(page: Page, queue: str, label: str) -> Locator:
    return page.locator(f'[data-row="{queue}"] td[data-label="{label}"]')


def tab(page: Page, title: str) -> Locator:
    return page.get_by_role("navigation", name="What is listed").get_by_role(
        "link", name=re.compile(rf"^{title}\s*[\d,+]*$")
    )


def strip(page: Page) -> Locator:
    return page.get_by_role("region", name="What blocks")


def number(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found, f"no number in {text!r}"
    return int(found[0].replace(",", ""))


def expect_listed(page: Page, count: int) -> None:
    """Wait until the list on view has exactly so many rows, on all of its pages."""
    rows, further = (
        page.locator("[data-row]"),
        page.get_by_role("link", name=re.compile("^(Older|Next)$"), disabled=False),
    )
    left = count
    while left > PAGE_SIZE:
        expect(rows).to_have_count(PAGE_SIZE)
        first = rows.first.get_attribute("data-row")
        further.click()
        expect(rows.first).not_to_have_attribute("data-row", str(first))
        left -= PAGE_SIZE
    expect(rows).to_have_count(left)
    expect(further).to_have_count(0)


def expect_figure_opens(page: Page, figure: Locator) -> int:
    """Click a figure, wait until what it opens has as many rows as it says, then come back. What it said."""
    here, href, said = page.url, figure.get_attribute("href"), number(figure.inner_text())
    figure.click()
    expect(page).not_to_have_url(here)
    assert page.url.endswith(str(href))
    expect_listed(page, said)
    page.goto(here)
    expect(total(page, "Waiting").get_by_role("link")).to_be_visible()
    return said


def test_home_is_the_overview_and_each_tab_is_an_address(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    page.goto(f"{console.url}/")
    page.wait_for_url(console.url + routes.jobs_queues())
    expect(page.get_by_role("heading", name="Jobs & Queues", level=1)).to_be_visible()
    expect(page.get_by_text("things need attention. Every number opens the list behind it.")).to_be_visible()
    for title, value in (("Jobs", "jobs"), ("Runs", "runs"), ("Dead letters", "dead-letters"), ("Workers", "workers")):
        tab(page, title).click()
        expect(page).to_have_url(console.url + routes.jobs_queues([("tab", value)]))
        expect(page.get_by_role("table", name=title, exact=True)).to_be_visible()
        expect(tab(page, title)).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_role("table", name="Dead letters", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("table", name="Dead letters", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("queue", ["scan", "maven", "compare"])
def test_each_figure_of_a_queue_opens_exactly_the_rows_that_it_counts(
    page: Page, busy: tuple[Console, Bench], queue: str
) -> None:
    console, _ = busy
    _, waits, _, runs, well, badly = QUEUES[queue]
    expected = {
        "Waiting": waits,
        "Running / limit": runs,
        "Arrived": sum(QUEUES[queue][1:]),
        "Done": well,
        "Failed": badly,
    }
    open_at(page, console)
    for label in FIGURES:
        figure = cell(page, queue, label).get_by_role("link")
        if label == "Workers" and queue == "compare":
            expect(cell(page, queue, label)).to_have_text("none")
            continue
        if label == "Oldest waiting":
            # It says how long, and opens those that wait, the oldest first.
            figure.click()
            expect_listed(page, waits)
            expect(page).to_have_url(re.compile("sort=oldest$"))
            open_at(page, console)
        else:
            assert expect_figure_opens(page, figure) == expected.get(label, 2), label


@pytest.mark.long
@pytest.mark.parametrize("value", ["queues", "jobs", "runs", "dead-letters", "workers"])
def test_each_total_and_each_count_of_a_tab_is_the_number_of_its_rows(
    page: Page, busy: tuple[Console, Bench], value: str
) -> None:
    console, _ = busy
    open_at(page, console, ("tab", value), ("tenant", "acme"), ("queue", "maven"))
    for label in TOTALS:
        expect_figure_opens(page, total(page, label).get_by_role("link"))
    for title in TABS:
        link = tab(page, title)
        expect(link).to_have_text(re.compile(r"\d"))
        said = number(link.inner_text().removeprefix(title))
        link.click()
        expect(tab(page, title)).to_have_attribute("aria-current", "page")
        expect_listed(page, said)


@pytest.mark.long
def test_what_blocks_leads_to_what_it_holds_up_and_to_what_mends_it(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console, ("blocks", "all"))
    blocks = strip(page).locator(".i")
    expect(blocks).to_have_count(5)
    expect(blocks.locator("b")).to_have_text(
        [
            "No worker serves the queue compare",
            "The quota acme / test.number is paused",
            "More jobs die than usual",
            "The schedule nightly missed its last 2 due times",
            "Worker victim is lost",
        ]
    )
    for at, held in enumerate((18, 3, 9, 0, 2)):
        expect(blocks.nth(at)).to_contain_text(re.compile(r"since .*UTC, "))
        if held:
            assert expect_figure_opens(page, blocks.nth(at).locator(".held").get_by_role("link")) == held
    for at, (words, address) in enumerate(
        (
            ("Start a worker", routes.workers()),
            ("Open the quota", routes.quotas()),
            ("Review them by error", routes.dead_letter()),
            ("Open the schedule", routes.schedules()),
            ("Open the worker", routes.workers()),
        )
    ):
        strip(page).locator(".i").nth(at).get_by_role("link", name=words).click()
        expect(page).to_have_url(re.compile(re.escape(console.url + address)))
        page.go_back()
        expect(strip(page)).to_be_visible()


def test_nothing_can_be_changed_from_here(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    verbs = re.compile("^(cancel|retry|replay|resolve|pause|resume|drain|stop|run now)", re.IGNORECASE)
    for value in ("queues", "jobs", "runs", "dead-letters", "workers"):
        open_at(page, console, ("tab", value))
        assert page.get_by_role("main").get_by_role("button", name=verbs).count() == 0
        assert page.locator("[data-row] input[type=checkbox]:not([aria-label='Show all figures'])").count() == 0
    open_at(page, console)
    cell(page, "scan", "Quotas").get_by_role("link", name="Open quotas of scan").click()
    expect(page).to_have_url(
        console.url + routes.quotas([("job_type", name) for name in ("*", "scan.catalog", "scan.inspect")])
    )


@pytest.mark.long
def test_a_hand_off_arrives_with_the_filter_of_the_tab(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    open_at(page, console, ("tab", "dead-letters"), ("tenant", "globex"), ("letters.state", "pending"))
    page.get_by_role("link", name="Review 2 dead letters").click()
    expect(page).to_have_url(console.url + routes.dead_letter_queue([("state", "pending"), ("tenant", "globex")]))
    expect_listed(page, 2)


def test_an_address_that_no_tab_has_is_refused_in_words(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    show(page, console.url + routes.jobs_queues([("tab", "nowhere")]))
    expect(page.get_by_role("alert")).to_contain_text("There is no such tab; known are queues, jobs, runs")
    page.get_by_role("link", name="Show all queues").click()
    expect(page.get_by_role("table", name="Queues", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_is_accessible(page: Page, busy: tuple[Console, Bench], theme: Any) -> None:
    console, _ = busy
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for value in ("queues", "jobs", "runs", "dead-letters", "workers"):
        open_at(page, console, ("tab", value), ("blocks", "all"))
        assert_accessible(page)


@pytest.mark.long
def test_a_phone_never_scrolls_sideways(page: Page, busy: tuple[Console, Bench]) -> None:
    console, _ = busy
    page.set_viewport_size({"width": 390, "height": 844})
    for value in ("queues", "jobs", "runs", "dead-letters", "workers"):
        open_at(page, console, ("tab", value))
        assert page.evaluate(SIDEWAYS) == 0, value
    open_at(page, console, ("blocks", "all"))
    assert page.evaluate(SIDEWAYS) == 0
    row = page.locator('[data-row="scan"]')
    row.get_by_role("checkbox", name="Show all figures").click()
    expect(cell(page, "scan", "Drains in")).to_be_visible()
    assert page.evaluate(SIDEWAYS) == 0


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_empty_system_blocks_nobody_and_offers_the_first_scan(
    page: Page, quiet: tuple[Console, Bench], theme: Any
) -> None:
    console, _ = quiet
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_at(page, console)
    expect(page.get_by_text("Nothing blocks.", exact=True)).to_be_visible()
    first = page.locator(".first")
    expect(first.get_by_role("heading", name="Nothing has run yet")).to_be_visible()
    assert_accessible(page)
    for title, said in (
        ("Jobs", "No job yet"),
        ("Runs", "No run yet"),
        ("Dead letters", "Nothing died"),
        ("Workers", "No worker here"),
    ):
        tab(page, title).click()
        expect(page.get_by_role("heading", name=said)).to_be_visible()
        assert_accessible(page)
    tab(page, "Queues").click()
    first.get_by_role("button", name="Scan a directory").click()
    expect(page.get_by_role("dialog", name="Scan a directory")).to_be_visible()


@pytest.mark.long
def test_of_a_hundred_blocks_the_most_severe_few_are_shown_and_the_address_opens_the_rest(
    page: Page, quiet: tuple[Console, Bench]
) -> None:
    console, bench = quiet
    strand(bench, 100)
    open_at(page, console)
    expect(strip(page)).to_contain_text("100 blocking")
    expect(strip(page).locator(".i")).to_have_count(3)
    strip(page).get_by_role("link", name="and 97 more").click()
    expect(page).to_have_url(console.url + routes.jobs_queues([("blocks", "all")]))
    expect(strip(page).locator(".i")).to_have_count(100)
    strip(page).get_by_role("link", name="Show the most severe").click()
    expect(page).to_have_url(console.url + routes.jobs_queues())
    expect(strip(page).locator(".i")).to_have_count(3)
    # A hundred queues are two pages, those that are stuck first.
    expect_listed(page, 100)
