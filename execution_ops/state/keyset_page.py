"""A page of a keyset list: its address is its filter and its cursor, its rows stand in a State of their own."""

from __future__ import annotations

from typing import Any, Protocol

import reflex as rx

from execution_ops.domain.errors import OpsError
from execution_ops.domain.query_values import Sort
from execution_ops.domain.words import capitalised
from execution_ops.state.filtered import FilteredPage
from execution_ops.state.list_view import Filter
from execution_ops.state.sending import send_changed


class Address(Protocol):
    """What the address of a list says."""

    @property
    def where(self) -> Filter:
        """The filter."""

    @property
    def cursor(self) -> str:
        """Where the page begins."""

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter."""


class KeysetPage(FilteredPage, rx.State, mixin=True):
    """A list around its rows; the rows live in a State of their own (`_rows`).

    What a page reads has `page` (rows, `older`, `newer`) and `lines`, the rows as they are shown.
    """

    summary: str = ""
    counts_as_of: str = ""
    rows_on_page: int = 0
    searched: str = ""
    before_href: str = ""
    after_href: str = ""
    newest_first: bool = True
    sort_href: str = ""

    _deep: bool = False

    # what a list says of itself

    def _rows(self) -> type[Any]:
        """The State with the rows."""
        raise NotImplementedError

    def _address(self) -> Address:
        """What the address says; InvalidInput for what no list could show."""
        raise NotImplementedError

    # FilteredPage

    def _own(self) -> list[tuple[str, str]]:
        try:
            return self._address().own()
        except OpsError:
            return []

    # LivePage

    def _holds(self) -> bool:
        return self._deep

    async def _count_changes(self, answer: Any) -> int:
        shown = (await self.get_state(self._rows())).rows
        return max(sum(line not in shown for line in answer.lines), len(shown) - len(answer.lines))

    async def _show(self, answer: Any) -> None:
        address = self._address()
        # Most changes are of things on other pages: then nothing is sent.
        send_changed(await self.get_state(self._rows()), rows=answer.lines)
        self.rows_on_page = len(answer.lines)
        self._deep = bool(address.cursor)
        self._show_address(address, answer.page)

    def _show_address(self, address: Address, page: Any) -> None:
        listing, where, own = self._listing(), address.where, address.own()
        pairs = where.to_pairs()
        self._show_filter(where)
        self.summary = capitalised(where.describe())
        self.newest_first = where.sort is Sort.NEWEST
        before, after = (page.newer, page.older) if self.newest_first else (page.older, page.newer)
        self.before_href = listing.href([*pairs, *own, ("cursor", before)]) if before else ""
        self.after_href = listing.href([*pairs, *own, ("cursor", after)]) if after else ""
        turned = where.model_copy(update={"sort": Sort.OLDEST if self.newest_first else Sort.NEWEST})
        self.sort_href = listing.href([*turned.to_pairs(), *own])
