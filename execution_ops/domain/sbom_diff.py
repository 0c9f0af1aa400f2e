"""What changed from one inventory of packages to another: a pure function, the same whenever it is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.sbom_parts import Inventory, Part, parts

# Longer runs of digits are no numbers, and cost time to read as such.
_DIGITS = re.compile(r"(\d{1,18})")


class ChangeKind(StrEnum):
    """What can be different. `version` and `licence` can both be true of one package."""

    ADDED = "added"
    REMOVED = "removed"
    VERSION = "version"
    LICENCE = "licence"


KIND_WORDS = {
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.VERSION: "Version changed",
    ChangeKind.LICENCE: "Licence changed",
}


class Change(NamedTuple):
    """One package that differs. `before` is None of an added one, `after` of a removed one."""

    before: Part | None
    after: Part | None

    @property
    def part(self) -> Part:
        """The package as it is now, or was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """What changed of it; two where the version and the licences did."""
        if self.before is None:
            return (ChangeKind.ADDED,)
        if self.after is None:
            return (ChangeKind.REMOVED,)
        differs = (
            (ChangeKind.VERSION, self.before.version != self.after.version),
            (ChangeKind.LICENCE, self.before.licences != self.after.licences),
        )
        return tuple(kind for kind, changed in differs if changed)


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
    lost, gained = _by_key(left.lines - right.lines), _by_key(right.lines - left.lines)
    rows: list[Change] = []
    for key in sorted(lost.keys() | gained.keys()):
        before, after = lost.get(key), gained.get(key)
        if before is None or after is None or len(before) > 1 or len(after) > 1:
            rows += _pairs(before or [], after or [])
        else:
            rows.append(Change(before[0], after[0]))
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
            if (not ecosystems or row.part.ecosystem in ecosystems)
            and (not kinds or not kinds.isdisjoint(row.kinds))
            and (not text or text in f"{row.part.key}\n{row.part.group}/{row.part.name}".casefold())
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


def _by_key(lines: Iterable[str]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts(lines):
        if (known := found.get(part[0])) is None:
            found[part[0]] = [part]
        else:
            known.append(part)
    return found


def _pairs(lost: list[Part], gained: list[Part]) -> list[Change]:
    """The changes of one package that several versions are known of."""
    rows: list[Change] = []
    kept_lost, kept_gained = _by_version(lost), _by_version(gained)
    for version in sorted(kept_lost.keys() & kept_gained.keys()):
        before, after = kept_lost[version], kept_gained[version]
        while before and after:
            rows.append(Change(before.pop(0), after.pop(0)))
    rows += map(Change._make, zip_longest(_falling(kept_lost), _falling(kept_gained)))
    return sorted(rows, key=lambda row: (natural(row.part.version), row.part, row.before is None))


def _by_version(found: list[Part]) -> dict[str, list[Part]]:
    kept: dict[str, list[Part]] = defaultdict(list)
    for part in sorted(found):
        kept[part.version].append(part)
    return kept


def _falling(by_version: dict[str, list[Part]]) -> list[Part]:
    """What is left, the highest version first."""
    rest = [part for of_version in by_version.values() for part in of_version]
    return sorted(rest, key=lambda part: (natural(part.version), part), reverse=True)


def _counted(rows: Iterable[Change], same: int) -> Comparison:
    """The rows with their counts, without those where only the spelling of the name or the type differs: that is no
    change of a package."""
    changes: list[Change] = []
    added = removed = version = licence = 0
    for row in rows:
        before, after = row
        if before is None:
            added += 1
        elif after is None:
            removed += 1
        else:
            other_version, other_licence = before.version != after.version, before.licences != after.licences
            if not other_version and not other_licence:
                same += 1
                continue
            version += other_version
            licence += other_licence
        changes.append(row)
    counts = DiffCounts(
        added=added,
        removed=removed,
        version=version,
        licence=licence,
        changed=len(changes) - added - removed,
        same=same,
    )
    return Comparison(tuple(changes), counts, tuple(sorted({row.part.ecosystem for row in changes})))
