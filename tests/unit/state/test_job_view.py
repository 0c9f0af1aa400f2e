"""The job page's figures, from the ledger's facts."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Attempt, JobDetail, JobEvent, JobRow
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.times import EPOCH
from execution_ops.state.job_view import attempt_views, more_words, relative_views, timeline_views, track

NOW = EPOCH + timedelta(days=20_000)


def row(**changes: object) -> JobRow:
    facts: dict[str, object] = {
        "id": new_id(),
        "job_type": "scan.catalog",
        "label": "java",
        "queue": "catalog",
        "tenant": "acme",
        "state": JobState.FAILED,
        "canceling": False,
        "attempts": 0,
        "max_attempts": 3,
        "priority": 0,
        "created_at": NOW - timedelta(minutes=10),
        "eligible_at": None,
        "started_at": None,
        "finished_at": NOW,
        "duration_ms": None,
        "worker_id": "",
        "dag_id": new_id(),
        "node_key": "java",
        "error_type": "",
        "error_message": "",
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
    }
    return JobRow.model_validate(facts | changes)


def attempt(number: int, start: int, end: int | None, state: AttemptState = AttemptState.FAILED) -> Attempt:
    begun = NOW - timedelta(minutes=10) + timedelta(seconds=start)
    return Attempt(
        number=number,
        state=state,
        worker_id="w1",
        started_at=begun,
        finished_at=None if end is None else begun + timedelta(seconds=end - start),
        duration_ms=None if end is None else (end - start) * 1000,
        error_type="ValueError",
        error_message="no",
        error_stack="",
    )


def detail(*attempts: Attempt, events: tuple[JobEvent, ...] = (), **changes: object) -> JobDetail:
    return JobDetail(
        row=row(**changes),
        timeout_ms=1000,
        payload_bytes=2,
        result_bytes=0,
        idempotency_key="",
        attempts=attempts,
        events=events,
        artifacts=(),
        parents=(),
        children=(),
        parents_total=0,
        children_total=0,
        dag_title="t",
        dag_size=1,
    )


def test_the_track_is_the_life_of_the_job_to_scale() -> None:
    parts = track(detail(attempt(1, 60, 120), attempt(2, 180, 600)), NOW)
    assert [(part.tone, part.share) for part in parts] == [("wait", 0.1), ("bad", 0.1), ("wait", 0.1), ("bad", 0.7)]
    assert [part.label for part in parts] == [
        "waited 1m 00s",
        "attempt 1 failed after 1m 00s",
        "waited 1m 00s",
        "attempt 2 failed after 7m 00s",
    ]


def test_a_job_that_never_started_has_waited() -> None:
    assert [(part.share, part.title) for part in track(detail(finished_at=None), NOW)] == [(1.0, "waiting 10m 00s")]


@given(st.lists(st.integers(min_value=0, max_value=600), min_size=2, max_size=12, unique=True))
def test_the_track_is_whole_whatever_happened(marks: list[int]) -> None:
    marks = sorted(marks)
    attempts = [attempt(index + 1, a, b) for index, (a, b) in enumerate(list(pairwise(marks))[::2])]
    parts = track(detail(*attempts), NOW)
    assert sum(part.share for part in parts) == pytest.approx(1, abs=0.01 * len(parts))
    assert all(0 < part.share <= 1 and part.title for part in parts)


def test_a_clock_that_went_back_draws_nothing_negative() -> None:
    parts = track(detail(attempt(1, -30, -20), attempt(2, 100, 90)), NOW)
    assert all(part.share > 0 for part in parts)


def test_attempts_and_events_come_newest_first_and_say_who_and_why() -> None:
    events = (
        JobEvent(seq=1, at=NOW, kind="failed", detail="on w1", attempt=2, actor="", reason="", ticket=""),
        JobEvent(seq=2, at=NOW, kind="retry", detail="", attempt=0, actor="ana", reason="fixed", ticket="OPS-1"),
    )
    shown = timeline_views(detail(events=events).events)
    assert [(entry.title, entry.detail, entry.audit) for entry in shown] == [
        ("retry", "ana · OPS-1 · “fixed”", True),
        ("failed, attempt 2", "on w1", False),
    ]
    assert [view.number for view in attempt_views(detail(attempt(1, 0, 1), attempt(2, 2, 3)))] == [2, 1]


def test_a_relative_is_named_and_linked() -> None:
    parent = row(state=JobState.SUCCEEDED)
    (view,) = relative_views((parent,))
    assert view.name == "scan.catalog (java)"
    assert view.url.endswith(parent.id)


def test_relatives_that_are_left_out_are_counted() -> None:
    assert [more_words(left_out) for left_out in (0, 1, 9_950)] == ["", "and 1 more", "and 9,950 more"]
