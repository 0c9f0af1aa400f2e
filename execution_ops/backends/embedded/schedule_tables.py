"""The ledger's tables of schedules and runs. Instants are integer milliseconds since 1970 UTC.

What has ended stays: neither a deleted schedule nor its runs go with anything.
"""

from __future__ import annotations

from itertools import combinations
from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant

RUN_DIMENSIONS = ("tenant", "schedule_id", "trigger_kind")
RUN_SUBSETS: tuple[tuple[str, ...], ...] = tuple(
    subset for size in range(len(RUN_DIMENSIONS) + 1) for subset in combinations(RUN_DIMENSIONS, size)
)
_KEPT = text("deleted_at IS NULL")
_DUE = text("deleted_at IS NULL AND next_at IS NOT NULL")
_OPEN = text("NOT settled")


def run_index(dimensions: tuple[str, ...]) -> str:
    """The name of the index that serves runs filtered by these dimensions and a state."""
    return "run_by_" + "_".join((*dimensions, "state"))


class Schedule(SQLModel, table=True):
    """What fires, and when next. `spec` is a ScheduleSpec as JSON; columns beside it repeat what SQL asks for.

    `next_at` is the due time that was not decided on yet, `revision` grows with each change of an operator.
    """

    __table_args__ = (
        Index("schedule_by_id", "id", unique=True),
        Index("schedule_by_name", "tenant", "name", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("schedule_due", "next_at", "n", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    tenant: str
    name: str
    job_type: str
    queue: str
    catch_up_ms: int = Field(sa_type=BigInteger)
    spec: str = Field(sa_type=Text)
    version: int
    revision: int
    paused_at: int | None = instant(default=None)
    paused_by: str = ""
    pause_reason: str = ""
    created_at: int = instant()
    changed_at: int = instant()
    changed_by: str
    deleted_at: int | None = instant(default=None)
    next_at: int | None = instant(default=None)


class ScheduleVersion(SQLModel, table=True):
    """One spec of a schedule."""

    __tablename__: ClassVar[str] = "schedule_version"
    __table_args__ = (WITHOUT_ROWID,)

    schedule_n: int = Field(sa_column=Column(ROWID, ForeignKey("schedule.n", ondelete="CASCADE"), primary_key=True))
    version: int = Field(primary_key=True)
    spec: str = Field(sa_type=Text)
    at: int = instant()
    by: str
    reason: str


class Firing(SQLModel, table=True):
    """What came of a due time: a run, or why there is none (`missed`). The key makes it happen once.

    `times` due times from `due_at` on were missed for the same reason, where they were too many to list.
    """

    __table_args__ = (WITHOUT_ROWID,)

    schedule_n: int = Field(sa_column=Column(ROWID, ForeignKey("schedule.n", ondelete="CASCADE"), primary_key=True))
    due_at: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    run_n: int | None = Field(default=None, sa_type=BigInteger)
    missed: str = ""
    times: int = 1
    at: int = instant()


class Run(SQLModel, table=True):
    """One firing as it goes. The figures are those of domain.runs; `settled` once nothing of it can move.

    `waits_for` is the `n` of the run that must end first (overlap policy `queue_one`). `retry_segments` are
    the segments of `retry_of` that it repeats, as JSON, empty for all anew.
    """

    __table_args__ = (
        Index("run_by_id", "id", unique=True),
        *(Index(run_index(subset), *subset, "state", "created_at", "n") for subset in RUN_SUBSETS),
        Index("run_open", "n", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("run_by_key", "tenant", "idempotency_key", unique=True),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    schedule_id: str = Field(max_length=36)
    schedule_name: str
    schedule_version: int
    spec: str = Field(sa_type=Text)
    tenant: str
    job_type: str
    queue: str
    trigger_kind: str
    state: str
    settled: bool = Field(default=False, sa_type=Boolean)
    waits_for: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = instant(default=None)
    created_at: int = instant()
    started_at: int | None = instant(default=None)
    finished_at: int | None = instant(default=None)
    candidates: int = 0
    deduped: int = 0
    unchanged: int = 0
    over: int = 0
    waiting: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    canceled: int = 0
    skipped: int = 0
    compared: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    retry_of: str = ""
    retry_segments: str = Field(default="", sa_type=Text)
    planner_job_id: str = ""
    error_code: str = ""
    error: str = Field(default="", sa_type=Text)
    requested_by: str = ""
    why: str = ""
    canceled_by: str = ""
    cancel_reason: str = ""
    correlation_id: str = ""
    idempotency_key: str | None = None


class RunSegment(SQLModel, table=True):
    """Targets of a run that one pattern found."""

    __tablename__: ClassVar[str] = "run_segment"
    __table_args__ = (WITHOUT_ROWID,)

    run_n: int = Field(sa_column=Column(ROWID, ForeignKey("run.n", ondelete="CASCADE"), primary_key=True))
    no: int = Field(primary_key=True)
    name: str = Field(sa_type=Text)


class RunTarget(SQLModel, table=True):
    """One target of a run. `spec` is the DagSpec that runs for it, as JSON; `content` stamps what it held."""

    __tablename__: ClassVar[str] = "run_target"
    __table_args__ = (
        Index("run_target_by_state", "run_n", "state", "no"),
        Index("run_target_by_dag", "dag_id", sqlite_where=text("dag_id <> ''"), postgresql_where=text("dag_id <> ''")),
        WITHOUT_ROWID,
    )

    run_n: int = Field(sa_column=Column(ROWID, ForeignKey("run.n", ondelete="CASCADE"), primary_key=True))
    no: int = Field(primary_key=True)
    segment: int
    target: str = Field(sa_type=Text)
    content: str = ""
    state: str
    spec: str = Field(sa_type=Text)
    dag_id: str = ""
    started_at: int | None = instant(default=None)
    finished_at: int | None = instant(default=None)
    error: str = Field(default="", sa_type=Text)
    compared: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0


class RunFeed(SQLModel, table=True):
    """Where the events of a run stand. Whoever adds some holds this row until its transaction ends, so no event
    becomes visible before one with a smaller number. The counts are those of log lines; `job_lines` are those that
    jobs have written.
    """

    __tablename__: ClassVar[str] = "run_feed"

    run_n: int = Field(sa_column=Column(ROWID, ForeignKey("run.n", ondelete="CASCADE"), primary_key=True))
    last_seq: int = Field(default=0, sa_type=BigInteger)
    last_line: int = 0
    job_lines: int = 0
    debug: int = 0
    info: int = 0
    warning: int = 0
    error: int = 0
    closed: bool = Field(default=False, sa_type=Boolean)


class RunEvent(SQLModel, table=True):
    """One event of a run. `body` is the text of a log line, else JSON; `line` and `level` are 0 for what is none.

    No foreign key: the events of a removed run go by and by, as leftovers.
    """

    __tablename__: ClassVar[str] = "run_event"
    __table_args__ = (
        # Of all events, though few are no lines: no database proves that a number asked for is above 0.
        Index("run_event_by_line", "run_n", "line"),
        Index("run_event_by_level", "run_n", "level", "line"),
        WITHOUT_ROWID,
    )

    run_n: int = Field(sa_column=Column(ROWID, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = instant()
    kind: str
    line: int = 0
    level: int = 0
    segment: int = 0
    target: int = 0
    source: str = ""
    job_id: str = ""
    body: str = Field(sa_type=Text)


class ScheduleTarget(SQLModel, table=True):
    """What a target held when it last succeeded for a schedule; mode `analysis-only` leaves out what still holds it."""

    __tablename__: ClassVar[str] = "schedule_target"
    __table_args__ = (WITHOUT_ROWID,)

    schedule_id: str = Field(primary_key=True, max_length=36)
    target: str = Field(sa_type=Text, primary_key=True)
    content: str
    at: int = instant()
