"""What every keyset list shows around its rows: the tabs of states, and how much matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from execution_ops.domain.filter_fields import AGES, FilterField
from execution_ops.domain.query_values import Sort
from execution_ops.routes import Query

BOUND = 10_000


class Filter(Protocol):
    """A typed filter of a list (`domain/filters.py`, `domain/letter_filters.py`)."""

    @property
    def sort(self) -> Sort:
        """The order."""

    @property
    def state(self) -> tuple[Any, ...]:
        """The states that match, none for all."""

    def to_pairs(self) -> list[tuple[str, str]]:
        """As query pairs."""

    def describe(self) -> str:
        """In words."""

    def active(self) -> int:
        """How many conditions hide rows."""

    def model_copy(self, *, update: Mapping[str, Any]) -> Any:
        """The same with other values."""


class Counted(Protocol):
    """Counts by state."""

    @property
    def by_state(self) -> Mapping[Any, int]:
        """How many are in each state."""

    @property
    def total(self) -> int:
        """How many in all."""

    @property
    def exact(self) -> bool:
        """Whether these are no bounds."""

    @property
    def as_of(self) -> datetime:
        """When they were read."""


@dataclass(frozen=True)
class Listing:
    """One kind of list: its filter, the states of its things, what they are called, and its addresses.

    `states` is None for things without any, `export` for what can't be saved as a file.
    """

    filter: type[Any]
    states: type[StrEnum] | None
    fields: tuple[FilterField, ...]
    noun: tuple[str, str]
    href: Callable[[Query], str]
    export: Callable[[Query], str] | None = None


@dataclass(frozen=True)
class TabLine:
    """One state tab."""

    state: str
    href: str
    count: str
    on: bool


def tabs(listing: Listing, where: Filter, counts: Counted, keep: Sequence[tuple[str, str]]) -> list[TabLine]:
    """All, then each state, with its count under the rest of the filter; `keep` are the page's own pairs."""
    everything, *each = _tab_addresses(listing, where.model_copy(update={"state": ()}), tuple(keep))
    lines = [TabLine("", everything, say_count(counts.total, counts.exact), not where.state)]
    for state, address in zip(listing.states, each, strict=True):
        count = say_count(counts.by_state.get(state, 0), counts.exact)
        lines.append(TabLine(state.value, address, count, where.state == (state,)))
    return lines


def matching(listing: Listing, where: Filter, counts: Counted) -> tuple[int, str]:
    """How many match, as a number and in words ("10,412", "10,000+")."""
    count = sum(counts.by_state.get(state, 0) for state in where.state or tuple(listing.states))
    return count, say_count(count, counts.exact)


def suggestions(listing: Listing, facets: dict[str, list[str]]) -> dict[str, list[str]]:
    """Known values by field."""
    times = [field.key for field in listing.fields if field.kind == "time"]
    return {**facets, "state": [state.value for state in listing.states], **{key: list(AGES) for key in times}}


# Every open list asks at every refresh, most of them for the same.
@lru_cache(maxsize=256)
def _tab_addresses(listing: Listing, free: Filter, keep: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Of all, then of each state."""
    filters = (free, *(free.model_copy(update={"state": (state,)}) for state in listing.states))
    return tuple(listing.href([*where.to_pairs(), *keep]) for where in filters)


def say_count(count: int, exact: bool) -> str:
    """A count in words, bounded where it is."""
    return f"{count:,}" if exact or count < BOUND else f"{BOUND:,}+"
