"""What may be forgotten: the rules, over random ledgers."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.retention import (
    AIM_MS,
    BATCH_MAX,
    BATCH_MIN,
    DAY_MS,
    DagFacts,
    JobFacts,
    Keep,
    Kind,
    LetterFacts,
    Policy,
    RunFacts,
    dag_stays,
    event_stays,
    letter_stays,
    next_batch,
    run_stays,
)
from execution_ops.domain.states import ENDED, DeadLetterState, JobState

NOW = 1_000 * DAY_MS
BEFORE = NOW - 90 * DAY_MS
MOMENTS = st.integers(min_value=NOW - 200 * DAY_MS, max_value=NOW)
SETTLED = {DeadLetterState.REPLAYED, DeadLetterState.RESOLVED}
LETTERS = st.builds(
    LetterFacts,
    state=st.sampled_from(DeadLetterState),
    died_at=MOMENTS,
    changed_at=st.none() | MOMENTS,
    in_open_plan=st.booleans(),
)


@st.composite
def jobs(draw: st.DrawFn) -> JobFacts:
    """A job; mostly one that ended."""
    state = draw(st.sampled_from([*ENDED, *ENDED, *JobState]))
    return JobFacts(state, draw(MOMENTS) if state in ENDED else None)


DAGS = st.builds(
    DagFacts,
    jobs=st.lists(jobs(), min_size=1, max_size=6),
    letters=st.lists(LETTERS, max_size=2),
    run_open=st.booleans(),
    in_use=st.booleans(),
    newest=st.booleans(),
)


@given(DAGS)
def test_a_dag_goes_only_when_nothing_of_it_lives_and_nothing_needs_it(dag: DagFacts) -> None:
    if dag_stays(dag, BEFORE, NOW) is not None:
        return
    assert all(job.state in ENDED and job.finished_at is not None and job.finished_at < BEFORE for job in dag.jobs)
    assert all(letter.state in SETTLED and not letter.in_open_plan for letter in dag.letters)
    assert not any((dag.run_open, dag.in_use, dag.newest))


@given(DAGS)
def test_a_dag_that_is_old_and_over_goes(dag: DagFacts) -> None:
    free = DagFacts(jobs=[JobFacts(JobState.FAILED, BEFORE - 1 - i) for i in range(len(dag.jobs))])
    assert dag_stays(free, BEFORE, NOW) is None


@given(DAGS, st.integers(min_value=0, max_value=500 * DAY_MS))
def test_what_may_go_may_still_go_later(dag: DagFacts, later: int) -> None:
    if dag_stays(dag, BEFORE, NOW) is None:
        assert dag_stays(dag, BEFORE + later, NOW + later) is None


def test_a_letter_that_was_resolved_a_moment_ago_keeps_its_job_for_an_undo() -> None:
    old = JobFacts(JobState.FAILED, BEFORE - 1)
    letter = LetterFacts(DeadLetterState.RESOLVED, BEFORE - 1, NOW - 60_000)
    assert dag_stays(DagFacts([old], [letter]), BEFORE, NOW) is Keep.OPEN_LETTER
    assert dag_stays(DagFacts([old], [dataclasses.replace(letter, changed_at=NOW - DAY_MS)]), BEFORE, NOW) is None


@given(LETTERS, st.booleans())
def test_only_a_settled_letter_that_nobody_touched_since_goes(letter: LetterFacts, newest: bool) -> None:
    goes = letter_stays(letter, BEFORE, newest=newest) is None
    last = max(letter.died_at, letter.changed_at or 0)
    assert goes == (letter.state in SETTLED and last < BEFORE and not letter.in_open_plan and not newest)


@given(st.none() | MOMENTS, st.booleans(), st.booleans())
def test_a_run_goes_once_it_is_over_and_nothing_waits_for_it(ended: int | None, awaited: bool, newest: bool) -> None:
    goes = run_stays(RunFacts(ended, awaited, newest), BEFORE) is None
    assert goes == (ended is not None and ended < BEFORE and not awaited and not newest)


@given(MOMENTS, st.integers(min_value=BEFORE, max_value=NOW + DAY_MS))
def test_an_event_that_can_be_undone_stays_whatever_the_policy(at: int, before: int) -> None:
    if event_stays(at, before, NOW, newest=False) is None:
        assert at < before
        assert at <= NOW - 20 * 60_000


def test_no_days_keep_for_ever_and_some_count_from_now() -> None:
    policy = Policy(jobs=0, runs=7, dead_letters=1, audit=730)
    assert policy.before(Kind.JOBS, NOW) is None
    assert policy.before(Kind.RUNS, NOW) == NOW - 7 * DAY_MS


@given(st.integers(min_value=BATCH_MIN, max_value=BATCH_MAX), st.floats(min_value=0, max_value=60_000))
def test_a_batch_shrinks_when_it_was_slow_grows_when_it_was_fast_and_keeps_its_bounds(size: int, took: float) -> None:
    following = next_batch(size, took)
    assert BATCH_MIN <= following <= BATCH_MAX
    if took > 2 * AIM_MS:
        assert following < size or size == BATCH_MIN
    if took < AIM_MS / 2:
        assert following > size or size == BATCH_MAX


def test_batches_find_the_size_that_takes_the_time_aimed_at() -> None:
    size, per_row = 20, 0.25
    for _ in range(50):
        size = next_batch(size, size * per_row)
    assert AIM_MS / 2 <= size * per_row <= 2 * AIM_MS
