"""What becomes of hostile log lines before they are stored."""

from __future__ import annotations

import pytest

from execution_ops.backends.embedded.texts import LINE_MAX, safe_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one", ["one"]),
        ("one\ntwo\n", ["one", "two"]),
        ("", [""]),
        ("a\n\nb", ["a", "", "b"]),
        ("10%\r50%\r100%\n", ["100%"]),
        ("windows\r\nlines\r\n", ["windows", "lines"]),
        ("\x1b[31mred\x1b[0m", ["red"]),
        ("\x1b]0;title\x07text", ["text"]),
        ("nul\0 bell\x07 esc\x1b", ["nul␀ bell␇ esc␛"]),
        ("half a pair \ud800", ["half a pair \\ud800"]),
        ("tab\tstays", ["tab\tstays"]),
    ],
)
def test_lines_are_made_safe(text: str, lines: list[str]) -> None:
    assert safe_lines(text) == lines


def test_a_long_line_says_what_it_lost() -> None:
    [line] = safe_lines("x" * (LINE_MAX + 1234))
    assert line.startswith("x" * LINE_MAX)
    assert line.endswith("… 1,234 more characters")
