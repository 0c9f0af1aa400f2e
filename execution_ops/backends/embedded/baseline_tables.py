"""The ledger's tables of baselines. Instants are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import ROWID, instant

_KEPT = text("deleted_at IS NULL")
_PROMOTED = text("state = 'promoted'")


class Baseline(SQLModel, table=True):
    """A kept result. `source_key` is the SHA-256 of the source: a path can be too long for an index."""

    __table_args__ = (
        Index("baseline_by_id", "id", unique=True),
        Index("baseline_by_created", "created_at", "n"),
        Index(
            "baseline_by_document",
            "tenant",
            "source_key",
            "sha256",
            unique=True,
            sqlite_where=_KEPT,
            postgresql_where=_KEPT,
        ),
        Index("baseline_by_source", "tenant", "source_key", "created_at", "n"),
        Index(
            "baseline_promoted", "tenant", "source_key", unique=True, sqlite_where=_PROMOTED, postgresql_where=_PROMOTED
        ),
    )

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    id: str = Field(max_length=36)
    tenant: str
    source: str = Field(sa_type=Text)
    source_key: str = Field(max_length=64)
    label: str
    state: str
    sha256: str = Field(max_length=64)
    parts: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    components: int
    job_id: str
    dag_id: str
    kit_id: str
    green: bool = Field(sa_type=Boolean)
    syft: str
    created_at: int = instant()
    created_by: str
    promoted_at: int | None = instant(default=None)
    promoted_by: str
    promote_reason: str
    deleted_at: int | None = instant(default=None)


class BaselinePromotion(SQLModel, table=True):
    """The log of what was promoted, to which rows are only added. The last row of a source holds.

    `baseline_n` None: nothing is promoted any more. `previous` is what was promoted until then. `stands` is the
    promotion that a roll-back went back to (None of a promotion itself), and `before` the promotion that stood
    before the one that stands: where the next roll-back goes.
    """

    __tablename__: ClassVar[str] = "baseline_promotion"
    __table_args__ = (Index("baseline_promotion_by_source", "tenant", "source_key", "n"),)

    n: int | None = Field(default=None, sa_column=Column(ROWID, primary_key=True, autoincrement=True))
    tenant: str
    source: str = Field(sa_type=Text)
    source_key: str = Field(max_length=64)
    baseline_n: int | None = Field(default=None, sa_type=BigInteger)
    previous: int | None = Field(default=None, sa_type=BigInteger)
    stands: int | None = Field(default=None, sa_type=BigInteger)
    before: int | None = Field(default=None, sa_type=BigInteger)
    verb: str
    kit_id: str
    job_id: str = Field(max_length=36, sa_column_kwargs={"server_default": ""})
    at: int = instant()
    by: str
    reason: str
