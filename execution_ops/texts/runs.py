"""Runs of schedules, and the stream of one."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.times import describe_duration

# pages/runs.py
RUNS_FILTER: Final = "Filter by state, trigger, schedule, tenant, time"
PLANNING_QUEUED_RUNNING: Final = "planning, queued, running"
QUEUE_DEPTH: Final = "Queue depth"
TARGETS_THAT_WAIT: Final = "targets that wait"
DELTAS_TODAY: Final = "Deltas today"
DELTAS: Final = "Deltas"
NOT_COMPARED: Final = "not compared"
NO_RUN_YET: Final = "No run yet"
NO_RUN_YET_WHY: Final = (
    "A run starts when a schedule is due, or when somebody starts one by hand. The first step is to make a "
    "schedule: what to run, on which targets, and when."
)
ZONE: Final = "Zone"
NOTHING_IS_SCHEDULED: Final = "Nothing is scheduled"
NOTHING_IS_SCHEDULED_WHY: Final = "No enabled schedule that this filter leaves has a coming time."
ALL_RUNS: Final = "All runs"


def more_fire_later(count: object) -> str:
    """How many schedules the list of what comes has not."""
    return f"{count} more schedules fire later."


# pages/run_drawer.py
GO_BACK_TO_THE_LIST: Final = "Go back to the list: it has the runs that there are."
THIS_RUN_IS_NOT_THERE: Final = "This run is not there"
SEGMENTS: Final = "Segments"
IN_THE_ORDER_OF_THE_PLAN: Final = "In the order of the plan, 50 at a time"
EVIDENCE: Final = "Evidence"
OPEN_THE_STREAM: Final = "Open the stream"
STREAM: Final = "Stream"


def run(run_id: object) -> str:
    """The run by its id."""
    return f"Run {run_id}"


def jobs_of(target: object) -> str:
    """Where the jobs of a target are."""
    return f"Jobs of {target}"


# pages/run_parts.py
CANCELED_BY: Final = "Canceled by"


# pages/run_stream.py
UNKNOWN_RUN: Final = "Unknown run"
THERE_IS_NO_SUCH_RUN: Final = "There is no such run"
DETAILS: Final = "Details"
PHASES: Final = "Phases"
UNDER_WAY: Final = "under way"
TO_COME: Final = "to come"
SEGMENTS_OVER_TIME: Final = "Segments over time"
NO_SEGMENTS_YET: Final = "It has no segments yet: its targets are not planned."
AGAINST_THE_BASELINES: Final = "against the baselines"
NOTHING_WAITS: Final = "nothing waits"
CONNECTION: Final = "Connection"
NEWEST_EVENT: Final = "Newest event"
RESUMED: Final = "Resumed"

RUN: Final = "Run"
RUN_MADE: Final = "{run}, {at}"


def and_last(event: object) -> str:
    """The number of the event after which none comes."""
    return f"{event} and last"


# state/runs.py
WHAT_FIRES_NEXT_IN_ORDER: Final = "What fires next, in order."


# state/runs_view.py
ACTIVE: Final = "Active"
COMPLETED: Final = "Completed"
FAILURES: Final = "Failures"
NEVER_STARTED: Final = "never started"
NO_TARGET: Final = "no target"
NOT_PLANNED: Final = "not planned"
FINDING_TARGETS: Final = "finding targets"
NOT_BEGUN: Final = "not begun"
NOTHING_COMPARED: Final = "nothing compared"
SCHEDULED: Final = "Scheduled"


def deltas(added: int, removed: int, changed: int, of: object) -> str:
    return f"{added:,} added, {removed:,} removed, {changed:,} changed, in {of} compared"


def out_of_the_last(bound: int) -> str:
    return f" (of the last {bound:,} runs)"


# state/run_view.py
WHY: Final = "Why"
DUE: Final = "Due"
REPEATS: Final = "Repeats"
FINISHED: Final = "Finished"
PLANNED_BY: Final = "Planned by"
THE_JOB_THAT_FOUND_ITS_TARGETS: Final = "the job that found its targets"
NAMED_TWICE: Final = "named twice"
OVER_THE_LIMIT: Final = "over the limit"
WITHOUT_A_TARGET: Final = "without a target"
NOTHING_WAS_COMPARED: Final = "Nothing was compared: no target has a promoted baseline."
OPEN_THAT_RUN: Final = "Open that run"
OPEN_THAT_JOB: Final = "Open that job"


def by_whom(requested_by: object) -> str:
    return f", by {requested_by}"


def schedule_version(schedule_name: object, schedule_version: object) -> str:
    return f"{schedule_name}, version {schedule_version}"


def run_short(retry_of: object) -> str:
    return f"run {retry_of}"


def found(candidates: int) -> str:
    return f"{candidates:,} found"


def target(no: object) -> str:
    return f"target {no}"


# state/run_verbs.py
NEVER_PLANNED: Final = "Its targets were never found: retry the whole run."
ASKS_CANCEL: Final = "Cancel this run of {}?"
CANCEL_THE_RUN: Final = "Cancel the run"
ASKS_RETRY: Final = "Retry this run of {}?"
START_THE_NEW_RUN: Final = "Start the new run"
ASKS_RETRY_FAILED: Final = "Retry the failed segments of this run of {}?"
RUN_IS_CANCELED: Final = "The run is canceled. What runs of it is asked to stop."
A_NEW_RUN_HAS_STARTED: Final = "A new run has started. It is open now; the old one stays as it ended."
NEVER_START: Final = "Never start"
ASKED_TO_STOP: Final = "Asked to stop"
FOLLOWS: Final = "Follows"


def same_version(schedule_version: object) -> str:
    return f"version {schedule_version} of its schedule, as this run did"


def repeats(again: object, of: object) -> str:
    return f"{again} of {of}, those that did not succeed"


# state/run_gantt_view.py


def target_failed(target: object) -> str:
    return f"{target} failed"


def ended(done: int, whole: int) -> str:
    return f"{done:,} of {whole:,} ended"


def count_running(states: int) -> str:
    return f"{states:,} running"


def took(took: object) -> str:
    return f"took {took}"


def takes(took: object) -> str:
    return f"for {took} so far"


# state/run_stream_view.py
FAILED: Final = "Failed"
CANCELED: Final = "Canceled"
NEVER_STARTED_LABEL: Final = "Never started"
PLAN: Final = "Plan"
AFTER_THE_RUN_BEFORE_IT: Final = "after the run before it"
NO_SEGMENTS: Final = "no segments"
EXECUTE: Final = "Execute"
NOTHING_TO_RUN: Final = "nothing to run"
COMPARE: Final = "Compare"
NO_BASELINE: Final = "no baseline"
ITS_TARGETS_ARE_BEING_FOUND: Final = "Its targets are being found."
IT_HAS_NOT_BEGUN_YET: Final = "It has not begun yet."
IT_FOUND_NOTHING_TO_DO: Final = "It found nothing to do."
IT_HAD_NO_TARGETS: Final = "It had no targets."
ADDED: Final = "Added"
REMOVED: Final = "Removed"
CHANGED: Final = "Changed"
TARGETS_COMPARED: Final = "Targets compared"


def targets_found(planned: int, candidates: int) -> str:
    return f"{planned:,} of {candidates:,} found"


def done(done: int) -> str:
    return f"{done:,} done"


def time_left(left: int) -> str:
    return f"about {describe_duration(left)} left"


def headline(targets: object, whole: object, parts: object) -> str:
    return f"{targets} in {whole}. {parts}."


def oldest_waits(oldest_wait_ms: int) -> str:
    return f", up to {describe_duration(oldest_wait_ms)}"


def count_waiting(waiting: int, wait: object) -> str:
    return f"{waiting:,} waiting{wait}"


# state/run_log.py


def segment(segment: object) -> str:
    return f"segment {segment}"
