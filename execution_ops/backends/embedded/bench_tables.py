"""The ledger's tables of benchmarks. Instants are integer milliseconds since 1970 UTC, measured times milliseconds."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, instant


class BenchSeries(SQLModel, table=True):
    """One tenant, scenario and analyzer: how many results there are, the latest, and the baseline.

    `digest` is theirs: a path is longer than an index of PostgreSQL takes.
    """

    __tablename__: ClassVar[str] = "bench_series"
    __table_args__ = (Index("bench_series_by_digest", "digest", unique=True),)

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    digest: str = Field(max_length=64)
    tenant: str
    scenario: str = Field(sa_type=Text)
    analyzer: str
    results: int = 0
    latest_n: int | None = Field(default=None, sa_type=BigInteger)
    baseline_n: int | None = Field(default=None, sa_type=BigInteger)


class BenchResult(SQLModel, table=True):
    """What a job measured of one analyzer. `samples` and `machine` are those of domain.benchmarks, as JSON."""

    __tablename__: ClassVar[str] = "bench_result"
    __table_args__ = (
        Index("bench_result_by_id", "id", unique=True),
        Index("bench_result_by_series", "series_n", "n"),
        Index("bench_result_by_job", "job_id", "series_n", unique=True),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    series_n: int = Field(sa_column=Column(ROWID, ForeignKey("bench_series.n", ondelete="CASCADE"), nullable=False))
    iterations: int
    warm_up: int
    samples: str = Field(sa_type=Text)
    machine: str = Field(sa_type=Text)
    syft: str
    job_id: str = Field(max_length=36)
    created_at: int = instant()
    created_by: str


class BenchBaseline(SQLModel, table=True):
    """A result was made the baseline of its series. Rows are only added; the last of a series holds."""

    __tablename__: ClassVar[str] = "bench_baseline"
    __table_args__ = (Index("bench_baseline_by_series", "series_n", "n"),)

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    series_n: int = Field(sa_column=Column(ROWID, ForeignKey("bench_series.n", ondelete="CASCADE"), nullable=False))
    result_n: int = Field(sa_column=Column(ROWID, ForeignKey("bench_result.n", ondelete="CASCADE"), nullable=False))
    at: int = instant()
    by: str
    reason: str
