"""The entries of one job: at most the last one is open, and nobody forgets how often it died."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel

from execution_ops.backends.embedded import attempts
from execution_ops.domain.dead_letters import REDEATHS_MAX
from execution_ops.domain.job_types import JobContext, JobFailed
from execution_ops.domain.replays import PlanKind, Verdict
from execution_ops.domain.states import JobState, ReplayState
from tests.execution import STAMP, Bench, node, operator
from tests.jobs import REGISTRY
from tests.letters import (
    check_letter_counters,
    dead,
    die,
    entries,
    plan_for,
    read_plan,
    send_all,
    statuses,
    submit,
    succeed,
)


def states(bench: Bench) -> list[str]:
    return [row["state"] for row in entries(bench)]


def act(bench: Bench, verb: str, *ids: str) -> list[bool]:
    return [outcome.done for outcome in bench.backend.act_on_letters(verb, ids, STAMP, {})]


def quarantined(bench: Bench) -> tuple[str, str]:
    """A job, and its entry that is in quarantine."""
    (job_id,) = dead(bench, 1)
    for _ in range(REDEATHS_MAX):
        act(bench, "replay", entries(bench)[-1]["id"])
        die(bench, [job_id])
    assert states(bench)[-1] == "quarantined"
    return job_id, entries(bench)[-1]["id"]


def test_a_death_that_was_followed_by_another_is_not_reopened(bench: Bench) -> None:
    (job_id,) = dead(bench, 1)
    first = entries(bench)[0]["id"]
    act(bench, "resolve", first)
    bench.backend.retry([job_id], STAMP)
    # While it runs, too: it may die again.
    (outcome,) = bench.backend.act_on_letters("reopen", [first], STAMP, {})
    assert not outcome.done
    assert "started again since" in outcome.why
    die(bench, [job_id])
    assert act(bench, "reopen", first) == [False]
    assert states(bench) == ["resolved", "pending"]
    check_letter_counters(bench)


def test_a_plan_reopens_no_death_that_was_followed_by_another(bench: Bench) -> None:
    again, before, left = dead(bench, 3)
    plan = plan_for(bench, PlanKind.RESOLVE, starts=True)
    send_all(bench, plan.id)
    bench.backend.driver.settle()
    bench.backend.retry([before], STAMP)
    die(bench, [before])
    undo = plan_for(bench, PlanKind.REOPEN, where=None, undoes=plan.id)
    assert undo.counts.by_verdict == {Verdict.ELIGIBLE: 2, Verdict.SUPERSEDED: 1}
    # This one was all right in the dry run.
    bench.backend.retry([again], STAMP)
    die(bench, [again])
    bench.backend.act_on_plan(undo.id, "start", STAMP)
    send_all(bench, undo.id)
    assert statuses(bench, undo.id) == {"done": 1, "skipped": 1, "ineligible": 1}
    open_jobs = [row["job_id"] for row in entries(bench, state="pending")]
    assert sorted(open_jobs) == sorted([again, before, left])
    check_letter_counters(bench)


def test_taking_a_plan_back_leaves_what_somebody_did_since(bench: Bench) -> None:
    dead(bench, 2)
    plan = plan_for(bench, PlanKind.RESOLVE, starts=True)
    send_all(bench, plan.id)
    bench.backend.driver.settle()
    first = entries(bench)[0]["id"]
    for verb in ("reopen", "resolve"):
        bench.backend.act_on_letters(verb, [first], operator("bob"), {})
    undo = plan_for(bench, PlanKind.REOPEN, where=None, undoes=plan.id, starts=True)
    assert undo.counts.by_verdict == {Verdict.ELIGIBLE: 1, Verdict.CHANGED: 1}
    send_all(bench, undo.id)
    assert states(bench) == ["resolved", "pending"]


def test_a_job_that_died_before_its_first_attempt_is_followed_to_its_end(bench: Bench) -> None:
    (job_id,) = submit(bench, 1)
    assert attempts.give_up(bench.beneath.engine, job_id, 1)
    assert bench.job(job_id)["attempts"] == 0
    plan = plan_for(bench, starts=True)
    send_all(bench, plan.id)
    succeed(bench, [job_id])
    bench.backend.driver.settle()
    assert states(bench) == ["replayed"]
    assert read_plan(bench, plan.id).state is ReplayState.COMPLETED


def test_quarantine_lets_only_the_replay_of_one_pass(bench: Bench) -> None:
    job_id, letter_id = quarantined(bench)
    (outcome,) = bench.backend.retry([job_id], STAMP)
    assert not outcome.done
    assert "in quarantine" in outcome.why
    assert bench.state(job_id) == JobState.FAILED
    dead(bench, 1)
    assert act(bench, "replay", letter_id, entries(bench)[-1]["id"]) == [False, True]
    assert act(bench, "replay", letter_id) == [True]


def test_deaths_are_counted_also_when_somebody_resolved_in_between(bench: Bench) -> None:
    job_id, letter_id = quarantined(bench)
    act(bench, "resolve", letter_id)
    bench.backend.retry([job_id], STAMP)
    die(bench, [job_id])
    last = entries(bench)[-1]
    assert (last["state"], last["redeaths"]) == ("quarantined", REDEATHS_MAX + 1)


def test_a_payload_that_no_database_can_quote_stops_no_plan(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict(BaseModel, extra="forbid"):
        i: int

    ids = bench.submit(node("x", "test.echo", {"a\0b": 1, "i": 2}), node("y", "test.echo", {"i": 1})).job_ids
    die(bench, list(ids.values()))
    strict = REGISTRY._types["test.echo"].model_copy(update={"payload": Strict})
    monkeypatch.setitem(REGISTRY._types, "test.echo", strict)
    plan = plan_for(bench)
    assert plan.counts.by_verdict == {Verdict.ELIGIBLE: 1, Verdict.PAYLOAD_INVALID: 1}
    assert sorted(act(bench, "replay", *[row["id"] for row in entries(bench)])) == [False, True]


def test_an_error_of_any_name_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(job: JobContext, payload: BaseModel) -> None:
        raise type("Error" + "x" * 70_000, (JobFailed,), {})("broken", permanent=True)

    bad = REGISTRY._types["test.echo"].model_copy(update={"handler": fails})
    monkeypatch.setitem(REGISTRY._types, "test.echo", bad)
    bench.work()
    bench.until(bench.one("test.echo"), JobState.FAILED)
    (row,) = entries(bench)
    assert len(row["error_type"]) == 200
    assert row["error_message"] == "broken"


def test_many_who_ask_at_once_with_one_key_make_one_plan(bench: Bench) -> None:
    dead(bench, 1)
    stamp = STAMP.model_copy(update={"idempotency_key": "k1"})
    options = {"where": None, "rate": None, "starts": False, "undoes": "", "description": "replay"}
    ids = [entries(bench)[0]["id"]]

    def ask(_: int) -> str:
        return bench.backend.create_plan(PlanKind.REPLAY, ids=ids, stamp=stamp, **options).id  # type: ignore[arg-type]

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    assert len(bench.rows("SELECT 1 FROM replay_plan")) == 1
    assert len(bench.rows("SELECT 1 FROM job WHERE job_type = 'ops.replay'")) == 1
