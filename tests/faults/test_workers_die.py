"""Workers are killed, frozen and crashed by their jobs: nothing is lost, nothing counts twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from execution_ops.backends.embedded import dbos_tables
from execution_ops.domain.states import JobState
from tests.execution import STAMP, Bench, node, wait_until
from tests.processes import WorkerProcess, is_alive

Start = Callable[[], WorkerProcess]


def test_the_jobs_of_a_killed_worker_go_on_with_another(bench: Bench, start_worker: Start) -> None:
    victim = start_worker()
    jobs = [bench.one("test.wait", value=str(i)) for i in range(3)]
    for i in range(3):
        bench.until_mark(f"running-1-{i}")
    victim.kill()
    start_worker()
    for i in range(3):
        bench.until_mark(f"running-2-{i}")
    bench.let_go()
    for job_id in jobs:
        bench.until(job_id, JobState.SUCCEEDED)
        assert bench.attempts(job_id) == ["lost", "succeeded"]
        assert bench.job(job_id)["attempts"] == 2
        assert "lost" in bench.events(job_id)
    assert sorted(row["state"] for row in bench.rows("SELECT state FROM worker")) == ["lost", "online"]
    bench.check_counters()


def test_a_worker_that_is_there_already_takes_over(bench: Bench, start_worker: Start) -> None:
    start_worker()
    victim = start_worker()
    wait_until(lambda: len(bench.rows("SELECT 1 FROM worker WHERE state = 'online'")) == 2, "two workers")
    jobs = [bench.one("test.wait", value=str(i)) for i in range(8)]
    for i in range(8):
        bench.until_mark(f"running-1-{i}")
    victim.kill()
    bench.let_go()
    for job_id in jobs:
        bench.until(job_id, JobState.SUCCEEDED)
        assert bench.attempts(job_id) in (["succeeded"], ["lost", "succeeded"])
    bench.check_counters()


def test_a_killed_worker_leaves_no_program_behind(bench: Bench, start_worker: Start) -> None:
    victim = start_worker()
    bench.one("test.program")
    pids = [int(pid) for pid in bench.until_mark("pids").read_text().split()]
    assert all(is_alive(pid) for pid in pids)
    victim.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "the programs are gone")


def test_a_job_that_crashes_its_workers_ends_failed(bench: Bench, start_worker: Start) -> None:
    job_id = bench.one("test.poison")
    for _ in range(2):
        assert start_worker().wait() == -signal.SIGKILL
    start_worker()
    row = bench.until(job_id, JobState.FAILED)
    assert bench.attempts(job_id) == ["lost", "lost"]
    assert "crashed its worker 2 times" in row["error_message"]
    fine = bench.one("test.echo")
    bench.until(fine, JobState.SUCCEEDED)
    bench.check_counters()


def test_a_job_asked_to_stop_is_canceled_when_its_worker_dies(bench: Bench, start_worker: Start) -> None:
    victim = start_worker()
    job_id = bench.one("test.deaf_long")
    bench.until_mark("running")
    bench.backend.cancel([job_id], STAMP)
    victim.kill()
    start_worker()
    bench.until(job_id, JobState.CANCELED)
    assert bench.attempts(job_id) == ["lost"]


def test_a_frozen_worker_ends_itself_when_it_wakes_up(bench: Bench, start_worker: Start) -> None:
    zombie = start_worker()
    job_id = bench.one("test.wait")
    bench.until_mark("running-1-")
    zombie.freeze()
    start_worker()
    bench.until_mark("running-2-")
    zombie.signal(signal.SIGCONT)
    assert zombie.wait() == 75
    bench.let_go()
    bench.until(job_id, JobState.SUCCEEDED)
    assert bench.attempts(job_id) == ["lost", "succeeded"]
    bench.check_counters()


def test_a_worker_told_to_leave_finishes_its_job(bench: Bench, start_worker: Start) -> None:
    worker = start_worker()
    job_id = bench.one("test.wait")
    bench.until_mark("running-1-")
    worker.signal(signal.SIGTERM)
    wait_until(lambda: bool(bench.rows("SELECT 1 FROM worker WHERE state = 'draining'")), "it is draining")
    bench.let_go()
    assert worker.wait() == 0
    assert bench.state(job_id) == JobState.SUCCEEDED


def test_two_leaders_at_once_do_no_harm(bench: Bench, start_worker: Start) -> None:
    victim = start_worker()
    jobs = [bench.one("test.wait", value=str(i)) for i in range(4)]
    for i in range(4):
        bench.until_mark(f"running-1-{i}")
    [dead] = [row["id"] for row in bench.rows("SELECT id FROM worker")]
    victim.kill()
    bench.work()
    gate = threading.Barrier(2)

    def recover() -> None:
        gate.wait()
        dbos_tables.recover([dead])

    threads = [threading.Thread(target=recover) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench.let_go()
    for job_id in jobs:
        bench.until(job_id, JobState.SUCCEEDED)
        assert bench.attempts(job_id) == ["lost", "succeeded"]
    bench.check_counters()


def test_a_dag_ends_although_its_workers_are_killed_again_and_again(bench: Bench, start_worker: Start) -> None:
    marks = {"marks": str(bench.marks)}
    done = bench.submit(
        node("first", "test.echo"),
        node("fan", "test.fan", {"value": 20}, after=("first",)),
        node("wait", "test.wait", marks, after=("first",)),
        node("merge", "test.sum", after=("fan", "wait")),
    )
    worker = start_worker()
    bench.until_mark("running-1-")
    worker.kill()
    worker = start_worker()
    bench.until_mark("running-2-")
    worker.kill()
    bench.let_go()
    start_worker()
    bench.until(done.job_ids["merge"], JobState.SUCCEEDED)
    states = bench.rows("SELECT state, count(*) AS jobs FROM job GROUP BY state")
    assert states == [{"state": "succeeded", "jobs": 24}]
    assert bench.value(done.job_ids["merge"]) == f'{{"sum":{2 * sum(range(20))}}}'
    bench.check_counters()
