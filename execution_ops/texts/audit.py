"""The audit, and what the pages of other things show of it."""

from __future__ import annotations

from typing import Final

# pages/audit.py
EVENTS_FILTER: Final = "Filter by who, verb, kind, id, tenant, time, ticket, words of the reason"
EXPORT_THE_EVENTS: Final = "Export the events that match"
JSON_DOCUMENT: Final = "JSON, one document"
DONE: Final = "Done"
DONE_IN: Final = "Done, {zone}"
VERB: Final = "Verb"
WHAT: Final = "What"
WHO: Final = "Who"
THINGS: Final = "Things"
WHAT_WAS_DONE: Final = "What was done"
NONE_GIVEN: Final = "none given"
NONE: Final = "none"
NOTHING_WAS_DONE: Final = "Nothing was done yet"
NOTHING_WAS_DONE_WHY: Final = (
    "Every change that somebody makes here is written down: who, what, why, and what it changed. So is every export,"
    " and every look at a secret. The first one is usually a scan or a job."
)
GO_TO_THE_JOBS: Final = "Go to the jobs"

# pages/audit_drawer.py
BACK_TO_THE_EVENTS: Final = "Go back to the list: it has the events that there are."
NOT_THERE: Final = "This event is not there"
UNDO: Final = "Undo"
WAY_BACK: Final = "The way back closes {until}"
FROM: Final = "From"
NOT_KNOWN: Final = "not known"
FILTER: Final = "Filter"
NO_FILTER: Final = "none: by itself"
REQUEST: Final = "Request"
UNDOES: Final = "Undoes"
UNDONE_BY: Final = "Undone by"
NOTHING: Final = "nothing"
DONE_TO: Final = "Done to"
WHAT_CHANGED: Final = "What changed"
BEFORE_AND_AFTER: Final = "Before and after"
VALUE: Final = "Value"
BEFORE: Final = "Before"
AFTER: Final = "After"
CUT: Final = "This is the beginning of it; an export has it whole."

# state/audit.py, state/audit_view.py, state/shell.py
ALL_TENANTS: Final = "all tenants"
SEVERAL_TENANTS: Final = "several or none"
ALL_THINGS: Final = "all"
UNDONE: Final = "undone"
AN_UNDO: Final = "an undo"


def event(number: object) -> str:
    return f"Event {number}"


def undone(what: str) -> str:
    """The message of an undo."""
    return f"Undone: {what}"


def not_undone(why: str) -> str:
    """The same where it was refused."""
    return f"Not undone: {why}"


def undone_by(number: object) -> str:
    return f"undone by event {number}"


def undoes(number: object) -> str:
    return f"undoes event {number}"


# components/timeline.py
ALL_IN_THE_AUDIT: Final = "All of it in the audit"
