"""The page of quotas: its address is the filter, the page, and the quota whose drawer is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import QUOTA_FIELDS, Token, filter_tokens
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.quota_filters import QuotaFilter, QuotaPage, check_cursor, page_of
from execution_ops.domain.quotas import ANY
from execution_ops.domain.times import iso
from execution_ops.domain.topics import QUOTAS
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.quotas import QuotaSummary, summarize, why_quota_off
from execution_ops.state.actor import actor_of
from execution_ops.state.live import Ask, LivePage
from execution_ops.state.quota_drawer import QuotaDrawer
from execution_ops.state.quotas_view import QuotaLine, quota_line, say_waiting

PAGE_SIZE = 50
FACETS_AGE_S = 10.0
QUERY_MAX = 4096
_ADDRESS_FAULTS = ("INVALID_INPUT", "BAD_CURSOR")


@dataclass(frozen=True)
class Address:
    """What the address says: filter, cursor, and what the drawer shows: a quota, or the form of a new one."""

    where: QuotaFilter
    cursor: str
    quota: str
    new: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        if len(query) > QUERY_MAX:
            raise InvalidInput("This address is too long to be a filter.")
        pairs = parse_qsl(query, keep_blank_values=True)
        own = dict(pairs)
        quota = own.get("quota", "")
        return cls(
            QuotaFilter.from_query(pairs),
            check_cursor(own.get("cursor", "")),
            check_id(quota) if quota else "",
            own.get("new") == "1" and not quota,
        )

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *([("cursor", self.cursor)] if self.cursor else [])]


class QuotaRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[QuotaLine]] = rx.field(default_factory=list)


class QuotasPage(LivePage, QuotaDrawer, rx.State):
    """The list around its rows, and the drawer."""

    summary: str = ""
    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[Token]] = rx.field(default_factory=list)
    values: rx.Field[dict[str, list[str]]] = rx.field(default_factory=dict)
    active: int = 0
    hidden_count: int = 0
    rows_on_page: int = 0
    before_href: str = ""
    after_href: str = ""
    clear_href: str = ""
    csv_href: str = ""
    json_href: str = ""
    complaint: str = ""
    total: int = 0
    paused: int = 0
    at_limit: int = 0
    waiting: str = ""
    as_of: str = ""
    new_off: str = ""

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code in _ADDRESS_FAULTS

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        # Read for its faults: what is loaded is the same for every filter, so all tabs share it.
        self._address()
        actor, service = actor_of(self), services()

        async def beside() -> dict[str, list[str]]:
            return await service.hub.sample(
                ("facets", viewer_key(actor)), lambda: service.jobs.facets(actor), max_age=FACETS_AGE_S
            )

        return Ask(QUOTAS, ("quotas", viewer_key(actor)), lambda: service.quotas.all(actor), beside)

    async def _show(self, answer: Any) -> None:
        address = self._address()
        page = page_of(answer, address.where, address.cursor or None, PAGE_SIZE)
        keep, actor = address.plain(), actor_of(self)
        lines = [quota_line(row, answer, keep, why_quota_off(actor, row.tenant)) for row in page.rows]
        shown = await self.get_state(QuotaRows)
        if shown.rows != lines:
            shown.rows = lines
        self.rows_on_page = len(lines)
        self._show_figures(summarize(answer))
        self._show_address(address, page)
        self._show_drawer(address.quota, address.new, answer)

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
        self.complaint = ""
        text = where.describe()
        self.summary = (
            f"{text[:1].upper()}{text[1:]}. The most specific quota governs a job; each is one pool for all it governs."
        )
        self.pairs, self.active = [list(pair) for pair in pairs], where.active()
        self.tokens = filter_tokens(QUOTA_FIELDS, pairs)
        self.hidden_count = self.total - page.total
        self.before_href = routes.quotas([*pairs, ("cursor", page.before)]) if page.before else ""
        self.after_href = routes.quotas([*pairs, ("cursor", page.after)]) if page.after else ""
        self.clear_href = routes.quotas()
        self.csv_href = routes.api_quotas_export([*pairs, ("format", "csv")])
        self.json_href = routes.api_quotas_export([*pairs, ("format", "json")])

    # QuotaDrawer

    def _closed(self) -> str:
        try:
            return routes.quotas(self._address().plain())
        except OpsError:
            return routes.quotas()

    # events

    @rx.event
    def apply(self, query: str) -> Any:
        """Show the list of another filter: a new address, one step in the history."""
        try:
            where = Address.read(str(query)).where
        except OpsError as error:
            self.complaint = error.message
            return None
        return rx.redirect(routes.quotas(where.to_pairs()))

    @rx.event
    def ask_new(self) -> Any:
        """Open the form of a new quota: the same page with `new=1`."""
        try:
            return rx.redirect(routes.quotas([*self._address().plain(), ("new", "1")]))
        except OpsError:
            return rx.redirect(routes.quotas([("new", "1")]))
