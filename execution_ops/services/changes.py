"""The change feed for another program: what changed after a number, at once or as soon as something has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import JobBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.jobs import Change
from execution_ops.domain.topics import FEED
from execution_ops.services.live import FEED_BATCH, Hub

WAIT_MAX_S = 30.0
# A console that follows this one says of its pages how current they are: by the last sign of life.
BEAT_S = 2.0


class ChangeSlice(BaseModel):
    """Changes, oldest first, and the number of the newest there is. `trimmed`: some are missing, so all may have
    changed."""

    model_config = ConfigDict(frozen=True)

    last: int
    items: tuple[Change, ...] = ()
    trimmed: bool = False


class ChangeService:
    """Runs on the event loop of the hub. Every method takes the actor first and raises OpsError in words.

    The feed knows no tenants. Who sees some of them only is told that something changed, and not what.
    """

    def __init__(self, backend: JobBackend, hub: Hub) -> None:
        self._backend = backend
        self._hub = hub

    async def after(self, actor: Actor, seq: int | None, *, limit: int = FEED_BATCH, wait_s: float = 0) -> ChangeSlice:
        """What changed after `seq`; without it only how far the feed goes. Waits so long for something to change."""
        require(actor, Scope.READ)
        version = self._hub.version(FEED)
        found = await asyncio.to_thread(self._read, seq, limit)
        if seq is None or found.items or found.trimmed or wait_s <= 0:
            return _for(actor, found)
        await self._hub.wait(FEED, version, wait_s)
        return _for(actor, await asyncio.to_thread(self._read, seq, limit))

    async def follow(self, actor: Actor, seq: int) -> AsyncGenerator[ChangeSlice, None]:
        """All that changes after `seq`, as it comes; an empty slice as a sign of life in between."""
        require(actor, Scope.READ)
        while not self._hub.ended:
            found = await self.after(actor, seq, wait_s=BEAT_S)
            yield found
            seq = found.last if found.trimmed else max((one.seq for one in found.items), default=seq)

    def _read(self, seq: int | None, limit: int) -> ChangeSlice:
        # How far it goes is read first: what comes in between is then told the next time, never left out.
        last = self._backend.last_change()
        if seq is None:
            return ChangeSlice(last=last)
        items, trimmed = self._backend.changes_after(seq, limit)
        return ChangeSlice(last=max(last, items[-1].seq if items else 0), items=tuple(items), trimmed=trimmed)


def _for(actor: Actor, found: ChangeSlice) -> ChangeSlice:
    if actor.tenants is None or not found.items:
        return found
    return ChangeSlice(last=found.last, trimmed=True)
