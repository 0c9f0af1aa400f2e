"""Quotas hold jobs back exactly, whatever is changed meanwhile and whoever runs them."""

from __future__ import annotations

from itertools import pairwise

from execution_ops.backends.embedded import attempts
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_PAUSE, QUOTA_RESUME
from execution_ops.domain.quotas import ANY, Limits
from execution_ops.domain.replays import PlanKind
from execution_ops.domain.states import JobState
from tests.execution import Bench, node, wait_until
from tests.letters import dead, plan_for, send_all, submit
from tests.processes import WorkerProcess
from tests.quota_bench import SOON_S, act, ended, many, most_at_once, quota, row, running


def test_a_thousand_jobs_are_never_more_than_five_at_once(bench: Bench) -> None:
    quota(bench, max_active=5)
    many(bench, 1_000)
    bench.work(concurrency=12)
    wait_until(lambda: ended(bench) == 1_000, "all have ended")
    # The order of the events is that of the commits: what each start saw when it was judged.
    assert most_at_once(bench.rows("SELECT started_at, finished_at FROM job_attempt")) <= 5
    assert bench.rows("SELECT count(*) AS held FROM quota_hold")[0]["held"] == 0
    assert bench.rows("SELECT sum(starts) AS starts FROM quota_start")[0]["starts"] == 1_000
    bench.check_counters()


def test_all_slots_are_used_and_no_more(bench: Bench) -> None:
    known = quota(bench, job_type="test.wait", max_active=3)
    ids = many(bench, 6, job_type="test.wait")
    bench.work(concurrency=12)
    wait_until(lambda: running(bench) == 3, "three run")
    assert [bench.state(job_id) for job_id in ids] == [JobState.RUNNING] * 3 + [JobState.SCHEDULED] * 3
    wait_until(lambda: (row(bench, known).active, row(bench, known).waiting) == (3, 3), "the figures")
    act(bench, known, QUOTA_EDIT, Limits(max_active=5))
    wait_until(lambda: running(bench) == 5, "five run", SOON_S)
    act(bench, known, QUOTA_EDIT, Limits(max_active=1))
    bench.let_go()
    wait_until(lambda: ended(bench) == 6, "all have ended")


def test_a_pause_in_the_middle_of_a_backlog_stops_it_and_resume_goes_on(bench: Bench) -> None:
    known = quota(bench, max_active=4)
    many(bench, 300)
    bench.work(concurrency=8)
    wait_until(lambda: ended(bench) > 20, "it is under way")
    act(bench, known, QUOTA_PAUSE)
    wait_until(lambda: running(bench) == 0, "what ran has ended", SOON_S)
    stopped = bench.rows("SELECT max(started_at) AS at FROM job_attempt")[0]["at"]
    paused_at = bench.rows("SELECT paused_at AS at FROM quota")[0]["at"]
    assert stopped <= paused_at
    done = ended(bench)
    assert done < 300
    act(bench, known, QUOTA_RESUME)
    wait_until(lambda: ended(bench) > done, "it goes on", SOON_S)
    wait_until(lambda: ended(bench) == 300, "all have ended")


def test_the_rate_is_never_more_than_the_window_allows(bench: Bench) -> None:
    known = quota(bench, max_per_hour=25)
    ids = many(bench, 60)
    bench.work(concurrency=12)
    wait_until(lambda: ended(bench) == 25, "the first 25 have ended")
    assert [bench.state(job_id) for job_id in ids[:25]] == [JobState.SUCCEEDED] * 25
    wait_until(lambda: row(bench, known).started == 25, "the figures")
    found = row(bench, known)
    assert (found.tokens_left, found.waiting, found.at_limit) == (0, 35, True)
    assert found.next_token_at is not None
    assert 3590 < (found.next_token_at - found.as_of).total_seconds() <= 3602
    act(bench, known, QUOTA_EDIT, Limits(max_per_hour=40))
    wait_until(lambda: ended(bench) == 40, "15 more", SOON_S)
    assert running(bench) == 0
    assert bench.rows("SELECT sum(starts) AS starts FROM quota_start")[0]["starts"] == 40


def test_a_burst_starts_at_once_and_the_others_follow_evenly(bench: Bench) -> None:
    # 20,000 an hour are one every 180 ms.
    quota(bench, max_per_hour=20_000, burst=4)
    many(bench, 10)
    bench.work(concurrency=12)
    wait_until(lambda: ended(bench) == 10, "all have ended")
    starts = [t["started_at"] for t in bench.rows("SELECT started_at FROM job_attempt ORDER BY started_at")]
    for first, nth in pairwise(starts[3:]):
        assert nth - first >= 0
    # The nth start is never before its due time, counted from the first.
    assert all(at - starts[0] >= 180 * (i - 4) - 20 for i, at in enumerate(starts, 1))


def test_the_most_specific_quota_governs_and_the_pool_is_shared(bench: Bench) -> None:
    quota(bench, ANY, ANY, max_active=2)
    quota(bench, "acme", ANY, max_active=1)
    quota(bench, "acme", "test.wait", max_active=3)
    bench.work(concurrency=16)
    mine = many(bench, 5, "acme", "test.wait")
    theirs = many(bench, 2, "borealis", "test.wait") + many(bench, 2, "lumen", "test.wait")
    wait_until(lambda: running(bench) == 5, "three of acme and two of the others run")
    assert sum(bench.state(job_id) is JobState.RUNNING for job_id in mine) == 3
    assert sum(bench.state(job_id) is JobState.RUNNING for job_id in theirs) == 2
    bench.let_go()
    wait_until(lambda: ended(bench) + ended(bench, "borealis") + ended(bench, "lumen") == 9, "all have ended")


def test_the_consoles_own_jobs_need_no_quota_and_use_none(bench: Bench) -> None:
    dead(bench, 2)
    everything = quota(bench, ANY, ANY, max_active=1)
    act(bench, everything, QUOTA_PAUSE)
    plan = plan_for(bench, PlanKind.RESOLVE, starts=True)
    (driver,) = bench.rows("SELECT id, tenant FROM job WHERE job_type = 'ops.replay'")
    begun = attempts.begin(bench.beneath.engine, driver["id"], 1, "w1")
    assert begun is not None
    assert bench.state(driver["id"]) is JobState.RUNNING
    assert row(bench, everything).active == 0
    act(bench, everything, QUOTA_RESUME)
    (mine,) = submit(bench, 1)
    assert attempts.begin(bench.beneath.engine, mine, bench.job(mine)["dispatch"], "w1") is not None
    assert send_all(bench, plan.id) == 2


def test_children_and_retries_pass_the_gate(bench: Bench) -> None:
    quota(bench, ANY, ANY, max_active=1)
    bench.work(concurrency=8)
    made = bench.submit(
        node("fan", "test.fan", {"value": 6}),
        node("merge", "test.sum", after=("fan",)),
        node("flaky", "test.flaky", {"marks": str(bench.marks)}),
    )
    for job_id in made.job_ids.values():
        bench.until(job_id, JobState.SUCCEEDED)
    assert most_at_once(bench.rows("SELECT started_at, finished_at FROM job_attempt")) == 1
    bench.check_counters()


def test_two_worker_processes_share_the_slots(bench: Bench) -> None:
    quota(bench, max_active=3, max_per_hour=120)
    workers = [WorkerProcess(bench, concurrency=6), WorkerProcess(bench, concurrency=6)]
    try:
        many(bench, 200)
        wait_until(lambda: ended(bench) == 120, "the hour's worth has ended")
    finally:
        for worker in workers:
            worker.close()
    tries = bench.rows("SELECT started_at, finished_at, worker_id FROM job_attempt")
    assert len(tries) == 120
    assert most_at_once(tries) <= 3
    assert len({t["worker_id"] for t in tries}) == 2


def test_a_pause_and_its_job_survive_the_loss_of_a_worker(bench: Bench) -> None:
    known = quota(bench, job_type="test.wait", max_active=1)
    first, second = many(bench, 2, job_type="test.wait")
    dying = WorkerProcess(bench)
    try:
        bench.until(first, JobState.RUNNING)
        act(bench, known, QUOTA_PAUSE)
        dying.kill()
        bench.work()
        wait_until(lambda: bench.attempts(first) == ["lost"], "the try is lost")
        wait_until(lambda: row(bench, known).waiting == 2, "both are held", 20)
        act(bench, known, QUOTA_RESUME)
        bench.until(first, JobState.RUNNING)
        assert bench.state(second) is JobState.SCHEDULED
        bench.let_go()
        bench.until(second, JobState.SUCCEEDED)
    finally:
        dying.close()
