"""Schedules: kept in versions, fired once at each due time, and honest about what was missed."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from execution_ops.backends.embedded.engines import write
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.schedule_verbs import SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from execution_ops.domain.schedules import Overlap, differences
from execution_ops.domain.states import RunState
from execution_ops.domain.times import now_ms, to_ms
from tests.execution import STAMP, Bench, operator
from tests.schedule_bench import MINUTE_MS, due, firings, looked, run_now, schedule, stand_in

pytestmark = pytest.mark.usefixtures("still_clock")


def test_an_edit_is_the_next_version(bench: Bench) -> None:
    made = schedule(bench)
    spec = made.spec.model_copy(update={"cron": "0 3 * * *", "zone": "Europe/Berlin", "description": "at night"})
    edited = bench.backend.edit_schedule(made.id, spec, operator("ada"), revision=made.revision)
    assert (edited.version, edited.revision, edited.changed_by) == (2, 2, "ada")
    assert edited.next_at is not None
    assert made.next_at is not None
    versions = bench.backend.schedule_versions(made.id, tenants=None)
    assert versions is not None
    assert [(one.version, one.by, one.reason) for one in versions] == [
        (2, "ada", "ada wants it"),
        (1, STAMP.actor.name, "a test"),
    ]
    changed = {one.field: (one.before, one.after) for one in differences(versions[1].spec, versions[0].spec)}
    assert changed == {
        "cron": ("* * * * *", "0 3 * * *"),
        "zone": ("UTC", "Europe/Berlin"),
        "description": ("", "at night"),
    }


def test_two_at_the_same_schedule_notice_each_other(bench: Bench) -> None:
    made = schedule(bench)
    bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, operator("ada"), revision=1)
    spec = made.spec.model_copy(update={"cron": "@daily"})
    with pytest.raises(Conflict, match="ada changed this schedule"):
        bench.backend.edit_schedule(made.id, spec, STAMP, revision=1)
    with pytest.raises(Conflict, match="ada paused this schedule"):
        bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
    resumed = bench.backend.act_on_schedule(made.id, SCHEDULE_RESUME, STAMP, revision=2)
    assert (resumed.revision, resumed.paused_at, resumed.pause_reason) == (3, None, "")
    with pytest.raises(Conflict, match="nothing was changed"):
        bench.backend.edit_schedule(made.id, made.spec, STAMP, revision=3)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cron": "*/0 * * * *"}, "minute"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"job_type": "no.such"}, "no job type"),
        ({"job_type": "ops.plan"}, "the console's own"),
        ({"job_type": "test.number", "payload": {"number": "many"}}, "does not take this payload"),
        ({"targets": ("relative",)}, "absolute path"),
        ({"targets": ("/a/../etc",)}, "no .."),
        ({"targets": ("/a\0b",)}, "NUL"),
        ({"name": " "}, "name"),
        ({"name": "\ud800"}, "half characters"),
        ({"max_jobs": 0}, "max_jobs"),
        ({"parallelism": 101}, "parallelism"),
        ({"catch_up_s": -1}, "catch_up_s"),
    ],
)
def test_what_can_be_no_schedule_is_refused_in_words(bench: Bench, values: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        schedule(bench, **values)
    assert bench.backend.schedules(tenants=None) == []


def test_names_are_of_a_tenant_and_free_again_after_a_delete(bench: Bench) -> None:
    made = schedule(bench)
    schedule(bench, tenant="globex")
    with pytest.raises(Conflict, match="already"):
        schedule(bench)
    bench.backend.act_on_schedule(made.id, SCHEDULE_DELETE, STAMP, revision=None)
    again = schedule(bench)
    assert {one.id for one in bench.backend.schedules(tenants=frozenset({"acme"}))} == {again.id}
    with pytest.raises(NotFound):
        bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
    with pytest.raises(NotFound):
        bench.backend.act_on_schedule(again.id, SCHEDULE_PAUSE, operator("eve", ["globex"]), revision=None)
    kept = bench.backend.get_schedule(made.id, tenants=None)
    assert kept is not None
    assert kept.deleted_at is not None


def test_a_due_time_fires_once_and_the_next_is_known(bench: Bench) -> None:
    made = schedule(bench)
    stand_in(bench)
    at = due(bench, made)
    assert bench.backend.clockwork.fire() == 1
    assert bench.backend.clockwork.fire() == 0
    assert firings(bench, made) == [(at, "", 1)]
    after = bench.backend.get_schedule(made.id, tenants=None)
    assert after is not None
    assert after.next_at is not None
    assert to_ms(after.next_at) == at + MINUTE_MS
    (run,) = bench.rows("SELECT * FROM run")
    assert (run["due_at"], run["trigger_kind"], run["state"]) == (at, "cron", "planning")


def test_leaders_that_fire_at_once_fire_once(bench: Bench) -> None:
    made = [schedule(bench, name=f"s{i}") for i in range(40)]
    stand_in(bench)
    due(bench, *made)
    threads = [threading.Thread(target=bench.backend.clockwork.fire) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] == 40
    # Runs that are due together are planned together.
    assert 1 <= bench.rows("SELECT count(*) AS jobs FROM job WHERE job_type = 'ops.plan'")[0]["jobs"] <= 4


def test_a_due_time_that_was_decided_stays_decided(bench: Bench) -> None:
    made = schedule(bench, overlap=Overlap.ALLOW)
    stand_in(bench)
    at = due(bench, made)
    bench.backend.clockwork.fire()
    # As if the schedule's own row had been put back to an older state.
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE schedule SET next_at = :at"), {"at": at})
    bench.backend.clockwork.fire()
    assert bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] == 1


def test_a_paused_schedule_records_what_it_misses(bench: Bench) -> None:
    made = schedule(bench, paused=True)
    stand_in(bench)
    at = due(bench, made)
    bench.backend.clockwork.fire()
    assert firings(bench, made) == [(at, "paused", 1)]
    due(bench, made)
    resumed = bench.backend.act_on_schedule(made.id, SCHEDULE_RESUME, STAMP, revision=None)
    assert resumed.next_at is not None
    assert to_ms(resumed.next_at) > now_ms()
    bench.backend.clockwork.fire()
    assert bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] == 0


@pytest.mark.parametrize(
    ("overlap", "missed", "states"),
    [
        (Overlap.SKIP, ["", "overlap", "overlap"], ["planning"]),
        (Overlap.QUEUE_ONE, ["", "", "overlap"], ["planning", "queued"]),
        (Overlap.ALLOW, ["", "", ""], ["planning", "planning", "planning"]),
    ],
)
def test_what_overlaps(bench: Bench, overlap: Overlap, missed: list[str], states: list[str]) -> None:
    made = schedule(bench, overlap=overlap)
    stand_in(bench)
    at = due(bench, made, ago_ms=2 * MINUTE_MS)
    bench.backend.clockwork.fire()
    assert firings(bench, made) == [(at + i * MINUTE_MS, why, 1) for i, why in enumerate(missed)]
    assert [row["state"] for row in bench.rows("SELECT state FROM run ORDER BY n")] == states


def test_what_was_missed_in_the_window_fires_and_the_rest_is_told(bench: Bench) -> None:
    made = schedule(bench, overlap=Overlap.ALLOW, catch_up_s=300)
    stand_in(bench)
    at = due(bench, made, ago_ms=3_600_000)
    looked(bench, at - 1)
    bench.backend.clockwork.fire()
    first, *others = firings(bench, made)
    # An hour of minutes, but for those of the last five.
    assert first[:2] == (at, "system_down")
    assert 54 <= first[2] <= 56
    assert [why for _, why, _ in others] == [""] * len(others)
    assert 5 <= len(others) <= 6
    assert first[2] + len(others) == 61


def test_a_week_of_seconds_is_told_at_once(bench: Bench) -> None:
    made = schedule(bench, cron="* * * * * *", catch_up_s=0)
    stand_in(bench)
    at = due(bench, made, ago_ms=7 * 24 * 3_600_000)
    looked(bench, at - 1)
    bench.backend.clockwork.fire()
    first = firings(bench, made)[0]
    assert first[:2] == (at, "system_down")
    assert first[2] > 1_000


def test_without_a_worker_it_waits_and_is_missed_only_after_the_window(bench: Bench) -> None:
    made = schedule(bench, catch_up_s=120)
    at = due(bench, made)
    looked(bench, now_ms())
    assert bench.backend.clockwork.fire() == 0
    stand_in(bench)
    bench.backend.clockwork.fire()
    assert firings(bench, made) == [(at, "", 1)]
    other = schedule(bench, name="other", catch_up_s=120)
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE worker SET state = 'draining'"))
    late = due(bench, other, ago_ms=10 * MINUTE_MS)
    bench.backend.clockwork.fire()
    assert firings(bench, other)[0][:2] == (late, "no_worker")


def test_one_that_can_not_be_read_holds_up_no_other(bench: Bench) -> None:
    broken, made = schedule(bench, name="broken"), schedule(bench)
    stand_in(bench)
    due(bench, broken, made)
    with write(bench.beneath.engine) as connection:
        spec = broken.spec.model_copy(update={"zone": "Europe/Atlantis"}).model_dump_json()
        connection.execute(text("UPDATE schedule SET spec = :spec WHERE id = :id"), {"spec": spec, "id": broken.id})
    bench.backend.clockwork.fire()
    assert len(firings(bench, made)) == 1
    paused = bench.backend.get_schedule(broken.id, tenants=None)
    assert paused is not None
    assert (paused.paused_by, paused.next_at) == ("scheduler", None)
    assert "Atlantis" in paused.pause_reason


def test_a_run_now_needs_no_due_time_and_is_made_once_for_a_key(bench: Bench) -> None:
    made = schedule(bench, paused=True)
    run = run_now(bench, made)
    assert (run.state, run.trigger, run.why) == (RunState.PLANNING, "manual", "a test")
    keyed = STAMP.model_copy(update={"idempotency_key": "once"})
    first = bench.backend.run_schedule(made.id, run.trigger, keyed)
    assert bench.backend.run_schedule(made.id, run.trigger, keyed).id == first.id != run.id
    assert firings(bench, made) == []


def test_the_audit_knows_each_change(bench: Bench) -> None:
    made = schedule(bench)
    bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, operator("ada"), revision=None)
    run_now(bench, made)
    rows = bench.rows("SELECT verb, actor, reason, inverse FROM audit_event ORDER BY n")
    assert [tuple(row.values()) for row in rows] == [
        ("schedule_create", STAMP.actor.name, "a test", "schedule_delete"),
        ("schedule_pause", "ada", "ada wants it", "schedule_resume"),
        ("schedule_run", STAMP.actor.name, "a test", "run_cancel"),
    ]
