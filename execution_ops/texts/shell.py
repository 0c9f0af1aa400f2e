"""The frame of every page, and the page of an unknown address."""

from __future__ import annotations

from typing import Final

# pages/not_found.py
NOT_FOUND: Final = "Not found"
NOT_FOUND_WHY: Final = "The address may be mistyped, or what it named is gone. The nearest pages:"
NO_PAGE_AT_THIS_ADDRESS: Final = "No page at this address"

# state/live.py
NOT_LOADED_YET: Final = "Not loaded yet."
UNEXPECTED: Final = "Something went wrong while reading this page. The console's log has the details."


# shell/frame.py
PRODUCT: Final = "Execution Operations"
SKIP_TO_THE_CONTENT: Final = "Skip to the content"
KEYBOARD_SHORTCUTS: Final = "Keyboard shortcuts"
SIGN_OUT: Final = "Sign out"
ENVIRONMENT: Final = "Environment"
MAIN: Final = "Main"


# shell/navigation.py
BREADCRUMBS: Final = "Breadcrumbs"
ALL_PAGES: Final = "All pages"
MAIN_ON_A_PHONE: Final = "Main, small screen"


# shell/shortcuts.py
FIND_ANYTHING: Final = "Find a page, a verb or an id"
SEARCH_IN_THE_LIST: Final = "Search in the list or the log, else everywhere"
ADD_A_FILTER: Final = "Add a filter"
THIS_HELP: Final = "This help"
CLOSE_WHAT_IS_OPEN: Final = "Close what is open"
NEXT_ROW: Final = "Next row"
PREVIOUS_ROW: Final = "Previous row"
OPEN_THE_ROW: Final = "Open the row"
SELECT_THE_ROW: Final = "Select the row"
EVERYWHERE: Final = "Everywhere"
IN_A_TABLE: Final = "In a table"
ON_THIS_PAGE: Final = "On this page"
GO_TO: Final = "Go to"


# components/live.py
ONE_NEW_CHANGE: Final = "1 new change"
NO_CHANGE_IS_HELD_BACK: Final = "No change is held back"


def new_changes(count: object) -> str:
    return f"{count} new changes"


# state/palette.py
RUN: Final = "Run"
DEAD_LETTER: Final = "Dead letter"
REPLAY_PLAN: Final = "Replay plan"
THERE_ARE_MORE: Final = "There are more. Type more of the id to see the others."
