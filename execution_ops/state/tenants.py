"""Which tenants the viewer sees, for the switch that narrows the console to one of them."""

from __future__ import annotations

from collections.abc import Sequence

import reflex as rx

from execution_ops.domain.errors import OpsError
from execution_ops.domain.tenants import could_be_tenant
from execution_ops.state.actor import actor_of
from execution_ops.state.facets import job_facets

NAMES_MAX = 50
TEXT_MAX = 63


class TenantState(rx.State):
    """`names` are the tenants that match the text `asked`, as far as they fit; `several` whether there is a choice."""

    several: bool = False
    names: rx.Field[list[str]] = rx.field(default_factory=list)
    asked: str = ""
    more: bool = False

    @rx.event
    async def open(self) -> None:
        """The page was opened: which tenants are there?"""
        await self._find("")

    @rx.event
    async def search(self, text: str) -> None:
        """Look for tenants whose name contains the text."""
        # Any client can send any JSON.
        await self._find(str(text).strip()[:TEXT_MAX])

    async def _find(self, text: str) -> None:
        try:
            facets = await job_facets(actor_of(self))
        except OpsError:
            # The page itself says what can't be read; the switch stays as it was.
            return
        known = [name for name in facets["tenant"] if could_be_tenant(name)]
        self.several = len(known) > 1
        self.names, self.more = tenants_like(known, text)
        self.asked = text


def tenants_like(known: Sequence[str], text: str) -> tuple[list[str], bool]:
    """The first names that contain the text, those that begin with it before the others, and whether there are more."""
    lower = text.lower()
    hits = sorted(
        (name for name in known if lower in name.lower()), key=lambda name: (not name.lower().startswith(lower), name)
    )
    return hits[:NAMES_MAX], len(hits) > NAMES_MAX
