"""What comes and what was missed, over all schedules: in order, for whom it may concern, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from execution_ops.backends.embedded.engines import write
from execution_ops.domain.outlook import MissedFiring
from execution_ops.domain.schedule_verbs import SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from execution_ops.domain.schedules import Missed, Overlap, Schedule
from execution_ops.domain.times import now_ms, to_ms
from tests.execution import STAMP, Bench
from tests.schedule_bench import MINUTE_MS, due, looked, run_now, schedule, stand_in

HOUR_MS = 60 * MINUTE_MS


def set_next(bench: Bench, of: Schedule, at: int) -> None:
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE schedule SET next_at = :at WHERE id = :id"), {"at": at, "id": of.id})


def missed(bench: Bench, *tenants: str, ago: timedelta = timedelta(hours=24), limit: int = 50) -> list[MissedFiring]:
    seen = frozenset(tenants) or None
    return bench.backend.missed_firings(datetime.now(UTC) - ago, tenants=seen, limit=limit)


def test_what_comes_is_told_in_its_order(bench: Bench) -> None:
    now = now_ms()
    late, soon, overdue, paused, gone, other = (
        schedule(bench, name=name) for name in ("late", "soon", "overdue", "paused", "gone", "other")
    )
    for one, after in ((late, 3), (soon, 1), (overdue, -1), (paused, 2), (gone, 2), (other, 2)):
        set_next(bench, one, now + after * HOUR_MS)
    bench.backend.act_on_schedule(paused.id, SCHEDULE_PAUSE, STAMP, revision=None)
    bench.backend.act_on_schedule(gone.id, SCHEDULE_DELETE, STAMP, revision=None)
    found = bench.backend.coming_firings(tenants=None, limit=10)
    assert [one.name for one in found.firings] == ["overdue", "soon", "other", "late"]
    assert [to_ms(one.due_at) for one in found.firings] == [now + after * HOUR_MS for after in (-1, 1, 2, 3)]
    assert {(one.cron, one.zone, one.tenant) for one in found.firings} == {("* * * * *", "UTC", "acme")}
    assert [one.name for one in bench.backend.coming_firings(tenants=None, limit=2).firings] == ["overdue", "soon"]


def test_without_an_enabled_schedule_it_says_whether_there_is_any(bench: Bench) -> None:
    assert not bench.backend.coming_firings(tenants=None, limit=10).schedules
    made = schedule(bench, paused=True)
    found = bench.backend.coming_firings(tenants=None, limit=10)
    assert (found.firings, found.schedules) == ((), True)
    assert not bench.backend.coming_firings(tenants=frozenset({"globex"}), limit=10).schedules
    bench.backend.act_on_schedule(made.id, SCHEDULE_DELETE, STAMP, revision=None)
    assert not bench.backend.coming_firings(tenants=None, limit=10).schedules


def test_a_tenant_sees_what_comes_and_what_was_missed_of_its_own(bench: Bench) -> None:
    stand_in(bench)
    for tenant in ("acme", "globex"):
        made = schedule(bench, tenant=tenant, name=f"of {tenant}", overlap=Overlap.SKIP)
        run_now(bench, made)
        due(bench, made)
    bench.backend.clockwork.fire()
    assert {one.name for one in missed(bench)} == {"of acme", "of globex"}
    assert [one.name for one in missed(bench, "globex")] == ["of globex"]
    assert bench.backend.missed_firings(datetime.now(UTC) - timedelta(hours=1), tenants=frozenset(), limit=5) == []
    (mine,) = bench.backend.coming_firings(tenants=frozenset({"acme"}), limit=10).firings
    assert (mine.name, mine.tenant) == ("of acme", "acme")


@pytest.mark.usefixtures("still_clock")
def test_what_was_missed_is_told_with_its_reason_the_last_first(bench: Bench) -> None:
    stand_in(bench)
    busy, off, fired = (
        schedule(bench, name="busy"),
        schedule(bench, name="off", paused=True),
        schedule(bench, name="fired"),
    )
    run_now(bench, busy)
    first = due(bench, off, ago_ms=10 * MINUTE_MS)
    at = due(bench, busy, fired)
    bench.backend.clockwork.fire()
    found = missed(bench)
    assert (found[0].name, found[0].missed, to_ms(found[0].due_at)) in [
        ("busy", Missed.OVERLAP, at),
        ("off", Missed.PAUSED, at),
    ]
    assert {one.name for one in found} == {"busy", "off"}
    assert min(to_ms(one.due_at) for one in found if one.name == "off") == first
    assert [one.due_at for one in found] == sorted((one.due_at for one in found), reverse=True)
    assert len(missed(bench, limit=1)) == 1


def test_a_record_that_begins_before_the_window_counts_while_it_reaches_into_it(bench: Bench) -> None:
    stand_in(bench)
    made = schedule(bench, cron="0 * * * *", catch_up_s=0)
    start = (now_ms() - 30 * HOUR_MS) // HOUR_MS * HOUR_MS
    looked(bench, start - MINUTE_MS)
    set_next(bench, made, start)
    bench.backend.clockwork.fire()
    (found,) = (one for one in missed(bench) if one.missed is Missed.SYSTEM_DOWN)
    assert to_ms(found.due_at) == start
    assert found.times >= 29
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE firing SET at = :then"), {"then": now_ms() - 25 * HOUR_MS})
    assert missed(bench) == []


@pytest.mark.usefixtures("still_clock")
def test_what_missed_its_last_due_time_is_told_until_the_next_one_brings_a_run(bench: Bench) -> None:
    stand_in(bench)
    names = ("new", "fired", "busy", "off", "asleep", "gone")
    _, fired, busy, off, asleep, gone = (schedule(bench, name=name, paused=name == "off") for name in names)
    other = schedule(bench, name="other", tenant="globex")
    for one in (busy, asleep, gone, other):
        run_now(bench, one)
    due(bench, fired, busy, off, asleep, gone, other)
    bench.backend.clockwork.fire()
    # Paused when it came due, it was not meant to run; paused or deleted since, it is no trouble any more.
    bench.backend.act_on_schedule(off.id, SCHEDULE_RESUME, STAMP, revision=None)
    bench.backend.act_on_schedule(asleep.id, SCHEDULE_PAUSE, STAMP, revision=None)
    bench.backend.act_on_schedule(gone.id, SCHEDULE_DELETE, STAMP, revision=None)
    found = bench.backend.missed_last(tenants=None)
    assert [(one.name, one.missed) for one in found] == [("busy", Missed.OVERLAP), ("other", Missed.OVERLAP)]
    assert [one.name for one in bench.backend.missed_last(tenants=frozenset({"globex"}))] == ["other"]
    assert bench.backend.missed_last(tenants=frozenset()) == []
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE firing SET missed = '', due_at = due_at + 1"))
    assert bench.backend.missed_last(tenants=None) == []
