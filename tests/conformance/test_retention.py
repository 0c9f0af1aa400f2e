"""What is old and over goes whole; nothing live goes, and the counters stay right."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from sqlalchemy import text

from execution_ops.backends.embedded import retention as rounds
from execution_ops.backends.embedded.counters import fold
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.letters import ITEM, PLAN
from execution_ops.backends.embedded.retention import Retention, status, survey
from execution_ops.domain.retention import DAY_MS, Kind, Policy
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms
from tests.execution import Bench, node, wait_until
from tests.schema import filled

POLICY = Policy(jobs=30, runs=30, dead_letters=30, audit=30)
OF_JOBS = ("job_value", "job_attempt", "job_event", "job_log", "job_artifact")


def settle(bench: Bench, policy: Policy = POLICY) -> None:
    """One whole round."""
    retention = Retention(bench.backend.engine, bench.backend.artifacts, policy)
    while retention.step() is not None:
        pass


def change(bench: Bench, statement: str, **values: Any) -> None:
    """Put the ledger into a state that takes time to come by itself."""
    with write(bench.backend.engine) as connection:
        connection.execute(text(statement), values)


def age(bench: Bench, *job_ids: str, days: int = 40) -> None:
    """Let jobs have ended so long ago."""
    for job_id in job_ids:
        change(
            bench,
            "UPDATE job SET finished_at = finished_at - :ms, created_at = created_at - :ms WHERE id = :id",
            ms=days * DAY_MS,
            id=job_id,
        )
        # The search index and the minutes of the figures go by when it was made.
        change(
            bench,
            "UPDATE job_token SET created_at = created_at - :ms WHERE n = (SELECT n FROM job WHERE id = :id)",
            ms=days * DAY_MS,
            id=job_id,
        )


def ended(bench: Bench, job_type: str, state: JobState = JobState.SUCCEEDED, **payload: Any) -> str:
    """A job that has ended."""
    job_id = bench.one(job_type, **payload)
    bench.until(job_id, state)
    return job_id


def ids(bench: Bench) -> set[str]:
    """The jobs that there are."""
    return {row["id"] for row in bench.rows("SELECT id FROM job")}


def count(bench: Bench, table: str) -> int:
    """How many rows a table has."""
    return int(bench.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


def test_an_old_job_goes_with_everything_that_belongs_to_it(bench: Bench) -> None:
    bench.work()
    old = ended(bench, "test.files", word="needle")
    sha256 = bench.part(old, "job_artifact", "name")[0]["sha256"]
    young = ended(bench, "test.echo", word="needle")
    path = bench.backend.artifacts.path(sha256)
    assert path is not None
    os.utime(path, (time.time() - 3 * 86_400,) * 2)
    age(bench, old)

    settle(bench)

    assert ids(bench) == {young}
    of_young = {row["n"] for row in bench.rows("SELECT n FROM job")}
    for table in OF_JOBS:
        assert {row["job_n"] for row in bench.rows(f"SELECT job_n FROM {table}")} <= of_young
    assert {row["n"] for row in bench.rows("SELECT n FROM job_token")} <= of_young
    assert count(bench, "dag") == 1
    assert bench.backend.artifacts.path(sha256) is None
    assert count(bench, "leftover") == 0
    bench.check_counters()
    found = status(bench.backend.engine, POLICY)
    assert {tally.kind: tally.removed for tally in found.kinds}[Kind.JOBS] == 1
    assert found.round_at is not None


def test_the_engine_forgets_its_workflows_too(bench: Bench) -> None:
    bench.work()
    old, young = ended(bench, "test.echo"), ended(bench, "test.echo")
    prefix = "" if bench.backend.engine.dialect.name == "sqlite" else "dbos."
    inputs = f"SELECT workflow_uuid FROM {prefix}workflow_status ORDER BY 1"
    # The engine writes its own outcome after ours.
    wait_until(lambda: len(bench.rows(f"{inputs}")) == 2, "both workflows are there")
    age(bench, old)
    settle(bench)
    assert [row["workflow_uuid"] for row in bench.rows(inputs)] == [f"{young}:1"]


def test_nothing_of_a_dag_goes_while_a_part_of_it_is_not_over(bench: Bench) -> None:
    bench.work()
    made = bench.submit(node("first", "test.echo"), node("then", "test.wait", {"marks": str(bench.marks)}, ("first",)))
    bench.until_mark("running-1-")
    age(bench, made.job_ids["first"])
    ended(bench, "test.echo")
    settle(bench)
    assert set(made.job_ids.values()) <= ids(bench)
    bench.let_go()
    bench.until(made.job_ids["then"], JobState.SUCCEEDED)
    settle(bench)
    assert set(made.job_ids.values()) <= ids(bench)
    age(bench, made.job_ids["then"])
    settle(bench)
    assert not set(made.job_ids.values()) & ids(bench)


def test_a_dead_letter_that_is_open_keeps_its_job(bench: Bench) -> None:
    bench.work()
    dead = ended(bench, "test.permanent", JobState.FAILED)
    ended(bench, "test.echo")
    age(bench, dead)
    change(bench, "UPDATE dead_letter SET created_at = created_at - :ms", ms=40 * DAY_MS)
    settle(bench)
    assert dead in ids(bench)
    assert count(bench, "dead_letter") == 1

    change(bench, "UPDATE dead_letter SET state = 'resolved', changed_at = :at", at=now_ms() - 5 * DAY_MS)
    settle(bench)
    # The letter is younger than its job: it outlives it.
    assert dead not in ids(bench)
    assert count(bench, "dead_letter") == 1


def test_settled_letters_go_and_their_group_with_the_last_of_them(bench: Bench) -> None:
    bench.work()
    gone, last = (ended(bench, "test.permanent", JobState.FAILED) for _ in range(2))
    other = ended(bench, "test.switch", JobState.FAILED)
    assert count(bench, "letter_group") == 2
    for job_id in (gone, last):
        # As if it had been resolved by hand, with its counters.
        change(bench, "UPDATE dead_letter SET state = 'resolved' WHERE job_id = :id", id=job_id)
        change(
            bench,
            "INSERT INTO letter_delta (fingerprint, tenant, job_type, state, entries) "
            "SELECT fingerprint, tenant, job_type, 'resolved', 1 FROM dead_letter WHERE job_id = :id "
            "UNION ALL SELECT fingerprint, tenant, job_type, 'pending', -1 FROM dead_letter WHERE job_id = :id",
            id=job_id,
        )
    old = "UPDATE dead_letter SET created_at = created_at - :ms WHERE job_id = :id"
    change(bench, old, ms=40 * DAY_MS, id=gone)
    settle(bench)
    assert (count(bench, "dead_letter"), count(bench, "letter_group")) == (2, 2)
    change(bench, old, ms=40 * DAY_MS, id=last)
    settle(bench)
    assert [row["job_id"] for row in bench.rows("SELECT job_id FROM dead_letter")] == [other]
    assert count(bench, "letter_group") == 1
    left = bench.rows("SELECT fingerprint, state, entries FROM letter_counter WHERE entries <> 0")
    assert [(row["state"], row["entries"]) for row in left] == [("pending", 1)]


@pytest.mark.parametrize("settled", [False, True], ids=["open", "over"])
def test_a_plan_that_is_not_over_keeps_its_entries_and_one_that_is_outlives_them(bench: Bench, settled: bool) -> None:
    bench.work()
    for _ in range(2):
        ended(bench, "test.permanent", JobState.FAILED)
    letters = bench.rows("SELECT n, id FROM dead_letter ORDER BY n")
    change(
        bench,
        "UPDATE dead_letter SET state = 'replayed', created_at = created_at - :ms WHERE n = :n",
        ms=40 * DAY_MS,
        n=letters[0]["n"],
    )
    plan = filled(PLAN, {"n": 7, "id": "plan", "kind": "replay", "state": "completed", "settled": settled})
    plan |= {"counts": "{}", "tenants": "null", "side_effects": "[]", "created_at": 1, "changed_at": 1}
    item = {"plan_n": 7, "no": 1, "letter_n": letters[0]["n"], "revision": 1}
    with write(bench.backend.engine) as connection:
        connection.execute(PLAN.insert(), plan)
        connection.execute(ITEM.insert(), filled(ITEM, {**item, "status": "succeeded", "verdict": "eligible"}))
    settle(bench)
    there = {row["id"] for row in bench.rows("SELECT id FROM dead_letter")}
    assert (letters[0]["id"] in there) is not settled
    page = bench.backend.plan_items("plan", tenants=None, statuses=(), verdicts=(), after=0, limit=10)
    assert page is not None
    assert [(one.no, one.letter_id) for one in page.items] == [(1, "" if settled else letters[0]["id"])]


def test_an_old_entry_of_the_audit_goes_with_the_words_it_is_found_by(bench: Bench) -> None:
    for _ in range(3):
        bench.submit(node("one", "test.echo"))
    before = bench.rows("SELECT n FROM audit_event ORDER BY n")
    change(bench, "UPDATE audit_event SET created_at = created_at - :ms WHERE n = :n", ms=40 * DAY_MS, n=before[0]["n"])
    for table in ("audit_word", "audit_subject"):
        old = f"UPDATE {table} SET created_at = created_at - :ms WHERE n = :n"
        change(bench, old, ms=40 * DAY_MS, n=before[0]["n"])
    settle(bench)
    kept = {row["n"] for row in before[1:]}
    for table in ("audit_event", "audit_word", "audit_subject"):
        assert {row["n"] for row in bench.rows(f"SELECT DISTINCT n FROM {table}")} == kept


def test_a_long_log_goes_by_and_by_and_cannot_be_seen_meanwhile(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.work()
    chatty = ended(bench, "test.chatty", value=2_500)
    ended(bench, "test.echo")
    age(bench, chatty)
    monkeypatch.setattr(rounds, "LEFTOVER_ROWS", 1_000)
    retention = Retention(bench.backend.engine, bench.backend.artifacts, POLICY)
    seen: list[int] = []
    while retention.step() is not None:
        seen.append(count(bench, "job_log"))
        if chatty not in ids(bench):
            assert bench.backend.get_log(chatty, tenants=None) is None
    assert {len(f"{lines}") for lines in seen}
    assert len(set(seen)) > 3
    assert seen[-1] <= 1


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_round_that_is_killed_leaves_nothing_half_removed(bench: Bench, steps: int) -> None:
    bench.work()
    jobs = [ended(bench, "test.echo", number=i) for i in range(6)]
    age(bench, *jobs[:-1])
    retention = Retention(bench.backend.engine, bench.backend.artifacts, POLICY)
    for _ in range(steps):
        retention.step()
    # The process ends here. What is left is whole, and another goes on.
    for job in ids(bench):
        assert bench.value(job, "payload")
        assert bench.attempts(job) == ["succeeded"]
    bench.check_counters()
    settle(bench)
    assert ids(bench) == {jobs[-1]}
    bench.check_counters()


def test_the_job_of_a_promoted_baseline_stays(bench: Bench) -> None:
    bench.work()
    kept, gone = ended(bench, "test.echo"), ended(bench, "test.echo")
    ended(bench, "test.echo")
    age(bench, kept, gone)
    dag = bench.job(kept)["dag_id"]
    change(
        bench,
        "INSERT INTO baseline (id, tenant, source, source_key, label, state, sha256, parts, size, components, job_id, "
        "dag_id, kit_id, green, syft, created_at, created_by, promoted_by, promote_reason) VALUES ('b', 'acme', 's', "
        "'k', '', 'promoted', 'x', 'y', 1, 1, :job, :dag, '', :green, '', 1, 'me', 'me', '')",
        job=kept,
        dag=dag,
        green=True,
    )
    settle(bench)
    assert kept in ids(bench)
    assert gone not in ids(bench)


def test_for_ever_is_for_ever_and_a_dry_run_removes_nothing(bench: Bench) -> None:
    bench.work()
    jobs = [ended(bench, "test.echo") for _ in range(3)]
    age(bench, *jobs[:2])
    settle(bench, Policy(jobs=0, runs=0, dead_letters=0, audit=0))
    assert ids(bench) == set(jobs)
    due = {one.kind: one for one in survey(bench.backend.engine, POLICY).due}
    assert due[Kind.JOBS].count == 2
    assert ids(bench) == set(jobs)
    settle(bench)
    assert ids(bench) == {jobs[2]}


def test_figures_of_the_last_day_lose_what_is_removed(bench: Bench) -> None:
    bench.work()
    old = ended(bench, "test.echo")
    ended(bench, "test.echo")
    fold(bench.backend.engine)
    # Older than the policy, and still in the window: only clocks that were set make it so.
    change(bench, "UPDATE job SET finished_at = finished_at - 60000 WHERE id = :id", id=old)
    soon = Retention(bench.backend.engine, bench.backend.artifacts, Policy(jobs=1, runs=0, dead_letters=0, audit=0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "now_ms", lambda: now_ms() + DAY_MS - 30_000)
        while soon.step() is not None:
            pass
    fold(bench.backend.engine)
    assert old not in ids(bench)
    arrived = bench.rows("SELECT sum(arrived) AS jobs FROM queue_rate WHERE width = 1 AND tenant = ''")
    assert arrived[0]["jobs"] == 1
    bench.check_counters()


def test_the_worker_that_leads_does_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = bench.settings
    monkeypatch.setattr(bench, "settings", settings.model_copy(update={"retention_jobs": 30}))
    monkeypatch.setattr("execution_ops.backends.embedded.worker.RETAIN_EVERY_S", 0.1)
    monkeypatch.setattr(rounds, "ROUND_EVERY_S", 0.1)
    bench.work()
    jobs = [ended(bench, "test.echo") for _ in range(3)]
    age(bench, *jobs[:2])
    wait_until(lambda: ids(bench) == {jobs[2]}, "the old jobs are gone")
    assert json.loads(bench.value(jobs[2], "payload")) == {}
