"""The audit: its address is the filter, the cursor, and the event whose drawer is open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import filter_tokens
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import AuditDetail, AuditPage, SubjectKind
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import InvalidInput, NotFound, OpsError
from execution_ops.domain.filter_fields import AGES, AUDIT_FIELDS
from execution_ops.domain.ids import new_id
from execution_ops.domain.text import visible
from execution_ops.domain.topics import AUDIT
from execution_ops.domain.undo import UndoOffer
from execution_ops.domain.verbs import VERBS, Stamp
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_view import AuditLine, AuditView, audit_line, audit_view
from execution_ops.state.filtered import query_pairs
from execution_ops.state.keyset_page import KeysetPage
from execution_ops.state.list_view import BOUND, Filter, Listing, say_count
from execution_ops.state.lists import FACETS_AGE_S, PAGE_SIZE, job_facets
from execution_ops.state.live import Ask
from execution_ops.state.sending import send_changed
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import audit as words

LISTING = Listing(AuditFilter, None, AUDIT_FIELDS, ("event", "events"), routes.audit, routes.api_audit_export)
_DIGITS = 18


@dataclass(frozen=True)
class Address:
    """What the address says: filter, cursor, and the event whose drawer is open, 0 for none."""

    where: AuditFilter
    cursor: str
    event: int

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own = dict(pairs)
        number = own.get("event", "")
        if number and not (number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number)):
            raise InvalidInput("An event is named by its number, from 1 on.")
        return cls(AuditFilter.from_query(pairs), own.get("cursor", ""), int(number or 0))

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter."""
        return []

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *([("cursor", self.cursor)] if self.cursor else [])]


@dataclass(frozen=True)
class Opened:
    """The event whose drawer is open; `detail` is None, and `missing` says so, where there is no such event."""

    detail: AuditDetail | None = None
    offer: UndoOffer | None = None
    missing: str = ""


@dataclass(frozen=True)
class Found:
    """What the page reads in one go."""

    page: AuditPage
    lines: list[AuditLine]
    opened: Opened | None


def read_audit(actor: Actor, address: Address) -> Found:
    """What the address shows; blocking."""
    page = services().audit.list(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    lines = [audit_line(event, address.plain()) for event in page.rows]
    return Found(page, lines, _open(actor, address.event) if address.event else None)


def _open(actor: Actor, n: int) -> Opened:
    try:
        return Opened(services().audit.get(actor, n), services().undo.offer(actor, n))
    except NotFound as error:
        # The list in front of which the drawer stands is none the worse for it.
        return Opened(missing=error.message)


class AuditRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[AuditLine]] = rx.field(default_factory=list)


class AuditListPage(KeysetPage, rx.State):
    """The list around its rows, and the drawer of an event."""

    json_href: str = ""
    open_n: int = 0
    missing: str = ""
    view: AuditView = AuditView()
    undo_problem: str = ""

    _key: str = ""

    # KeysetPage

    def _listing(self) -> Listing:
        return LISTING

    def _rows(self) -> type[AuditRows]:
        return AuditRows

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()
        viewer = viewer_key(actor)

        async def beside() -> tuple[int, dict[str, list[str]]]:
            count = await service.hub.sample(("audit count", viewer), lambda: service.audit.count(actor))
            # Who sees some tenants is told no name but their own.
            own = "" if actor.tenants is None else actor.name
            who = await service.hub.sample(
                ("audit facets", viewer, own), lambda: service.audit.facets(actor), max_age=FACETS_AGE_S
            )
            return count, {**who, "tenant": (await job_facets(actor)).get("tenant", [])}

        return Ask(AUDIT, ("audit", address, viewer), lambda: read_audit(actor, address), beside)

    async def _count_changes(self, answer: Any) -> int:
        # The rows are held back, the drawer is not: it is about one event, which nothing moves.
        self._show_drawer(answer.opened)
        return await super()._count_changes(answer)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        self.searched = f"{answer.page.searched:,}" if answer.page.searched else ""
        self._show_drawer(answer.opened)

    def _show_filter(self, where: Filter) -> None:
        super()._show_filter(where)
        pairs = where.to_pairs()
        self.json_href = routes.api_audit_export([*pairs, ("format", "json")])
        self.tokens = [
            token if token["key"] not in ("verb", "kind") else {**token, "text": token["text"].replace("_", " ")}
            for token in filter_tokens(AUDIT_FIELDS, pairs)
        ]

    def _show_beside(self, beside: Any) -> None:
        count, known = beside
        self.hidden = say_count(min(count, BOUND), exact=count <= BOUND)
        self.values = {
            **known,
            "verb": sorted(VERBS),
            "kind": [kind.value for kind in SubjectKind],
            "after": list(AGES),
            "before": list(AGES),
        }

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        try:
            keep = self._address().plain()
        except OpsError:
            keep = []
        return rx.redirect(routes.audit(keep))

    @rx.event
    async def undo_open(self) -> Any:
        """Undo the event whose drawer is open, and show the event that tells of it."""
        actor, n = actor_of(self), self.open_n
        if not n:
            return None
        self.undo_problem = ""
        stamp = Stamp(actor=actor, correlation_id=new_id())
        try:
            made = await asyncio.to_thread(services().undo.undo, actor, n, stamp)
        except OpsError as error:
            self.undo_problem = error.message
            return None
        shell = await self.get_state(ShellState)
        await shell._remember(stamp)
        shell._say(message(words.undone(f"{self.view.title}.")))
        return rx.redirect(routes.audit_event(made.event.n, self._address().plain()))

    # helpers

    def _show_drawer(self, opened: Opened | None) -> None:
        address = self._address()
        if address.event != self.open_n:
            self.undo_problem = ""
        self.open_n = address.event if opened else 0
        self.missing = visible(opened.missing) if opened else ""
        shown = AuditView()
        if opened and opened.detail and opened.offer:
            shown = audit_view(opened.detail, opened.offer, address.plain())
        send_changed(self, view=shown)
