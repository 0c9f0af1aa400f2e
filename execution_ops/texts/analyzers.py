"""Analyzers and the cache of their results."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.sizes import describe_bytes

# pages/analyzers.py
ANALYZERS_SUMMARY: Final = "What Syft looks for, how well each analyzer does, and which of them scans run."
TEST_ALL: Final = "Test all"
HEALTHY: Final = "Healthy"
DEGRADED: Final = "Degraded"
FAILED: Final = "Failed"
NOT_TRIED_YET: Final = "Not tried yet"
DEFAULT_ANALYZERS: Final = "Default analyzers"
HOLDS_FOR_SCANS_STARTED_AFTERWARDS: Final = (
    "A change holds for scans started afterwards; scans that were started go on with what held then."
)
NEVER_CHANGED: Final = "never changed"
ANALYZER: Final = "Analyzer"
HEALTH: Final = "Health"
LAST_RAN: Final = "Last ran"
SUCCESS: Final = "Success"
P50_P95: Final = "p50 / p95"
SELF_TEST: Final = "Self-test"
LAST_ERROR: Final = "Last error"
LEFT_OUT: Final = "left out"
NO_FIGURE: Final = "no figure"
TEST: Final = "Test"
SYFT_WAS_NEVER_ASKED: Final = "Syft was never asked what it offers"
SYFT_WAS_NEVER_ASKED_WHY: Final = (
    "Which analyzers there are is for the Syft of the workers to say. The first scan asks it, and so does "
    "Refresh. The same from a terminal:"
)
REFRESH_COMMAND: Final = "execution-ops analyzers refresh"

ASKED: Final = "asked {age}"
SYFT_COULD_NOT_BE_ASKED: Final = "Syft could not be asked {age}."
ANOTHER_KIT_BECAME_ACTIVE: Final = "Another offline kit became active {age}."
SCANS_RUN_ALL_BUT: Final = "Scans run all analyzers but {left_out}."
SCANS_RUN_ALL: Final = "Scans run all analyzers."


def on_worker(worker: object) -> str:
    """Which worker was asked."""
    return f"on {worker}"


def said_by_another_syft(version: object) -> str:
    """Whose word the page still shows after a change of Syft."""
    return (
        f"Workers may use another Syft since. What stands here was said by Syft {version} before; Refresh asks the "
        "one in use, and so does the next scan."
    )


def version(number: object) -> str:
    """A version of the default analyzers."""
    return f"version {number}"


# pages/analyzer_cache.py
CACHE_OF_RESULTS: Final = "Cache of results"
HIT_RATE: Final = "Hit rate"
USED: Final = "Used"
SWITCHED_OFF_IN_THE_SETTINGS: Final = "switched off in the settings"
CLEAR: Final = "Clear…"
CLEAR_THESE: Final = "Clear these"
CLEAR_THE_CACHE: Final = "Clear the cache"
CLEAR_THE_CACHE_SUB: Final = "Look first at what goes, then clear it."
FOUND_BY: Final = "Found by"
KEPT_LONGER_THAN_DAYS: Final = "Kept longer than, days"
KEPT_LONGER_THAN_DAYS_HELP: Final = "0: of any age."
SHOW_WHAT_THAT_DROPS: Final = "Show what that drops"
WHAT_A_CLEAR_DROPS_NOW: Final = "What a clear drops now"
ANY_ANALYZER: Final = "Any analyzer"

LOOKED_AT_ONCE: Final = (
    "An archive or image with the same content, looked at by the same Syft with the same settings, is not looked at "
    "twice. The limits are those of the {settings}."
)


def documents_stay(scope: object) -> str:
    """What a clear of the cache does not touch."""
    return f"{scope}. The documents stay with the jobs that found them; what is kept after this look stays too."


# pages/analyzer_drawers.py
REFRESH_IF_IT_SHOULD_BE_THERE: Final = "Refresh, if it should be there: another Syft may have answered last."
THIS_ANALYZER_IS_NOT_THERE: Final = "This analyzer is not there"
THE_SYFT_IN_USE_HAS_NONE: Final = "The Syft in use has none of this name."
THE_ANALYZER: Final = "The analyzer"
RUNS_BY_DEFAULT: Final = "Runs by default"
NO_SCANS_LEAVE_IT_OUT: Final = "no: scans leave it out"
LAST_200_RUNS: Final = "Last 200 runs"
CATALOGERS: Final = "Catalogers"
CAPABILITIES: Final = "Capabilities"
LAST_SELF_TEST: Final = "Last self-test"
LAST_RUNS: Final = "Last runs"
IT_HAS_NOT_RUN_YET: Final = "It has not run yet."
HOW_HEALTH_IS_TOLD: Final = "How health is told"
IT_WAS_NOT_TESTED_YET: Final = "It was not tested yet."
WHAT_IS_SAVED_HOLDS_AFTERWARDS: Final = (
    "What is saved holds for scans started afterwards. Scans that were started, and their retries, go on with "
    "what held then."
)
RUN_BY_DEFAULT: Final = "Run by default"
WHAT_THE_DRAFT_CHANGES: Final = "What the draft changes"
NOTHING_YET: Final = "Nothing yet."
NOTHING_WAS_SAVED_YET: Final = "Nothing was saved yet: scans run all analyzers."
DEFAULT_ANALYZERS_SUB: Final = "Which analyzers scans run. The draft is in the address."
BEGIN_WITH_WHAT_HOLDS_NOW: Final = "Begin with what holds now"

THIS_ONE_DECIDED: Final = "This one decided."
VERSION_LINE: Final = "{version}{now}, {what}"
HOLDS_NOW: Final = " (holds now)"


def syft(version: object) -> str:
    """Which Syft a self-test ran."""
    return f"Syft {version}"


def the_version(number: object) -> str:
    """A version at the beginning of its line."""
    return f"Version {number}"


# state/analyzers.py
SYFT_IS_BEING_ASKED: Final = "Syft is being asked."
OPEN_THE_JOBS: Final = "Open the jobs"


def is_being_tested(names: object) -> str:
    return f"{names} is being tested."


def analyzers_are_being_tested(count: object) -> str:
    return f"{count} analyzers are being tested."


# state/analyzers_changes.py
DROPS: Final = "Drops"
STAYS: Final = "Stays"
THE_DOCUMENTS_OF_THE_JOBS: Final = "the documents of the jobs that found it"
THE_DRAFT_CHANGES_NOTHING: Final = "The draft changes nothing."
THERE_IS_NO_SUCH_ENTRY: Final = "There is no such entry."


def asks_clear(clear_words: object) -> str:
    return f"Clear {clear_words}?"


def clear(clear_words: object) -> str:
    return f"Clear {clear_words}"


def asks_save(defaults_version: object) -> str:
    return f"Save version {defaults_version} of the default analyzers?"


def save_version(defaults_version: object) -> str:
    return f"Save version {defaults_version}"


def asks_roll_back(version: object) -> str:
    return f"Roll back to version {version} of the default analyzers?"


def roll_back(version: object) -> str:
    return f"Roll back to version {version}"


def cleared(cleared: object) -> str:
    return f"Cleared {cleared}."


def version_holds(version: object) -> str:
    return f"Version {version} holds for scans started from now on."


def saved_meanwhile(version: object) -> str:
    return f"Version {version} was saved while you had this open."


# state/analyzers_view.py
UNTRIED: Final = "not tried yet"
NOT_IN_THIS_SYFT: Final = "not in this Syft"
NO_FIXTURE: Final = "There is no fixture of this ecosystem to test it with."
FROM_THE_CACHE: Final = "from the cache"
SYFT_WAS_NOT_ASKED_YET: Final = "Syft was not asked yet"
SCANS_STARTED_AFTERWARDS_LEAVE_IT_OUT: Final = "scans started afterwards leave it out"
SCANS_STARTED_AFTERWARDS_RUN: Final = "scans started afterwards run it"
RUNS_ONCE_SYFT_HAS_IT: Final = "scans run it as soon as Syft has it"
ALL_ANALYZERS: Final = "all analyzers"
THIS_IS_WHAT_HOLDS_NOW: Final = "This is what holds now."


def in_all(components: int) -> str:
    return f"{components:,} in all"


def without(disabled: object) -> str:
    return f"without {disabled}"


def no_fixture_for(names: object) -> str:
    return f"There is no fixture for {names}: a few text files don't make one."


def of_succeeded(runs: int, runs_of: int) -> str:
    return f"{runs:,} of {runs_of:,} succeeded"


def taken_from_the_cache(cached: int) -> str:
    return f"{cached:,} taken from the cache"


def components_in_all(components: int) -> str:
    return f"{components:,} components in all"


# state/cache_view.py
WHAT_ALL_ANALYZERS_FOUND: Final = "What all analyzers found"


def dropped(evicted: int, expired: int) -> str:
    return f"{evicted:,} evicted, {expired:,} expired in 7 days"


def limits(max_bytes: int, ttl_days: object) -> str:
    return f"at most {describe_bytes(max_bytes)}, for {ttl_days} days"


def what_found(analyzer: object) -> str:
    return f"What {analyzer} found"


def kept_longer(which: object, older_days: int, days: object) -> str:
    return f"{which}, kept more than {older_days:,} {days} ago"
