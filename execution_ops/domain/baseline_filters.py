"""The filter of the baselines: one object for list, REST and command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.query_values import (
    Sort,
    by_key,
    distinct,
    either,
    last,
    one_of_words,
    read_moment,
    read_pairs,
    read_sort,
    resolve_window,
    say_moment,
)
from execution_ops.domain.states import BaselineState


class BaselineFilter(ListFilter):
    """Which baselines. Values of one field are alternatives; different fields all have to match.

    `source` and `label` are parts of those texts, whatever their case. `after` and `before` bound when a baseline
    was saved (`after` inclusive, `before` exclusive), each an ISO 8601 instant or an age like `24h`.
    """

    state: tuple[BaselineState, ...] = ()
    tenant: tuple[str, ...] = ()
    source: str = ""
    label: str = ""
    after: str = ""
    before: str = ""
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> BaselineFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        many = by_key(read_pairs(query))
        return cls(
            state=one_of_words(BaselineState, many.get("state", ()), "state"),
            tenant=distinct(many.get("tenant", ())),
            source=last(many, "source"),
            label=last(many, "label"),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            sort=read_sort(last(many, "sort")),
        )

    def describe(self) -> str:
        """The filter as a sentence: "promoted baselines of tenant acme since 24 h ago"."""
        text = " ".join([*([either(self.state)] if self.state else []), "baselines"])
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.source:
            text += f" with “{self.source}” in their source"
        if self.label:
            text += f" with “{self.label}” in their label"
        if self.after:
            text += f" since {say_moment(self.after)}"
        if self.before:
            text += f" before {say_moment(self.before)}"
        return text if self.active() else "all baselines"

    def window(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The bounds of when a baseline was saved; relative ages are taken from the given moment."""
        return resolve_window(self.after, self.before, now)
