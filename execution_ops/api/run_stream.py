"""What a run tells while it goes, over HTTP: its events as a stream, its log in parts, and what it left behind."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from execution_ops import routes
from execution_ops.api.deps import ActorDep, ServicesDep, credentials_of
from execution_ops.api.download import attachment
from execution_ops.api.errors import envelope
from execution_ops.api.jobs import LimitQuery, LogFormat
from execution_ops.api.operations import EVENTS, TEXT, reads
from execution_ops.api.scheduler_runs import after_of
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLine, TargetBars
from execution_ops.routes import Rest
from execution_ops.services.container import Services
from execution_ops.services.queries import check_parameters
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX
from execution_ops.services.run_stream import QueueLag, Told

# Each holds a connection and reads for itself; a console has tens of viewers, not thousands.
STREAMS_MAX = 200
FULL_RETRY_S = 10
RECONNECT_MS = 1_000
_HEADERS = {
    "Cache-Control": "no-store",
    # A proxy that collects an answer before it passes it on would hold the events back.
    "X-Accel-Buffering": "no",
}

_log = logging.getLogger(__name__)

router = APIRouter(tags=["scheduler runs"])


class RunLogAnswer(BaseModel):
    """A window of a run's log. `total` counts the lines that match, `by_level` all lines; `start` is the index of the
    first line among those that match, `feed` how far the run's events went when it was read."""

    items: tuple[RunLine, ...]
    next_cursor: str | None
    start: int = 0
    feed: RunFeed
    total: int
    by_level: dict[LogLevel, int]


class RunEvents(BaseModel):
    """Some events of a run, oldest first."""

    items: tuple[RunEvent, ...]


class RunBars(BaseModel):
    """The targets of a segment with their jobs."""

    items: tuple[TargetBars, ...]


class RunFile(RunArtifact):
    """A file that a run left behind, and where it is downloaded."""

    href: str


class RunFiles(BaseModel):
    """The files of one page of targets."""

    items: tuple[RunFile, ...]
    next_cursor: str | None


class Streams:
    """How many streams this process holds open. Lives on its event loop."""

    def __init__(self) -> None:
        self.open = 0


class _Stream(EventSourceResponse):
    """A stream that counts from its first byte to its end, whoever ends it."""

    def __init__(self, streams: Streams, chunks: AsyncGenerator[bytes]) -> None:
        super().__init__(chunks, headers=_HEADERS)
        self._chunks = chunks
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stream, or that there are too many already."""
        if self._streams.open >= STREAMS_MAX:
            words = f"This console has {STREAMS_MAX} streams open, which is all that it serves. Close one, or wait."
            later = {"Retry-After": str(FULL_RETRY_S)}
            full = envelope(503, "TOO_MANY_STREAMS", words, scope["trace_id"], headers=later)
            await full(scope, receive, send)
            return
        self._streams.open += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.open -= 1
            # A client that goes while a chunk is being sent leaves the generator where it stands.
            await self._chunks.aclose()


@router.get(
    Rest.RUN_STREAM,
    # Not as the class of events: that would have the framework drive a generator, which can refuse nothing in words.
    response_class=Response,
    responses={
        204: {"description": "All was sent."},
    },
    **reads(files=(EVENTS,), errors=("TOO_MANY_STREAMS", "UNKNOWN_PARAMETER")),
)
async def stream_run(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """The events of a run from the first on, or after `Last-Event-ID` (or `after`), until it has told all.

    `stateChanged`, `segmentProgress`, `deltaSummary` and `log` are numbered by their ids without a gap; `queueLag` and
    `heartbeat` come in between without one. 204 if a run that has ended has nothing to add.
    """
    check_parameters(request.url.query, ("after",))
    seen = event_number(last_event_id or after)
    feed = await run_in_threadpool(services.run_stream.feed, actor, run_id)
    if feed.closed and seen >= feed.last:
        return Response(status_code=204, headers=_HEADERS)
    if seen > feed.last:
        raise InvalidInput(f"This run has told {feed.last:,} events so far: there is none with the number {seen}.")
    return open_stream(request, services, _chunks(services.run_stream.follow(actor, run_id, after=seen)))


@router.get(Rest.RUN_FEED, **reads())
def get_run_feed(run_id: str, services: ServicesDep, actor: ActorDep) -> RunFeed:
    """How far the events of a run go."""
    return services.run_stream.feed(actor, run_id)


@router.get(Rest.RUN_EVENTS, **reads())
def list_run_events(
    run_id: str,
    services: ServicesDep,
    actor: ActorDep,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    limit: LimitQuery = LIMIT_DEFAULT,
) -> RunEvents:
    """The events of a run with a number above `after`, oldest first: the stream in parts."""
    return RunEvents(items=tuple(services.run_stream.events(actor, run_id, after=after, limit=limit)))


@router.get(Rest.RUN_BARS, **reads())
def list_run_bars(
    run_id: str, segment: Annotated[int, Path(ge=1, lt=2**31)], services: ServicesDep, actor: ActorDep
) -> RunBars:
    """The targets of a segment with their jobs and when each ran, in the order of the plan."""
    return RunBars(items=tuple(services.run_stream.bars(actor, run_id, segment)))


@router.get(Rest.RUN_LOGS, response_model=RunLogAnswer, **reads(files=(TEXT,)))
def get_run_log(
    run_id: str,
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=LOG_LIMIT_MAX)] = LIMIT_MAX,
    cursor: Annotated[str, Query(max_length=16)] = "",
    level: LogLevel | None = None,
    text: str = "",
    last: bool = False,
    skip: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    form: Annotated[LogFormat, Query(alias="format")] = LogFormat.JSON,
) -> RunLogAnswer | Response:
    """Lines of a run's log after the cursor, of at least `level`, that contain `text`, without the first `skip`;
    `last` takes the end.

    `format=text` downloads the whole log.
    """
    if form is LogFormat.TEXT:
        chunks = services.run_stream.log_text(actor, run_id)
        headers = attachment(f"{run_id}.log")
        return StreamingResponse(chunks, media_type="text/plain; charset=utf-8", headers=headers)
    if cursor and not cursor.isdecimal():
        raise InvalidInput("This is not a cursor of a log.")
    after = int(cursor or 0)
    part = services.run_stream.log(
        actor, run_id, after=after, skip=skip, limit=limit, level=level, text=text, last=last
    )
    more = len(part.lines) == limit and not last
    return RunLogAnswer(
        items=part.lines,
        next_cursor=str(part.lines[-1].line) if more else None,
        start=part.start,
        feed=part.feed,
        total=part.total,
        by_level=part.by_level,
    )


@router.get(Rest.RUN_ARTIFACTS, **reads(errors=("UNKNOWN_PARAMETER",)))
def list_run_artifacts(
    run_id: str,
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    limit: LimitQuery = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=10)] = "",
) -> RunFiles:
    """What the jobs of the next `limit` targets left behind, in the order of the plan."""
    check_parameters(request.url.query, ("limit", "cursor"))
    after = after_of(cursor)
    # Targets without a file take part in paging: a page may be empty and not be the last.
    page = services.runs.targets(actor, run_id, after=after, limit=limit)
    end = page[-1].no if page else after
    found = services.run_stream.artifacts(actor, run_id, after=after, limit=limit)
    items = tuple(
        RunFile(**dict(one), href=routes.api_artifact(one.job_id, one.sha256)) for one in found if one.no <= end
    )
    return RunFiles(items=items, next_cursor=str(end) if len(page) == limit else None)


async def _chunks(told: AsyncGenerator[Sequence[Told]]) -> AsyncGenerator[bytes]:
    """The stream's bytes, a chunk for all that comes at once."""
    yield format_sse_event(retry=RECONNECT_MS)
    async with aclosing(told):
        async for few in told:
            yield b"".join(map(_event, few))


def _event(one: Told) -> bytes:
    """An event as the wire has it. JSON in ASCII has no line break, so no text can end an event or begin one."""
    if isinstance(one, RunEvent):
        # `seq` and `at` last: they are ours, whatever the data holds.
        whole = one.model_dump(mode="json")
        data = whole.pop("data") | {"seq": one.seq, "at": whole["at"]}
        return format_sse_event(data_str=_json(data), event=one.kind.value, id=str(one.seq))
    kind = "queueLag" if isinstance(one, QueueLag) else "heartbeat"
    return format_sse_event(data_str=_json(one.model_dump(mode="json")), event=kind)


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))


def open_stream(request: Request, services: Services, chunks: AsyncGenerator[bytes]) -> Response:
    """A stream of these chunks, which counts among those that are open. It ends when who asked for it may not see the
    same any more: their session or token has ended, or lets them see less."""
    streams: Streams = request.app.state.streams
    given = credentials_of(request, services)
    return _Stream(streams, _while_known(chunks, lambda: services.identities.identify(given)))


async def _while_known(chunks: AsyncGenerator[bytes], who: Callable[[], Actor]) -> AsyncGenerator[bytes]:
    """The chunks, each after asking whether it still is the same actor who hears them."""
    async with aclosing(chunks):
        try:
            first = await asyncio.to_thread(who)
            async for chunk in chunks:
                if await asyncio.to_thread(who) != first:
                    return
                yield chunk
        except Unavailable as error:
            # Its client comes again, and goes on after the last event that it has.
            _log.warning("a stream of events ends: %s", error.message)


def event_number(text: str) -> int:
    """The number of the last event that a client received; 0 for none."""
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise InvalidInput("Last-Event-ID (or after) is the number of the last event that was received.")
    return int(text or 0)
