"""Quotas over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import export_response
from execution_ops.api.operations import changes, formats, reads
from execution_ops.api.parameters import Whole
from execution_ops.api.replies import Answer
from execution_ops.domain.quota_exports import QuotaExportFormat
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.quota_verbs import (
    QUOTA_CREATE,
    QUOTA_DELETE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_PAUSE,
    QUOTA_RESET,
    QUOTA_RESUME,
)
from execution_ops.domain.quotas import Limits, QuotaRow, parse_limits
from execution_ops.domain.verb import Verb
from execution_ops.routes import Rest
from execution_ops.services.queries import filter_from
from execution_ops.services.quotas import QuotaSummary
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["quotas"])


class QuotaList(BaseModel):
    """One page of quotas, in the order of their names."""

    items: tuple[QuotaRow, ...]
    next_cursor: str | None


class LimitsBody(BaseModel):
    """Limits from 1 to 1,000,000,000; left out or null is no limit. `burst` needs `max_per_hour`."""

    model_config = ConfigDict(extra="forbid")

    max_active: Whole | None = None
    max_per_hour: Whole | None = None
    burst: Whole | None = None

    def limits(self) -> Limits:
        """The limits; InvalidInput in words."""
        return parse_limits(self.max_active, self.max_per_hour, self.burst)


class QuotaRequest(LimitsBody):
    """A new quota; `*` stands for any tenant or any job type."""

    tenant: str
    job_type: str


class QuotaChange(LimitsBody):
    """New limits. `revision` is the one that the caller saw: 409 if somebody changed the quota since."""

    revision: Whole


class QuotaDeleted(BaseModel):
    """A quota is gone."""

    id: str
    deleted: bool = True


class SeenRevision(BaseModel):
    """Which revision the caller saw; null or left out: whatever it is."""

    model_config = ConfigDict(extra="forbid")

    revision: Whole | None = None


@router.get(Rest.QUOTAS, **reads(where=QuotaFilter))
def list_quotas(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> QuotaList:
    """Quotas with their figures, at most a second old. Filters: `tenant`, `job_type`, `paused`, `at_limit`."""
    where = filter_from(request.url.query, QuotaFilter, also=("limit", "cursor"))
    page = services.quotas.list(actor, where, cursor=cursor or None, limit=limit)
    return QuotaList(items=page.rows, next_cursor=page.after)


@router.get(Rest.QUOTAS_SUMMARY, **reads())
def summarize_quotas(services: ServicesDep, actor: ActorDep) -> QuotaSummary:
    """How many there are, are paused and at their limit, and how many jobs wait because of them."""
    return services.quotas.summary(actor)


@router.get(
    Rest.QUOTAS_EXPORT, response_class=StreamingResponse, **reads(where=QuotaFilter, files=formats(QuotaExportFormat))
)
def export_quotas(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    form: Annotated[QuotaExportFormat, Query(alias="format")] = QuotaExportFormat.JSON,
) -> StreamingResponse:
    """A snapshot of the quotas that match, as JSON or CSV (safe to open in a spreadsheet); the audit knows of it."""
    where = filter_from(request.url.query, QuotaFilter, also=("format",))
    chunks = services.quotas.export(actor, where, form, stamp)
    return export_response(chunks, f"quotas.{form.value}", form.media_type)


@router.post(Rest.QUOTAS, status_code=201, response_model=QuotaRow, **changes(QUOTA_CREATE, errors=("EXISTS",)))
def create_quota(body: Annotated[QuotaRequest, Body()], change: ChangeDep) -> Response:
    """Make a quota. It holds at once, also for jobs that wait already. 409 if there is one for the same."""

    def act() -> Answer:
        made = change.services.quotas.create(change.actor, body.tenant, body.job_type, body.limits(), change.stamp)
        return Answer(201, made.model_dump(mode="json"), location=routes.api_quota(made.id))

    return change.once([QUOTA_CREATE.name, body.model_dump()], act)


@router.get(Rest.QUOTA, **reads())
def get_quota(quota_id: str, services: ServicesDep, actor: ActorDep) -> QuotaRow:
    """One quota with its figures."""
    return services.quotas.get(actor, quota_id)


@router.put(Rest.QUOTA, response_model=QuotaRow, **changes(QUOTA_EDIT, errors=("CHANGED_MEANWHILE", "NO_CHANGE")))
def edit_quota(quota_id: str, body: Annotated[QuotaChange, Body()], change: ChangeDep) -> Response:
    """Set the configured limits; an override ends with that."""
    return _limit(QUOTA_EDIT, quota_id, body, change)


@router.post(
    Rest.QUOTA_OVERRIDE, response_model=QuotaRow, **changes(QUOTA_OVERRIDE, errors=("CHANGED_MEANWHILE", "NO_CHANGE"))
)
def override_quota(quota_id: str, body: Annotated[QuotaChange, Body()], change: ChangeDep) -> Response:
    """Let other limits hold until the quota is reset; the configured ones are kept."""
    return _limit(QUOTA_OVERRIDE, quota_id, body, change)


@router.post(
    Rest.QUOTA_RESET, response_model=QuotaRow, **changes(QUOTA_RESET, errors=("CHANGED_MEANWHILE", "NO_CHANGE"))
)
def reset_quota(quota_id: str, change: ChangeDep, body: Annotated[SeenRevision | None, Body()] = None) -> Response:
    """Let the configured limits hold again. 409 if they do."""
    return _plain(QUOTA_RESET, quota_id, body, change)


@router.post(
    Rest.QUOTA_PAUSE, response_model=QuotaRow, **changes(QUOTA_PAUSE, errors=("CHANGED_MEANWHILE", "NO_CHANGE"))
)
def pause_quota(quota_id: str, change: ChangeDep, body: Annotated[SeenRevision | None, Body()] = None) -> Response:
    """Let nothing new start; needs a reason. 409 if it is paused already."""
    return _plain(QUOTA_PAUSE, quota_id, body, change)


@router.post(
    Rest.QUOTA_RESUME, response_model=QuotaRow, **changes(QUOTA_RESUME, errors=("CHANGED_MEANWHILE", "NO_CHANGE"))
)
def resume_quota(quota_id: str, change: ChangeDep, body: Annotated[SeenRevision | None, Body()] = None) -> Response:
    """Let waiting jobs start again. 409 if it is not paused."""
    return _plain(QUOTA_RESUME, quota_id, body, change)


@router.delete(Rest.QUOTA, response_model=QuotaDeleted, **changes(QUOTA_DELETE, errors=("CHANGED_MEANWHILE",)))
def delete_quota(
    quota_id: str, change: ChangeDep, revision: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None
) -> Response:
    """Delete a quota; its jobs go to the next one that fits them, or to none."""

    def act() -> Answer:
        change.services.quotas.delete(change.actor, quota_id, change.stamp, revision=revision)
        return Answer(200, QuotaDeleted(id=quota_id).model_dump())

    return change.once([QUOTA_DELETE.name, quota_id, revision], act)


def _limit(verb: Verb, quota_id: str, body: QuotaChange, change: Change) -> Response:
    def act() -> Answer:
        limits, seen = body.limits(), body.revision
        row = change.services.quotas.act(change.actor, verb.name, quota_id, change.stamp, limits=limits, revision=seen)
        return Answer(200, row.model_dump(mode="json"))

    return change.once([verb.name, quota_id, body.model_dump()], act)


def _plain(verb: Verb, quota_id: str, body: SeenRevision | None, change: Change) -> Response:
    seen = body.revision if body else None

    def act() -> Answer:
        row = change.services.quotas.act(change.actor, verb.name, quota_id, change.stamp, revision=seen)
        return Answer(200, row.model_dump(mode="json"))

    return change.once([verb.name, quota_id, seen], act)
