"""The tables of quotas. Instants are integer milliseconds since 1970 UTC, but for `tat`."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, WITHOUT_ROWID, instant

_CLOSED = text("opened_at IS NULL")
_OPENED = text("opened_at IS NOT NULL")


class Quota(SQLModel, table=True):
    """Limits of (tenant, job type), `*` for any; NULL is no limit.

    While `overridden_at` is set the `override_` columns hold in place of the configured ones. `tat`
    (ns since 1970) is when all starts so far were due, had they come evenly: see domain.quota_rates.
    """

    __table_args__ = (
        Index("quota_by_id", "id", unique=True),
        Index("quota_by_scope", "tenant", "job_type", unique=True),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    tenant: str
    job_type: str
    max_active: int | None = None
    max_per_hour: int | None = None
    burst: int | None = None
    overridden_at: int | None = instant(default=None)
    override_max_active: int | None = None
    override_max_per_hour: int | None = None
    override_burst: int | None = None
    paused_at: int | None = instant(default=None)
    paused_by: str = ""
    pause_reason: str = ""
    created_at: int = instant()
    changed_at: int = instant()
    changed_by: str
    revision: int = 1
    tat: int = instant(default=0)


class QuotaStart(SQLModel, table=True):
    """How many jobs a quota let start in one second since 1970; kept for a little over an hour."""

    __tablename__: ClassVar[str] = "quota_start"
    __table_args__ = (WITHOUT_ROWID,)

    quota_n: int = Field(sa_column=Column(ROWID, ForeignKey("quota.n", ondelete="CASCADE"), primary_key=True))
    second: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    starts: int


class QuotaHold(SQLModel, table=True):
    """A scheduled job that its quota holds back, or has let into its queue since (`opened_at`).

    `n` is the job's. `quota_n` outlives its quota until the leader has given the job to another one.
    What an index needs of the job stands here too; none of it ever changes.
    """

    __tablename__: ClassVar[str] = "quota_hold"
    __table_args__ = (
        # The next to let in, the list of those held, and how many are let in already.
        Index("quota_hold_next", "quota_n", "queue", "priority", "n", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index("quota_hold_list", "quota_n", "created_at", "n", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index("quota_hold_opened", "quota_n", "queue", sqlite_where=_OPENED, postgresql_where=_OPENED),
    )

    n: int = Field(
        sa_column=Column(ROWID, ForeignKey("job.n", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    quota_n: int = Field(sa_type=BigInteger)
    tenant: str
    job_type: str
    queue: str
    priority: int
    created_at: int = instant()
    opened_at: int | None = instant(default=None)
