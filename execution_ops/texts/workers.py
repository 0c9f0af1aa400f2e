"""The worker fleet."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.words import counted

# pages/workers.py
WORKERS_FILTER: Final = "Filter by state, queue, host, version"
NO_WORKER_RUNS: Final = "No worker runs, so nothing starts."
WARNINGS: Final = "Warnings"
THOSE_THAT_LIVE_FIRST: Final = "Those that live first, by name, 50 per page"
NO_WORKER_HERE: Final = "No worker here"
NO_WORKER_HERE_WHY: Final = (
    "None runs, and none has in the last 24 hours, so no job starts. Start one on this machine, or on any machine"
    " that reaches the same PostgreSQL database:"
)

START_ONE: Final = "Start one: {command}"


# pages/worker_tables.py
WORKER_HOST_VERSION: Final = "Worker, host, version"
SLOTS_USED: Final = "Slots used"
HEARTBEAT: Final = "Heartbeat"
MEMORY_CPU: Final = "Memory / CPU"
LIVED: Final = "Ran for"
GONE_IN_THE_LAST_24_HOURS: Final = "Gone in the last 24 hours"
WORKERS_THAT_ARE_GONE: Final = "Workers that are gone"

UP_FOR: Final = "up {age}"
RAN_FOR: Final = "ran for"

# pages/worker_drawer.py
THE_WORKER: Final = "The worker"
THIS_WORKER_IS_NOT_THERE: Final = "This worker is not there"
IT_ENDED_LONG_AGO: Final = "It was never here, or it ended more than 30 days ago."
GO_BACK_TO_THE_LIST: Final = (
    "Go back to the list: it has the workers that live, and those that ended in the last 24 hours."
)
CONCURRENCY: Final = "Concurrency"
ENDED_AFTER: Final = "{at}, after {lived}"
RUNS_NOTHING: Final = "It runs nothing now."
ITS_LAST_JOBS: Final = "Its last jobs"
ALL_ITS_JOBS: Final = "All its jobs"
DID_NOTHING_YET: Final = "No job has ended on it yet."


def concurrency(each: int, slots: int) -> str:
    """How many jobs it takes at once: of each queue, as it was started, and of all together."""
    return f"{counted(each, 'job')} of a queue, {slots:,} in all"


def running_on(count: object, worker: object) -> str:
    """How many jobs a worker runs."""
    return f"{count} running on {worker}"


# state/workers_view.py
SOMEBODY: Final = "somebody"


def asked(by: str, *, drain: bool) -> str:
    """What was asked of a worker, and by whom."""
    return f"Asked to {'drain' if drain else 'stop'} by {by}"


# state/workers.py
NO_WORKER_HERE_TAKES_JOBS: Final = "No worker here takes jobs."
NO_WORKER_HERE_IS_DRAINED: Final = "No worker here is drained."
THOSE_THAT_MATCH: Final = "those that match"


def all_that_match(count: int) -> str:
    return f"the {count:,} that match"


# state/workers_view.py
TO_FINISH: Final = "to finish"
OPEN_THE_WAITING_JOBS: Final = "Open the waiting jobs"
SHOW_ITS_WORKERS: Final = "Show its workers"
OPEN_THIS_WORKER: Final = "Open this worker"
FINISHES: Final = "Finishes"
NOTHING_RUNS: Final = "nothing runs"
WAITS_THEN: Final = "Waits then"
COMES_BACK: Final = "Comes back"
NOT_BY_ITSELF: Final = "no: execution-ops up starts no other in its place until it is restarted itself"


def more_jobs(more: int) -> str:
    return f"+{more:,} more"


def of_a_core(cpu_percent: int) -> str:
    return f"{cpu_percent:,} % of a core"


def show_version(version: object) -> str:
    return f"Show those of {version}"


def workers(count: int) -> str:
    return f"{count:,} workers"


def and_workers(count: int) -> str:
    return f" {count:,} workers"


def now_running(running: int) -> str:
    return f"{counted(running, 'job')} now running"


def jobs_left_waiting(left: object) -> str:
    return f"what is in {left}: no other worker takes jobs there"
