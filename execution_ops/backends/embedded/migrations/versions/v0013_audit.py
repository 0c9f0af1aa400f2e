"""The audit can be searched: whose its events are, what they touched, and the words of their reasons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from execution_ops.backends.embedded.audit_backfill import backfill

revision: str = "0013"
down_revision: str | None = "0012"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns, indexes and the two side tables, and fill them for the events that there are."""
    op.drop_index("audit_by_at", "audit_event")
    op.alter_column("audit_event", "at", new_column_name="created_at")
    for name in ("kind", "subject_id", "tenant"):
        op.add_column("audit_event", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("audit_event", sa.Column("scope", sa.Text(), nullable=False, server_default=""))
    op.add_column("audit_event", sa.Column("undoes", sa.BigInteger(), nullable=True))
    op.create_table(
        "audit_subject",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", ROWID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["n"], ["audit_event.n"]),
        sa.PrimaryKeyConstraint("kind", "id", "created_at", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_word",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", ROWID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["n"], ["audit_event.n"]),
        sa.PrimaryKeyConstraint("token", "created_at", "n"),
        sqlite_with_rowid=False,
    )
    backfill(op.get_bind())
    op.create_index("audit_subject_by_event", "audit_subject", ["n"], unique=False)
    op.create_index("audit_by_time", "audit_event", ["created_at", "n"], unique=False)
    for name in ("actor", "verb", "kind", "tenant"):
        op.create_index(f"audit_by_{name}", "audit_event", [name, "created_at", "n"], unique=False)
    for name in ("ticket", "correlation_id"):
        there = sa.text(f"{name} <> ''")
        op.create_index(
            f"audit_by_{name}",
            "audit_event",
            [name, "created_at", "n"],
            unique=False,
            sqlite_where=there,
            postgresql_where=there,
        )
    undone = sa.text("undoes IS NOT NULL")
    op.create_index(
        "audit_by_undone", "audit_event", ["undoes"], unique=True, sqlite_where=undone, postgresql_where=undone
    )
