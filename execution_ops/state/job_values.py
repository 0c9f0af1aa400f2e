"""Payload and result of the job page, as trees that open branch by branch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Scope, why_forbidden
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.json_tree import TreeRow
from execution_ops.domain.redaction import MASK
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of

CHILDREN_STEP = 100
PATHS_MAX = 500
PAYLOAD, RESULT = "payload", "result"


class JobValues(rx.State):
    """The visible lines of both values. Which branches are open is kept here: it is the reader's
    place in a document, like a scroll position."""

    payload: rx.Field[list[TreeRow]] = rx.field(default_factory=list)
    result: rx.Field[list[TreeRow]] = rx.field(default_factory=list)
    payload_problem: str = ""
    result_problem: str = ""
    payload_href: str = ""
    result_href: str = ""
    revealed: bool = False
    hides: bool = False
    reveal_off: str = ""

    _open: dict[str, dict[str, int]] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own
    _job: str = ""

    @rx.event
    async def open(self) -> None:
        """Show both values with the first level open."""
        try:
            job_id = check_id(self.job_id)  # type: ignore[attr-defined]
        except OpsError:
            return  # The page itself says what is wrong with its address.
        if job_id != self._job:
            self._job, self.revealed = job_id, False
            self._open = {PAYLOAD: {"": CHILDREN_STEP}, RESULT: {"": CHILDREN_STEP}}
        self.reveal_off = why_forbidden(actor_of(self), Scope.REVEAL)
        self.payload_href = routes.api_job(job_id, PAYLOAD)
        self.result_href = routes.api_job(job_id, RESULT)
        await self._read(PAYLOAD)
        await self._read(RESULT)
        self.hides = await asyncio.to_thread(self._hides)

    @rx.event
    async def toggle(self, which: str, path: str) -> None:
        """Open or close a branch."""
        opened = self._branches(which)
        if opened is None or not isinstance(path, str):
            return
        if path in opened:
            del opened[path]
        elif len(opened) < PATHS_MAX:
            opened[path] = CHILDREN_STEP
        await self._read(which)

    @rx.event
    async def more(self, which: str, path: str) -> None:
        """Show the next children of a branch."""
        opened = self._branches(which)
        if opened is not None and isinstance(path, str) and path in opened:
            opened[path] += CHILDREN_STEP
            await self._read(which)

    @rx.event
    async def reveal(self) -> None:
        """Show or hide secrets; the service asks for the permission."""
        if not self._open:
            return
        self.revealed = not self.revealed
        await self._read(PAYLOAD)
        await self._read(RESULT)

    async def _read_result(self) -> None:
        """The job has a result now, or lost it to a retry."""
        if self._open:
            await self._read(RESULT)

    def _branches(self, which: str) -> dict[str, int] | None:
        return self._open.get(str(which))

    async def _read(self, which: str) -> None:
        rows, problem = await asyncio.to_thread(self._load, which, dict(self._open[which]))
        if which == PAYLOAD:
            self.payload, self.payload_problem = rows, problem
        else:
            self.result, self.result_problem = rows, problem

    def _hides(self) -> bool:
        """Whether something of the payload is hidden, so that there is something to reveal."""
        try:
            return MASK in services().jobs.value(actor_of(self), self._job, PAYLOAD)
        except OpsError:
            return False

    def _load(self, which: str, opened: Mapping[str, int]) -> tuple[list[Any], str]:
        try:
            rows = services().jobs.value_tree(actor_of(self), self._job, which, opened, reveal=self.revealed)
        except OpsError as error:
            return [], error.message
        return list(rows), ""
