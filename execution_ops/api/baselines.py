"""Baselines over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from execution_ops import routes
from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import artifact_response, export_response
from execution_ops.api.operations import ANY_FILE, changes, formats, reads
from execution_ops.api.replies import Answer
from execution_ops.domain.access import Actor
from execution_ops.domain.baseline_choice import Suggestion
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import Baseline, BaselineSource, Promotion
from execution_ops.domain.jobs import Submission
from execution_ops.domain.paging import in_order
from execution_ops.domain.sbom_diff import ChangeKind, DiffCounts, DiffFilter
from execution_ops.domain.sbom_exports import DiffFormat, row_of
from execution_ops.domain.scanner_verbs import (
    BASELINE_COMPARE,
    BASELINE_PROMOTE,
    BASELINE_REMOVE,
    BASELINE_ROLLBACK,
    BASELINE_SAVE,
)
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest
from execution_ops.services.baseline_answers import OfSource
from execution_ops.services.baselines import OF_SOURCE_MAX, ROWS_MAX
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["baselines"])

_SIDES = frozenset({"left", "right", "kind", "ecosystem", "text"})


class SaveRequest(BaseModel):
    """Any job of the scan whose merged result is to be kept, and a label for people."""

    model_config = ConfigDict(extra="forbid")

    job_id: str
    label: str = ""


class CompareRequest(BaseModel):
    """The baselines to compare, by their ids."""

    model_config = ConfigDict(extra="forbid")

    left: str
    right: str


class PromoteRequest(BaseModel):
    """The baseline that is promoted now as far as who asks knows, "" for none; without it, whichever is."""

    model_config = ConfigDict(extra="forbid")

    held: str | None = None


class BaselineList(BaseModel):
    """One page of baselines, by when they were saved."""

    items: tuple[Baseline, ...]
    next_cursor: str | None
    prev_cursor: str | None = None


class SourceList(BaseModel):
    """The sources that have baselines, by name."""

    items: tuple[BaselineSource, ...]


class BaselineDetail(BaseModel):
    """A baseline, and the log of what was promoted of its source, the newest first."""

    baseline: Baseline
    promotions: tuple[Promotion, ...]


class ComparisonAnswer(BaseModel):
    """A page of what changed from `left` to `right`. `counts` is of all, `matching` of what the filter leaves."""

    left: Baseline
    right: Baseline
    counts: DiffCounts
    ecosystems: tuple[str, ...]
    matching: int
    items: tuple[dict[str, str], ...]
    next_start: int | None


@router.get(Rest.BASELINES, **reads(where=BaselineFilter))
def list_baselines(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> BaselineList:
    """Baselines, the newest first. Filters: `tenant`, `state`, `source`, `label`, `after`, `before`, `sort`."""
    where = filter_from(request.url.query, BaselineFilter, also=("limit", "cursor"))
    page = services.baselines.list(actor, where, cursor=cursor or None, limit=limit)
    following, before = in_order(page.older, page.newer, where.sort)
    return BaselineList(items=page.rows, next_cursor=following, prev_cursor=before)


@router.post(
    Rest.BASELINES,
    status_code=201,
    response_model=Baseline,
    **changes(BASELINE_SAVE, errors=("NO_DOCUMENT", "NOT_READY")),
)
def save_baseline(body: Annotated[SaveRequest, Body()], change: ChangeDep) -> Response:
    """Keep the merged result of a scan as a candidate; the same result of a source is kept once."""

    def act() -> Answer:
        made = change.services.baselines.save(change.actor, body.job_id, change.stamp, label=body.label)
        return Answer(201, made.model_dump(mode="json"), location=routes.api_baseline(made.id))

    return change.once([BASELINE_SAVE.name, body.model_dump(mode="json")], act)


@router.get(Rest.BASELINES_SOURCES, **reads())
def list_baseline_sources(services: ServicesDep, actor: ActorDep) -> SourceList:
    """The sources that have baselines, each with the one that its scans compare with."""
    return SourceList(items=tuple(services.baselines.sources(actor)))


@router.get(Rest.BASELINES_OF, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_baselines_of(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    tenant: str,
    source: str,
    sha256: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=OF_SOURCE_MAX)] = LIMIT_DEFAULT,
) -> OfSource:
    """What there is of exactly this source of a tenant; with `sha256` also which of it keeps that document."""
    check_parameters(request.url.query, ("tenant", "source", "sha256", "limit"))
    return services.baselines.of_source(actor, tenant, source, sha256=sha256, limit=limit)


@router.get(Rest.BASELINES_COMPARE, **reads(errors=("UNKNOWN_PARAMETER", "NO_DOCUMENT", "NOT_FOUND", "CONFLICT")))
def compare_baselines(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    left: str,
    right: str,
    kind: Annotated[list[ChangeKind] | None, Query()] = None,
    ecosystem: Annotated[list[str] | None, Query()] = None,
    text: str = "",
    start: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = ROWS_MAX,
) -> ComparisonAnswer:
    """What changed from one baseline to another, a page at a time."""
    check_parameters(request.url.query, _SIDES | {"start", "limit"})
    where = _where(kind, ecosystem, text)
    page = services.baselines.compare(actor, left, right, where, start=start, limit=limit)
    end = start + len(page.rows)
    return ComparisonAnswer(
        left=page.left,
        right=page.right,
        counts=page.counts,
        ecosystems=page.ecosystems,
        matching=page.matching,
        items=tuple(map(row_of, page.rows)),
        next_start=end if end < page.matching else None,
    )


@router.post(
    Rest.BASELINES_KEEP_COMPARISON,
    status_code=202,
    response_model=Submission,
    **changes(BASELINE_COMPARE, errors=("NO_DOCUMENT",)),
)
def keep_comparison(body: Annotated[CompareRequest, Body()], change: ChangeDep) -> Response:
    """Start the job that compares two baselines and keeps what changed as CSV, JSON and CycloneDX."""
    start = partial(change.services.baselines.keep_comparison, change.actor, body.left, body.right, change.stamp)
    return change.start([BASELINE_COMPARE.name, body.model_dump()], start)


@router.get(
    Rest.BASELINES_EXPORT,
    response_class=StreamingResponse,
    **reads(files=formats(DiffFormat), errors=("UNKNOWN_PARAMETER", "NO_DOCUMENT", "NOT_FOUND", "CONFLICT")),
)
def export_comparison(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    left: str,
    right: str,
    kind: Annotated[list[ChangeKind] | None, Query()] = None,
    ecosystem: Annotated[list[str] | None, Query()] = None,
    text: str = "",
    form: Annotated[DiffFormat, Query(alias="format")] = DiffFormat.CSV,
) -> StreamingResponse:
    """What changed, as CSV (safe to open in a spreadsheet), JSON or CycloneDX 1.6; the audit knows of it."""
    check_parameters(request.url.query, _SIDES | {"format"})
    name, chunks = services.baselines.export(actor, left, right, _where(kind, ecosystem, text), form, stamp)
    return export_response(chunks, name, form.media_type)


@router.get(Rest.BASELINE, **reads())
def get_baseline(baseline_id: str, services: ServicesDep, actor: ActorDep) -> BaselineDetail:
    """One baseline and the promotions of its source."""
    return BaselineDetail(
        baseline=services.baselines.get(actor, baseline_id),
        promotions=tuple(services.baselines.history(actor, baseline_id)),
    )


@router.get(Rest.BASELINE_DOCUMENT, response_class=FileResponse, **reads(files=(ANY_FILE,), errors=("NO_DOCUMENT",)))
def get_baseline_document(baseline_id: str, services: ServicesDep, actor: ActorDep, stamp: StampDep) -> FileResponse:
    """Its CycloneDX document, as a download; the audit knows of it."""
    return artifact_response(*services.baselines.document(actor, baseline_id, stamp))


@router.get(Rest.BASELINE_PARTS, response_class=FileResponse, **reads(files=(ANY_FILE,), errors=("NO_DOCUMENT",)))
def get_parts(baseline_id: str, services: ServicesDep, actor: ActorDep) -> FileResponse:
    """The file of its packages, which a comparison reads: for another console."""
    return artifact_response(*services.baselines.parts(actor, baseline_id))


@router.get(Rest.BASELINE_SUGGESTION, **reads())
def suggest_comparison(baseline_id: str, services: ServicesDep, actor: ActorDep) -> Suggestion:
    """What to compare it with, and why: each choice says why it is or is not offered."""
    return services.baselines.suggestion(actor, baseline_id)


@router.post(
    Rest.BASELINE_PROMOTE,
    status_code=202,
    response_model=Submission,
    **changes(BASELINE_PROMOTE, errors=("CHANGED_MEANWHILE", "NO_DOCUMENT")),
)
def promote_baseline(
    baseline_id: str, change: ChangeDep, body: Annotated[PromoteRequest | None, Body()] = None
) -> Response:
    """Start the job that lets scans of its source compare with it; needs a reason. 409 if it is promoted already.

    The job keeps what changes against the promoted one, and fails if another one is promoted by then.
    """
    asked = body or PromoteRequest()
    start = partial(change.services.baselines.promote, change.actor, baseline_id, change.stamp, held=asked.held)
    return change.start([BASELINE_PROMOTE.name, baseline_id, asked.model_dump()], start)


@router.post(Rest.BASELINE_ROLLBACK, response_model=Baseline, **changes(BASELINE_ROLLBACK))
def rollback_baseline(baseline_id: str, change: ChangeDep) -> Response:
    """The one that was promoted before it is promoted again, and is the answer; needs a reason."""
    return _act(BASELINE_ROLLBACK, baseline_id, change, change.services.baselines.rollback)


@router.delete(Rest.BASELINE, response_model=Baseline, **changes(BASELINE_REMOVE))
def remove_baseline(baseline_id: str, change: ChangeDep) -> Response:
    """Delete a candidate; the scan that it came from stays. Needs a reason. 409 if it is promoted."""
    return _act(BASELINE_REMOVE, baseline_id, change, change.services.baselines.remove)


def _act(verb: Verb, baseline_id: str, change: Change, act: Callable[[Actor, str, Stamp], Baseline]) -> Response:
    def answer() -> Answer:
        return Answer(200, act(change.actor, baseline_id, change.stamp).model_dump(mode="json"))

    return change.once([verb.name, baseline_id], answer)


def _where(kind: list[ChangeKind] | None, ecosystem: list[str] | None, text: str) -> DiffFilter:
    return DiffFilter(kind=tuple(dict.fromkeys(kind or ())), ecosystem=tuple(dict.fromkeys(ecosystem or ())), text=text)
