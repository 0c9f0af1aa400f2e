"""Removal by age: what was removed, what is left to clear away, and four references that would make it slow.

The rows of `job_token` and `audit_word` are found by what they index, not by whose they are: to remove a job, each
database would search all of them. Log lines and events are too many to go in one transaction with their job or run.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from execution_ops.backends.embedded.columns import ROWID

revision: str = "0019"
down_revision: str | None = "0018"

# Whose rows these tables have.
_REFERENCES = {"job_token": "n", "audit_word": "n", "job_log": "job_n", "run_event": "run_n"}


def upgrade() -> None:
    """Create the tables, drop the references."""
    op.create_table(
        "retention_tally",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "leftover",
        sa.Column("n", ROWID, autoincrement=True, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("leftover_by_key", "leftover", ["what", "key"], unique=True)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _edit_schema(connection)
        return
    for table, column in _REFERENCES.items():
        op.drop_constraint(f"{table}_{column}_fkey", table, type_="foreignkey")


def _edit_schema(connection: sa.Connection) -> None:
    """SQLite has no statement for it but to copy the table, of which logs are most of a ledger. To edit the text of
    the schema is the way that its documentation gives for a constraint that changes nothing in the rows."""
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for table in _REFERENCES:
        schema = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
        old = connection.exec_driver_sql(schema, (table,)).scalar_one()
        new, count = re.subn(r",\s*FOREIGN KEY\s*\(\w+\) REFERENCES \w+ \(\w+\)( ON DELETE CASCADE)?", "", old)
        if count != 1:
            raise ValueError(f"the table {table} has {count} references")
        update = "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?"
        connection.exec_driver_sql(update, (new, table))
    # So that every connection reads the schema anew.
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
