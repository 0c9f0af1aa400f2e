"""The Scan dialog: choose a path below the scan roots, start the scan, go to its graph."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.verbs import SCAN, Stamp, why_not
from execution_ops.services.container import services
from execution_ops.services.scans import Browse
from execution_ops.state.actor import actor_of


@dataclass(frozen=True)
class EntryLine:
    """One entry of the directory on view."""

    name: str
    path: str
    directory: bool
    size: str


class ScanDialog(rx.State):
    """The dialog; open while the address has `scan=1`."""

    path: str = ""
    tenant: str = ""
    place: str = ""
    parent: str = ""
    has_parent: bool = False
    entries: rx.Field[list[EntryLine]] = rx.field(default_factory=list)
    more: int = 0
    problem: str = ""
    busy: bool = False
    off: str = ""

    _key: str = ""

    @rx.event
    async def prepare(self) -> None:
        """Show the scan roots, once the dialog opens."""
        self._key = new_id()
        self.problem, self.busy = "", False
        actor = actor_of(self)
        self.off = "" if actor.may(SCAN.scope) else why_not(SCAN, actor, [])
        await self._browse("")
        self.path = self.place

    @rx.event
    async def browse(self, path: str) -> None:
        """Look into a directory, which becomes the one to scan."""
        if await self._browse(str(path)):
            self.path = self.place

    @rx.event
    def choose(self, path: str) -> None:
        """Take a file of the directory on view."""
        self.path, self.problem = str(path), ""

    @rx.event
    def set_path(self, path: str) -> None:
        """The path as typed."""
        self.path, self.problem = str(path), ""

    @rx.event
    def set_tenant(self, tenant: str) -> None:
        """The tenant as typed."""
        self.tenant = str(tenant)

    @rx.event
    async def start(self) -> Any:
        """Start the scan and open its graph; pressed twice it starts once."""
        actor = actor_of(self)
        stamp = Stamp(actor=actor, idempotency_key=self._key or new_id())
        self.problem = ""
        try:
            made = await asyncio.to_thread(
                services().scans.submit, actor, self.path.strip(), tenant=self.tenant.strip(), stamp=stamp
            )
        except OpsError as error:
            self.problem = error.message
            return None
        return rx.redirect(routes.job_dag(next(iter(made.job_ids.values()))))

    async def _browse(self, path: str) -> bool:
        try:
            found = await asyncio.to_thread(services().scans.browse, actor_of(self), path)
        except OpsError as error:
            self.problem = error.message
            return False
        self._show(found)
        return True

    def _show(self, found: Browse) -> None:
        self.problem = ""
        self.place, self.parent, self.has_parent = found.path, found.parent or "", found.parent is not None
        self.entries = [
            EntryLine(item.name, item.path, item.directory, "" if item.size is None else describe_bytes(item.size))
            for item in found.entries
        ]
        self.more = found.more
