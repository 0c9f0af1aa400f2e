"""What the console reads of jobs, DAGs, logs, queues, workers and the change feed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from execution_ops.backends.embedded import changes
from execution_ops.backends.embedded.counters import Move, count, fold
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.backends.embedded.fleet_tables import Worker
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.tables import Change, JobArtifact, JobAttempt, JobEvent, JobLog, JobValue
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.states import AttemptState, JobState, WorkerState
from execution_ops.domain.times import from_ms, now_ms
from tests.databases import PostgresServer
from tests.factories import START, add_edges, add_jobs, job_values

OTHERS = frozenset({"globex"})
STORED = Path("/store")


@pytest.fixture
def ledger(database: Engine) -> LedgerReads:
    return LedgerReads(database, lambda sha256: STORED / sha256)


def _insert(engine: Engine, table: Any, *rows: dict[str, Any]) -> None:
    with write(engine) as connection:
        connection.execute(insert(table), list(rows))


@pytest.fixture
def family(ledger: LedgerReads) -> list[dict[str, Any]]:
    """A DAG: one parent, two children, and a stranger of another tenant."""
    dag = new_id()
    rows = add_jobs(
        ledger.engine,
        [
            job_values(dag_id=dag, node_key="inspect", payload={"path": "/srv"}),
            job_values(dag_id=dag, node_key="java", group_key="catalog", state="running", label="java"),
            job_values(dag_id=dag, node_key="python", group_key="catalog", state="pending"),
            job_values(tenant="globex"),
        ],
    )
    add_edges(ledger.engine, [(rows[0]["n"], rows[1]["n"]), (rows[0]["n"], rows[2]["n"])])
    return rows


def test_a_job_comes_with_everything_about_it(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    n = family[1]["n"]
    _insert(
        ledger.engine,
        JobAttempt,
        {"job_n": n, "number": 1, "state": "lost", "worker_id": "w1", "started_at": START, "finished_at": START + 40},
        {
            "job_n": n,
            "number": 2,
            "state": "running",
            "worker_id": "w2",
            "started_at": now_ms() - 5_000,
            "finished_at": None,
        },
    )
    _insert(
        ledger.engine, JobEvent, {"job_n": n, "seq": 1, "at": START, "kind": "cancel", "actor": "eva", "reason": "why"}
    )
    digest = "a" * 64
    _insert(
        ledger.engine,
        JobArtifact,
        {"job_n": n, "name": "sbom", "sha256": digest, "size": 2**40, "media_type": "application/json"},
    )
    _insert(ledger.engine, JobValue, {"job_n": n, "which": "result", "body": '{"n": 1e400}', "size": 12})

    job = ledger.get_job(family[1]["id"], tenants=None)
    assert job is not None
    assert (job.row.id, job.row.label, job.row.state) == (family[1]["id"], "java", JobState.RUNNING)
    assert [(a.number, a.state, a.duration_ms) for a in job.attempts[:1]] == [(1, AttemptState.LOST, 40)]
    assert job.attempts[1].duration_ms is not None
    assert job.attempts[1].duration_ms >= 5_000
    assert [(e.kind, e.actor, e.reason, e.at) for e in job.events] == [("cancel", "eva", "why", from_ms(START))]
    assert [(a.name, a.size) for a in job.artifacts] == [("sbom", 2**40)]
    assert [parent.id for parent in job.parents] == [family[0]["id"]]
    assert job.children == ()
    assert (job.payload_bytes, job.result_bytes, job.dag_size) == (0, 12, 3)
    assert ledger.get_value(family[1]["id"], "result", tenants=None) == '{"n": 1e400}'
    assert ledger.get_value(family[1]["id"], "payload", tenants=None) is None

    parent = ledger.get_job(family[0]["id"], tenants=frozenset({"acme"}))
    assert parent is not None
    assert {child.id for child in parent.children} == {family[1]["id"], family[2]["id"]}
    assert parent.row.duration_ms == 240
    assert ledger.artifact(digest, tenants=frozenset({"acme"})) == STORED / digest


def test_of_very_many_relatives_the_ones_that_matter_come_and_all_are_counted(ledger: LedgerReads) -> None:
    dag = new_id()
    states = ["succeeded"] * 90 + ["scheduled"] * 3 + ["running", "failed"]
    rows = add_jobs(
        ledger.engine,
        [job_values(dag_id=dag, node_key=f"n{i}", state=state) for i, state in enumerate([*states, "pending"])],
    )
    *many, last = rows
    add_edges(ledger.engine, [(row["n"], last["n"]) for row in many])
    job = ledger.get_job(last["id"], tenants=None)
    assert job is not None
    assert (len(job.parents), job.parents_total, job.children_total) == (50, 95, 0)
    assert {row["id"] for row in many[90:]} < {parent.id for parent in job.parents}
    assert [parent.node_key for parent in job.parents[:2]] == ["n0", "n1"]
    parent = ledger.get_job(many[0]["id"], tenants=None)
    assert parent is not None
    assert (len(parent.children), parent.children_total, parent.parents_total) == (1, 1, 0)


def test_other_tenants_and_unknown_ids_read_nothing(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    digest = "b" * 64
    _insert(
        ledger.engine,
        JobArtifact,
        {"job_n": family[0]["n"], "name": "x", "sha256": digest, "size": 1, "media_type": "text/plain"},
    )
    for job_id, tenants in ((family[0]["id"], OTHERS), (family[0]["id"], frozenset[str]()), (new_id(), None)):
        assert ledger.get_job(job_id, tenants=tenants) is None
        assert ledger.get_value(job_id, "payload", tenants=tenants) is None
        assert ledger.get_log(job_id, tenants=tenants) is None
        assert ledger.get_dag(family[0]["dag_id"] if tenants is not None else job_id, tenants=tenants) is None
    assert ledger.artifact(digest, tenants=OTHERS) is None
    assert ledger.artifact("c" * 64, tenants=None) is None


def test_a_dag_has_its_nodes_and_edges(ledger: LedgerReads, family: list[dict[str, Any]]) -> None:
    dag = ledger.get_dag(family[0]["dag_id"], tenants=frozenset({"acme"}))
    assert dag is not None
    assert [(node.row.node_key, node.group) for node in dag.nodes] == [
        ("inspect", ""),
        ("java", "catalog"),
        ("python", "catalog"),
    ]
    assert set(dag.edges) == {(family[0]["id"], family[1]["id"]), (family[0]["id"], family[2]["id"])}


@pytest.fixture
def logged(ledger: LedgerReads) -> str:
    """A job with 1,000 lines: every 100th an error, every 10th of the rest a warning."""
    row = add_jobs(ledger.engine, [job_values()])[0]
    levels = [40 if i % 100 == 0 else 30 if i % 10 == 0 else 20 if i % 2 else 10 for i in range(1, 1_001)]
    _insert(
        ledger.engine,
        JobLog,
        *(
            {
                "job_n": row["n"],
                "seq": i,
                "at": START + i,
                "attempt": 1,
                "level": level,
                "text": f"Line {i} 100% of a_b",
            }
            for i, level in enumerate(levels, 1)
        ),
    )
    return str(row["id"])


@pytest.mark.parametrize(
    ("asked", "seqs", "total"),
    [
        ({"limit": 3}, [1, 2, 3], 1_000),
        ({"skip": 500, "limit": 2}, [501, 502], 1_000),
        ({"skip": 3, "limit": 2, "level": LogLevel.ERROR}, [400, 500], 10),
        ({"after": 998}, [999, 1_000], 1_000),
        ({"after": 1_000}, [], 1_000),
        ({"last": True, "limit": 2}, [999, 1_000], 1_000),
        ({"level": LogLevel.ERROR, "limit": 2}, [100, 200], 10),
        ({"level": LogLevel.WARNING, "limit": 2, "last": True}, [990, 1_000], 100),
        ({"level": LogLevel.DEBUG, "limit": 1}, [1], 1_000),
        ({"text": "LINE 77 "}, [77], 1),
        ({"text": "0%", "limit": 1}, [1], 1_000),
        ({"text": "a%b"}, [], 0),
        ({"text": "a!b"}, [], 0),
        ({"text": "line 9", "level": LogLevel.WARNING, "limit": 2}, [90, 900], 11),
    ],
)
def test_a_log_is_read_in_windows(
    ledger: LedgerReads, logged: str, asked: dict[str, Any], seqs: list[int], total: int
) -> None:
    window = ledger.get_log(logged, tenants=None, **asked)
    assert window is not None
    assert [line.seq for line in window.lines] == seqs
    assert window.total == total
    if window.lines:
        whole = ledger.get_log(logged, tenants=None, limit=1_000, level=asked.get("level"), text=asked.get("text", ""))
        assert whole is not None
        assert whole.lines[window.start : window.start + len(seqs)] == window.lines
    assert window.by_level == {LogLevel.ERROR: 10, LogLevel.WARNING: 90, LogLevel.INFO: 500, LogLevel.DEBUG: 400}


def test_a_growing_log_is_counted_on(ledger: LedgerReads, logged: str) -> None:
    assert ledger.get_log(logged, tenants=None) is not None
    for more in range(1, 4):
        with write(ledger.engine) as connection:
            n = connection.scalar(text("SELECT n FROM job WHERE id = :id"), {"id": logged})
            line = {"job_n": n, "seq": 1_000 + more, "at": START, "attempt": 2, "level": 50, "text": "more"}
            connection.execute(insert(JobLog), [line])
        window = ledger.get_log(logged, tenants=None, level=LogLevel.ERROR, last=True, limit=1)
        assert window is not None
        assert (window.total, window.by_level[LogLevel.INFO]) == (10 + more, 500)
        assert window.lines[0].seq == 1_000 + more


def test_health_says_how_queues_stand(ledger: LedgerReads) -> None:
    now = now_ms()
    rows = add_jobs(
        ledger.engine,
        [
            *(
                job_values(state="scheduled", queue="scan", created_at=now - 60_000 + i, tenant="acme")
                for i in range(3)
            ),
            job_values(
                state="scheduled", queue="scan", created_at=now - 90_000, tenant="globex", job_type="test.other"
            ),
            job_values(state="scheduled", queue="mail", created_at=now - 90_000, eligible_at=now + 60_000),
            job_values(state="running", queue="scan", created_at=now),
            job_values(state="pending", queue="scan", created_at=now),
        ],
    )
    _insert(ledger.engine, JobEvent, {"job_n": rows[0]["n"], "seq": 1, "at": now - 20_000, "kind": "scheduled"})
    _insert(
        ledger.engine,
        Worker,
        *(
            {
                "id": f"w{i}",
                "host": "h",
                "pid": i,
                "version": "1",
                "state": state,
                "queues": "scan,slow",
                "concurrency": 4,
                "started_at": now,
                "heartbeat_at": now,
            }
            for i, state in enumerate(("online", "draining", "online"))
        ),
    )
    _insert(
        ledger.engine,
        JobAttempt,
        {"job_n": rows[5]["n"], "number": 1, "state": "running", "worker_id": "w2", "started_at": now},
        {"job_n": rows[5]["n"], "number": 2, "state": "lost", "worker_id": "w2", "started_at": now},
    )
    with write(ledger.engine) as connection:
        count(connection, [Move("acme", "test.echo", "scan", None, JobState.SUCCEEDED)] * 5, now)
        count(connection, [Move("acme", "test.echo", "scan", None, JobState.FAILED)] * 2, now - 3 * 60_000)
        count(connection, [Move("globex", "test.echo", "scan", None, JobState.FAILED)], now - 61 * 60_000)
    unfolded = ledger.health(tenants=None)
    fold(ledger.engine)

    found = ledger.health(tenants=None)
    assert [queue.done_series for queue in unfolded.queues] == [queue.done_series for queue in found.queues]
    assert [queue.failed_series for queue in unfolded.queues] == [queue.failed_series for queue in found.queues]
    by_name = {queue.queue: queue for queue in found.queues}
    assert sorted(by_name) == ["mail", "scan", "slow"]
    scan = by_name["scan"]
    assert (scan.waiting, scan.pending, scan.running, scan.workers, scan.limit) == (4, 1, 1, 2, 8)
    assert scan.job_types == ("test.echo", "test.other")
    assert scan.oldest_wait_ms is not None
    assert 90_000 <= scan.oldest_wait_ms < 120_000
    assert (scan.done_last_hour, scan.failed_last_hour) == (5, 2)
    assert len(scan.done_series) == len(scan.failed_series) == 60
    assert sum(scan.done_series[-2:]) == 5
    assert by_name["mail"].oldest_wait_ms == 0
    assert (by_name["mail"].limit, by_name["mail"].workers) == (None, 0)
    assert (by_name["slow"].waiting, by_name["slow"].oldest_wait_ms) == (0, None)
    assert [(worker.id, worker.state, worker.running) for worker in found.workers] == [
        ("w0", WorkerState.ONLINE, 0),
        ("w1", WorkerState.DRAINING, 0),
        ("w2", WorkerState.ONLINE, 1),
    ]

    acme = {queue.queue: queue for queue in ledger.health(tenants=frozenset({"acme"})).queues}["scan"]
    assert (acme.waiting, acme.job_types) == (3, ("test.echo",))
    assert acme.oldest_wait_ms is not None
    assert 59_000 <= acme.oldest_wait_ms < 90_000
    assert ledger.health(tenants=frozenset()).queues == ()
    assert ledger.facets() == {
        "job_type": ["test.echo", "test.other"],
        "queue": ["mail", "scan"],
        "tenant": ["acme", "globex"],
    }


def test_the_oldest_wait_is_not_hidden_by_older_jobs_that_were_tried_again(ledger: LedgerReads) -> None:
    now = now_ms()
    rows = add_jobs(
        ledger.engine,
        [
            job_values(state="scheduled", queue="scan", created_at=now - 900_000, eligible_at=now + 60_000),
            job_values(state="scheduled", queue="scan", created_at=now - 800_000),
            job_values(state="scheduled", queue="scan", created_at=now - 300_000),
        ],
    )
    # The second was retried by an operator just now.
    _insert(ledger.engine, JobEvent, {"job_n": rows[1]["n"], "seq": 1, "at": now, "kind": "scheduled"})
    fold(ledger.engine)
    for tenants in (None, frozenset({"acme"})):
        (queue,) = ledger.health(tenants=tenants).queues
        assert queue.oldest_wait_ms is not None
        assert 300_000 <= queue.oldest_wait_ms < 330_000


def _announce(engine: Engine, *ids: str) -> None:
    _insert(engine, Change, *({"at": START, "job_id": job_id, "dag_id": "d", "queue": "q"} for job_id in ids))


def test_the_change_feed_is_read_in_order_and_says_when_it_was_trimmed(ledger: LedgerReads) -> None:
    assert (ledger.last_change(), ledger.changes_after(0)) == (0, ([], False))
    _announce(ledger.engine, *(f"j{i}" for i in range(5)))
    last = ledger.last_change()
    found, trimmed = ledger.changes_after(0)
    assert [change.job_id for change in found] == ["j0", "j1", "j2", "j3", "j4"]
    assert (found[-1].seq, trimmed) == (last, False)
    assert [change.job_id for change in ledger.changes_after(found[1].seq, limit=2)[0]] == ["j2", "j3"]
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change WHERE seq <= :seq"), {"seq": found[2].seq})
    assert ledger.changes_after(found[2].seq)[1] is False
    rest, trimmed = ledger.changes_after(found[1].seq)
    assert ([change.job_id for change in rest], trimmed) == (["j3", "j4"], True)
    assert ledger.changes_after(last) == ([], False)


def test_the_change_feed_says_when_the_database_was_put_back(ledger: LedgerReads) -> None:
    _announce(ledger.engine, *(f"j{i}" for i in range(5)))
    last = ledger.last_change()
    assert ledger.changes_after(last) == ([], False)
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change WHERE seq > :seq"), {"seq": last - 3})
    assert ledger.changes_after(last) == ([], True)
    assert ledger.changes_after(ledger.last_change()) == ([], False)
    with write(ledger.engine) as connection:
        connection.execute(text("DELETE FROM change"))
    assert ledger.changes_after(last) == ([], True)
    assert ledger.changes_after(ledger.last_change()) == ([], False)


def test_a_look_at_an_unchanged_feed_is_one_statement(ledger: LedgerReads) -> None:
    _announce(ledger.engine, "j1", "j2")
    last = ledger.last_change()
    before = ledger.statements()
    ledger.changes_after(last)
    unchanged = ledger.statements() - before
    ledger.ping()
    assert unchanged == ledger.statements() - before - unchanged


@pytest.fixture
def shared(postgres: PostgresServer, postgres_template: str) -> Any:
    """A PostgreSQL ledger, where transactions commit in any order."""
    name, url = postgres.create(postgres_template)
    engine = ledger_engine(url)
    yield LedgerReads(engine, lambda sha256: None)
    engine.dispose()
    postgres.drop(name)


def test_a_change_that_commits_late_is_not_missed(shared: LedgerReads) -> None:
    _announce(shared.engine, "first")
    start = shared.last_change()
    with write(shared.engine) as slow:
        row = {"at": START, "job_id": "slow", "dag_id": "d", "queue": "q"}
        slow.execute(insert(Change), [row])
        _announce(shared.engine, "fast")
        assert shared.changes_after(start) == ([], False)
        assert shared.last_change() == start
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["slow", "fast"]


def test_a_number_that_never_comes_holds_nobody_up(shared: LedgerReads, monkeypatch: pytest.MonkeyPatch) -> None:
    _announce(shared.engine, "first")
    start = shared.last_change()
    connection = shared.engine.connect()
    connection.execute(insert(Change), [{"at": START, "job_id": "gone", "dag_id": "d", "queue": "q"}])
    _announce(shared.engine, "after")
    assert shared.changes_after(start)[0] == []
    connection.rollback()
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["after"]

    # Nor does a transaction that stays open.
    start = shared.last_change()
    connection.execute(insert(Change), [{"at": START, "job_id": "stuck", "dag_id": "d", "queue": "q"}])
    _announce(shared.engine, "later")
    assert shared.changes_after(start)[0] == []
    monkeypatch.setattr(changes, "PATIENCE_S", 0.0)
    assert [change.job_id for change in shared.changes_after(start)[0]] == ["later"]
    connection.rollback()
    connection.close()


def test_an_idempotency_key_is_shown(ledger: LedgerReads) -> None:
    row = add_jobs(ledger.engine, [job_values()])[0]
    with write(ledger.engine) as connection:
        connection.execute(text("UPDATE dag SET idempotency_key = 'once'"))
    job = ledger.get_job(row["id"], tenants=None)
    assert job is not None
    assert job.idempotency_key == "once"


def test_ping_answers(ledger: LedgerReads) -> None:
    ledger.ping()
