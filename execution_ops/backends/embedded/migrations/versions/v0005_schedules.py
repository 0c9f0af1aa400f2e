"""Schedules and runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "run",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("schedule_id", sa.String(length=36), nullable=False),
        sa.Column("schedule_name", sa.String(), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("trigger_kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("waits_for", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("deduped", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("canceled", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("retry_of", sa.String(), nullable=False),
        sa.Column("retry_segments", sa.Text(), nullable=False),
        sa.Column("planner_job_id", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("canceled_by", sa.String(), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("run_by_id", "run", ["id"], unique=True)
    op.create_index("run_by_key", "run", ["tenant", "idempotency_key"], unique=True)
    op.create_index("run_by_schedule_id_state", "run", ["schedule_id", "state", "created_at", "n"], unique=False)
    op.create_index(
        "run_by_schedule_id_trigger_kind_state",
        "run",
        ["schedule_id", "trigger_kind", "state", "created_at", "n"],
        unique=False,
    )
    op.create_index("run_by_state", "run", ["state", "created_at", "n"], unique=False)
    op.create_index(
        "run_by_tenant_schedule_id_state", "run", ["tenant", "schedule_id", "state", "created_at", "n"], unique=False
    )
    op.create_index(
        "run_by_tenant_schedule_id_trigger_kind_state",
        "run",
        ["tenant", "schedule_id", "trigger_kind", "state", "created_at", "n"],
        unique=False,
    )
    op.create_index("run_by_tenant_state", "run", ["tenant", "state", "created_at", "n"], unique=False)
    op.create_index(
        "run_by_tenant_trigger_kind_state", "run", ["tenant", "trigger_kind", "state", "created_at", "n"], unique=False
    )
    op.create_index("run_by_trigger_kind_state", "run", ["trigger_kind", "state", "created_at", "n"], unique=False)
    op.create_index(
        "run_open",
        "run",
        ["n"],
        unique=False,
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.create_table(
        "schedule",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("catch_up_ms", sa.BigInteger(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("schedule_by_id", "schedule", ["id"], unique=True)
    op.create_index(
        "schedule_by_name",
        "schedule",
        ["tenant", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "schedule_due",
        "schedule",
        ["next_at", "n"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL AND next_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NULL AND next_at IS NOT NULL"),
    )
    op.create_table(
        "schedule_target",
        sa.Column("schedule_id", sa.String(length=36), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "target"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "firing",
        sa.Column("schedule_n", ROWID, nullable=False),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_n", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_n"], ["schedule.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("schedule_n", "due_at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_segment",
        sa.Column("run_n", ROWID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_n"], ["run.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_n", "no"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_target",
        sa.Column("run_n", ROWID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("dag_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_n"], ["run.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_n", "no"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "run_target_by_dag",
        "run_target",
        ["dag_id"],
        unique=False,
        sqlite_where=sa.text("dag_id <> ''"),
        postgresql_where=sa.text("dag_id <> ''"),
    )
    op.create_index("run_target_by_state", "run_target", ["run_n", "state", "no"], unique=False)
    op.create_table(
        "schedule_version",
        sa.Column("schedule_n", ROWID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_n"], ["schedule.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("schedule_n", "version"),
        sqlite_with_rowid=False,
    )
