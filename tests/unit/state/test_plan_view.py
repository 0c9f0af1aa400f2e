"""What the pages of replay plans make of a plan, its figures and its entries."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.replays import ItemStatus, PlanKind, Verdict
from execution_ops.domain.states import ReplayState
from execution_ops.state.plan_steps import item_line, status_lines, verdict_lines
from execution_ops.state.plan_view import bar_parts, plan_line, plan_view, progress_words, speed, speed_words
from execution_ops.state.replay import Chosen, read_rate
from tests.unit.state.letter_samples import HOSTILE, counts, item, plan

SENT = counts(
    {
        ItemStatus.ELIGIBLE: 1,
        ItemStatus.SENT: 2,
        ItemStatus.SUCCEEDED: 3,
        ItemStatus.DIED_SAME: 1,
        ItemStatus.DIED_NEW: 1,
        ItemStatus.SKIPPED: 1,
        ItemStatus.INELIGIBLE: 1,
    },
    {Verdict.ELIGIBLE: 8, Verdict.CHANGED: 1, Verdict.QUARANTINED: 1},
)


def running(**changes: Any) -> Any:
    return plan(**{"state": ReplayState.RUNNING, "counts": SENT, **changes})


def test_a_plan_says_how_far_it_is() -> None:
    assert progress_words(plan(prepared=False, total=500, expected=10_000)) == "500 of 10,000 looked at"
    assert progress_words(plan(prepared=False, total=500, expected=0)) == "500 looked at"
    assert progress_words(plan()) == "8 of 10 eligible"
    assert progress_words(running()) == "7 of 9 sent"
    assert progress_words(running(kind=PlanKind.RESOLVE)) == "7 of 9 resolved"


def test_the_bar_of_a_draft_shows_the_dry_run_and_that_of_a_running_plan_what_came_of_it() -> None:
    assert bar_parts(plan()) == [("ok", 8), ("bad", 1), ("warn", 1)]
    assert bar_parts(running()) == [("ok", 3), ("run", 2), ("bad", 2), ("mute", 2)]
    assert bar_parts(plan(prepared=False, total=4)) == [("run", 4)]


def test_a_line_of_the_list_sums_up_results() -> None:
    line = plan_line(running(rate=2.5))
    assert line.results == "3 succeeded, 2 died again, 1 skipped, 1 not eligible"
    assert line.rate == "2.5 a second"
    assert plan_line(plan(counts=counts({}))).results == ""
    resolved = plan_line(running(kind=PlanKind.RESOLVE, counts=counts({ItemStatus.DONE: 4})))
    assert (resolved.results, resolved.rate) == ("4 resolved", "as fast as possible")


def test_each_figure_opens_the_entries_that_it_counts() -> None:
    shown = running()
    lines = status_lines(shown, (ItemStatus.DIED_SAME,))
    assert [(line.key, line.count) for line in lines] == [
        ("eligible", "1"),
        ("sent", "2"),
        ("succeeded", "3"),
        ("died_same", "1"),
        ("died_new", "1"),
        ("skipped", "1"),
        ("ineligible", "1"),
    ]
    assert [line.key for line in lines if line.on] == ["died_same"]
    assert lines[3].href == routes.replay(shown.id, [("status", "died_same")])
    judged = verdict_lines(shown, (Verdict.QUARANTINED,))
    assert [(line.key, line.on) for line in judged] == [("eligible", False), ("quarantined", True), ("changed", False)]
    assert judged[1].href == routes.replay(shown.id, [("verdict", "quarantined")])


def test_what_was_not_sent_is_said_as_it_is() -> None:
    assert status_lines(running(), ())[0].word == "will be replayed"
    assert status_lines(running(state=ReplayState.ABORTED), ())[0].word == "never sent"
    assert verdict_lines(plan(kind=PlanKind.REOPEN), ())[0].word == "will be reopened"
    assert verdict_lines(running(), ())[0].word == "eligible"
    assert item_line(running(state=ReplayState.ABORTED), item()).word == "never sent"


def test_an_aborted_plan_says_what_it_leaves() -> None:
    aborted = plan_view(running(state=ReplayState.ABORTED))
    assert aborted.left_behind == "1 of its entries was never touched and stays as it is. 2 that were sent go on."
    early = plan_view(plan(state=ReplayState.ABORTED, prepared=False))
    assert early.left_behind == "The dry run was not done, and nothing was touched."


def test_a_reason_joins_the_verdict_and_what_it_is_about() -> None:
    assert item_line(plan(), item()).reason == ""
    line = item_line(plan(), item(verdict=Verdict.CHANGED, status=ItemStatus.SKIPPED, detail=f"by {HOSTILE}"))
    assert line.reason == "changed since the dry run: by <img src=x>\\u202e\\x07"


def test_the_speed_is_that_of_the_last_moments() -> None:
    assert speed([]) == speed([(0, 5)]) == 0.0
    assert speed([(0, 0), (1_000, 3), (2_000, 10)]) == 5.0
    assert speed_words(0.0, 7) == ""
    assert speed_words(5.0, 100) == "about 5.0 a second, 21 s left"
    assert speed_words(1.0, 200) == "about 1.0 a second, 3m 21s left"


@pytest.mark.parametrize(("typed", "rate"), [("", None), ("  ", None), ("5", 5.0), (" 0,5 ", 0.5), ("1e2", 100.0)])
def test_a_rate_is_a_number_or_nothing(typed: str, rate: float | None) -> None:
    assert read_rate({"rate": typed}) == rate


@pytest.mark.parametrize("form", [None, [], {"rate": 5}, {"rate": "fast"}, {"rate": "1" * 30}, {"rate": None}, "5"])
def test_what_is_no_rate_is_refused_in_words(form: Any) -> None:
    with pytest.raises(InvalidInput):
        read_rate(form)


def test_the_address_chooses_entries() -> None:
    chosen = Chosen.read("status=died_same&status=skipped&verdict=changed&after=50&other=x")
    assert chosen == Chosen((ItemStatus.SKIPPED, ItemStatus.DIED_SAME), (Verdict.CHANGED,), 50)
    assert Chosen.read("") == Chosen((), (), 0)
    for query in ("status=odd", "verdict=odd", "after=x", "after=-1", "after=9999999999999999", "after=²"):
        with pytest.raises(InvalidInput):
            Chosen.read(query)
