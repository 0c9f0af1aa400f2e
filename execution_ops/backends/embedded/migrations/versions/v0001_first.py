"""The first schema of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "audit_event",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("inverse", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("audit_by_at", "audit_event", ["at", "n"], unique=False)
    op.create_table(
        "change",
        sa.Column("seq", ROWID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("dag_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "counter",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "job_type", "queue", "state"),
    )
    op.create_index("counter_by_queue", "counter", ["queue", "job_type"])
    op.create_index("counter_by_state", "counter", ["state", "tenant", "job_type", "queue", "jobs"])
    op.create_table(
        "counter_delta",
        sa.Column("seq", ROWID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "dag",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dag_by_key", "dag", ["tenant", "idempotency_key"], unique=True)
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "queue_minute",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "queue", "tenant"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "job",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("dag_id", sa.String(length=36), nullable=False),
        sa.Column("node_key", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cancel_requested_at", sa.BigInteger(), nullable=True),
        sa.Column("dispatch", sa.Integer(), nullable=False),
        sa.Column("waiting_for", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries_from", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("timeout_ms", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("eligible_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("error_type", sa.String(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("progress_note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"],
            ["dag.id"],
        ),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("job_by_id", "job", ["id"], unique=True)
    op.create_index("job_by_created", "job", ["created_at", "n"], unique=False)
    op.create_index("job_by_dag", "job", ["dag_id", "n"], unique=False)
    op.create_index(
        "job_by_end",
        "job",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "job_by_job_type_queue_state", "job", ["job_type", "queue", "state", "created_at", "n"], unique=False
    )
    op.create_index("job_by_job_type_state", "job", ["job_type", "state", "created_at", "n"], unique=False)
    op.create_index("job_by_queue_state", "job", ["queue", "state", "created_at", "n"], unique=False)
    op.create_index("job_by_state", "job", ["state", "created_at", "n"], unique=False)
    op.create_index(
        "job_by_tenant_job_type_queue_state",
        "job",
        ["tenant", "job_type", "queue", "state", "created_at", "n"],
        unique=False,
    )
    op.create_index(
        "job_by_tenant_job_type_state", "job", ["tenant", "job_type", "state", "created_at", "n"], unique=False
    )
    op.create_index("job_by_tenant_queue_state", "job", ["tenant", "queue", "state", "created_at", "n"], unique=False)
    op.create_index("job_by_tenant_state", "job", ["tenant", "state", "created_at", "n"], unique=False)
    op.create_index(
        "job_by_worker",
        "job",
        ["worker_id", "created_at", "n"],
        unique=False,
        sqlite_where=sa.text("worker_id <> ''"),
        postgresql_where=sa.text("worker_id <> ''"),
    )
    op.create_table(
        "job_artifact",
        sa.Column("job_n", ROWID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_n", "name"),
    )
    op.create_index("job_artifact_by_digest", "job_artifact", ["sha256"], unique=False)
    op.create_table(
        "job_attempt",
        sa.Column("job_n", ROWID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error_type", sa.String(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_stack", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_n", "number"),
    )
    op.create_index("job_attempt_by_worker", "job_attempt", ["worker_id", "state"], unique=False)
    op.create_table(
        "job_edge",
        sa.Column("parent_n", ROWID, nullable=False),
        sa.Column("child_n", ROWID, nullable=False),
        sa.ForeignKeyConstraint(["child_n"], ["job.n"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_n", "child_n"),
        sqlite_with_rowid=False,
    )
    op.create_index("job_edge_by_child", "job_edge", ["child_n"], unique=False)
    op.create_table(
        "job_event",
        sa.Column("job_n", ROWID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_n", "seq"),
    )
    op.create_table(
        "job_log",
        sa.Column("job_n", ROWID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_n", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_token",
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("n", ROWID, nullable=False),
        sa.ForeignKeyConstraint(["n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", "created_at", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_value",
        sa.Column("job_n", ROWID, nullable=False),
        sa.Column("which", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_n"], ["job.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_n", "which"),
    )
