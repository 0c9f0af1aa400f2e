"""Whether the process lives, whether it is of use, and its figures for Prometheus."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.errors import ErrorBody, trace_of
from execution_ops.api.meters import JobTimes, LoopLag
from execution_ops.api.metrics import CONTENT_TYPE, Figures, render
from execution_ops.api.operations import TEXT, open_to_all, reads
from execution_ops.domain.access import Scope, require
from execution_ops.domain.errors import Forbidden, OpsError
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.rates import Window
from execution_ops.domain.states import WorkerState
from execution_ops.services.overview import SYSTEM

router = APIRouter(tags=["probes"])


class Meters:
    """What an application counts for its scrapers."""

    def __init__(self) -> None:
        self.times = JobTimes()
        self.lag = LoopLag()


class Liveness(BaseModel):
    """The process answers."""

    status: str


class Check(BaseModel):
    """One thing that the console needs."""

    ok: bool
    message: str


class Readiness(BaseModel):
    """Whether jobs can be shown and run; `error` is there when not."""

    ready: bool
    checks: dict[str, Check]
    error: ErrorBody | None = None


@router.get(routes.HEALTH, **open_to_all())
async def get_health() -> Liveness:
    """200 as long as this process answers at all."""
    return Liveness(status="ok")


@router.get(routes.READY, response_model=Readiness, responses={503: {"model": Readiness}}, **open_to_all())
async def get_readiness(request: Request, services: ServicesDep) -> Response:
    """200 when the database answers and a worker is online; 503 with what is missing."""
    checks = {"database": Check(ok=True, message="The database answers.")}
    try:
        await run_in_threadpool(services.backend.ping)
        health = await services.summary.health(SYSTEM)
    except OpsError as error:
        checks["database"] = Check(ok=False, message=error.message)
    else:
        online = sum(worker.state is WorkerState.ONLINE for worker in health.workers)
        word = f"Workers online: {online}." if online else "No worker is online. Start one: execution-ops worker"
        checks["worker"] = Check(ok=online > 0, message=word)
    missing = [check.message for check in checks.values() if not check.ok]
    error_body = ErrorBody(code="NOT_READY", message=" ".join(missing), trace_id=trace_of(request)) if missing else None
    body = Readiness(ready=not missing, checks=checks, error=error_body)
    return JSONResponse(body.model_dump(exclude_none=True), 503 if missing else 200)


@router.get(routes.METRICS, response_class=PlainTextResponse, **reads(files=(TEXT,)))
async def get_metrics(services: ServicesDep, actor: ActorDep, request: Request) -> Response:
    """Jobs, queues, dead letters, quotas, workers, retention and the console's own cost, for Prometheus.

    The figures are those of all tenants: only who sees every tenant is told.
    """
    if require(actor, Scope.READ).tenants is not None:
        raise Forbidden("These figures are those of all tenants: only who sees every tenant sees them.")
    meters: Meters = request.app.state.meters
    summary, hub = services.summary, services.hub
    await hub.sample(("job times", meters), lambda: meters.times.update(services.backend))
    figures = Figures(
        counts=await summary.counts(actor, JobFilter()),
        health=await summary.health(actor),
        rates=await summary.rates(actor, Window.HOUR),
        letters=await summary.letter_counts(actor, DeadLetterFilter()),
        quotas=await hub.sample(("quotas", "metrics"), lambda: services.backend.quotas(tenants=None), max_age=5.0),
        missed=len(await hub.sample(("missed", "metrics"), lambda: services.schedules.missed_last(actor), max_age=5.0)),
        retention=await hub.sample(("retention", "metrics"), lambda: services.retention.status(actor), max_age=5.0),
        gauges=hub.gauges(),
        statements=services.backend.statements(),
        statement_seconds=services.backend.statement_seconds(),
        tasks=len(asyncio.all_tasks()),
    )
    meters.lag.publish()
    return Response(render(figures, meters.times), media_type=CONTENT_TYPE)
