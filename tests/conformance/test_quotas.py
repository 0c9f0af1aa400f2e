"""Quotas hold jobs back exactly, whatever is changed meanwhile and whoever runs them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from execution_ops.domain.errors import Conflict, Forbidden, NotFound
from execution_ops.domain.filters import JobFilter, Sort
from execution_ops.domain.quotas import ANY, Limits, Quota, QuotaRow
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from tests.execution import STAMP, Bench, node, operator, wait_until
from tests.processes import WorkerProcess

TYPE = "test.number"
SOON_S = 2.0


def quota(bench: Bench, tenant: str = "acme", job_type: str = TYPE, **limits: int) -> Quota:
    """Make a quota."""
    return bench.backend.create_quota(tenant, job_type, Limits(**limits), STAMP)


def act(bench: Bench, known: Quota, verb: Any, limits: Limits | None = None) -> Quota:
    """Do a verb to a quota."""
    return bench.backend.change_quota(known.id, verb, limits, STAMP, revision=None)


def row(bench: Bench, known: Quota) -> QuotaRow:
    """The quota with its figures."""
    return next(found for found in bench.backend.quotas(tenants=None) if found.id == known.id)


def many(bench: Bench, count: int, tenant: str = "acme", job_type: str = TYPE) -> list[str]:
    """Submit that many jobs; their ids in order."""
    marks = {} if job_type == TYPE else {"marks": str(bench.marks)}
    payloads = [{"value": i} if job_type == TYPE else {**marks, "value": str(i)} for i in range(count)]
    made = bench.submit(*(node(str(i), job_type, payload) for i, payload in enumerate(payloads)), tenant=tenant)
    return [made.job_ids[str(i)] for i in range(count)]


def ended(bench: Bench, tenant: str = "acme") -> int:
    """How many jobs of the tenant have ended well."""
    found = bench.rows("SELECT count(*) AS jobs FROM job WHERE tenant = :t AND state = 'succeeded'", t=tenant)
    return int(found[0]["jobs"])


def running(bench: Bench) -> int:
    """How many jobs run."""
    return int(bench.rows("SELECT count(*) AS jobs FROM job WHERE state = 'running'")[0]["jobs"])


def most_at_once(tries: Sequence[dict[str, Any]]) -> int:
    """How many tries of the ledger overlapped at most: an end counts before a start of the same moment."""
    edges = sorted((at, step) for t in tries for at, step in ((t["started_at"], 1), (t["finished_at"], -1)))
    now = most = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


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


def test_a_deleted_quota_lets_go_of_its_jobs(bench: Bench) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_PAUSE)
    many(bench, 250)
    bench.work(concurrency=12)
    wait_until(lambda: row(bench, known).waiting == 250, "all are held")
    bench.backend.delete_quota(known.id, STAMP, revision=None)
    wait_until(lambda: ended(bench) > 0, "they start", SOON_S)
    wait_until(lambda: ended(bench) == 250, "all have ended")
    assert bench.rows("SELECT count(*) AS held FROM quota_hold")[0]["held"] == 0


def test_a_new_quota_takes_over_the_backlog(bench: Bench) -> None:
    bench.work(concurrency=2)
    blockers = many(bench, 2, "other", "test.wait")
    wait_until(lambda: running(bench) == 2, "the worker is busy")
    many(bench, 250)
    known = quota(bench, max_active=1)
    wait_until(lambda: row(bench, known).waiting == 249, "the backlog is held, but for the next one")
    cheap = bench.one("test.echo")
    bench.let_go()
    # Nothing of the backlog stands before it in the queue.
    bench.until(cheap, JobState.SUCCEEDED)
    wait_until(lambda: ended(bench) > 30, "the backlog moves")
    starts = bench.rows("SELECT started_at FROM job WHERE job_type = :t AND started_at > 0 ORDER BY n", t=TYPE)
    assert [s["started_at"] for s in starts] == sorted(s["started_at"] for s in starts)
    bench.backend.delete_quota(known.id, STAMP, revision=None)
    wait_until(lambda: ended(bench) == 251, "all have ended")
    assert [bench.state(job_id) for job_id in blockers] == [JobState.SUCCEEDED] * 2


def test_a_held_job_can_be_canceled_and_retried(bench: Bench) -> None:
    known = quota(bench, max_active=1)
    act(bench, known, QUOTA_PAUSE)
    (job_id,) = many(bench, 1)
    assert bench.rows("SELECT opened_at FROM quota_hold") == [{"opened_at": None}]
    assert bench.backend.cancel([job_id], STAMP)[0].done
    assert bench.rows("SELECT n FROM quota_hold") == []
    assert bench.backend.retry([job_id], STAMP)[0].done
    assert bench.rows("SELECT opened_at FROM quota_hold") == [{"opened_at": None}]
    act(bench, known, QUOTA_RESUME)
    bench.work()
    bench.until(job_id, JobState.SUCCEEDED)


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


def test_an_override_holds_until_it_is_reset(bench: Bench) -> None:
    known = quota(bench, job_type="test.wait", max_active=1)
    many(bench, 4, job_type="test.wait")
    bench.work()
    wait_until(lambda: running(bench) == 1, "one runs")
    after = act(bench, known, QUOTA_OVERRIDE, Limits(max_active=3))
    assert (after.configured.max_active, after.limits.max_active, after.revision) == (1, 3, 2)
    wait_until(lambda: running(bench) == 3, "three run", SOON_S)
    assert act(bench, known, QUOTA_RESET).limits.max_active == 1
    with pytest.raises(Conflict, match="configured values hold already"):
        act(bench, known, QUOTA_RESET)
    bench.let_go()
    wait_until(lambda: ended(bench) == 4, "all have ended")


def test_one_of_two_operators_wins_and_the_other_is_told(bench: Bench) -> None:
    known = quota(bench, max_active=1)
    ann = operator("ann")
    bench.backend.change_quota(known.id, QUOTA_EDIT, Limits(max_active=2), ann, revision=1)
    with pytest.raises(Conflict, match="ann changed this quota at 20"):
        bench.backend.change_quota(known.id, QUOTA_EDIT, Limits(max_active=9), STAMP, revision=1)
    with pytest.raises(Conflict, match="ann changed"):
        bench.backend.delete_quota(known.id, STAMP, revision=1)
    with pytest.raises(Conflict, match="already"):
        quota(bench)
    assert row(bench, known).configured.max_active == 2


def test_every_change_is_audited_with_before_after_and_inverse(bench: Bench) -> None:
    known = quota(bench, max_active=1)
    act(bench, known, QUOTA_EDIT, Limits(max_active=2))
    act(bench, known, QUOTA_PAUSE)
    act(bench, known, QUOTA_RESUME)
    bench.backend.delete_quota(known.id, STAMP, revision=4)
    told = bench.rows("SELECT verb, inverse, reason, before, after, subject FROM audit_event ORDER BY n")
    assert [(t["verb"], t["inverse"]) for t in told] == [
        ("quota_create", "quota_delete"),
        ("quota_edit", "quota_edit"),
        ("quota_pause", "quota_resume"),
        ("quota_resume", "quota_pause"),
        ("quota_delete", "quota_create"),
    ]
    assert {t["subject"] for t in told} == {f"{known.id} acme / {TYPE}"}
    assert told[0]["before"] == told[-1]["after"] == ""
    assert '"max_active": 1' in told[1]["before"]
    assert '"max_active": 2' in told[1]["after"]


def test_other_tenants_quotas_are_out_of_reach(bench: Bench) -> None:
    known, everyone = quota(bench, max_active=1), quota(bench, ANY, ANY, max_active=1)
    bob = operator("bob", ["borealis"])
    assert [found.id for found in bench.backend.quotas(tenants=frozenset({"borealis"}))] == [everyone.id]
    with pytest.raises(NotFound):
        bench.backend.change_quota(known.id, QUOTA_PAUSE, None, bob, revision=None)
    with pytest.raises(Forbidden, match="all tenants"):
        bench.backend.delete_quota(everyone.id, bob, revision=None)
    with pytest.raises(Forbidden):
        bench.backend.create_quota("acme", ANY, Limits(), bob)
    assert len(bench.rows("SELECT n FROM audit_event")) == 2


def test_the_list_finds_what_a_quota_holds(bench: Bench) -> None:
    known, other = quota(bench, max_active=2), quota(bench, "borealis", max_active=1)
    ids = many(bench, 7)
    many(bench, 2, "borealis")
    held = JobFilter(quota=known.id)
    first = bench.backend.list_jobs(held, tenants=None, cursor=None, limit=3)
    assert [job.id for job in first.rows] == ids[:-4:-1]
    rest = bench.backend.list_jobs(held, tenants=None, cursor=first.older, limit=3)
    assert [job.id for job in rest.rows] == ids[3:1:-1]
    oldest = held.model_copy(update={"sort": Sort.OLDEST})
    assert [job.id for job in bench.backend.list_jobs(oldest, tenants=None, cursor=None, limit=2).rows] == ids[2:4]
    assert bench.backend.count_jobs(held, tenants=None).total == 5
    assert bench.backend.count_jobs(held, tenants=frozenset({"borealis"})).total == 0
    assert bench.backend.list_jobs(JobFilter(quota=other.id), tenants=None, cursor=None, limit=9).rows
    assert row(bench, known).waiting == 5


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


def test_a_change_wakes_the_pages_of_quotas_and_no_others(bench: Bench) -> None:
    seq = bench.backend.last_change()
    quota(bench, max_active=1)
    changes, _ = bench.backend.changes_after(seq)
    assert [(change.topic, change.job_id) for change in changes] == [("quotas", "")]


def test_a_more_specific_quota_takes_its_jobs_over(bench: Bench) -> None:
    broad = quota(bench, ANY, ANY, max_active=4)
    act(bench, broad, QUOTA_PAUSE)
    many(bench, 5)
    many(bench, 5, "borealis")
    bench.work()
    wait_until(lambda: row(bench, broad).waiting == 10, "all are held")
    narrow = quota(bench, max_active=2)
    wait_until(lambda: ended(bench) == 5, "those of the new quota start", SOON_S)
    assert ended(bench, "borealis") == 0
    wait_until(lambda: row(bench, narrow).started == 5, "the figures")
    wait_until(lambda: row(bench, broad).waiting == 5, "the others are still held")
    bench.backend.delete_quota(broad.id, STAMP, revision=None)
    wait_until(lambda: ended(bench, "borealis") == 5, "they are let go", SOON_S)


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
