"""The ledger's tables of the analyzers and of the cache of their results.

Instants are integer milliseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant


class AnalyzerRun(SQLModel, table=True):
    """How a `scan.catalog` job ended, written in the transaction that ends it; a retry writes it anew.

    The figures of an analyzer are those of its last rows, so they are read through an index, never from jobs.
    """

    __tablename__: ClassVar[str] = "analyzer_run"
    __table_args__ = (
        Index("analyzer_run_by_analyzer", "analyzer", "ended_at", "job_n"),
        Index("analyzer_run_by_tenant", "tenant", "analyzer", "ended_at", "job_n"),
    )

    job_n: int = Field(sa_column=Column(ROWID, ForeignKey("job.n", ondelete="CASCADE"), primary_key=True))
    job_id: str = Field(max_length=36)
    tenant: str
    analyzer: str
    ended_at: int = instant()
    state: str
    duration_ms: int = Field(sa_type=BigInteger)
    components: int
    cached: bool
    error: str = Field(sa_type=Text)


class AnalyzerTest(SQLModel, table=True):
    """The last self-test of an analyzer; `body` is what was expected and found, as JSON."""

    __tablename__: ClassVar[str] = "analyzer_test"
    __table_args__ = (WITHOUT_ROWID,)

    analyzer: str = Field(primary_key=True)
    job_id: str = Field(max_length=36)
    tenant: str
    at: int = instant()
    body: str = Field(sa_type=Text)


class SyftAnswer(SQLModel, table=True):
    """What Syft said of itself when it was asked last (`kind` answer, `body` as JSON), and beside it why it could
    not be asked after that (`kind` problem, `body` in words).
    """

    __tablename__: ClassVar[str] = "syft_answer"
    __table_args__ = (WITHOUT_ROWID,)

    kind: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    asked_at: int = instant()
    job_id: str = Field(max_length=36)
    tenant: str
    worker: str


class ScanCache(SQLModel, table=True):
    """A result by what it is a function of (`key`). The document itself belongs to the job that made it."""

    __tablename__: ClassVar[str] = "scan_cache"
    __table_args__ = (
        Index("scan_cache_by_use", "last_used_at", "key"),
        Index("scan_cache_by_age", "created_at"),
        # Sums and previews are answered from it alone.
        Index("scan_cache_by_analyzer", "tenant", "analyzer", "created_at", "size"),
        WITHOUT_ROWID,
    )

    key: str = Field(primary_key=True, max_length=64)
    tenant: str
    analyzer: str
    source: str = Field(sa_type=Text)
    name: str
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    media_type: str
    components: int
    job_id: str = Field(max_length=36)
    created_at: int = instant()
    last_used_at: int = instant()
    hits: int


class ScanCacheDay(SQLModel, table=True):
    """What the cache did on one day; `day` counts days since 1970 UTC."""

    __tablename__: ClassVar[str] = "scan_cache_day"
    __table_args__ = (WITHOUT_ROWID,)

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    tenant: str = Field(primary_key=True)
    hits: int
    misses: int
    evicted: int
    expired: int
