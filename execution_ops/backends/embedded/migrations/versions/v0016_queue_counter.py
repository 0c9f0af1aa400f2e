"""The sums of the counters by queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Create the table and fill it from the counters."""
    op.create_table(
        "queue_counter",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "state", "queue"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # Nothing is folded meanwhile.
        op.execute("LOCK TABLE counter IN EXCLUSIVE MODE")
    for tenant in ("tenant", "''"):
        op.execute(
            "INSERT INTO queue_counter (tenant, state, queue, jobs) "
            f"SELECT {tenant}, state, queue, sum(jobs) FROM counter GROUP BY 1, 2, 3"
        )
