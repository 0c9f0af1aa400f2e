"""Jobs & Queues: its tabs, its totals, the rates of its queues, and what blocks."""

from __future__ import annotations

from typing import Final

# pages/jobs_queues.py
SHOW_ALL_QUEUES: Final = "Show all queues"
WHAT_IS_LISTED: Final = "What is listed"
HOW_FAR_BACK: Final = "How far rates reach back"
NOW: Final = "now"
SUCCEEDED: Final = "succeeded"
NEED_A_DECISION: Final = "need a decision"
ONLINE: Final = "online"
STUCK_FIRST: Final = "Those that are stuck first, then by name, 50 per page"
LIVING_FIRST: Final = "Those that live first, by name, 50 per page"
NOTHING_DIED_WHY: Final = "A job that fails for good, with no attempt left, gets an entry here."
FAILED_JOBS: Final = "Failed jobs"

# state/overview_tabs.py
DEAD_LETTERS: Final = "Dead letters"
DEAD_LETTER_NOUN: Final = ("dead letter", "dead letters")
FILTER: Final = "Filter"
QUEUES_FILTER: Final = "Filter by tenant, queue, name"
JOBS_FILTER: Final = "Filter by state, tenant, queue, type, time, error"
RUNS_FILTER: Final = "Filter by state, tenant, time"
LETTERS_FILTER: Final = "Filter by state, tenant, queue, type, time"
WORKERS_FILTER: Final = "Filter by state, queue"
OPEN_ALL_QUOTAS: Final = "Open all quotas"


def review(what: str) -> str:
    return f"Review {what}"


def cancel_or_retry(what: str) -> str:
    return f"Cancel or retry {what}"


def open_these(what: str) -> str:
    return f"Open {what}"


def drain_or_resume(what: str) -> str:
    return f"Drain or resume {what}"


# state/queues_view.py
NONE_WAITS: Final = "none waits"
HOLDS: Final = "holds"
GROWS: Final = "grows"
STANDS_STILL: Final = "stands still"
NONE_WAITS_WHY: Final = "No job waits."
DRAINS_WHY: Final = "Until no job waits, if as many go on to come and to end as lately."
HOLDS_WHY: Final = "As many jobs come as end."
GROWS_WHY: Final = "More jobs come than end."
STANDS_STILL_WHY: Final = "No job has ended lately."


def done_a_minute(queue: str) -> str:
    """The series beside what was done in the last hour."""
    return f"Jobs of {queue} done a minute, in the last hour"


def series(queue: str, what: str, span: str, minutes: int) -> str:
    """A series of figures: `what` is that the jobs "came" or "succeeded", `span` an hour or some."""
    each = "minute" if minutes == 1 else f"{minutes} minutes"
    return f"Jobs of {queue} that {what} in the last {span}, a figure for each {each}"


# components/strip.py, state/standing_view.py, state/summary.py
WHAT_BLOCKS: Final = "What blocks"
BLOCKING: Final = " blocking"
SINCE: Final = "since "
CLEAR: Final = "Nothing blocks."
CLEAR_SINCE: Final = "Nothing has blocked since "
SHOW_THE_MOST_SEVERE: Final = "Show the most severe"
NO_QUEUE_HAS_HAD_A_JOB_YET: Final = "No queue has had a job yet."


def and_more(count: int) -> str:
    return f"and {count:,} more"


def standing(queues: str, blocks: int) -> str:
    """How things stand, in a sentence: "8 queues, 3 things need attention."."""
    need = "1 thing needs attention" if blocks == 1 else f"{blocks:,} things need attention"
    return f"{queues}, {need if blocks else 'nothing blocks'}. Every number opens the list behind it."
