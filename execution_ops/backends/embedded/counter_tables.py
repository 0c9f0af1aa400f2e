"""The ledger's tables of what is counted beside the jobs, so that nothing counts them in a request."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, SmallInteger
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant


class Counter(SQLModel, table=True):
    """How many jobs are in a state, per tenant, type and queue; counted up to the last fold."""

    # The first adds all up by state from the index alone, the second tells the types of each queue.
    __table_args__ = (
        Index("counter_by_state", "state", "tenant", "job_type", "queue", "jobs"),
        Index("counter_by_queue", "queue", "job_type"),
    )

    tenant: str = Field(primary_key=True)
    job_type: str = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    state: str = Field(primary_key=True)
    jobs: int = Field(sa_type=BigInteger)


class QueueCounter(SQLModel, table=True):
    """The sums of `counter` over the types of jobs; with `tenant` "" also over all tenants. There are few rows for
    what every page asks each time, however many types and tenants there are."""

    __tablename__: ClassVar[str] = "queue_counter"
    __table_args__ = (WITHOUT_ROWID,)

    tenant: str = Field(primary_key=True)
    state: str = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    jobs: int = Field(sa_type=BigInteger)


class CounterDelta(SQLModel, table=True):
    """A change of a counter, appended in the job's own transaction so that no two jobs queue on
    one counter row. The sum of counters and deltas is exact; the leader folds them every second.
    `arrived` of the jobs are new.
    """

    __tablename__: ClassVar[str] = "counter_delta"

    seq: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    at: int = instant()
    tenant: str
    job_type: str
    queue: str
    state: str
    jobs: int
    arrived: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class QueueRate(SQLModel, table=True):
    """How many jobs of a queue arrived, ended well (`done`) and badly (`failed`) in one bucket of time, and have not
    been retried since: exactly those that a list of jobs by their creation, or by their end, has.

    `width` is that of the bucket in minutes and `start` when it begins, in ms; each width has all jobs again, and
    so has the row with `tenant` "", which is the sum over all tenants. A reader of one viewer's window gets along
    with as many rows as it shows. `folded` grows with each fold: by it a reader finds what changed.
    """

    __tablename__: ClassVar[str] = "queue_rate"
    __table_args__ = (Index("queue_rate_by_fold", "width", "tenant", "folded"), WITHOUT_ROWID)

    width: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    tenant: str = Field(primary_key=True)
    start: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    queue: str = Field(primary_key=True)
    arrived: int
    done: int
    failed: int
    folded: int = instant()
