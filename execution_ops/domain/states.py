"""The states of jobs and attempts, and which may follow which (DESIGN, section 2)."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job is. `pending` waits for parents, `scheduled` may start."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"


class AttemptState(StrEnum):
    """How one try stands. `lost` means that its worker died."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"
    LOST = "lost"


class WorkerState(StrEnum):
    """How a worker process stands."""

    ONLINE = "online"
    DRAINING = "draining"
    DRAINED = "drained"
    LOST = "lost"


class DeadLetterState(StrEnum):
    """Where an entry is. `replaying` until its job ends again; `replayed` means that this replay is over."""

    PENDING = "pending"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    RESOLVED = "resolved"
    QUARANTINED = "quarantined"


class ReplayState(StrEnum):
    """Where a plan is. A `draft` has sent nothing, a `held` one sends nothing more until it is resumed."""

    DRAFT = "draft"
    RUNNING = "running"
    HELD = "held"
    COMPLETED = "completed"
    ABORTED = "aborted"


class RunState(StrEnum):
    """Where a run is. `planning` finds its targets, `queued` has started none of them yet."""

    PLANNING = "planning"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    ERROR = "error"
    CANCELED = "canceled"


class TargetState(StrEnum):
    """Where one target of a run is. `skipped` ones were planned and never started."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"


class KitState(StrEnum):
    """Where an offline kit is. A `superseded` one was active; the last of those stay for a roll-back."""

    VERIFIED = "verified"
    QUARANTINED = "quarantined"
    ACTIVE = "active"
    SUPERSEDED = "superseded"


class BaselineState(StrEnum):
    """Whether later results of the source are compared with it."""

    CANDIDATE = "candidate"
    PROMOTED = "promoted"


class AnalyzerState(StrEnum):
    """The health of an analyzer; the rules are those of `domain/analyzer_health.py`.

    An `untried` one has neither run nor been tested: nothing is known of it.
    """

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNTRIED = "untried"


# What still needs somebody.
OPEN_LETTERS = frozenset({DeadLetterState.PENDING, DeadLetterState.QUARANTINED})
ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELED})
CANCELABLE = frozenset({JobState.PENDING, JobState.SCHEDULED, JobState.RUNNING})
RETRYABLE = frozenset({JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELED})

ACTIVE_RUNS = frozenset({RunState.PLANNING, RunState.QUEUED, RunState.RUNNING})
ENDED_RUNS = frozenset(RunState) - ACTIVE_RUNS
ENDED_TARGETS = frozenset({TargetState.COMPLETED, TargetState.FAILED, TargetState.CANCELED, TargetState.SKIPPED})

_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.SCHEDULED, JobState.CANCELED}),
    JobState.SCHEDULED: frozenset({JobState.RUNNING, JobState.CANCELED, JobState.FAILED}),
    # Back to scheduled: a failed attempt with attempts left, or a lost worker.
    JobState.RUNNING: ENDED | {JobState.SCHEDULED},
    JobState.SUCCEEDED: frozenset(),
    # A retry by an operator; `pending` when a parent has to be waited for again.
    JobState.FAILED: frozenset({JobState.SCHEDULED, JobState.PENDING}),
    JobState.TIMED_OUT: frozenset({JobState.SCHEDULED, JobState.PENDING}),
    JobState.CANCELED: frozenset({JobState.SCHEDULED, JobState.PENDING}),
}


def may_move(old: JobState, new: JobState) -> bool:
    """Whether a job may go from `old` to `new`."""
    return new in _MOVES[old]


def parse_job_state(text: str) -> JobState:
    """Read a state, also in the other spelling (`cancelled`); ValueError if it is none."""
    return JobState("canceled" if text == "cancelled" else text)
