"""Offline kits, their activations, and the work of jobs on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _kits()
    _activations()
    _runs()


def _kits() -> None:
    op.create_table(
        "kit",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("identity", "version", "channel", "state")],
        sa.Column("size", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("entries", "baselines")],
        sa.Column("manifest_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("signer", "signer_fingerprint")],
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("syft", sa.String(), nullable=False),
        sa.Column("has_files", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("activated_by", "activate_reason")],
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=False),
        sa.Column("remove_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("kit_by_id", "kit", ["id"], unique=True)
    op.create_index("kit_by_identity", "kit", ["identity"], unique=True)
    op.create_index("kit_by_state", "kit", ["state"], unique=False)


def _activations() -> None:
    op.create_table(
        "kit_activation",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        *[sa.Column(name, sa.String(length=36), nullable=False) for name in ("kit_id", "job_id")],
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("by", "reason")],
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("undone_by", "undone_reason")],
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("kit_activation_by_job", "kit_activation", ["job_id"], unique=True)


def _runs() -> None:
    op.create_table(
        "kit_run",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("kit_id", sa.String(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("kit_run_by_start", "kit_run", ["started_at"], unique=False)
