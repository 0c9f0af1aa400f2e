"""The filter of the runs: one object for list, counts, API and CLI."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from execution_ops.domain.ids import check_id
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
from execution_ops.domain.runs import Trigger
from execution_ops.domain.states import RunState


class RunFilter(ListFilter):
    """Which runs. Values of one field are alternatives; different fields all have to match.

    `schedule` are ids of schedules. `after` and `before` bound when the run was made (`after` inclusive,
    `before` exclusive), each an ISO 8601 instant or an age like `24h`.
    """

    state: tuple[RunState, ...] = ()
    trigger: tuple[Trigger, ...] = ()
    schedule: tuple[str, ...] = ()
    tenant: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> RunFilter:
        """Read a query string (or its pairs). Unknown keys are ignored: they are the page's own.

        Raises InvalidInput, in words, for a value that no run could have.
        """
        many = by_key(read_pairs(query))
        return cls(
            state=one_of_words(RunState, many.get("state", ()), "state"),
            trigger=one_of_words(Trigger, many.get("trigger", ()), "trigger"),
            schedule=distinct(check_id(value) for value in many.get("schedule", ())),
            tenant=distinct(many.get("tenant", ())),
            after=read_moment(last(many, "after")),
            before=read_moment(last(many, "before")),
            sort=read_sort(last(many, "sort")),
        )

    def describe(self) -> str:
        """The filter as a sentence: "running cron runs of tenant acme since 24 h ago"."""
        words = [either(values) for values in (self.state, self.trigger) if values]
        text = " ".join([*words, "runs"])
        if self.schedule:
            text += f" of {'one schedule' if len(self.schedule) == 1 else f'{len(self.schedule)} schedules'}"
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.after:
            text += f" since {say_moment(self.after)}"
        if self.before:
            text += f" before {say_moment(self.before)}"
        return text if self != RunFilter(sort=self.sort) else "all runs"

    def window(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The bounds of when a run was made; relative ages are taken from the given moment."""
        return resolve_window(self.after, self.before, now)
