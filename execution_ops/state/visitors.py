"""Who is at the other end of each socket, asked anew every few seconds: a session ends, a token is revoked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from execution_ops.domain.access import Actor, Refused
from execution_ops.domain.credentials import Credentials
from execution_ops.domain.errors import OpsError
from execution_ops.domain.identity import nobody
from execution_ops.services.identity import MEMORY_S, IdentityService


class Visitors:
    """By socket id; kept from its connection to its end.

    To read a session or a token may take as long as the database does, so it is done beside the event loop, before an
    event of the socket is handled. The handlers then take what is known.
    """

    def __init__(self, identities: Callable[[], IdentityService]) -> None:
        self._identities = identities
        self._given: dict[str, Credentials] = {}
        self._known: dict[str, tuple[float, Actor]] = {}

    async def arrive(self, sid: str, environ: Mapping[str, Any]) -> Actor:
        """A socket was opened with this request."""
        scope = environ.get("asgi.scope", {})
        peer = (scope.get("client") or ("",))[0]
        self._given[sid] = self._identities().read(scope.get("headers", ()), peer)
        return await self.refresh(sid)

    def leave(self, sid: str) -> None:
        """It was closed."""
        self._given.pop(sid, None)
        self._known.pop(sid, None)

    async def refresh(self, sid: str) -> Actor:
        """Who it is now, not asked again for MEMORY_S; nobody for a socket that is not open."""
        given, known = self._given.get(sid), self._known.get(sid)
        if given is None:
            return nobody("")
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            actor = await asyncio.to_thread(self._identities().identify, given)
        except OpsError:
            # What the database would say is not known. Whoever it was just now they still are: all that they could
            # read or change lies in the same database.
            actor = known[1] if known is not None else untold(given.source)
        if sid in self._given:
            self._known[sid] = (time.monotonic() + MEMORY_S, actor)
        return actor

    def actor(self, sid: str) -> Actor | None:
        """Who it was when last asked; None for a socket that is not open."""
        known = self._known.get(sid)
        return None if known is None else known[1]


def untold(source: str) -> Actor:
    """Somebody of whom can't be said who it is now."""
    return nobody(source).model_copy(update={"refused": Refused.UNTOLD})
