"""The filter of the list of schedules, and its pages: schedules are few, so they are filtered in memory."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import by_key, distinct, either, last, one_of_words, read_pairs
from execution_ops.domain.runs import FiredAt
from execution_ops.domain.schedules import NAME_MAX, Schedule, ScheduleState

_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
# A character of a name is spelled by up to 6 bytes, and these by 4 characters for 3.
_CURSOR_MAX = 8 * NAME_MAX + 200


class ScheduleFilter(BaseModel):
    """Which schedules. Values of one field are alternatives; different fields all have to match.

    `missed` asks for those whose last due time was missed (or was not); None: no matter. `text` is in
    the name or the description, whatever its case.
    """

    model_config = ConfigDict(frozen=True)

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
            missed=_flag(last(found, "missed")),
            text=last(found, "text"),
        )

    def to_pairs(self) -> list[tuple[str, str]]:
        """The filter as query pairs in a fixed order, without what is default."""
        pairs = [(name, str(value)) for name in ("tenant", "state", "job_type") for value in getattr(self, name)]
        if self.missed is not None:
            pairs.append(("missed", "yes" if self.missed else "no"))
        return [*pairs, ("text", self.text)] if self.text else pairs

    def to_query(self) -> str:
        """The query string that `from_query` reads back to an equal filter."""
        return urlencode(self.to_pairs())

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

    def active(self) -> int:
        """How many conditions hide schedules."""
        return len(self.to_pairs())

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


class SchedulePlaces(NamedTuple):
    """A part of a list of schedules, in the order of their names; cursors are None at the ends."""

    rows: tuple[Schedule, ...]
    before: str | None
    after: str | None
    total: int


def was_missed(fired: FiredAt | None) -> bool:
    """Whether this due time brought no run."""
    return fired is not None and fired.missed is not None


def page_of(schedules: Iterable[Schedule], cursor: str | None, limit: int) -> SchedulePlaces:
    """One page of these schedules; InvalidInput for a bad cursor."""
    found = sorted(schedules, key=_place)
    start = 0
    if cursor:
        backward, place = _read(cursor)
        start = sum(_place(one) < place if backward else _place(one) <= place for one in found)
        if backward:
            start = max(0, start - limit)
    shown = found[start : start + limit]
    return SchedulePlaces(
        rows=tuple(shown),
        before=_write(True, shown[0]) if shown and start > 0 else None,
        after=_write(False, shown[-1]) if start + limit < len(found) else None,
        total=len(found),
    )


def check_cursor(cursor: str) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    if cursor:
        _read(cursor)
    return cursor


def _place(schedule: Schedule) -> tuple[str, str]:
    # Names are unique in a tenant only.
    return schedule.spec.name, schedule.id


def _write(backward: bool, schedule: Schedule) -> str:
    text = json.dumps([int(backward), *_place(schedule)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[bool, tuple[str, str]]:
    wrong = InvalidInput("This page address is damaged: start again from the first page.", code="BAD_CURSOR")
    if len(cursor) > _CURSOR_MAX:
        raise wrong
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise wrong from None
    match value:
        case [0 | 1 as backward, str(name), str(schedule_id)] if not isinstance(backward, bool):
            return bool(backward), (name, schedule_id)
    raise wrong


def _flag(value: str) -> bool | None:
    if not value:
        return None
    if value not in _FLAGS:
        raise InvalidInput("Missed is yes or no.")
    return _FLAGS[value]
