"""The Alembic environment of the ledger; `execution_ops.backends.embedded.migrate` runs it."""
