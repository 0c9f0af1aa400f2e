"""Reading the values of a filter's query: bounded, checked, in words. What every typed filter shares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import EPOCH, iso

VALUE_MAX = 200
VALUES_MAX = 20
_RELATIVE = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
# Both are what a filter says, and what a program that knows booleans sends.
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
V = TypeVar("V", str, tuple[str, str])
S = TypeVar("S", bound=StrEnum)


class Sort(StrEnum):
    """The orders that an index serves."""

    NEWEST = "newest"
    OLDEST = "oldest"


def read_pairs(query: str | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of a query string (or those given), each value checked for what no filter can have."""
    # `payload.tag=` asks for the empty text: dropped, it would leave a wider filter.
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True) if isinstance(query, str) else list(query)
    for key, value in pairs:
        if len(value) > VALUE_MAX:
            raise InvalidInput(f"A filter value has at most {VALUE_MAX} characters.")
        if "\0" in value:
            raise InvalidInput("A filter value has no NUL character.")
        if not is_unicode(key + value):
            raise InvalidInput("A filter value has only whole characters.")
    return pairs


def by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values that are not empty, by key, in the order given."""
    many: dict[str, list[str]] = {}
    for key, value in pairs:
        if value:
            many.setdefault(key, []).append(value)
    return many


def last(many: dict[str, list[str]], key: str) -> str:
    """The last value of a key that has one value, "" if there is none."""
    return many[key][-1] if key in many else ""


def flag(many: dict[str, list[str]], key: str) -> bool | None:
    """The last value of a key that is `yes` or `no`; None if there is none."""
    value = last(many, key)
    if value not in ("", *_FLAGS):
        raise InvalidInput(f"{key.replace('_', ' ').capitalize()} is yes or no.")
    return _FLAGS.get(value)


def distinct(values: Iterable[V]) -> tuple[V, ...]:
    """The values of a field with alternatives, sorted, each once."""
    found = tuple(sorted(set(values)))
    if len(found) > VALUES_MAX:
        raise InvalidInput(f"A filter has at most {VALUES_MAX} values of one field.")
    return found


def one_of_words(kind: type[S], values: Iterable[str], what: str) -> tuple[S, ...]:
    """The members of an enumeration that are named, in its own order; InvalidInput lists the known ones."""
    named = set(values)
    if unknown := named - {member.value for member in kind}:
        known = ", ".join(member.value for member in kind)
        raise InvalidInput(f"There is no {what} {min(unknown)[:60]!r}; known are {known}.")
    return tuple(member for member in kind if member.value in named)


def read_sort(value: str) -> Sort:
    """The sort of a list, newest first if none is named."""
    if value and value not in set(Sort):
        raise InvalidInput("Sort by newest or oldest.")
    return Sort(value) if value else Sort.NEWEST


def resolve_moment(text: str, now: datetime) -> datetime:
    """The instant that `24h` (an age before `now`) or an ISO 8601 text names; InvalidInput else."""
    match = _RELATIVE.fullmatch(text)
    if match:
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{text!r} is no time: write 24h, 30m, 7d or 2026-11-23T14:00:00Z.") from None


def resolve_window(after: str, before: str, now: datetime) -> tuple[datetime, datetime | None]:
    """The bounds that two texts name at the given moment; relative ages are taken from it."""
    return resolve_moment(after, now) if after else EPOCH, resolve_moment(before, now) if before else None


def read_moment(text: str) -> str:
    """A time as a filter keeps it: an age as it is, an instant in UTC. InvalidInput for none."""
    if not text or _RELATIVE.fullmatch(text):
        return text
    moment = resolve_moment(text, EPOCH)
    if not EPOCH <= moment < datetime(9000, 1, 1, tzinfo=UTC):
        raise InvalidInput("A time lies between 1970 and 9000.")
    return iso(moment)


def say_moment(text: str) -> str:
    """A time of a filter in a sentence."""
    match = _RELATIVE.fullmatch(text)
    return f"{match[1]} {match[2]} ago" if match else text


def either(values: Iterable[str]) -> str:
    """Alternatives in a sentence."""
    return " or ".join(values)
