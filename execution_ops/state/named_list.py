"""A page of a list that is short enough to be read whole: its address is its filter, its cursor and its drawer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import reflex as rx

from execution_ops.domain.errors import OpsError
from execution_ops.state.filtered import FilteredPage


@dataclass(frozen=True)
class NamedAddress:
    """What the address of such a list says; a page with a drawer adds what it shows."""

    where: Any
    cursor: str

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *([("cursor", self.cursor)] if self.cursor else [])]


class Part(Protocol):
    """A part of the list in its order; cursors are None at the ends."""

    @property
    def before(self) -> str | None:
        """Where the page before it begins."""

    @property
    def after(self) -> str | None:
        """Where the page after it begins."""

    @property
    def total(self) -> int:
        """How many match the filter."""


class NamedListPage(FilteredPage, rx.State, mixin=True):
    """A list around its rows; the rows live in a State of their own."""

    rows_on_page: int = 0
    before_href: str = ""
    after_href: str = ""

    # what a page says of itself

    def _read_address(self, query: str) -> Any:
        """The NamedAddress of a query string; InvalidInput for what no page could show."""
        raise NotImplementedError

    # FilteredPage

    def _read_filter(self, query: str) -> Any:
        return self._read_address(query).where

    # helpers

    def _address(self) -> Any:
        """What the address says; InvalidInput for what no page could show."""
        return self._read_address(self.router.url.query)

    def _list_href(self, *more: tuple[str, str]) -> str:
        """The page with the same filter and cursor, if the address has these; `more` may open a drawer."""
        try:
            plain = self._address().plain()
        except OpsError:
            plain = []
        return self._listing().href([*plain, *more])

    def _show_part(self, where: Any, part: Part, whole: int) -> None:
        """Show the filter and the pages around; `whole` counts the list without a filter."""
        listing, pairs = self._listing(), where.to_pairs()
        self._show_filter(where)
        self.hidden = f"{whole - part.total:,}"
        self.before_href = listing.href([*pairs, ("cursor", part.before)]) if part.before else ""
        self.after_href = listing.href([*pairs, ("cursor", part.after)]) if part.after else ""
