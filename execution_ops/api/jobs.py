"""Reading jobs over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from execution_ops.api.deps import ActorDep, ServicesDep, StampDep
from execution_ops.api.download import artifact_response, attachment, export_response
from execution_ops.api.operations import ANY_FILE, TEXT, formats, reads
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.exports import ExportFormat
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Counts, Dag, JobDetail, JobRow, LogLevel, LogLine
from execution_ops.domain.paging import in_order
from execution_ops.domain.waiting import Waiting
from execution_ops.routes import Rest
from execution_ops.services.queries import filter_from
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX

router = APIRouter(tags=["jobs"])

LimitQuery = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


class JobList(BaseModel):
    """One page. `searched` is set when a search stopped after so many candidates."""

    items: tuple[JobRow, ...]
    next_cursor: str | None
    prev_cursor: str | None = None
    searched: int | None


class JobAnswer(JobDetail):
    """A job, and why it does not run now."""

    waiting: Waiting


class LogFormat(StrEnum):
    """How a log is answered."""

    JSON = "json"
    TEXT = "text"


class LogAnswer(BaseModel):
    """A window of a log. `total` counts the lines that match, `by_level` all lines; `start` is the index of the first
    line among those that match."""

    items: tuple[LogLine, ...]
    next_cursor: str | None
    start: int = 0
    total: int
    by_level: dict[LogLevel, int]


@router.get(Rest.JOBS, **reads(where=JobFilter))
def list_jobs(
    request: Request, services: ServicesDep, actor: ActorDep, limit: LimitQuery = LIMIT_DEFAULT, cursor: str = ""
) -> JobList:
    """Jobs, newest first unless `sort=oldest`. The query takes every field of the filter: `state=failed&after=24h`."""
    where = filter_from(request.url.query, JobFilter, also=("limit", "cursor"))
    page = services.jobs.list(actor, where, cursor=cursor or None, limit=limit)
    following, before = in_order(page.older, page.newer, where.sort)
    return JobList(items=page.rows, next_cursor=following, prev_cursor=before, searched=page.searched)


@router.get(Rest.JOBS_SUMMARY, **reads(where=JobFilter))
async def summarize_jobs(request: Request, services: ServicesDep, actor: ActorDep) -> Counts:
    """Counts by state for the filter, at most a second old; `as_of` says when they were read."""
    return await services.summary.counts(actor, filter_from(request.url.query, JobFilter))


@router.get(Rest.JOBS_EXPORT, response_class=StreamingResponse, **reads(where=JobFilter, files=formats(ExportFormat)))
def export_jobs(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    stamp: StampDep,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> StreamingResponse:
    """All jobs that match, streamed as CSV (safe to open in a spreadsheet) or NDJSON; the audit knows of it."""
    where = filter_from(request.url.query, JobFilter, also=("format",))
    chunks = services.jobs.export(actor, where, form, stamp)
    return export_response(chunks, f"jobs.{form.value}", form.media_type)


@router.get(Rest.JOB, **reads())
async def get_job(job_id: str, services: ServicesDep, actor: ActorDep) -> JobAnswer:
    """One job with attempts, timeline, relatives, artifacts and what it waits for."""
    detail = await run_in_threadpool(services.jobs.get, actor, job_id)
    health = await services.summary.health(actor)
    waiting = await run_in_threadpool(services.jobs.why_waiting, actor, detail, health)
    return JobAnswer(**dict(detail), waiting=waiting)


@router.get(Rest.JOB_DAG, **reads())
def get_dag_of_job(job_id: str, services: ServicesDep, actor: ActorDep) -> Dag:
    """The whole DAG that the job belongs to."""
    return services.jobs.dag_of_job(actor, job_id)


@router.get(Rest.JOB_LOGS, response_model=LogAnswer, **reads(files=(TEXT,)))
def get_job_log(
    job_id: str,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LOG_LIMIT_MAX)] = LIMIT_MAX,
    cursor: Annotated[str, Query(max_length=16)] = "",
    level: LogLevel | None = None,
    text: str = "",
    last: bool = False,
    skip: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    form: Annotated[LogFormat, Query(alias="format")] = LogFormat.JSON,
) -> LogAnswer | Response:
    """Log lines after the cursor, of at least `level`, that contain `text`, without the first `skip`; `last` takes
    the end.

    `format=text` downloads the whole log.
    """
    if form is LogFormat.TEXT:
        chunks = services.jobs.log_text(actor, job_id)
        headers = attachment(f"{job_id}.log")
        return StreamingResponse(chunks, media_type="text/plain; charset=utf-8", headers=headers)
    if cursor and not cursor.isdecimal():
        raise InvalidInput("This is not a cursor of a log.")
    after = int(cursor or 0)
    part = services.jobs.log(actor, job_id, after=after, skip=skip, limit=limit, level=level, text=text, last=last)
    more = len(part.lines) == limit and not last
    return LogAnswer(
        items=part.lines,
        next_cursor=str(part.lines[-1].seq) if more else None,
        start=part.start,
        total=part.total,
        by_level=part.by_level,
    )


@router.get(Rest.JOB_PAYLOAD, **reads(errors=("NO_VALUE",)))
def get_job_payload(job_id: str, services: ServicesDep, actor: ActorDep, reveal: bool = False) -> Response:
    """The payload as JSON, byte for byte but for its secrets; `reveal` needs ops:reveal."""
    return _json(services.jobs.value(actor, job_id, "payload", reveal=reveal))


@router.get(Rest.JOB_RESULT, **reads(errors=("NO_VALUE",)))
def get_job_result(job_id: str, services: ServicesDep, actor: ActorDep, reveal: bool = False) -> Response:
    """The result as JSON, likewise."""
    return _json(services.jobs.value(actor, job_id, "result", reveal=reveal))


@router.get(Rest.JOB_ARTIFACT, response_class=FileResponse, **reads(files=(ANY_FILE,)))
def get_job_artifact(job_id: str, sha256: str, services: ServicesDep, actor: ActorDep) -> FileResponse:
    """A stored file of the job, as a download."""
    return artifact_response(*services.jobs.artifact(actor, job_id, sha256))


def _json(text: str) -> Response:
    return Response(text.encode(errors="backslashreplace"), media_type="application/json")
