"""The ledger's tables of jobs, and the change feed, which every change leaves something in.

Instants are integer milliseconds since 1970 UTC.
`n` is a job's integer key: a 36-character id in a dozen indexes would double their size, and
the order by `(created_at, n)` is total. Payload and result live apart from the row, so a list
can never read them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant

DIMENSIONS = ("tenant", "job_type", "queue")
SUBSETS: tuple[tuple[str, ...], ...] = (
    (),
    ("tenant",),
    ("job_type",),
    ("queue",),
    ("tenant", "job_type"),
    ("tenant", "queue"),
    ("job_type", "queue"),
    ("tenant", "job_type", "queue"),
)


def list_index(dimensions: tuple[str, ...]) -> str:
    """The name of the index that serves a list filtered by these dimensions and a state."""
    return "job_by_" + "_".join((*dimensions, "state"))


def _key(references: str) -> Any:
    return Column(ROWID, ForeignKey(references, ondelete="CASCADE"), primary_key=True)


class Dag(SQLModel, table=True):
    """A submitted pipeline. `idempotency_key` NULL when the submitter gave none; `correlation_id` is that of
    the request that submitted it."""

    __table_args__ = (Index("dag_by_key", "tenant", "idempotency_key", unique=True),)

    id: str = Field(primary_key=True, max_length=36)
    title: str = Field(sa_type=Text)
    tenant: str
    created_at: int = instant()
    size: int
    idempotency_key: str | None = None
    correlation_id: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Job(SQLModel, table=True):
    """One unit of work. `dispatch` counts its workflows; `<id>:<dispatch>` is the engine's id.

    `waiting_for` counts parents that have not succeeded; `tries_from` is the number of the
    attempt before the current round, so a retry by an operator gets fresh attempts. `run_n` is the
    run that it works for, if any.
    """

    __table_args__ = (
        Index("job_by_id", "id", unique=True),
        Index("job_by_created", "created_at", "n"),
        *(Index(list_index(subset), *subset, "state", "created_at", "n") for subset in SUBSETS),
        Index("job_by_dag", "dag_id", "n"),
        Index(
            "job_by_end",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        Index(
            "job_by_worker",
            "worker_id",
            "created_at",
            "n",
            sqlite_where=text("worker_id <> ''"),
            postgresql_where=text("worker_id <> ''"),
        ),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    dag_id: str = Field(foreign_key="dag.id", max_length=36)
    node_key: str
    job_type: str
    label: str = ""
    group_key: str = ""
    queue: str
    tenant: str
    state: str
    cancel_requested_at: int | None = instant(default=None)
    dispatch: int = 0
    waiting_for: int = 0
    attempts: int = 0
    tries_from: int = 0
    max_attempts: int
    timeout_ms: int
    priority: int = 0
    created_at: int = instant()
    eligible_at: int | None = instant(default=None)
    started_at: int | None = instant(default=None)
    finished_at: int | None = instant(default=None)
    worker_id: str = ""
    error_type: str = ""
    error_message: str = Field(default="", sa_type=Text)
    progress_done: int = 0
    progress_total: int = 0
    progress_note: str = ""
    run_n: int | None = Field(default=None, sa_type=BigInteger)


class JobValue(SQLModel, table=True):
    """The `payload` or `result` of a job as JSON text, exactly as given."""

    __tablename__: ClassVar[str] = "job_value"

    job_n: int = Field(sa_column=_key("job.n"))
    which: str = Field(primary_key=True, max_length=8)
    body: str = Field(sa_type=Text)
    size: int


class JobEdge(SQLModel, table=True):
    """The parent has to succeed before the child may start."""

    __tablename__: ClassVar[str] = "job_edge"
    __table_args__ = (Index("job_edge_by_child", "child_n"), WITHOUT_ROWID)

    parent_n: int = Field(sa_column=_key("job.n"))
    child_n: int = Field(sa_column=_key("job.n"))


class JobAttempt(SQLModel, table=True):
    """One try of a job. The primary key fences a zombie: it can't begin the same try twice."""

    __tablename__: ClassVar[str] = "job_attempt"
    __table_args__ = (Index("job_attempt_by_worker", "worker_id", "state"),)

    job_n: int = Field(sa_column=_key("job.n"))
    number: int = Field(primary_key=True)
    state: str
    worker_id: str
    started_at: int = instant()
    finished_at: int | None = instant(default=None)
    error_type: str = ""
    error_message: str = Field(default="", sa_type=Text)
    error_stack: str = Field(default="", sa_type=Text)


class JobEvent(SQLModel, table=True):
    """A job's timeline, append-only."""

    __tablename__: ClassVar[str] = "job_event"

    job_n: int = Field(sa_column=_key("job.n"))
    seq: int = Field(primary_key=True)
    at: int = instant()
    kind: str
    detail: str = Field(default="", sa_type=Text)
    attempt: int = 0
    actor: str = ""
    reason: str = ""
    ticket: str = ""


class JobLog(SQLModel, table=True):
    """Captured log lines; `level` is the logging module's number.

    No foreign key: the lines of a removed job go by and by, as leftovers.
    """

    __tablename__: ClassVar[str] = "job_log"
    __table_args__ = (WITHOUT_ROWID,)

    job_n: int = Field(sa_column=Column(ROWID, primary_key=True, autoincrement=False))
    seq: int = Field(primary_key=True)
    at: int = instant()
    attempt: int
    level: int = Field(sa_type=SmallInteger)
    text: str = Field(sa_type=Text)


class JobArtifact(SQLModel, table=True):
    """A stored file of a job; the content lies in the artifact store under its SHA-256."""

    __tablename__: ClassVar[str] = "job_artifact"
    __table_args__ = (Index("job_artifact_by_digest", "sha256"),)

    job_n: int = Field(sa_column=_key("job.n"))
    name: str = Field(primary_key=True)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    media_type: str


class JobToken(SQLModel, table=True):
    """An inverted index for exact payload values and for the words of errors.

    `token` is a 64-bit hash of what is searched, so one index serves values of any length;
    matches are checked against the row, so a collision shows nothing wrong. No foreign key: to remove
    a job, a database would search all tokens for its own.
    """

    __tablename__: ClassVar[str] = "job_token"
    __table_args__ = (WITHOUT_ROWID,)

    token: int = Field(sa_column=Column(BigInteger, primary_key=True))
    created_at: int = Field(sa_column=Column(BigInteger, primary_key=True))
    n: int = Field(sa_column=Column(ROWID, primary_key=True, autoincrement=False))


class Change(SQLModel, table=True):
    """The change feed that live pages follow; trimmed after an hour.

    A job that changed has its ids here; of anything else `topic` says what it was.
    """

    seq: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    at: int = instant()
    job_id: str
    dag_id: str
    queue: str
    topic: str = Field(default="", sa_column_kwargs={"server_default": ""})
