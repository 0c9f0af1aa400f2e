"""What a run tells, over HTTP: its events as they come (server-sent), its log, and what its jobs left behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.download import attachment
from execution_ops.api.jobs import LogFormat
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunLine
from execution_ops.routes import Rest
from execution_ops.services.jobs import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX
from execution_ops.services.queries import check_parameters
from execution_ops.services.run_stream import Heartbeat, QueueLag, RunStreamService, Told, check_after

router = APIRouter(tags=["scheduler runs"])

# Of this process. A follower costs a task, and a read whenever its run tells something.
STREAMS_MAX = 200
# When a client that lost its connection comes back.
RETRY_MS = 2_000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENT_IDS = 16

EventId = Annotated[str, Query(max_length=_EVENT_IDS, alias="after")]


class RunLogAnswer(BaseModel):
    """A window of a run's log. `total` counts the lines that match, `by_level` all lines."""

    items: tuple[RunLine, ...]
    next_cursor: str | None
    total: int
    by_level: dict[LogLevel, int]


class Evidence(RunArtifact):
    """A file that a job of the run left behind, and where it is downloaded."""

    href: str


class EvidenceList(BaseModel):
    """The files of some targets. `next_cursor` goes on with the targets after them."""

    items: tuple[Evidence, ...]
    next_cursor: str | None


class TooManyStreams(Unavailable):
    """This process serves as many streams as it may."""

    code = "TOO_MANY_STREAMS"


class Streams:
    """How many streams one process serves."""

    def __init__(self) -> None:
        self.open = 0

    def check(self) -> None:
        """TooManyStreams if there is no room for one more."""
        if self.open >= STREAMS_MAX:
            raise TooManyStreams(f"This console serves {STREAMS_MAX} streams, no more. Close one, or try again later.")


@router.get(Rest.RUN_STREAM, response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
def stream_run(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    after: EventId = "",
    last_event_id: Annotated[str, Header(max_length=_EVENT_IDS)] = "",
) -> Response:
    """The events of a run from the start, or after `Last-Event-ID` (or `after`), until it has told all.

    Events: `stateChanged`, `segmentProgress`, `deltaSummary`, `log`; without an id `queueLag` and `heartbeat`. A run
    that has told all before is answered with 204, which tells an EventSource to come no more.
    """
    check_parameters(request.url.query, ("after",))
    start = check_after(_number(last_event_id or after))
    streams: Streams = request.app.state.streams
    feed = services.run_stream.feed(actor, run_id)
    if feed.closed and start >= feed.last > 0:
        return Response(status_code=204, headers=_HEADERS)
    streams.check()
    return EventSourceResponse(_told(services.run_stream, streams, actor, run_id, start), headers=_HEADERS)


@router.get(Rest.RUN_LOGS, response_model=RunLogAnswer)
def get_run_log(
    run_id: str,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LOG_LIMIT_MAX)] = LIMIT_MAX,
    cursor: Annotated[str, Query(max_length=16)] = "",
    level: LogLevel | None = None,
    text: str = "",
    last: bool = False,
    form: Annotated[LogFormat, Query(alias="format")] = LogFormat.JSON,
) -> RunLogAnswer | Response:
    """Lines after the cursor, of at least `level`, that contain `text`; `last` takes the end.

    `format=text` downloads the whole log.
    """
    if form is LogFormat.TEXT:
        chunks = services.run_stream.log_text(actor, run_id)
        headers = attachment(f"run-{run_id}.log")
        return StreamingResponse(chunks, media_type="text/plain; charset=utf-8", headers=headers)
    part = services.run_stream.log(actor, run_id, after=_number(cursor), limit=limit, level=level, text=text, last=last)
    more = len(part.lines) == limit and not last
    return RunLogAnswer(
        items=part.lines,
        next_cursor=str(part.lines[-1].line) if more else None,
        total=part.total,
        by_level=part.by_level,
    )


@router.get(Rest.RUN_ARTIFACTS)
def list_evidence(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=10)] = "",
) -> EvidenceList:
    """What the jobs of up to `limit` targets left behind, in the order of the plan."""
    check_parameters(request.url.query, ("limit", "cursor"))
    after = _number(cursor)
    found = services.run_stream.artifacts(actor, run_id, after=after, limit=limit)
    items = tuple(Evidence(**dict(one), href=routes.api_artifact(one.job_id, one.sha256)) for one in found)
    more = after + limit < services.runs.find(actor, run_id).counts.planned
    return EvidenceList(items=items, next_cursor=str(after + limit) if more else None)


async def _told(
    service: RunStreamService, streams: Streams, actor: Actor, run_id: str, after: int
) -> AsyncIterator[bytes]:
    """The events as they travel, several in one piece where they came together."""
    streams.open += 1
    try:
        yield format_sse_event(retry=RETRY_MS)
        async with aclosing(service.follow(actor, run_id, after=after)) as told:
            async for some in told:
                yield _encoded(some)
    finally:
        streams.open -= 1


def _encoded(told: Sequence[Told]) -> bytes:
    return b"".join(map(_one, told))


def _one(told: Told) -> bytes:
    if isinstance(told, RunEvent):
        fields = told.model_dump(mode="json", include={"seq", "at"})
        return format_sse_event(event=told.kind.value, id=str(told.seq), data_str=_json(fields | told.data))
    name = {QueueLag: "queueLag", Heartbeat: "heartbeat"}[type(told)]
    return format_sse_event(event=name, data_str=_json(told.model_dump(mode="json")))


def _json(data: dict[str, object]) -> str:
    # Only ASCII: whatever a line holds, half characters included, travels and breaks no frame.
    return json.dumps(data, separators=(",", ":"))


def _number(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal()):
        raise InvalidInput("That is not the number of an event, a line or a target.", code="BAD_CURSOR")
    return int(text or 0)
