"""What Jobs & Queues shows at each address, and what its events do for any client; on a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.overview_filters import SHOWN, Tab
from execution_ops.services import container
from execution_ops.state.overview import ROWS, OverviewPage
from execution_ops.state.overview_tabs import VIEWS
from tests.execution import Bench
from tests.overview_samples import QUEUES, fill, strand

BESIDE = [("tenant", "acme"), ("queue", "maven"), ("jobs.state", "failed"), ("runs.state", "error")]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("overview")
    shutil.copyfile(sqlite_template, folder / "ledger.db")
    made = Bench(f"sqlite:///{folder / 'ledger.db'}", folder)
    fill(made)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _console(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_shared", container.compose(ledger.settings, ledger.backend))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> OverviewPage:
    states = {kind: kind(_reflex_internal_init=True) for kind in ROWS.values()}

    async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
        return states[kind]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    return OverviewPage(_reflex_internal_init=True)  # type: ignore[call-arg]


def at(page: OverviewPage, *pairs: tuple[str, str]) -> OverviewPage:
    """The page put at an address."""
    data = {"pathname": routes.jobs_queues(), "asPath": routes.jobs_queues(pairs), "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    return page


async def look(page: OverviewPage, *pairs: tuple[str, str]) -> OverviewPage:
    """Open an address and what stands around its rows."""
    await at(page, *pairs)._refresh()
    if not page.problem:
        beside = page._ask().beside
        assert beside is not None
        page._show_beside(await beside())
    return page


def query_of(href: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(href).query)


@pytest.mark.parametrize("tab", Tab)
async def test_each_tab_shows_its_rows_and_its_part_of_the_filter(page: OverviewPage, tab: Tab) -> None:
    await look(page, ("tab", tab.value), *BESIDE)
    assert (page.problem, page.tab) == ("", tab.value)
    rows = {one: len((await page.get_state(kind)).rows) for one, kind in ROWS.items()}
    assert rows.pop(tab) == page.rows_on_page
    assert not any(rows.values())
    shown = [pair for pair in BESIDE if pair[0] in SHOWN[tab]]
    assert sorted((token["key"], token["value"]) for token in page.tokens) == sorted(shown)
    assert page.active == len(shown)
    waits = {pair for pair in BESIDE if pair not in shown}
    assert set(query_of(page.clear_href)) - {("tab", tab.value)} == waits
    (on,) = [line for line in page.tabs if line.on]
    assert (on.title, on.count) == (VIEWS[tab].title, f"{page.rows_on_page:,}")
    assert set(page.values) >= {"tenant", "queue"}


@pytest.mark.parametrize(
    ("tab", "text", "address"),
    [
        (Tab.QUEUES, "Open all quotas", routes.quotas()),
        (
            Tab.JOBS,
            "Cancel or retry 4 jobs",
            routes.jobs([("state", "failed"), ("queue", "maven"), ("tenant", "acme")]),
        ),
        # There is none of these two: nothing to do.
        (Tab.RUNS, "", routes.runs([("state", "error"), ("tenant", "acme")])),
        (Tab.LETTERS, "", routes.dead_letter_queue([("tenant", "acme"), ("queue", "maven")])),
        (Tab.WORKERS, "Drain or resume 2 workers", routes.workers([("queue", "maven")])),
    ],
)
async def test_a_hand_off_says_what_it_is_and_takes_the_filter_along(
    page: OverviewPage, tab: Tab, text: str, address: str
) -> None:
    await at(page, ("tab", tab.value), *BESIDE)._refresh()
    assert page.hand_off.href == address
    await look(page, ("tab", tab.value), *BESIDE)
    assert page.hand_off.href == (address if text else "")
    if tab is Tab.JOBS:
        assert page.hand_off.text == f"Cancel or retry {page.rows_on_page} jobs"
    else:
        assert page.hand_off.text == text


async def test_the_tabs_lead_on_at_once_and_keep_what_is_known_of_the_same_filter(page: OverviewPage) -> None:
    await at(page, ("tab", "jobs"), ("tenant", "acme"))._refresh()
    assert [line.count for line in page.tabs] == [""] * len(Tab)
    assert query_of(page.tabs[1].href) == [("tab", "jobs"), ("tenant", "acme")]
    await look(page, ("tab", "jobs"), ("tenant", "acme"))
    assert all(line.count for line in page.tabs)
    await at(page, ("tab", "runs"), ("tenant", "acme"))._refresh()
    assert all(line.count for line in page.tabs)
    await at(page, ("tab", "runs"), ("tenant", "globex"))._refresh()
    assert not any(line.count for line in page.tabs)


async def test_another_filter_of_the_bar_is_another_address_in_which_the_rest_waits(page: OverviewPage) -> None:
    await look(page, ("tab", "jobs"), ("blocks", "all"), *BESIDE)
    event = page.apply("tenant=globex&jobs.state=running&runs.state=queued")
    assert query_of(event.args[0][1]._var_value) == [
        ("tab", "jobs"),
        ("tenant", "globex"),
        ("jobs.state", "running"),
        ("runs.state", "error"),
        ("blocks", "all"),
    ]
    assert page.apply("jobs.state=nothing") is None
    assert "no such state" in page.complaint


@pytest.mark.parametrize("pairs", [[("tab", "x")], [("window", "2h")], [("cursor", "x")], [("tenant", "x" * 5000)]])
async def test_an_address_that_shows_nothing_is_refused_in_words(
    page: OverviewPage, pairs: list[tuple[str, str]]
) -> None:
    await at(page, *pairs)._refresh()
    assert page.refused
    assert page.problem.endswith(".")


async def test_what_blocks_is_shown_in_part_or_as_a_whole(page: OverviewPage, ledger: Bench) -> None:
    await look(page)
    assert (page.strip.count, len(page.strip.lines), page.strip.other) == ("5", 3, "and 2 more")
    assert page.sentence.endswith("5 things need attention. Every number opens the list behind it.")
    await look(page, ("tab", "jobs"), ("blocks", "all"))
    assert len(page.strip.lines) == 5
    assert query_of(page.strip.other_href) == [("tab", "jobs")]


async def test_rates_are_those_of_the_window_of_the_address(page: OverviewPage) -> None:
    await look(page, ("window", "24h"), ("queue", "maven"))
    assert [(line.title, line.on) for line in page.windows] == [("1 h", False), ("6 h", False), ("24 h", True)]
    assert query_of(page.windows[0].href) == [("queue", "maven")]
    queues = await page.get_state(ROWS[Tab.QUEUES])
    (line,) = queues.rows
    _, waits, _, runs, well, badly = QUEUES["maven"]
    assert (line.waiting, line.running, line.done, line.failed) == (waits, runs, well, badly)
    assert (line.failure_rate, line.limit_text) == ("31.0 %", "of 16")
    assert line.drain
    assert query_of(queues.ways["maven"].href) == [("tab", "jobs"), ("queue", "maven"), ("window", "24h")]
    assert sum(queues.curves["maven"].done) == line.done


async def test_what_is_as_it_was_is_not_sent_again(page: OverviewPage) -> None:
    await look(page, ("queue", "maven"))
    queues = await page.get_state(ROWS[Tab.QUEUES])
    assert queues.dirty_vars == {"rows", "ways", "curves"}
    queues._clean()
    await look(page, ("queue", "maven"))
    assert not queues.dirty_vars


async def test_a_tab_that_is_left_keeps_nothing(page: OverviewPage) -> None:
    await look(page)
    queues = await page.get_state(ROWS[Tab.QUEUES])
    assert queues.ways
    await look(page, ("tab", "jobs"))
    assert not queues.rows
    assert not queues.ways
    assert not queues.curves


async def test_many_queues_are_pages_of_which_the_stuck_come_first(page: OverviewPage, ledger: Bench) -> None:
    strand(ledger, 60)
    await look(page, ("sort", "oldest"))
    assert (page.rows_on_page, page.before_href) == (50, "")
    first = (await page.get_state(ROWS[Tab.QUEUES])).rows
    assert all(line.stuck for line in first)
    await look(page, *query_of(page.after_href))
    second = (await page.get_state(ROWS[Tab.QUEUES])).rows
    assert {line.queue for line in first}.isdisjoint(line.queue for line in second)
    assert len(first) + len(second) == 60 + 10
    assert page.before_href
    assert page.after_href == ""


def test_no_event_changes_anything() -> None:
    own: Any = {name for name, value in vars(OverviewPage).items() if isinstance(value, rx.event.EventHandler)}
    # Those of every live page with a filter, and `setvar`, which the socket drops.
    assert own == {"open", "live", "refresh", "hide", "show", "apply", "setvar"}
