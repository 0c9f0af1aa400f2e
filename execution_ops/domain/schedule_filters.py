"""The filter of the list of schedules, and its pages: schedules are few, so they are filtered in memory."""

from __future__ import annotations

from collections.abc import Iterable

from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.named_pages import NamedPage, check_place, named_page
from execution_ops.domain.query_values import by_key, distinct, either, flag, last, one_of_words, read_pairs
from execution_ops.domain.runs import FiredAt
from execution_ops.domain.schedules import Schedule, ScheduleState

_KINDS = (str, str)


class ScheduleFilter(ListFilter):
    """Which schedules. Values of one field are alternatives; different fields all have to match.

    `missed` asks for those whose last due time was missed (or was not); None: no matter. `text` is in
    the name or the description, whatever its case.
    """

    tenant: tuple[str, ...] = ()
    state: tuple[ScheduleState, ...] = ()
    job_type: tuple[str, ...] = ()
    missed: bool | None = None
    text: str = ""

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> ScheduleFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        found = by_key(read_pairs(query))
        return cls(
            tenant=distinct(found.get("tenant", ())),
            state=one_of_words(ScheduleState, found.get("state", ()), "state"),
            job_type=distinct(found.get("job_type", ())),
            missed=flag(found, "missed"),
            text=last(found, "text"),
        )

    def describe(self) -> str:
        """The filter in words: "paused schedules of tenant acme for scan.inspect"."""
        text = " ".join([*([either(self.state)] if self.state else []), "schedules"])
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.job_type:
            text += f" for {either(self.job_type)}"
        if self.missed is not None:
            text += " that missed their last due time" if self.missed else " that did not miss their last due time"
        if self.text:
            text += f" with “{self.text}” in their name or description"
        return text if self.active() else "all schedules"

    def matches(self, schedule: Schedule, latest: FiredAt | None) -> bool:
        """Whether the schedule is one of these; `latest` is what came of its last due time, None before the first."""
        spec = schedule.spec
        return (
            (not self.tenant or schedule.tenant in self.tenant)
            and (not self.state or schedule.state in self.state)
            and (not self.job_type or spec.job_type in self.job_type)
            and self.missed in (None, was_missed(latest))
            and self.text.casefold() in f"{spec.name}\n{spec.description}".casefold()
        )


def was_missed(fired: FiredAt | None) -> bool:
    """Whether this due time brought no run."""
    return fired is not None and fired.missed is not None


def page_of(schedules: Iterable[Schedule], cursor: str | None, limit: int) -> NamedPage[Schedule]:
    """One page of these schedules, by name; InvalidInput for a bad cursor."""
    return named_page(schedules, _place, cursor, limit, kinds=_KINDS)


def check_cursor(cursor: str) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    return check_place(cursor, _KINDS)


def _place(schedule: Schedule) -> tuple[str, str]:
    # Names are unique in a tenant only.
    return schedule.spec.name, schedule.id
