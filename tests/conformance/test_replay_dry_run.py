"""What a dry run of a replay plan finds, names and leaves alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from execution_ops.domain.job_types import JobType
from execution_ops.domain.replays import PlanKind, Verdict
from execution_ops.domain.states import JobState
from tests.execution import STAMP, Bench, operator
from tests.jobs import REGISTRY
from tests.letters import dead, die, entries, plan_for, send_all, submit


def test_the_dry_run_says_what_cannot_be_sent_and_why(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    fine, gone, moved = dead(bench, 3)
    unknown = submit(bench, 1, job_type="test.files")
    die(bench, unknown)
    with bench.beneath.engine.begin() as connection:
        of_job = {"id": gone}
        connection.execute(
            text("UPDATE job_value SET body = '{}' WHERE job_n = (SELECT n FROM job WHERE id = :id)"), of_job
        )
        connection.execute(text("UPDATE job SET state = 'canceled' WHERE id = :id"), {"id": moved})
    known: dict[str, JobType] = REGISTRY._types
    monkeypatch.delitem(known, "test.files")
    plan = plan_for(bench)
    assert plan.counts.by_verdict == {
        Verdict.ELIGIBLE: 1,
        Verdict.PAYLOAD_GONE: 1,
        Verdict.JOB_MOVED: 1,
        Verdict.UNREGISTERED: 1,
    }
    page = bench.backend.plan_items(
        plan.id, tenants=None, statuses=(), verdicts=(Verdict.PAYLOAD_GONE,), after=0, limit=10
    )
    assert page is not None
    assert [item.job_id for item in page.items] == [gone]
    bench.backend.act_on_plan(plan.id, "start", STAMP)
    assert send_all(bench, plan.id) == 1
    assert bench.state(fine) == JobState.SCHEDULED


def test_the_dry_run_says_who_was_faster(bench: Bench) -> None:
    dead(bench, 2)
    first, second = (row["id"] for row in entries(bench))
    bench.backend.act_on_letters("resolve", [first], operator("ada"), {})
    plan = plan_for(bench, where=None, ids=[first, second])
    page = bench.backend.plan_items(plan.id, tenants=None, statuses=(), verdicts=(Verdict.NOT_OPEN,), after=0, limit=10)
    assert page is not None
    assert [item.letter_id for item in page.items] == [first]
    assert page.items[0].detail.startswith("resolved by ada at ")


def test_a_payload_that_the_type_of_today_refuses_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dead(bench, 1)
    known: dict[str, JobType] = REGISTRY._types
    monkeypatch.setitem(known, "test.echo", known["test.number"].model_copy(update={"name": "test.echo"}))
    plan = plan_for(bench)
    assert plan.counts.by_verdict == {Verdict.PAYLOAD_INVALID: 1}
    page = bench.backend.plan_items(plan.id, tenants=None, statuses=(), verdicts=(), after=0, limit=10)
    assert page is not None
    assert "payload.value: Field required" in page.items[0].detail


def test_quarantined_entries_are_left_alone_by_every_bulk_verb(bench: Bench) -> None:
    dead(bench, 2)
    with bench.beneath.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE dead_letter SET state = 'quarantined' WHERE n = (SELECT min(n) FROM dead_letter)"
        )
    for kind in (PlanKind.REPLAY, PlanKind.RESOLVE):
        plan = plan_for(bench, kind)
        assert plan.counts.by_verdict == {Verdict.ELIGIBLE: 1, Verdict.QUARANTINED: 1}
