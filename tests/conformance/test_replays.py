"""A replay plan freezes, judges and sends each entry once, whoever is killed or interferes."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from execution_ops.domain.errors import Conflict
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.replays import ItemStatus, PlanKind, Verdict
from execution_ops.domain.states import DeadLetterState, JobState, ReplayState
from tests.execution import STAMP, Bench, operator, wait_until
from tests.letters import (
    EVERYTHING,
    check_letter_counters,
    dead,
    die,
    entries,
    plan_for,
    read_plan,
    send_all,
    statuses,
    succeed,
    work_with_plans,
)


def test_a_plan_is_frozen_judged_sent_and_followed_to_its_end(bench: Bench) -> None:
    jobs = dead(bench, 10)
    plan = plan_for(bench)
    assert (plan.state, plan.prepared, plan.total, plan.expected) == (ReplayState.DRAFT, True, 10, 10)
    assert plan.counts.by_verdict == {Verdict.ELIGIBLE: 10}
    late = dead(bench, 1)
    plan = bench.backend.act_on_plan(plan.id, "start", STAMP)
    assert plan.state is ReplayState.RUNNING
    assert send_all(bench, plan.id) == 10
    assert {bench.state(job) for job in jobs} == {JobState.SCHEDULED}
    # What died after the freeze is not in it.
    assert bench.state(late[0]) == JobState.FAILED
    succeed(bench, jobs[:7])
    die(bench, jobs[7:9])
    die(bench, jobs[9:], error_type="KeyError", message="another error")
    bench.backend.driver.settle()
    plan = read_plan(bench, plan.id)
    assert plan.state is ReplayState.COMPLETED
    assert plan.ended_at is not None
    assert plan.counts.by_status == {ItemStatus.SUCCEEDED: 7, ItemStatus.DIED_SAME: 2, ItemStatus.DIED_NEW: 1}
    assert sorted(row["state"] for row in entries(bench)) == ["pending"] * 4 + ["replayed"] * 10
    audited = bench.rows("SELECT verb, sum(count) AS count FROM audit_event WHERE verb <> 'submit' GROUP BY verb")
    assert {row["verb"]: row["count"] for row in audited} == {
        "plan replay": 10,
        "start": 1,
        "replay": 10,
        "complete": 10,
    }
    bench.check_counters()
    check_letter_counters(bench)


def test_entries_that_changed_since_the_dry_run_are_skipped_and_named(bench: Bench) -> None:
    dead(bench, 4)
    plan = plan_for(bench)
    rows = entries(bench)
    ann = operator("ann")
    bench.backend.act_on_letters("resolve", [rows[0]["id"], rows[1]["id"]], ann, {})
    bench.backend.act_on_letters("reopen", [rows[1]["id"]], ann, {})
    bench.backend.act_on_letters("replay", [rows[2]["id"]], ann, {})
    bench.backend.act_on_plan(plan.id, "start", STAMP)
    assert send_all(bench, plan.id) == 1
    page = bench.backend.plan_items(
        plan.id, tenants=None, statuses=(ItemStatus.SKIPPED,), verdicts=(), after=0, limit=10
    )
    assert page is not None
    assert [item.letter_id for item in page.items] == [row["id"] for row in rows[:3]]
    assert all("ann at 20" in item.detail for item in page.items)
    assert read_plan(bench, plan.id).counts.by_status == {ItemStatus.SENT: 1, ItemStatus.SKIPPED: 3}


def test_starting_twice_does_nothing_more(bench: Bench) -> None:
    dead(bench, 6)
    plan = plan_for(bench)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: bench.backend.act_on_plan(plan.id, "start", STAMP), range(4)))
    drivers = bench.rows("SELECT id FROM job WHERE job_type = 'ops.replay'")
    assert len(drivers) == 2  # one prepared, one sends
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: send_all(bench, plan.id, most=1), range(4)))
    assert sum(sent) == 6
    assert statuses(bench, plan.id) == {"sent": 6}
    assert [
        row["attempts"] for row in bench.rows("SELECT count(*) AS attempts FROM job_event WHERE kind = 'replay'")
    ] == [6]
    succeed(bench, [row["job_id"] for row in entries(bench)])
    bench.backend.driver.settle()
    again = bench.backend.act_on_plan(plan.id, "start", STAMP)
    assert again.state is ReplayState.COMPLETED
    assert send_all(bench, plan.id) == 0


def test_a_driver_of_an_earlier_round_sends_nothing(bench: Bench) -> None:
    dead(bench, 3)
    plan = plan_for(bench)
    bench.backend.act_on_plan(plan.id, "start", STAMP)
    assert bench.backend.dispatch_plan(plan.id, 2, most=1).sent == 1
    bench.backend.act_on_plan(plan.id, "hold", STAMP)
    held = bench.backend.dispatch_plan(plan.id, 2, most=1)
    assert (held.state, held.sent, held.left) == (ReplayState.HELD, 0, 0)
    bench.backend.act_on_plan(plan.id, "resume", STAMP)
    assert bench.backend.dispatch_plan(plan.id, 2, most=1).sent == 0
    assert bench.backend.dispatch_plan(plan.id, 3, most=9).sent == 2


def test_an_aborted_plan_leaves_the_rest_pending(bench: Bench) -> None:
    jobs = dead(bench, 4)
    plan = plan_for(bench)
    bench.backend.act_on_plan(plan.id, "start", STAMP)
    bench.backend.dispatch_plan(plan.id, 2, most=1)
    bench.backend.act_on_plan(plan.id, "abort", operator("ann"))
    assert send_all(bench, plan.id) == 0
    with pytest.raises(Conflict, match="It is aborted: ann changed it last, at 20"):
        bench.backend.act_on_plan(plan.id, "resume", STAMP)
    with pytest.raises(Conflict, match="This plan has ended"):
        bench.backend.set_plan_rate(plan.id, 5.0, STAMP)
    assert sorted(row["state"] for row in entries(bench)) == ["pending"] * 3 + ["replaying"]
    # What was sent is still followed.
    succeed(bench, jobs[:1])
    bench.backend.driver.settle()
    assert read_plan(bench, plan.id).counts.by_status == {ItemStatus.ELIGIBLE: 3, ItemStatus.SUCCEEDED: 1}
    assert bench.rows("SELECT settled FROM replay_plan")[0]["settled"]


def test_bulk_resolve_is_taken_back_whole(bench: Bench) -> None:
    dead(bench, 9)
    plan = plan_for(bench, PlanKind.RESOLVE, starts=True)
    assert plan.state is ReplayState.RUNNING
    round_ = bench.rows("SELECT rounds FROM replay_plan")[0]["rounds"]
    assert round_ == 1
    send_all(bench, plan.id)
    bench.backend.driver.settle()
    assert read_plan(bench, plan.id).state is ReplayState.COMPLETED
    rows = entries(bench)
    assert {(row["state"], row["note"]) for row in rows} == {("resolved", "a test")}
    # One of them is taken up by somebody before all are reopened.
    bench.backend.act_on_letters("reopen", [rows[0]["id"]], STAMP, {})
    undo = plan_for(bench, PlanKind.REOPEN, where=None, undoes=plan.id, starts=True)
    assert undo.counts.by_verdict == {Verdict.ELIGIBLE: 8, Verdict.NOT_OPEN: 1}
    send_all(bench, undo.id)
    assert {row["state"] for row in entries(bench)} == {"pending"}
    check_letter_counters(bench)


def test_a_filter_that_matches_nothing_cannot_start(bench: Bench) -> None:
    dead(bench, 1)
    with pytest.raises(Conflict, match="Nothing matches: there are no pending or quarantined dead letters of tenant x"):
        plan_for(bench, where=DeadLetterFilter(tenant=("x",)))
    with pytest.raises(Conflict, match="takes only pending or quarantined"):
        plan_for(bench, where=DeadLetterFilter(state=(DeadLetterState.RESOLVED,)))
    assert bench.rows("SELECT 1 FROM replay_plan") == []
    assert bench.rows("SELECT 1 FROM job WHERE job_type = 'ops.replay'") == []


def test_the_same_key_makes_one_plan(bench: Bench) -> None:
    dead(bench, 1)
    stamp = STAMP.model_copy(update={"idempotency_key": "k1"})
    assert plan_for(bench, stamp=stamp).id == plan_for(bench, stamp=stamp).id
    assert len(bench.rows("SELECT 1 FROM replay_plan")) == 1


def test_a_plan_reaches_only_the_tenants_of_its_maker(bench: Bench) -> None:
    dead(bench, 2, tenant="acme")
    dead(bench, 2, tenant="other")
    ids = [row["id"] for row in entries(bench)]
    of_acme = operator("ann", ["acme"])
    for options in ({"where": EVERYTHING}, {"where": None, "ids": ids}):
        plan = plan_for(bench, stamp=of_acme, **options)
        assert plan.total == 2
        assert bench.backend.get_plan(plan.id, tenants=frozenset({"other"})) is None
        assert bench.backend.list_plans(tenants=frozenset({"other"}), cursor=None, limit=9).plans == ()
        assert bench.backend.get_plan(plan.id, tenants=frozenset({"acme"})) is not None
        assert {row["tenant"] for row in json_items(bench, plan.id)} == {"acme"}


def json_items(bench: Bench, plan_id: str) -> list[dict[str, object]]:
    page = bench.backend.plan_items(plan_id, tenants=None, statuses=(), verdicts=(), after=0, limit=50)
    assert page is not None
    return [json.loads(item.model_dump_json()) for item in page.items]


def test_pages_of_plans_and_of_their_entries(bench: Bench) -> None:
    dead(bench, 5)
    made = [plan_for(bench).id for _ in range(5)]
    listed: list[str] = []
    cursor: str | None = None
    while True:
        page = bench.backend.list_plans(tenants=None, cursor=cursor, limit=2)
        listed += [plan.id for plan in page.plans]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert listed == made[::-1]
    numbers: list[int] = []
    after: int | None = 0
    while after is not None:
        items = bench.backend.plan_items(made[0], tenants=None, statuses=(), verdicts=(), after=after, limit=2)
        assert items is not None
        numbers += [item.no for item in items.items]
        after = items.next_no
    assert numbers == [1, 2, 3, 4, 5]


def test_a_worker_drives_a_plan_and_a_rate_is_kept_and_changed(bench: Bench) -> None:
    marks = {"marks": str(bench.marks)}
    jobs = [bench.one("test.switch", **marks) for _ in range(12)]
    work_with_plans(bench)
    wait_until(lambda: len(entries(bench)) == 12, "twelve deaths")
    (bench.marks / "on").touch()
    plan = bench.backend.create_plan(
        PlanKind.REPLAY,
        where=EVERYTHING,
        ids=(),
        description="replay all",
        rate=2.0,
        starts=True,
        undoes="",
        stamp=STAMP,
    )
    wait_until(lambda: read_plan(bench, plan.id).counts.sent >= 2, "two entries sent")
    assert read_plan(bench, plan.id).counts.sent < 12
    bench.backend.set_plan_rate(plan.id, None, STAMP)
    wait_until(lambda: read_plan(bench, plan.id).state is ReplayState.COMPLETED, "the plan's end")
    assert read_plan(bench, plan.id).counts.by_status == {ItemStatus.SUCCEEDED: 12}
    assert {bench.state(job) for job in jobs} == {JobState.SUCCEEDED}
    assert {row["state"] for row in entries(bench)} == {"replayed"}
    bench.check_counters()
    check_letter_counters(bench)


def test_replays_and_operators_on_the_same_entries_do_not_lock_each_other(bench: Bench) -> None:
    """Everything that locks jobs and entries at once; a deadlock would raise."""
    jobs = dead(bench, 30)
    plan = plan_for(bench)
    bench.backend.act_on_plan(plan.id, "start", STAMP)
    ids = [row["id"] for row in entries(bench)]
    stop = threading.Event()

    def others() -> None:
        # Whoever writes on and on has to pause, or SQLite lets nobody else in.
        while not stop.wait(bench.backend.pause_s):
            bench.backend.act_on_letters("resolve", ids[::-1], STAMP, {})
            bench.backend.act_on_letters("reopen", ids, STAMP, {})
            bench.backend.retry(jobs[::-3], STAMP)
            bench.backend.cancel(jobs[::3], STAMP)

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(others) for _ in range(2)]
        send_all(bench, plan.id, most=2)
        bench.backend.driver.settle()
        stop.set()
        for each in running:
            each.result()
    assert statuses(bench, plan.id).get("eligible", 0) == 0
    bench.check_counters()
    check_letter_counters(bench)
