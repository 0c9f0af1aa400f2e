"""Starting a scan and looking at it over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.replies import KNOWN, Answer
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import JobState
from execution_ops.domain.times import Instant
from execution_ops.routes import Rest

router = APIRouter(tags=["scanner"])


class ScanRequest(BaseModel):
    """A directory, archive or image tarball below the scan roots."""

    model_config = ConfigDict(extra="forbid")

    path: str


class ScanSummary(BaseModel):
    """How a scan stands: its jobs by state, and by the key of their node."""

    dag_id: str
    title: str
    tenant: str
    created_at: Instant
    by_state: dict[JobState, int]
    job_ids: dict[str, str]


@router.post(Rest.SCANS, status_code=201, response_model=Submission, responses=KNOWN, **changes(SCAN))
def start_scan(body: Annotated[ScanRequest, Body()], change: ChangeDep) -> Response:
    """Start a scan for the tenant of X-Stella-Tenant. The same Idempotency-Key starts no second one."""

    def act() -> Answer:
        started = change.services.scans.submit(change.actor, body.path, stamp=change.stamp)
        location = routes.api_scan(started.dag_id)
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return change.once([SCAN.name, body.path], act)


@router.get(Rest.SCAN, **reads())
def get_scan(dag_id: str, services: ServicesDep, actor: ActorDep) -> ScanSummary:
    """The scan's jobs, counted and named; `jobs/{id}/dag` has all of each."""
    dag = services.jobs.dag(actor, dag_id)
    states = [node.row.state for node in dag.nodes]
    return ScanSummary(
        dag_id=dag.id,
        title=dag.title,
        tenant=dag.tenant,
        created_at=dag.created_at,
        by_state={state: states.count(state) for state in JobState if state in states},
        job_ids={node.row.node_key: node.row.id for node in dag.nodes},
    )
