"""The state of the frame: environment, version, and the messages of what just happened."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import TypedDict

import reflex as rx

from execution_ops import __version__
from execution_ops.domain.audit import Revision, SubjectKey
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.times import iso
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.settings import settings
from execution_ops.shell.frame import Surroundings
from execution_ops.state.actor import actor_of
from execution_ops.state.palette import PaletteState
from execution_ops.state.tenants import TenantState
from execution_ops.state.viewer import ViewerState
from execution_ops.texts import audit as words
from execution_ops.texts import common

TOASTS_MAX = 4
_ids = count(1)
_log = logging.getLogger(__name__)


class Toast(TypedDict):
    """One message: tone is ok, bad, warn or run; `href` with the word `link` leads to what it is about.

    `undo` are the numbers of the events that it can take back, in the order to do so, until the moment `until`.
    """

    id: str
    tone: str
    text: str
    href: str
    link: str
    undo: str
    until: str


def message(
    text: str, *, tone: str = "ok", href: str = "", link: str = common.OPEN, undo: str = "", until: str = ""
) -> Toast:
    """A new message."""
    return Toast(id=str(next(_ids)), tone=tone, text=text, href=href, link=link, undo=undo, until=until)


async def way_back(stamp: Stamp) -> dict[str, str]:
    """`undo` and `until` for the message of what was done with the stamp; nothing where it can't be undone."""
    try:
        offers = await asyncio.to_thread(services().undo.offers, stamp.actor, stamp.correlation_id)
    except OpsError as error:
        # What was done is done; its event in the audit offers the same.
        _log.warning("what can be undone can't be read: %s", error.message)
        return {}
    if not offers:
        return {}
    return {"undo": " ".join(str(offer.n) for offer in offers), "until": iso(min(offer.until for offer in offers))}


class ShellState(rx.State):
    """What the frame shows on every page. The state of a page adds a message with `_say`, and with `_tell` one of what
    it changed."""

    toasts: rx.Field[list[Toast]] = rx.field(default_factory=list)

    # What this tab changed itself: that surprises no form of it.
    _own: frozenset[Revision] = frozenset()

    @rx.var
    def environment(self) -> str:
        """The name on the environment badge."""
        return settings().environment

    @rx.var
    def environment_color(self) -> str:
        """The color of the environment badge."""
        return settings().badge_color()

    @rx.var
    def version(self) -> str:
        """Version and engine, for the foot of the navigation."""
        engine = "PostgreSQL" if settings().url().startswith("postgresql") else "SQLite"
        if settings().backend:
            engine = "remote"
        return f"{__version__} · {engine}"

    def _say(self, toast: Toast) -> None:
        """Show a message; of many the newest stay."""
        self.toasts = [*self.toasts, toast][-TOASTS_MAX:]

    async def _tell(self, text: str, stamp: Stamp, *, href: str = "", link: str = common.OPEN) -> None:
        """Say what this tab did with the stamp, with the way back, and remember that it was this tab."""
        await self._remember(stamp)
        self._say(message(text, href=href, link=link, **await way_back(stamp)))

    async def _remember(self, stamp: Stamp) -> None:
        """What was done with the stamp is this tab's own."""
        try:
            made = await asyncio.to_thread(services().audit.revisions, stamp.actor, stamp.correlation_id)
        except OpsError as error:
            # The forms of this tab are then told of it as of a change by somebody else, and can begin anew.
            _log.warning("what this tab changed can't be read: %s", error.message)
            return
        self._own |= made

    def _is_own(self, thing: SubjectKey, seen: int, now: int) -> bool:
        """Whether all that happened to the thing after revision `seen`, up to `now`, is this tab's own doing."""
        mine = {one.number for one in self._own if one.thing == thing}
        return seen < now and now - seen <= len(mine) and mine.issuperset(range(seen + 1, now + 1))

    @rx.event
    async def undo(self, toast_id: str) -> None:
        """Take back what a message tells of; the page shows it as it follows what changes."""
        known = next((toast for toast in self.toasts if toast["id"] == toast_id), None)
        if known is None or not known["undo"]:
            return
        self.dismiss(toast_id)
        stamp = Stamp(actor=actor_of(self), correlation_id=new_id())
        try:
            for number in known["undo"].split():
                await asyncio.to_thread(services().undo.undo, stamp.actor, int(number), stamp)
        except OpsError as error:
            # A part of it may be undone.
            await self._remember(stamp)
            self._say(message(words.not_undone(error.message), tone="bad"))
            return
        await self._tell(words.undone(known["text"]), stamp)

    @rx.event
    def dismiss(self, toast_id: str) -> None:
        """Drop one message."""
        self.toasts = [toast for toast in self.toasts if toast["id"] != toast_id]


def surroundings() -> Surroundings:
    """What every page passes to the frame."""
    return Surroundings(shell=ShellState, palette=PaletteState, tenants=TenantState, viewer=ViewerState)
