"""What the page of runs shows of a run, and what its address can say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.run_waiting import RunWaiting
from execution_ops.domain.runs import Deltas, RunCounts, RunFigures, RunTarget, Trigger
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED
from execution_ops.domain.schedules import Schedule, ScheduleSpec
from execution_ops.domain.states import RunState, TargetState
from execution_ops.services.runs import RunSummary
from execution_ops.services.schedules import ScheduleRow
from execution_ops.state.run_drawer import Shown
from execution_ops.state.run_verbs import question_facts
from execution_ops.state.run_view import facts, run_view, say_plan, segment_lines, target_lines, target_tabs, wait_view
from execution_ops.state.runs import Address
from execution_ops.state.runs_view import cards, coming_lines, run_line, run_tabs, say_progress
from tests.unit.state.letter_samples import HOSTILE
from tests.unit.state.run_samples import NOW, opened, run

DONE = {TargetState.COMPLETED: 412, TargetState.FAILED: 3, TargetState.RUNNING: 5, TargetState.WAITING: 80}


def test_a_run_is_a_line_whose_duration_ticks_while_it_goes_on() -> None:
    going = run(state=RunState.RUNNING, started_at=NOW, duration_ms=900, counts=RunCounts(by_state=DONE))
    line = run_line(going, [("tenant", "acme")])
    assert line.href == routes.runs([("tenant", "acme"), ("run", going.id)])
    assert (line.progress, line.whole) == ("412 of 500, 3 failed", 500)
    assert line.parts == [("ok", 412), ("bad", 3), ("run", 5)]
    assert (line.duration_ms, line.running_since) == (None, "2026-11-23T14:00:00.000Z")
    assert (line.deltas, line.deltas_words) == ("", "nothing compared")
    ended = run_line(going.model_copy(update={"state": RunState.ERROR, "finished_at": NOW}), [])
    assert (ended.duration_ms, ended.running_since) == (900, "")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.PLANNING, "finding targets"),
        (RunState.QUEUED, "not begun"),
        (RunState.COMPLETED, "no target"),
        (RunState.ERROR, "not planned"),
    ],
)
def test_a_run_without_targets_says_why(state: RunState, words: str) -> None:
    assert say_progress(run(state=state)) == words


def test_deltas_are_told_only_of_what_was_compared() -> None:
    line = run_line(run(deltas=Deltas(compared=1, added=3, removed=1)), [])
    assert line.deltas == "+3 \u22121 ~0"
    assert line.deltas_words == "3 added, 1 removed, 0 changed, in 1 target compared"


def test_a_drawer_has_the_facts_that_there_are() -> None:
    counts = RunCounts(candidates=9, deduped=1, unchanged=2, over=1, by_state={TargetState.COMPLETED: 5})
    again = new_id()
    ended = run(state=RunState.COMPLETED, trigger=Trigger.RETRY, retry_of=again, planner_job_id=new_id(), counts=counts)
    found = {fact.label: fact for fact in facts(ended)}
    assert say_plan(ended) == "9 found: 1 named twice, 2 unchanged, 1 over the limit, 5 planned"
    assert found["Trigger"].text == "retry, by ada"
    assert found["Repeats"].href == routes.run(again)
    assert found["Planned by"].href == routes.job(ended.planner_job_id)
    assert not {"Why", "Due", "Started", "Finished"} & set(found)


def test_hostile_texts_are_shown_as_they_are() -> None:
    view = run_view(run(schedule_name=HOSTILE, error=HOSTILE, state=RunState.ERROR))
    target = RunTarget(no=1, segment=1, target=HOSTILE, state=TargetState.FAILED, error=HOSTILE)
    (line,) = target_lines([target])
    for text in (view.title, view.error, line.target, line.error):
        assert text == "<img src=x>\\u202e\\x07"


def test_who_canceled_it_is_told_of_a_canceled_run_alone() -> None:
    canceled = {"canceled_by": "ada", "cancel_reason": "the mirror is down"}
    assert run_view(run(state=RunState.CANCELED, **canceled)).canceled == "ada: the mirror is down"
    assert run_view(run(state=RunState.ERROR)).canceled == ""


def test_targets_lead_to_their_jobs_and_segments_count_them() -> None:
    dag = new_id()
    (line,) = target_lines([RunTarget(no=1, segment=1, target="", state=TargetState.RUNNING, dag_id=dag)])
    assert (line.href, line.target) == (routes.jobs([("dag", dag)]), "without a target")
    one = run()
    assert opened(one, DONE).detail is not None
    (segment,) = segment_lines(opened(one, DONE).detail.segments)  # type: ignore[union-attr]
    assert (segment.progress, segment.whole) == ("412 of 500, 3 failed", 500)


def test_targets_are_narrowed_to_the_states_that_there_are() -> None:
    one = run(counts=RunCounts(by_state={TargetState.COMPLETED: 4, TargetState.FAILED: 1}))
    shown = target_tabs(one, (TargetState.FAILED,), lambda states: ",".join(states))
    assert [(tab.title, tab.count, tab.on) for tab in shown] == [
        ("All", "5", False),
        ("completed", "4", False),
        ("failed", "1", True),
    ]


def test_what_stands_in_the_way_is_a_link() -> None:
    assert wait_view(None).sentence == ""
    other = new_id()
    assert wait_view(RunWaiting(sentence="x", run_id=other)).href == routes.run(other)
    assert wait_view(RunWaiting(sentence="x", job_id=other)).href == routes.job(other)


def test_tabs_keep_the_other_filters_and_say_which_is_open() -> None:
    where = RunFilter(tenant=("acme",), state=(RunState.ERROR, RunState.CANCELED), after="24h")
    counts = {RunState.RUNNING: 2, RunState.COMPLETED: 10_001, RunState.ERROR: 3}
    found = {tab.title: tab for tab in run_tabs(where, counts, 4, on_coming=False)}
    assert list(found) == ["All", "Active", "Completed", "Scheduled", "Failures"]
    assert [tab.count for tab in found.values()] == ["10,005+", "2", "10,000+", "4", "3"]
    assert [title for title, tab in found.items() if tab.on] == ["Failures"]
    assert found["Scheduled"].href == routes.runs([("tenant", "acme"), ("view", "coming")])
    assert found["Completed"].href == routes.runs([("state", "completed"), ("tenant", "acme"), ("after", "24h")])
    assert [tab.title for tab in run_tabs(RunFilter(), counts, 4, on_coming=True) if tab.on] == ["Scheduled"]


def test_each_figure_has_the_runs_that_it_counts() -> None:
    figures = RunFigures(active=2, waiting=18, deltas=Deltas(), of=3)
    found = cards(RunSummary(since=NOW, figures=figures, failed=10_001))
    since = "2026-11-23T14:00:00.000Z"
    assert (found.active, found.waiting, found.failed) == ("2", "18", "10,000+")
    assert (found.deltas, found.deltas_words) == ("", "nothing compared")
    assert found.failed_href == routes.runs([("state", "error"), ("after", since)])
    assert RunFilter.from_query(found.failed_href.partition("?")[2]).after == since


def row(name: str, **changes: Any) -> ScheduleRow:
    """A schedule of the tenant acme that is due soon, changed as wanted."""
    spec = ScheduleSpec(name=name, job_type="demo.work", cron="0 3 * * *", zone="Europe/Berlin")
    made: dict[str, Any] = {"id": new_id(), "tenant": "acme", "spec": spec, "changed_by": "ada"}
    times = {"created_at": NOW, "changed_at": NOW, "next_at": NOW}
    return ScheduleRow(schedule=Schedule(**{**made, **times, **changes}), words="At 03:00 every day", last=())


def test_what_comes_is_in_order_without_what_does_not_fire() -> None:
    found = [
        row("later", next_at=NOW + timedelta(hours=1)),
        row("soon"),
        row("paused", paused_at=NOW),
        row("never", next_at=None),
        row("another's", tenant="globex"),
    ]
    lines = coming_lines(found, RunFilter(tenant=("acme",)))
    assert [(line.name, line.words, line.zone) for line in lines] == [
        ("soon", "At 03:00 every day", "Europe/Berlin"),
        ("later", "At 03:00 every day", "Europe/Berlin"),
    ]
    schedule_id = found[1].schedule.id
    assert [line.name for line in coming_lines(found, RunFilter(schedule=(schedule_id,)))] == ["soon"]


def test_a_question_says_what_it_would_do() -> None:
    going = opened(run(counts=RunCounts(by_state=DONE))).detail
    ended = opened(run(), {TargetState.COMPLETED: 4}, {TargetState.COMPLETED: 1, TargetState.FAILED: 2}).detail
    assert going is not None
    assert ended is not None
    assert question_facts(RUN_CANCEL, going) == [("Never start", "80 targets"), ("Asked to stop", "5 targets")]
    assert question_facts(RUN_RETRY, ended) == [("Follows", "version 2 of its schedule, as this run did")]
    assert question_facts(RUN_RETRY_FAILED, ended) == [
        ("Repeats", "2 targets of 1 of 2 segments, those that did not succeed")
    ]


def test_an_address_says_what_is_shown_and_what_comes_has_no_past() -> None:
    one = new_id()
    address = Address.read(f"tenant=acme&cursor=c&run={one}&target_state=failed&target=50&view=coming")
    assert address.drawer == Shown(one, (TargetState.FAILED,), 50)
    assert not address.coming
    assert address.plain() == [("tenant", "acme"), ("cursor", "c")]
    assert address.drawer.pairs() == [("run", one), ("target_state", "failed"), ("target", "50")]
    assert Shown().pairs() == []
    assert Address.read("tenant=acme&view=coming").coming
    assert not Address.read("state=error&view=coming").coming


@pytest.mark.parametrize(
    "query", ["run=junk", "target=-1", "target=\u0663", "target=9999999999", "target_state=x", "state=x", "a" * 5_000]
)
def test_an_address_that_no_page_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)
