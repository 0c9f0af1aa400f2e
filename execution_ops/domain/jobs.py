"""Jobs as the console shows them: rows without payloads, and the parts of one job."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.job_types import Artifact, JobFailed, JobTimedOut
from execution_ops.domain.query_values import Sort
from execution_ops.domain.rates import Window
from execution_ops.domain.states import AttemptState, JobState, WorkerState
from execution_ops.domain.times import Instant

# The error type of a job whose workers died.
WORKER_LOST = "WorkerLost"
_SENTENCES = frozenset({"", JobFailed.__name__, JobTimedOut.__name__, WORKER_LOST})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class JobRow(_Frozen):
    """One line of a job list. Never carries payload, result, stack or log.

    `attempts` counts all tries so far, and `max_attempts` is the number of the last one that may
    be made: a retry by an operator raises it by a fresh round of tries.
    `canceling` is true between the request and the moment the handler really stopped.
    `eligible_at` is set while a scheduled job waits for its back-off. `duration_ms` is the
    time from first start to end, None until it started; for a running job the reader adds up.
    """

    id: str
    job_type: str
    label: str
    queue: str
    tenant: str
    state: JobState
    canceling: bool
    attempts: int
    max_attempts: int
    priority: int
    created_at: Instant
    eligible_at: Instant | None
    started_at: Instant | None
    finished_at: Instant | None
    duration_ms: int | None
    worker_id: str
    worker_name: str = ""
    dag_id: str
    node_key: str
    error_type: str
    error_message: str
    progress_done: int
    progress_total: int
    progress_note: str

    @property
    def worker(self) -> str:
        """What the worker is called: by its name, or its id where no name is remembered; "" before the first."""
        return self.worker_name or self.worker_id


def error_text(error_type: str, message: str) -> str:
    """An error as a person reads it; what is a sentence of a handler or of ours needs no type before it."""
    return message if error_type in _SENTENCES else f"{error_type}: {message}".removesuffix(": ")


class Attempt(_Frozen):
    """One try of a job. `error_stack` is the handler's traceback, already redacted."""

    number: int
    state: AttemptState
    worker_id: str
    worker_name: str = ""
    started_at: Instant
    finished_at: Instant | None
    duration_ms: int | None
    error_type: str
    error_message: str
    error_stack: str

    @property
    def worker(self) -> str:
        """What the worker is called: by its name, or its id where no name is remembered."""
        return self.worker_name or self.worker_id


class JobEvent(_Frozen):
    """One entry of a job's timeline: a change of state, or what an operator did (`actor` set)."""

    seq: int
    at: Instant
    kind: str
    detail: str
    attempt: int
    actor: str
    reason: str
    ticket: str


class LogLevel(StrEnum):
    """How loud a log line is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogLine(_Frozen):
    """One captured line; `seq` counts from 1 per job and is its anchor `#L<seq>`."""

    seq: int
    at: Instant
    attempt: int
    level: LogLevel
    text: str


class LogSlice(_Frozen):
    """A window of a log. `total` counts the lines that match, `by_level` all lines by level.

    `start` is the index of the first line of the window among those that match.
    """

    lines: tuple[LogLine, ...]
    start: int = 0
    total: int
    by_level: dict[LogLevel, int]


class JobDetail(_Frozen):
    """Everything about one job but its log and its values, which are read on their own.

    Of many `parents` or `children` it has the first: those that failed, then those that have not
    succeeded yet. The totals count them all.
    """

    row: JobRow
    timeout_ms: int
    payload_bytes: int
    result_bytes: int
    idempotency_key: str
    attempts: tuple[Attempt, ...]
    events: tuple[JobEvent, ...]
    artifacts: tuple[Artifact, ...]
    parents: tuple[JobRow, ...]
    children: tuple[JobRow, ...]
    parents_total: int
    children_total: int
    dag_title: str
    dag_size: int


class DagNode(_Frozen):
    """A job in its DAG."""

    row: JobRow
    group: str


class Dag(_Frozen):
    """The jobs of one pipeline and the edges between them, as (parent id, child id)."""

    id: str
    title: str
    tenant: str
    created_at: Instant
    nodes: tuple[DagNode, ...]
    edges: tuple[tuple[str, str], ...]


class Submission(_Frozen):
    """What submitting a DAG gave. `created` is False when the idempotency key was known."""

    dag_id: str
    job_ids: dict[str, str]
    created: bool


class Outcome(_Frozen):
    """What a verb did to one job: `done`, or `refused` with the reason in words."""

    id: str
    done: bool
    why: str = ""
    state: JobState | None = None


class Counts(_Frozen):
    """How many jobs match, by state. `exact` is False for bounded counts ("10,000+")."""

    by_state: dict[JobState, int]
    total: int
    exact: bool
    as_of: Instant


class QueueHealth(_Frozen):
    """How one queue stands. Times are ages in ms; the series have one figure a minute, oldest first.

    `limit` is how many of its jobs the workers that are online take at once, None without any.
    """

    queue: str
    job_types: tuple[str, ...]
    waiting: int
    pending: int
    running: int
    limit: int | None
    oldest_wait_ms: int | None
    done_last_hour: int
    failed_last_hour: int
    done_series: tuple[int, ...]
    failed_series: tuple[int, ...]
    workers: int


class Worker(_Frozen):
    """A process that executes jobs, called by its name. `ended_at` is set once it has ended, or was declared lost."""

    id: str
    name: str = ""
    host: str
    pid: int
    version: str
    state: WorkerState
    queues: tuple[str, ...]
    concurrency: int
    running: int
    started_at: Instant
    heartbeat_at: Instant
    ended_at: Instant | None = None


class Health(_Frozen):
    """The summary page: queues and workers, and the moment at which they were read."""

    queues: tuple[QueueHealth, ...]
    workers: tuple[Worker, ...]
    as_of: Instant

    @property
    def hour_from(self) -> datetime:
        """Where the figures of the last hour begin: with a whole minute."""
        return Window.HOUR.since(self.as_of)


class Page(_Frozen):
    """One page of a job list. A cursor is None where nothing follows in that direction.

    `older` and `newer` lead towards older and newer jobs whatever the sort; `following` is the
    next page in the list's own order. `searched` is set when a search stopped at its bound: only
    that many candidates were looked at, and `following` goes on with the next ones.
    """

    rows: tuple[JobRow, ...]
    older: str | None
    newer: str | None
    searched: int | None = None

    def following(self, sort: Sort) -> str | None:
        """The cursor of the next page of a list with this sort."""
        return self.older if sort is Sort.NEWEST else self.newer


class Change(_Frozen):
    """One entry of the change feed: the ids of a job that changed, or the `topic` of what is no job."""

    seq: int
    job_id: str
    dag_id: str
    queue: str
    topic: str = ""
