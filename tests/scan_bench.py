"""Scans without Syft, for tests of what is done with their results: the DAG of a scan, whose merge job keeps the
packages that it was told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.baselines import COMPARE_TYPE, PROMOTE_TYPE
from execution_ops.domain.job_types import (
    PLANNER_TYPE,
    DagSpec,
    JobContext,
    JobFailed,
    JobResult,
    NodeSpec,
    Registry,
    job_type,
)
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import ENDED, JobState
from execution_ops.scanner.comparison import against_baseline
from execution_ops.scanner.jobs import CYCLONEDX, NoPayload
from execution_ops.services.own_jobs import LEDGER
from tests.baselines import SOURCE, Package, document, promote
from tests.execution import STAMP, Bench, wait_until
from tests.jobs import add_own

SCANS = Registry()


class Source(BaseModel):
    """The path that is said to be scanned."""

    source: str


class Packages(BaseModel):
    """What the merge job finds."""

    source: str
    packages: list[list[str]]


@job_type("scan.inspect", queue="scan", payload=Source, registry=SCANS)
def inspect(ctx: JobContext, payload: Source) -> JobResult:
    """Say what was inspected."""
    return JobResult(value={"source": {"path": payload.source}, "version": ""})


@job_type("scan.merge", queue="report", payload=Packages, registry=SCANS)
def merge(ctx: JobContext, payload: Packages) -> JobResult:
    """Keep a document of the packages."""
    path = ctx.work_dir / "merged"
    path.write_text(json.dumps(document(tuple(one) for one in payload.packages)), encoding="utf-8")  # type: ignore[misc]
    kept = ctx.keep(path, name="merged.cdx.json", media_type=CYCLONEDX)
    return JobResult(value={"source": payload.source, "components": len(payload.packages)}, artifacts=(kept,))


@job_type("scan.compare", queue="report", payload=NoPayload, registry=SCANS)
def compare(ctx: JobContext, payload: NoPayload) -> JobResult:
    """Compare with the promoted baseline, as a real scan does."""
    return against_baseline(ctx, ctx.parents()["merge"])


@job_type("scan.export", queue="report", payload=Source, max_attempts=1, registry=SCANS)
def export(ctx: JobContext, payload: Source) -> JobResult:
    """Fail for the source /fails."""
    if payload.source == "/fails":
        raise JobFailed("It is told to.", permanent=True)
    return JobResult(value={})


class AnyPlan(BaseModel):
    """Whatever a planner is asked for."""

    model_config = ConfigDict(extra="allow")


@job_type(PLANNER_TYPE, queue="ops", payload=AnyPlan, registry=SCANS)
def plan(ctx: JobContext, payload: AnyPlan) -> JobResult:
    """Leave the plan to the test."""
    return JobResult(value={})


def scan_of(packages: Iterable[Package], source: str = SOURCE) -> DagSpec:
    """A scan that finds these packages."""
    told = [list(package) for package in packages]
    nodes = (
        NodeSpec(key="inspect", job_type="scan.inspect", payload={"source": source}),
        NodeSpec(key="merge", job_type="scan.merge", payload={"source": source, "packages": told}, after=("inspect",)),
        NodeSpec(key="compare", job_type="scan.compare", after=("merge",)),
        NodeSpec(key="export", job_type="scan.export", payload={"source": source}, after=("merge", "compare")),
    )
    return DagSpec(title="a scan", nodes=nodes)


add_own(SCANS, "execution_ops.services.baseline_jobs", COMPARE_TYPE, PROMOTE_TYPE)


class ScanBench(Bench):
    """A bench that scans."""

    def __init__(self, database_url: str, directory: Path) -> None:
        super().__init__(database_url, directory, SCANS)
        LEDGER.bind(self.backend)
        self.work()

    def scan(self, packages: Iterable[Package], source: str = SOURCE, tenant: str = "acme") -> dict[str, str]:
        """Run a scan to its end; the ids of its jobs by node."""
        made = self.backend.submit(scan_of(packages, source), tenant=tenant, stamp=STAMP)
        jobs = dict(made.job_ids)
        wait_until(lambda: self.state(jobs["export"]) in ENDED, "the scan ends")
        return jobs

    def ended(self, started: Submission) -> str:
        """The id of the one job that was started, once it has ended."""
        (job_id,) = started.job_ids.values()
        wait_until(lambda: self.state(job_id) in ENDED, "the job ends")
        return job_id

    def promote(self, baseline_id: str) -> None:
        """Promote a baseline in place of whichever is promoted now."""
        promote(self.backend, baseline_id)

    def compared(self, jobs: dict[str, str]) -> dict[str, Any]:
        """What the comparison of a scan said."""
        assert self.state(jobs["compare"]) is JobState.SUCCEEDED
        told: dict[str, Any] = json.loads(self.value(jobs["compare"]))
        return told
