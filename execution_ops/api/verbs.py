"""Changing jobs over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated, Any, Self

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from execution_ops import routes
from execution_ops.api.deps import Change, ChangeDep
from execution_ops.api.operations import changes
from execution_ops.api.replies import KNOWN, Answer
from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import NodeSpec
from execution_ops.domain.job_verbs import CANCEL, RETRY, SUBMIT
from execution_ops.domain.jobs import Outcome, Submission
from execution_ops.routes import Rest
from execution_ops.services.bulk import NODE_KEY
from execution_ops.services.jobs import SUBMITTED_KEY
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import IDS_MAX

router = APIRouter(tags=["jobs"])


class BulkRequest(BaseModel):
    """Which jobs: `ids`, or `filter` as the query of a list (empty: all jobs). One of the two."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = Field(default=None, min_length=1, max_length=IDS_MAX)
    filter: str | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise InvalidInput("Name either ids or a filter.")
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


@router.post(Rest.JOBS, status_code=201, response_model=Submission, responses=KNOWN, **changes(SUBMIT))
def submit_job(body: Annotated[SubmitRequest, Body()], change: ChangeDep) -> Response:
    """Start a job for the tenant of X-Stella-Tenant. The same Idempotency-Key starts no second one."""
    work = NodeSpec(key=SUBMITTED_KEY, **body.model_dump())

    def act() -> Answer:
        started = change.services.jobs.submit(change.actor, work, stamp=change.stamp)
        location = routes.api_job(started.job_ids[SUBMITTED_KEY])
        return Answer(201 if started.created else 200, started.model_dump(mode="json"), location=location)

    return change.once([SUBMIT.name, body.model_dump()], act)


@router.post(Rest.JOB_CANCEL, response_model=Outcome, **changes(CANCEL))
def cancel_job(job_id: str, change: ChangeDep) -> Response:
    """Cancel a waiting job, ask a running one to stop. 409 if it has ended."""
    return change.once([CANCEL.name, job_id], lambda: _one(change, CANCEL.name, job_id))


@router.post(Rest.JOB_RETRY, response_model=Outcome, **changes(RETRY))
def retry_job(job_id: str, change: ChangeDep) -> Response:
    """Start a failed, timed out or canceled job again. 409 if it is none of these."""
    return change.once([RETRY.name, job_id], lambda: _one(change, RETRY.name, job_id))


@router.post(
    Rest.JOBS_CANCEL,
    response_model=Outcomes,
    responses={202: {"model": BulkStarted}},
    **changes(CANCEL, errors=("UNKNOWN_PARAMETER", "NOT_SUPPORTED")),
)
def cancel_jobs(body: Annotated[BulkRequest, Body()], change: ChangeDep) -> Response:
    """Cancel the jobs of these ids now (200), or all that match in the background (202)."""
    return change.once([CANCEL.name, body.model_dump()], lambda: _many(change, CANCEL.name, body))


@router.post(
    Rest.JOBS_RETRY,
    response_model=Outcomes,
    responses={202: {"model": BulkStarted}},
    **changes(RETRY, errors=("UNKNOWN_PARAMETER", "NOT_SUPPORTED")),
)
def retry_jobs(body: Annotated[BulkRequest, Body()], change: ChangeDep) -> Response:
    """Retry the jobs of these ids now (200), or all that match in the background (202)."""
    return change.once([RETRY.name, body.model_dump()], lambda: _many(change, RETRY.name, body))


def _one(change: Change, verb: str, job_id: str) -> Answer:
    change.services.jobs.get(change.actor, job_id)
    (outcome,) = change.services.jobs.act(change.actor, verb, [job_id], change.stamp)
    if not outcome.done:
        raise Conflict(outcome.why)
    return Answer(200, outcome.model_dump(mode="json"))


def _many(change: Change, verb: str, body: BulkRequest) -> Answer:
    if body.ids is not None:
        items = change.services.jobs.act(change.actor, verb, body.ids, change.stamp)
        done = sum(1 for item in items if item.done)
        return Answer(200, Outcomes(items=items, done=done, refused=len(items) - done).model_dump(mode="json"))
    started = change.services.jobs.bulk(change.actor, verb, filter_from(body.filter or "", JobFilter), change.stamp)
    job_id = started.job_ids[NODE_KEY]
    answer = BulkStarted(job_id=job_id, dag_id=started.dag_id, created=started.created)
    return Answer(202, answer.model_dump(), location=routes.api_job(job_id))
