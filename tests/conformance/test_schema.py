"""The migrations make what the models say, once, whoever starts first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.migrate import SCRIPTS, upgrade
from execution_ops.domain.errors import Conflict


def test_the_migrated_schema_equals_the_models(database: Engine) -> None:
    with read(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    engines = [ledger_engine(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(upgrade, engines))
    upgrade(engines[0])
    assert set(SQLModel.metadata.tables) < set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_a_newer_schema_is_refused_in_words(database: Engine) -> None:
    with write(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="schema 9999"):
        upgrade(database)


def test_workers_of_before_the_fleet_live_or_have_ended(empty_url: str) -> None:
    engine = ledger_engine(empty_url)
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    with write(engine) as connection:
        for state in ("online", "draining", "drained", "lost"):
            connection.execute(
                text(
                    "INSERT INTO worker (id, host, pid, version, state, queues, concurrency, started_at, heartbeat_at) "
                    "VALUES (:state, 'h', 1, '0', :state, 'scan', 4, 5, 7)"
                ),
                {"state": state},
            )
    upgrade(engine)
    with read(engine) as connection:
        rows = connection.execute(text("SELECT state, ended_at, asked, revision FROM worker ORDER BY id")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("drained", 7, "", 1),
        ("draining", None, "", 1),
        ("lost", 7, "", 1),
        ("online", None, "", 1),
    ]
