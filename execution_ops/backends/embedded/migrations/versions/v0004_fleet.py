"""What the fleet shows of its workers, and what they are asked to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Extend the table of workers; those that do not live any more ended at their last heartbeat."""
    for name in ("name", "asked", "asked_by", "asked_reason"):
        op.add_column("worker", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("ended_at", "memory_bytes", "asked_at"):
        op.add_column("worker", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("worker", sa.Column("cpu_percent", sa.Integer(), nullable=True))
    op.add_column("worker", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE worker SET ended_at = heartbeat_at WHERE state NOT IN ('online', 'draining')")
