"""The overview of the scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# pages/scheduler.py
MISSED_LAST_24_H: Final = "Missed, last 24 h"
JOBS_WAITING: Final = "Jobs waiting"
ALL_ACTIVE_RUNS: Final = "All active runs"
NOTHING_RUNS_NOW: Final = "Nothing runs now."
QUEUE_LAG: Final = "Queue lag"
NO_QUEUE_HAS_HAD_A_JOB: Final = "No queue has had a job yet, and no worker is online:"
NO_SCHEDULE_YET_WHY: Final = (
    "Runs start by themselves once there is a schedule: what to run, on which targets, and when. What runs, what "
    "comes and what was missed then stands here."
)
CREATE_COMMAND: Final = "execution-ops schedules create"
NOTHING_COMES: Final = "No enabled schedule has a coming time."
PAUSED_SCHEDULES: Final = "Paused schedules"
ALL_THAT_COMES: Final = "All that comes"
BACK_TO_THE_OVERVIEW: Final = "Back to the overview"
NOTHING_WAS_MISSED: Final = "Nothing was missed: every due time brought a run."

ONE_TARGET_WAITS: Final = "1 target waits"


def targets_wait(count: object) -> str:
    """How many targets of the active runs wait."""
    return f"{count} targets wait"


def all_of_them(count: object) -> str:
    """The way to all that were missed."""
    return f"All {count}"


# pages/scheduler_tables.py
RUN: Final = "Run"
SINCE: Final = "Since"
DUE: Final = "Due"
MISSED: Final = "Missed"

RUN_OF: Final = "run {run} · {tenant}"
WORKERS_OF: Final = ("worker", "workers")
WAITING_WORD: Final = "waiting"


# state/scheduler_view.py


def now(active: int, waiting: int, unserved: Sequence[str]) -> str:
    """How things stand: the active runs, the waiting jobs, and the queues whose jobs nobody takes."""
    runs = "No run goes on" if not active else "1 run goes on" if active == 1 else f"{active:,} runs go on"
    jobs = "no job waits" if not waiting else "1 job waits" if waiting == 1 else f"{waiting:,} jobs wait"
    if not unserved:
        return f"{runs}, {jobs}."
    where = unserved[0] if len(unserved) == 1 else f"{len(unserved)} queues"
    return f"{runs}, {jobs}, and nobody takes those of {where}."


# state/scheduler_view.py
IN_NO_QUEUE: Final = "in no queue"
NO_DUE_TIME: Final = "no due time"
NOTHING_STARTS: Final = "There is no schedule yet: nothing starts by itself."


def more_from_then_on(times: int) -> str:
    return f"{times:,} due times from then on"


def online_and_draining(draining: int) -> str:
    return f"online, {draining:,} draining"


def for_due_times(due_times: int) -> str:
    return f"for {due_times:,} due times"
