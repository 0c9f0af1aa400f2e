"""Benchmarks: what was measured, and what is the baseline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"

_ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "bench_series",
        sa.Column("n", _ROWID, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("latest_n", sa.BigInteger()),
        sa.Column("baseline_n", sa.BigInteger()),
    )
    op.create_index("bench_series_by_digest", "bench_series", ["digest"], unique=True)
    op.create_table(
        "bench_result",
        sa.Column("n", _ROWID, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("series_n", _ROWID, sa.ForeignKey("bench_series.n", ondelete="CASCADE"), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("warm_up", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("syft", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
    )
    op.create_index("bench_result_by_id", "bench_result", ["id"], unique=True)
    op.create_index("bench_result_by_series", "bench_result", ["series_n", "n"])
    op.create_index("bench_result_by_job", "bench_result", ["job_id", "series_n"], unique=True)
    op.create_table(
        "bench_baseline",
        sa.Column("n", _ROWID, primary_key=True, autoincrement=True),
        sa.Column("series_n", _ROWID, sa.ForeignKey("bench_series.n", ondelete="CASCADE"), nullable=False),
        sa.Column("result_n", _ROWID, sa.ForeignKey("bench_result.n", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
    )
    op.create_index("bench_baseline_by_series", "bench_baseline", ["series_n", "n"])
