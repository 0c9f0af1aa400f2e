"""Counters say at any moment what counting all jobs would say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, Engine, text

from execution_ops.backends.embedded.counters import Move, count, fold, forget_rates, reconcile
from execution_ops.backends.embedded.engines import read, write
from execution_ops.domain.rates import MINUTE_MS
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms
from tests.factories import add_jobs, job_values

SUM = text(
    "SELECT sum(jobs) FROM (SELECT jobs FROM counter WHERE state = :state "
    "UNION ALL SELECT jobs FROM counter_delta WHERE state = :state) AS sums"
)


def _sum(connection: Connection, state: JobState) -> int:
    return int(connection.scalar(SUM, {"state": state.value}) or 0)


def test_the_sum_of_counters_and_deltas_is_right_before_and_after_a_fold(database: Engine) -> None:
    now = now_ms()
    with write(database) as connection:
        count(connection, [Move("acme", "a", "q", None, JobState.RUNNING)] * 5, now)
        count(connection, [Move("acme", "a", "q", JobState.RUNNING, JobState.SUCCEEDED)] * 2, now)
        assert (_sum(connection, JobState.RUNNING), _sum(connection, JobState.SUCCEEDED)) == (3, 2)
    assert fold(database) == 3
    assert fold(database) == 0
    with read(database) as connection:
        assert (_sum(connection, JobState.RUNNING), _sum(connection, JobState.SUCCEEDED)) == (3, 2)
        assert connection.scalar(text("SELECT count(*) FROM counter_delta")) == 0


def test_the_fold_fills_the_minutes_with_what_ended(database: Engine) -> None:
    now = now_ms()
    ends = [JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELED]
    for _ in range(2):
        with write(database) as connection:
            count(connection, [Move("acme", "a", "q", JobState.RUNNING, state) for state in ends], now)
            # A job that is retried leaves the minute in which it had failed, as it leaves the list of that minute.
            retried = Move("acme", "a", "q", JobState.FAILED, JobState.SCHEDULED, now - MINUTE_MS)
            count(connection, [Move("acme", "a", "q", JobState.RUNNING, JobState.FAILED)] * 2, now - MINUTE_MS)
            count(connection, [retried, retried._replace(ended_at=now - 400 * MINUTE_MS)], now)
            count(connection, [Move("acme", "a", "q", JobState.RUNNING, JobState.FAILED)], now - 500 * MINUTE_MS)
        fold(database)
    with read(database) as connection:
        wanted = text("SELECT tenant, start, queue, arrived, done, failed FROM queue_rate WHERE width = 1")
        rows = connection.execute(wanted).all()
    start = now // MINUTE_MS * MINUTE_MS
    figures = [(start - MINUTE_MS, "q", 0, 0, 2), (start, "q", 0, 4, 4)]
    assert sorted(map(tuple, rows)) == [(tenant, *line) for tenant in ("", "acme") for line in figures]


def test_what_no_window_has_any_more_is_forgotten(database: Engine) -> None:
    now = now_ms()
    with write(database) as connection:
        for age in (10, 70, 300, 440, 1_000, 1_700):
            count(connection, [Move("acme", "a", "q", None, JobState.RUNNING)], now - age * MINUTE_MS)
    fold(database)
    with write(database) as connection:
        for width, minutes in ((1, 75), (5, 450), (30, 1_800)):
            rows = [
                {"width": width, "tenant": tenant, "start": now - (minutes + age) * MINUTE_MS, "queue": "old"}
                for tenant in ("", "acme")
                for age in (-40, 40)
            ]
            connection.execute(
                text("INSERT INTO queue_rate VALUES (:width, :tenant, :start, :queue, 1, 0, 0, 1)"),
                rows,
            )
    forget_rates(database)
    with read(database) as connection:
        kept = connection.execute(text("SELECT width, tenant, queue, arrived FROM queue_rate")).all()
    for tenant in ("", "acme"):
        of_width = {
            width: sorted((queue, jobs) for wide, whose, queue, jobs in kept if (wide, whose) == (width, tenant))
            for width in (1, 5, 30)
        }
        assert of_width == {
            1: [("old", 1), *[("q", 1)] * 2],
            5: [("old", 1), *[("q", 1)] * 4],
            30: [("old", 1), *[("q", 1)] * 6],
        }


def test_sums_by_queue_are_those_of_the_counters(database: Engine) -> None:
    now = now_ms()
    of_counters = "SELECT {tenant}, state, queue, sum(jobs) FROM counter GROUP BY 1, 2, 3 HAVING sum(jobs) <> 0"

    def check() -> None:
        with read(database) as connection:
            kept = connection.execute(text("SELECT tenant, state, queue, jobs FROM queue_counter WHERE jobs <> 0"))
            there = [
                (*row[:3], int(row[3]))
                for tenant in ("tenant", "''")
                for row in connection.execute(text(of_counters.format(tenant=tenant)))
            ]
            assert sorted(map(tuple, kept)) == sorted(there)

    for i in range(4):
        with write(database) as connection:
            for tenant, job_type, queue in (("acme", "a", "q"), ("acme", "b", "q"), ("globex", "a", "r")):
                count(connection, [Move(tenant, job_type, queue, None, JobState.SCHEDULED)] * (i + 2), now)
                count(connection, [Move(tenant, job_type, queue, JobState.SCHEDULED, JobState.RUNNING)], now)
        fold(database)
        check()
    with read(database) as connection:
        total = connection.scalar(text("SELECT sum(jobs) FROM queue_counter WHERE tenant = ''"))
    assert total == 3 * (2 + 3 + 4 + 5)
    with write(database) as connection:
        connection.execute(text("UPDATE queue_counter SET jobs = 99 WHERE tenant = 'acme'"))
        connection.execute(text("UPDATE counter SET jobs = 1 WHERE tenant = 'globex' AND state = 'running'"))
    reconcile(database)
    check()


def test_reconcile_repairs_what_is_wrong_and_only_that(database: Engine) -> None:
    add_jobs(database, [job_values(tenant=f"t{i % 3}", state="failed") for i in range(9)])
    assert reconcile(database) == 0
    with write(database) as connection:
        connection.execute(text("UPDATE counter SET jobs = 99 WHERE tenant = 't1'"))
        connection.execute(text("INSERT INTO counter VALUES ('ghost', 'a', 'q', 'failed', 7)"))
        connection.execute(text("DELETE FROM counter WHERE tenant = 't2'"))
    assert reconcile(database) == 3
    with read(database) as connection:
        found = connection.execute(text("SELECT tenant, jobs FROM counter ORDER BY tenant")).all()
    assert [tuple(row) for row in found] == [("t0", 3), ("t1", 3), ("t2", 3)]


def test_writers_folders_and_reconcilers_at_once_lose_nothing(database: Engine) -> None:
    def work(tenant: str) -> None:
        for i in range(10):
            add_jobs(database, [job_values(tenant=tenant, state="failed" if i % 2 else "running")])

    def tend(_: str) -> None:
        for _round in range(10):
            fold(database)
            reconcile(database)

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(role, name) for role in (work, tend) for name in ("a", "b")]
        for future in futures:
            future.result()
    fold(database)
    with read(database) as connection:
        assert (_sum(connection, JobState.RUNNING), _sum(connection, JobState.FAILED)) == (10, 10)
    assert reconcile(database) == 0
