"""Words that stand on pages of more than one area."""

from __future__ import annotations

from typing import Final

# Buttons and links.
COPY: Final = "Copy"
COPY_ID: Final = "Copy id"
CANCEL: Final = "Cancel"
CLOSE: Final = "Close"
OPEN: Final = "Open"
OPEN_THE_JOB: Final = "Open the job"
REFRESH: Final = "Refresh"

# Forms.
AUDITED: Final = "Written to the audit log."
OPTIONAL: Final = " optional"
REQUIRED: Final = " required"
REASON: Final = "Reason"
TICKET: Final = "Ticket"


def fields_need_another_look(count: int) -> str:
    """How many fields of a form hold what can't be taken."""
    return "One field needs another look." if count == 1 else f"{count} fields need another look."


# Lists and tables.
COUNTS: Final = "counts"
FIGURES: Final = "figures"
NOTHING_FOUND_SO_FAR: Final = "Nothing found so far"
GO_ON_SEARCHING: Final = "Go on searching"
MATCH_THE_FILTER: Final = "match the filter"
NEWEST_FIRST: Final = "Newest first, 50 per page"
OLDEST_FIRST: Final = "Oldest first, 50 per page"
NEWER: Final = "Newer"
OLDER: Final = "Older"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
VERBS: Final = "Verbs"
PAGES: Final = "Pages"
STATES: Final = "States"
ALL: Final = "All"
MORE: Final = "More"
SELECT_THIS_PAGE: Final = "Select this page"
SELECTION: Final = "Selection"
NOTHING_IS_SELECTED: Final = "Nothing is selected."
CLEAR_SELECTION: Final = "Clear selection"
SHOW_ALL_FIGURES: Final = "Show all figures"


def selected(count: object) -> str:
    return f"{count} selected"


def select_row(name: object) -> str:
    return f"Select {name}"


def select_all(total: object) -> str:
    return f"Select all {total} matching"


def page_selected(count: object, noun: str) -> str:
    return f"{count} {noun} of this page are selected."


def all_selected(total: object, noun: str) -> str:
    return f"All {total} matching {noun} are selected, also those not on this page."


def shows_no(noun: str) -> str:
    """The title where an address is no list of these things."""
    return f"This address shows no {noun}"


def show_all(noun: str) -> str:
    """The way from there."""
    return f"Show all {noun}"


def none_matches(searched: object, noun: str) -> str:
    """The search for the rows of a page has not come to its end."""
    return f"None of the {searched} {noun} looked at for this page matches. Go on, or narrow the filter."


def looked_at(searched: object, noun: str) -> str:
    """How far the search for the rows of a page went; stands after their order."""
    return f". Looked at {searched} {noun} for this page."


def type_the_number(noun: str) -> str:
    """What to type before a dangerous verb."""
    return f"To confirm, type the number of {noun}"


# Files.
EXPORT: Final = "Export"
CSV: Final = "CSV, for spreadsheets"
JSON: Final = "JSON, for programs"
NDJSON: Final = "NDJSON, for programs"

# In place of what is missing.
NONE: Final = "none"
NONE_YET: Final = "none yet"
NOT_KNOWN: Final = "not known"
NOT_STARTED: Final = "not started"
NOT_YET: Final = "not yet"
NEVER: Final = "never"

# Who did it, when and why.
AT_BY: Final = "{at}, {by}"
BY_AT: Final = "{by}, {at}"
AT_BY_BECAUSE: Final = "{by}, {at}: “{reason}”"
BECAUSE: Final = ": “{reason}”"
QUOTED: Final = "“{text}”"


def paused_because(reason: object) -> str:
    """The title of a note on what is paused."""
    return f"Paused: {reason}"


# What is not there.
NEVER_HERE: Final = "It was never here, or it belongs to a tenant that you may not see."

# Terminal.
START_A_WORKER: Final = "execution-ops worker"
SCAN_A_PATH: Final = "execution-ops scan PATH"

# Names of things and of their facts: heads of columns, labels, titles.
ACTIVE_KIT: Final = "Active kit"
ACTIVE_RUNS: Final = "Active runs"
ALL_JOBS: Final = "All jobs"
ANALYZERS: Final = "Analyzers"
ATTEMPTS: Final = "Attempts"
BASELINE: Final = "Baseline"
BASELINES: Final = "Baselines"
BREACHES: Final = "Breaches"
CHANGE: Final = "Change"
CHANGES: Final = "Changes"
COMPONENTS: Final = "Components"
COPY_THE_SHA_256: Final = "Copy the SHA-256"
CREATED: Final = "Created"
SCAN_SOURCE: Final = "Directory, archive or image tarball"
DOCUMENT: Final = "document"
DURATION: Final = "Duration"
ENABLED: Final = "Enabled"
ENDED: Final = "Ended"
ENTRIES: Final = "Entries"
ERROR: Final = "Error"
FAILED_TODAY: Final = "Failed today"
FIRST: Final = "First"
ID: Final = "Id"
IN_QUARANTINE: Final = "In quarantine"
IT_MAY_HAVE_BEEN_DELETED: Final = "It may have been deleted."
JOB: Final = "Job"
JOB_TYPE: Final = "Job type"
JOBS: Final = "Jobs"
LOG: Final = "Log"
MADE: Final = "Made"
NAME: Final = "Name"
NEW_SCHEDULE: Final = "New schedule"
NEXT_FIRING: Final = "Next firing"
NO_SCHEDULE_YET: Final = "No schedule yet"
OLDEST_WAITING: Final = "Oldest waiting"
PAUSED: Final = "Paused"
PAYLOAD: Final = "Payload"
PRIORITY: Final = "Priority"
PROGRESS: Final = "Progress"
QUEUE: Final = "Queue"
QUEUES: Final = "Queues"
QUOTAS: Final = "Quotas"
RULE: Final = "Rule"
RUNNING: Final = "Running"
RUNNING_NOW: Final = "Running now"
RUNS: Final = "Runs"
SAVE_THE_NEXT_VERSION: Final = "Save the next version"
SAVED: Final = "Saved"
SCANS: Final = "Scans"
SCHEDULE: Final = "Schedule"
SCHEDULES: Final = "Schedules"
SHOW_WHAT_HOLDS_NOW: Final = "Show what holds now"
SOURCE: Final = "Source"
STARTED: Final = "Started"
STATE: Final = "State"
SYFT: Final = "Syft"
TARGETS: Final = "Targets"
TENANT: Final = "Tenant"
DIFFERENCE_TO_WHAT_HOLDS_NOW: Final = "The difference below is to what holds now."
TIME: Final = "Time"
TRIGGER: Final = "Trigger"
TRUST_ROOTS: Final = "Trust roots"
VERSION: Final = "Version"
VERSIONS: Final = "Versions"
WAITING: Final = "Waiting"
WHAT_FIRES_NEXT: Final = "What fires next"
WORKER: Final = "Worker"
WORKERS: Final = "Workers"
IN_ALL: Final = "in all"
NO_LIMIT: Final = "no limit"
NOTHING: Final = "nothing"
SINCE_MIDNIGHT_UTC: Final = "since 00:00 UTC"
