"""The ledger's tables of the audit, append-only. Instants are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant

# One index for each of them: other combinations are a search among the events of the rarest.
AUDIT_DIMENSIONS = ("actor", "verb", "kind", "tenant", "ticket", "correlation_id")
# Most events have none.
RARE = ("ticket", "correlation_id")


def audit_index(dimension: str) -> str:
    """The name of the index that serves events with a value of this column."""
    return f"audit_by_{dimension}"


def _index(dimension: str) -> Index:
    there = text(f"{dimension} <> ''") if dimension in RARE else None
    return Index(audit_index(dimension), dimension, "created_at", "n", sqlite_where=there, postgresql_where=there)


class AuditEvent(SQLModel, table=True):
    """What somebody did. `subject` says in a text what it was done to, `kind` of which kind that is.

    `subject_id` is the id where it is one thing, `tenant` whose it is (`domain/audit.Touched`), `scope` the filter
    that chose it. `undoes` is the event that this one took back.
    """

    __tablename__: ClassVar[str] = "audit_event"
    __table_args__ = (
        Index("audit_by_time", "created_at", "n"),
        *(_index(dimension) for dimension in AUDIT_DIMENSIONS),
        # Unique: nothing is undone twice, whoever asks at the same moment.
        Index(
            "audit_by_undone",
            "undoes",
            unique=True,
            sqlite_where=text("undoes IS NOT NULL"),
            postgresql_where=text("undoes IS NOT NULL"),
        ),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    created_at: int = instant()
    actor: str
    source: str
    verb: str
    subject: str = Field(sa_type=Text)
    count: int
    reason: str
    ticket: str
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    inverse: str
    correlation_id: str
    kind: str = Field(default="", sa_column_kwargs={"server_default": ""})
    subject_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    tenant: str = Field(default="", sa_column_kwargs={"server_default": ""})
    scope: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    undoes: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class AuditSubject(SQLModel, table=True):
    """One thing that an event names; the primary key has the events of a thing in their order."""

    __tablename__: ClassVar[str] = "audit_subject"
    __table_args__ = (Index("audit_subject_by_event", "n"), WITHOUT_ROWID)

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    created_at: int = Field(sa_column=Column(BigInteger, primary_key=True))
    n: int = Field(sa_column=Column(ROWID, ForeignKey("audit_event.n"), primary_key=True))


class AuditWord(SQLModel, table=True):
    """An inverted index of the words of reasons, by their 64-bit hash. No foreign key, as in `job_token`."""

    __tablename__: ClassVar[str] = "audit_word"
    __table_args__ = (WITHOUT_ROWID,)

    token: int = Field(sa_column=Column(BigInteger, primary_key=True))
    created_at: int = Field(sa_column=Column(BigInteger, primary_key=True))
    n: int = Field(sa_column=Column(ROWID, primary_key=True, autoincrement=False))
