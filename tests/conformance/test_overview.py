"""What blocks, and the figures of Jobs & Queues: each is the number of the rows behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert

from execution_ops.backends.embedded import attempts
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_tables import Worker
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.overview_filters import OverviewFilter, Tab
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.schedules import Overlap
from execution_ops.domain.standing import DEATHS_MIN, BlockKind
from execution_ops.domain.states import OPEN_LETTERS, JobState, WorkerState
from execution_ops.domain.times import iso, now_ms
from execution_ops.domain.topics import SCHEDULES
from execution_ops.services import overview
from execution_ops.services.container import Services, compose
from tests.execution import Bench, wait_until
from tests.factories import add_jobs, job_values
from tests.letters import die, submit
from tests.quota_bench import act, many, quota
from tests.schedule_bench import due, run_now, schedule, stand_in

ANN = local_operator()
ADA = Actor(name="ada", scopes=frozenset({Scope.READ}), tenants=frozenset({"acme"}))
LATELY_MS = 5 * 60_000
LONG_MS = 3 * 3_600_000
FILTERS = (
    "",
    "tenant=acme",
    "queue=alpha&jobs.state=failed&jobs.state=running",
    "tenant=acme&queue=alpha&job_type=b.two",
    "queues.text=ALPH&after=1h&letters.state=resolved&workers.state=lost",
    "tenant=nobody",
)


@pytest.fixture
def services(bench: Bench) -> Services:
    return compose(bench.settings, bench.backend)


def add_many(bench: Bench) -> None:
    """Jobs of two tenants, two queues and two types in every state, lately and long ago."""
    made = []
    for tenant, queue, job_type in (
        ("acme", "alpha", "a.one"),
        ("acme", "alpha", "b.two"),
        ("globex", "beta", "a.one"),
    ):
        for at, state in enumerate(JobState):
            for ago in (LATELY_MS, LONG_MS)[: 1 + at % 2]:
                values = {"tenant": tenant, "queue": queue, "job_type": job_type, "state": state.value}
                made.append(job_values(**values, created_at=now_ms() - ago))
    add_jobs(bench.beneath.engine, made)


def add_worker(bench: Bench, name: str, state: WorkerState, *queues: str) -> None:
    now = now_ms()
    row = Worker(
        id=name,
        name=name,
        host="elsewhere",
        pid=1,
        version="0",
        state=state.value,
        queues=",".join(queues),
        concurrency=1,
        started_at=now - LONG_MS,
        heartbeat_at=now,
        ended_at=now if state is WorkerState.LOST else None,
    )
    with write(bench.beneath.engine) as connection:
        connection.execute(insert(Worker).values(**row.model_dump()))


def rows_of(services: Services, where: OverviewFilter) -> dict[Tab, int]:
    """How many rows each tab lists."""
    return {
        Tab.QUEUES: len(services.overview.queues_now(ANN, where).standing.items),
        Tab.JOBS: len(services.jobs.list(ANN, where.jobs(), limit=500).rows),
        Tab.RUNS: len(services.runs.list(ANN, where.runs(), limit=500).rows),
        Tab.LETTERS: len(services.letters.list(ANN, where.letters(), limit=500).rows),
        Tab.WORKERS: len(services.workers.list(ANN, where.workers(), limit=500).rows),
    }


def jobs_of(services: Services, where: OverviewFilter, *states: JobState, **more: Any) -> int:
    """How many jobs the list has that a total leads to."""
    wanted = where.totals().jobs().model_copy(update={"state": states, **more})
    return len(services.jobs.list(ANN, wanted, limit=500).rows)


@pytest.mark.parametrize("query", FILTERS)
def test_each_figure_is_the_number_of_rows_that_it_leads_to(bench: Bench, services: Services, query: str) -> None:
    add_many(bench)
    add_worker(bench, "w1", WorkerState.ONLINE, "alpha")
    add_worker(bench, "w2", WorkerState.LOST, "beta")
    die(bench, submit(bench, 2))
    die(bench, submit(bench, 1, tenant="globex"))
    run_now(bench, schedule(bench))
    where = OverviewFilter.from_query(query)
    for tab in Tab:
        at = where.at(tab)

        async def figures(at: OverviewFilter = at) -> tuple[Any, Any]:
            return await services.overview.tab_counts(ANN, at), await services.overview.totals(ANN, at)

        counts, totals = asyncio.run(figures())
        assert {one: figure.count for one, figure in counts.items()} == rows_of(services, at)
        lately = {"ended_after": iso(totals.since)}
        bad = (JobState.FAILED, JobState.TIMED_OUT)
        letters = at.totals().letters().model_copy(update={"state": tuple(OPEN_LETTERS)})
        workers = at.totals().workers().model_copy(update={"state": (WorkerState.ONLINE,)})
        assert (totals.waiting.count, totals.running.count) == (
            jobs_of(services, at, JobState.SCHEDULED),
            jobs_of(services, at, JobState.RUNNING),
        )
        assert totals.done.count == jobs_of(services, at, JobState.SUCCEEDED, **lately)
        assert totals.failed.count == jobs_of(services, at, *bad, **lately)
        assert totals.letters.count == len(services.letters.list(ANN, letters, limit=500).rows)
        assert totals.workers.count == len(services.workers.list(ANN, workers, limit=500).rows)


@pytest.mark.parametrize("query", ["", "window=6h&tenant=acme", "window=24h"])
def test_each_figure_of_a_queue_is_the_number_of_jobs_that_it_leads_to(
    bench: Bench, services: Services, query: str
) -> None:
    add_many(bench)
    where = OverviewFilter.from_query(query)
    found = services.overview.queues_now(ANN, where).standing
    assert found.items
    for queue in found.items:

        def listed(*states: JobState, queue: str = queue.queue, **more: Any) -> int:
            jobs = JobFilter(queue=(queue,), tenant=where.tenant, state=states, **more)
            return len(services.jobs.list(ANN, jobs, limit=500).rows)

        since = iso(found.since)
        assert (queue.waiting, queue.pending, queue.running) == (
            listed(JobState.SCHEDULED),
            listed(JobState.PENDING),
            listed(JobState.RUNNING),
        )
        assert queue.arrived == sum(queue.arrived_series) == listed(after=since)
        assert queue.done == sum(queue.done_series) == listed(JobState.SUCCEEDED, ended_after=since)
        failed = listed(JobState.FAILED, JobState.TIMED_OUT, ended_after=since)
        assert queue.failed == sum(queue.failed_series) == failed
        assert queue.failure_rate == pytest.approx(failed / (failed + queue.done))
    sampled = asyncio.run(services.overview.queues(ANN, where)).standing.items
    assert [(one.queue, one.waiting, one.arrived) for one in sampled] == [
        (one.queue, one.waiting, one.arrived) for one in found.items
    ]


def kinds(services: Services, actor: Actor = ANN) -> list[BlockKind]:
    read = services.overview.read(actor)
    # Samples of a hub of its own: what another one holds may be some seconds old.
    fresh = compose(services.settings, services.backend)
    shown = asyncio.run(fresh.overview.standing(actor))
    assert shown.blocks == read.blocks
    return [block.kind for block in read.blocks]


def test_an_empty_system_is_clear_since_somebody_looked(services: Services) -> None:
    assert kinds(services) == []
    assert services.overview.read(ANN).clear_since is None
    services.overview.watch()
    since = services.overview.read(ANN).clear_since
    assert since is not None
    services.overview.watch()
    assert services.overview.read(ANN).clear_since == since


def test_jobs_of_a_queue_without_a_worker_block(bench: Bench, services: Services) -> None:
    submit(bench, 3)
    assert kinds(services) == [BlockKind.NO_WORKER]
    services.overview.watch()
    assert services.overview.read(ANN).clear_since is None
    (block,) = services.overview.read(ANN).blocks
    assert block.count == len(services.jobs.list(ANN, OverviewFilter(queue=(block.subject,)).jobs()).rows) == 3
    stand_in(bench)
    assert kinds(services) == []


def test_a_paused_quota_blocks_while_it_holds_jobs(bench: Bench, services: Services) -> None:
    stand_in(bench)
    known = quota(bench, max_active=1)
    act(bench, known, QUOTA_PAUSE)
    assert kinds(services) == []
    many(bench, 2)

    # The figures of quotas are sampled once a second.
    wait_until(lambda: bool(services.overview.read(ANN).blocks), "the quota blocks")
    (block,) = services.overview.read(ANN).blocks
    assert (block.subject, block.held) == (known.id, "2 jobs wait")


def test_many_deaths_in_a_short_time_block_until_somebody_decides(bench: Bench, services: Services) -> None:
    stand_in(bench)
    ids = submit(bench, DEATHS_MIN)
    die(bench, ids[:-1])
    assert kinds(services) == []
    die(bench, ids[-1:])
    assert kinds(services) == [BlockKind.LETTERS_RISING]
    (block,) = services.overview.read(ANN).blocks
    assert block.count == DEATHS_MIN
    since = OverviewFilter(after=iso(block.since)).letters()
    assert len(services.letters.list(ANN, since).rows) == block.count
    assert kinds(services, ADA) == [BlockKind.LETTERS_RISING]
    other = ADA.model_copy(update={"tenants": frozenset({"globex"})})
    assert kinds(services, other) == []


@pytest.mark.usefixtures("still_clock")
def test_a_schedule_that_missed_its_last_due_time_blocks(bench: Bench, services: Services) -> None:
    stand_in(bench)
    busy = schedule(bench, name="busy", overlap=Overlap.SKIP)
    run_now(bench, busy)
    due(bench, busy)
    bench.backend.clockwork.fire()
    (block,) = services.overview.read(ANN).blocks
    assert (block.kind, block.subject) == (BlockKind.SCHEDULE_MISSED, busy.id)
    assert block.sentence == "The schedule busy missed its last due time: the run before it had not ended."


async def test_what_was_missed_is_read_again_only_when_schedules_moved(
    bench: Bench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []
    read = bench.backend.missed_last
    monkeypatch.setattr(bench.backend, "missed_last", lambda *, tenants: reads.append(tenants) or read(tenants=tenants))
    monkeypatch.setattr(overview, "SLOW_S", 0.0)
    hub = services.hub
    following = asyncio.create_task(hub.run())
    try:
        await services.overview.standing(ANN)
        # Only from then on it is known what moves.
        while not hub.gauges().polls:
            await asyncio.sleep(0.02)
        await services.overview.standing(ANN)
        known = len(reads)
        for _ in range(3):
            await services.overview.standing(ANN)
        assert len(reads) == known
        seen = hub.version(SCHEDULES)
        await asyncio.to_thread(schedule, bench)
        assert await hub.wait(SCHEDULES, seen, 60) > seen
        await services.overview.standing(ANN)
        assert len(reads) == known + 1
    finally:
        following.cancel()


def test_a_lost_worker_blocks_while_jobs_are_on_it(bench: Bench, services: Services) -> None:
    stand_in(bench)
    (job_id,) = submit(bench, 1)
    add_worker(bench, "w1", WorkerState.ONLINE, "test")
    assert attempts.begin(bench.beneath.engine, job_id, bench.job(job_id)["dispatch"], "w1") is not None
    assert kinds(services) == []
    with write(bench.beneath.engine) as connection:
        connection.exec_driver_sql("UPDATE worker SET state = 'lost', ended_at = heartbeat_at WHERE id = 'w1'")
    assert kinds(services) == [BlockKind.WORKER_LOST]


def test_who_may_not_read_sees_nothing(services: Services) -> None:
    nobody = Actor(name="eve", scopes=frozenset())
    with pytest.raises(Forbidden):
        services.overview.read(nobody)
    for ask in (services.overview.standing, lambda actor: services.overview.totals(actor, OverviewFilter())):
        with pytest.raises(Forbidden):
            asyncio.run(ask(nobody))


def test_of_a_tenant_only_the_queues_that_it_used_are_told(bench: Bench, services: Services) -> None:
    add_many(bench)
    add_worker(bench, "w1", WorkerState.ONLINE, "alpha", "beta", "spare")

    def names(query: str, actor: Actor = ANN) -> list[str]:
        return [
            one.queue for one in services.overview.queues_now(actor, OverviewFilter.from_query(query)).standing.items
        ]

    assert names("") == ["alpha", "beta", "spare"]
    assert names("tenant=globex") == ["beta"]
    assert names("tenant=globex", ADA) == []
    alpha = services.overview.queues_now(ANN, OverviewFilter(tenant=("acme",))).standing.items[0]
    assert alpha.running == len(
        services.jobs.list(ANN, OverviewFilter.from_query("tenant=acme&jobs.state=running").jobs()).rows
    )
