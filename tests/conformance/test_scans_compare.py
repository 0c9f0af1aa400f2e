"""Scans compare with the promoted baseline of their source, and their results are kept from any of their jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops.domain.access import local_operator
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.runs import Deltas, Plan, Planned, Trigger
from execution_ops.domain.sbom_diff import DiffFilter
from execution_ops.domain.sbom_exports import DiffFormat
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import RunState
from execution_ops.domain.verbs import Stamp
from execution_ops.services.baselines import BaselineService
from tests.execution import operator
from tests.scan_bench import ScanBench, scan_of
from tests.schedule_bench import await_end

ANN = local_operator()
WHY = Stamp(actor=ANN, reason="the release")
_EVERYTHING = BaselineFilter()
OLD, NEW = [("react", "1"), ("gone", "1")], [("react", "2"), ("new", "1")]


@pytest.fixture
def scans(database_url: str, tmp_path: Path) -> Iterator[ScanBench]:
    bench = ScanBench(database_url, tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def service(scans: ScanBench) -> BaselineService:
    return BaselineService(scans.backend)


def _lone_merge() -> DagSpec:
    payload = {"source": "/x", "packages": []}
    return DagSpec(title="no scan", nodes=(NodeSpec(key="merge", job_type="scan.merge", payload=payload),))


def test_a_scan_is_saved_promoted_and_compared_with(scans: ScanBench, service: BaselineService) -> None:
    first = scans.scan(OLD)
    assert scans.compared(first) == {"baseline": None, "verdict": "no promoted baseline yet", "components": 2}
    detail = scans.backend.get_job(first["export"], tenants=None)
    assert detail is not None
    assert service.stand(ANN, detail).saved is None  # type: ignore[union-attr]
    one = service.save(ANN, first["compare"], WHY, label=" 1.0 ")
    assert (one.label, one.green, one.components, one.tenant) == ("1.0", True, 2, "acme")
    assert (one.job_id, one.dag_id) == (first["merge"], scans.job(first["merge"])["dag_id"])
    assert service.save(ANN, first["merge"], WHY).id == one.id
    scans.promote(one.id)

    second = scans.scan(NEW)
    told = scans.compared(second)
    assert (told["baseline"], told["label"], told["added"], told["removed"], told["changed"]) == (
        one.id,
        "1.0",
        1,
        1,
        1,
    )
    two = service.save(ANN, second["export"], WHY, label="1.1")
    detail = scans.backend.get_job(second["compare"], tenants=None)
    assert detail is not None
    stand = service.stand(ANN, detail)
    assert stand is not None
    assert (stand.saved and stand.saved.id, stand.compared_id, stand.compared_label) == (two.id, one.id, "1.0")
    page = service.compare(ANN, one.id, two.id, DiffFilter(), limit=2)
    assert ([row.part.name for row in page.rows], page.matching, page.counts.total) == (["gone", "new"], 3, 3)
    assert [offer.baseline and offer.baseline.id for offer in service.suggestion(ANN, two.id).offers] == [one.id] * 3
    assert scans.compared(scans.scan(OLD, source="/another"))["baseline"] is None
    assert scans.compared(scans.scan(OLD, tenant="umbrella"))["baseline"] is None


def test_the_deltas_of_a_run_sum_up_what_its_scans_found(scans: ScanBench, service: BaselineService) -> None:
    for source in ("/srv/a", "/srv/b"):
        scans.promote(service.save(ANN, scans.scan(OLD, source=source)["merge"], WHY).id)
    spec = ScheduleSpec(name="nightly", job_type="scan.inspect", cron="0 3 1 1 *", payload={"source": "{target}"})
    of = scans.backend.create_schedule("acme", spec, WHY, paused=True)
    run = scans.backend.run_schedule(of.id, Trigger.MANUAL, WHY)
    targets = tuple(
        Planned(pattern="/srv/*", target=source, content="", spec=scan_of(NEW, source))
        for source in ("/srv/a", "/srv/b", "/srv/new")
    )
    assert scans.backend.plan_run(run.id, Plan(targets=targets, candidates=3))
    (ended,) = await_end(scans, [run.id])
    assert (ended.state, ended.deltas) == (RunState.COMPLETED, Deltas(compared=2, added=2, removed=2, changed=2))
    of_targets = [one.deltas for one in scans.backend.run_targets(run.id, after=0, limit=10)]
    assert of_targets == [Deltas(compared=1, added=1, removed=1, changed=1)] * 2 + [Deltas()]
    told = [one for one in scans.backend.run_events(run.id, after=0, limit=500) if one.kind is RunEventKind.DELTAS]
    assert told[-1].data == ended.deltas.model_dump()


def test_what_is_no_finished_scan_can_not_be_saved(scans: ScanBench, service: BaselineService) -> None:
    jobs = scans.scan(OLD, source="/fails")
    assert service.save(ANN, jobs["merge"], WHY).green is False
    eve = operator("eve", ["umbrella"])
    with pytest.raises(NotFound):
        service.save(eve.actor, jobs["merge"], eve)
    with pytest.raises(InvalidInput, match="at most 100"):
        service.save(ANN, jobs["merge"], WHY, label="x" * 101)
    with pytest.raises(InvalidInput, match="needs a reason"):
        service.promote(ANN, service.list(ANN, _EVERYTHING).rows[0].id, Stamp(actor=ANN))
    scans.worker.stop(5)  # type: ignore[union-attr]
    waiting = scans.backend.submit(_lone_merge(), tenant="acme", stamp=WHY).job_ids["merge"]
    with pytest.raises(InvalidInput, match="belongs to no scan"):
        service.save(ANN, waiting, WHY)


def test_a_document_that_is_gone_is_said_in_words(scans: ScanBench, service: BaselineService) -> None:
    one = service.save(ANN, scans.scan(OLD)["merge"], WHY, label="1")
    two = service.save(ANN, scans.scan(NEW)["merge"], WHY, label="=2")
    name, chunks = service.export(ANN, one.id, two.id, DiffFilter(), DiffFormat.CSV, Stamp(actor=ANN))
    assert (name, len(b"".join(chunks).splitlines())) == ("1-to-=2.csv", 4)
    assert scans.rows("SELECT subject FROM audit_event WHERE verb = 'export'")[0]["subject"].startswith("baselines")
    for digest in (one.sha256, one.parts):
        path = scans.backend.baseline_file(digest)
        assert path is not None
        path.unlink()
    with pytest.raises(NotFound, match="not stored any more"):
        service.document(ANN, one.id, WHY)
    with pytest.raises(NotFound, match="can't be compared"):
        service.compare(ANN, two.id, one.id, DiffFilter())
    with pytest.raises(Conflict, match="Only a promoted"):
        service.rollback(ANN, one.id, WHY)
