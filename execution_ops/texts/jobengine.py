"""The summary of the JobEngine, the job list and the Scan dialog."""

from __future__ import annotations

from typing import Final

# pages/jobengine.py
NOTHING_HAS_RUN_YET: Final = "Nothing has run yet"
NOTHING_HAS_RUN_YET_WHY: Final = (
    "Start with a scan: it finds the packages in a directory, an archive or a container image, and you watch its "
    "jobs run. The same from a terminal:"
)
READY_TO_START: Final = "ready to start"
BEHIND_A_PARENT: Final = "Behind a parent"
DONE_LAST_HOUR: Final = "Done, last hour"
FAILED_LAST_HOUR: Final = "Failed, last hour"
OR_TIMED_OUT: Final = "or timed out"
PENDING: Final = "Pending"
RUNNING_LIMIT: Final = "Running / limit"

WAITING_WORD: Final = "waiting"
NO_WORKER: Final = "no worker"


def open_quotas_of(queue: object) -> str:
    return f"Open quotas of {queue}"


def count_waiting(count: object) -> str:
    """How many jobs of a queue wait."""
    return f"{count} waiting"


# pages/jobs.py
JOBS_FILTER: Final = "Filter by state, type, queue, tenant, time, id, error, payload"
EXPORT_THE_JOBS_THAT_MATCH: Final = "Export the jobs that match"
NO_JOB_YET: Final = "No job yet"
NO_JOB_YET_WHY: Final = "Jobs appear here as soon as something starts them. A scan of a directory is the quickest way."
OPEN_THE_BACKGROUND_JOB: Final = "Open the background job"
WHAT_IT_DID: Final = "What it did"
OPEN_IT_TO_CANCEL: Final = "Open it to cancel"


def done_of(done: object, total: object) -> str:
    """How far the background job is."""
    return f"{done} of {total}"


# pages/scan_dialog.py
SCAN_SOURCE_HELP: Final = "A path on the machine that runs the workers."
TENANT_HELP: Final = "Whom the scan is for; the default tenant if empty."
WHAT_A_SCAN_STARTS: Final = (
    "Starts one job that looks at the source, one for each ecosystem that it finds, and three that merge, compare"
    " and export. Nothing is written to the source."
)
START_THE_SCAN: Final = "Start the scan"
SCAN_LEAD: Final = "Finds the packages in it and writes them down as a CycloneDX document."
UP: Final = "Up"
WHAT_IS_THERE: Final = "What is there"


def more_not_shown(count: object) -> str:
    """A directory that has more entries than the dialog lists."""
    return f"{count} more are not shown; type the path."


# state/jobs.py


def of_all_that_matched(label: object) -> str:
    return f"{label} of all that matched"


# state/jobs_view.py
NEVER_STARTED: Final = "never started"


# pages/queue_cells.py
ARRIVED: Final = "Arrived"
DONE: Final = "Done"
FAILED: Final = "Failed"
DRAINS_IN: Final = "Drains in"
RUNNING: Final = "running"
DONE_WORD: Final = "done"
OPEN_QUOTAS: Final = "Open quotas"
