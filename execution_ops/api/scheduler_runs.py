"""Runs of schedules over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StrictBool

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.parameters import Instant
from execution_ops.api.replies import Answer
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.paging import in_order
from execution_ops.domain.queue_lag import Lag
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Deltas, Run, RunFigures, RunTarget
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import RunState, TargetState
from execution_ops.routes import Rest
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX
from execution_ops.services.runs import RunDetail

router = APIRouter(tags=["scheduler runs"])

LimitQuery = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


class RunList(BaseModel):
    """One page of runs."""

    items: tuple[Run, ...]
    next_cursor: str | None
    prev_cursor: str | None = None


class RunSummary(BaseModel):
    """How many runs match in each state, each counted up to 10,001."""

    by_state: dict[RunState, int]


class TargetList(BaseModel):
    """One page of the targets of a run, in the order of its plan."""

    items: tuple[RunTarget, ...]
    next_cursor: str | None


class RunDeltas(BaseModel):
    """What the comparisons of a run found: in all, and for each target that was compared."""

    deltas: Deltas
    items: tuple[RunTarget, ...]
    next_cursor: str | None


class RetryRequest(BaseModel):
    """Whether only the segments that did not all succeed are repeated."""

    model_config = ConfigDict(extra="forbid")

    failed: StrictBool = False


@router.get(Rest.RUNS, **reads(where=RunFilter))
def list_runs(
    request: Request, services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT, cursor: str = ""
) -> RunList:
    """Runs, newest first. Filters: `state`, `trigger`, `schedule`, `tenant`, `after`, `before`, `sort`."""
    where = filter_from(request.url.query, RunFilter, also=("limit", "cursor"))
    page = services.runs.list(actor, where, cursor=cursor or None, limit=limit)
    following, before = in_order(page.older, page.newer, where.sort)
    return RunList(items=page.rows, next_cursor=following, prev_cursor=before)


@router.get(Rest.RUNS_SUMMARY, **reads(where=RunFilter))
def summarize_runs(request: Request, services: ServicesDep, actor: ActorDep) -> RunSummary:
    """How many of the runs that match are in which state."""
    where = filter_from(request.url.query, RunFilter)
    return RunSummary(by_state=services.runs.counts(actor, where))


@router.get(Rest.RUNS_FIGURES, **reads(errors=("UNKNOWN_PARAMETER",)))
def run_figures(request: Request, services: ServicesDep, actor: ActorDep, since: Instant) -> RunFigures:
    """How runs stand now, and what came of those that were made since a moment."""
    check_parameters(request.url.query, ("since",))
    return services.runs.figures(actor, since)


@router.get(Rest.RUNS_LAG, **reads(errors=("UNKNOWN_PARAMETER",)))
async def get_queue_lag(request: Request, services: ServicesDep, actor: ActorDep) -> Lag:
    """How far the queues are behind: the depth of each, its oldest wait, what runs and who serves it."""
    check_parameters(request.url.query, ())
    return services.scheduler.lag(actor, await services.summary.health(actor))


@router.get(Rest.RUN, **reads())
def get_run(run_id: str, services: ServicesDep, actor: ActorDep) -> RunDetail:
    """One run with its segments."""
    return services.runs.get(actor, run_id)


@router.get(Rest.RUN_SPEC, **reads())
def get_run_spec(run_id: str, services: ServicesDep, actor: ActorDep) -> ScheduleSpec:
    """What a run follows: the version of its schedule that held when it was made."""
    return services.runs.spec(actor, run_id)


@router.get(Rest.RUN_TARGETS, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_run_targets(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: LimitQuery = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=10)] = "",
    state: Annotated[tuple[TargetState, ...], Query()] = (),
) -> TargetList:
    """The targets of a run in one of the states, if any is named, with the DAG of each that was started."""
    check_parameters(request.url.query, ("limit", "cursor", "state"))
    items = tuple(services.runs.targets(actor, run_id, after=after_of(cursor), limit=limit, states=state))
    return TargetList(items=items, next_cursor=_next(items, limit))


@router.get(Rest.RUN_DELTAS, **reads(errors=("UNKNOWN_PARAMETER",)))
def get_run_deltas(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: LimitQuery = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=10)] = "",
) -> RunDeltas:
    """What the comparisons with the promoted baselines found; targets without one have none."""
    check_parameters(request.url.query, ("limit", "cursor"))
    detail = services.runs.get(actor, run_id)
    page = tuple(services.runs.targets(actor, run_id, after=after_of(cursor), limit=limit))
    compared = tuple(target for target in page if target.deltas.compared)
    return RunDeltas(deltas=detail.run.deltas, items=compared, next_cursor=_next(page, limit))


@router.post(Rest.RUN_CANCEL, response_model=Run, **changes(RUN_CANCEL))
def cancel_run(run_id: str, change: ChangeDep) -> Response:
    """Cancel a run that has not ended; needs a reason. Its running jobs are asked to stop."""

    def act() -> Answer:
        return Answer(200, change.services.runs.cancel(change.actor, run_id, change.stamp).model_dump(mode="json"))

    return change.once([RUN_CANCEL.name, run_id], act)


@router.post(Rest.RUN_RETRY, status_code=202, response_model=Run, **changes(RUN_RETRY))
def retry_run(run_id: str, change: ChangeDep, body: Annotated[RetryRequest | None, Body()] = None) -> Response:
    """Start a run that repeats one that has ended, or only its failed segments."""
    verb = RUN_RETRY_FAILED if body is not None and body.failed else RUN_RETRY

    def act() -> Answer:
        run = change.services.runs.retry(change.actor, verb, run_id, change.stamp)
        return Answer(202, run.model_dump(mode="json"), location=routes.api_run(run.id))

    return change.once([verb.name, run_id], act)


def after_of(cursor: str) -> int:
    """The number of the target after which a page begins."""
    if cursor and not cursor.isdecimal():
        raise InvalidInput("This is not a cursor of a run's targets.", code="BAD_CURSOR")
    return int(cursor or 0)


def _next(items: tuple[RunTarget, ...], limit: int) -> str | None:
    return str(items[-1].no) if len(items) == limit else None
