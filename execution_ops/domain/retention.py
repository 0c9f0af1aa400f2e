"""What may be forgotten once it is old, and how much of it at a time: pure, so that a dry run and the leader agree.

Nothing goes that is not over, that something open still refers to, or that an undo could still need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.states import ENDED, DeadLetterState, JobState
from execution_ops.domain.times import Instant
from execution_ops.domain.undo import UNDO_WINDOW

DAY_MS = 86_400_000
# How long a transaction that removes holds SQLite's one write lock, at best: a writer that waits notices little.
AIM_MS = 30.0
BATCH_MIN, BATCH_FIRST, BATCH_MAX = 20, 50, 1_000
# Twice as long as anything can be undone: clocks of machines differ.
_REST_MS = 2 * UNDO_WINDOW // timedelta(milliseconds=1)
_SETTLED = frozenset({DeadLetterState.REPLAYED, DeadLetterState.RESOLVED})


class Kind(StrEnum):
    """What is kept for a time of its own."""

    JOBS = "jobs"
    RUNS = "runs"
    DEAD_LETTERS = "dead_letters"
    AUDIT = "audit"

    @property
    def word(self) -> str:
        """For the eye: "dead letters"."""
        return "audit events" if self is Kind.AUDIT else self.value.replace("_", " ")


class Keep(StrEnum):
    """Why something stays."""

    YOUNG = "not old enough"
    OPEN = "not over"
    OPEN_RUN = "its run is not over"
    OPEN_LETTER = "a dead letter of it is open or was changed just now"
    OPEN_PLAN = "a replay plan that is not over has it"
    AWAITED = "another run waits for it"
    IN_USE = "a promoted baseline or an active kit came from it"
    NEWEST = "the newest one stays, so that no number is given twice"


class Policy(BaseModel):
    """For how many days each kind is kept after its end; 0 is for ever."""

    model_config = ConfigDict(frozen=True)

    jobs: int
    runs: int
    dead_letters: int
    audit: int

    def days(self, kind: Kind) -> int:
        """For how long."""
        return int(getattr(self, kind.value))

    def before(self, kind: Kind, now_ms: int) -> int | None:
        """The instant (ms) before which something of this kind must have ended to go; None if it never goes."""
        days = self.days(kind)
        return now_ms - days * DAY_MS if days else None


@dataclass(frozen=True)
class JobFacts:
    """One job of a DAG. `finished_at` in ms."""

    state: JobState
    finished_at: int | None


@dataclass(frozen=True)
class LetterFacts:
    """A dead letter; instants in ms. `in_open_plan`: a replay plan that is not over has it."""

    state: DeadLetterState
    died_at: int
    changed_at: int | None
    in_open_plan: bool = False


@dataclass(frozen=True)
class DagFacts:
    """A DAG with all its jobs and their dead letters. `in_use`: see Keep.IN_USE."""

    jobs: Sequence[JobFacts]
    letters: Sequence[LetterFacts] = ()
    run_open: bool = False
    in_use: bool = False
    newest: bool = False


@dataclass(frozen=True)
class RunFacts:
    """A run; `ended_at` in ms, None while it is not over. `awaited`: an open run starts only after it."""

    ended_at: int | None
    awaited: bool = False
    newest: bool = False


def dag_stays(dag: DagFacts, before_ms: int, now_ms: int) -> Keep | None:
    """Why a DAG with all its jobs stays; None if it may go. It goes whole, or not at all."""
    if any(job.state not in ENDED or job.finished_at is None for job in dag.jobs):
        return Keep.OPEN
    if any(job.finished_at is not None and job.finished_at >= before_ms for job in dag.jobs):
        return Keep.YOUNG
    if any(letter.state not in _SETTLED or _just_changed(letter, now_ms) for letter in dag.letters):
        return Keep.OPEN_LETTER
    if any(letter.in_open_plan for letter in dag.letters):
        return Keep.OPEN_PLAN
    if dag.run_open:
        return Keep.OPEN_RUN
    if dag.in_use:
        return Keep.IN_USE
    return Keep.NEWEST if dag.newest else None


def letter_stays(letter: LetterFacts, before_ms: int, *, newest: bool) -> Keep | None:
    """Why a dead letter stays; None if it may go. Its age is that of its last change."""
    if letter.state not in _SETTLED:
        return Keep.OPEN
    if max(letter.died_at, letter.changed_at or 0) >= before_ms:
        return Keep.YOUNG
    if letter.in_open_plan:
        return Keep.OPEN_PLAN
    return Keep.NEWEST if newest else None


def run_stays(run: RunFacts, before_ms: int) -> Keep | None:
    """Why a run stays with its targets, events and firing; None if it may go."""
    if run.ended_at is None:
        return Keep.OPEN
    if run.ended_at >= before_ms:
        return Keep.YOUNG
    if run.awaited:
        return Keep.AWAITED
    return Keep.NEWEST if run.newest else None


def event_stays(at_ms: int, before_ms: int, now_ms: int, *, newest: bool) -> Keep | None:
    """Why an event of the audit stays; None if it may go."""
    if at_ms >= min(before_ms, now_ms - _REST_MS):
        return Keep.YOUNG
    return Keep.NEWEST if newest else None


def _just_changed(letter: LetterFacts, now_ms: int) -> bool:
    return letter.changed_at is not None and letter.changed_at > now_ms - _REST_MS


def next_batch(size: int, took_ms: float) -> int:
    """How many to remove in the next transaction, after one of `size` took so long."""
    if took_ms > 2 * AIM_MS:
        return max(BATCH_MIN, size // 2)
    if took_ms < AIM_MS / 2:
        return min(BATCH_MAX, size + max(1, size // 4))
    return size


class Tally(BaseModel):
    """What was removed of one kind since the ledger was made, and when last."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    days: int
    removed: int
    removed_at: Instant | None


class RetentionStatus(BaseModel):
    """What is kept for how long, and what became of it. `round_at` is when the leader went through all of it last;
    `leftovers` are parts and files of removed things that it has still to clear away."""

    model_config = ConfigDict(frozen=True)

    kinds: tuple[Tally, ...]
    round_at: Instant | None
    leftovers: int


class Due(BaseModel):
    """What would go of one kind now. `stays` counts what is old but stays, by the reason; of jobs it counts DAGs, which
    go whole or not at all."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    days: int
    count: int = 0
    stays: dict[str, int] = {}


class RetentionSurvey(BaseModel):
    """What the leader would remove if it went through all of it now."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    due: tuple[Due, ...]
