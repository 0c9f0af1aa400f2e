"""The ledger's tables of the processes that work on it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import instant


class Worker(SQLModel, table=True):
    """A process that executes jobs. The id is new at each start and never used again.

    It lives until `ended_at` is set: by itself when it leaves, by the leader when it is lost. `asked` is what
    an operator wants of it (`drain` or `stop`), `asked_*` and `revision` tell of the last change of that.
    Memory and CPU (percent of one core) are those of its last heartbeat, NULL where they are not known.
    """

    __table_args__ = (Index("worker_by_end", "ended_at"),)

    id: str = Field(primary_key=True)
    name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    host: str
    pid: int
    version: str
    state: str
    queues: str = Field(sa_type=Text)
    concurrency: int
    started_at: int = instant()
    heartbeat_at: int = instant()
    ended_at: int | None = instant(default=None)
    memory_bytes: int | None = Field(default=None, sa_type=BigInteger)
    cpu_percent: int | None = None
    asked: str = Field(default="", sa_column_kwargs={"server_default": ""})
    asked_at: int | None = instant(default=None)
    asked_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    asked_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class Lease(SQLModel, table=True):
    """Who leads. `epoch` grows with every change of owner and stands in what the leader writes."""

    name: str = Field(primary_key=True)
    owner: str
    until: int = instant()
    epoch: int
