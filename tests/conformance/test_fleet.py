"""Workers are drained, resumed and stopped while they have work to do: nothing is lost, nothing runs twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_control import WORKER
from execution_ops.backends.embedded.reaper import Reaper
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet import GONE_KEEP_MS, REMEMBERED_MS, FleetWorker, WarningKind, warnings
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import now_ms
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from tests.execution import Bench, operator, wait_until
from tests.jobs import QUEUE
from tests.processes import WorkerProcess

Start = Callable[[], WorkerProcess]
ANN = operator("ann")


@pytest.fixture
def start_worker(bench: Bench) -> Iterator[Start]:
    """Starts worker processes of two slots; all are gone at the end."""
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(bench, concurrency=2))
        return started[-1]

    yield start
    for process in started:
        process.close()


def ask(bench: Bench, verb: Verb, *ids: str, stamp: Any = ANN, revisions: dict[str, int] | None = None) -> list[str]:
    """Do the verb; the refusals, "" where it was done."""
    outcomes = bench.backend.act_on_workers(verb, ids, stamp, revisions or {})
    assert [outcome.id for outcome in outcomes] == list(ids)
    return [outcome.why for outcome in outcomes]


def workers(bench: Bench) -> dict[int, FleetWorker]:
    """The workers by process."""
    return {worker.pid: worker for worker in bench.backend.fleet(tenants=None).workers}


def until_state(bench: Bench, pid: int, state: WorkerState) -> FleetWorker:
    """Wait until the worker is in the state."""
    wait_until(lambda: pid in workers(bench) and workers(bench)[pid].state is state, f"{pid} becomes {state}")
    return workers(bench)[pid]


def attempts_in_all(bench: Bench) -> int:
    """How many tries have begun."""
    return int(bench.rows("SELECT count(*) AS tries FROM job_attempt")[0]["tries"])


def test_a_drained_worker_finishes_takes_nothing_and_resumes(bench: Bench, start_worker: Start) -> None:
    process = start_worker()
    jobs = [bench.one("test.wait", value=str(i)) for i in range(6)]
    wait_until(lambda: attempts_in_all(bench) == 2, "both slots are taken")
    worker = workers(bench)[process.pid]
    # Two in each of its queues.
    assert (worker.slots, worker.running, worker.state) == (4, 2, WorkerState.ONLINE)
    assert worker.queues == ("ops", QUEUE)
    assert {job.job_type for job in worker.jobs} == {"test.wait"}

    assert ask(bench, WORKER_DRAIN, worker.id) == [""]
    asked = time.monotonic()
    assert until_state(bench, process.pid, WorkerState.DRAINING).asked_by == "ann"
    # Longer than it takes to notice: what ends then must not make room for another.
    wait_until(lambda: time.monotonic() - asked > 1.0, "it has noticed")
    bench.let_go()
    until_state(bench, process.pid, WorkerState.DRAINED)
    done = time.monotonic()
    wait_until(lambda: time.monotonic() - done > 2.0, "two seconds in which nothing may start")
    assert attempts_in_all(bench) == 2
    assert sorted(bench.state(job) for job in jobs) == ["scheduled"] * 4 + ["succeeded"] * 2
    # It lives, beats and leads, so that what others leave is still found.
    beat = workers(bench)[process.pid].heartbeat_at
    wait_until(lambda: workers(bench)[process.pid].heartbeat_at > beat, "it goes on to beat")
    assert bench.rows("SELECT owner FROM lease")[0]["owner"] == worker.id

    assert ask(bench, WORKER_RESUME, worker.id) == [""]
    for job in jobs:
        bench.until(job, JobState.SUCCEEDED)
        assert bench.attempts(job) == ["succeeded"]
    assert workers(bench)[process.pid].state is WorkerState.ONLINE
    assert process.pid == workers(bench)[process.pid].pid
    bench.check_counters()


def test_a_stopped_worker_finishes_and_ends_its_process(bench: Bench, start_worker: Start) -> None:
    process = start_worker()
    job = bench.one("test.wait")
    bench.until_mark("running-1-")
    worker = workers(bench)[process.pid]
    assert ask(bench, WORKER_STOP, worker.id) == [""]
    until_state(bench, process.pid, WorkerState.DRAINING)
    assert ask(bench, WORKER_RESUME, worker.id) == ["It was asked to stop and ends after its last job."]
    bench.let_go()
    assert process.wait() == 0
    assert bench.attempts(job) == ["succeeded"]
    ended = workers(bench)[process.pid]
    assert (ended.state, ended.gone, ended.running) == (WorkerState.DRAINED, True, 0)
    assert ask(bench, WORKER_DRAIN, worker.id)[0].startswith("It ended at ")
    waiting = bench.one("test.echo")
    start_worker()
    bench.until(waiting, JobState.SUCCEEDED)


def test_a_drained_worker_that_is_asked_to_stop_ends(bench: Bench, start_worker: Start) -> None:
    process = start_worker()
    wait_until(lambda: process.pid in workers(bench), "it is there")
    worker = workers(bench)[process.pid]
    ask(bench, WORKER_DRAIN, worker.id)
    until_state(bench, process.pid, WorkerState.DRAINED)
    assert ask(bench, WORKER_STOP, worker.id) == [""]
    assert process.wait() == 0


def test_of_two_workers_the_other_goes_on(bench: Bench, start_worker: Start) -> None:
    first, second = start_worker(), start_worker()
    wait_until(lambda: {first.pid, second.pid} <= set(workers(bench)), "two workers")
    worker = workers(bench)[first.pid]
    jobs = [bench.one("test.number", value=i) for i in range(20)]
    ask(bench, WORKER_DRAIN, worker.id)
    until_state(bench, first.pid, WorkerState.DRAINED)
    before = {job: bench.job(job)["worker_id"] for job in jobs}
    later = [bench.one("test.number", value=i) for i in range(20)]
    for job in jobs + later:
        bench.until(job, JobState.SUCCEEDED)
        assert bench.attempts(job) == ["succeeded"]
    others = {bench.job(job)["worker_id"] for job in later}
    assert others == {workers(bench)[second.pid].id}
    assert set(before.values()) <= {"", worker.id, *others}


def test_a_drained_worker_that_dies_is_lost_and_recovers_others(bench: Bench, start_worker: Start) -> None:
    leader, victim = start_worker(), start_worker()
    wait_until(lambda: {leader.pid, victim.pid} <= set(workers(bench)), "two workers")
    wait_until(lambda: bool(bench.rows("SELECT 1 FROM lease")), "one leads")
    ask(bench, WORKER_DRAIN, workers(bench)[leader.pid].id)
    until_state(bench, leader.pid, WorkerState.DRAINED)
    job = bench.one("test.wait")
    bench.until_mark("running-1-")
    victim.kill()
    wait_until(lambda: bench.attempts(job) == ["lost"], "the drained one frees the job of the dead")
    assert bench.state(job) is JobState.SCHEDULED
    ask(bench, WORKER_RESUME, workers(bench)[leader.pid].id)
    bench.let_go()
    bench.until(job, JobState.SUCCEEDED)
    leader.kill()
    start_worker()
    until_state(bench, leader.pid, WorkerState.LOST)


# what is asked, without a process


def add_worker(bench: Bench, worker_id: str, **values: Any) -> None:
    """Put a row of a worker into the ledger."""
    row = {"id": worker_id, "name": worker_id, "host": "h", "pid": 1, "version": "1", "state": "online"}
    times = {"started_at": now_ms(), "heartbeat_at": now_ms()}
    with write(bench.beneath.engine) as connection:
        connection.execute(insert(WORKER).values({**row, "queues": QUEUE, "concurrency": 2, **times, **values}))


def test_what_is_asked_is_audited_once_and_refused_when_it_is_so_already(bench: Bench) -> None:
    add_worker(bench, "w1")
    add_worker(bench, "w2")
    last = bench.backend.last_change()
    assert ask(bench, WORKER_DRAIN, "w2", "w1", "none") == ["", "", "There is no such worker, or it ended long ago."]
    assert ask(bench, WORKER_DRAIN, "w1")[0].startswith("ann asked it to drain at 2")
    [row] = bench.rows("SELECT * FROM audit_event WHERE verb = 'worker_drain'")
    assert (row["actor"], row["count"], row["reason"], row["inverse"]) == ("ann", 2, "ann wants it", "worker_resume")
    assert row["subject"] == "w1 w1, w2 w2"
    assert json.loads(row["after"]) == {"w1": "drain", "w2": "drain"}
    assert {change.topic for change in bench.backend.changes_after(last)[0]} == {"workers", "audit"}
    assert ask(bench, WORKER_RESUME, "w1") == [""]
    assert ask(bench, WORKER_RESUME, "w1") == ["It takes jobs: there is nothing to resume."]


def test_who_looked_too_long_ago_is_refused(bench: Bench) -> None:
    add_worker(bench, "w1")
    seen = {"w1": 1}
    ask(bench, WORKER_DRAIN, "w1", revisions=seen)
    ask(bench, WORKER_RESUME, "w1", stamp=operator("bob"))
    assert "bob changed what is asked of it" in ask(bench, WORKER_DRAIN, "w1", revisions=seen)[0]
    assert bench.rows("SELECT state, asked FROM worker") == [{"state": "online", "asked": ""}]


def test_who_acts_for_one_tenant_changes_no_worker(bench: Bench) -> None:
    add_worker(bench, "w1")
    with pytest.raises(Forbidden, match="all tenants"):
        ask(bench, WORKER_DRAIN, "w1", stamp=operator("eve", {"acme"}))
    assert bench.rows("SELECT count(*) AS rows FROM audit_event") == [{"rows": 0}]


def test_the_fleet_has_what_lives_what_ended_lately_and_what_waits(bench: Bench) -> None:
    now = now_ms()
    add_worker(bench, "old", state="lost", ended_at=now - GONE_KEEP_MS - 1)
    add_worker(bench, "gone", state="drained", ended_at=now - 1000)
    # Its clock is ahead: however slow the machine is, it is not late when it is looked at.
    ahead = {"heartbeat_at": now + 600_000}
    add_worker(bench, "new", version="0.10.0", queues="mail", memory_bytes=2**31, cpu_percent=250, **ahead)
    add_worker(bench, "late", version="0.9.0", queues="mail", heartbeat_at=now - 1500)
    bench.one("test.echo")
    fleet = bench.backend.fleet(tenants=None)
    assert [worker.id for worker in fleet.workers] == ["new", "late", "gone"]
    assert [worker.late for worker in fleet.workers[:2]] == [False, True]
    assert (fleet.workers[0].memory_bytes, fleet.workers[0].cpu_percent) == (2**31, 250)
    assert [(need.queue, need.waiting) for need in fleet.waiting] == [(QUEUE, 1)]
    found = warnings(fleet)
    assert [warning.kind for warning in found] == [WarningKind.NO_WORKER, WarningKind.LATE, WarningKind.VERSIONS]
    assert (found[0].queue, found[1].worker_id, found[2].version) == (QUEUE, "late", "0.9.0")
    assert "0.10.0 on 1, 0.9.0 on 1" in found[2].sentence
    assert bench.backend.fleet(tenants=frozenset({"other"})).waiting == ()
    assert bench.backend.fleet(tenants=frozenset()).waiting == ()
    assert [worker.id for worker in bench.backend.health(tenants=None).workers] == ["gone", "late", "new"]


def test_one_worker_is_read_alone(bench: Bench) -> None:
    bench.work()
    bench.one("test.wait", value="1")
    wait_until(lambda: attempts_in_all(bench) == 1, "it runs")
    [worker] = bench.backend.fleet(tenants=None).workers
    found = bench.backend.worker(worker.id, tenants=None)
    assert found is not None
    assert (found.name, found.running, found.jobs, found.slots) == (worker.name, 1, worker.jobs, worker.slots)
    hidden = bench.backend.worker(worker.id, tenants=frozenset())
    assert hidden is not None
    assert (hidden.running, hidden.jobs) == (1, ())
    assert bench.backend.worker("nobody", tenants=None) is None


def test_who_ran_a_job_is_named_while_it_is_remembered(bench: Bench) -> None:
    worker = bench.work()
    job_id = bench.one("test.echo")
    bench.until(job_id, JobState.SUCCEEDED)
    detail = bench.backend.get_job(job_id, tenants=None)
    assert detail is not None
    [listed] = bench.backend.list_jobs(JobFilter(), tenants=None, cursor=None, limit=10).rows
    [known] = bench.backend.fleet(tenants=None).workers
    assert known.name
    for one in (detail.row, detail.attempts[0], listed):
        assert (one.worker_id, one.worker_name, one.worker) == (worker.id, known.name, known.name)
    bench.worker = None
    worker.stop(5)
    with write(bench.beneath.engine) as connection:
        connection.execute(delete(WORKER))
    [listed] = bench.backend.list_jobs(JobFilter(), tenants=None, cursor=None, limit=10).rows
    assert (listed.worker_name, listed.worker) == ("", worker.id)


def test_old_workers_are_forgotten(bench: Bench) -> None:
    worker = bench.work()
    add_worker(bench, "old", state="drained", ended_at=now_ms() - REMEMBERED_MS - 1000)
    add_worker(bench, "recent", state="lost", ended_at=now_ms() - GONE_KEEP_MS - 1000)
    Reaper(worker._runtime, bench.backend.driver, bench.backend.clockwork, bench.backend.conductor).trim()
    assert [row["id"] for row in bench.rows("SELECT id FROM worker WHERE ended_at IS NOT NULL")] == ["recent"]
    assert [worker.id for worker in bench.backend.fleet(tenants=None).workers] == [worker.id]
    found = bench.backend.worker("recent", tenants=None)
    assert found is not None
    assert found.state is WorkerState.LOST


def test_viewers_see_only_the_running_jobs_of_their_tenants(bench: Bench) -> None:
    bench.work()
    for i in range(6):
        bench.one("test.wait", value=str(i))
    wait_until(lambda: attempts_in_all(bench) == 6, "all run")
    [worker] = bench.backend.fleet(tenants=frozenset({"acme"})).workers
    assert (worker.running, len(worker.jobs)) == (6, 4)
    [worker] = bench.backend.fleet(tenants=frozenset({"other"})).workers
    assert (worker.running, worker.jobs) == (6, ())


def test_a_worker_tells_its_memory_and_processor(bench: Bench) -> None:
    bench.work()
    wait_until(lambda: bench.backend.fleet(tenants=None).workers[0].memory_bytes is not None, "it has beaten")
    [worker] = bench.backend.fleet(tenants=None).workers
    assert (worker.memory_bytes or 0) > 10_000_000
    assert (worker.cpu_percent or 0) >= 0
    assert worker.name.endswith(f"-{worker.pid}")


def test_a_worker_beats_while_its_duties_as_leader_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, go = threading.Event(), threading.Event()

    def stuck(_reaper: Reaper) -> bool:
        waits.set()
        return not go.wait()

    def heartbeat() -> int:
        return int(bench.rows("SELECT heartbeat_at FROM worker")[0]["heartbeat_at"])

    monkeypatch.setattr(Reaper, "lead", stuck)
    bench.work()
    try:
        wait_until(waits.is_set, "its duties wait")
        known = heartbeat()
        wait_until(lambda: heartbeat() > known, "it beats")
    finally:
        go.set()
