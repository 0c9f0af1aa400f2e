"""Counts the cases that the tests of security try, and tells at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_CASES = "cases"
Tried = Callable[[int], None]


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Tried:
    """Say how many cases a test has tried; one that does not say is one case."""

    def count(cases: int) -> None:
        record_property(_CASES, cases)

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases there were, by file."""
    by_file: dict[str, int] = {}
    for report in terminalreporter.getreports("passed"):
        if report.when == "call" and "tests/security/" in report.nodeid:
            file = report.nodeid.partition("::")[0].rpartition("/")[2]
            told = [value for name, value in report.user_properties if name == _CASES]
            by_file[file] = by_file.get(file, 0) + (sum(told) if told else 1)
    if by_file:
        terminalreporter.section("cases of security that held")
        for file, cases in sorted(by_file.items()):
            terminalreporter.line(f"{cases:>7,}  {file}")
        terminalreporter.line(f"{sum(by_file.values()):>7,}  in all")
