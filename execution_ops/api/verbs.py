"""Changing jobs over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from execution_ops import routes
from execution_ops.api.deps import ActorDep, RepliesDep, ServicesDep, StampDep
from execution_ops.api.replies import Answer
from execution_ops.domain.errors import Conflict
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import NodeSpec
from execution_ops.domain.jobs import Outcome, Submission
from execution_ops.domain.verbs import CANCEL, RETRY, SUBMIT
from execution_ops.routes import Rest
from execution_ops.services.bulk import NODE_KEY
from execution_ops.services.jobs import IDS_MAX, SUBMITTED_KEY
from execution_ops.services.queries import filter_from

router = APIRouter(tags=["jobs"])


class BulkRequest(BaseModel):
    """Which jobs: `ids`, or `filter` as the query of a list (empty: all jobs). One of the two."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = Field(default=None, min_length=1, max_length=IDS_MAX)
    filter: str | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> BulkRequest:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("name either ids or a filter")
        return self


class Outcomes(BaseModel):
    """What happened to each job, in the order asked."""

    items: list[Outcome]
    done: int
    refused: int


class BulkStarted(BaseModel):
    """Background work was started: follow this job."""

    job_id: str
    dag_id: str
    created: bool


class SubmitRequest(BaseModel):
    """One job: its type, a payload that the type's model takes, and a word that tells it from others."""

    model_config = ConfigDict(extra="forbid")

    job_type: str
    payload: dict[str, Any] = Field(default_factory=dict)
    label: str = ""
    priority: int = 0


@router.post(Rest.JOBS, status_code=201, response_model=Submission)
def submit_job(
    body: Annotated[SubmitRequest, Body()],
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    replies: RepliesDep,
) -> Response:
    """Start a job for the tenant of X-Stella-Tenant. The same Idempotency-Key starts no second one."""
    work = NodeSpec(key=SUBMITTED_KEY, **body.model_dump())

    def act() -> Answer:
        started = services.jobs.submit(actor, work, stamp=stamp)
        location = routes.api_job(started.job_ids[SUBMITTED_KEY])
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return replies.once(stamp, [SUBMIT.name, body.model_dump()], act)


@router.post(Rest.JOB_CANCEL, response_model=Outcome)
def cancel_job(job_id: str, services: ServicesDep, actor: ActorDep, stamp: StampDep, replies: RepliesDep) -> Response:
    """Cancel a waiting job, ask a running one to stop. 409 if it has ended."""
    return replies.once(stamp, [CANCEL.name, job_id], lambda: _one(services, actor, CANCEL.name, job_id, stamp))


@router.post(Rest.JOB_RETRY, response_model=Outcome)
def retry_job(job_id: str, services: ServicesDep, actor: ActorDep, stamp: StampDep, replies: RepliesDep) -> Response:
    """Start a failed, timed out or canceled job again. 409 if it is none of these."""
    return replies.once(stamp, [RETRY.name, job_id], lambda: _one(services, actor, RETRY.name, job_id, stamp))


@router.post(Rest.JOBS_CANCEL, response_model=Outcomes, responses={202: {"model": BulkStarted}})
def cancel_jobs(
    body: Annotated[BulkRequest, Body()],
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    replies: RepliesDep,
) -> Response:
    """Cancel the jobs of these ids now (200), or all that match in the background (202)."""
    return replies.once(
        stamp, [CANCEL.name, body.model_dump()], lambda: _many(services, actor, CANCEL.name, body, stamp)
    )


@router.post(Rest.JOBS_RETRY, response_model=Outcomes, responses={202: {"model": BulkStarted}})
def retry_jobs(
    body: Annotated[BulkRequest, Body()],
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    replies: RepliesDep,
) -> Response:
    """Retry the jobs of these ids now (200), or all that match in the background (202)."""
    return replies.once(stamp, [RETRY.name, body.model_dump()], lambda: _many(services, actor, RETRY.name, body, stamp))


def _one(services: ServicesDep, actor: ActorDep, verb: str, job_id: str, stamp: StampDep) -> Answer:
    services.jobs.get(actor, job_id)
    (outcome,) = services.jobs.act(actor, verb, [job_id], stamp)
    if not outcome.done:
        raise Conflict(outcome.why)
    return Answer(200, outcome.model_dump(mode="json"))


def _many(services: ServicesDep, actor: ActorDep, verb: str, body: BulkRequest, stamp: StampDep) -> Answer:
    if body.ids is not None:
        items = services.jobs.act(actor, verb, body.ids, stamp)
        done = sum(1 for item in items if item.done)
        return Answer(200, Outcomes(items=items, done=done, refused=len(items) - done).model_dump(mode="json"))
    started = services.jobs.bulk(actor, verb, filter_from(body.filter or "", JobFilter), stamp)
    job_id = started.job_ids[NODE_KEY]
    answer = BulkStarted(job_id=job_id, dag_id=started.dag_id, created=started.created)
    return Answer(202, answer.model_dump(), location=routes.api_job(job_id))
