"""The filter of the list of benchmark results, and its pages: what is measured is few, so it is filtered in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from execution_ops.domain.benchmarks import BenchState, Judged
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.named_pages import NamedPage, check_place, named_page
from execution_ops.domain.query_values import by_key, distinct, either, one_of_words, read_pairs

# A path has thousands of characters, a cursor must not: a digest tells apart what begins alike.
_NAME_PART = 50
_KINDS = (str, str, str)


class BenchFilter(ListFilter):
    """Which results. Values of one field are alternatives; different fields all have to match."""

    scenario: tuple[str, ...] = ()
    analyzer: tuple[str, ...] = ()
    tenant: tuple[str, ...] = ()
    state: tuple[BenchState, ...] = ()

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> BenchFilter:
        """Read a query string (or its pairs); unknown keys are the page's own. InvalidInput, in words."""
        found = by_key(read_pairs(query))
        return cls(
            scenario=distinct(found.get("scenario", ())),
            analyzer=distinct(found.get("analyzer", ())),
            tenant=distinct(found.get("tenant", ())),
            state=one_of_words(BenchState, found.get("state", ()), "state"),
        )

    def describe(self) -> str:
        """The filter in words: "latest results of go_modules with the analyzer go that are a breach"."""
        text = "latest results"
        if self.scenario:
            text += f" of {either(self.scenario)}"
        if self.analyzer:
            text += f" with the analyzer {either(self.analyzer)}"
        if self.tenant:
            text += f" of tenant {either(self.tenant)}"
        if self.state:
            text += f" that are {either('a breach' if one is BenchState.BREACH else one for one in self.state)}"
        return text if self.active() else "all latest results"

    def matches(self, one: Judged) -> bool:
        """Whether the result is one of these."""
        return (
            (not self.scenario or one.result.scenario in self.scenario)
            and (not self.analyzer or one.result.analyzer in self.analyzer)
            and (not self.tenant or one.result.tenant in self.tenant)
            and (not self.state or one.verdict.state in self.state)
        )


def bench_page(rows: Iterable[Judged], where: BenchFilter, cursor: str | None, limit: int) -> NamedPage[Judged]:
    """One page of those that match, by scenario and analyzer; InvalidInput for a bad cursor."""
    return named_page((one for one in rows if where.matches(one)), _place, cursor, limit, kinds=_KINDS)


def check_bench_cursor(cursor: str) -> str:
    """The cursor of a page ("" for the first one); InvalidInput if it is damaged."""
    return check_place(cursor, _KINDS)


def _place(one: Judged) -> tuple[str, str, str]:
    # Not the id of the result, which is another after each benchmark: the place is that of its series.
    result = one.result
    return result.scenario[:_NAME_PART], result.analyzer, f"{result.tenant} {_digest(result.scenario)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
