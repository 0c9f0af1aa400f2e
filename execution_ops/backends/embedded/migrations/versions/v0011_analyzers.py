"""Runs and self-tests of analyzers, what Syft offers, and the cache of results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"

ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _runs()
    op.create_table(
        "analyzer_test",
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("analyzer"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "syft_answer",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
        sqlite_with_rowid=False,
    )
    _cache()


def _runs() -> None:
    op.create_table(
        "analyzer_run",
        sa.Column("job_n", ROWID, sa.ForeignKey("job.n", ondelete="CASCADE"), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("components", sa.Integer(), nullable=False),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_n"),
    )
    op.create_index("analyzer_run_by_analyzer", "analyzer_run", ["analyzer", "ended_at", "job_n"])
    op.create_index("analyzer_run_by_tenant", "analyzer_run", ["tenant", "analyzer", "ended_at", "job_n"])


def _cache() -> None:
    op.create_table(
        "scan_cache",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("components", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("scan_cache_by_use", "scan_cache", ["last_used_at", "key"])
    op.create_index("scan_cache_by_age", "scan_cache", ["created_at"])
    op.create_index("scan_cache_by_analyzer", "scan_cache", ["tenant", "analyzer", "created_at", "size"])
    op.create_table(
        "scan_cache_day",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("evicted", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "tenant"),
        sqlite_with_rowid=False,
    )
