"""What arrives beside what ends, by the minute, by five minutes and by the half hour."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"

MINUTE_MS = 60_000
# The width of a bucket in minutes, and how many minutes are kept.
KEPT = ((1, 75), (5, 450), (30, 1800))


def upgrade() -> None:
    """Make the table and fill it from the jobs that there are."""
    op.create_table(
        "queue_rate",
        sa.Column("width", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("folded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("width", "tenant", "start", "queue"),
        sqlite_with_rowid=False,
    )
    op.create_index("queue_rate_by_fold", "queue_rate", ["width", "tenant", "folded"], unique=False)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # No job comes or ends between the two halves of this.
        op.execute("LOCK TABLE job, counter, counter_delta IN EXCLUSIVE MODE")
    _fold_counters(connection)
    op.add_column("counter_delta", sa.Column("arrived", sa.Integer(), nullable=False, server_default="0"))
    _fill(connection, time.time_ns() // 1_000_000)
    op.drop_table("queue_minute")


def _fold_counters(connection: sa.Connection) -> None:
    """Fold what waits to be folded: the jobs that it tells of are among those that the table is filled from."""
    connection.execute(
        sa.text(
            "INSERT INTO counter (tenant, job_type, queue, state, jobs) "
            "SELECT tenant, job_type, queue, state, sum(jobs) FROM counter_delta WHERE true "
            "GROUP BY tenant, job_type, queue, state "
            "ON CONFLICT (tenant, job_type, queue, state) DO UPDATE SET jobs = counter.jobs + excluded.jobs"
        )
    )
    connection.execute(sa.text("DELETE FROM counter_delta"))


def _fill(connection: sa.Connection, now: int) -> None:
    for width, minutes in KEPT:
        bucket = width * MINUTE_MS
        for tenant in ("tenant", "''"):
            connection.execute(
                sa.text(
                    "INSERT INTO queue_rate (width, tenant, start, queue, arrived, done, failed, folded) "
                    "SELECT :width, tenant, start, queue, sum(arrived), sum(done), sum(failed), :now FROM ("
                    f"SELECT {tenant} AS tenant, queue, created_at / {bucket} * {bucket} AS start, "
                    "1 AS arrived, 0 AS done, 0 AS failed FROM job WHERE created_at >= :oldest "
                    f"UNION ALL SELECT {tenant}, queue, finished_at / {bucket} * {bucket}, "
                    "0, CASE WHEN state = 'succeeded' THEN 1 ELSE 0 END, "
                    "CASE WHEN state IN ('failed', 'timed_out') THEN 1 ELSE 0 END FROM job "
                    "WHERE finished_at IS NOT NULL AND finished_at >= :oldest"
                    ") AS figures GROUP BY tenant, queue, start"
                ),
                {"width": width, "now": now, "oldest": (now - minutes * MINUTE_MS) // bucket * bucket},
            )
