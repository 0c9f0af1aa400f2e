"""What a change of quotas does to what waits, and what is told of it."""

from __future__ import annotations

import pytest

from execution_ops.domain.errors import Conflict, Forbidden, NotFound
from execution_ops.domain.filters import JobFilter, Sort
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from execution_ops.domain.quotas import ANY, Limits
from execution_ops.domain.states import JobState
from tests.execution import STAMP, Bench, operator, wait_until
from tests.quota_bench import SOON_S, TYPE, act, ended, many, quota, row, running


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


def test_a_change_wakes_the_pages_of_quotas_and_of_the_audit_and_no_others(bench: Bench) -> None:
    seq = bench.backend.last_change()
    quota(bench, max_active=1)
    changes, _ = bench.backend.changes_after(seq)
    assert [(change.topic, change.job_id) for change in changes] == [("audit", ""), ("quotas", "")]


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
