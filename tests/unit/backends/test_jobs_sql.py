"""The statements of the job list: bounded, on a named index, never touching what a list must not read."""

from __future__ import annotations

import pytest

from execution_ops.backends.embedded.jobs_sql import page_query
from execution_ops.backends.embedded.keyset import Span
from execution_ops.backends.embedded.matching import BRANCHES_MAX, Match, id_range, resolve
from execution_ops.backends.embedded.tables import SUBSETS, list_index
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.paging import Towards
from execution_ops.domain.times import EPOCH

OLDER = Span(Towards.OLDER)


@pytest.mark.parametrize("dimensions", SUBSETS)
def test_every_set_of_dimensions_has_its_index_and_a_branch_for_each_state(dimensions: tuple[str, ...]) -> None:
    match = Match(dimensions=dict.fromkeys(dimensions, ("a", "b")), states=() if dimensions else ("failed",))
    sql = page_query(match, OLDER, 51, "sqlite").sql
    assert sql.count(f"INDEXED BY {list_index(dimensions)} ") == match.branches()
    assert sql.count("LIMIT :limit") == match.branches() + 1


@pytest.mark.parametrize(
    ("span", "lower", "upper"),
    [
        (Span(Towards.OLDER, 10, 20, (15, 1)), ">= :after", "< (:at, :n)"),
        (Span(Towards.OLDER, 10, 20, (20, 1)), ">= :after", "< :before"),
        (Span(Towards.NEWER, 10, 20, (15, 1)), "> (:at, :n)", "< :before"),
        (Span(Towards.NEWER, 10, 20, (9, 1)), ">= :after", "< :before"),
    ],
)
def test_each_side_has_one_bound_the_tighter(span: Span, lower: str, upper: str) -> None:
    sql = page_query(Match(), span, 51, "sqlite").sql
    assert lower in sql
    assert upper in sql
    assert sum(sql.count(bound) for bound in (":after", ":before", ":at")) == 2


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_value_of_a_filter_is_in_the_text_of_the_statement(dialect: str) -> None:
    match = Match(dimensions={"tenant": ("x'; DROP TABLE job; --",)}, states=("failed",))
    query = page_query(match, OLDER, 51, dialect)
    assert "DROP" not in query.sql
    assert "x'; DROP TABLE job; --" in query.params.values()
    assert "job_value" not in query.sql


def test_a_viewer_of_no_tenant_or_of_others_matches_nothing() -> None:
    assert resolve(JobFilter(), frozenset(), EPOCH) is None
    assert resolve(JobFilter(tenant=("acme",)), frozenset({"globex"}), EPOCH) is None
    found = resolve(JobFilter(tenant=("acme", "initech")), frozenset({"acme", "globex"}), EPOCH)
    assert found is not None
    assert found.dimensions == {"tenant": ("acme",)}


def test_too_many_branches_make_a_search() -> None:
    many = tuple(f"t{i}" for i in range(BRANCHES_MAX // 7 + 1))
    assert not Match(dimensions={"tenant": many[:-1]}).searches()
    assert Match(dimensions={"tenant": many}).searches()
    assert not Match(dimensions={"tenant": many}, states=("failed",)).searches()


def test_an_id_range_has_whole_ids_at_both_ends() -> None:
    assert id_range("019") == ("01900000-0000-0000-0000-000000000000", "019fffff-ffff-ffff-ffff-ffffffffffff")
    assert id_range("0190-") is None
