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
from execution_ops.api.metrics import Own, render
from execution_ops.domain.access import Scope, require
from execution_ops.domain.errors import Forbidden, OpsError
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.states import WorkerState
from execution_ops.services.overview import SYSTEM

router = APIRouter(tags=["probes"])


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


@router.get(routes.HEALTH)
async def healthz() -> Liveness:
    """200 as long as this process answers at all."""
    return Liveness(status="ok")


@router.get(routes.READY, response_model=Readiness, responses={503: {"model": Readiness}})
async def readyz(request: Request, services: ServicesDep) -> Response:
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


@router.get(routes.METRICS, response_class=PlainTextResponse)
async def metrics(services: ServicesDep, actor: ActorDep) -> PlainTextResponse:
    """Jobs by state, queues, workers and the live feed, in Prometheus' text format; for who reads all tenants."""
    if require(actor, Scope.READ).tenants is not None:
        raise Forbidden("The figures are of all tenants, so they are for who may read all of them.")
    counts = await services.summary.counts(actor, JobFilter())
    health = await services.summary.health(actor)
    own = Own(
        statements=services.backend.statements(),
        statement_seconds=services.backend.statement_seconds(),
        tasks=len(asyncio.all_tasks()),
    )
    text = render(counts, health, services.hub.gauges(), own)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")
