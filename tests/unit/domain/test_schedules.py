"""What a schedule may be, what changed between two of its versions, and how a run's figures are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import Sort
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import SEGMENT_MAX, RunCounts, Trigger, segments, verdict
from execution_ops.domain.schedules import Mode, Overlap, ScheduleSpec, check_spec, differences, fill
from execution_ops.domain.states import RunState, TargetState

SPEC = ScheduleSpec(name="nightly", job_type="scan.inspect", cron="0 3 * * *")

FILTERS = st.builds(
    RunFilter,
    state=st.lists(st.sampled_from(RunState), unique=True).map(tuple),
    trigger=st.lists(st.sampled_from(Trigger), unique=True).map(tuple),
    schedule=st.lists(st.uuids().map(str), unique=True, max_size=3).map(tuple),
    tenant=st.lists(st.text("abc", min_size=1), unique=True, max_size=3).map(tuple),
    after=st.sampled_from(["", "24h", "2026-11-25T03:00:00.000Z"]),
    before=st.sampled_from(["", "1h"]),
    sort=st.sampled_from(Sort),
)


@given(FILTERS)
def test_a_filter_of_runs_comes_back_from_its_address(where: RunFilter) -> None:
    read = RunFilter.from_query(where.to_query())
    assert RunFilter.from_query(read.to_query()) == read
    assert {name: set(value) for name, value in read} == {name: set(value) for name, value in where}
    assert where.active() == len([pair for pair in where.to_pairs() if pair[0] != "sort"])


def test_a_filter_of_runs_is_said_in_words() -> None:
    where = RunFilter.from_query("state=error&trigger=cron&tenant=acme&after=24h")
    assert where.describe() == "error cron runs of tenant acme since 24 h ago"
    assert RunFilter().describe() == "all runs"


@pytest.mark.parametrize("query", ["state=lost", "trigger=webhook", "schedule=x", "after=yesterday"])
def test_a_value_that_no_run_could_have_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        RunFilter.from_query(query)


def test_texts_of_a_spec_are_trimmed() -> None:
    assert check_spec(SPEC.model_copy(update={"name": " nightly ", "owner": " ada"})) == SPEC.model_copy(
        update={"owner": "ada"}
    )


@pytest.mark.parametrize(
    "target", ["", " ", "relative/path", "/srv/../etc", "/srv/\0", "/\udcff", "/" + "x" * 5_000, "..", "~/x"]
)
def test_what_can_be_no_target_is_refused(target: str) -> None:
    with pytest.raises(InvalidInput):
        check_spec(SPEC.model_copy(update={"targets": (target,)}))


def test_a_template_takes_the_target_wherever_it_is_named() -> None:
    template = {"path": "{target}", "deep": [{"say": "look at {target}!"}, 7, None, True], "plain": "{other}"}
    assert fill(template, "/srv/a") == {
        "path": "/srv/a",
        "deep": [{"say": "look at /srv/a!"}, 7, None, True],
        "plain": "{other}",
    }


def test_what_differs_between_two_specs_is_told_field_by_field() -> None:
    changed = SPEC.model_copy(
        update={"targets": ("/a", "/b"), "overlap": Overlap.ALLOW, "mode": Mode.ANALYSIS_ONLY, "payload": {"deep": 1}}
    )
    assert [(one.field, one.before, one.after) for one in differences(SPEC, changed)] == [
        ("payload", "{}", '{\n  "deep": 1\n}'),
        ("targets", "", "/a\n/b"),
        ("mode", "content-refresh", "analysis-only"),
        ("overlap", "skip", "allow"),
    ]
    assert differences(SPEC, SPEC) == []


@given(st.lists(st.sampled_from(["/a/*", "/b", "/c/*"]), max_size=400))
def test_segments_follow_the_plan(patterns: list[str]) -> None:
    numbers = segments(patterns)
    assert len(numbers) == len(patterns)
    assert numbers == sorted(numbers)
    for number in set(numbers):
        of_segment = [pattern for pattern, one in zip(patterns, numbers, strict=True) if one == number]
        assert len(set(of_segment)) == 1
        assert len(of_segment) <= SEGMENT_MAX


@pytest.mark.parametrize(
    ("states", "ends", "code"),
    [
        ({}, RunState.COMPLETED, ""),
        ({TargetState.COMPLETED: 3}, RunState.COMPLETED, ""),
        ({TargetState.COMPLETED: 3, TargetState.FAILED: 1}, RunState.ERROR, "ERR_RUN_TARGETS_FAILED"),
        ({TargetState.COMPLETED: 3, TargetState.CANCELED: 1}, RunState.ERROR, "ERR_RUN_TARGETS_CANCELED"),
    ],
)
def test_how_a_run_ends(states: dict[TargetState, int], ends: RunState, code: str) -> None:
    assert verdict(states)[:2] == (ends, code)


def test_figures_of_a_run() -> None:
    counts = RunCounts(by_state={TargetState.WAITING: 2, TargetState.RUNNING: 1, TargetState.FAILED: 4})
    assert (counts.planned, counts.done, counts.of(TargetState.COMPLETED)) == (7, 4, 0)
