"""The audit over HTTP: who did what to what, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from execution_ops.api.deps import ActorDep, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import export_response
from execution_ops.api.operations import formats, reads, undoes
from execution_ops.api.replies import Answer
from execution_ops.domain.audit import AuditDetail, AuditEvent, SubjectKey, SubjectKind
from execution_ops.domain.audit_exports import AuditExportFormat
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.paging import in_order
from execution_ops.domain.undo import UndoOffer
from execution_ops.routes import Rest
from execution_ops.services.audit import THINGS_MAX, TIMELINE_MAX
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["audit"])

EventNumber = Annotated[int, Path(ge=1, lt=2**53, description="The number of the event.")]


class AuditList(BaseModel):
    """One page. `searched` is set when a search stopped after so many candidates."""

    items: tuple[AuditEvent, ...]
    next_cursor: str | None
    prev_cursor: str | None = None
    searched: int | None


class AuditCount(BaseModel):
    """How many events there are, counted up to 10,001."""

    count: int


class AuditTimeline(BaseModel):
    """The newest events of some things, the newest first."""

    items: tuple[AuditEvent, ...]


class AuditLater(BaseModel):
    """The last event that changed one of the things of another after it; null if none did."""

    event: AuditEvent | None


@router.get(Rest.AUDIT, **reads(where=AuditFilter))
def list_audit(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> AuditList:
    """What was done, newest first unless `sort=oldest`. The query takes every field of the filter.

    Who sees some tenants reads what was done to their things, and to what all tenants share.
    """
    where = filter_from(request.url.query, AuditFilter, also=("limit", "cursor"))
    page = services.audit.list(actor, where, cursor=cursor or None, limit=limit)
    following, before = in_order(page.older, page.newer, where.sort)
    return AuditList(items=page.rows, next_cursor=following, prev_cursor=before, searched=page.searched)


@router.get(
    Rest.AUDIT_EXPORT, response_class=StreamingResponse, **reads(where=AuditFilter, files=formats(AuditExportFormat))
)
def export_audit(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    form: Annotated[AuditExportFormat, Query(alias="format")] = AuditExportFormat.CSV,
) -> StreamingResponse:
    """All events that match, with before and after, streamed as CSV, JSON or NDJSON; the audit knows of it."""
    where = filter_from(request.url.query, AuditFilter, also=("format",))
    chunks = services.audit.export(actor, where, form, stamp)
    return export_response(chunks, f"audit.{form.value}", form.media_type)


@router.get(Rest.AUDIT_COUNT, **reads())
def count_audit(services: ServicesDep, actor: ActorDep) -> AuditCount:
    """How many events who asks may see, counted up to 10,001."""
    return AuditCount(count=services.audit.count(actor))


@router.get(Rest.AUDIT_FACETS, **reads())
def audit_facets(services: ServicesDep, actor: ActorDep) -> dict[str, list[str]]:
    """Who did something so far, to suggest in a filter."""
    return services.audit.facets(actor)


@router.get(Rest.AUDIT_OF, **reads())
def list_audit_of(
    services: ServicesDep,
    actor: ActorDep,
    thing: Annotated[list[str], Query(min_length=1, max_length=THINGS_MAX)],
    limit: Annotated[int, Query(ge=1, le=TIMELINE_MAX)] = TIMELINE_MAX,
) -> AuditTimeline:
    """The newest events that name one of the things, each given as `kind:id`."""
    return AuditTimeline(items=tuple(services.audit.of(actor, *map(_thing, thing), limit=limit)))


@router.get(Rest.AUDIT_LATER, **reads())
def get_audit_later(n: EventNumber, services: ServicesDep, actor: ActorDep) -> AuditLater:
    """What changed one of the event's things last, after it."""
    return AuditLater(event=services.audit.later(actor, n))


@router.get(Rest.AUDIT_EVENT, **reads())
def get_audit_event(n: EventNumber, services: ServicesDep, actor: ActorDep) -> AuditDetail:
    """One event with what was before and after it, and the things that it names."""
    return services.audit.get(actor, n)


@router.get(Rest.AUDIT_UNDO, **reads())
def get_undo_offer(n: EventNumber, services: ServicesDep, actor: ActorDep) -> UndoOffer:
    """Whether the event can be undone now, by whom who asks, until when, and if not, why not."""
    return services.undo.offer(actor, n)


@router.post(Rest.AUDIT_UNDO, response_model=AuditDetail, **undoes())
def undo_audit_event(n: EventNumber, change: ChangeDep) -> Response:
    """Put back what held before the event, within 10 minutes and as long as nobody changed it since.

    Takes the permission that the inverse of its verb takes. Answers with the event that tells of it; 409, in words,
    if it can't be undone (any more).
    """

    def act() -> Answer:
        made = change.services.undo.undo(change.actor, n, change.stamp)
        return Answer(200, made.model_dump(mode="json"))

    return change.once(["undo", n], act)


def _thing(text: str) -> SubjectKey:
    kind, _, name = text.partition(":")
    if kind not in {one.value for one in SubjectKind} or not name:
        raise InvalidInput("A thing is given as kind:id, like job:019ab107-5a2f-….")
    return SubjectKey(SubjectKind(kind), name)
