"""A page whose address is a typed filter: tokens, suggestions, exports, and what is wrong with an address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops.components.filter_bar import Token, filter_tokens
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.state.list_view import Filter, Listing
from execution_ops.state.live import LivePage

QUERY_MAX = 4096
# NOT_FOUND: something that the address follows. A list itself is never missing.
_ADDRESS_FAULTS = ("INVALID_INPUT", "BAD_CURSOR", "NOT_FOUND")


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of an address; InvalidInput for one that no filter could need."""
    if len(query) > QUERY_MAX:
        raise InvalidInput("This address is too long to be a filter.")
    return parse_qsl(query, keep_blank_values=True)


class FilteredPage(LivePage, rx.State, mixin=True):
    """The part of a page's State that is about its filter."""

    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[Token]] = rx.field(default_factory=list)
    values: rx.Field[dict[str, list[str]]] = rx.field(default_factory=dict)
    active: int = 0
    hidden: str = ""
    clear_href: str = ""
    complaint: str = ""
    csv_href: str = ""
    ndjson_href: str = ""

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code in _ADDRESS_FAULTS

    # what a page says of itself

    def _listing(self) -> Listing:
        """What it lists."""
        raise NotImplementedError

    def _own(self) -> list[tuple[str, str]]:
        """The pairs of the address that outlive a change of the filter."""
        return []

    def _read_filter(self, query: str) -> Filter:
        """The filter that a query names; InvalidInput for what no page could show."""
        where: Filter = self._listing().filter.from_query(query_pairs(query))
        return where

    # events

    @rx.event
    def apply(self, query: str) -> Any:
        """Show the page of another filter: a new address, one step in the history."""
        self.complaint = ""
        try:
            where = self._read_filter(str(query))
        except OpsError as error:
            # The rows stay: they are still those of the address.
            self.complaint = error.message
            return None
        return rx.redirect(self._listing().href([*where.to_pairs(), *self._own()]))

    # helpers

    def _show_filter(self, where: Filter) -> None:
        listing, pairs = self._listing(), where.to_pairs()
        self.complaint = ""
        self.pairs, self.active = [list(pair) for pair in pairs], where.active()
        self.tokens = filter_tokens(listing.fields, pairs)
        self.clear_href = listing.href(self._own())
        if listing.export is not None:
            self.csv_href = listing.export([*pairs, ("format", "csv")])
            self.ndjson_href = listing.export([*pairs, ("format", "ndjson")])
