"""Things by the beginning of their id, on each kind of database: what is found, for whom, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text

from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.lookup import LOOK_MAX, range_query
from execution_ops.backends.embedded.matching import id_range
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.rows import fetch, statement
from execution_ops.backends.embedded.tables import Dag, Job
from execution_ops.domain.lookup import Found, Thing
from execution_ops.domain.replays import PlanKind
from execution_ops.domain.runs import Trigger
from execution_ops.domain.schedule_verbs import SCHEDULE_DELETE
from tests.execution import STAMP, Bench
from tests.factories import START, add_jobs, job_values
from tests.letters import dead, die, entries, plan_for, submit
from tests.schedule_bench import schedule, stand_in

MANY = 120_000
ALL = None


def found(reads: LedgerReads, prefix: str, tenants: frozenset[str] | None = ALL, limit: int = 6) -> list[Found]:
    return reads.find(prefix, tenants=tenants, limit=limit)


def many(database: Engine, tenant: str, count: int, start: int = 0) -> None:
    """Jobs whose ids begin with 010, in the order of their numbers."""
    plain = {key: value for key, value in job_values(tenant=tenant).items() if key not in ("payload", "id")}
    rows: Iterator[dict[str, Any]] = (
        {**plain, "id": f"010{n:05x}-0000-7000-8000-{n:012x}", "dag_id": "many", "node_key": str(n)}
        for n in range(start, start + count)
    )
    with write(database) as connection:
        if not connection.execute(text("SELECT 1 FROM dag WHERE id = 'many'")).first():
            dag = {"id": "many", "title": "many", "tenant": tenant, "created_at": START, "size": count}
            connection.execute(insert(Dag), [dag])
        connection.execute(insert(Job), list(rows))


def test_each_kind_of_thing_is_found_by_its_id(bench: Bench) -> None:
    (job_id,) = submit(bench, 1)
    die(bench, [job_id])
    made = schedule(bench, name="nightly scan")
    stand_in(bench)
    run = bench.backend.run_schedule(made.id, Trigger.MANUAL, STAMP)
    (letter,) = entries(bench)
    frozen = plan_for(bench)
    for kind, wanted, name in (
        (Thing.JOB, job_id, "test.echo"),
        (Thing.ENTRY, letter["id"], "ValueError"),
        (Thing.SCHEDULE, made.id, "nightly scan"),
        (Thing.RUN, run.id, "nightly scan"),
        (Thing.PLAN, frozen.id, PlanKind.REPLAY.value),
        (Thing.WORKER, "stand-in", "stand-in"),
    ):
        for prefix in (wanted, wanted.upper()):
            items = [item for item in found(bench.backend, prefix) if item.kind is kind]
            assert [(item.id, item.name) for item in items] == [(wanted, name)], kind
    assert found(bench.backend, "elsewhere") == []


def test_the_newest_come_first_and_no_more_than_asked_for(ledger: LedgerReads) -> None:
    many(ledger.engine, "acme", 20)
    items = found(ledger, "0100", limit=5)
    assert [item.id[-2:] for item in items] == ["13", "12", "11", "10", "0f"]
    assert found(ledger, "01000007-")[0].id.endswith("07")
    for none in ("0200", "0100-", "0100000x", "zzzz", "%100", "____"):
        assert found(ledger, none) == []


def test_a_tenant_finds_its_own_and_only_among_the_newest(ledger: LedgerReads) -> None:
    many(ledger.engine, "acme", 3)
    many(ledger.engine, "lumen", LOOK_MAX, start=3)
    assert {item.tenant for item in found(ledger, "0100", frozenset({"lumen"}))} == {"lumen"}
    # Those of acme lie behind a thousand others; a longer beginning finds them.
    assert found(ledger, "0100", frozenset({"acme"})) == []
    assert [item.id[-1] for item in found(ledger, "01000002", frozenset({"acme"}))] == ["2"]
    assert found(ledger, "01000002", frozenset({"lumen"})) == []
    assert found(ledger, "01000002", frozenset()) == []


def test_a_plan_is_found_by_who_sees_all_that_its_maker_saw(bench: Bench) -> None:
    dead(bench, 1)
    frozen = plan_for(bench)
    plans = [item for item in found(bench.backend, frozen.id, frozenset({"acme"})) if item.kind is Thing.PLAN]
    assert plans == []


def test_a_deleted_schedule_is_not_found(bench: Bench) -> None:
    made = schedule(bench)
    bench.backend.act_on_schedule(made.id, SCHEDULE_DELETE, STAMP, revision=None)
    assert found(bench.backend, made.id) == []


def test_the_way_is_a_range_of_the_index_however_many_rows_there_are(ledger: LedgerReads) -> None:
    many(ledger.engine, "acme", MANY)
    with ledger.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    ids = id_range("010")
    assert ids is not None
    with read(ledger.engine) as connection:
        for tenants, count in ((None, 6), (frozenset({"acme"}), 6), (frozenset({"nobody"}), 0)):
            query = range_query(Thing.JOB, ids, tenants, 6)
            steps = plan_of(connection, query)
            assert "job_by_id" in steps
            assert "SCAN job" not in steps
            assert "Seq Scan" not in steps
            assert len(fetch(connection, query)) == count


@pytest.mark.parametrize("kind", [kind for kind in Thing if kind is not Thing.WORKER])
def test_sqlite_searches_the_ids_of_every_kind(ledger: LedgerReads, kind: Thing) -> None:
    ids = id_range("0100")
    assert ids is not None
    with read(ledger.engine) as connection:
        if connection.dialect.name == "sqlite":
            assert "_by_id (id>? AND id<?)" in plan_of(connection, range_query(kind, ids, frozenset({"a"}), 6))


def plan_of(connection: Connection, query: Any) -> str:
    """How the database answers the query."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in connection.execute(statement(f"{how} {query.sql}"), query.params))


def test_a_job_is_found_with_what_it_is(ledger: LedgerReads) -> None:
    (row,) = add_jobs(ledger.engine, [job_values(label="payments", job_type="scan.merge", state="failed")])
    (item,) = found(ledger, row["id"])
    assert (item.name, item.note, item.tenant, item.state) == ("scan.merge", "payments", "acme", "failed")
