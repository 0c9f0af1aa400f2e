"""Quotas, and a change feed that also tells of what is no job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLOSED = sa.text("opened_at IS NULL")
OPENED = sa.text("opened_at IS NOT NULL")


def upgrade() -> None:
    """Create the tables of quotas."""
    op.add_column("change", sa.Column("topic", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "quota",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("max_active", sa.Integer(), nullable=True),
        sa.Column("max_per_hour", sa.Integer(), nullable=True),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.Column("overridden_at", sa.BigInteger(), nullable=True),
        sa.Column("override_max_active", sa.Integer(), nullable=True),
        sa.Column("override_max_per_hour", sa.Integer(), nullable=True),
        sa.Column("override_burst", sa.Integer(), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("quota_by_id", "quota", ["id"], unique=True)
    op.create_index("quota_by_scope", "quota", ["tenant", "job_type"], unique=True)
    op.create_table(
        "quota_start",
        sa.Column("quota_n", ROWID, nullable=False),
        sa.Column("second", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["quota_n"], ["quota.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("quota_n", "second"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quota_hold",
        sa.Column("n", ROWID, autoincrement=False, nullable=False),
        sa.Column("quota_n", sa.BigInteger(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("n"),
    )
    for name, columns, only in (
        ("quota_hold_next", ["quota_n", "queue", "priority", "n"], CLOSED),
        ("quota_hold_list", ["quota_n", "created_at", "n"], CLOSED),
        ("quota_hold_opened", ["quota_n", "queue"], OPENED),
    ):
        op.create_index(name, "quota_hold", columns, sqlite_where=only, postgresql_where=only)
