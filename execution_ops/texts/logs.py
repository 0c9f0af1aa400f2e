"""The log of a job or a run."""

from __future__ import annotations

from typing import Final

# components/log_view.py
LEVEL: Final = "Level"
SEARCH_THE_LOG: Final = "Search the log"
FOLLOW: Final = "Follow"
DOWNLOAD: Final = "Download"


# state/log_window.py
WARNING: Final = "Warning"
NOTHING_IS_LOGGED_YET: Final = "Nothing is logged yet."
NO_LINE_HAS_THESE_WORDS: Final = "No line has these words."


def none_at_level(level: str) -> str:
    """No line of this level or above has the words that are looked for."""
    return f"No line at the level {level} or above has these words."


def all_below_level(logged: int, level: str) -> str:
    """All lines are below the level."""
    return f"None of the {logged:,} lines is at the level {level} or above."
