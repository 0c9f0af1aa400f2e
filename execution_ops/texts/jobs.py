"""One job, and its DAG."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.times import describe_duration
from execution_ops.domain.words import counted

# pages/job.py
UNKNOWN_JOB: Final = "Unknown job"
OPEN_DAG: Final = "Open DAG"
THERE_IS_NO_SUCH_JOB: Final = "There is no such job"
TIMELINE: Final = "Timeline"
TIMEOUT: Final = "Timeout"
DEAD_LETTER: Final = "Dead letter"
NO_ATTEMPT_YET: Final = "No attempt yet."
HIDE_SECRETS: Final = "Hide secrets"
REVEAL: Final = "Reveal"
RESULT: Final = "Result"
LINEAGE: Final = "Lineage"
AFTER: Final = "After"
BEFORE: Final = "Before"
SEE_ALL_IN_THE_DAG: Final = "See all in the DAG"

THE_DAG_OF: Final = "DAG of"
DAG_OF: Final = "DAG of {count} {noun}"
JOBS_OF_DAG: Final = ("job", "jobs")


def progress(done: object, total: object) -> str:
    """How far the job is by its own count."""
    return f"{done} of {total}."


def attempts_used(of_all: object) -> str:
    """How many attempts were used, and how they are sorted."""
    return f"{of_all} used, newest first"


def file(size: object) -> str:
    """A file that the job left behind."""
    return f"File, {size}"


def verb_this(label: str) -> str:
    """The question before a verb on the job."""
    return f"{label} this job?"


def verb_one(label: str) -> str:
    """The button that does it."""
    return f"{label} 1 job"


# pages/job_dag.py, components/graph.py
NOTHING_WAS_DONE_TO_THE_DAG: Final = "Nobody did anything to it or to its jobs."
CRITICAL_PATH_LINE: Final = "critical path"
GRAPH: Final = "Graph"
TABLE: Final = "Table"
VIEW: Final = "View"
CRITICAL_PATH: Final = "Critical path"
FAILED_PATH_ONLY: Final = "Failed path only"
WHAT_IS_SHOWN: Final = "What is shown"
RETRY_FAILED: Final = "Retry failed"
RETRY_FAILED_IN_THE_LIST: Final = "Retry failed in the list"
SHOW_THE_TABLE: Final = "Show the table"
THE_TABLE_HAS_THEM_ALL: Final = "The table has them all."
THAT_TAKES_THE_BROWSER_A_MOMENT: Final = "That takes the browser a moment. The table shows the same at once."
DRAW_IT: Final = "Draw it"
STEP: Final = "Step"
WAITS_FOR: Final = "Waits for"
HOLDS: Final = "Holds"
JOBS_OF_THE_DAG: Final = "Jobs of the DAG"
SELECTED: Final = "Selected"
OPEN_JOB: Final = "Open job"


def edges_left_out(count: object) -> str:
    """Edges that no graph can have."""
    return f"The engine reported {count} edges that lead nowhere or close a cycle. They are left out."


def graph_of(title: object) -> str:
    """What the canvas is, and its keys, for who does not see it."""
    return f"Graph of {title}. Arrow keys move between jobs, Enter opens one."


def too_many_to_draw(count: object) -> str:
    """Beyond what is drawn at all."""
    return f"{count} jobs are too many to draw"


def jobs_to_draw(count: object) -> str:
    """Beyond what is drawn without asking."""
    return f"{count} jobs to draw"


def in_order_of_the_steps(page: object, pages: object) -> str:
    """How the table is sorted, and which page of it this is."""
    return f"In order of the steps, page {page} of {pages}"


def asks(what: object) -> str:
    """The question before a verb on jobs of the DAG."""
    return f"{what}?"


# state/dag_view.py


def jobs_in_state(count: int, state: str) -> str:
    """How many jobs of the DAG are in a state."""
    return f"{counted(count, f'{state} job')} of this DAG"


# state/job.py
ITS_CANCEL_WAS_ASKED_FOR_ALREADY: Final = "Its cancel was asked for already."
OPEN_ITS_QUOTA: Final = "Open its quota"
OPEN_THE_WORKERS_OF_ITS_QUEUE: Final = "Open the workers of its queue"
OPEN_WHAT_IT_WAITS_FOR: Final = "Open what it waits for"


def per_attempt(timeout_ms: int) -> str:
    return f"{describe_duration(timeout_ms)} per attempt"


# state/job_view.py


def and_more(left_out: int) -> str:
    return f"and {left_out:,} more"


def waited(began: int) -> str:
    return f"waited {describe_duration(began)}"


def waiting(end: int) -> str:
    return f"waiting {describe_duration(end)}"


def attempt_runs(number: object, length: int) -> str:
    return f"attempt {number} running for {describe_duration(length)}"


def attempt_ended(number: object, word: object, length: int) -> str:
    return f"attempt {number} {word} after {describe_duration(length)}"


def of_attempt(words: object, attempt: object) -> str:
    return f"{words}, attempt {attempt}"


# state/job_outcome.py
OUTCOME_NOT_KNOWN: Final = "What came of it is not known: the database does not answer."


def job_is(state: object) -> str:
    return f"The job is {state}."


def job_is_still(state: object) -> str:
    return f"The job is still {state}."


# state/dag.py
NOTHING_TO_RETRY: Final = "Nothing failed, timed out or was canceled."
NOTHING_FAILED_OR_TIMED_OUT: Final = "Nothing failed or timed out."
ONCE_THEY_SUCCEED: Final = "once they succeed"
ONCE_IT_SUCCEEDS: Final = "once it succeeds"
CONTINUE: Final = "Continue"


def waiting_behind(held: int, once: object) -> str:
    return f"{held:,} waiting behind, {once}"


# state/dag_view.py
THEY_CONTINUE: Final = "They continue by themselves once it succeeds."
IT_WAS_ASKED_TO_STOP_ALREADY: Final = "It was asked to stop already."
SO_FAR: Final = "So far"
FOLD: Final = "Fold"
OPEN_THE_FAN_OUT: Final = "Open the fan-out"


def steps_away(steps: object) -> str:
    return f"{steps} steps"


def place_in_dag(id: object, queue: object, node: int, count: int) -> str:
    return f"{id} · queue {queue} · node {node:,} of {count:,}"


def holds_back(state: object, count: object) -> str:
    return f"This one {state} holds {count}"


def share_of_critical_path(share: object) -> str:
    return f", {share} % of the critical path"


def fan_out(count: int) -> str:
    return f"fan-out of {count:,} jobs with the same parents and children"


def count_failed(count: int) -> str:
    return f"{count:,} failed"


def more_than_named(count: int) -> str:
    return f" and {count:,} more"
