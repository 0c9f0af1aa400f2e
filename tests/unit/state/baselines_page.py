"""Baselines and comparisons for the tests of their page."""

from __future__ import annotations

from typing import Any

from execution_ops.domain.baselines import Baseline, BaselinePage
from execution_ops.domain.ids import new_id
from execution_ops.domain.sbom_diff import compare
from execution_ops.domain.sbom_parts import inventory
from execution_ops.services.baseline_answers import ComparisonPage
from execution_ops.state.comparison_view import Shown
from tests.baselines import document
from tests.unit.domain.test_baseline_choice import baseline

# Part of the names of tests, so the same in every process.
ONE, TWO = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
NOTHING = BaselinePage(rows=(), older=None, newer=None)


def made(number: int, label: str, *, promoted: bool = False, **values: Any) -> Baseline:
    return baseline(number, label, promoted=promoted).model_copy(update={"id": new_id(), **values})


def compared(left: Baseline, right: Baseline, shown: Shown, start: int = 0) -> ComparisonPage:
    before, after = [("react", "1"), ("gone", "1")], [("react", "2", "ISC"), ("new", "", "")]
    found = compare(inventory(document(before)), inventory(document(after)))
    rows = shown.where.choose(found.rows)
    return ComparisonPage(
        left=left,
        right=right,
        counts=found.counts,
        ecosystems=found.ecosystems,
        rows=tuple(rows[start:]),
        start=start,
        matching=len(rows),
    )
