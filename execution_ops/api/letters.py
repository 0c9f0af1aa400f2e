"""Dead letters over HTTP. Every change takes Idempotency-Key, X-Stella-Operator-Reason and -Ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from execution_ops.api.deps import ActorDep, Change, ChangeDep, ServicesDep, StampDep
from execution_ops.api.download import export_response
from execution_ops.api.operations import changes, formats, reads
from execution_ops.api.parameters import whole
from execution_ops.api.replies import Answer
from execution_ops.domain.dead_letters import DeadLetter, DeadLetterDetail, Groups, LetterCounts, LetterOutcome
from execution_ops.domain.error_categories import MEANING, Category, is_retryable
from execution_ops.domain.errors import Conflict, InvalidInput
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.domain.paging import in_order
from execution_ops.routes import Rest
from execution_ops.services.dead_letters import GROUP_FIELDS, GROUPS_MAX
from execution_ops.services.queries import check_parameters, filter_from
from execution_ops.services.requests import IDS_MAX, LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["dead letters"])

Revision = Annotated[StrictInt, Field(ge=0, lt=2**53), BeforeValidator(whole)]


class LetterList(BaseModel):
    """One page. `searched` is set when a search stopped after so many candidates."""

    items: tuple[DeadLetter, ...]
    next_cursor: str | None
    prev_cursor: str | None = None
    searched: int | None


class ErrorCode(BaseModel):
    """One category of failures: what it means, and whether the same try again may well succeed."""

    category: Category
    meaning: str
    retryable: bool


class ErrorCodes(BaseModel):
    """The categories, and the error types that dead letters have so far."""

    items: tuple[ErrorCode, ...]
    error_types: tuple[str, ...]


class LetterRequest(BaseModel):
    """Which entries: `id`, or `ids`. A revision is the one that was seen: an entry that changed since is refused."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None
    revision: Revision | None = None
    ids: list[str] | None = Field(default=None, min_length=1, max_length=IDS_MAX)
    revisions: dict[str, Revision] | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> LetterRequest:
        if (self.id is None) == (self.ids is None):
            raise InvalidInput("Name either id or ids.")
        if (self.revision is not None and self.id is None) or (self.revisions is not None and self.ids is None):
            raise InvalidInput("revision goes with id, revisions goes with ids.")
        # A misspelled id would lose its check.
        if set(self.revisions or ()) - set(self.ids or ()):
            raise InvalidInput("revisions has an id that is not among ids.", field="revisions")
        return self


class LetterOutcomes(BaseModel):
    """What happened to each entry, in the order asked."""

    items: list[LetterOutcome]
    done: int
    refused: int


@router.get(Rest.LETTERS, **reads(where=DeadLetterFilter))
def list_letters(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: str = "",
) -> LetterList:
    """Dead letters by their death, newest first unless `sort=oldest`. The query takes every field of the filter."""
    where = filter_from(request.url.query, DeadLetterFilter, also=("limit", "cursor"))
    page = services.letters.list(actor, where, cursor=cursor or None, limit=limit)
    following, before = in_order(page.older, page.newer, where.sort)
    return LetterList(items=page.rows, next_cursor=following, prev_cursor=before, searched=page.searched)


@router.get(Rest.LETTERS_STATS, **reads(where=DeadLetterFilter))
def get_letter_stats(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=GROUPS_MAX)] = LIMIT_DEFAULT,
) -> Groups:
    """The health of the dead letters, and the error groups with the most open entries first.

    Of the filter only `group`, `tenant`, `job_type`, `category` and `retryable` can narrow it.
    """
    where = filter_from(request.url.query, DeadLetterFilter, also=("limit",), only=GROUP_FIELDS)
    return services.letters.groups(actor, where, limit=limit)


@router.get(Rest.LETTERS_SUMMARY, **reads(where=DeadLetterFilter))
async def summarize_letters(request: Request, services: ServicesDep, actor: ActorDep) -> LetterCounts:
    """Counts by state for the filter, at most a second old; `as_of` says when they were read."""
    return await services.summary.letter_counts(actor, filter_from(request.url.query, DeadLetterFilter))


@router.get(
    Rest.LETTERS_EXPORT, response_class=StreamingResponse, **reads(where=DeadLetterFilter, files=formats(ExportFormat))
)
def export_letters(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> StreamingResponse:
    """All dead letters that match, streamed as CSV (safe to open in a spreadsheet) or NDJSON; the audit knows of it."""
    where = filter_from(request.url.query, DeadLetterFilter, also=("format",))
    chunks = services.letters.export(actor, where, form, stamp)
    return export_response(chunks, f"dead-letters.{form.value}", form.media_type)


@router.get(Rest.LETTERS_CODES, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_error_codes(request: Request, services: ServicesDep, actor: ActorDep) -> ErrorCodes:
    """Every category with its meaning and whether a retry may help, and the error types known so far."""
    check_parameters(request.url.query, ())
    codes = (
        ErrorCode(category=category, meaning=MEANING[category], retryable=is_retryable(category))
        for category in Category
    )
    return ErrorCodes(items=tuple(codes), error_types=tuple(services.letters.facets(actor)["error_type"]))


@router.get(Rest.LETTERS_FACETS, **reads(errors=("UNKNOWN_PARAMETER",)))
def letter_facets(request: Request, services: ServicesDep, actor: ActorDep) -> dict[str, list[str]]:
    """The values that `job_type`, `tenant` and `error_type` take, to suggest in filters."""
    check_parameters(request.url.query, ())
    return services.letters.facets(actor)


@router.get(Rest.LETTER, **reads())
def get_letter(entry_id: str, services: ServicesDep, actor: ActorDep) -> DeadLetterDetail:
    """One dead letter with the snapshot of its death and all deaths of its job."""
    return services.letters.get(actor, entry_id)


Letters = Annotated[LetterRequest, Body()]
Either = LetterOutcome | LetterOutcomes


@router.post(Rest.LETTERS_REPLAY, response_model=Either, **changes(REPLAY, errors=("CHANGED_MEANWHILE",)))
def replay_letters(body: Letters, change: ChangeDep) -> Response:
    """Start the jobs of these entries again, at once and also of quarantined ones.

    One `id`: 409 if it is refused, saying who changed it and when. `ids`: 200 with an outcome for each.
    """
    return _act(REPLAY.name, body, change)


@router.post(Rest.LETTERS_RESOLVE, response_model=Either, **changes(RESOLVE, errors=("CHANGED_MEANWHILE",)))
def resolve_letters(body: Letters, change: ChangeDep) -> Response:
    """Close these entries without another try; needs a reason. Answers as a replay does."""
    return _act(RESOLVE.name, body, change)


@router.post(Rest.LETTERS_REOPEN, response_model=Either, **changes(REOPEN, errors=("CHANGED_MEANWHILE",)))
def reopen_letters(body: Letters, change: ChangeDep) -> Response:
    """Take the resolution of these entries back. Answers as a replay does."""
    return _act(REOPEN.name, body, change)


def _act(verb: str, body: LetterRequest, change: Change) -> Response:
    def one(letter_id: str) -> Answer:
        change.services.letters.get(change.actor, letter_id)
        revisions = {} if body.revision is None else {letter_id: body.revision}
        (outcome,) = change.services.letters.act(change.actor, verb, [letter_id], change.stamp, revisions)
        if not outcome.done:
            raise Conflict(outcome.why)
        return Answer(200, outcome.model_dump(mode="json"))

    def many(ids: list[str]) -> Answer:
        items = change.services.letters.act(change.actor, verb, ids, change.stamp, body.revisions)
        done = sum(1 for item in items if item.done)
        return Answer(200, LetterOutcomes(items=items, done=done, refused=len(items) - done).model_dump(mode="json"))

    def act() -> Answer:
        return one(body.id) if body.id is not None else many(body.ids or [])

    return change.once([verb, "letters", body.model_dump()], act)
