"""The ledger's tables of dead letters and replay plans. Instants are integer milliseconds since 1970 UTC.

An entry has no foreign key to its job: it outlives it.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant

LETTER_DIMENSIONS = ("fingerprint", "tenant", "job_type", "category")
# Other pairs are a search among the entries of the one with fewer: each index costs every change of state, and a
# bulk replay is nothing else. These two serve whoever sees only some tenants.
LETTER_SUBSETS: tuple[tuple[str, ...], ...] = (
    (),
    *((name,) for name in LETTER_DIMENSIONS),
    ("fingerprint", "tenant"),
    ("tenant", "job_type"),
)


def letter_index(dimensions: tuple[str, ...]) -> str:
    """The name of the index that serves entries filtered by these dimensions and a state."""
    return "dead_letter_by_" + "_".join((*dimensions, "state"))


class DeadLetter(SQLModel, table=True):
    """One death of a job. `created_at` is the moment of the death.

    `plan_n` and `item_no` name the item of the plan that replays the entry now or did so last;
    `attempt_from` is the number of the attempt before the replay.
    """

    __tablename__: ClassVar[str] = "dead_letter"
    __table_args__ = (
        Index("dead_letter_by_id", "id", unique=True),
        *(Index(letter_index(subset), *subset, "state", "created_at", "n") for subset in LETTER_SUBSETS),
        Index("dead_letter_by_job", "job_id", "n"),
        Index(
            "dead_letter_by_plan",
            "plan_n",
            "created_at",
            "n",
            sqlite_where=text("plan_n IS NOT NULL"),
            postgresql_where=text("plan_n IS NOT NULL"),
        ),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    job_id: str = Field(max_length=36)
    dag_id: str = Field(max_length=36)
    dag_title: str = Field(sa_type=Text)
    node_key: str
    job_type: str
    label: str
    queue: str
    tenant: str
    priority: int
    state: str
    revision: int = 0
    created_at: int = instant()
    attempts: int
    max_attempts: int
    worker_id: str
    worker_version: str
    error_type: str
    error_message: str = Field(sa_type=Text)
    error_stack: str = Field(sa_type=Text)
    fingerprint: str = Field(max_length=16)
    category: str
    payload_sha256: str = Field(max_length=64)
    payload_bytes: int
    correlation_id: str = ""
    redeaths: int = 0
    attempt_from: int = 0
    plan_n: int | None = Field(default=None, sa_type=BigInteger)
    item_no: int | None = None
    changed_at: int | None = instant(default=None)
    changed_by: str = ""
    note: str = ""


class LetterGroup(SQLModel, table=True):
    """What all entries of an error group share; made at its first death, never changed."""

    __tablename__: ClassVar[str] = "letter_group"
    __table_args__ = (Index("letter_group_by_error", "error_type"), Index("letter_group_by_category", "category"))

    fingerprint: str = Field(primary_key=True, max_length=16)
    error_type: str
    template: str = Field(sa_type=Text)
    frame: str
    category: str
    first_at: int = instant()


class LetterCounter(SQLModel, table=True):
    """How many entries of a group are in a state, per tenant and type; counted up to the last fold.

    `last_at` is the newest death among all that were ever counted here.
    """

    __tablename__: ClassVar[str] = "letter_counter"
    __table_args__ = (Index("letter_counter_by_tenant", "tenant", "fingerprint"), WITHOUT_ROWID)

    fingerprint: str = Field(primary_key=True, max_length=16)
    tenant: str = Field(primary_key=True)
    job_type: str = Field(primary_key=True)
    state: str = Field(primary_key=True)
    entries: int = Field(sa_type=BigInteger)
    last_at: int = instant()


class LetterHour(SQLModel, table=True):
    """How many jobs died of a group in one hour (counted since 1970), per tenant.

    A page of groups reads the last day of each; the leader forgets old hours.
    """

    __tablename__: ClassVar[str] = "letter_hour"
    __table_args__ = (Index("letter_hour_by_hour", "hour"), WITHOUT_ROWID)

    fingerprint: str = Field(primary_key=True, max_length=16)
    hour: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    tenant: str = Field(primary_key=True)
    deaths: int


class LetterDelta(SQLModel, table=True):
    """A change of a letter counter, appended in the entry's own transaction and folded by the leader.

    `died_at` is set for a new death: it counts in the figures of its hour.
    """

    __tablename__: ClassVar[str] = "letter_delta"

    seq: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    fingerprint: str = Field(max_length=16)
    tenant: str
    job_type: str
    state: str
    entries: int
    died_at: int | None = instant(default=None)


class ReplayPlan(SQLModel, table=True):
    """A replay plan.

    `starts` has it start by itself once it is prepared; `rounds` counts its drivers; `counts` are the
    figures of its items, kept here by who moves them; `scope` is what is frozen, `position` how far.
    `settled` is true when nothing of it can change any more.
    """

    __tablename__: ClassVar[str] = "replay_plan"
    __table_args__ = (
        Index("replay_plan_by_id", "id", unique=True),
        Index("replay_plan_by_created", "created_at", "n"),
        Index(
            "replay_plan_by_key",
            "actor",
            "idempotency_key",
            unique=True,
            sqlite_where=text("idempotency_key <> ''"),
            postgresql_where=text("idempotency_key <> ''"),
        ),
        Index("replay_plan_open", "n", sqlite_where=text("NOT settled"), postgresql_where=text("NOT settled")),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    kind: str
    description: str = Field(sa_type=Text)
    filter: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    tenant: str
    state: str
    prepared: bool = Field(default=False, sa_type=Boolean)
    starts: bool = Field(default=False, sa_type=Boolean)
    expected: int
    total: int = 0
    counts: str = Field(default="{}", sa_type=Text)
    settled: bool = Field(default=False, sa_type=Boolean)
    position: str = ""
    rate: float | None = Field(default=None, sa_type=Float)
    actor: str
    source: str
    tenants: str = Field(sa_type=Text)
    reason: str
    ticket: str
    correlation_id: str
    idempotency_key: str = ""
    created_at: int = instant()
    started_at: int | None = instant(default=None)
    ended_at: int | None = instant(default=None)
    changed_at: int = instant()
    changed_by: str
    note: str = ""
    rounds: int = 0
    driver_job_id: str = ""
    side_effects: str = Field(default="[]", sa_type=Text)
    undoes: str = ""


class ReplayItem(SQLModel, table=True):
    """One entry of a plan. `revision` is the entry's at the dry run: a later one means that it changed."""

    __tablename__: ClassVar[str] = "replay_item"
    __table_args__ = (Index("replay_item_by_status", "plan_n", "status", "verdict", "no"), WITHOUT_ROWID)

    plan_n: int = Field(sa_column=Column(BigInteger, ForeignKey("replay_plan.n", ondelete="CASCADE"), primary_key=True))
    no: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    letter_n: int = Field(sa_type=BigInteger)
    revision: int
    status: str
    verdict: str
    detail: str = Field(default="", sa_type=Text)
    sent_at: int | None = instant(default=None)
