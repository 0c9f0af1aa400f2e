"""Runs the migrations on the connection that `migrate.py` gives; the Alembic command line gets
one of the configured database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from execution_ops.backends.embedded import (
    analyzer_tables,
    audit_tables,
    baseline_tables,
    bench_tables,
    counter_tables,
    fleet_tables,
    identity_tables,
    kit_tables,
    letter_tables,
    quota_tables,
    retention_tables,
    scanner_tables,
    schedule_tables,
    tables,
)
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.settings import settings

OURS = frozenset(SQLModel.metadata.tables)
MODELS = (
    tables.Job,
    counter_tables.Counter,
    fleet_tables.Worker,
    quota_tables.Quota,
    letter_tables.DeadLetter,
    schedule_tables.Schedule,
    scanner_tables.ScannerVersion,
    baseline_tables.Baseline,
    kit_tables.Kit,
    bench_tables.BenchResult,
    analyzer_tables.ScanCache,
    audit_tables.AuditEvent,
    identity_tables.ApiTokenRow,
    retention_tables.Leftover,
)
assert {model.__tablename__ for model in MODELS} <= OURS


def run(connection: Connection) -> None:
    """Bring the schema to the wanted revision. The DBOS tables in the same file are not ours."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=lambda name, kind, _parents: kind != "table" or name in OURS,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = ledger_engine(settings().url())
    with write(engine) as own:
        run(own)
    engine.dispose()
