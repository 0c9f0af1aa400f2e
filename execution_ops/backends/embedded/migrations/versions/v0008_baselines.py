"""Baselines and the log of their promotions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = sa.text("deleted_at IS NULL")
PROMOTED = sa.text("state = 'promoted'")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "baseline",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.String(64), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("label", "state")],
        *[sa.Column(name, sa.String(64), nullable=False) for name in ("sha256", "parts")],
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("components", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("job_id", "dag_id", "kit_id")],
        sa.Column("green", sa.Boolean(), nullable=False),
        sa.Column("syft", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("promoted_at", sa.BigInteger(), nullable=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("promoted_by", "promote_reason")],
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("baseline_by_id", "baseline", ["id"], unique=True)
    op.create_index("baseline_by_created", "baseline", ["created_at", "n"], unique=False)
    op.create_index(
        "baseline_by_document",
        "baseline",
        ["tenant", "source_key", "sha256"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index("baseline_by_source", "baseline", ["tenant", "source_key", "created_at", "n"], unique=False)
    op.create_index(
        "baseline_promoted",
        "baseline",
        ["tenant", "source_key"],
        unique=True,
        sqlite_where=PROMOTED,
        postgresql_where=PROMOTED,
    )
    op.create_table(
        "baseline_promotion",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.String(64), nullable=False),
        *[sa.Column(name, sa.BigInteger(), nullable=True) for name in ("baseline_n", "previous", "stands", "before")],
        *[sa.Column(name, sa.String(), nullable=False) for name in ("verb", "kit_id")],
        sa.Column("at", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("by", "reason")],
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("baseline_promotion_by_source", "baseline_promotion", ["tenant", "source_key", "n"], unique=False)
