"""A promotion names the job that carried it out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    """Add the column; promotions from before have no job."""
    op.add_column("baseline_promotion", sa.Column("job_id", sa.String(length=36), nullable=False, server_default=""))
