"""A job runs in the name of who asked for it: who starts it again needs the permission that it took to ask."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from execution_ops import job_types
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import BENCH_TYPE, REGISTRY, JobResult
from execution_ops.domain.job_verbs import RETRY
from execution_ops.domain.kit_records import ACTIVATE_TYPE, EXPORT_TYPE, IMPORT_TYPE, VERIFY_TYPE
from execution_ops.domain.replays import ItemStatus, Verdict
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.services import bulk
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.services.own_jobs import LEDGER
from tests.execution import STAMP, Bench
from tests.handler_context import HandlerContext
from tests.jobs import REGISTRY as KNOWN
from tests.letters import die, entries, plan_for, send_all, submit

OPERATOR = Actor(name="olga", scopes=frozenset({Scope.READ, Scope.OPERATE}))
ASKS = Stamp(actor=OPERATOR, reason="a test")
OFF = "Needs the permission ops:scanner."


@pytest.fixture
def failed(bench: Bench) -> str:
    """A failed job of a type that takes a permission of its own."""
    ids = submit(bench, 1, job_type="test.guarded")
    die(bench, ids)
    return ids[0]


def test_a_retry_takes_it(bench: Bench, failed: str) -> None:
    free = submit(bench, 1)[0]
    die(bench, [free])
    outcomes = bench.backend.retry([failed, free], ASKS)
    assert [(one.done, one.why) for one in outcomes] == [(False, OFF), (True, "")]
    assert bench.state(failed) == JobState.FAILED
    assert [one.done for one in bench.backend.retry([failed], STAMP)] == [True]


def test_a_bulk_retry_takes_it(bench: Bench, failed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, _ = bulk.bulk_spec(RETRY, JobFilter(job_type=("test.guarded",)), ASKS, datetime.now(UTC))
    monkeypatch.setattr(LEDGER, "_tools", bench.backend)
    done = bulk.run_bulk(HandlerContext(), bulk.BulkPayload.model_validate(spec.nodes[0].payload))
    assert isinstance(done, JobResult)
    assert (done.value["done"], done.value["by_reason"]) == (0, {OFF: 1})
    assert bench.state(failed) == JobState.FAILED


def test_a_replay_takes_it_and_its_page_says_so(bench: Bench, failed: str) -> None:
    letter = entries(bench)[-1]["id"]
    service = DeadLetterService(bench.backend, registry=KNOWN)
    assert service.get(OPERATOR, letter).replay_off == OFF
    assert service.get(STAMP.actor, letter).replay_off == ""
    assert [one.why for one in bench.backend.act_on_letters("replay", [letter], ASKS, {})] == [OFF]
    assert bench.state(failed) == JobState.FAILED
    # To resolve it starts nothing.
    assert [one.done for one in bench.backend.act_on_letters("resolve", [letter], ASKS, {})] == [True]
    assert [one.done for one in bench.backend.act_on_letters("reopen", [letter], ASKS, {})] == [True]
    assert [one.done for one in bench.backend.act_on_letters("replay", [letter], STAMP, {})] == [True]


def test_a_plan_leaves_it_to_a_single_replay(bench: Bench, failed: str) -> None:
    plan = plan_for(bench, starts=True)
    assert plan.counts.by_verdict == {Verdict.FORBIDDEN: 1}
    page = bench.backend.plan_items(
        plan.id, tenants=None, statuses=(ItemStatus.INELIGIBLE,), verdicts=(), after=0, limit=10
    )
    assert page is not None
    assert [(item.job_id, item.detail) for item in page.items] == [(failed, OFF)]
    assert send_all(bench, plan.id) == 0
    assert bench.state(failed) == JobState.FAILED


def test_what_acts_for_an_operator_of_the_scanner_takes_that_permission() -> None:
    job_types.load()
    for name in (VERIFY_TYPE, IMPORT_TYPE, ACTIVATE_TYPE, EXPORT_TYPE, BENCH_TYPE):
        assert REGISTRY.why_not_again(OPERATOR, name) == OFF
        assert REGISTRY.why_not_again(STAMP.actor, name) == ""
    assert REGISTRY.why_not_again(OPERATOR, "scan.inspect") == ""
