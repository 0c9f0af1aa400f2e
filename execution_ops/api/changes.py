"""What is offered here, and the change feed: for another console that works on this one's engine."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.sse import format_sse_event

from execution_ops import __version__
from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.operations import EVENTS, reads
from execution_ops.api.run_stream import RECONNECT_MS, event_number, open_stream
from execution_ops.domain.access import Scope, require
from execution_ops.domain.capabilities import CONTRACT, FEATURES, CapabilityDocument
from execution_ops.routes import Rest
from execution_ops.services.changes import WAIT_MAX_S, ChangeSlice
from execution_ops.services.live import FEED_BATCH
from execution_ops.services.queries import check_parameters
from execution_ops.services.requests import LIMIT_MAX

router = APIRouter(tags=["changes"])


@router.get(Rest.CAPABILITIES, **reads())
def get_capabilities(services: ServicesDep, actor: ActorDep) -> CapabilityDocument:
    """Which version this is, and what it can do: a client asks once, and offers nothing else."""
    require(actor, Scope.READ)
    unable = services.backend.capabilities.unable()
    return CapabilityDocument(version=__version__, contract=CONTRACT, features=FEATURES, unable=unable)


@router.get(Rest.CHANGES, **reads())
async def list_changes(
    services: ServicesDep,
    actor: ActorDep,
    after: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=FEED_BATCH)] = LIMIT_MAX,
    wait: Annotated[float, Query(ge=0, le=WAIT_MAX_S)] = 0,
) -> ChangeSlice:
    """What changed after that number, or only how far the feed goes without one.

    If nothing has, the answer waits up to `wait` seconds for something. `trimmed` says that changes are missing in
    between, so that anything may have changed.
    """
    return await services.changes.after(actor, after, limit=limit, wait_s=wait)


@router.get(
    Rest.CHANGES_STREAM,
    response_class=Response,
    **reads(files=(EVENTS,), errors=("UNKNOWN_PARAMETER", "TOO_MANY_STREAMS")),
)
async def stream_changes(
    request: Request,
    services: ServicesDep,
    actor: ActorDep,
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """The same as a stream: events `change`, numbered by their ids, `trimmed` where some are missing, `heartbeat`.

    It goes on after `Last-Event-ID` (or `after`); without either with what comes next.
    """
    check_parameters(request.url.query, ("after",))
    given = last_event_id or after
    start = await services.changes.after(actor, None, limit=1, wait_s=0)
    seen = event_number(given) if given else start.last
    return open_stream(request, services, _chunks(services.changes.follow(actor, seen)))


async def _chunks(told: AsyncGenerator[ChangeSlice, None]) -> AsyncGenerator[bytes]:
    yield format_sse_event(retry=RECONNECT_MS)
    async with aclosing(told):
        async for part in told:
            yield _events(part)


def _events(part: ChangeSlice) -> bytes:
    if part.trimmed:
        return format_sse_event(data_str=json.dumps({"last": part.last}), event="trimmed", id=str(part.last))
    if not part.items:
        return format_sse_event(data_str=json.dumps({"last": part.last}), event="heartbeat")
    return b"".join(
        format_sse_event(data_str=json.dumps(one.model_dump(mode="json")), event="change", id=str(one.seq))
        for one in part.items
    )
