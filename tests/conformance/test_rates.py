"""The figures of queues are exactly what the lists behind them have, whatever happens to jobs."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, MetaData, text

from execution_ops.backends.embedded import attempts, control, letter_control, submit
from execution_ops.backends.embedded.counters import Move, count, fold, forget_rates
from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.rates import MINUTE_MS, Rates, Window
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import from_ms, iso, now_ms, to_ms
from tests.execution import STAMP, Bench, node
from tests.factories import add_jobs, job_values
from tests.letters import die, entries, succeed
from tests.schema import filled, upgrade_to

VIEWERS = (None, frozenset({"acme"}), frozenset({"acme", "globex"}))
BAD = (JobState.FAILED, JobState.TIMED_OUT)
# Ages at which something happens: in every window, close to its borders, and before all of them.
AGES_MIN = (0, 1, 4, 6, 29, 31, 58, 59, 60, 61, 299, 301, 356, 361, 1_000, 1_409, 1_441, 3_000)


class Clock:
    """The time at which something is done to jobs."""

    def __init__(self) -> None:
        self.age_ms = 0

    def __call__(self) -> int:
        return now_ms() - self.age_ms


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Everything that is done to jobs happens when this clock says."""
    clock = Clock()
    for module in (submit, attempts, control, letter_control):
        monkeypatch.setattr(module, "now_ms", clock)
    return clock


def check(ledger: LedgerReads, window: Window, tenants: frozenset[str] | None) -> None:
    """Compare each figure with the list that it stands for, which is read again if a bucket began meanwhile."""
    while True:
        rates = ledger.rates(window, tenants=tenants)
        since = iso(rates.since)
        done_jobs = JobFilter(state=(JobState.SUCCEEDED,), ended_after=since)
        arrived = listed(ledger, rates, tenants, JobFilter(after=since), "created_at")
        done = listed(ledger, rates, tenants, done_jobs, "finished_at")
        failed = listed(ledger, rates, tenants, JobFilter(state=BAD, ended_after=since), "finished_at")
        if window.since(from_ms(now_ms())) == rates.since:
            break
    zeros = [0] * window.buckets
    for queue in rates.queues:
        assert list(queue.arrived) == arrived.pop(queue.queue, zeros), (window, queue.queue)
        assert list(queue.done) == done.pop(queue.queue, zeros), (window, queue.queue)
        assert list(queue.failed) == failed.pop(queue.queue, zeros), (window, queue.queue)
    assert (arrived, done, failed) == ({}, {}, {})


def listed(
    ledger: LedgerReads, rates: Rates, tenants: frozenset[str] | None, where: JobFilter, moment: str
) -> dict[str, list[int]]:
    """How many jobs of the list have this moment in each bucket, by queue."""
    found: dict[str, list[int]] = {}
    for batch in ledger.iterate_jobs(where, tenants=tenants):
        for row in batch:
            i = (to_ms(getattr(row, moment)) - to_ms(rates.since)) // rates.window.bucket_ms
            # What ends in a moment that is yet to come, by another clock, is in the last bucket.
            found.setdefault(row.queue, [0] * rates.window.buckets)[min(i, rates.window.buckets - 1)] += 1
    return found


def check_all(ledger: LedgerReads) -> None:
    """All windows, for viewers of all tenants and of some."""
    for window in Window:
        for tenants in VIEWERS:
            check(ledger, window, tenants)


def test_figures_follow_the_lists_through_everything_that_jobs_go_through(bench: Bench, clock: Clock) -> None:
    chance = random.Random(7)
    ages = sorted(AGES_MIN, reverse=True)
    jobs: list[str] = []
    for age in ages:
        clock.age_ms = age * MINUTE_MS
        for tenant in ("acme", "globex", "other"):
            nodes = [node("a", "test.echo"), node("b", "test.echo"), node("c", "test.echo", after=("a",))]
            jobs += bench.submit(*nodes, tenant=tenant).job_ids.values()
        for job_id in chance.sample(jobs, len(jobs) // 2):
            _go_on(bench, chance, job_id)
        if chance.random() < 0.6:
            fold(bench.beneath.engine)
            forget_rates(bench.beneath.engine)
        check_all(bench.backend)
    states = {row["state"] for row in bench.rows("SELECT DISTINCT state FROM job")}
    assert states == {state.value for state in JobState} - {JobState.TIMED_OUT.value, JobState.RUNNING.value}
    fold(bench.beneath.engine)
    check_all(bench.backend)
    # Another process, which has not read anything yet, says the same.
    check_all(LedgerReads(bench.beneath.engine, lambda _: None))


def _go_on(bench: Bench, chance: random.Random, job_id: str) -> None:
    match bench.state(job_id):
        case JobState.SCHEDULED:
            step = chance.choice((die, succeed, None))
            if step is None:
                assert bench.backend.cancel([job_id], STAMP)[0].done
            else:
                step(bench, [job_id])
        case JobState.FAILED:
            letter = next((row for row in entries(bench, job_id=job_id, state="pending")), None)
            if letter and chance.random() < 0.5:
                assert bench.backend.act_on_letters("replay", [letter["id"]], STAMP, {})[0].done
            else:
                assert bench.backend.retry([job_id], STAMP)[0].done
        case JobState.CANCELED:
            assert bench.backend.retry([job_id], STAMP)[0].done


def test_each_bucket_has_what_came_into_it(ledger: LedgerReads) -> None:
    now = now_ms()
    add_jobs(
        ledger.engine,
        [
            job_values(state=state, queue=queue, tenant=tenant, created_at=now - age * MINUTE_MS)
            for age in AGES_MIN
            for state in ("scheduled", "succeeded", "failed", "timed_out", "canceled")
            for queue, tenant in (("scan", "acme"), ("scan", "globex"), ("mail", "acme"))
        ],
    )
    check_all(ledger)
    fold(ledger.engine)
    check_all(ledger)
    (mail, scan) = ledger.rates(Window.DAY, tenants=None).queues
    assert scan.arrived_total == 2 * mail.arrived_total > 0
    assert scan.failure_rate == mail.failure_rate == pytest.approx(2 / 3)
    assert ledger.rates(Window.DAY, tenants=frozenset()).queues == ()
    assert ledger.rates(Window.DAY, tenants=frozenset({"nobody"})).queues == ()


def test_a_reader_goes_on_with_what_was_folded_since(ledger: LedgerReads) -> None:
    engine, now = ledger.engine, now_ms()

    def sums() -> tuple[int, int, int]:
        found = ledger.rates(Window.DAY, tenants=None).of("q")
        return found.arrived_total, found.done_total, found.failed_total

    def move(old: JobState | None, new: JobState, at: int, ended_at: int | None = None) -> None:
        with write(engine) as connection:
            count(connection, [Move("acme", "a", "q", old, new, ended_at)], at)
        fold(engine)

    for _ in range(3):
        move(None, JobState.RUNNING, now - 90 * MINUTE_MS)
    assert sums() == (3, 0, 0)
    move(JobState.RUNNING, JobState.FAILED, now - 80 * MINUTE_MS)
    move(JobState.RUNNING, JobState.SUCCEEDED, now)
    assert sums() == (3, 1, 1)
    move(JobState.FAILED, JobState.SCHEDULED, now, now - 80 * MINUTE_MS)
    assert sums() == (3, 1, 0)
    # The database is put back to an older state.
    with write(engine) as connection:
        connection.execute(text("DELETE FROM queue_rate WHERE start > :start"), {"start": now - 70 * MINUTE_MS})
        connection.execute(text("UPDATE queue_rate SET folded = folded - 3600000"))
    assert sums() == (3, 0, 0)


@pytest.fixture
def old_ledger(empty_url: str) -> Iterator[Engine]:
    """A ledger as it was before arrivals were counted."""
    engine = ledger_engine(empty_url)
    upgrade_to(engine, "0012")
    yield engine
    engine.dispose()


def test_an_old_ledger_has_its_figures_from_the_first_moment(old_ledger: Engine) -> None:
    now = now_ms()
    old = MetaData()
    old.reflect(old_ledger, only=("dag", "job"))
    dags, jobs = old.tables["dag"], old.tables["job"]
    waiting = text(
        "INSERT INTO counter_delta (at, tenant, job_type, queue, state, jobs) "
        "VALUES (:at, :tenant, 'test.echo', :queue, :state, 1)"
    )
    with write(old_ledger) as connection:
        connection.execute(dags.insert(), filled(dags, {"id": "dag"}))
        n = 0
        for age in AGES_MIN:
            for state in (JobState.SCHEDULED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED):
                n += 1
                created = now - age * MINUTE_MS
                place = {"tenant": ("acme", "globex")[n % 2], "queue": ("scan", "mail")[n // 2 % 2]}
                values = {"n": n, "id": f"{n:036}", "dag_id": "dag", "node_key": str(n), "job_type": "test.echo"}
                values |= {**place, "state": state.value, "created_at": created, "max_attempts": 1, "timeout_ms": 1}
                values |= {"finished_at": created + 20_000 if state in ENDED else None}
                connection.execute(jobs.insert(), filled(jobs, values))
                # No worker has folded anything yet.
                connection.execute(waiting, {**place, "at": created, "state": state.value})
    upgrade(old_ledger)
    ledger = LedgerReads(old_ledger, lambda _: None)
    check_all(ledger)
    fold(old_ledger)
    check_all(ledger)
    assert ledger.count_jobs(JobFilter(), tenants=None).total == n
    with read(old_ledger) as connection:
        assert connection.scalar(text("SELECT count(*) FROM counter_delta")) == 0
