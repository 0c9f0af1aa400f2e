"""Jobs that die leave an entry; entries are listed, grouped, replayed, resolved and reopened."""

from __future__ import annotations

import hashlib

import pytest

from execution_ops.backends.embedded.letter_counters import fold_letters
from execution_ops.domain.dead_letters import REDEATHS_MAX
from execution_ops.domain.error_categories import Category
from execution_ops.domain.job_types import JobType
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import AttemptState, DeadLetterState, JobState
from tests.execution import STAMP, Bench, node, operator
from tests.jobs import REGISTRY
from tests.letters import EVERYTHING, STACK, check_letter_counters, dead, die, entries, submit, succeed

PENDING, REPLAYING = DeadLetterState.PENDING, DeadLetterState.REPLAYING


def test_a_death_leaves_a_snapshot(bench: Bench) -> None:
    (job_id,) = dead(bench, 1)
    (row,) = entries(bench)
    detail = bench.backend.get_letter(row["id"], tenants=None)
    assert detail is not None
    shown = detail.row
    assert (shown.job_id, shown.job_type, shown.tenant, shown.queue) == (job_id, "test.echo", "acme", "test")
    assert (shown.state, shown.error_type, shown.error_message) == (PENDING, "ValueError", "row 7 is broken")
    assert (shown.attempts, shown.redeaths, shown.revision) == (1, 0, 0)
    assert detail.error_stack == STACK
    assert detail.error_template == "row <n> is broken"
    assert detail.error_frame == "app/orders.py:charge"
    body = bench.value(job_id, "payload")
    assert detail.payload_sha256 == hashlib.sha256(body.encode()).hexdigest()
    assert (detail.dag_title, detail.node_key, detail.job_state) == ("a test", "n00000", "failed")
    assert [link.id for link in detail.chain] == [row["id"]]
    check_letter_counters(bench)


def test_a_job_that_times_out_or_crashes_its_workers_dies_too(bench: Bench) -> None:
    dead(bench, 1, state=AttemptState.TIMED_OUT, error_type="JobTimedOut", message="stopped after its limit")
    assert [row["error_type"] for row in entries(bench)] == ["JobTimedOut"]
    bench.work()
    bench.until(bench.one("test.slow"), JobState.TIMED_OUT)
    assert len(entries(bench, error_type="JobTimedOut")) == 2


def test_canceled_and_succeeded_jobs_leave_nothing(bench: Bench) -> None:
    canceled, done = submit(bench, 2)
    bench.backend.cancel([canceled], STAMP)
    succeed(bench, [done])
    assert entries(bench) == []


def test_entries_outlive_their_job(bench: Bench) -> None:
    dead(bench, 1)
    bench_rows = entries(bench)
    with bench.beneath.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM job")
    detail = bench.backend.get_letter(bench_rows[0]["id"], tenants=None)
    assert detail is not None
    assert not detail.job_stored
    (outcome,) = bench.backend.act_on_letters("replay", [bench_rows[0]["id"]], STAMP, {})
    assert not outcome.done
    assert "no longer stored" in outcome.why


def test_a_replay_runs_the_same_job_again_and_lets_the_dag_go_on(bench: Bench) -> None:
    made = bench.submit(node("first", "test.echo", {"x": 1}), node("second", "test.echo", after=("first",)))
    first, second = made.job_ids["first"], made.job_ids["second"]
    die(bench, [first])
    before = bench.value(first, "payload")
    (row,) = entries(bench)
    (outcome,) = bench.backend.act_on_letters("replay", [row["id"]], STAMP, {})
    assert (outcome.done, outcome.state, outcome.job_id) == (True, REPLAYING, first)
    assert bench.state(first) == JobState.SCHEDULED
    assert bench.events(first)[-2:] == ["replay", "scheduled"]
    succeed(bench, [first])
    (row,) = entries(bench)
    assert row["state"] == "replayed"
    assert bench.value(first, "payload") == before
    assert bench.state(second) == JobState.SCHEDULED
    detail = bench.backend.get_letter(row["id"], tenants=None)
    assert detail is not None
    assert detail.new_attempt == 2
    bench.check_counters()
    check_letter_counters(bench)


def test_a_retry_of_the_job_is_a_replay_of_its_entry(bench: Bench) -> None:
    (job_id,) = dead(bench, 1)
    bench.backend.retry([job_id], STAMP)
    assert [row["state"] for row in entries(bench)] == ["replaying"]
    succeed(bench, [job_id])
    assert [row["state"] for row in entries(bench)] == ["replayed"]


def test_a_replay_that_is_canceled_leaves_the_entry_pending(bench: Bench) -> None:
    (job_id,) = dead(bench, 1)
    bench.backend.act_on_letters("replay", [entries(bench)[0]["id"]], STAMP, {})
    bench.backend.cancel([job_id], STAMP)
    assert [row["state"] for row in entries(bench)] == ["pending"]
    # Its job is canceled now, so there is nothing dead to replay.
    (outcome,) = bench.backend.act_on_letters("replay", [entries(bench)[0]["id"]], STAMP, {})
    assert not outcome.done
    check_letter_counters(bench)


def test_what_dies_again_too_often_is_quarantined_and_stays_so(bench: Bench) -> None:
    (job_id,) = dead(bench, 1)
    for deaths in range(1, REDEATHS_MAX + 1):
        (outcome,) = bench.backend.act_on_letters("replay", [entries(bench)[-1]["id"]], STAMP, {})
        assert outcome.done
        die(bench, [job_id])
        assert entries(bench)[-1]["redeaths"] == deaths
    rows = entries(bench)
    assert [row["state"] for row in rows] == ["replayed"] * REDEATHS_MAX + ["quarantined"]
    assert len({row["fingerprint"] for row in rows}) == 1
    last = rows[-1]["id"]
    assert bench.backend.act_on_letters("resolve", [last], STAMP, {})[0].done
    assert bench.backend.act_on_letters("reopen", [last], STAMP, {})[0].state is DeadLetterState.QUARANTINED
    # One by one it can still be tried.
    assert bench.backend.act_on_letters("replay", [last], STAMP, {})[0].done
    detail = bench.backend.get_letter(last, tenants=None)
    assert detail is not None
    assert [link.same_error for link in detail.chain] == [True] * (REDEATHS_MAX + 1)


def test_resolve_and_reopen_keep_who_and_why(bench: Bench) -> None:
    dead(bench, 2)
    one, two = (row["id"] for row in entries(bench))
    ann = operator("ann")
    done = bench.backend.act_on_letters("resolve", [one, two, one], ann, {})
    assert [outcome.state for outcome in done] == [DeadLetterState.RESOLVED] * 2
    assert {(row["changed_by"], row["note"], row["revision"]) for row in entries(bench)} == {("ann", "ann wants it", 1)}
    assert not bench.backend.act_on_letters("resolve", [one], STAMP, {})[0].done
    assert bench.backend.act_on_letters("reopen", [one], STAMP, {})[0].state is PENDING
    audited = bench.rows("SELECT verb, count, inverse FROM audit_event WHERE verb IN ('resolve', 'reopen') ORDER BY n")
    assert [(row["verb"], row["count"], row["inverse"]) for row in audited] == [
        ("resolve", 2, "reopen"),
        ("resolve", 0, "reopen"),
        ("reopen", 1, "resolve"),
    ]
    check_letter_counters(bench)


def test_of_two_operators_at_one_entry_the_second_is_told_who_was_first(bench: Bench) -> None:
    dead(bench, 1)
    (row,) = entries(bench)
    seen = {row["id"]: row["revision"]}
    assert bench.backend.act_on_letters("resolve", [row["id"]], operator("ann"), seen)[0].done
    (late,) = bench.backend.act_on_letters("replay", [row["id"]], operator("bob"), seen)
    assert not late.done
    assert "resolved by ann at 20" in late.why


def test_what_this_program_cannot_run_is_not_replayed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dead(bench, 1)
    (row,) = entries(bench)
    known: dict[str, JobType] = REGISTRY._types
    monkeypatch.setitem(known, "test.echo", known["test.number"].model_copy(update={"name": "test.echo"}))
    (outcome,) = bench.backend.act_on_letters("replay", [row["id"]], STAMP, {})
    assert "payload no longer valid" in outcome.why
    monkeypatch.delitem(known, "test.echo")
    (outcome,) = bench.backend.act_on_letters("replay", [row["id"]], STAMP, {})
    assert "no longer registered" in outcome.why
    assert entries(bench)[0]["state"] == "pending"


def test_another_tenants_entries_are_not_there(bench: Bench) -> None:
    dead(bench, 1, tenant="acme")
    (row,) = entries(bench)
    other = frozenset({"other"})
    assert bench.backend.get_letter(row["id"], tenants=other) is None
    assert bench.backend.list_letters(EVERYTHING, tenants=other, cursor=None, limit=10).rows == ()
    assert bench.backend.count_letters(EVERYTHING, tenants=other).total == 0
    assert bench.backend.letter_groups(EVERYTHING, tenants=other, limit=10).groups == ()
    (outcome,) = bench.backend.act_on_letters("resolve", [row["id"]], operator("eve", ["other"]), {})
    assert outcome.why == "There is no such dead letter."
    assert entries(bench)[0]["state"] == "pending"


@pytest.fixture
def crowd(bench: Bench) -> Bench:
    """40 entries of four errors, two tenants."""
    for i in range(5):
        dead(bench, 2, tenant="acme", message=f"row {i} is broken")
        dead(bench, 2, tenant="other", message=f"row {i} is broken")
        dead(bench, 2, tenant="acme", error_type="TimeoutError", message=f"no answer from 10.0.0.{i}:80 in {i} s")
        dead(bench, 1, tenant="other", error_type="KeyError", message="'user'")
        dead(bench, 1, tenant="other", error_type="PermissionError", message="permission denied")
    bench.backend.act_on_letters("resolve", [row["id"] for row in entries(bench, error_type="KeyError")], STAMP, {})
    return bench


def matches(row: dict[str, object], where: DeadLetterFilter) -> bool:
    """The filter on one row, spelled out."""
    categories = where.categories()
    return (
        (not where.state or row["state"] in where.state)
        and (not where.group or row["fingerprint"] in where.group)
        and (not where.tenant or row["tenant"] in where.tenant)
        and (not where.job_type or row["job_type"] in where.job_type)
        and (not where.error_type or row["error_type"] in where.error_type)
        and (categories is None or row["category"] in categories)
        and (not where.job or row["job_id"] == where.job)
        and (not where.id or str(row["id"]).startswith(where.id))
    )


def test_every_filter_lists_counts_and_enumerates_the_same(crowd: Bench) -> None:
    rows = entries(crowd)
    group = rows[0]["fingerprint"]
    filters = [
        {},
        {"state": "pending"},
        {"group": group},
        {"group": group, "tenant": "acme"},
        {"tenant": "other", "state": "resolved"},
        {"category": "transient"},
        {"retryable": "yes"},
        {"retryable": "no", "tenant": "acme"},
        {"error_type": "KeyError"},
        {"job": rows[3]["job_id"]},
        {"id": rows[4]["id"]},
        {"id": rows[4]["id"][:10]},
        {"job_type": "test.echo", "category": "auth"},
        {"queue": "test", "after": "1h"},
        {"after": "1h"},
        {"before": "1h"},
        {"job_type": "none"},
    ]
    for values in filters:
        where = DeadLetterFilter.from_query(list(values.items()))
        wanted = [row["id"] for row in rows if matches(row, where) and where.before == ""]
        listed: list[str] = []
        cursor: str | None = None
        while True:
            page = crowd.backend.list_letters(where, tenants=None, cursor=cursor, limit=7)
            listed += [row.id for row in page.rows]
            cursor = page.older
            if cursor is None:
                break
        assert listed == wanted[::-1], values
        batches = crowd.backend.iterate_letters(where.model_copy(update={"sort": Sort.OLDEST}), tenants=None, batch=4)
        assert [row.id for batch in batches for row in batch] == wanted, values
        counts = crowd.backend.count_letters(where, tenants=None)
        states = where.state or tuple(DeadLetterState)
        assert (sum(counts.by_state[state] for state in states), counts.exact) == (len(wanted), True), values


@pytest.mark.parametrize("folded", [False, True])
def test_groups_count_what_their_links_list(crowd: Bench, folded: bool) -> None:
    if folded:
        fold_letters(crowd.backend.engine)
    found = crowd.backend.letter_groups(EVERYTHING, tenants=None, limit=10)
    by_type = {group.error_type: group for group in found.groups}
    assert [group.error_type for group in found.groups][:2] == ["ValueError", "TimeoutError"]
    broken, late, gone = by_type["ValueError"], by_type["TimeoutError"], by_type["KeyError"]
    assert (broken.open, broken.total, broken.tenants, broken.job_type) == (20, 20, 2, "test.echo")
    assert (broken.template, broken.category) == ("row <n> is broken", Category.VALIDATION)
    assert (late.template, late.retryable) == ("no answer from <address> in <n>", True)
    assert (gone.open, gone.total, gone.by_state[DeadLetterState.RESOLVED]) == (0, 5, 5)
    assert sum(broken.trend) == broken.trend[-1] + broken.trend[-2] == 20
    assert broken.first_seen <= broken.last_seen
    assert broken.sample_id == entries(crowd, error_type="ValueError")[-1]["id"]
    health = found.health
    assert (health.open, health.total, health.retryable) == (35, 40, 10)
    assert (health.most_common, health.most_common_open) == ("ValueError", 20)
    assert health.oldest_id == entries(crowd)[0]["id"]
    for group in found.groups:
        where = DeadLetterFilter.from_query([("group", group.fingerprint)])
        counts = crowd.backend.count_letters(where, tenants=None)
        assert counts.by_state == group.by_state
    acme = crowd.backend.letter_groups(EVERYTHING, tenants=frozenset({"acme"}), limit=1)
    assert ([group.open for group in acme.groups], acme.more, acme.health.open) == ([10], 1, 20)
    auth = crowd.backend.letter_groups(DeadLetterFilter(category=(Category.AUTH,)), tenants=None, limit=10)
    assert [group.error_type for group in auth.groups] == ["PermissionError"]
    assert crowd.backend.letter_facets(tenants=None)["error_type"] == [
        "KeyError",
        "PermissionError",
        "TimeoutError",
        "ValueError",
    ]
    check_letter_counters(crowd)
