"""What a run tells: in one order, everything once, closed at its end, on both databases and with many writers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import bindparam, text

from execution_ops.backends.embedded import attempts, run_feed
from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.logbook import Logbook
from execution_ops.backends.embedded.migrate import SCRIPTS, upgrade
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunEvent, RunEventKind
from execution_ops.domain.schedules import Overlap
from execution_ops.domain.states import AttemptState, JobState, RunState, TargetState
from execution_ops.domain.times import now_ms
from tests.execution import STAMP, Bench, wait_until
from tests.schedule_bench import await_end, run_now, schedule

WRITERS = 8
FLUSHES = 25
Read = Callable[[int], list[RunEvent]]


@pytest.fixture
def files(bench: Bench) -> Path:
    """A directory below the scan roots with three files in two folders."""
    root = bench.settings.roots()[0] / "sources"
    for name in ("one/a.txt", "one/b.txt", "two/c.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def told(bench: Bench, run_id: str, after: int = 0) -> list[RunEvent]:
    """Every event of a run after a number."""
    return bench.backend.run_events(run_id, after=after, limit=10_000)


def states(events: list[RunEvent]) -> list[str]:
    """The states that were told."""
    return [event.data["state"] for event in events if event.kind is RunEventKind.STATE]


def lines(events: list[RunEvent]) -> list[dict[str, Any]]:
    """The lines that were told."""
    return [event.data for event in events if event.kind is RunEventKind.LOG]


def says(events: list[RunEvent], words: str) -> bool:
    """Whether some line has these words."""
    return any(words in line["text"] for line in lines(events))


def closed(bench: Bench, run_id: str) -> bool:
    """Whether the run has told all."""
    feed = bench.backend.run_feed(run_id)
    assert feed is not None
    return feed.closed


def test_a_run_tells_its_life_from_the_plan_to_the_end(bench: Bench, files: Path) -> None:
    made = schedule(bench, targets=(f"{files}/one/*.txt", f"{files}/two/*.txt"), parallelism=2)
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    events = told(bench, ended.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert states(events) == ["planning", "queued", "running", "completed"]
    assert says(events, "3 candidates found: 3 planned in 2 segments.")
    assert lines(events)[-1]["text"] == "All 3 targets completed."
    hello = [line for line in lines(events) if line["text"] == "hello from attempt 1"]
    assert sorted((line["segment"], line["target"], line["source"]) for line in hello) == [
        (1, 1, "a.txt job"),
        (1, 2, "b.txt job"),
        (2, 3, "c.txt job"),
    ]
    assert all(bench.job(line["job_id"])["run_n"] for line in hello)
    parts = [event.data for event in events if event.kind is RunEventKind.SEGMENT]
    assert parts[0] == {"segment": 1, "name": f"{files}/one/*.txt", "by_state": {"waiting": 2}}
    assert [part["by_state"] for part in parts if part["segment"] == 1][-1] == {"completed": 2}
    feed = bench.backend.run_feed(ended.id)
    assert feed is not None
    assert (feed.last, feed.closed) == (len(events), True)


def test_the_log_is_numbered_by_itself_and_counted_by_level(bench: Bench, files: Path) -> None:
    made = schedule(bench, job_type="test.switch", targets=(f"{files}/*/*.txt",), payload={"marks": str(bench.marks)})
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert ended.state is RunState.ERROR
    found = bench.backend.run_log(ended.id, limit=1_000)
    assert [line.line for line in found.lines] == list(range(1, found.total + 1))
    seqs = [line.seq for line in found.lines]
    assert seqs == sorted(seqs)
    counted = {level: sum(line.level is level for line in found.lines) for level in LogLevel}
    assert found.by_level == counted
    # A line of each job, of each target, and the verdict.
    assert counted[LogLevel.ERROR] == 3 + 3 + 1
    assert says(told(bench, ended.id), "attempt 1 of 1 failed, none left: switched off")


def test_a_try_that_is_repeated_says_when(bench: Bench, files: Path) -> None:
    made = schedule(bench, job_type="test.flaky", targets=(f"{files}/two/*.txt",), payload={"marks": str(bench.marks)})
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert ended.state is RunState.COMPLETED
    warned = [line["text"] for line in lines(told(bench, ended.id)) if line["level"] == "warning"]
    assert [words.partition(", next in ")[0] for words in warned] == [
        "attempt 1 of 3 failed",
        "attempt 2 of 3 failed",
    ]
    assert warned[0].endswith(": RuntimeError: not yet: attempt 1") or warned[0].endswith("not yet: attempt 1")


def test_a_canceled_run_tells_by_whom_and_closes_when_nothing_runs(bench: Bench, files: Path) -> None:
    made = schedule(
        bench, job_type="test.wait", targets=(f"{files}/*/*.txt",), payload={"marks": str(bench.marks)}, parallelism=1
    )
    bench.work()
    started = run_now(bench, made).id
    wait_until(lambda: states(told(bench, started))[-1:] == ["running"], "it runs")
    bench.backend.cancel_run(started, STAMP)
    assert states(told(bench, started))[-1] == "canceled"
    assert says(told(bench, started), f"Canceled by {STAMP.actor.name}")
    wait_until(lambda: closed(bench, started), "nothing of it runs any more")
    assert lines(told(bench, started))[-1]["text"] == "Nothing of it runs any more."


def test_a_plan_that_fails_and_a_run_that_waits_say_so(bench: Bench, files: Path) -> None:
    nowhere = schedule(bench, name="nowhere", targets=("/etc/passwd",))
    waiting = {"job_type": "test.wait", "payload": {"marks": str(bench.marks)}, "overlap": Overlap.QUEUE_ONE}
    made = schedule(bench, targets=(f"{files}/two/*.txt",), **waiting)
    bench.work()
    (failed,) = await_end(bench, [run_now(bench, nowhere).id])
    assert (failed.state, states(told(bench, failed.id))) == (RunState.ERROR, ["planning", "error"])
    assert says(told(bench, failed.id), "The plan failed: /etc/passwd is not below the scan roots.")
    assert closed(bench, failed.id)
    assert run_now(bench, made).id


def test_nothing_is_told_once_a_run_has_ended(bench: Bench, files: Path) -> None:
    made = schedule(bench, job_type="test.switch", targets=(f"{files}/two/*.txt",), payload={"marks": str(bench.marks)})
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    before = told(bench, ended.id)
    (job,) = bench.rows("SELECT id FROM job WHERE job_type = 'test.switch'")
    (bench.marks / "on").touch()
    bench.backend.retry([job["id"]], STAMP)
    wait_until(lambda: bench.state(job["id"]) is JobState.SUCCEEDED, "the job is done in its second round")
    assert told(bench, ended.id) == before


def test_a_reader_misses_and_repeats_nothing_while_many_write(bench: Bench, files: Path) -> None:
    """Writers of several jobs add to one feed at once; a reader goes on from the last number that it got."""
    for i in range(WRITERS):
        (files / f"one/more-{i}.txt").touch()
    made = schedule(
        bench,
        job_type="test.wait",
        targets=(f"{files}/one/more-*.txt",),
        payload={"marks": str(bench.marks)},
        parallelism=WRITERS,
    )
    bench.work(concurrency=WRITERS)
    started = run_now(bench, made).id
    running = "SELECT j.id FROM job j WHERE j.run_n IS NOT NULL AND j.state = 'running'"
    wait_until(lambda: len(bench.rows(running)) == WRITERS, "all of its jobs run")
    ids = [row["id"] for row in bench.rows(running)]
    finished = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        while True:
            last_look = finished.is_set()
            seen.extend(event.seq for event in told(bench, started, after=seen[-1] if seen else 0))
            if last_look:
                return

    def write_lines(job_id: str, writer: int) -> None:
        book = Logbook(bench.backend.engine, job_id, 1)
        for flush in range(FLUSHES):
            book.add(logging.INFO, f"writer {writer} line {flush} a\nwriter {writer} line {flush} b")
            book.flush()

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write_lines, args=(job_id, i)) for i, job_id in enumerate(ids)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    finished.set()
    reader.join()
    assert seen == list(range(1, len(seen) + 1))
    logged = [line["text"] for line in lines(told(bench, started)) if line["text"].startswith("writer")]
    assert len(logged) == len(set(logged)) == WRITERS * FLUSHES * 2
    for i in range(WRITERS):
        own = [words for words in logged if words.startswith(f"writer {i} ")]
        assert own == [f"writer {i} line {flush} {half}" for flush in range(FLUSHES) for half in "ab"]
    bench.let_go()
    await_end(bench, [started])


def test_jobs_that_log_too_much_are_told_only_in_their_own_logs(
    bench: Bench, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schedule(bench, job_type="test.wait", targets=(f"{files}/two/*.txt",), payload={"marks": str(bench.marks)})
    bench.work()
    started = run_now(bench, made).id
    running = "SELECT j.id FROM job j WHERE j.run_n IS NOT NULL AND j.state = 'running'"
    wait_until(lambda: len(bench.rows(running)) == 1, "its job runs")
    (job,) = bench.rows(running)
    room = 5
    before = bench.backend.run_log(started).total
    limit = run_feed._PLACE.with_only_columns(
        *[column for column in run_feed._PLACE.selected_columns if column.name != "room"],
        (before + room - run_feed.FEED.c.last_line).label("room"),
    )
    monkeypatch.setattr(run_feed, "_PLACE", limit)
    book = Logbook(bench.backend.engine, job["id"], 1)
    for number in range(3 * room):
        book.add(logging.INFO, f"line {number}")
        book.flush()
    found = [line["text"] for line in lines(told(bench, started))][before:]
    assert found[: room - 1] == [f"line {number}" for number in range(room - 1)]
    assert "stands only in their own logs" in found[room - 1]
    assert len(found) == room
    assert sum(words.startswith("line ") for words in bench.log(job["id"])) == 3 * room
    # What the run itself has to say is told all the same.
    bench.let_go()
    (ended,) = await_end(bench, [started])
    assert states(told(bench, ended.id))[-1] == "completed"


def test_bars_and_artifacts_are_those_of_the_jobs(bench: Bench, files: Path) -> None:
    made = schedule(bench, targets=(f"{files}/one/*.txt", f"{files}/two/*.txt"))
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    (first, second) = bench.backend.run_bars(ended.id, 1)
    assert [one.target.target for one in (first, second)] == [f"{files}/one/a.txt", f"{files}/one/b.txt"]
    assert [(bar.name, bar.state) for bar in first.jobs] == [("job", JobState.SUCCEEDED)]
    assert first.jobs[0].started_at is not None
    assert first.jobs[0].finished_at is not None
    assert first.target.state is TargetState.COMPLETED
    assert bench.backend.run_bars(ended.id, 9) == []
    assert bench.backend.run_artifacts(ended.id, after=0, limit=10) == []
    segments = bench.backend.run_segments(ended.id)
    assert all(one.started_at and one.finished_at and one.started_at <= one.finished_at for one in segments)


def test_runs_of_before_the_feed_go_on_in_it(empty_url: str) -> None:
    engine = ledger_engine(empty_url)
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
    names = "id, schedule_id, schedule_name, schedule_version, spec, tenant, job_type, queue, trigger_kind, state"
    zeros = "candidates, deduped, unchanged, over, waiting, running, completed, failed, canceled, skipped, compared"
    zeros += ", added, removed, changed"
    texts = "correlation_id, retry_of, retry_segments, planner_job_id, error_code, error, requested_by, why"
    texts += ", canceled_by, cancel_reason"
    with write(engine) as connection:
        for settled in (False, True):
            connection.execute(
                text(
                    f"INSERT INTO run (n, {names}, settled, created_at, {zeros}, {texts}) VALUES (:n, :id, 's', 's', "
                    f"1, '{{}}', 't', 'j', 'q', 'cron', 'running', :settled, 5{', 0' * 14}{', :empty' * 10})"
                ).bindparams(bindparam("empty", "", literal_execute=True)),
                {"n": int(settled) + 1, "id": f"run-{settled}", "settled": settled},
            )
    upgrade(engine)
    with read(engine) as connection:
        feeds = connection.execute(text("SELECT run_n, last_seq, closed FROM run_feed ORDER BY run_n")).all()
        assert [(row.run_n, row.last_seq, bool(row.closed)) for row in feeds] == [(1, 0, False), (2, 0, True)]
    with write(engine) as connection:
        run_feed.append(connection, 1, "run-False", now_ms(), [run_feed.say("on it goes")])
        run_feed.append(connection, 2, "run-True", now_ms(), [run_feed.say("not here")])
    with read(engine) as connection:
        assert connection.execute(text("SELECT run_n, seq, line, body FROM run_event")).all() == [
            (1, 1, 1, "on it goes")
        ]
    engine.dispose()


def test_a_lost_try_is_told_with_its_worker(bench: Bench, files: Path) -> None:
    made = schedule(bench, job_type="test.wait", targets=(f"{files}/two/*.txt",), payload={"marks": str(bench.marks)})
    bench.work()
    started = run_now(bench, made).id
    running = "SELECT j.id, j.attempts FROM job j WHERE j.run_n IS NOT NULL AND j.state = 'running'"
    wait_until(lambda: len(bench.rows(running)) == 1, "its job runs")
    (job,) = bench.rows(running)
    assert attempts.lose(bench.backend.engine, job["id"], job["attempts"], "it was killed")
    assert bench.attempts(job["id"])[0] == AttemptState.LOST
    assert any(
        "lost with worker" in line["text"] and "it was killed" in line["text"] for line in lines(told(bench, started))
    )
