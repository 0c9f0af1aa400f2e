"""The Scan dialog: choose a path below the scan roots, start the scan, go to its graph."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import reflex as rx

from execution_ops import routes
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.text import encodable
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner.plan import PATH_MAX
from execution_ops.services.container import services
from execution_ops.services.scans import Browse
from execution_ops.state.actor import actor_of

PATH_FIELD = "scan_path"


@dataclass(frozen=True)
class EntryLine:
    """One entry of the directory on view."""

    name: str
    path: str
    directory: bool
    size: str


class ScanDialog(rx.State):
    """The dialog. It is open while the address of the page has `scan=1`."""

    path: str = ""
    tenant: str = ""
    place: str = ""
    parent: str = ""
    has_parent: bool = False
    entries: rx.Field[list[EntryLine]] = rx.field(default_factory=list)
    more: int = 0
    problem: str = ""
    busy: bool = False

    _key: str = ""

    @rx.var
    def off(self) -> str:
        """Why this actor can't scan, in words; empty if they can."""
        actor = actor_of(self)
        return why_off(SCAN, actor)

    @rx.var
    def shown(self) -> bool:
        """Whether the address asks for the dialog."""
        return ("scan", "1") in parse_qsl(self.router.url.query)

    @rx.event
    async def prepare(self) -> None:
        """Fill the dialog when the address opens it; a page lists this in its `ON_LOAD`."""
        if not self.shown or self._key:
            return
        self._key = new_id()
        self.problem = ""
        if await self._browse("") and not self.path:
            self.path = self.place

    @rx.event
    def ask(self) -> Any:
        """Open the dialog: the same page with `scan=1`."""
        return self._go([*self._pairs(), ("scan", "1")])

    @rx.event
    def close(self) -> Any:
        """Close the dialog."""
        self._key = self.problem = ""
        return self._go(self._pairs())

    @rx.event
    async def browse(self, path: str) -> Any:
        """Look into a directory, which becomes the one to scan."""
        if not await self._browse(str(path)):
            return None
        self.path = self.place
        return rx.set_value(PATH_FIELD, self.path)

    @rx.event
    def choose(self, path: str) -> Any:
        """Take a file of the directory on view."""
        self.path, self.problem = _typed(path), ""
        return rx.set_value(PATH_FIELD, self.path)

    @rx.event
    def set_path(self, path: str) -> None:
        """The path as typed; it arrives a moment later, perhaps after Start has taken it from the form."""
        typed = _typed(path)
        if self._key and typed != self.path:
            self.path, self.problem = typed, ""

    @rx.event
    def set_tenant(self, tenant: str) -> None:
        """The tenant as typed."""
        if self._key:
            self.tenant = _typed(tenant)

    @rx.event
    async def start(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Start the scan that the form asks for and open its graph; pressed twice it starts once."""
        if not self._key:
            return
        # The form is what the operator sees: the last keystrokes may not have arrived here.
        self.path, self.tenant = _typed(form.get("path", "")), _typed(form.get("tenant", ""))
        actor = actor_of(self)
        stamp = Stamp(actor=actor, idempotency_key=self._key)
        self.problem, self.busy = "", True
        yield
        try:
            made = await asyncio.to_thread(
                services().scans.submit, actor, self.path.strip(), tenant=self.tenant.strip(), stamp=stamp
            )
        except OpsError as error:
            self.problem = error.message
        else:
            # Without its key the dialog can start nothing more.
            self._key = self.path = ""
            yield rx.redirect(routes.job_dag(next(iter(made.job_ids.values()))))
        finally:
            self.busy = False

    def _pairs(self) -> list[tuple[str, str]]:
        return [pair for pair in parse_qsl(self.router.url.query) if pair[0] != "scan"]

    def _go(self, pairs: list[tuple[str, str]]) -> Any:
        return rx.redirect(f"?{urlencode(pairs)}" if pairs else self.router.url.path)

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


def _typed(text: str) -> str:
    """What was typed, as a browser can show it."""
    return encodable(str(text)[:PATH_MAX])
