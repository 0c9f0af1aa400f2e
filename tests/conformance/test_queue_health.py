"""How queues and workers stand, as the console reads it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from execution_ops.backends.embedded import health, queue_memory
from execution_ops.backends.embedded.counters import Move, count, fold
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_tables import Worker
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.tables import JobAttempt, JobEvent
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import now_ms
from tests.factories import add_jobs, add_rows, job_values


def test_health_says_how_queues_stand(ledger: LedgerReads, monkeypatch: pytest.MonkeyPatch) -> None:
    now = now_ms()
    # Two samples are compared: no minute of theirs may end in between.
    monkeypatch.setattr(health, "now_ms", lambda: now)
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
    add_rows(ledger.engine, JobEvent, {"job_n": rows[0]["n"], "seq": 1, "at": now - 20_000, "kind": "scheduled"})
    add_rows(
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
    add_rows(
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
    assert ledger.facets(tenants=None) == {
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
    add_rows(ledger.engine, JobEvent, {"job_n": rows[1]["n"], "seq": 1, "at": now, "kind": "scheduled"})
    fold(ledger.engine)
    for tenants in (None, frozenset({"acme"})):
        (queue,) = ledger.health(tenants=tenants).queues
        assert queue.oldest_wait_ms is not None
        assert 300_000 <= queue.oldest_wait_ms < 330_000


def test_what_is_remembered_of_queues_never_hides_that_one_is_new_or_that_none_waits(
    ledger: LedgerReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = now_ms()
    add_jobs(ledger.engine, [job_values(state="scheduled", queue="scan", created_at=now - 60_000)])
    assert [queue.queue for queue in ledger.health(tenants=None).queues] == ["scan"]
    values = {"queue": "mail", "job_type": "test.other", "created_at": now - 90_000}
    (row,) = add_jobs(ledger.engine, [job_values(state="scheduled", **values)])
    add_jobs(ledger.engine, [job_values(state="scheduled", queue="scan", job_type="test.other", created_at=now)])
    mail, scan = ledger.health(tenants=None).queues
    assert (mail.queue, mail.job_types) == ("mail", ("test.other",))
    assert mail.oldest_wait_ms is not None
    assert 90_000 <= mail.oldest_wait_ms < 120_000
    assert scan.oldest_wait_ms is not None
    assert 60_000 <= scan.oldest_wait_ms < 90_000
    with write(ledger.engine) as connection:
        connection.execute(text("UPDATE job SET state = 'running' WHERE n = :n"), {"n": row["n"]})
        count(connection, [Move("acme", "test.other", "mail", JobState.SCHEDULED, JobState.RUNNING)], now)
    assert ledger.health(tenants=None).queues[0].oldest_wait_ms is None
    # A little later everything is read again.
    monkeypatch.setattr(queue_memory, "TYPES_S", -1)
    monkeypatch.setattr(queue_memory, "WAIT_S", -1)
    with write(ledger.engine) as connection:
        connection.execute(text("UPDATE job SET state = 'running' WHERE queue = 'scan' AND job_type = 'test.echo'"))
    mail, scan = ledger.health(tenants=None).queues
    assert scan.job_types == ("test.echo", "test.other")
    assert scan.oldest_wait_ms is not None
    assert scan.oldest_wait_ms < 60_000
