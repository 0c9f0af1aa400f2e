"""An index of the workers by their end: those that have ended are kept for weeks, and not read with the rest."""

from __future__ import annotations

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    """Create the index."""
    op.create_index("worker_by_end", "worker", ["ended_at"])
