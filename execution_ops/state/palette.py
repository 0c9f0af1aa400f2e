"""What the command palette finds by the beginning of an id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypedDict

import reflex as rx

from execution_ops import routes
from execution_ops.domain.errors import OpsError
from execution_ops.domain.lookup import Found, Lookup, Thing
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.texts import common
from execution_ops.texts import shell as words

# The longest text that is given back as the one that was asked for.
_ECHO_MAX = 200
# What a thing is called, its icon, and where it is shown.
_KINDS: dict[Thing, tuple[str, str, Callable[[str], str]]] = {
    Thing.JOB: (common.JOB, "list", routes.job),
    Thing.RUN: (words.RUN, "play", routes.run_stream),
    Thing.ENTRY: (words.DEAD_LETTER, "mail-x", routes.dead_letter_entry),
    Thing.PLAN: (words.REPLAY_PLAN, "history", routes.replay),
    Thing.SCHEDULE: (common.SCHEDULE, "calendar", routes.schedule),
    Thing.WORKER: (common.WORKER, "server", routes.worker),
}


class FoundEntry(TypedDict):
    """Something found by its id: `label` says what it is, `also` more of it, `kind` what kind of thing it is."""

    key: str
    label: str
    also: str
    kind: str
    icon: str
    href: str


class PaletteState(rx.State):
    """`found` begins with the text `answered`; `trouble` says why nothing could be looked up, or that there is more."""

    found: rx.Field[list[FoundEntry]] = rx.field(default_factory=list)
    answered: str = ""
    trouble: str = ""

    @rx.event(background=True, supersedes=True)
    async def find(self, text: str) -> None:
        """Look for ids that begin with the text."""
        # Any client can send any JSON. In the background: a slow database must not hold up the tab's clicks.
        asked = str(text).strip()[:_ECHO_MAX]
        async with self:
            actor = actor_of(self)
        try:
            answer = await asyncio.to_thread(services().lookup.find, actor, asked)
            entries, trouble = [found_entry(found) for found in answer.items], _more(answer)
        except OpsError as error:
            entries, trouble = [], error.message
        async with self:
            self.found, self.answered, self.trouble = entries, asked, trouble


def found_entry(found: Found) -> FoundEntry:
    """A thing as the palette lists it."""
    kind, icon, href = _KINDS[found.kind]
    details = (found.note, found.tenant, found.state.replace("_", " "), found.id)
    return FoundEntry(
        key=f"id-{found.kind.value}-{found.id}",
        label=found.name,
        also=" · ".join(detail for detail in details if detail),
        kind=kind,
        icon=icon,
        href=href(found.id),
    )


def _more(answer: Lookup) -> str:
    return words.THERE_ARE_MORE if answer.more else ""
