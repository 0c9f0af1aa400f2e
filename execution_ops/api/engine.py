"""How the engine stands, as one sample, and DAGs: read whole, and submitted whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.replies import Answer
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.job_verbs import SUBMIT
from execution_ops.domain.jobs import Dag, Health, Submission
from execution_ops.domain.rates import Rates, Window
from execution_ops.routes import Rest
from execution_ops.services.jobs import NODES_MAX, TITLE_MAX
from execution_ops.services.queries import check_parameters

router = APIRouter(tags=["jobs"])


class DagRequest(BaseModel):
    """A whole pipeline: its jobs, each with the keys of its parents. It belongs to `tenant`, else to the caller's."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=TITLE_MAX)
    nodes: tuple[NodeSpec, ...] = Field(max_length=NODES_MAX)
    tenant: str = ""


@router.get(Rest.ENGINE_HEALTH, **reads(errors=("UNKNOWN_PARAMETER",)))
async def get_engine_health(request: Request, services: ServicesDep, actor: ActorDep) -> Health:
    """Queues and workers, at most a second old; `as_of` says when they were read."""
    check_parameters(request.url.query, ())
    return await services.summary.health(actor)


@router.get(Rest.ENGINE_RATES, **reads(errors=("UNKNOWN_PARAMETER",)))
async def get_engine_rates(
    request: Request, services: ServicesDep, actor: ActorDep, window: Annotated[Window, Query()] = Window.HOUR
) -> Rates:
    """How many jobs arrived and ended by queue, in buckets over the window: at most some seconds old."""
    check_parameters(request.url.query, ("window",))
    return await services.summary.rates(actor, window)


@router.get(Rest.JOB_FACETS, **reads(errors=("UNKNOWN_PARAMETER",)))
def get_job_facets(request: Request, services: ServicesDep, actor: ActorDep) -> dict[str, list[str]]:
    """The values that `job_type`, `queue` and `tenant` take, to suggest in filters."""
    check_parameters(request.url.query, ())
    return services.jobs.facets(actor)


@router.get(Rest.DAG, **reads())
def get_dag(dag_id: str, services: ServicesDep, actor: ActorDep) -> Dag:
    """A whole DAG."""
    return services.jobs.dag(actor, dag_id)


@router.post(Rest.DAGS, status_code=201, response_model=Submission, **changes(SUBMIT))
def submit_dag(body: Annotated[DagRequest, Body()], change: ChangeDep) -> Response:
    """Store a DAG whole and start what has no parents. The same Idempotency-Key starts no second one."""
    spec = DagSpec(title=body.title, nodes=body.nodes)

    def act() -> Answer:
        started = change.services.jobs.submit_dag(change.actor, spec, tenant=body.tenant, stamp=change.stamp)
        location = routes.api_job(next(iter(started.job_ids.values())))
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return change.once([SUBMIT.name, "dag", body.model_dump(mode="json")], act)
