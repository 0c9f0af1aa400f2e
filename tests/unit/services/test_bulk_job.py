"""The background job behind a bulk verb."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import REGISTRY, JobCanceled, JobFailed, JobResult
from execution_ops.domain.jobs import JobEvent
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import VERBS, Stamp
from execution_ops.services import bulk
from execution_ops.services.own_jobs import LEDGER
from execution_ops.services.queries import filter_from
from tests.doubles import MemoryBackend
from tests.handler_context import HandlerContext
from tests.job_samples import job_row

ANN = local_operator()


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    made = MemoryBackend()
    monkeypatch.setattr(bulk, "BATCH_PAUSE_S", 0)
    monkeypatch.setattr(LEDGER, "_tools", made)
    return made


def payload(verb: str, where: JobFilter, actor: Actor = ANN) -> bulk.BulkPayload:
    stamp = Stamp(actor=actor, reason="because", correlation_id="c")
    spec, _ = bulk.bulk_spec(VERBS[verb], where, stamp, datetime.now(UTC))
    return bulk.BulkPayload.model_validate(spec.nodes[0].payload)


def run(job: HandlerContext, scope: bulk.BulkPayload) -> dict[str, Any]:
    entry = REGISTRY.get(bulk.BULK_TYPE)
    assert entry is not None
    result = entry.handler(job, scope)
    assert isinstance(result, JobResult)
    return result.value


def test_all_matches_are_done_in_batches_with_progress(backend: MemoryBackend) -> None:
    rows = [backend.add(job_row()) for _ in range(250)]
    running = backend.add(job_row(state=JobState.RUNNING))
    job = HandlerContext()
    assert run(job, payload("retry", JobFilter())) == {"done": 250, "already": 0, "refused": 0, "by_reason": {}}
    assert {backend.rows[row.id].state for row in rows} == {JobState.SCHEDULED}
    assert backend.rows[running.id].state is JobState.RUNNING
    assert job.steps == [(100, 250), (200, 250), (250, 250)]
    assert {stamp.reason for stamp in backend.stamps} == {"because"}


def test_what_was_created_later_is_left_alone(backend: MemoryBackend) -> None:
    scope = payload("retry", JobFilter())
    late = backend.add(job_row(created_at=datetime.now(UTC) + timedelta(seconds=1)))
    assert run(HandlerContext(), scope)["done"] == 0
    assert backend.rows[late.id].state is JobState.FAILED


@pytest.mark.parametrize("query", ["payload.tag=", "payload.tag=&payload.tag=1&queue=a%26b", "tenant=acme&sort=oldest"])
def test_the_frozen_scope_has_every_condition_of_the_one_asked_for(backend: MemoryBackend, query: str) -> None:
    asked = filter_from(query, JobFilter)
    frozen = JobFilter.from_query(payload("retry", asked).filter)
    assert set(asked.to_pairs()) - {("sort", "oldest")} <= set(frozen.to_pairs())


def test_refusals_are_counted_by_reason(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [backend.add(job_row()) for _ in range(3)]
    honest = backend.retry

    def retry(ids: list[str], stamp: Stamp) -> Any:
        # One ended between the read of the list and the verb.
        backend.add(rows[0].model_copy(update={"state": JobState.SUCCEEDED}))
        return honest(ids, stamp)

    monkeypatch.setattr(backend, "retry", retry)
    result = run(HandlerContext(), payload("retry", JobFilter()))
    assert result == {"done": 2, "already": 0, "refused": 1, "by_reason": {"It has not failed.": 1}}


def test_a_cancel_stops_it_between_batches(backend: MemoryBackend) -> None:
    for _ in range(250):
        backend.add(job_row())
    with pytest.raises(JobCanceled):
        run(HandlerContext(cancel_after=1), payload("retry", JobFilter()))
    states = [row.state for row in backend.rows.values()]
    assert states.count(JobState.SCHEDULED) == 100


def test_a_second_try_does_not_repeat_what_the_first_one_did(backend: MemoryBackend) -> None:
    scope = payload("retry", JobFilter())
    done, fresh = backend.add(job_row()), backend.add(job_row())
    at = datetime.now(UTC) + timedelta(seconds=1)
    event = JobEvent(seq=1, at=at, kind="retried", detail="", attempt=1, actor=ANN.name, reason="", ticket="")
    backend.events[done.id] = (event,)
    assert run(HandlerContext(attempt=2), scope) == {"done": 1, "already": 1, "refused": 0, "by_reason": {}}
    assert backend.rows[done.id].state is JobState.FAILED
    assert backend.rows[fresh.id].state is JobState.SCHEDULED


def test_it_never_acts_on_itself(backend: MemoryBackend) -> None:
    job = HandlerContext()
    backend.add(job_row(id=job.job_id, state=JobState.RUNNING))
    assert run(job, payload("cancel", JobFilter()))["done"] == 0


def test_it_reaches_only_tenants_of_the_one_who_asked(backend: MemoryBackend) -> None:
    mine, other = backend.add(job_row(tenant="acme")), backend.add(job_row(tenant="other"))
    actor = Actor(name="a", scopes=frozenset({Scope.READ, Scope.OPERATE}), tenants=frozenset({"acme"}))
    assert run(HandlerContext(), payload("retry", JobFilter(), actor))["done"] == 1
    assert backend.rows[mine.id].state is JobState.SCHEDULED
    assert backend.rows[other.id].state is JobState.FAILED


def test_a_payload_without_the_scope_fails_for_good(backend: MemoryBackend) -> None:
    backend.add(job_row())
    with pytest.raises(JobFailed, match="ops:operate") as caught:
        run(HandlerContext(), payload("retry", JobFilter(), Actor(name="v", scopes=frozenset({Scope.READ}))))
    assert caught.value.permanent
    assert not backend.stamps


@pytest.mark.parametrize("verb", ["hold", "reveal"])
def test_a_verb_that_jobs_do_not_know_fails_for_good(backend: MemoryBackend, verb: str) -> None:
    backend.add(job_row())
    with pytest.raises(JobFailed, match=verb) as caught:
        run(HandlerContext(), payload("retry", JobFilter()).model_copy(update={"verb": verb}))
    assert caught.value.permanent
    assert not backend.stamps


def test_a_verb_that_nothing_carries_out_fails_for_good(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.add(job_row())
    hold = VERBS["retry"].model_copy(update={"name": "hold", "label": "Hold"})
    monkeypatch.setattr(bulk, "JOB_VERBS", (hold,))
    with pytest.raises(JobFailed, match="Hold") as caught:
        run(HandlerContext(), payload("retry", JobFilter()).model_copy(update={"verb": "hold"}))
    assert caught.value.permanent
    assert not backend.stamps


def test_a_worker_that_was_not_bound_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another test of this process may have bound one.
    monkeypatch.setattr(LEDGER, "_tools", None)
    with pytest.raises(JobFailed, match="without access"):
        run(HandlerContext(), payload("retry", JobFilter()))
