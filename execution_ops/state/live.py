"""How a page stays live: one loop a tab, woken by the hub, ended with the tab.

A page's State mixes in `LivePage` and says what to read (`_ask`) and how to show it (`_show`).
The loop starts from `on_load`, so Reflex ends it with the tab and a newer `on_load` replaces it;
it refreshes at most every `REFRESH_S`, and not at all while the tab is hidden.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex_base.registry import RegistrationContext

from execution_ops.domain.errors import Forbidden, OpsError, Unauthenticated
from execution_ops.domain.ids import new_id
from execution_ops.domain.times import now_ms, to_ms
from execution_ops.services.container import services
from execution_ops.services.live import Hub
from execution_ops.state.actor import fresh_actor
from execution_ops.state.audit_trail import AuditTrail, Trail, TrailOf
from execution_ops.state.viewer import sign_in_href
from execution_ops.texts import shell as words

REFRESH_S = 0.25
# Why a verb of the page is off before it has been read: pressed then, it could do nothing.
LOADING = words.NOT_LOADED_YET
# How often a page says that it is still current though nothing changed: "Live · 4 s ago".
CONFIRM_S = 5.0
# How long after a change what stands beside the rows is sampled once more; longer than a sample is kept.
SETTLE_S = 1.2

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ask:
    """What a page shows: read by `loader` (see `Hub.page`), again whenever `topic` changed.

    Pages that ask with an equal `key` share one answer, so it must hold all that the answer
    depends on, `viewer_key(actor)` included. `beside` gives what is sampled rather than followed,
    such as counts and suggestions: at each change and every `CONFIRM_S`.
    """

    topic: str
    key: Hashable
    loader: Callable[[], Any]
    beside: Callable[[], Awaitable[Any]] | None = None
    # What was done to the thing that the page shows; read with the rest.
    trail: TrailOf | None = None


class LivePage(rx.State, mixin=True):
    """The part of a page's State that loads it, keeps it live and says how current it is.

    `stamp` is the moment (ms since 1970 UTC) at which the page was last known to be current; it
    stands still while the database can't be read, and `outage` says why. `held` is how much of what
    is shown has changed and is held back, because the page has a selection or stands deep in a list.
    `problem_*` describe an error, `sign_in` is where to go for one that a sign-in mends.
    """

    loaded: bool = False
    stamp: int = 0
    outage: str = ""
    held: int = 0
    problem_code: str = ""
    problem: str = ""
    problem_trace: str = ""
    sign_in: str = ""

    _seen: int = 0
    _hidden: bool = False
    # The error is one of the console or of what it needs: the next time it may work, although nothing changed.
    _passing: bool = False

    # what a page says of itself

    def _ask(self) -> Ask:
        """What to read now, from the address and the actor; raises OpsError for a bad address."""
        raise NotImplementedError

    async def _show(self, answer: Any) -> None:
        """Take over what the loader gave."""
        raise NotImplementedError

    def _show_beside(self, beside: Any) -> None:
        """Take over what `Ask.beside` gave; it follows the rows, so that counting never delays them."""

    def _pace(self) -> float:
        """The least number of seconds between two refreshes."""
        return REFRESH_S

    def _holds(self) -> bool:
        """Whether rows must stay where they are although something changed."""
        return False

    async def _count_changes(self, answer: Any) -> int:
        """How many of the rows shown would be others with this answer; asked while `_holds`."""
        raise NotImplementedError

    # events

    @rx.event
    async def open(self) -> Any:
        """Load the page as its address says, and keep it live from then on."""
        self._hidden = False
        await self._refresh()
        return type(self).live

    @rx.event
    async def refresh(self) -> None:
        """Read again now: the refresh button, Retry, and "12 new changes"."""
        await self._refresh(anew=True)

    @rx.event
    def hide(self) -> None:
        """The tab is hidden: ask for nothing until it is shown."""
        self._hidden = True

    @rx.event
    async def show(self) -> Any:
        """The tab is shown again: catch up and go on."""
        if self._hidden:
            self._hidden = False
            await self._refresh()
            return type(self).live
        return None

    @rx.event(background=True, supersedes=True)
    async def live(self) -> None:
        """Follow the page's topic until the tab is hidden, closed or shows another page."""
        # The first sample may be one that was taken for others, older than what the page was opened after.
        hub, patience, beside, key = services().hub, SETTLE_S, None, None
        while (look := await self._look()) is not None:
            # Somebody who may see more or less than before, or whose session ended, asks for something else.
            other, key = key not in (None, look.ask.key), look.ask.key
            beside = await self._sample(look.ask, beside)
            version = await hub.wait(look.ask.topic, -1 if other else look.seen, SETTLE_S if look.failed else patience)
            # After the last change of several the sample may be older than it: look once more soon.
            patience = SETTLE_S if version > look.seen else CONFIRM_S
            # Read outside of the state's lock: a slow database must not hold up the tab's clicks.
            answer = await _read(hub, look.ask) if version > look.seen or look.failed or other else None
            async with self:
                # Meanwhile the tab may have gone to another address, whose own event has shown it.
                if answer is not None and self._still_asks(look.ask):
                    await (self._hold(answer) if self._holds() else self._take(answer))
                self._stamp(hub)
                pace = self._pace()
            await asyncio.sleep(pace)

    # helpers

    async def _look(self) -> _Look | None:
        """What to follow now; None when there is nobody left to look."""
        await fresh_actor(self)
        async with self:
            if self._hidden or not self._connected():
                return None
            try:
                return _Look(ask=self._ask(), seen=self._seen, failed=self._passing)
            except OpsError:
                return None  # The page shows what is wrong with its address; there is nothing to follow.

    async def _sample(self, ask: Ask, shown: Any) -> Any:
        """Read what stands beside the rows, show it unless it is the very sample that was `shown` last, and give
        what is shown now. When it can't be read, its age says how old it is."""
        if ask.beside is None:
            return shown
        try:
            beside = await ask.beside()
        except (Forbidden, Unauthenticated):
            return shown  # Of which the page itself tells.
        except OpsError as error:
            _log.warning("what stands beside %r can't be read: %s", ask.key, error.message)
            return shown
        if beside is shown:
            return shown
        async with self:
            if not self._still_asks(ask):
                return shown
            self._show_beside(beside)
        return beside

    def _still_asks(self, ask: Ask) -> bool:
        try:
            now = self._ask()
        except OpsError:
            return False
        return (now.key, now.trail) == (ask.key, ask.trail)

    async def _refresh(self, *, anew: bool = False) -> None:
        hub = services().hub
        try:
            ask = self._ask()
        except OpsError as error:
            await self._take(_Answer(seen=0, error=error))
        else:
            await self._take(await _read(hub, ask, anew=anew))
        self._stamp(hub)

    async def _hold(self, answer: _Answer) -> None:
        self._seen = answer.seen
        if answer.error is None:
            self.held = await self._count_changes(answer.value)
            await self._show_trail(answer)

    async def _take(self, answer: _Answer) -> None:
        self._seen = answer.seen
        self.held = 0
        self.loaded = True
        if answer.error is None:
            await self._show(answer.value)
            await self._show_trail(answer)
            self.stamp = answer.at
            self.problem_code = self.problem = self.problem_trace = ""
            self._passing = False
        else:
            self.problem_code, self.problem = answer.error.code, answer.error.message
            self.problem_trace = answer.trace
            self._passing = answer.error.status >= OpsError.status
            self.sign_in = sign_in_href(self) if answer.error.code == Unauthenticated.code else ""

    async def _show_trail(self, answer: _Answer) -> None:
        if answer.trail is not None:
            (await self.get_state(AuditTrail))._show(answer.trail)

    def _stamp(self, hub: Hub) -> None:
        # Not the time of this event: a hub that stopped following must not look alive.
        self.stamp = max(self.stamp, to_ms(hub.status.as_of))
        # Where the database lies, or which the remote is, is nothing for who is not signed in.
        self.outage = "" if self.problem_code == Unauthenticated.code else hub.status.problem

    def _connected(self) -> bool:
        session = self.router.session
        return connected(session.client_token, session.session_id)


@dataclass(frozen=True)
class _Look:
    ask: Ask
    seen: int
    failed: bool


@dataclass(frozen=True)
class _Answer:
    seen: int
    at: int = 0
    value: Any = None
    trail: Trail | None = None
    error: OpsError | None = None
    trace: str = ""


async def _read(hub: Hub, ask: Ask, *, anew: bool = False) -> _Answer:
    """What the page asks for, or what went wrong."""
    version, at = hub.version(ask.topic), now_ms()
    try:
        seen, value = await hub.page(ask.key, ask.topic, ask.loader, anew=anew)
        trail = await hub.page(ask.trail.key, ask.topic, ask.trail.read, anew=anew) if ask.trail else None
    except OpsError as error:
        return _Answer(seen=version, error=error)
    except Exception:  # noqa: BLE001 - whatever it is, it is logged, and the page says that something failed
        trace = new_id()
        _log.exception("reading %r failed, trace %s", ask.key, trace)
        return _Answer(seen=version, error=OpsError(words.UNEXPECTED), trace=trace)
    return _Answer(seen=seen, at=at, value=value, trail=trail and trail[1])


def connected(token: str, session_id: str) -> bool:
    """Whether the tab that owns this token still has the socket of this session."""
    namespace = RegistrationContext.get().app.event_namespace
    return namespace is not None and namespace.token_to_sid.get(token) == session_id
