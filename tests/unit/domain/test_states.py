"""The state machine of jobs, and the verbs that may move them."""

from __future__ import annotations

from itertools import product

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator, require, why_forbidden
from execution_ops.domain.errors import Forbidden, InvalidInput
from execution_ops.domain.job_verbs import CANCEL, JOB_VERBS, RETRY
from execution_ops.domain.states import CANCELABLE, ENDED, RETRYABLE, JobState, may_move, parse_job_state
from execution_ops.domain.verbs import VERBS, Stamp, check_stamp, why_not

VIEWER = Actor(name="vera", scopes=frozenset({Scope.READ}))


def test_every_state_can_be_reached_and_only_success_is_final() -> None:
    reached = {JobState.PENDING}
    while True:
        further = {new for old, new in product(reached, JobState) if may_move(old, new)} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(JobState)
    assert [old for old in JobState if not any(may_move(old, new) for new in JobState)] == [JobState.SUCCEEDED]


def test_a_job_only_succeeds_by_running() -> None:
    assert [old for old in JobState if may_move(old, JobState.SUCCEEDED)] == [JobState.RUNNING]


def test_what_can_be_canceled_has_not_ended_and_what_can_be_retried_has() -> None:
    assert set(JobState) == CANCELABLE | ENDED
    assert not CANCELABLE & ENDED
    assert {JobState.SUCCEEDED} == ENDED - RETRYABLE
    assert all(may_move(state, JobState.CANCELED) for state in CANCELABLE)
    assert all(may_move(state, JobState.SCHEDULED) for state in RETRYABLE)


def test_the_other_spelling_of_canceled_is_understood() -> None:
    assert parse_job_state("cancelled") is JobState.CANCELED
    with pytest.raises(ValueError, match="cancelling"):
        parse_job_state("cancelling")


def test_each_verb_that_has_an_inverse_names_one_that_exists() -> None:
    assert all(VERBS[verb.inverse] for verb in VERBS.values() if verb.inverse)
    assert len({verb.shortcut for verb in JOB_VERBS}) == len(JOB_VERBS)


def test_a_missing_permission_is_named() -> None:
    with pytest.raises(Forbidden, match="ops:operate"):
        require(VIEWER, Scope.OPERATE)
    assert why_not(CANCEL, VIEWER, [JobState.RUNNING]) == "Needs the permission ops:operate."
    assert why_forbidden(VIEWER, CANCEL.scope) == "Needs the permission ops:operate."
    assert why_forbidden(VIEWER, Scope.READ) == ""


def test_a_verb_that_fits_one_of_the_jobs_is_on() -> None:
    actor = local_operator()
    assert why_not(RETRY, actor, [JobState.FAILED, JobState.RUNNING]) == ""
    assert why_not(RETRY, actor, [JobState.SUCCEEDED]) == RETRY.refusal
    assert why_not(CANCEL, actor, []) == CANCEL.refusal


@pytest.mark.parametrize(
    ("verb", "reason", "ticket"),
    [
        (CANCEL, "", ""),
        (CANCEL, "   ", ""),
        (RETRY, "x" * 257, ""),
        (RETRY, "", "x" * 129),
        (RETRY, "a\0", ""),
        (RETRY, "", "\ud800"),
    ],
)
def test_a_stamp_that_the_verb_refuses(verb: object, reason: str, ticket: str) -> None:
    with pytest.raises(InvalidInput):
        check_stamp(verb, Stamp(actor=VIEWER, reason=reason, ticket=ticket))  # type: ignore[arg-type]


def test_a_stamp_at_the_limits_is_taken() -> None:
    check_stamp(CANCEL, Stamp(actor=VIEWER, reason="x" * 256, ticket="x" * 128))
