"""Dead letters as the console shows them: entries, the groups that they fall into, and their figures."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.error_categories import Category
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import Instant

# How often a replayed job may die again before no bulk verb takes its entry any more.
REDEATHS_MAX = 3
TREND_HOURS = 24


def open_state(redeaths: int) -> DeadLetterState:
    """The state of an entry that needs somebody, after so many deaths in spite of a replay."""
    return DeadLetterState.QUARANTINED if redeaths >= REDEATHS_MAX else DeadLetterState.PENDING


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class DeadLetter(_Frozen):
    """One line of the queue: the death of a job that had no attempts left. Never carries stack or payload.

    An entry is one death: a job that is replayed and dies again gets another entry, with `redeaths` one
    higher. `fingerprint` is that of its error group. `revision` grows with every change, so that who
    acts on what they saw is told if it is no longer so. `changed_by` and `note` are those of the last
    change by an operator (`resolve` keeps its note here). `plan_id` is the replay plan that holds the
    entry now or did so last.
    """

    id: str
    job_id: str
    job_type: str
    label: str
    queue: str
    tenant: str
    state: DeadLetterState
    died_at: Instant
    attempts: int
    error_type: str
    error_message: str
    fingerprint: str
    category: Category
    retryable: bool
    redeaths: int
    revision: int
    changed_at: Instant | None
    changed_by: str
    note: str
    plan_id: str


class ChainLink(_Frozen):
    """One death in the life of a job: its entry, and what came of its replay (empty: never replayed)."""

    id: str
    state: DeadLetterState
    died_at: Instant
    error_type: str
    error_message: str
    same_error: bool
    plan_id: str


class DeadLetterDetail(_Frozen):
    """Everything about one entry; the snapshot was taken when the job died and never changes.

    `max_attempts` is the number of the last attempt that was allowed. `payload_sha256` is the digest of
    the payload's JSON text. `job_stored` says whether the job itself is still there, `job_state` how
    it stands now. `new_attempt` is the number of the first attempt after the replay, 0 before one.
    `chain` are all deaths of the job, oldest first, this one included. `side_effects` warns of what
    the job type says that another try would do twice; `replay_off` says why a replay would fail.
    """

    row: DeadLetter
    dag_id: str
    dag_title: str
    node_key: str
    priority: int
    max_attempts: int
    worker_id: str
    worker_name: str = ""
    worker_version: str
    error_stack: str
    error_template: str
    error_frame: str
    payload_sha256: str
    payload_bytes: int
    correlation_id: str
    job_stored: bool
    job_state: str
    new_attempt: int
    blocked_children: int
    chain: tuple[ChainLink, ...]
    side_effects: str = ""
    replay_off: str = ""

    @property
    def worker(self) -> str:
        """What the worker is called: by its name, or its id where no name is remembered; "" for none."""
        return self.worker_name or self.worker_id


class ErrorGroup(_Frozen):
    """Deaths with the same fingerprint, as one error. Counts are of entries that the viewer may see.

    `open` counts what is pending or quarantined. `trend` has the deaths of each of the last
    TREND_HOURS hours, oldest first, this hour last. `tenants` and `job_types` count distinct ones;
    `job_type` is the first of them by name. `sample_id` is an entry of the group, the newest.
    """

    fingerprint: str
    error_type: str
    template: str
    frame: str
    category: Category
    retryable: bool
    open: int
    by_state: dict[DeadLetterState, int]
    total: int
    first_seen: Instant
    last_seen: Instant
    trend: tuple[int, ...]
    tenants: int
    job_types: int
    job_type: str
    sample_id: str


class LetterHealth(_Frozen):
    """How the dead letters stand. `oldest` is the death of the oldest pending entry, None without one."""

    open: int
    by_state: dict[DeadLetterState, int]
    retryable: int
    oldest: Instant | None
    oldest_id: str
    most_common: str
    most_common_fingerprint: str
    most_common_open: int
    as_of: Instant

    @property
    def total(self) -> int:
        """All entries."""
        return sum(self.by_state.values())


class Groups(_Frozen):
    """The error groups, the largest first, with the figures around them; `more` groups are not listed."""

    groups: tuple[ErrorGroup, ...]
    more: int
    health: LetterHealth


class LetterCounts(_Frozen):
    """How many entries match, by state. `exact` is False for bounded counts ("10,000+")."""

    by_state: dict[DeadLetterState, int]
    total: int
    exact: bool
    as_of: Instant


class LetterPage(_Frozen):
    """One page of the queue; the cursors and `searched` are as in `jobs.Page`."""

    rows: tuple[DeadLetter, ...]
    older: str | None
    newer: str | None
    searched: int | None = None

    def following(self, sort: Sort) -> str | None:
        """The cursor of the next page of a list with this sort."""
        return self.older if sort is Sort.NEWEST else self.newer


class LetterOutcome(_Frozen):
    """What a verb did to one entry: `done`, or `refused` with the reason in words."""

    id: str
    done: bool
    why: str = ""
    state: DeadLetterState | None = None
    job_id: str = ""
