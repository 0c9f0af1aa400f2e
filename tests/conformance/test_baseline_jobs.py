"""The jobs on baselines: a promotion has its difference on record, a comparison is kept in three formats, and nothing
is shown to or done for who may not."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import Conflict, Forbidden, NotFound
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import JobState
from execution_ops.domain.tenants import CONSOLE_TENANT
from execution_ops.domain.verbs import Stamp
from execution_ops.services.audit import AuditService
from execution_ops.services.baselines import BaselineService
from execution_ops.services.undo import UndoService
from tests.baselines import SOURCE, keep, promote
from tests.execution import operator
from tests.scan_bench import ScanBench

ANN = local_operator()
WHY = Stamp(actor=ANN, reason="the release")


@pytest.fixture
def scans(database_url: str, tmp_path: Path) -> Iterator[ScanBench]:
    bench = ScanBench(database_url, tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def service(scans: ScanBench) -> BaselineService:
    return BaselineService(scans.backend)


@pytest.fixture
def two(scans: ScanBench) -> tuple[Baseline, Baseline]:
    """Two candidates of one source."""
    return (
        keep(scans.backend, [("react", "1"), ("gone", "1")], label="v1"),
        keep(scans.backend, [("react", "2"), ("new", "1")], label="v2"),
    )


def files(scans: ScanBench, job_id: str) -> dict[str, str]:
    """The texts of what a job kept, by name."""
    detail = scans.backend.get_job(job_id, tenants=None)
    assert detail is not None
    found = {}
    for one in detail.artifacts:
        path = scans.backend.artifact(one.sha256, tenants=None)
        assert path is not None
        found[one.name] = path.read_text(encoding="utf-8")
    return found


def failure(scans: ScanBench, started: Submission) -> str:
    """Why a job failed."""
    job_id = scans.ended(started)
    assert scans.state(job_id) is JobState.FAILED
    return str(scans.job(job_id)["error_message"])


def promoted(scans: ScanBench) -> str:
    """The label of what scans of the source compare with."""
    found = scans.backend.promoted_baseline("acme", SOURCE)
    return "" if found is None else found.label


def test_a_promotion_keeps_what_it_changed(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    one, other = two
    first = scans.ended(service.promote(ANN, one.id, WHY))
    assert json.loads(scans.value(first)) == {"baseline": one.id, "held": ""}
    assert files(scans, first) == {}
    second = scans.ended(service.promote(ANN, other.id, WHY, held=one.id))
    value = json.loads(scans.value(second))
    assert (value["verdict"], value["changed"]) == ("Against v1: 1 added, 1 removed, 1 changed", 1)
    kept = json.loads(files(scans, second)["comparison.json"])
    assert (kept["left"]["baseline"], kept["right"]["baseline"], len(kept["changes"])) == (one.id, other.id, 3)
    log = service.history(ANN, one.id)
    assert [(entry.job_id, entry.by, entry.reason) for entry in log] == [
        (second, ANN.name, "the release"),
        (first, ANN.name, "the release"),
    ]
    row = scans.job(second)
    assert (row["tenant"], row["queue"], promoted(scans)) == ("acme", "baselines", "v2")


def test_who_promoted_is_offered_the_way_back(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    one, other = two
    promote(scans.backend, one.id)
    stamp = WHY.model_copy(update={"correlation_id": "request-1"})
    scans.ended(service.promote(ANN, other.id, stamp))
    undo = UndoService(scans.backend, AuditService(scans.backend))
    (offer,) = undo.offers(ANN, "request-1")
    undo.undo(ANN, offer.n, stamp)
    assert promoted(scans) == "v1"


def test_what_was_promoted_meanwhile_stays(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    one, other = two
    promote(scans.backend, other.id)
    assert "look at the difference again" in failure(scans, service.promote(ANN, one.id, WHY, held=""))
    assert promoted(scans) == "v2"
    with pytest.raises(Conflict, match="promoted already"):
        service.promote(ANN, other.id, WHY)


def test_a_promotion_is_the_way_out_when_the_one_that_holds_lost_its_file(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    one, other = two
    promote(scans.backend, one.id)
    path = scans.backend.baseline_file(one.parts)
    assert path is not None
    path.unlink()
    job_id = scans.ended(service.promote(ANN, other.id, WHY))
    assert (scans.state(job_id), promoted(scans), files(scans, job_id)) == (JobState.SUCCEEDED, "v2", {})
    assert "not stored any more" in failure(scans, service.keep_comparison(ANN, one.id, other.id, WHY))


def test_a_comparison_is_kept_in_three_formats(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    one, other = two
    job_id = scans.ended(service.keep_comparison(ANN, one.id, other.id, Stamp(actor=ANN)))
    assert json.loads(scans.value(job_id))["verdict"] == "From v1 to v2: 1 added, 1 removed, 1 changed"
    kept = files(scans, job_id)
    assert sorted(kept) == ["comparison.cdx.json", "comparison.csv", "comparison.json"]
    assert [line[2] for line in csv.reader(kept["comparison.csv"].splitlines())] == ["name", "gone", "new", "react"]
    assert json.loads(kept["comparison.cdx.json"])["bomFormat"] == "CycloneDX"
    assert scans.job(job_id)["tenant"] == "acme"


def test_a_comparison_over_two_tenants_is_shown_to_neither(
    scans: ScanBench, service: BaselineService, two: tuple[Baseline, Baseline]
) -> None:
    foreign = keep(scans.backend, [("react", "3")], label="theirs", tenant="umbrella")
    job_id = scans.ended(service.keep_comparison(ANN, two[0].id, foreign.id, WHY))
    assert (scans.state(job_id), scans.job(job_id)["tenant"]) == (JobState.SUCCEEDED, CONSOLE_TENANT)
    eve = operator("eve", ["umbrella"])
    for ask in (service.keep_comparison, lambda *given: service.promote(given[0], two[0].id, eve)):
        with pytest.raises(NotFound):
            ask(eve.actor, foreign.id, two[0].id, eve)


@pytest.mark.parametrize("reason", ["", "because"])
def test_who_may_only_read_starts_neither(
    service: BaselineService, two: tuple[Baseline, Baseline], reason: str
) -> None:
    reader = Actor(name="rita", tenants=None, scopes=frozenset({Scope.READ}))
    stamp: Any = Stamp(actor=reader, reason=reason)
    with pytest.raises(Forbidden):
        service.promote(reader, two[0].id, stamp)
    with pytest.raises(Forbidden):
        service.keep_comparison(reader, two[0].id, two[1].id, stamp)
