"""Every weakness of the table has tests that are there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.security.cves import ROWS, Row

TESTS = Path(__file__).parents[1]
POLICY = TESTS.parent / "SECURITY.md"


@cache
def known_tests(file: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.ids[0])
def test_each_weakness_has_tests_that_are_there(row: Row) -> None:
    assert row.tests
    for test in row.tests:
        file, _, name = test.partition("::")
        assert name in known_tests(file), test


def test_a_weakness_is_named_once() -> None:
    ids = [one for row in ROWS for one in row.ids]
    assert len(ids) == len(set(ids))


def test_the_policy_says_where_the_table_is() -> None:
    assert "tests/security/cves.py" in POLICY.read_text(encoding="utf-8")
