"""What the overview of the scheduler shows of runs, due times and queues."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.outlook import ComingFiring, MissedFiring
from execution_ops.domain.queue_lag import queue_lag
from execution_ops.domain.run_waiting import RunWaiting
from execution_ops.domain.runs import RunFigures
from execution_ops.domain.schedules import Missed
from execution_ops.domain.standing import Standing
from execution_ops.domain.states import RunState, WorkerState
from execution_ops.services.runs import RunSummary
from execution_ops.services.scheduler import ACTIVE_SHOWN, ActiveRun, MissedLately
from execution_ops.state.scheduler import Around, Overview, SchedulerPage, SchedulerRows
from execution_ops.state.scheduler_view import (
    MISSED_SHOWN,
    active_line,
    lag_line,
    missed_figure,
    missed_line,
    next_line,
    now_figures,
    say_now,
)
from tests.lag_samples import NOW, behind, health, queue, worker
from tests.unit.state.run_samples import run

NAME = "night\u202ely"


def coming(after_s: int = 60, **values: Any) -> ComingFiring:
    given: dict[str, Any] = {"name": NAME, "tenant": "acme", "queue": "scan", "cron": "30 2 * * *", "zone": "UTC"}
    return ComingFiring(schedule_id=new_id(), due_at=NOW + timedelta(seconds=after_s), **{**given, **values})


def missed(**values: Any) -> MissedFiring:
    given: dict[str, Any] = {"schedule_id": new_id(), "name": NAME, "tenant": "acme", "missed": Missed.OVERLAP}
    return MissedFiring(due_at=NOW, **{**given, **values})


def test_a_run_says_since_when_and_what_it_waits_for() -> None:
    waits = run(state=RunState.QUEUED, schedule_name=NAME)
    before = new_id()
    line = active_line(ActiveRun(run=waits, waiting=RunWaiting(sentence="It waits.", run_id=before)))
    assert (line.schedule, line.href, line.since) == (
        "night\\u202ely",
        routes.run_stream(waits.id),
        "2026-11-23T14:00:00.000Z",
    )
    assert (line.wait.sentence, line.wait.href) == ("It waits.", routes.run(before))
    begun = run(state=RunState.RUNNING, started_at=NOW + timedelta(seconds=5))
    line = active_line(ActiveRun(run=begun, waiting=None))
    assert (line.since, line.wait.sentence) == ("2026-11-23T14:00:05.000Z", "")


def test_a_due_time_to_come_says_its_rule() -> None:
    one = coming()
    line = next_line(one, behind())
    assert (line.name, line.words, line.at) == ("night\\u202ely", "At 02:30 every day", "2026-11-23T14:01:00.000Z")
    assert line.href == routes.schedule(one.schedule_id)
    assert line.wait == ""


def test_a_due_time_that_is_past_says_why_it_has_not_fired() -> None:
    assert next_line(coming(-5), behind()).wait == ""
    late = next_line(coming(-5, queue="compare"), behind())
    assert late.wait.startswith("No worker that is online serves the queue compare.")


def test_a_missed_due_time_says_why() -> None:
    one = missed()
    line = missed_line(one)
    assert (line.why, line.times, line.href) == (
        "The run before it had not ended",
        "",
        routes.schedule(one.schedule_id),
    )
    assert missed_line(missed(times=40)).times == "40 due times from then on"
    assert {missed_line(missed(missed=why)).why for why in Missed} >= {"The schedule was paused"}


def test_each_figure_of_a_queue_leads_to_what_it_counts() -> None:
    compare, scan, _ = (lag_line(one) for one in queue_lag(behind()).items)
    assert (scan.depth, scan.oldest, scan.running, scan.workers, scan.stuck) == (7, "1m 00s", 2, 1, "")
    assert scan.depth_href == routes.jobs([("state", "scheduled"), ("queue", "scan")])
    assert scan.oldest_href == routes.jobs([("state", "scheduled"), ("queue", "scan"), ("sort", "oldest")])
    assert scan.running_href == routes.jobs([("state", "running"), ("queue", "scan")])
    assert scan.workers_href == routes.workers([("state", "online"), ("queue", "scan")])
    assert compare.stuck.startswith("No worker")
    assert lag_line(queue_lag(health(queue("idle"))).items[0]).oldest == "none"


def test_the_figures_of_now() -> None:
    sample = behind()
    first = next_line(coming(), sample)
    found = now_figures(queue_lag(sample), sample, [first])
    assert (found.waiting, found.waiting_words) == ("10", "in 2 queues")
    assert (found.workers, found.workers_words) == ("1", "online")
    assert (found.next_name, found.next_at, found.next_href) == (first.name, first.at, first.href)
    drains = health(
        workers=(
            worker("scan"),
            worker("scan", id="w2", state=WorkerState.DRAINING),
            worker("scan", id="w3", state=WorkerState.LOST, ended_at=NOW),
        )
    )
    found = now_figures(queue_lag(drains), drains, [])
    assert (found.workers, found.workers_words) == ("1", "online, 1 draining")
    assert (found.waiting, found.waiting_words, found.next_href) == ("0", "in no queue", "")


@pytest.mark.parametrize(
    ("firings", "more", "count", "words"),
    [
        ((), False, "0", "no due time"),
        ((missed(),), False, "1", "of 1 schedule"),
        ((missed(), missed()), False, "2", "of 2 schedules"),
        ((missed(times=40), missed()), False, "2", "for 41 due times"),
        ((missed(),), True, "1+", "of 1 schedule"),
    ],
)
def test_the_figure_of_what_was_missed(firings: tuple[MissedFiring, ...], more: bool, count: str, words: str) -> None:
    found = missed_figure(MissedLately(firings=firings, more=more))
    assert (found.count, found.words, found.href) == (count, words, f"{routes.scheduler()}?missed=all")


def test_how_things_stand_in_words() -> None:
    lag, idle = queue_lag(behind()), queue_lag(health())
    assert say_now(0, idle, schedules=False) == "There is no schedule yet: nothing starts by itself."
    assert say_now(0, idle, schedules=True) == "No run goes on, no job waits."
    assert say_now(1, lag, schedules=True) == "1 run goes on, 10 jobs wait, and nobody takes those of compare."
    one = queue_lag(health(queue("scan", waiting=1), workers=(worker("scan"),)))
    assert say_now(12, one, schedules=True) == "12 runs go on, 1 job waits."
    assert say_now(0, one, schedules=False) == "No run goes on, 1 job waits."


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A page whose rows are at hand."""
    rows = SchedulerRows(_reflex_internal_init=True)  # type: ignore[call-arg]

    async def get_state(_page: Any, _kind: Any) -> Any:
        return rows

    monkeypatch.setattr(SchedulerPage, "get_state", get_state)
    made = SchedulerPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    at(made, "")
    return made


def at(page: Any, query: str) -> None:
    """Put the page at this address."""
    address = f"{routes.scheduler()}?{query}"
    data = {"pathname": routes.scheduler(), "asPath": address, "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)


def overview(active: int = 0, *, schedules: bool = True) -> Overview:
    sample = behind()
    lag = queue_lag(sample)
    lines = [active_line(ActiveRun(run=run(), waiting=None)) for _ in range(active)]
    return Overview(sample, lag, lines, [], schedules, [lag_line(one) for one in lag.items])


def around(active: int, *firings: MissedFiring) -> Around:
    summary = RunSummary(since=NOW, figures=RunFigures(active=active), failed=0)
    return Around(Standing(blocks=(), as_of=NOW), summary, MissedLately(firings=firings, more=False))


async def test_of_many_runs_all_are_counted_and_the_last_are_shown(page: Any) -> None:
    await page._show(overview(ACTIVE_SHOWN))
    page._show_beside(around(31))
    assert page.sentence.startswith("31 runs go on")
    assert (page.active_shown, page.queues_shown) == (ACTIVE_SHOWN, 3)


async def test_the_overview_shows_the_last_that_were_missed_and_their_own_view_all(page: Any) -> None:
    firings = [missed(name=f"s{i}") for i in range(MISSED_SHOWN + 2)]
    await page._show(overview())
    page._show_beside(around(0, *firings))
    assert (len(page.missed_rows), page.missed_left, page.only_missed) == (MISSED_SHOWN, 2, False)
    at(page, "missed=all")
    await page._show(overview())
    page._show_beside(around(0, *firings))
    assert (len(page.missed_rows), page.missed_left, page.only_missed) == (MISSED_SHOWN + 2, 0, True)


async def test_without_schedules_the_first_step_is_offered(page: Any) -> None:
    await page._show(overview(schedules=False))
    assert page.empty
    await page._show(overview(1, schedules=False))
    assert not page.empty


async def test_an_address_that_is_too_long_is_refused(page: Any) -> None:
    at(page, "x" * 100_000)
    with pytest.raises(InvalidInput):
        page._wants_all_missed()
