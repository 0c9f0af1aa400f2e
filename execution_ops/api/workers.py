"""The worker fleet over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.parameters import Whole
from execution_ops.api.replies import Answer
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.fleet import Fleet, FleetWorker, WorkerOutcome
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.routes import Rest
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import IDS_MAX, LIMIT_DEFAULT, LIMIT_MAX
from execution_ops.services.workers import FleetSummary

router = APIRouter(tags=["workers"])


class WorkerList(BaseModel):
    """One page of workers, those that live first, by name."""

    items: tuple[FleetWorker, ...]
    next_cursor: str | None


class WorkerOutcomes(BaseModel):
    """What was done to each of the workers that matched; none when the verb could do nothing to any."""

    outcomes: tuple[WorkerOutcome, ...]


class SeenWorker(BaseModel):
    """Which revision the caller saw: 409 if somebody changed what is asked since. Left out: whatever it is."""

    model_config = ConfigDict(extra="forbid")

    revision: Whole | None = None


class ChosenWorkers(BaseModel):
    """Workers by their ids, in place of a filter. One that somebody changed since its revision was seen is refused."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=IDS_MAX)
    revisions: dict[str, Whole] = Field(default_factory=dict)


ChosenBody = Annotated[ChosenWorkers | None, Body()]
SeenBody = Annotated[SeenWorker | None, Body()]


@router.get(Rest.WORKERS, **reads(where=WorkerFilter))
def list_workers(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> WorkerList:
    """Workers that live or ended in the last day. Filters: `state`, `queue`, `host`, `version`, `id`."""
    where = filter_from(request.url.query, WorkerFilter, also=("limit", "cursor"))
    page = services.workers.list(actor, where, cursor=cursor or None, limit=limit)
    return WorkerList(items=page.rows, next_cursor=page.after)


@router.get(Rest.WORKERS_SUMMARY, **reads())
def summarize_workers(services: ServicesDep, actor: ActorDep) -> FleetSummary:
    """Workers by state, slots in use, and what to look at: queues without a worker, versions, heartbeats."""
    return services.workers.summary(actor)


@router.get(Rest.WORKERS_FLEET, **reads())
def get_fleet(services: ServicesDep, actor: ActorDep) -> Fleet:
    """All workers that live or ended in the last day, and the queues in which jobs wait, as one answer."""
    return services.workers.fleet(actor)


@router.post(Rest.WORKERS_DRAIN, response_model=WorkerOutcomes, **changes(WORKER_DRAIN, where=WorkerFilter))
def drain_workers(request: Request, change: ChangeDep, body: ChosenBody = None) -> Response:
    """Drain all workers that match the filter of the query, as in the list; without one, all; or those named in the
    body. Needs a reason."""
    return _many(WORKER_DRAIN, request, body, change)


@router.post(Rest.WORKERS_RESUME, response_model=WorkerOutcomes, **changes(WORKER_RESUME, where=WorkerFilter))
def resume_workers(request: Request, change: ChangeDep, body: ChosenBody = None) -> Response:
    """Let all workers that match the filter of the query take jobs again."""
    return _many(WORKER_RESUME, request, body, change)


@router.post(Rest.WORKERS_STOP, response_model=WorkerOutcomes, **changes(WORKER_STOP, where=WorkerFilter))
def stop_workers(request: Request, change: ChangeDep, body: ChosenBody = None) -> Response:
    """Let all workers that match the filter of the query finish and end. Needs a reason."""
    return _many(WORKER_STOP, request, body, change)


@router.get(Rest.WORKER, **reads())
def get_worker(worker_id: str, services: ServicesDep, actor: ActorDep) -> FleetWorker:
    """One worker and some of the jobs that it runs; 30 days from its end it is forgotten."""
    return services.workers.get(actor, worker_id)


@router.post(Rest.WORKER_DRAIN, response_model=FleetWorker, **changes(WORKER_DRAIN))
def drain_worker(worker_id: str, change: ChangeDep, body: SeenBody = None) -> Response:
    """Let it finish what it runs and take nothing new; needs a reason. 409 if that is asked already."""
    return _one(WORKER_DRAIN, worker_id, body, change)


@router.post(Rest.WORKER_RESUME, response_model=FleetWorker, **changes(WORKER_RESUME))
def resume_worker(worker_id: str, change: ChangeDep, body: SeenBody = None) -> Response:
    """Let it take jobs again. 409 if it does, or if it was asked to stop."""
    return _one(WORKER_RESUME, worker_id, body, change)


@router.post(Rest.WORKER_STOP, response_model=FleetWorker, **changes(WORKER_STOP))
def stop_worker(worker_id: str, change: ChangeDep, body: SeenBody = None) -> Response:
    """Let it finish what it runs, then end its process; needs a reason, and can't be undone."""
    return _one(WORKER_STOP, worker_id, body, change)


def _one(verb: Verb, worker_id: str, body: SeenWorker | None, change: Change) -> Response:
    seen = {worker_id: body.revision} if body and body.revision is not None else {}

    def act() -> Answer:
        [outcome] = change.services.workers.act(change.actor, verb.name, [worker_id], change.stamp, seen)
        if not outcome.done:
            raise Conflict(outcome.why) if outcome.state else NotFound(outcome.why)
        return Answer(200, change.services.workers.get(change.actor, worker_id).model_dump(mode="json"))

    return change.once([verb.name, worker_id, seen], act)


def _many(verb: Verb, request: Request, body: ChosenWorkers | None, change: Change) -> Response:
    where = filter_from(request.url.query, WorkerFilter)
    if body is not None and where.to_pairs():
        raise InvalidInput("Name workers, or a filter, and not both.")
    service = change.services.workers

    def act() -> Answer:
        if body is None:
            outcomes = service.act_on_matching(change.actor, verb.name, where, change.stamp)
        else:
            outcomes = service.act(change.actor, verb.name, body.ids, change.stamp, body.revisions)
        return Answer(200, WorkerOutcomes(outcomes=tuple(outcomes)).model_dump(mode="json"))

    return change.once([verb.name, where.to_pairs(), None if body is None else body.model_dump()], act)
