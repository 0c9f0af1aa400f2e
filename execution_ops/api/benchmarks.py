"""Benchmarks over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import export_response
from execution_ops.api.operations import changes, formats, reads
from execution_ops.api.parameters import Whole
from execution_ops.api.replies import KNOWN, Answer
from execution_ops.domain.bench_exports import BenchExportFormat
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.benchmarks import (
    ANALYZERS_MAX,
    ITERATIONS_DEFAULT,
    P95_MEANS,
    WARM_UP_DEFAULT,
    Judged,
    Promotion,
    Scenario,
)
from execution_ops.domain.jobs import Submission
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE, BENCH_RUN
from execution_ops.routes import Rest
from execution_ops.services.benchmarks import ANALYZERS, BenchFigures, BenchHistory, BenchOrder
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["benchmarks"])


class BenchRequest(BaseModel):
    """A scenario by name, or a path below the scan roots; without analyzers, those that it is made for."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = ""
    path: str = ""
    analyzers: tuple[str, ...] = Field((), max_length=ANALYZERS_MAX)
    iterations: Whole = ITERATIONS_DEFAULT
    warm_up: Whole = WARM_UP_DEFAULT
    tenant: str = ""

    def order(self) -> BenchOrder:
        """The order; the service checks it."""
        return BenchOrder(**{name: getattr(self, name) for name in BenchOrder.model_fields})


class BenchList(BaseModel):
    """Latest results by scenario and analyzer, and how all of them stand."""

    items: tuple[Judged, ...]
    next_cursor: str | None
    figures: BenchFigures


class BenchResults(BaseModel):
    """Some results."""

    items: tuple[Judged, ...]


class ScenarioList(BaseModel):
    """What can be measured, and with which analyzers. `p95` says what that figure is."""

    items: tuple[Scenario, ...]
    analyzers: tuple[str, ...] = ANALYZERS
    p95: str = P95_MEANS


class BenchHistoryList(BaseModel):
    """Results of one scenario and analyzer, the newest first, and what was made their baseline."""

    items: tuple[Judged, ...]
    next_cursor: str | None
    promotions: tuple[Promotion, ...]

    @classmethod
    def of(cls, found: BenchHistory, promotions: list[Promotion]) -> BenchHistoryList:
        """From what the service gave."""
        return cls(items=found.rows, next_cursor=found.older, promotions=tuple(promotions))


@router.get(Rest.BENCHMARKS, **reads(where=BenchFilter))
def list_benchmarks(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> BenchList:
    """The latest result of each scenario and analyzer. Filters: `scenario`, `analyzer`, `tenant`, `state`."""
    where = filter_from(request.url.query, BenchFilter, also=("limit", "cursor"))
    page = services.benchmarks.page(actor, where, cursor=cursor or None, limit=limit)
    return BenchList(items=page.rows, next_cursor=page.after, figures=page.figures)


@router.get(Rest.BENCHMARKS_SCENARIOS, **reads())
def list_benchmark_scenarios(services: ServicesDep, actor: ActorDep) -> ScenarioList:
    """The trees that come with the scanner, and the analyzers that can be measured."""
    return ScenarioList(items=services.benchmarks.scenarios(actor))


@router.get(Rest.BENCHMARKS_HISTORY, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_benchmark_history(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    scenario: str,
    analyzer: str,
    tenant: str = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> BenchHistoryList:
    """The results of a scenario and analyzer, each judged by the budget and the baseline that hold now."""
    check_parameters(request.url.query, ("scenario", "analyzer", "tenant", "limit", "cursor"))
    service = services.benchmarks
    found = service.history(actor, scenario, analyzer, tenant=tenant, cursor=cursor or None, limit=limit)
    return BenchHistoryList.of(found, service.promotions(actor, scenario, analyzer, tenant=tenant))


@router.get(
    Rest.BENCHMARKS_EXPORT,
    response_class=StreamingResponse,
    **reads(where=BenchFilter, files=formats(BenchExportFormat)),
)
def export_benchmarks(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    form: Annotated[BenchExportFormat, Query(alias="format")] = BenchExportFormat.JSON,
) -> StreamingResponse:
    """The latest results that match, as CSV (safe to open in a spreadsheet) or as JSON with their samples.

    The audit knows of it."""
    where = filter_from(request.url.query, BenchFilter, also=("format",))
    chunks = services.benchmarks.export(actor, where, form, stamp)
    return export_response(chunks, f"benchmarks.{form.value}", form.media_type)


@router.post(Rest.BENCHMARKS, status_code=201, response_model=Submission, responses=KNOWN, **changes(BENCH_RUN))
def start_benchmark(body: Annotated[BenchRequest, Body()], change: ChangeDep) -> Response:
    """Start a benchmark as a job. The same Idempotency-Key starts no second one."""

    def act() -> Answer:
        started = change.services.benchmarks.start(change.actor, body.order(), change.stamp, tenant=body.tenant)
        location = routes.api_job(next(iter(started.job_ids.values())))
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return change.once([BENCH_RUN.name, body.model_dump(mode="json")], act)


@router.get(Rest.BENCHMARKS_OF_JOB, **reads())
def list_benchmarks_of_job(job_id: str, services: ServicesDep, actor: ActorDep) -> BenchResults:
    """What a benchmark job has measured, each compared with the baseline that holds now."""
    return BenchResults(items=tuple(services.benchmarks.of_job(actor, job_id)))


@router.get(Rest.BENCHMARK, **reads())
def get_benchmark(result_id: str, services: ServicesDep, actor: ActorDep) -> Judged:
    """One result with its samples, compared with the baseline that holds now."""
    return services.benchmarks.get(actor, result_id)


@router.post(Rest.BENCHMARK_PROMOTE, response_model=Judged, **changes(BENCH_PROMOTE, errors=("NO_CHANGE",)))
def promote_benchmark(result_id: str, change: ChangeDep) -> Response:
    """Make it the baseline of its scenario and analyzer; needs a reason. 409 if it is that already."""

    def act() -> Answer:
        promoted = change.services.benchmarks.promote(change.actor, result_id, change.stamp)
        return Answer(200, promoted.model_dump(mode="json"))

    return change.once([BENCH_PROMOTE.name, result_id], act)
