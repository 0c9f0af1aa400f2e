"""What every keyset list does: its address is its filter and cursor; rows can be picked, and verbs done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import reflex as rx

from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.state.facets import FACETS_AGE_S as FACETS_AGE_S
from execution_ops.state.facets import job_facets as job_facets
from execution_ops.state.keyset_page import KeysetPage
from execution_ops.state.list_view import Counted, TabLine, matching, suggestions, tabs
from execution_ops.state.verbs import VerbQuestion

PAGE_SIZE = 50


@dataclass(frozen=True)
class Beside:
    """What stands around the rows: counts for the filter and without one, and the known values."""

    counts: Counted
    everything: Counted
    facets: dict[str, list[str]]


class ListPage(KeysetPage, VerbQuestion, rx.State, mixin=True):
    """A list whose rows can be picked, with tabs of their states.

    What a page reads has `page` (rows, `older`, `newer`, `searched`) and `lines`, the rows as they are shown.
    """

    tabs: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    total: str = ""

    picked: rx.Field[list[str]] = rx.field(default_factory=list)
    everything: bool = False
    question_title: str = ""
    question_button: str = ""
    question_count: str = ""

    _on_page: list[tuple[str, StrEnum]] = []  # noqa: RUF012 - a Reflex field; every instance gets its own
    _matching: int = 0
    _by_state: dict[StrEnum, int] = {}  # noqa: RUF012 - likewise
    # The filter that the open question is about.
    _asked: Any = None

    @rx.var
    def all_on_page(self) -> bool:
        """Whether every row of this page is picked."""
        return bool(self.rows_on_page) and len(self.picked) == self.rows_on_page

    @rx.var
    def any_picked(self) -> bool:
        """Whether a selection is open."""
        return bool(self.picked)

    @rx.var
    def picked_count(self) -> str:
        """How many the verbs would be done to."""
        return self.total if self.everything else f"{len(self.picked):,}"

    # what a list says of itself

    def _offer(self, states: Sequence[StrEnum]) -> None:
        """Say which verbs are off for a selection of things in these states."""
        raise NotImplementedError

    # LivePage

    def _holds(self) -> bool:
        return bool(self.picked) or super()._holds()

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        page = answer.page
        self._on_page = [(row.id, row.state) for row in page.rows]
        self.searched = f"{page.searched:,}" if page.searched else ""
        # A selection lives only while its rows do.
        on_page = {key for key, _ in self._on_page}
        self._pick([key for key in self.picked if key in on_page], everything=False)

    def _show_beside(self, beside: Any) -> None:
        listing, address, counts = self._listing(), self._address(), beside.counts
        self.tabs = tabs(listing, address.where, counts, address.own())
        self.counts_as_of = iso(counts.as_of)
        self._by_state = dict(counts.by_state)
        self._matching, self.total = matching(listing, address.where, counts)
        _, self.hidden = matching(listing, listing.filter(), beside.everything)
        self.values = suggestions(listing, beside.facets)

    # selection

    @rx.event
    def toggle(self, key: str) -> Any:
        """Pick or drop one row."""
        if key in self.picked:
            return self._picked([other for other in self.picked if other != key])
        if any(key == known for known, _ in self._on_page):
            return self._picked([*self.picked, key])
        return None

    @rx.event
    def toggle_page(self) -> Any:
        """Pick the whole page, or drop the selection if it is picked."""
        return self._picked([] if self.all_on_page else [key for key, _ in self._on_page])

    @rx.event
    def pick_all(self) -> None:
        """Widen the selection to everything that matches the filter."""
        if self.refused:
            return
        self._pick([key for key, _ in self._on_page], everything=True)

    @rx.event
    def drop_all(self) -> Any:
        """Close the selection."""
        return self._picked([])

    def _picked(self, ids: list[str]) -> Any:
        self._pick(ids, everything=False)
        # What was held back for the selection is shown as soon as there is none.
        return type(self).refresh if not ids and self.held else None

    def _pick(self, ids: list[str], *, everything: bool) -> None:
        self.picked, self.everything = ids, everything and bool(ids)
        states: Sequence[StrEnum] = [state for key, state in self._on_page if key in set(ids)]
        if self.everything:
            states = list(self._address().where.state or self._listing().states)
        self._offer(states)
        # A question is about a selection: another selection is another question.
        self.asking = ""

    # VerbQuestion

    def _noun(self) -> tuple[str, str]:
        return self._listing().noun

    def _subjects(self) -> list[str]:
        return list(self.picked)

    def _phrase(self, verb: Verb) -> None:
        if self.refused or not self.picked:
            # Nothing is selected that the question could be about.
            self.asking = ""
            return
        count = self._matching if self.everything else len(self.picked)
        self.question_button = f"{verb.label} {self.picked_count} {self._noun()[count != 1]}"
        self.question_title = f"{self.question_button}?"
        self._asked = self._address().where
        # Only what can't be seen on the page has to be typed.
        self.question_count = str(count) if self.everything and verb.danger else ""

    async def _done(self, verb: Verb) -> None:
        self._pick([], everything=False)
        await self._refresh(anew=True)
