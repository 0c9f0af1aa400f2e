"""What the service of jobs hides, and from whom."""

from __future__ import annotations

import pytest

from execution_ops.domain.access import Scope
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Attempt, JobEvent, LogLevel, LogLine
from execution_ops.domain.redaction import MASK
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.services.jobs import JobService
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_detail, job_row
from tests.unit.services.job_service import ANN, SECRET, stamp, viewer


def test_secrets_are_hidden_wherever_a_person_reads(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row(error_message=SECRET, progress_note=SECRET, label=SECRET))
    backend.values[(row.id, "payload")] = '{"password": "hunter2", "n": 1.0}'
    backend.logs[row.id] = [LogLine(seq=1, at=EPOCH, attempt=1, level=LogLevel.INFO, text=SECRET)]
    shown = [
        jobs.list(ANN, JobFilter()).model_dump_json(),
        jobs.get(ANN, row.id).model_dump_json(),
        jobs.value(ANN, row.id, "payload"),
        str(jobs.value_tree(ANN, row.id, "payload", {"": 1})),
        jobs.log(ANN, row.id).model_dump_json(),
        b"".join(jobs.log_text(ANN, row.id)).decode(),
        jobs.dag_of_job(ANN, row.id).model_dump_json(),
        b"".join(jobs.export(ANN, JobFilter(), ExportFormat.CSV, stamp())).decode(),
        b"".join(jobs.export(ANN, JobFilter(), ExportFormat.NDJSON, stamp())).decode(),
    ]
    for text in shown:
        assert "hunter2" not in text
        assert MASK in text


def test_a_title_and_a_reason_are_redacted(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row(state=JobState.CANCELED))
    backend.titles[row.dag_id] = "Cancel jobs with password = hunter2"
    told = {"kind": "cancel", "detail": "", "actor": ANN.name, "reason": SECRET, "ticket": SECRET}
    backend.events[row.id] = (JobEvent(seq=1, at=EPOCH, attempt=1, **told),)
    detail = jobs.get(ANN, row.id)
    (event,) = detail.events
    shown = [detail.dag_title, jobs.dag_of_job(ANN, row.id).title, event.reason, event.ticket]
    shown.append(jobs.why_waiting(ANN, detail).sentence)
    assert [text for text in shown if "hunter2" in text or MASK not in text] == []


def test_a_bulk_verb_over_a_hidden_value_does_not_tell_it(backend: MemoryBackend) -> None:
    jobs = JobService(backend, redact_keys=("pin",))
    where = JobFilter.from_query("payload.card.pin=correct+horse&payload.tag=a&state=running")
    started = jobs.bulk(ANN, "cancel", where, stamp())
    assert backend.titles[started.dag_id] == f"Cancel running jobs with card.pin = {MASK} with tag = a"
    assert "horse" not in jobs.value(ANN, started.job_ids["bulk"], "payload")


def test_the_stack_of_an_attempt_is_redacted(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    row = backend.add(job_row())
    attempt = Attempt(
        number=1,
        state=AttemptState.FAILED,
        worker_id="w",
        started_at=EPOCH,
        finished_at=EPOCH,
        duration_ms=0,
        error_type="E",
        error_message=SECRET,
        error_stack=f"line\n{SECRET}",
    )
    monkeypatch.setattr(backend, "get_job", lambda *_, **__: job_detail(row, attempts=(attempt,)))
    assert "hunter2" not in JobService(backend).get(ANN, row.id).model_dump_json()


def test_revealing_needs_its_own_scope(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    text = '{"password": "hunter2", "n": 1.0}'
    backend.values[(row.id, "payload")] = text
    assert jobs.value(ANN, row.id, "payload", reveal=True) == text
    assert backend.witnessed == [("reveal", f"{row.id} payload", ANN.name)]
    with pytest.raises(Forbidden, match="ops:reveal"):
        jobs.value(viewer(Scope.READ), row.id, "payload", reveal=True)
    assert len(backend.witnessed) == 1


def test_a_hidden_value_cannot_be_found_by_guessing(jobs: JobService) -> None:
    guess = JobFilter.from_query("payload.db.Password=hunter2")
    actor = viewer(Scope.READ, Scope.OPERATE)
    for ask in (
        lambda: jobs.list(actor, guess),
        lambda: jobs.counts(actor, guess),
        lambda: jobs.export(actor, guess, ExportFormat.CSV, stamp(actor)),
        lambda: jobs.bulk(actor, "retry", guess, stamp(actor)),
    ):
        with pytest.raises(Forbidden, match="ops:reveal"):
            ask()
    assert jobs.list(ANN, guess).rows == ()
    assert jobs.list(actor, JobFilter.from_query("payload.image=x")).rows == ()
