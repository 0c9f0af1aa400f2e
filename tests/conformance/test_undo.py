"""Undo puts back what held, once, as long as nobody changed it since; it is audited as what it takes back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from execution_ops.backends.embedded import fleet_control
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit import AuditEvent
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.errors import Conflict, Forbidden, NotFound
from execution_ops.domain.letter_verbs import REOPEN, RESOLVE
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESUME
from execution_ops.domain.quotas import ANY, Limits
from execution_ops.domain.scanner_settings import ScannerSettings
from execution_ops.domain.scanner_verbs import ANALYZERS_EDIT, TRUST_ADD
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.undo import UNDO_WINDOW
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_DRAIN
from execution_ops.services.container import Services, compose
from tests.baselines import SOURCE, keep, promote
from tests.execution import STAMP, Bench, operator
from tests.kits import KEY
from tests.letters import die, plan_for, submit
from tests.quota_bench import act, quota, row
from tests.schedule_bench import schedule

ANN = operator("ann")


@pytest.fixture
def console(bench: Bench) -> Services:
    return compose(bench.settings, bench.backend)


def last(console: Services, **fields: object) -> AuditEvent:
    return console.audit.list(STAMP.actor, AuditFilter(**fields), limit=1).rows[0]


def undo(console: Services, event: AuditEvent, stamp: Stamp = ANN) -> AuditEvent:
    return console.undo.undo(stamp.actor, event.n, Stamp(actor=stamp.actor)).event


def test_a_pause_is_undone_and_can_be_done_again(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_PAUSE)
    paused = last(console)
    made = undo(console, paused)
    assert row(bench, known).paused_at is None
    assert (made.verb, made.undoes, made.actor) == ("quota_resume", paused.n, "ann")
    assert made.reason == f"Undo of event {paused.n}: a test"
    assert console.audit.get(STAMP.actor, paused.n).event.undone_by == made.n
    # The undo is a change like any other: it can be taken back itself, with the reason of then.
    undo(console, made)
    again = row(bench, known)
    assert (again.paused_at is not None, again.pause_reason, again.revision) == (True, "a test", 4)
    with pytest.raises(Conflict, match=f"undone already, by event {made.n}"):
        undo(console, paused)
    assert row(bench, known).revision == 4


def test_values_are_put_back_whole(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_OVERRIDE, Limits(max_active=9))
    act(bench, known, QUOTA_EDIT, Limits(max_active=2))
    undo(console, last(console))
    now = row(bench, known)
    # Editing has ended the override, which comes back with it.
    assert (now.configured.max_active, now.override) == (5, Limits(max_active=9))
    bench.backend.delete_quota(known.id, STAMP, revision=None)
    undo(console, last(console))
    assert row(bench, known).override == Limits(max_active=9)
    fresh = quota(bench, tenant="zeta", max_active=1)
    undo(console, last(console))
    assert fresh.id not in {one.id for one in bench.backend.quotas(tenants=None)}


def test_nothing_is_undone_after_another_change(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_PAUSE)
    paused = last(console)
    act(bench, known, QUOTA_RESUME)
    act(bench, known, QUOTA_PAUSE)
    offer = console.undo.offer(STAMP.actor, paused.n)
    assert "changed it since: Pause at" in offer.off
    with pytest.raises(Conflict, match="changed it since"):
        undo(console, paused)
    # The rule was asked a moment before; the transaction asks again.
    detail = bench.backend.audit_event(paused.n, tenants=None)
    assert detail is not None
    with pytest.raises(Conflict, match="after you had opened it"):
        bench.backend.undo_audit(detail, ANN)
    assert row(bench, known).revision == 4


def test_it_is_too_late_after_a_while(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_PAUSE)
    paused = last(console)
    assert console.undo.offer(STAMP.actor, paused.n).until == paused.at + UNDO_WINDOW
    older = int((UNDO_WINDOW + timedelta(seconds=1)).total_seconds() * 1000)
    with write(bench.beneath.engine) as connection:
        connection.execute(text("UPDATE audit_event SET created_at = created_at - :older"), {"older": older})
    with pytest.raises(Conflict, match="for 10 minutes, until"):
        undo(console, paused)


def test_it_takes_the_permission_of_the_inverse_and_the_reach(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    shared = bench.backend.create_quota(ANY, "test.echo", Limits(max_active=1), STAMP)
    for one in (known, shared):
        act(bench, one, QUOTA_PAUSE)
    everybodys, acmes = console.audit.list(STAMP.actor, AuditFilter(verb=("quota_pause",)), limit=2).rows
    reader = Stamp(actor=Actor(name="bob", scopes=frozenset({Scope.READ, Scope.OPERATE})))
    with pytest.raises(Forbidden, match="ops:quota"):
        undo(console, acmes, reader)
    with pytest.raises(NotFound):
        undo(console, acmes, operator("zoe", {"zeta"}))
    with pytest.raises(Forbidden, match="only who may act for all tenants"):
        undo(console, everybodys, operator("amy", {"acme"}))
    assert undo(console, acmes, operator("amy", {"acme"})).actor == "amy"


def test_two_at_once_undo_it_once(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    act(bench, known, QUOTA_PAUSE)
    paused = last(console)

    def attempt(name: str) -> str:
        try:
            undo(console, paused, operator(name))
        except Conflict as error:
            return error.message
        return ""

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, ("a", "b", "c", "d")))
    assert sorted(map(bool, answers)) == [False, True, True, True], answers
    assert bench.rows("SELECT count(*) AS n FROM audit_event WHERE undoes = :n", n=paused.n) == [{"n": 1}]


def test_resolved_entries_are_reopened_all_or_none(bench: Bench, console: Services) -> None:
    jobs = submit(bench, 3)
    die(bench, jobs)
    ids = [entry["id"] for entry in bench.rows("SELECT id FROM dead_letter ORDER BY n")]
    bench.backend.act_on_letters(RESOLVE.name, ids, STAMP, {})
    resolved = last(console)
    assert json.loads(console.audit.get(STAMP.actor, resolved.n).event.before) == dict.fromkeys(ids, "pending")
    bench.backend.act_on_letters(REOPEN.name, ids[:1], STAMP, {})
    with pytest.raises(Conflict, match="changed it since: Reopen"):
        undo(console, resolved)
    states = "SELECT state FROM dead_letter ORDER BY n"
    assert [entry["state"] for entry in bench.rows(states)] == ["pending", "resolved", "resolved"]
    bench.backend.act_on_letters(RESOLVE.name, ids[:1], STAMP, {})
    undo(console, last(console))
    assert [entry["state"] for entry in bench.rows(states)] == ["pending", "resolved", "resolved"]


def test_what_moved_by_itself_is_not_undone(bench: Bench, console: Services) -> None:
    die(bench, submit(bench, 1))
    (entry,) = bench.rows("SELECT id FROM dead_letter")
    bench.backend.act_on_letters(RESOLVE.name, [entry["id"]], STAMP, {})
    with write(bench.beneath.engine) as connection:
        # As a plan does it, whose events stand on its own timeline.
        connection.execute(text("UPDATE dead_letter SET revision = revision + 2"))
    with pytest.raises(Conflict, match=r"changed since you saw it: .* Nothing was undone"):
        undo(console, last(console))
    assert bench.rows("SELECT state FROM dead_letter") == [{"state": "resolved"}]
    assert bench.rows("SELECT count(*) AS n FROM audit_event WHERE undoes IS NOT NULL") == [{"n": 0}]


def test_settings_and_default_analyzers_go_back(bench: Bench, console: Services) -> None:
    first = bench.backend.scanner_settings().settings
    with_key = ScannerSettings(trust=(KEY.trusted(),))
    bench.backend.save_scanner_settings(with_key, TRUST_ADD, STAMP, seen=None)
    made = undo(console, last(console))
    assert (bench.backend.scanner_settings().settings, made.verb) == (first, "trust_disable")
    bench.backend.save_analyzer_defaults(["go"], ANALYZERS_EDIT, STAMP, seen=None)
    undo(console, last(console))
    assert bench.backend.analyzer_defaults().disabled == ()
    assert bench.backend.analyzer_defaults().version == 2


def test_a_request_is_offered_what_it_did(bench: Bench, console: Services) -> None:
    known = quota(bench, max_active=5)
    stamp = Stamp(actor=STAMP.actor, reason="x", correlation_id="request-1")
    bench.backend.change_quota(known.id, QUOTA_PAUSE, None, stamp, revision=None)
    (offer,) = console.undo.offers(STAMP.actor, "request-1")
    assert (offer.n, offer.verb, offer.off) == (last(console).n, "quota_resume", "")
    undo(console, last(console))
    assert console.undo.offers(STAMP.actor, "request-1") == []
    assert console.undo.offers(STAMP.actor, "") == []


def test_schedules_workers_plans_and_baselines_go_back(bench: Bench, console: Services) -> None:
    made = schedule(bench)
    bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
    undo(console, last(console))
    edited = made.spec.model_copy(update={"cron": "5 4 * * *"})
    bench.backend.edit_schedule(made.id, edited, STAMP, revision=None)
    undo(console, last(console))
    now = bench.backend.get_schedule(made.id, tenants=None)
    assert now is not None
    assert (now.spec, now.paused_at, now.version) == (made.spec, None, 3)

    for name in ("w1", "w2"):
        fleet_control.register(bench.beneath.engine, name, name=name, queues=["q"], concurrency=1)
    bench.backend.act_on_workers(WORKER_DRAIN, ["w1", "w2"], STAMP, {})
    drained = last(console)
    assert undo(console, drained).verb == "worker_resume"
    assert {worker.asked.value for worker in bench.backend.fleet(tenants=None).workers} == {""}
    with pytest.raises(Conflict, match="undone already"):
        undo(console, drained)

    first, second = (keep(bench.backend, [("react", f"{n}.0.0")], label=f"v{n}") for n in (1, 2))
    promote(bench.backend, first.id)
    with pytest.raises(Conflict, match="Nothing was there before"):
        undo(console, last(console))
    promote(bench.backend, second.id)
    taken_back = undo(console, last(console))
    held = bench.backend.promoted_baseline("acme", SOURCE)
    assert (held and held.id, taken_back.verb) == (first.id, "baseline_rollback")
    undo(console, taken_back)
    held = bench.backend.promoted_baseline("acme", SOURCE)
    assert held is not None
    assert held.id == second.id


def test_a_plan_is_held_and_its_rate_is_as_before(bench: Bench, console: Services) -> None:
    die(bench, submit(bench, 2))
    plan = plan_for(bench, rate=3.0)
    bench.backend.set_plan_rate(plan.id, 50.0, STAMP)
    undo(console, last(console))
    again = bench.backend.get_plan(plan.id, tenants=None)
    assert again is not None
    assert again.rate == 3.0
