"""Texts of jobs as they can be stored: bounded, and without what a database or a terminal would choke on."""

from __future__ import annotations

import re

LINE_MAX = 4_000
_ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")
# Control characters as their visible pictures: they can't act on a terminal, and nothing is lost.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {127: 0x2421}


def safe_lines(text: str) -> list[str]:
    """The lines of a text as they can be stored and shown: bounded, without control characters.

    Of a line that a carriage return overwrote (a progress bar) only the last state is kept.
    """
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return [_bounded(safe_text(line)) for line in lines]


def safe_text(text: str) -> str:
    """The text without what a database or a terminal would choke on; line breaks stay."""
    plain = _ANSI.sub("", text).translate(_PICTURES)
    return plain.encode("utf-8", "backslashreplace").decode()


def _bounded(line: str) -> str:
    return line if len(line) <= LINE_MAX else f"{line[:LINE_MAX]} … {len(line) - LINE_MAX:,} more characters"
