"""A client of what runs tell: server-sent events, read by their rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from execution_ops import routes
from execution_ops.services.container import Services

SOON_S = 20.0


@dataclass(frozen=True)
class Told:
    """An event as a client of the stream gets it; without a number `id` is empty."""

    id: str
    event: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Live:
    """A served interface."""

    url: str
    app: FastAPI
    services: Services
    server: uvicorn.Server
    task: asyncio.Task[None]
    client: httpx.AsyncClient

    @asynccontextmanager
    async def stream(self, run_id: str, after: int | None = None) -> AsyncIterator[AsyncIterator[Told]]:
        """An open stream; closed at the end as by a client that has seen enough."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        async with self.client.stream("GET", routes.api_run(run_id, "stream"), headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            yield events_of(answer)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the server work until the condition holds."""
        async with asyncio.timeout(SOON_S):
            while not condition():
                await asyncio.sleep(0.01)


async def events_of(answer: httpx.Response) -> AsyncIterator[Told]:
    """What a client reads by the rules of server-sent events; an event that was cut off is none."""
    buffer = b""
    async for chunk in answer.aiter_raw():
        buffer += chunk
        *whole, buffer = buffer.split(b"\n\n")
        for block in whole:
            if event := parsed(block):
                yield event


def parsed(block: bytes) -> Told | None:
    """One block of lines; every kind of line end ends a line."""
    fields: dict[str, str] = {}
    for line in block.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        name, _, value = line.partition(": ")
        assert name not in fields, block
        fields[name] = value
    assert fields.keys() <= {"id", "event", "data", "retry"}, block
    return Told(fields.get("id", ""), fields["event"], json.loads(fields["data"])) if "data" in fields else None


async def whole(live: Live, run_id: str) -> list[Told]:
    """All that a run that has ended has told."""
    async with live.stream(run_id) as events:
        return [event async for event in events]


async def take(events: AsyncIterator[Told], count: int) -> list[Told]:
    """The next so many events with a number."""
    found: list[Told] = []
    async with asyncio.timeout(SOON_S):
        while len(found) < count:
            event = await anext(events)
            found += [event] if event.id else []
    return found


def numbers(events: list[Told]) -> list[int]:
    return [int(event.id) for event in events if event.id]


async def first(events: AsyncIterator[Told], count: int, kind: str) -> AsyncIterator[Told]:
    """The next so many events of the kind."""
    while count:
        event = await anext(events)
        if event.event == kind:
            count -= 1
            yield event
