"""Cancel and retry in every state, by one operator and by two at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, text

from execution_ops.backends.embedded import attempts, control
from execution_ops.backends.embedded.attempts import Outcome
from execution_ops.backends.embedded.counters import fold
from execution_ops.backends.embedded.dbos_tables import forget_finished
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.reaper import WORKER, WORKFLOW_KEEP_MS
from execution_ops.domain.audit import SubjectKind, Touched
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.times import now_ms
from tests.execution import STAMP, Bench, node, operator, wait_until
from tests.jobs import QUEUE
from tests.processes import is_alive


def audit(bench: Bench) -> list[tuple[str, str, int]]:
    """Who did what to how many, without submissions."""
    rows = bench.rows("SELECT actor, verb, count FROM audit_event WHERE verb <> 'submit' ORDER BY n")
    return [(row["actor"], row["verb"], row["count"]) for row in rows]


def test_waiting_jobs_are_canceled_at_once(bench: Bench) -> None:
    done = bench.submit(node("a", "test.echo"), node("b", "test.echo", after=("a",)))
    outcomes = bench.backend.cancel(list(done.job_ids.values()), STAMP)
    assert [(o.done, o.state) for o in outcomes] == [(True, JobState.CANCELED)] * 2
    bench.work()
    later = bench.one("test.echo")
    bench.until(later, JobState.SUCCEEDED)
    assert [bench.attempts(job_id) for job_id in done.job_ids.values()] == [[], []]
    assert bench.events(done.job_ids["a"]) == ["scheduled", "cancel", "canceled"]
    bench.check_counters()


def test_a_running_job_is_asked_and_shows_it_until_it_stops(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.wait")
    bench.until_mark("running-1-")
    [outcome] = bench.backend.cancel([job_id], STAMP)
    assert (outcome.done, outcome.state) == (True, JobState.RUNNING)
    row = bench.until(job_id, JobState.CANCELED)
    assert row["cancel_requested_at"] is not None
    assert bench.attempts(job_id) == ["canceled"]
    assert bench.events(job_id) == ["scheduled", "running", "cancel", "canceled"]
    bench.check_counters()


def test_the_programs_of_a_canceled_job_are_killed(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.program")
    pids = [int(pid) for pid in bench.until_mark("pids").read_text().split()]
    bench.backend.cancel([job_id], STAMP)
    bench.until(job_id, JobState.CANCELED)
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "the programs are gone")


def test_a_job_that_waits_for_its_next_try_can_be_canceled(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.flaky")
    wait_until(lambda: bench.job(job_id)["eligible_at"] is not None, "the pause")
    [outcome] = bench.backend.cancel([job_id], STAMP)
    assert outcome.state == JobState.CANCELED
    # Its workflow still comes up, finds that it has nothing to do, and leaves no trace.
    wait_until(lambda: not bench.rows(UNFINISHED[bench.beneath.engine.dialect.name]), "no workflow is left")
    assert bench.attempts(job_id) == ["failed"]
    assert bench.state(job_id) == JobState.CANCELED


UNFINISHED = {
    "sqlite": "SELECT 1 FROM workflow_status WHERE status IN ('DELAYED', 'ENQUEUED', 'PENDING')",
    "postgresql": "SELECT 1 FROM dbos.workflow_status WHERE status IN ('DELAYED', 'ENQUEUED', 'PENDING')",
}


def test_who_saw_secrets_is_written_down(bench: Bench) -> None:
    bench.backend.witness("reveal", "a-job payload", STAMP, Touched(SubjectKind.JOB, ("a-job",), "acme"))
    assert audit(bench) == [("local operator", "reveal", 1)]


def test_a_cancel_that_comes_too_late_changes_nothing(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.echo")
    bench.until(job_id, JobState.SUCCEEDED)
    [outcome] = bench.backend.cancel([job_id], STAMP)
    assert (outcome.done, outcome.state) == (False, JobState.SUCCEEDED)
    assert "succeeded already" in outcome.why
    assert audit(bench) == [("local operator", "cancel", 0)]


@pytest.mark.parametrize("state", ["scheduled", "running"])
def test_of_two_operators_who_cancel_at_once_the_first_wins(bench: Bench, state: str) -> None:
    if state == "running":
        bench.work()
    job_id = bench.one("test.wait")
    if state == "running":
        bench.until_mark("running-1-")
    gate = threading.Barrier(2)
    outcomes = {}

    def cancel(name: str) -> None:
        gate.wait()
        [outcomes[name]] = bench.backend.cancel([job_id], operator(name))

    threads = [threading.Thread(target=cancel, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.done for outcome in outcomes.values()) == [False, True]
    [loser] = [outcome for outcome in outcomes.values() if not outcome.done]
    assert "already" in loser.why
    assert sorted(audit(bench)) == sorted((n, "cancel", int(o.done)) for n, o in outcomes.items())
    bench.until(job_id, JobState.CANCELED)
    bench.check_counters()


def test_a_canceled_parent_holds_its_children_until_its_retry(bench: Bench) -> None:
    done = bench.submit(node("a", "test.echo"), node("b", "test.echo", after=("a",)))
    a, b = done.job_ids["a"], done.job_ids["b"]
    bench.backend.cancel([a, b], STAMP)
    bench.work()
    [outcome] = bench.backend.retry([b], STAMP)
    assert (outcome.done, outcome.state) == (True, JobState.PENDING)
    [outcome] = bench.backend.retry([a], STAMP)
    assert outcome.state == JobState.SCHEDULED
    bench.until(b, JobState.SUCCEEDED)
    assert bench.job(a)["dispatch"] == 2
    bench.check_counters()


def test_a_retry_gives_fresh_attempts_and_keeps_the_history(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.slow")
    bench.until(job_id, JobState.TIMED_OUT)
    assert shown_attempts(bench, job_id) == [(2, 2), (2, 2)]
    [outcome] = bench.backend.retry([job_id], STAMP)
    assert outcome.done
    wait_until(lambda: bench.job(job_id)["attempts"] == 4, "the second round")
    row = bench.until(job_id, JobState.TIMED_OUT)
    assert bench.attempts(job_id) == ["timed_out"] * 4
    assert row["tries_from"] == 2
    assert shown_attempts(bench, job_id) == [(4, 4), (4, 4)]


def shown_attempts(bench: Bench, job_id: str) -> list[tuple[int, int]]:
    """The number of the attempt and of the last one allowed, on the job's page and in the list."""
    detail = bench.backend.get_job(job_id, tenants=None)
    assert detail is not None
    page = bench.backend.list_jobs(JobFilter(), tenants=None, cursor=None, limit=1)
    return [(row.attempts, row.max_attempts) for row in (detail.row, *page.rows)]


def test_only_ended_bad_jobs_can_be_retried(bench: Bench) -> None:
    waiting = bench.one("test.echo")
    [outcome] = bench.backend.retry([waiting], STAMP)
    assert not outcome.done
    assert "scheduled" in outcome.why
    assert bench.job(waiting)["dispatch"] == 1


def test_what_was_done_before_the_database_was_lost_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = list(bench.submit(*(node(f"n{i}", "test.echo") for i in range(5))).job_ids.values())
    committed = []

    @contextmanager
    def lost_after_one(engine: Engine) -> Iterator[Connection]:
        if committed:
            raise Unavailable("The database does not answer: gone.")
        with write(engine) as connection:
            yield connection
        committed.append(True)

    monkeypatch.setattr(control, "BATCH", 2)
    monkeypatch.setattr(control, "write", lost_after_one)
    outcomes = bench.backend.cancel(ids, STAMP)
    assert [outcome.id for outcome in outcomes] == ids
    assert [outcome.done for outcome in outcomes] == [True, True, False, False, False]
    assert {outcome.why for outcome in outcomes[2:]} == {"The database does not answer: gone."}
    assert audit(bench) == [("local operator", "cancel", 2)]
    with pytest.raises(Unavailable):
        bench.backend.cancel(ids, STAMP)


def test_jobs_of_other_tenants_do_not_exist_for_an_operator(bench: Bench) -> None:
    job_id = bench.one("test.echo")
    unknown = new_id()
    outcomes = bench.backend.cancel([job_id, unknown], operator("eve", tenants=("other",)))
    assert [(o.id, o.done, o.why, o.state) for o in outcomes] == [
        (job_id, False, "There is no such job.", None),
        (unknown, False, "There is no such job.", None),
    ]
    assert bench.state(job_id) == JobState.SCHEDULED


def test_an_end_that_is_told_twice_counts_once(bench: Bench, tmp_path: Path) -> None:
    done = bench.submit(node("a", "test.echo"), node("b", "test.echo", after=("a",)))
    backend = bench.backend
    begun = attempts.begin(backend.engine, done.job_ids["a"], 1, "w1")
    assert begun is not None
    ends = [attempts.end(backend.engine, backend.dispatcher, begun, Outcome(AttemptState.SUCCEEDED), None)]
    ends += [attempts.end(backend.engine, backend.dispatcher, begun, Outcome(AttemptState.SUCCEEDED), None)]
    assert ends == [True, False]
    child = bench.job(done.job_ids["b"])
    assert (child["state"], child["waiting_for"], child["dispatch"]) == ("scheduled", 0, 1)
    bench.check_counters()


def test_a_zombie_finds_that_its_try_counts_no_more(bench: Bench) -> None:
    job_id = bench.one("test.echo")
    backend = bench.backend
    zombie = attempts.begin(backend.engine, job_id, 1, "frozen")
    taken = attempts.begin(backend.engine, job_id, 1, "fresh")
    assert zombie is not None
    assert taken is not None
    assert (zombie.number, taken.number) == (1, 2)
    assert not attempts.end(backend.engine, backend.dispatcher, zombie, Outcome(AttemptState.SUCCEEDED), None)
    assert attempts.end(backend.engine, backend.dispatcher, taken, Outcome(AttemptState.SUCCEEDED), None)
    assert bench.attempts(job_id) == ["lost", "succeeded"]
    assert attempts.begin(backend.engine, job_id, 1, "late") is None
    bench.check_counters()


def test_a_workflow_that_the_engine_gave_up_ends_its_job_in_words(bench: Bench) -> None:
    job_id = bench.one("test.echo")
    give_up_workflows(bench)
    bench.work()
    row = bench.until(job_id, JobState.FAILED)
    assert row["error_type"] == "WorkerLost"
    assert "no attempts left" in row["error_message"]


def give_up_workflows(bench: Bench, **values: int) -> None:
    """Let the engine have given up all workflows; `values` are columns of theirs."""
    others = "".join(f", {name} = {value}" for name, value in values.items())
    status = UNFINISHED[bench.beneath.engine.dialect.name].split()[3]
    with bench.beneath.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE {status} SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', queue_name = NULL{others}"
        )


def test_jobs_that_the_engine_gave_up_are_ended_before_their_workflows_are_forgotten(bench: Bench) -> None:
    # More than one pass ends, and so long ago that all workflows may be forgotten.
    ids = bench.submit(*(node(f"n{i}", "test.echo") for i in range(120))).job_ids.values()
    then = now_ms() - 2 * WORKFLOW_KEEP_MS
    give_up_workflows(bench, created_at=then, updated_at=then)
    bench.work()
    for job_id in ids:
        bench.until(job_id, JobState.FAILED)


def test_a_workflow_is_forgotten_once_its_end_is_old_and_known_to_the_ledger(bench: Bench) -> None:
    job_id = bench.one("test.echo")
    now = now_ms()
    give_up_workflows(bench, created_at=now - 10_000, updated_at=now)

    def forgotten(before: int) -> int:
        with write(bench.beneath.engine) as connection:
            return forget_finished(connection, before)

    assert forgotten(now + 1) == 0
    assert attempts.give_up(bench.beneath.engine, job_id, 1)
    assert forgotten(now - 5_000) == 0
    assert forgotten(now + 1) == 1


def test_the_limit_of_a_queue_is_what_the_engine_enforces(bench: Bench) -> None:
    bench.one("test.echo")
    now = now_ms()
    worker = {"host": "h", "pid": 1, "version": "1", "state": "online", "started_at": now, "heartbeat_at": now}
    engine = bench.beneath.engine

    def limit() -> int | None:
        (queue,) = bench.backend.health(tenants=None).queues
        return queue.limit

    assert limit() is None
    for name, concurrency in (("w1", 2), ("w2", 8)):
        # As workers do when they start: the last one decides for both.
        with write(engine) as connection:
            row = {**worker, "id": name, "queues": QUEUE, "concurrency": concurrency}
            connection.execute(insert(WORKER).values(**row))
        bench.beneath.dispatcher.configure_queue(QUEUE, worker_concurrency=concurrency, poll_interval=1)
    assert limit() == 16
    queues = "queues" if engine.dialect.name == "sqlite" else "dbos.queues"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {queues} SET concurrency = 5")
    assert limit() == 5


def test_who_takes_the_lead_mends_wrong_counters(bench: Bench) -> None:
    engine = bench.beneath.engine
    job_id = bench.one("test.echo")
    fold(engine)
    with write(engine) as connection:
        connection.execute(text("UPDATE counter SET jobs = jobs + 5"))
    bench.work()
    bench.until(job_id, JobState.SUCCEEDED)
    wait_until(lambda: bench.backend.count_jobs(JobFilter(), tenants=None).total == 1, "the counters are right")
