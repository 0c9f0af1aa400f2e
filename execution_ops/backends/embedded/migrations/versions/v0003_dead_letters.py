"""Dead letters, their groups and figures, and replay plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "dead_letter",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("dag_id", sa.String(length=36), nullable=False),
        sa.Column("dag_title", sa.Text(), nullable=False),
        sa.Column("node_key", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("worker_version", sa.String(), nullable=False),
        sa.Column("error_type", sa.String(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_stack", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("payload_bytes", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("redeaths", sa.Integer(), nullable=False),
        sa.Column("attempt_from", sa.Integer(), nullable=False),
        sa.Column("plan_n", sa.BigInteger(), nullable=True),
        sa.Column("item_no", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(
        "dead_letter_by_category_state", "dead_letter", ["category", "state", "created_at", "n"], unique=False
    )
    op.create_index(
        "dead_letter_by_fingerprint_state", "dead_letter", ["fingerprint", "state", "created_at", "n"], unique=False
    )
    op.create_index(
        "dead_letter_by_fingerprint_tenant_state",
        "dead_letter",
        ["fingerprint", "tenant", "state", "created_at", "n"],
        unique=False,
    )
    op.create_index("dead_letter_by_id", "dead_letter", ["id"], unique=True)
    op.create_index("dead_letter_by_job", "dead_letter", ["job_id", "n"], unique=False)
    op.create_index(
        "dead_letter_by_job_type_state", "dead_letter", ["job_type", "state", "created_at", "n"], unique=False
    )
    op.create_index(
        "dead_letter_by_plan",
        "dead_letter",
        ["plan_n", "created_at", "n"],
        unique=False,
        sqlite_where=sa.text("plan_n IS NOT NULL"),
        postgresql_where=sa.text("plan_n IS NOT NULL"),
    )
    op.create_index("dead_letter_by_state", "dead_letter", ["state", "created_at", "n"], unique=False)
    op.create_index(
        "dead_letter_by_tenant_job_type_state",
        "dead_letter",
        ["tenant", "job_type", "state", "created_at", "n"],
        unique=False,
    )
    op.create_index("dead_letter_by_tenant_state", "dead_letter", ["tenant", "state", "created_at", "n"], unique=False)
    op.create_table(
        "letter_counter",
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "tenant", "job_type", "state"),
        sqlite_with_rowid=False,
    )
    op.create_index("letter_counter_by_tenant", "letter_counter", ["tenant", "fingerprint"], unique=False)
    op.create_table(
        "letter_delta",
        sa.Column("seq", ROWID, autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("died_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "letter_group",
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("error_type", sa.String(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("frame", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_index("letter_group_by_category", "letter_group", ["category"], unique=False)
    op.create_index("letter_group_by_error", "letter_group", ["error_type"], unique=False)
    op.create_table(
        "letter_hour",
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "hour", "tenant"),
        sqlite_with_rowid=False,
    )
    op.create_index("letter_hour_by_hour", "letter_hour", ["hour"], unique=False)
    op.create_table(
        "replay_plan",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("prepared", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("tenants", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("driver_job_id", sa.String(), nullable=False),
        sa.Column("side_effects", sa.Text(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("replay_plan_by_created", "replay_plan", ["created_at", "n"], unique=False)
    op.create_index("replay_plan_by_id", "replay_plan", ["id"], unique=True)
    op.create_index(
        "replay_plan_by_key",
        "replay_plan",
        ["actor", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key <> ''"),
        postgresql_where=sa.text("idempotency_key <> ''"),
    )
    op.create_index(
        "replay_plan_open",
        "replay_plan",
        ["n"],
        unique=False,
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.create_table(
        "replay_item",
        sa.Column("plan_n", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter_n", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["plan_n"], ["replay_plan.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_n", "no"),
        sqlite_with_rowid=False,
    )
    op.create_index("replay_item_by_status", "replay_item", ["plan_n", "status", "verdict", "no"], unique=False)
    op.add_column("dag", sa.Column("correlation_id", sa.String(), server_default="", nullable=False))
