"""Replay plans over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StrictBool, StrictFloat

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep
from execution_ops.api.operations import changes, reads
from execution_ops.api.replies import Answer
from execution_ops.api.verbs import BulkRequest
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import (
    ABORT_PLAN,
    HOLD_PLAN,
    REOPEN,
    REPLAY,
    RESOLVE,
    RESUME_PLAN,
    SET_RATE,
    START_PLAN,
)
from execution_ops.domain.replays import ItemStatus, PlanKind, ReplayItem, ReplayPlan, Verdict
from execution_ops.routes import Rest
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["replay plans"])

LimitQuery = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


class PlanRequest(BulkRequest):
    """Which dead letters: `ids`, or `filter` as the query of a list (empty: all). One of the two."""

    start: StrictBool = True


class ReplayRequest(PlanRequest):
    """The same; at most `rate` are sent a second, and nothing until the plan is started, unless `start` says so."""

    rate: StrictFloat | None = None
    start: StrictBool = False


class RateRequest(BaseModel):
    """So many a second at most; null for as fast as possible."""

    model_config = ConfigDict(extra="forbid")

    rate: StrictFloat | None


class PlanList(BaseModel):
    """One page of plans, newest first."""

    items: tuple[ReplayPlan, ...]
    next_cursor: str | None


class ItemList(BaseModel):
    """One page of the entries of a plan, in their order."""

    items: tuple[ReplayItem, ...]
    next_cursor: str | None


@router.post(
    Rest.LETTERS_REPLAY_BATCH,
    status_code=202,
    response_model=ReplayPlan,
    **changes(REPLAY, errors=("NOTHING_MATCHES", "UNKNOWN_PARAMETER")),
)
def plan_replay_of_letters(body: Annotated[ReplayRequest, Body()], change: ChangeDep) -> Response:
    """Plan the replay of all that match now: a dry run judges each, then `start` sends them. 409 if nothing matches."""
    return _plan(PlanKind.REPLAY, body, change, body.rate)


@router.post(
    Rest.LETTERS_RESOLVE_BATCH,
    status_code=202,
    response_model=ReplayPlan,
    **changes(RESOLVE, errors=("NOTHING_MATCHES", "UNKNOWN_PARAMETER")),
)
def plan_resolve_of_letters(body: Annotated[PlanRequest, Body()], change: ChangeDep) -> Response:
    """Resolve all that match now, in the background; needs a reason."""
    return _plan(PlanKind.RESOLVE, body, change)


@router.post(
    Rest.LETTERS_REOPEN_BATCH,
    status_code=202,
    response_model=ReplayPlan,
    **changes(REOPEN, errors=("NOTHING_MATCHES", "UNKNOWN_PARAMETER")),
)
def plan_reopen_of_letters(body: Annotated[PlanRequest, Body()], change: ChangeDep) -> Response:
    """Reopen all resolved ones that match now, in the background."""
    return _plan(PlanKind.REOPEN, body, change)


@router.get(Rest.REPLAYS, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_replay_plans(
    request: Request, services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT, cursor: str = ""
) -> PlanList:
    """Plans, newest first."""
    check_parameters(request.url.query, ("limit", "cursor"))
    page = services.replays.list(actor, cursor=cursor or None, limit=limit)
    return PlanList(items=page.plans, next_cursor=page.next_cursor)


@router.get(Rest.REPLAY, **reads())
def get_replay_plan(plan_id: str, services: ServicesDep, actor: ActorDep) -> ReplayPlan:
    """One plan, with the figures of its entries."""
    return services.replays.get(actor, plan_id)


@router.get(Rest.REPLAY_ITEMS, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_replay_items(
    plan_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    status: Annotated[tuple[ItemStatus, ...], Query()] = (),
    verdict: Annotated[tuple[Verdict, ...], Query()] = (),
    limit: LimitQuery = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=16)] = "",
) -> ItemList:
    """The entries of a plan with one of the states and one of the verdicts, if any are named; both may be repeated."""
    check_parameters(request.url.query, ("status", "verdict", "limit", "cursor"))
    if cursor and not cursor.isdecimal():
        raise InvalidInput("This is not a cursor of a plan's entries.", code="BAD_CURSOR")
    page = services.replays.items(
        actor, plan_id, statuses=status, verdicts=verdict, after=int(cursor or 0), limit=limit
    )
    return ItemList(items=page.items, next_cursor=None if page.next_no is None else str(page.next_no))


@router.post(Rest.REPLAY_START, response_model=ReplayPlan, **changes(START_PLAN))
def start_plan(plan_id: str, change: ChangeDep) -> Response:
    """Send what the dry run found eligible. Before the end of the dry run: as soon as that is done."""
    return _act(START_PLAN.name, plan_id, change)


@router.post(Rest.REPLAY_HOLD, response_model=ReplayPlan, **changes(HOLD_PLAN))
def hold_plan(plan_id: str, change: ChangeDep) -> Response:
    """Send nothing more until the plan is resumed."""
    return _act(HOLD_PLAN.name, plan_id, change)


@router.post(Rest.REPLAY_RESUME, response_model=ReplayPlan, **changes(RESUME_PLAN))
def resume_plan(plan_id: str, change: ChangeDep) -> Response:
    """Go on with what was not sent yet."""
    return _act(RESUME_PLAN.name, plan_id, change)


@router.post(Rest.REPLAY_ABORT, response_model=ReplayPlan, **changes(ABORT_PLAN))
def abort_plan(plan_id: str, change: ChangeDep) -> Response:
    """Send nothing more, for good; needs a reason."""
    return _act(ABORT_PLAN.name, plan_id, change)


@router.post(
    Rest.REPLAY_UNDO,
    status_code=202,
    response_model=ReplayPlan,
    **changes(REOPEN, errors=("NOTHING_MATCHES", "UNKNOWN_PARAMETER")),
)
def undo_plan(plan_id: str, change: ChangeDep) -> Response:
    """Reopen all that a plan resolved: the new plan, which starts by itself."""

    def act() -> Answer:
        return _made(change.services.replays.undo(change.actor, plan_id, change.stamp))

    return change.once(["undo", plan_id], act)


@router.put(Rest.REPLAY_RATE, response_model=ReplayPlan, **changes(SET_RATE))
def set_replay_rate(plan_id: str, body: Annotated[RateRequest, Body()], change: ChangeDep) -> Response:
    """Send at another rate from now on."""

    def act() -> Answer:
        plan = change.services.replays.set_rate(change.actor, plan_id, body.rate, change.stamp)
        return Answer(200, plan.model_dump(mode="json"))

    return change.once([SET_RATE.name, plan_id, body.rate], act)


def _plan(kind: PlanKind, body: PlanRequest, change: Change, rate: float | None = None) -> Response:
    def act() -> Answer:
        where = filter_from(body.filter, DeadLetterFilter) if body.filter is not None else None
        plan = change.services.replays.plan(
            change.actor, kind, where=where, ids=body.ids or (), rate=rate, starts=body.start, stamp=change.stamp
        )
        return _made(plan)

    return change.once([kind.value, "plan", body.model_dump()], act)


def _act(verb: str, plan_id: str, change: Change) -> Response:
    def act() -> Answer:
        plan = change.services.replays.act(change.actor, verb, plan_id, change.stamp)
        return Answer(200, plan.model_dump(mode="json"))

    return change.once([verb, "plan", plan_id], act)


def _made(plan: ReplayPlan) -> Answer:
    return Answer(202, plan.model_dump(mode="json"), location=routes.api_replay(plan.id))
