"""What the page that follows a run says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from execution_ops import routes
from execution_ops.domain.jobs import QueueHealth
from execution_ops.domain.run_events import JobBar, TargetBars
from execution_ops.domain.runs import Deltas, RunCounts, RunTarget, Segment
from execution_ops.domain.states import JobState, RunState, TargetState
from execution_ops.domain.text import visible
from execution_ops.domain.times import to_ms
from execution_ops.state.run_gantt_view import gantt_rows, segment_state
from execution_ops.state.run_stream_view import deltas_lines, figures, headline, lag, phases, time_left
from tests.unit.state.letter_samples import HOSTILE
from tests.unit.state.run_samples import NOW, run

BEGUN = NOW - timedelta(seconds=60)
DONE, FAILED, RUNNING, WAITING = (
    TargetState.COMPLETED,
    TargetState.FAILED,
    TargetState.RUNNING,
    TargetState.WAITING,
)
COUNTS = RunCounts(candidates=12, deduped=2, by_state={DONE: 3, FAILED: 1, RUNNING: 2, WAITING: 4})
GOING = {"state": RunState.RUNNING, "started_at": BEGUN, "planner_job_id": "job", "counts": COUNTS}
SEGMENTS = [
    Segment(no=1, name="/one/*", by_state={DONE: 3, FAILED: 1}, started_at=BEGUN, finished_at=NOW),
    Segment(no=2, name="/two/*", by_state={RUNNING: 2, WAITING: 4}, started_at=NOW),
]


def states_of(found: list) -> list[str]:
    """The phases' states."""
    return [phase.state for phase in found]


@pytest.mark.parametrize(
    ("changes", "states"),
    [
        ({"state": RunState.QUEUED}, ["coming", "coming", "coming", "coming"]),
        ({"state": RunState.PLANNING, "planner_job_id": "job"}, ["now", "coming", "coming", "coming"]),
        (
            {"state": RunState.QUEUED, "planner_job_id": "job", "counts": COUNTS},
            ["done", "now", "coming", "coming"],
        ),
        (GOING, ["done", "done", "now", "coming"]),
        ({**GOING, "state": RunState.COMPLETED}, ["done", "done", "done", "off"]),
        ({**GOING, "state": RunState.COMPLETED, "deltas": Deltas(compared=1)}, ["done", "done", "done", "done"]),
        ({**GOING, "state": RunState.ERROR}, ["done", "done", "failed", "off"]),
        ({**GOING, "state": RunState.CANCELED}, ["done", "done", "off", "off"]),
        ({"state": RunState.ERROR, "planner_job_id": "job"}, ["failed", "off", "off", "off"]),
    ],
)
def test_phases_say_where_the_run_is(changes: dict, states: list[str]) -> None:
    assert states_of(phases(run(**changes), SEGMENTS)) == states


def test_the_headline_tells_how_far_it_is_and_how_long_it_takes() -> None:
    going = run(**GOING)
    assert time_left(going, NOW) == 60_000 * 6 // 4
    assert headline(going, SEGMENTS, NOW) == "10 targets in 2 segments. 4 done, 1 failed, about 1m 30s left."
    ended = run(**{**GOING, "state": RunState.ERROR})
    assert headline(ended, SEGMENTS[:1], NOW) == "10 targets in 1 segment. 4 done, 1 failed."
    assert headline(run(state=RunState.PLANNING), [], NOW) == "Its targets are being found."
    assert headline(run(state=RunState.COMPLETED), [], NOW) == "It found nothing to do."


def test_every_figure_leads_to_its_targets() -> None:
    one = run(**GOING)
    found = {figure.label: figure for figure in figures(one)}
    assert {label: figure.count for label, figure in found.items()} == {
        "Completed": "3",
        "Failed": "1",
        "Running": "2",
        "Waiting": "4",
    }
    assert found["Failed"].bad
    assert not found["Completed"].bad
    assert found["Failed"].href == routes.runs([("run", one.id), ("target_state", "failed")])
    more = run(counts=RunCounts(by_state={TargetState.SKIPPED: 2}))
    assert {figure.label: figure.count for figure in figures(more)}["Never started"] == "2"


@pytest.mark.parametrize(
    ("by_state", "state"),
    [
        ({DONE: 3}, DONE),
        ({DONE: 3, FAILED: 1}, FAILED),
        ({FAILED: 1, RUNNING: 1}, RUNNING),
        ({WAITING: 2}, WAITING),
        ({WAITING: 2, DONE: 1}, RUNNING),
        ({TargetState.CANCELED: 1, TargetState.SKIPPED: 1}, TargetState.CANCELED),
        ({}, DONE),
    ],
)
def test_a_segment_shows_what_still_happens_else_the_worst(by_state: dict, state: TargetState) -> None:
    assert segment_state(by_state) is state


def test_time_lines_show_what_took_how_long_and_what_is_likely() -> None:
    going = run(**GOING)
    failed = RunTarget(no=2, segment=1, target="/one/b", state=FAILED, finished_at=NOW)
    jobs = (
        JobBar(id="a", name="inspect", state=JobState.SUCCEEDED, started_at=BEGUN, finished_at=NOW),
        JobBar(id="b", name=HOSTILE, state=JobState.RUNNING, started_at=NOW),
        JobBar(id="c", name="export", state=JobState.PENDING),
    )
    targets = [TargetBars(target=RunTarget(no=5, segment=2, target="/two/a", state=RUNNING, dag_id="d"), jobs=jobs)]
    opened: list[int] = []
    rows = gantt_rows(going, SEGMENTS, [failed], (2, targets), NOW, lambda no: opened.append(no) or f"?{no}")
    assert [(row.key, row.depth, row.state, row.figure, row.open) for row in rows] == [
        ("s1", 0, "failed", "4 / 4", False),
        ("s2", 0, "running", "0 / 6", True),
        ("t5", 1, "running", "1 / 3", False),
    ]
    # Whoever follows the open one closes it.
    assert opened == [1, 0]
    begun, now = to_ms(BEGUN), to_ms(NOW)
    assert [(bar.tone, bar.start, bar.end) for bar in rows[0].bars] == [("ok", begun, now), ("bad", now, now)]
    assert [(bar.tone, bar.start, bar.end) for bar in rows[1].bars] == [("run", now, None)]
    assert [(bar.tone, bar.start, bar.end) for bar in rows[2].bars] == [("ok", begun, now), ("run", now, None)]
    assert rows[2].bars[0].href == routes.job("a")
    assert rows[2].bars[0].title == "inspect: succeeded, 1m 00s"
    assert visible(HOSTILE) in rows[2].bars[1].title
    assert rows[0].says == "3 of 4, 1 failed, took 1m 00s"


def test_a_likely_end_needs_something_that_has_ended() -> None:
    going = run(**GOING)
    half = Segment(no=1, name="/", by_state={DONE: 1, RUNNING: 1}, started_at=BEGUN, finished_at=NOW)
    (row,) = gantt_rows(going, [half], [], None, NOW, lambda _: "")
    assert row.until == to_ms(NOW) + 60_000
    (row,) = gantt_rows(going, [half.model_copy(update={"by_state": {RUNNING: 2}})], [], None, NOW, lambda _: "")
    assert row.until is None


def test_changes_are_told_only_where_something_was_compared() -> None:
    assert deltas_lines(run()) == []
    compared = run(deltas=Deltas(compared=2, added=1_200, removed=0, changed=3))
    assert deltas_lines(compared) == [
        ("Added", "1,200"),
        ("Removed", "0"),
        ("Changed", "3"),
        ("Targets compared", "2"),
    ]


def test_the_queue_says_what_waits_and_whether_anybody_takes_it() -> None:
    nothing = {"job_types": (), "pending": 0, "running": 0, "limit": None, "done_last_hour": 0, "failed_last_hour": 0}
    series = {"done_series": (), "failed_series": ()}
    idle = QueueHealth(queue="demo", waiting=0, oldest_wait_ms=None, workers=1, **nothing, **series)
    stuck = idle.model_copy(update={"waiting": 3, "oldest_wait_ms": 61_000, "workers": 0})
    assert lag([idle], "demo").words == "nothing waits"
    assert lag([stuck], "demo").words == "3 waiting, up to 1m 01s"
    assert lag([stuck], "demo").stuck
    assert not lag([idle], "demo").stuck
    assert lag([stuck], "other").words == ""
