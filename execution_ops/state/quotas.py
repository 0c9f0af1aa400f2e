"""The page of quotas: its address is the filter, the page, and the quota whose drawer is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.filter_fields import QUOTA_FIELDS
from execution_ops.domain.ids import check_id
from execution_ops.domain.quota_filters import QuotaFilter, QuotaPage, check_cursor, page_of
from execution_ops.domain.quotas import ANY
from execution_ops.domain.times import iso
from execution_ops.domain.topics import QUOTAS
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.quotas import QuotaSummary, summarize, why_quota_off
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.list_view import Listing
from execution_ops.state.lists import job_facets
from execution_ops.state.live import Ask
from execution_ops.state.named_list import NamedAddress, NamedListPage
from execution_ops.state.quota_drawer import QuotaDrawer
from execution_ops.state.quotas_view import QuotaLine, quota_line, say_waiting
from execution_ops.state.sending import send_changed
from execution_ops.state.shell import ShellState
from execution_ops.texts import quotas as words

PAGE_SIZE = 50
LISTING = Listing(QuotaFilter, None, QUOTA_FIELDS, ("quota", "quotas"), routes.quotas)


@dataclass(frozen=True)
class Address(NamedAddress):
    """What the address says: filter, cursor, and what the drawer shows: a quota, or the form of a new one."""

    where: QuotaFilter
    quota: str
    new: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own = dict(pairs)
        quota = own.get("quota", "")
        return cls(
            QuotaFilter.from_query(pairs),
            check_cursor(own.get("cursor", "")),
            check_id(quota) if quota else "",
            own.get("new") == "1" and not quota,
        )


class QuotaRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[QuotaLine]] = rx.field(default_factory=list)


class QuotasPage(NamedListPage, QuotaDrawer, rx.State):
    """The list around its rows, and the drawer."""

    summary: str = ""
    json_href: str = ""
    total: int = 0
    paused: int = 0
    at_limit: int = 0
    waiting: str = ""
    as_of: str = ""
    new_off: str = ""

    # NamedListPage

    def _listing(self) -> Listing:
        return LISTING

    def _read_address(self, query: str) -> Address:
        return Address.read(query)

    # LivePage

    def _ask(self) -> Ask:
        # Read for its faults: what is loaded is the same for every filter, so all tabs share it.
        address = self._address()
        actor, service = actor_of(self), services()
        return Ask(
            QUOTAS,
            ("quotas", viewer_key(actor)),
            lambda: service.quotas.all(actor),
            lambda: job_facets(actor),
            trail_of(actor, SubjectKind.QUOTA, address.quota),
        )

    async def _show(self, answer: Any) -> None:
        address = self._address()
        page = page_of(answer, address.where, address.cursor or None, PAGE_SIZE)
        keep, actor = address.plain(), actor_of(self)
        lines = [quota_line(row, answer, keep, why_quota_off(actor, row.tenant)) for row in page.rows]
        send_changed(await self.get_state(QuotaRows), rows=lines)
        self.rows_on_page = len(lines)
        self._show_figures(summarize(answer))
        self._show_address(address, page)
        shell = await self.get_state(ShellState)
        self._show_drawer(address.quota, address.new, answer, shell)

    def _show_beside(self, beside: Any) -> None:
        known = {name: [ANY, *beside.get(name, [])] for name in ("tenant", "job_type")}
        self.values = {**known, "paused": ["yes", "no"], "at_limit": ["yes", "no"]}

    def _show_figures(self, found: QuotaSummary) -> None:
        self.total, self.paused, self.at_limit = found.quotas, found.paused, found.at_limit
        self.waiting = say_waiting(found.waiting) if found.exact else f"{found.waiting:,}+"
        self.as_of = iso(found.as_of)
        self.new_off = why_quota_off(actor_of(self), "")

    def _show_address(self, address: Address, page: QuotaPage) -> None:
        where, pairs = address.where, address.where.to_pairs()
        text = where.describe()
        self.summary = words.quotas_summary(text)
        self._show_part(where, page, self.total)
        self.csv_href = routes.api_quotas_export([*pairs, ("format", "csv")])
        self.json_href = routes.api_quotas_export([*pairs, ("format", "json")])

    # events

    @rx.event
    def ask_new(self) -> Any:
        """Open the form of a new quota: the same page with `new=1`."""
        return rx.redirect(self._list_href(("new", "1")))
