"""The job service authorises, validates, redacts and signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY, Artifact, DagSpec, NodeSpec
from execution_ops.domain.job_verbs import CANCEL, JOB_VERBS, RETRY, REVEAL, SCAN, SUBMIT
from execution_ops.domain.jobs import LogLevel, LogLine
from execution_ops.domain.rates import Window
from execution_ops.domain.states import JobState
from execution_ops.domain.verb import Verb
from execution_ops.job_types import load
from execution_ops.services.bulk import BulkPayload
from execution_ops.services.carriers import carrier
from execution_ops.services.jobs import JobService
from execution_ops.services.requests import IDS_MAX
from execution_ops.services.scans import ScanService
from tests import jobs as job_types
from tests.doubles import EPOCH, MemoryBackend
from tests.job_samples import job_detail, job_row
from tests.unit.services.job_service import ANN, stamp, viewer

WORK = NodeSpec(key="job", job_type="test.echo", payload={"n": 1}, label="first")


READS: dict[str, Callable[[JobService, Actor, str], Any]] = {
    "list": lambda jobs, actor, _: jobs.list(actor, JobFilter()),
    "counts": lambda jobs, actor, _: jobs.counts(actor, JobFilter()),
    "get": lambda jobs, actor, job_id: jobs.get(actor, job_id),
    "value": lambda jobs, actor, job_id: jobs.value(actor, job_id, "payload"),
    "value_tree": lambda jobs, actor, job_id: jobs.value_tree(actor, job_id, "payload", {}),
    "log": lambda jobs, actor, job_id: jobs.log(actor, job_id),
    "log_text": lambda jobs, actor, job_id: jobs.log_text(actor, job_id),
    "dag": lambda jobs, actor, job_id: jobs.dag(actor, job_id),
    "dag_of_job": lambda jobs, actor, job_id: jobs.dag_of_job(actor, job_id),
    "health": lambda jobs, actor, _: jobs.health(actor),
    "rates": lambda jobs, actor, _: jobs.rates(actor, Window.HOUR),
    "facets": lambda jobs, actor, _: jobs.facets(actor),
    "why_waiting": lambda jobs, actor, _: jobs.why_waiting(actor, job_detail(job_row())),
    "why_not_again": lambda jobs, actor, _: jobs.why_not_again(actor, "kit.import"),
    "export": lambda jobs, actor, _: jobs.export(actor, JobFilter(), ExportFormat.CSV, stamp(actor)),
    "artifact": lambda jobs, actor, job_id: jobs.artifact(actor, job_id, "0" * 64),
}
WRITES: dict[str, Callable[[JobService, Actor, str], Any]] = {
    "cancel": lambda jobs, actor, job_id: jobs.cancel(actor, [job_id], stamp(actor)),
    "retry": lambda jobs, actor, job_id: jobs.retry(actor, [job_id], stamp(actor)),
    "act": lambda jobs, actor, job_id: jobs.act(actor, "cancel", [job_id], stamp(actor)),
    "bulk": lambda jobs, actor, _: jobs.bulk(actor, "retry", JobFilter(), stamp(actor)),
    "submit": lambda jobs, actor, _: jobs.submit(actor, WORK, stamp=stamp(actor)),
    "submit_dag": lambda jobs, actor, _: jobs.submit_dag(actor, DagSpec(title="t", nodes=(WORK,)), stamp=stamp(actor)),
}


def test_every_method_is_in_the_tables_of_permissions() -> None:
    public = {name for name in vars(JobService) if not name.startswith("_")} - {"capabilities"}
    assert public == set(READS) | set(WRITES)


@pytest.mark.parametrize("name", READS)
def test_reading_needs_the_scope_to_read(jobs: JobService, backend: MemoryBackend, name: str) -> None:
    row = backend.add(job_row())
    with pytest.raises(Forbidden, match="ops:read"):
        READS[name](jobs, viewer(*set(Scope) - {Scope.READ}), row.id)


@pytest.mark.parametrize("name", WRITES)
def test_changing_needs_the_scope_to_operate(jobs: JobService, backend: MemoryBackend, name: str) -> None:
    row = backend.add(job_row())
    with pytest.raises(Forbidden, match="ops:operate"):
        WRITES[name](jobs, viewer(*set(Scope) - {Scope.OPERATE}), row.id)
    assert not backend.stamps


@pytest.mark.parametrize("verb", [*JOB_VERBS, REVEAL, SCAN, SUBMIT], ids=lambda verb: verb.name)
def test_every_verb_asks_for_its_own_scope(backend: MemoryBackend, verb: Any, tmp_path: Path) -> None:
    actor = viewer(*set(Scope) - {verb.scope})
    scans, jobs = ScanService(backend, [tmp_path]), JobService(backend)
    calls: dict[str, Callable[[], object]] = {
        REVEAL.name: lambda: jobs.value(actor, new_id(), "payload", reveal=True),
        SUBMIT.name: lambda: jobs.submit(actor, WORK, stamp=stamp(actor)),
        SCAN.name: lambda: scans.submit(actor, str(tmp_path), stamp=stamp(actor)),
        **{job_verb.name: lambda: jobs.act(actor, verb.name, [new_id()], stamp(actor)) for job_verb in JOB_VERBS},
    }
    with pytest.raises(Forbidden, match=verb.scope.value):
        calls[verb.name]()
    assert not backend.stamps


def test_another_tenants_job_is_not_found(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row(tenant="acme"))
    backend.values[(row.id, "payload")] = "{}"
    stranger = viewer(Scope.READ, Scope.OPERATE, tenants=frozenset({"other"}))
    for name in ("get", "value", "value_tree", "log", "log_text", "dag_of_job", "artifact"):
        with pytest.raises(NotFound):
            READS[name](jobs, stranger, row.id)
    assert jobs.list(stranger, JobFilter()).rows == ()
    assert [outcome.done for outcome in jobs.retry(stranger, [row.id], stamp(stranger))] == [False]
    assert jobs.facets(stranger) == {"job_type": [], "queue": [], "tenant": []}


def test_a_change_is_signed_by_the_one_who_makes_it(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    with pytest.raises(Forbidden, match="signed"):
        jobs.retry(ANN, [row.id], stamp(viewer(*Scope)))
    jobs.retry(ANN, [row.id], stamp(ANN.model_copy(update={"scopes": frozenset()})))
    assert backend.stamps[0].actor == ANN
    assert backend.stamps[0].correlation_id


@pytest.mark.parametrize("job_id", ["", "..", "../../etc/passwd", "x" * 36, "<img src=x>", "%2e%2e"])
def test_an_id_is_checked_before_it_is_used(jobs: JobService, job_id: str) -> None:
    for name in ("get", "value", "log", "dag", "dag_of_job", "artifact"):
        with pytest.raises(InvalidInput):
            READS[name](jobs, ANN, job_id)
    for name in ("cancel", "retry"):
        with pytest.raises(InvalidInput):
            WRITES[name](jobs, ANN, job_id)


@pytest.mark.parametrize(
    "call",
    [
        lambda jobs: jobs.list(ANN, JobFilter(), limit=501),
        lambda jobs: jobs.list(ANN, JobFilter(), limit=0),
        lambda jobs: jobs.log(ANN, new_id(), after=-1),
        lambda jobs: jobs.log(ANN, new_id(), text="x" * 201),
        lambda jobs: jobs.log(ANN, new_id(), text="\0"),
        lambda jobs: jobs.value(ANN, new_id(), "stack"),
        lambda jobs: jobs.artifact(ANN, new_id(), "../../etc/passwd"),
        lambda jobs: jobs.retry(ANN, [], stamp()),
        lambda jobs: jobs.retry(ANN, [new_id() for _ in range(IDS_MAX + 1)], stamp()),
        lambda jobs: jobs.act(ANN, "explode", [new_id()], stamp()),
        lambda jobs: jobs.cancel(ANN, [new_id()], stamp(reason="  ")),
        lambda jobs: jobs.retry(ANN, [new_id()], stamp(reason="x" * 257)),
    ],
)
def test_what_is_out_of_bounds_is_refused(jobs: JobService, call: Callable[[JobService], object]) -> None:
    with pytest.raises(InvalidInput):
        call(jobs)


def test_the_same_id_twice_is_one_change(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    (outcome,) = jobs.retry(ANN, [row.id, row.id], stamp())
    assert outcome.done


def test_what_an_engine_cannot_do_is_refused_with_its_reason(backend: MemoryBackend) -> None:
    backend.capabilities = backend.capabilities.model_copy(update={"cancel": "This engine can't cancel."})
    with pytest.raises(Conflict, match="can't cancel"):
        JobService(backend).cancel(ANN, [new_id()], stamp())
    with pytest.raises(Conflict, match="can't cancel"):
        JobService(backend).bulk(ANN, "cancel", JobFilter(), stamp())


def test_a_verb_that_nothing_carries_out_is_refused_and_does_nothing(
    jobs: JobService, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = backend.add(job_row())
    hold = RETRY.model_copy(update={"name": "hold", "label": "Hold"})
    monkeypatch.setattr("execution_ops.services.jobs.JOB_VERBS", (*JOB_VERBS, hold))
    with pytest.raises(Conflict, match="Hold"):
        jobs.act(ANN, "hold", [row.id], stamp())
    with pytest.raises(Conflict, match="Hold"):
        jobs.bulk(ANN, "hold", JobFilter(), stamp())
    assert not backend.stamps
    assert not backend.specs


@pytest.mark.parametrize("verb", JOB_VERBS, ids=lambda verb: verb.name)
def test_every_verb_on_jobs_is_carried_out(backend: MemoryBackend, verb: Verb) -> None:
    assert carrier(backend, verb).cannot == ""


def test_a_value_that_is_not_there_is_told_from_a_job_that_is_not(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    with pytest.raises(NotFound, match="no result yet"):
        jobs.value(ANN, row.id, "result")
    with pytest.raises(NotFound, match="no job"):
        jobs.value(ANN, new_id(), "result")


def test_a_long_log_is_streamed_whole(jobs: JobService, backend: MemoryBackend) -> None:
    row = backend.add(job_row())
    backend.logs[row.id] = [
        LogLine(seq=seq, at=EPOCH, attempt=1, level=LogLevel.INFO, text=f"line {seq}") for seq in range(1, 5002)
    ]
    lines = b"".join(jobs.log_text(ANN, row.id)).decode().splitlines()
    assert len(lines) == 5001
    assert lines[-1] == "2026-01-23T12:00:00.000Z info    [1] line 5001"


def test_an_artifact_belongs_to_its_job(jobs: JobService, backend: MemoryBackend, tmp_path: Path) -> None:
    row, other = backend.add(job_row()), backend.add(job_row())
    digest = "a" * 64
    kept = Artifact(name="sbom.json", sha256=digest, size=2, media_type="application/json")
    backend.artifacts[row.id] = (kept,)
    backend.files[digest] = tmp_path / "stored"
    with pytest.raises(NotFound, match="no longer stored"):
        jobs.artifact(ANN, row.id, digest)
    backend.files[digest].write_text("{}")
    assert jobs.artifact(ANN, row.id, digest) == (kept, tmp_path / "stored")
    with pytest.raises(NotFound):
        jobs.artifact(ANN, other.id, digest)


def test_who_takes_a_kit_from_its_job_is_in_the_audit(jobs: JobService, backend: MemoryBackend, tmp_path: Path) -> None:
    load()
    digest = "a" * 64
    backend.files[digest] = tmp_path / "stored"
    backend.files[digest].write_text("kit")
    kit = Artifact(name="offline-kit-1.0.tar", sha256=digest, size=3, media_type="application/x-tar")
    sbom, made = backend.add(job_row(job_type="scan.export")), backend.add(job_row(job_type="kit.export"))
    backend.artifacts[sbom.id] = backend.artifacts[made.id] = (kit,)
    jobs.artifact(ANN, sbom.id, digest)
    assert backend.witnessed == []
    jobs.artifact(ANN, made.id, digest)
    assert backend.witnessed == [("export", f"offline-kit-1.0.tar of job {made.id}", ANN.name)]


def test_whom_a_type_lets_start_its_jobs_again_is_told(jobs: JobService) -> None:
    load()
    vera = viewer(Scope.READ, Scope.OPERATE)
    assert jobs.why_not_again(vera, "kit.activate") == "Needs the permission ops:scanner."
    assert jobs.why_not_again(vera, "scan.export") == ""
    assert jobs.why_not_again(viewer(Scope.READ, Scope.SCANNER), "kit.activate") == "Needs the permission ops:operate."


def test_a_bulk_verb_is_a_job_with_a_frozen_scope(jobs: JobService, backend: MemoryBackend) -> None:
    before = datetime.now(UTC)
    where = JobFilter.from_query("state=failed&state=running&after=24h&job_type=demo.work&sort=oldest")
    started = jobs.bulk(ANN, "retry", where, stamp(ticket="OPS-1", idempotency_key="k"))
    (spec,) = backend.specs
    payload = BulkPayload.model_validate(spec.nodes[0].payload)
    frozen = JobFilter.from_query(payload.filter)
    start, end = frozen.window(datetime(2000, 1, 1, tzinfo=UTC))
    assert end is not None
    assert before - timedelta(seconds=1) <= end <= datetime.now(UTC)
    assert abs(before - timedelta(hours=24) - start) < timedelta(seconds=5)
    assert frozen.state == (JobState.FAILED,)
    assert frozen.job_type == ("demo.work",)
    assert (payload.verb, payload.reason, payload.ticket, payload.actor) == ("retry", "because", "OPS-1", ANN)
    assert backend.rows[started.job_ids["bulk"]].job_type == "ops.bulk"
    assert jobs.bulk(ANN, "retry", where, stamp(idempotency_key="k")).created is False


def test_a_bulk_verb_that_could_do_nothing_is_refused(jobs: JobService) -> None:
    with pytest.raises(Conflict, match=RETRY.refusal):
        jobs.bulk(ANN, "retry", JobFilter(state=(JobState.SUCCEEDED,)), stamp())
    with pytest.raises(InvalidInput, match="reason"):
        jobs.bulk(ANN, CANCEL.name, JobFilter(), stamp(reason=""))


def test_a_bulk_verb_belongs_to_the_tenant_of_the_one_who_asks(jobs: JobService, backend: MemoryBackend) -> None:
    actor = viewer(Scope.READ, Scope.OPERATE, tenants=frozenset({"acme", "beta"}))
    for where, tenant in ((JobFilter(), "acme"), (JobFilter(tenant=("beta",)), "beta")):
        started = jobs.bulk(actor, "retry", where, stamp(actor))
        assert backend.rows[started.job_ids["bulk"]].tenant == tenant


def test_a_job_of_another_package_is_submitted(backend: MemoryBackend) -> None:
    jobs = JobService(backend, registry=job_types.REGISTRY)
    started = jobs.submit(ANN, WORK, tenant="acme", stamp=stamp(idempotency_key="k"))
    row = backend.rows[started.job_ids["job"]]
    assert (row.job_type, row.tenant, backend.titles[started.dag_id]) == ("test.echo", "acme", "test.echo first")
    assert backend.specs[0].nodes == (WORK,)
    assert jobs.submit(ANN, WORK, tenant="acme", stamp=stamp(idempotency_key="k")).created is False
    with pytest.raises(Forbidden, match="tenant"):
        jobs.submit(viewer(Scope.OPERATE, tenants=frozenset({"beta"})), WORK, tenant="acme", stamp=stamp())


def test_no_payload_of_the_consoles_own_can_be_made_up(backend: MemoryBackend) -> None:
    load()
    jobs = JobService(backend)
    # Other tests of this process may have added types of theirs.
    for entry in (one for one in REGISTRY.all() if one.handler.__module__.startswith("execution_ops.")):
        with pytest.raises(InvalidInput, match="own verbs"):
            jobs.submit(ANN, NodeSpec(key="job", job_type=entry.name), stamp=stamp())
    for job_type in ("test.echo", "", "x" * 1000, "\0"):
        with pytest.raises(InvalidInput, match="no job type"):
            jobs.submit(ANN, NodeSpec(key="job", job_type=job_type), stamp=stamp())
    half = WORK.model_copy(update={"label": "\ud800"})
    with pytest.raises(InvalidInput, match="whole characters"):
        JobService(backend, registry=job_types.REGISTRY).submit(ANN, half, stamp=stamp())
    assert not backend.specs
