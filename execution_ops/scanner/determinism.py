"""Whether two scans of one source gave the same: step by step by digest, and where their documents differ. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.text import visible

Document = Mapping[str, Any]
SHOWN_MAX = 20
_VALUE_MAX = 120
_ABSENT = "not there"


class Step(BaseModel):
    """One step of the scan with the digest of what it gave each time, "" where it did not run."""

    model_config = ConfigDict(frozen=True)

    name: str
    first: str
    second: str

    @property
    def identical(self) -> bool:
        """Whether it gave the same."""
        return self.first == self.second


class Difference(BaseModel):
    """One place where the documents differ: a component and the JSON pointer in it, or a pointer in the document."""

    model_config = ConfigDict(frozen=True)

    place: str
    first: str
    second: str

    def words(self) -> str:
        """As a sentence."""
        return f"{self.place}: {self.first} in the first scan, {self.second} in the second."


class Differences(BaseModel):
    """The first places where two documents differ, and how many there are beyond them."""

    model_config = ConfigDict(frozen=True)

    shown: tuple[Difference, ...]
    more: int

    def words(self) -> list[str]:
        """As sentences, the last one of how many more there are."""
        more = "1 more place differs." if self.more == 1 else f"{self.more:,} more places differ."
        return [one.words() for one in self.shown] + ([more] if self.more else [])


def steps(first: Mapping[str, str], second: Mapping[str, str]) -> list[Step]:
    """The steps of both scans by name, in the order of the first one."""
    return [Step(name=name, first=first.get(name, ""), second=second.get(name, "")) for name in {**first, **second}]


def differences(first: Document, second: Document, limit: int = SHOWN_MAX) -> Differences:
    """Where two CycloneDX documents differ: the components first, by name."""
    places = _differences(first, second)
    return Differences(shown=tuple(islice(places, limit)), more=sum(1 for _ in places))


def shared(first: Document, second: Document) -> tuple[int, int]:
    """How many components are the same in both documents, and how many there are in all."""
    one, other = _by_key(first), _by_key(second)
    same = sum(1 for key, component in one.items() if other.get(key) == component)
    return same, len(one.keys() | other.keys())


def _differences(first: Document, second: Document) -> Iterator[Difference]:
    one, other = _by_key(first), _by_key(second)
    for key in sorted(one.keys() | other.keys(), key=lambda key: (_name(one.get(key) or other[key]), key)):
        left, right = one.get(key), other.get(key)
        if left is None or right is None:
            present = left or right or {}
            yield Difference(place=_name(present), first=_there(left), second=_there(right))
        elif left != right:
            yield from _walk(_name(left), left, right)
    rest = [{name: value for name, value in each.items() if name != "components"} for each in (first, second)]
    yield from _walk("", rest[0], rest[1])


def _walk(place: str, first: Any, second: Any) -> Iterator[Difference]:
    """Where two JSON values differ, as deep as both have the same form."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for name in {**first, **second}:
            where = f"{place}/{_escaped(name)}"
            if name in first and name in second:
                yield from _walk(where, first[name], second[name])
            else:
                yield Difference(place=where, first=_value(first, name), second=_value(second, name))
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for position, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from _walk(f"{place}/{position}", one, other)
    elif first != second:
        yield Difference(place=place or "/", first=_shown(first), second=_shown(second))


def _by_key(document: Document) -> dict[str, Any]:
    """The components by their reference; those that have none, or one that was given twice, by their content."""
    found: dict[str, Any] = {}
    components: Sequence[Any] = document.get("components", ())
    for component in components:
        reference = str(component.get("bom-ref", ""))
        found[reference if reference and reference not in found else json.dumps(component, sort_keys=True)] = component
    return found


def _name(component: Document) -> str:
    words = ("component", str(component.get("name", "")), str(component.get("version", "")))
    return visible(" ".join(word for word in words if word))


def _there(component: Document | None) -> str:
    return _ABSENT if component is None else "there"


def _value(holder: Document, name: str) -> str:
    return _shown(holder[name]) if name in holder else _ABSENT


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return visible(text if len(text) <= _VALUE_MAX else f"{text[:_VALUE_MAX]}…")


def _escaped(name: str) -> str:
    return visible(name).replace("~", "~0").replace("/", "~1")
