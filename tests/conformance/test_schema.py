"""The migrations make what the models say, once, whoever starts first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text
from sqlmodel import SQLModel

from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.domain.errors import Conflict
from tests.schema import filled, upgrade_to


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
    upgrade_to(engine, "0003")
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


def test_runs_of_before_their_events_tell_from_now_on(empty_url: str) -> None:
    engine = ledger_engine(empty_url)
    upgrade_to(engine, "0005")
    old = MetaData()
    old.reflect(engine, only=("run", "run_target", "dag", "job"))
    run, target, dags, jobs = (old.tables[name] for name in ("run", "run_target", "dag", "job"))
    fixed = {"schedule_id": "s", "schedule_name": "n", "schedule_version": 1, "spec": "{}", "created_at": 1}
    fixed |= {"tenant": "acme", "job_type": "test.echo", "queue": "test", "trigger_kind": "manual"}
    with write(engine) as connection:
        for n, state in ((1, "running"), (2, "completed"), (3, "canceled")):
            settled = state == "completed"
            values = filled(run, {**fixed, "n": n, "id": f"run-{n}", "state": state, "settled": settled})
            connection.execute(run.insert(), values)
            started = {"run_n": n, "no": 1, "segment": 1, "target": "t", "state": "running", "dag_id": f"dag-{n}"}
            connection.execute(target.insert(), filled(target, started))
            waiting = {"run_n": n, "no": 2, "segment": 1, "target": "u", "state": "waiting", "dag_id": ""}
            connection.execute(target.insert(), filled(target, waiting))
        for n in range(1, 5):
            connection.execute(dags.insert(), filled(dags, {"id": f"dag-{n}"}))
        for n, dag in enumerate(("dag-1", "dag-1", "dag-2", "dag-3", "dag-4"), 1):
            values = {"n": n, "id": f"job-{n}", "dag_id": dag, "node_key": str(n), "state": "running"}
            connection.execute(jobs.insert(), filled(jobs, values))
    upgrade(engine)
    with read(engine) as connection:
        of_jobs = connection.execute(text("SELECT run_n FROM job ORDER BY n")).scalars().all()
        feeds = connection.execute(text("SELECT run_n, last_seq, closed FROM run_feed ORDER BY run_n")).all()
    engine.dispose()
    assert list(of_jobs) == [1, 1, None, 3, None]
    assert [(n, last, bool(closed)) for n, last, closed in feeds] == [(1, 0, False), (2, 0, True), (3, 0, False)]
