"""What changed from one inventory of packages to another: a pure function, the same whenever it is asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.sbom_parts import BETWEEN, Damaged, Inventory, Part, read_part

# Longer runs of digits are no numbers, and cost time to read as such.
_DIGITS = re.compile(r"(\d{1,18})")

_BETWEENS = len(Part._fields) - 1


class ChangeKind(StrEnum):
    """What can be different. `version` and `licence` can both be true of one package."""

    ADDED = "added"
    REMOVED = "removed"
    VERSION = "version"
    LICENCE = "licence"


# The name of a change of a package of which both the version and the licences are others.
BOTH = "both"
_KINDS = {kind.value: (kind,) for kind in ChangeKind} | {BOTH: (ChangeKind.VERSION, ChangeKind.LICENCE)}

KIND_WORDS = {
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.VERSION: "Version changed",
    ChangeKind.LICENCE: "Licence changed",
}


class Change(NamedTuple):
    """One package that differs, as a line of each inventory: most rows of a long comparison are only counted, so a
    line is taken apart when its row is looked at. `left` is None of an added package, `right` of a removed one;
    `name` is the kind of change, or BOTH."""

    left: str | None
    right: str | None
    name: str

    @property
    def line(self) -> str:
        """The package as it is now, or was, as a line."""
        found = self.right or self.left
        assert found is not None
        return found

    @property
    def before(self) -> Part | None:
        """The package as it was; None of an added one."""
        return None if self.left is None else read_part(self.left)

    @property
    def after(self) -> Part | None:
        """The package as it is now; None of a removed one."""
        return None if self.right is None else read_part(self.right)

    @property
    def part(self) -> Part:
        """The package as it is now, or was."""
        return read_part(self.line)

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """What changed of it; two where the version and the licences did."""
        return _KINDS[self.name]


class DiffCounts(BaseModel):
    """How many packages differ. `version` and `licence` each count those that changed in both; `changed` counts
    every package with a changed version or licence once. `same` are those that did not change."""

    model_config = ConfigDict(frozen=True)

    added: int = 0
    removed: int = 0
    version: int = 0
    licence: int = 0
    changed: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        """How many rows a comparison has."""
        return self.added + self.removed + self.changed

    def of(self, kind: ChangeKind) -> int:
        """How many rows are of this kind."""
        count: int = getattr(self, kind.value)
        return count


class Comparison(NamedTuple):
    """All that differs, by package and version."""

    rows: tuple[Change, ...]
    counts: DiffCounts
    ecosystems: tuple[str, ...]


def compare(left: Inventory, right: Inventory) -> Comparison:
    """What changed from `left` to `right`.

    Of a package with several versions, equal versions are one and the same; the others are paired from the
    highest down, and what is left over was added or removed.
    """
    lost, gained = _Keyed(left.lines - right.lines), _Keyed(right.lines - left.lines)
    several = lost.several.keys() | gained.several.keys()
    rows: list[Change | None] = []
    for key in sorted(lost.one.keys() | gained.one.keys()):
        if key in several:
            rows += _pairs(lost.all(key), gained.all(key))
        else:
            rows.append(_change(lost.one.get(key), gained.one.get(key)))
    return _counted(rows, len(left.lines & right.lines))


class DiffFilter(BaseModel):
    """Which rows of a comparison. `text` is in the name, group or purl, whatever its case."""

    model_config = ConfigDict(frozen=True)

    kind: tuple[ChangeKind, ...] = ()
    ecosystem: tuple[str, ...] = ()
    text: str = ""

    def active(self) -> int:
        """How many conditions hide rows."""
        return len(self.to_pairs())

    def to_pairs(self) -> list[tuple[str, str]]:
        """The filter as query pairs in a fixed order."""
        pairs = [(name, str(value)) for name in ("kind", "ecosystem") for value in getattr(self, name)]
        return [*pairs, ("text", self.text)] if self.text else pairs

    def choose(self, rows: Sequence[Change]) -> Sequence[Change]:
        """The rows that match, in their order."""
        if not self.active():
            return rows
        text, kinds, ecosystems = self.text.casefold(), set(self.kind), set(self.ecosystem)
        return [
            row
            for row in rows
            if (not kinds or not kinds.isdisjoint(row.kinds))
            and (not text or _has_text(row, text))
            and (not ecosystems or row.part.ecosystem in ecosystems)
        ]


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts 1.10 after 1.9. Any two texts compare."""
    pieces = _DIGITS.split(text)
    return tuple((1, int(piece), "") if i % 2 else (0, 0, piece) for i, piece in enumerate(pieces) if piece)


def in_words(counts: DiffCounts) -> str:
    """The counts as a sentence: "3 added, 1 removed, 4 changed"."""
    if not counts.total:
        return "nothing changed"
    return f"{counts.added:,} added, {counts.removed:,} removed, {counts.changed:,} changed"


class _Keyed:
    """Lines by the identity of their package: one of each, and all of those that have several."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.one: dict[str, str] = {}
        self.several: dict[str, list[str]] = {}
        for line in lines:
            if line.count(BETWEEN) != _BETWEENS:
                raise Damaged("This is no file of packages.")
            key = line[: line.index(BETWEEN)]
            if (first := self.one.setdefault(key, line)) is not line:
                self.several.setdefault(key, [first]).append(line)

    def all(self, key: str) -> list[Part]:
        """The packages of this identity."""
        if key in self.several:
            return [read_part(line) for line in self.several[key]]
        return [read_part(self.one[key])] if key in self.one else []


def _has_text(row: Change, text: str) -> bool:
    # Only with a slash can it be in the group and the name together, which are no neighbours in a line.
    if "/" not in text and text not in row.line.casefold():
        return False
    part = row.part
    return text in f"{part.key}\n{part.group}/{part.name}".casefold()


def _change(left: str | None, right: str | None) -> Change | None:
    """What changed of one package; None where only the spelling of its name or its type did: that is no change."""
    if left is None:
        return Change(None, right, ChangeKind.ADDED.value)
    if right is None:
        return Change(left, None, ChangeKind.REMOVED.value)
    _, version_before, licences_before, _ = left.split(BETWEEN, 3)
    _, version, licences, _ = right.split(BETWEEN, 3)
    if version == version_before:
        return None if licences == licences_before else Change(left, right, ChangeKind.LICENCE.value)
    return Change(left, right, ChangeKind.VERSION.value if licences == licences_before else BOTH)


def _pairs(lost: list[Part], gained: list[Part]) -> list[Change | None]:
    """The changes of one package that several versions are known of."""
    pairs: list[tuple[Part | None, Part | None]] = []
    kept_lost, kept_gained = _by_version(lost), _by_version(gained)
    for version in sorted(kept_lost.keys() & kept_gained.keys()):
        before, after = kept_lost[version], kept_gained[version]
        while before and after:
            pairs.append((before.pop(0), after.pop(0)))
    pairs += zip_longest(_falling(kept_lost), _falling(kept_gained))
    return [_change(before and before.line, after and after.line) for before, after in sorted(pairs, key=_in_order)]


def _in_order(pair: tuple[Part | None, Part | None]) -> tuple[Any, ...]:
    before, after = pair
    part = after or before
    assert part is not None
    return natural(part.version), part, before is None


def _by_version(found: list[Part]) -> dict[str, list[Part]]:
    kept: dict[str, list[Part]] = defaultdict(list)
    for part in sorted(found):
        kept[part.version].append(part)
    return kept


def _falling(by_version: dict[str, list[Part]]) -> list[Part]:
    """What is left, the highest version first."""
    rest = [part for of_version in by_version.values() for part in of_version]
    return sorted(rest, key=lambda part: (natural(part.version), part), reverse=True)


def _counted(found: Sequence[Change | None], same: int) -> Comparison:
    """The rows with their counts, without those that are no change."""
    rows = tuple(filter(None, found))
    names = Counter(row.name for row in rows)
    counts = DiffCounts(
        added=names[ChangeKind.ADDED],
        removed=names[ChangeKind.REMOVED],
        version=names[ChangeKind.VERSION] + names[BOTH],
        licence=names[ChangeKind.LICENCE] + names[BOTH],
        changed=names[ChangeKind.VERSION] + names[ChangeKind.LICENCE] + names[BOTH],
        same=same + len(found) - len(rows),
    )
    return Comparison(rows, counts, _ecosystems(rows))


def _ecosystems(rows: Sequence[Change]) -> tuple[str, ...]:
    """The ecosystems of all rows: those are few, and one package of each beginning of an identity tells them."""
    alike: dict[tuple[str, str], str] = {}
    for line in (row.line for row in rows):
        alike[line.partition(BETWEEN)[0].partition("/")[0], line.rpartition(BETWEEN)[2]] = line
    return tuple(sorted({read_part(line).ecosystem for line in alike.values()}))
