"""What a comparison shows: both sides, the counts as filters, and a page of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id
from execution_ops.domain.query_values import VALUE_MAX, by_key, distinct, last, one_of_words, read_pairs
from execution_ops.domain.sbom_diff import KIND_WORDS, Change, ChangeKind, DiffCounts, DiffFilter
from execution_ops.domain.sbom_exports import DiffFormat
from execution_ops.domain.text import visible
from execution_ops.services.baseline_answers import ComparisonPage
from execution_ops.services.baselines import ROWS_MAX
from execution_ops.texts import baselines as words

_DIGITS = 9
_CUT = 300
_KEYS = frozenset({"left", "right", "kind", "ecosystem", "text", "start"})
_EVERYTHING = DiffFilter()


@dataclass(frozen=True)
class Shown:
    """What the address says of a comparison: its sides, the filter, and from which row on. Without `right` nothing
    is compared yet: it is to be chosen."""

    left: str = ""
    right: str = ""
    where: DiffFilter = _EVERYTHING
    start: int = 0

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]]) -> Shown:
        """From the pairs of an address; InvalidInput for what no comparison could show."""
        many = by_key(read_pairs([pair for pair in pairs if pair[0] in _KEYS]))
        left, right, start = last(many, "left"), last(many, "right"), last(many, "start") or "0"
        if not left:
            return cls()
        if not start.isascii() or not start.isdigit() or len(start) > _DIGITS:
            raise InvalidInput("start is the number of a row of the comparison.")
        where = DiffFilter(
            kind=one_of_words(ChangeKind, many.get("kind", ()), "kind"),
            ecosystem=distinct(many.get("ecosystem", ())),
            text=last(many, "text"),
        )
        return cls(check_id(left), check_id(right) if right else "", where, int(start))

    def href(self, where: DiffFilter, start: int = 0) -> str:
        """The same comparison with another filter, from a row on."""
        more = [("start", str(start))] if start else []
        return routes.compare_baselines(self.left, self.right, [*where.to_pairs(), *more])

    def export(self, form: DiffFormat) -> str:
        """The file of what the filter leaves."""
        sides = [("left", self.left), ("right", self.right)]
        return routes.api_comparison_export([*sides, *self.where.to_pairs(), ("format", form.value)])


@dataclass(frozen=True)
class ChangeLine:
    """One row. `changed` is the name of its look; an empty version or licence is said as such."""

    key: str
    name: str
    purl: str
    ecosystem: str
    kind: str
    version_before: str
    version_after: str
    licences_before: str
    licences_after: str
    licences_differ: bool


@dataclass(frozen=True)
class CountTab:
    """One of the counts, which filters the rows."""

    title: str
    href: str
    count: str
    on: bool


@dataclass(frozen=True)
class EcosystemOption:
    """An ecosystem to choose; `value` as the address spells it."""

    value: str
    label: str


def ecosystem_options(page: ComparisonPage, shown: Shown) -> list[EcosystemOption]:
    """The ecosystems of a comparison, and those of its address, which must not look like none chosen."""
    names = sorted({*page.ecosystems, *shown.where.ecosystem})
    return [EcosystemOption(name, _cut(name)) for name in names if len(name) <= VALUE_MAX]


def change_lines(page: ComparisonPage) -> list[ChangeLine]:
    """The rows as they are shown."""
    return [_change_line(page.start + number, row) for number, row in enumerate(page.rows)]


def count_tabs(counts: DiffCounts, shown: Shown) -> list[CountTab]:
    """All, then each kind; each keeps the rest of the filter."""
    where = shown.where
    free = where.model_copy(update={"kind": ()})
    tabs = [CountTab(words.ALL_CHANGES, shown.href(free), f"{counts.total:,}", not where.kind)]
    for kind in ChangeKind:
        chosen = where.model_copy(update={"kind": (kind,)})
        tabs.append(CountTab(KIND_WORDS[kind], shown.href(chosen), f"{counts.of(kind):,}", where.kind == (kind,)))
    return tabs


def pages(page: ComparisonPage, shown: Shown) -> tuple[str, str, str]:
    """The addresses of the pages before and after, empty for none, and which rows these are."""
    end = page.start + len(page.rows)
    before = shown.href(shown.where, max(0, page.start - ROWS_MAX)) if page.start else ""
    after = shown.href(shown.where, end) if end < page.matching else ""
    told = words.rows_shown(page.start + 1, end, page.matching) if page.rows else words.none_shown(page.matching)
    return before, after, told


def summary(left: Baseline, right: Baseline, counts: DiffCounts) -> str:
    """What the comparison says as a whole."""
    same = words.packages_are_the_same(counts.same)
    if (left.tenant, left.source) != (right.tenant, right.source):
        same += words.THESE_ARE_BASELINES_OF_TWO_SOURCES
    return words.nothing_changed_but(same) if not counts.total else words.packages_changed(counts.total, same)


def diff_facts(counts: DiffCounts) -> list[tuple[str, str]]:
    """The counts as the facts of a question."""
    return [(KIND_WORDS[kind], f"{counts.of(kind):,}") for kind in ChangeKind]


def _change_line(number: int, row: Change) -> ChangeLine:
    part, before, after = row.part, row.before, row.after
    return ChangeLine(
        key=str(number),
        name=_cut(f"{part.group}/{part.name}" if part.group else part.name),
        purl=_cut(part.key),
        ecosystem=_cut(part.ecosystem),
        kind=row.name,
        version_before=_cut(before.version) if before else "",
        version_after=_cut(after.version) if after else "",
        licences_before=_cut(before.licences) if before else "",
        licences_after=_cut(after.licences) if after else "",
        licences_differ=ChangeKind.LICENCE in row.kinds,
    )


def _cut(text: str) -> str:
    """A text of a document as a cell: nothing in it steers or reorders, and it ends."""
    return visible(text if len(text) <= _CUT else f"{text[:_CUT]}…")
