"""The ledger's tables of what was removed for its age. Instants are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, instant


class RetentionTally(SQLModel, table=True):
    """How many things of a kind were removed, counted in the transactions that remove them.

    The kind "round" has in `at` when the leader went through all of them last.
    """

    __tablename__: ClassVar[str] = "retention_tally"

    kind: str = Field(primary_key=True)
    removed: int = Field(sa_type=BigInteger)
    at: int | None = instant(default=None)


class Leftover(SQLModel, table=True):
    """A part of something removed that nobody can see any more, and that goes by and by: the log of a job (`what`
    log), the events of a run (events), a file that jobs had (file). `key` is its number or digest."""

    __table_args__ = (Index("leftover_by_key", "what", "key", unique=True),)

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    what: str
    key: str
