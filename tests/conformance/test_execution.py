"""Jobs run, fail, are tried again, run out of time and hand on to their children."""

from __future__ import annotations

import itertools
import json
import threading
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded import workflow
from execution_ops.backends.embedded.engines import read
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.domain.ids import check_id
from execution_ops.domain.states import JobState
from tests.execution import Bench, node, operator, wait_until
from tests.processes import is_alive

STAMP_OF_ANN = operator("ann")
BIG = 12345678901234567890123456789012345678901234567890


def test_a_job_runs_once_and_keeps_its_values_exactly(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.echo", big=BIG, nasty="a\0b\ud800\u202e<img onerror>", nested={"list": [1.5, None, True]})
    row = bench.until(job_id, JobState.SUCCEEDED)
    given = {"big": BIG, "nasty": "a\0b\ud800\u202e<img onerror>", "nested": {"list": [1.5, None, True]}}
    assert json.loads(bench.value(job_id, "payload")) == given
    assert json.loads(bench.value(job_id)) == given
    assert bench.attempts(job_id) == ["succeeded"]
    assert bench.events(job_id) == ["scheduled", "running", "succeeded"]
    assert bench.log(job_id) == ["hello from attempt 1"]
    assert row["created_at"] <= row["started_at"] <= row["finished_at"]
    assert row["worker_id"] == bench.worker.id
    bench.check_counters()


def test_failures_are_tried_again_after_a_growing_pause(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.flaky")
    row = bench.until(job_id, JobState.SUCCEEDED)
    assert bench.attempts(job_id) == ["failed", "failed", "succeeded"]
    assert row["attempts"] == row["dispatch"] == 3
    assert row["error_message"] == ""
    tries = bench.part(job_id, "job_attempt", "number")
    assert [t["error_message"] for t in tries] == ["not yet: attempt 1", "not yet: attempt 2", ""]
    assert "RuntimeError" in tries[0]["error_stack"]
    pauses = [after["started_at"] - before["finished_at"] for before, after in itertools.pairwise(tries)]
    assert pauses[0] >= 200
    assert pauses[1] >= 400


def test_a_waiting_retry_holds_no_slot(bench: Bench) -> None:
    bench.work(concurrency=1)
    first = bench.one("test.flaky")
    wait_until(lambda: bench.job(first)["eligible_at"] is not None, "the pause")
    second = bench.one("test.echo")
    bench.until(second, JobState.SUCCEEDED)
    done = bench.until(first, JobState.SUCCEEDED)
    assert done["finished_at"] > bench.job(second)["finished_at"]


def test_permanent_failures_are_not_tried_again(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.permanent")
    row = bench.until(job_id, JobState.FAILED)
    assert (row["attempts"], row["error_type"]) == (1, "JobFailed")
    assert row["error_message"] == "the input is broken: send another"


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("a word", "gave back a str, not a JobResult"),
        ("an empty list", "gave back a list, not a JobResult"),
        ("a number as a key", "value.1.[key]: Input should be a valid string"),
        ("one name twice", "two files have the name 'report.txt'"),
        ("a name that cannot be stored", "the name of a file"),
    ],
)
def test_a_handler_that_gives_back_the_wrong_thing_fails_in_words(bench: Bench, which: str, words: str) -> None:
    bench.work()
    job_id = bench.one("test.wrong", which=which)
    row = bench.until(job_id, JobState.FAILED)
    assert bench.attempts(job_id) == ["failed"]
    assert words in row["error_message"]
    assert row["error_type"] == "JobFailed"
    bench.check_counters()


def test_a_job_that_asks_is_stopped_when_its_time_is_over(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.slow")
    row = bench.until(job_id, JobState.TIMED_OUT)
    assert bench.attempts(job_id) == ["timed_out", "timed_out"]
    assert "300 ms" in row["error_message"]


def test_a_deaf_job_is_left_behind_and_counts_no_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution_ops.backends.embedded.workflow.ABANDON_AFTER_S", 0.2)
    bench.work()
    job_id = bench.one("test.deaf")
    row = bench.until(job_id, JobState.TIMED_OUT)
    assert "left behind" in row["error_message"]
    bench.let_go()
    bench.until_mark("deaf-ended")
    after = bench.job(job_id)
    assert (after["state"], after["progress_done"], bench.log(job_id)) == ("timed_out", 0, [])


def test_programs_are_killed_with_their_children_when_time_is_over(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.program_slow")
    bench.until(job_id, JobState.TIMED_OUT)
    pids = [int(pid) for pid in (bench.marks / "pids").read_text().split()]
    assert len(pids) == 2
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "the programs are gone")
    assert bench.log(job_id) == ["up"]
    folder = bench.settings.data_dir / "work"
    wait_until(lambda: not list(folder.iterdir()), "its files are gone")


def test_children_start_when_all_parents_succeeded(bench: Bench) -> None:
    bench.work()
    done = bench.submit(
        node("a", "test.number", {"value": 1}),
        node("b", "test.number", {"value": 2}),
        node("sum", "test.sum", after=("a", "b")),
    )
    bench.until(done.job_ids["sum"], JobState.SUCCEEDED)
    assert json.loads(bench.value(done.job_ids["sum"])) == {"sum": 6}
    rows = {key: bench.job(job_id) for key, job_id in done.job_ids.items()}
    assert rows["sum"]["started_at"] >= max(rows["a"]["finished_at"], rows["b"]["finished_at"])
    assert rows["sum"]["waiting_for"] == 0


def test_the_fan_out_happens_once_and_its_fan_in_waits(bench: Bench) -> None:
    bench.work()
    done = bench.submit(node("fan", "test.fan", {"value": 5}), node("merge", "test.sum", after=("fan",)))
    bench.until(done.job_ids["merge"], JobState.SUCCEEDED)
    assert json.loads(bench.value(done.job_ids["merge"])) == {"sum": 2 * (0 + 1 + 2 + 3 + 4)}
    assert len(bench.rows("SELECT id FROM job WHERE dag_id = :dag", dag=done.dag_id)) == 7
    assert bench.rows("SELECT size FROM dag WHERE id = :dag", dag=done.dag_id) == [{"size": 7}]
    bench.check_counters()


def test_a_database_that_is_away_costs_a_job_time_and_no_attempt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = itertools.count()

    def unsteady(engine: Engine) -> AbstractContextManager[Connection]:
        if next(asked) % 2 == 0:
            raise Unavailable("The database does not answer: it is away.")
        return read(engine)

    # What the wrapper of a job reads by itself: the payload, and for a fan-out what the DAG has done.
    monkeypatch.setattr(workflow, "read", unsteady)
    bench.work()
    done = bench.submit(node("fan", "test.fan", {"value": 1}), node("merge", "test.sum", after=("fan",)))
    bench.until(done.job_ids["merge"], JobState.SUCCEEDED)
    assert next(asked) >= 8
    assert bench.rows("SELECT state, count(*) AS tries FROM job_attempt GROUP BY state") == [
        {"state": "succeeded", "tries": 3}
    ]


def test_an_empty_fan_out_lets_the_fan_in_start(bench: Bench) -> None:
    bench.work()
    done = bench.submit(node("fan", "test.fan", {"value": 0}), node("merge", "test.sum", after=("fan",)))
    bench.until(done.job_ids["merge"], JobState.SUCCEEDED)


def test_a_fan_out_without_its_fan_in_fails_in_words(bench: Bench) -> None:
    bench.work()
    done = bench.submit(node("fan", "test.fan", {"value": 1}))
    row = bench.until(done.job_ids["fan"], JobState.FAILED)
    assert "fan-in" in row["error_message"]
    assert len(bench.rows("SELECT id FROM job")) == 1


def test_a_failed_node_holds_its_descendants_until_its_retry(bench: Bench) -> None:
    bench.work()
    marks = {"marks": str(bench.marks)}
    done = bench.submit(
        node("first", "test.switch", marks),
        node("second", "test.echo", after=("first",)),
        node("third", "test.echo", after=("second",)),
    )
    first = done.job_ids["first"]
    bench.until(first, JobState.FAILED)
    assert bench.state(done.job_ids["second"]) == bench.state(done.job_ids["third"]) == JobState.PENDING
    (bench.marks / "on").touch()
    [outcome] = bench.backend.retry([first], STAMP_OF_ANN)
    assert (outcome.done, outcome.state) == (True, JobState.SCHEDULED)
    bench.until(done.job_ids["third"], JobState.SUCCEEDED)
    assert bench.attempts(first) == ["failed", "succeeded"]
    assert bench.events(first) == ["scheduled", "running", "failed", "retry", "scheduled", "running", "succeeded"]
    [event] = [row for row in bench.part(first, "job_event", "seq") if row["kind"] == "retry"]
    assert (event["actor"], event["reason"]) == ("ann", "ann wants it")
    bench.check_counters()


def test_files_are_kept_by_their_content(bench: Bench) -> None:
    bench.work()
    ids = [bench.one("test.files"), bench.one("test.files")]
    for job_id in ids:
        bench.until(job_id, JobState.SUCCEEDED)
    stored = [bench.part(job_id, "job_artifact", "name")[0] for job_id in ids]
    assert stored[0]["sha256"] == stored[1]["sha256"]
    files = [path for path in (bench.settings.data_dir / "artifacts").rglob("*") if path.is_file()]
    assert [path.read_text() for path in files] == ["kept"]


def test_an_unknown_type_fails_in_words(bench: Bench) -> None:
    job_id = bench.one("test.echo")
    with bench.beneath.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET job_type = 'test.gone'")
    bench.work()
    row = bench.until(job_id, JobState.FAILED)
    assert "does not know the job type test.gone" in row["error_message"]
    assert row["attempts"] == 1


def test_a_job_that_logs_much_keeps_every_line_in_order(bench: Bench) -> None:
    bench.work()
    job_id = bench.one("test.chatty", value=1234)
    bench.until(job_id, JobState.SUCCEEDED)
    assert bench.log(job_id) == [f"line {i}" for i in range(1, 1235)]
    assert [row["seq"] for row in bench.part(job_id, "job_log", "seq")] == list(range(1, 1235))


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ((node("a", "no.such"),), "no job type 'no.such'"),
        ((node("a", "test.number", {"value": "x"}),), "payload.value"),
        ((node("a", "test.echo", after=("a",)),), "cycle"),
        ((node("a", "test.echo", after=("b",)), node("b", "test.echo", after=("a",))), "cycle"),
        ((node("a", "test.echo", after=("z",)),), "'z'"),
        ((node("a", "test.echo"), node("a", "test.echo")), "same key"),
        ((), "1 to"),
        ((node("a", "test.echo", {"x": float("nan")}),), "not JSON"),
        ((node("a", "test.echo", {"x": "y" * 17_000_000}),), "16 MB"),
    ],
)
def test_a_wrong_dag_is_refused_whole(bench: Bench, nodes: tuple, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        bench.submit(node("good", "test.echo"), *nodes) if nodes else bench.submit()
    assert bench.rows("SELECT id FROM dag") == bench.rows("SELECT id FROM job") == []


def test_an_idempotency_key_gives_the_first_submission_again(bench: Bench) -> None:
    first = bench.submit(node("a", "test.echo"), key="once")
    again = bench.submit(node("a", "test.echo"), key="once")
    other = bench.submit(node("a", "test.echo"), key="once", tenant="other")
    assert (again.created, again.dag_id, again.job_ids) == (False, first.dag_id, first.job_ids)
    assert other.created
    check_id(first.job_ids["a"])
    assert len(bench.rows("SELECT id FROM job")) == 2


def test_two_submissions_with_one_key_at_once_make_one_dag(bench: Bench) -> None:
    gate = threading.Barrier(4)
    found: list[str] = []

    def submit() -> None:
        gate.wait()
        found.append(bench.submit(node("a", "test.echo"), key="once").dag_id)

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(bench.rows("SELECT id FROM dag")) == 1


def test_a_worker_that_leaves_lets_its_jobs_finish(bench: Bench) -> None:
    worker = bench.work()
    job_id = bench.one("test.wait")
    bench.until_mark("running-1-")
    threading.Timer(0.3, bench.let_go).start()
    assert worker.stop(10)
    bench.worker = None
    assert bench.state(job_id) == JobState.SUCCEEDED
    assert [row["state"] for row in bench.rows("SELECT state FROM worker")] == ["drained"]


def test_what_a_leaving_worker_could_not_finish_goes_on_with_the_next(bench: Bench) -> None:
    worker = bench.work()
    job_id = bench.one("test.wait")
    bench.until_mark("running-1-")
    assert not worker.stop(1)
    bench.work()
    bench.let_go()
    bench.until(job_id, JobState.SUCCEEDED)
    assert bench.attempts(job_id) == ["lost", "succeeded"]
