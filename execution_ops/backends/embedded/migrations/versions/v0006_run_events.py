"""The events of runs, and the run that a job works for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"

# SQLite gives a row id only to a column declared INTEGER.
ROWID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, and open the feed of every run that there is."""
    op.add_column("job", sa.Column("run_n", sa.BigInteger(), nullable=True))
    op.create_table(
        "run_feed",
        sa.Column("run_n", ROWID, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("last_line", "job_lines")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("debug", "info", "warning", "error")],
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_n"], ["run.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_n"),
    )
    op.create_table(
        "run_event",
        sa.Column("run_n", ROWID, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_n"], ["run.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_n", "seq"),
        sqlite_with_rowid=False,
    )
    for name, columns in (
        ("run_event_by_line", ["run_n", "line"]),
        ("run_event_by_level", ["run_n", "level", "line"]),
    ):
        op.create_index(name, "run_event", columns, unique=False)
    op.execute(
        "INSERT INTO run_feed (run_n, last_seq, last_line, job_lines, debug, info, warning, error, closed) "
        "SELECT n, 0, 0, 0, 0, 0, 0, 0, settled FROM run"
    )
    op.execute(
        "UPDATE job SET run_n = t.run_n FROM run_target AS t JOIN run AS r ON r.n = t.run_n "
        "WHERE t.dag_id = job.dag_id AND t.dag_id <> '' AND NOT r.settled"
    )
