"""What a run tells while it goes: from its first state to its last, numbered without a gap."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from execution_ops.backends.embedded import attempts, run_feed
from execution_ops.backends.embedded.logbook import Logbook
from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.run_events import RunEvent, RunEventKind
from execution_ops.domain.runs import Plan, Planned
from execution_ops.domain.schedules import Overlap
from execution_ops.domain.states import JobState, RunState
from tests.execution import STAMP, Bench, node, operator, wait_until
from tests.schedule_bench import await_end, due, run, run_now, schedule

SOON_S = 15.0
WRITERS = 8
FLUSHES = 12


@pytest.fixture
def files(bench: Bench) -> Path:
    """A directory below the scan roots with two files in each of two folders."""
    root = bench.settings.roots()[0] / "sources"
    for name in ("one/a.txt", "one/b.txt", "two/c.txt", "two/d.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def told(bench: Bench, run_id: str) -> list[RunEvent]:
    """All that the run has told; its numbers and those of its lines have no gap, as the feed says."""
    events = bench.backend.run_events(run_id, after=0, limit=10_000)
    feed = bench.backend.run_feed(run_id)
    assert feed is not None
    assert [event.seq for event in events] == list(range(1, feed.last + 1))
    log = bench.backend.run_log(run_id, limit=10_000)
    assert [line.line for line in log.lines] == list(range(1, log.total + 1))
    assert [line.seq for line in log.lines] == [event.seq for event in events if event.kind is RunEventKind.LOG]
    assert sum(log.by_level.values()) == log.total
    return events


def ended(bench: Bench, run_id: str) -> list[RunEvent]:
    """All that the run has told once it tells no more."""

    def closed() -> bool:
        feed = bench.backend.run_feed(run_id)
        return feed is not None and feed.closed

    wait_until(closed, "the run has told all", SOON_S)
    return told(bench, run_id)


def states(events: list[RunEvent]) -> list[str]:
    return [event.data["state"] for event in events if event.kind is RunEventKind.STATE]


def lines(events: list[RunEvent], **where: Any) -> list[str]:
    """The texts of the lines whose data is like this."""
    return [
        event.data["text"]
        for event in events
        if event.kind is RunEventKind.LOG and all(event.data[name] == value for name, value in where.items())
    ]


def test_a_run_tells_its_plan_its_targets_and_every_line_of_its_jobs(bench: Bench, files: Path) -> None:
    patterns = (f"{files}/one/*.txt", f"{files}/two/*.txt", f"{files}/one/a.txt")
    made = schedule(bench, targets=patterns, payload={"text": "{target}"}, parallelism=2)
    bench.work()
    run_id = run_now(bench, made).id
    events = ended(bench, run_id)
    assert states(events) == ["planning", "queued", "running", "completed"]
    assert (events[0].data["state"], events[-1].data["state"]) == ("planning", "completed")
    assert "Asked for by local operator (manual). a test" in lines(events, source="run")
    plan = "5 candidates found: 1 named twice, 4 planned in 2 segments."
    assert lines(events, source="run", target=0)[1] == plan
    progress = [event.data for event in events if event.kind is RunEventKind.SEGMENT]
    assert progress[:2] == [
        {"segment": no, "name": pattern, "by_state": {"waiting": 2}} for no, pattern in enumerate(patterns[:2], 1)
    ]
    last = {data["segment"]: data["by_state"] for data in progress}
    assert last == {1: {"completed": 2}, 2: {"completed": 2}}
    for target in bench.backend.run_targets(run_id, after=0, limit=10):
        about = lines(events, target=target.no, segment=target.segment, source="run")
        assert about[0] == f"{target.target}: started"
        assert about[1].startswith(f"{target.target}: completed in ")
        (job,) = bench.rows("SELECT id, node_key FROM job WHERE dag_id = :dag", dag=target.dag_id)
        source = f"{target.target.rpartition('/')[2]} {job['node_key']}"
        of_job = lines(events, target=target.no, segment=target.segment, source=source, job_id=job["id"])
        assert (of_job[0][:11], of_job[1], of_job[2][:13]) == ("started on ", "hello from attempt 1", "succeeded in ")
    assert lines(events, source="run")[-1] == "All 4 targets completed."


def test_nothing_is_told_after_the_end(bench: Bench, files: Path) -> None:
    made = schedule(
        bench,
        job_type="test.switch",
        targets=(f"{files}/one/*.txt",),
        payload={"marks": str(bench.marks), "name": "{target}"},
    )
    bench.work()
    (run_,) = await_end(bench, [run_now(bench, made).id])
    events = ended(bench, run_.id)
    assert states(events)[-1] == "error"
    final = events[-1].data
    assert (final["error_code"], final["error"]) == ("ERR_RUN_TARGETS_FAILED", "2 of 2 targets failed.")
    assert any("attempt 1 of 1 failed, none left: " in line for line in lines(events, level="error"))
    job = bench.rows("SELECT id FROM job WHERE job_type = 'test.switch' ORDER BY n")[0]["id"]
    (bench.marks / "on").touch()
    bench.backend.retry([job], STAMP)
    bench.until(job, JobState.SUCCEEDED)
    assert ended(bench, run_.id) == events


def test_a_failed_try_and_the_next_ones_are_told(bench: Bench) -> None:
    made = schedule(bench, job_type="test.flaky", payload={"marks": str(bench.marks)})
    bench.work()
    events = ended(bench, run_now(bench, made).id)
    warned = lines(events, level="warning", target=1)
    assert [line.partition(", next in")[0] for line in warned] == ["attempt 1 of 3 failed", "attempt 2 of 3 failed"]
    assert all("not yet: attempt" in line for line in warned)
    begun = [line for line in lines(events, level="debug", target=1) if line.startswith("started on ")]
    assert [line.partition(", ")[2] for line in begun] == ["", "attempt 2", "attempt 3"]
    [worker] = bench.backend.fleet(tenants=None).workers
    assert begun[0] == f"started on {worker.name}"


def test_a_lost_try_is_told(bench: Bench) -> None:
    made = schedule(bench, job_type="test.wait", payload={"marks": str(bench.marks)})
    bench.work()
    run_id = run_now(bench, made).id
    bench.until_mark("running-1-")
    job = bench.rows("SELECT id FROM job WHERE job_type = 'test.wait'")[0]["id"]
    assert attempts.lose(bench.beneath.engine, job, 1, "no sign of life")
    (lost,) = lines(told(bench, run_id), level="warning")
    assert lost.startswith("attempt 1 lost with worker ")
    assert lost.endswith("(no sign of life)")
    assert not attempts.lose(bench.beneath.engine, job, 1, "again")
    assert len(lines(told(bench, run_id), level="warning")) == 1


def test_a_canceled_run_tells_who_and_why_and_is_closed_when_nothing_runs(bench: Bench, files: Path) -> None:
    made = schedule(
        bench, job_type="test.wait", targets=(f"{files}/*/*.txt",), payload={"marks": str(bench.marks)}, parallelism=1
    )
    bench.work()
    run_id = run_now(bench, made).id
    bench.until_mark("running-1-")
    wait_until(lambda: run(bench, run_id).state is RunState.RUNNING, "it runs", SOON_S)
    bench.backend.cancel_run(run_id, operator("ada"))
    events = ended(bench, run_id)
    assert states(events) == ["planning", "queued", "running", "canceled"]
    after = events[next(i for i, event in enumerate(events) if event.data.get("state") == "canceled") :]
    assert lines(after)[:2] == ["Canceled by ada: ada wants it", "Stopping the jobs of 1 targets that run."]
    assert any(line.endswith(": canceled") for line in lines(after, target=1))
    assert lines(after)[-1] == "Nothing of it runs any more."


def test_a_run_that_is_canceled_before_anything_runs_is_closed_at_once(bench: Bench) -> None:
    run_id = run_now(bench, schedule(bench)).id
    bench.backend.cancel_run(run_id, operator("ada"))
    feed = bench.backend.run_feed(run_id)
    assert feed is not None
    assert feed.closed
    assert states(told(bench, run_id)) == ["planning", "canceled"]


def test_a_plan_that_fails_is_told(bench: Bench) -> None:
    bench.work()
    events = ended(bench, run_now(bench, schedule(bench, targets=("/etc/*",))).id)
    assert states(events) == ["planning", "error"]
    (why,) = lines(events, level="error")
    assert why.startswith("The plan failed: ")
    assert events[-1].data["error_code"] == "ERR_RUN_PLAN"


def test_a_run_with_nothing_to_do_says_so(bench: Bench, files: Path) -> None:
    bench.work()
    events = ended(bench, run_now(bench, schedule(bench, targets=(f"{files}/*.nothing",))).id)
    assert states(events) == ["planning", "completed"]
    assert lines(events)[-1] == "0 candidates found: nothing to do."


def test_a_run_that_waits_for_the_one_before_it_says_so(bench: Bench) -> None:
    made = schedule(
        bench, job_type="test.wait", payload={"marks": str(bench.marks)}, overlap=Overlap.QUEUE_ONE, cron="0 0 1 1 *"
    )
    bench.work()
    first = run_now(bench, made).id
    wait_until(lambda: run(bench, first).state is RunState.RUNNING, "the first runs", SOON_S)
    due(bench, made)
    wait_until(lambda: bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] == 2, "the second is there", SOON_S)
    second = bench.rows("SELECT id FROM run ORDER BY n DESC")[0]["id"]
    waiting = told(bench, second)
    assert (states(waiting), lines(waiting)[-1]) == (["queued"], "Waits for the run before it, which has not ended.")
    bench.let_go()
    events = ended(bench, second)
    assert states(events) == ["queued", "planning", "queued", "running", "completed"]
    assert "The run before it has ended." in lines(events)


def test_a_job_of_no_run_tells_nothing(bench: Bench) -> None:
    bench.work()
    bench.until(bench.one("test.chatty", value=3), JobState.SUCCEEDED)
    assert bench.rows("SELECT count(*) AS events FROM run_event")[0]["events"] == 0


@pytest.fixture
def tried(bench: Bench) -> tuple[str, list[str]]:
    """A run, and a job of each of its targets that is being tried by no worker of ours: nothing else writes."""
    run_id = run_now(bench, schedule(bench, parallelism=WRITERS)).id
    targets = tuple(
        Planned(
            pattern="p", target=f"t{i}", content="", spec=DagSpec(title="t", nodes=(node(f"job-{i}", "test.echo"),))
        )
        for i in range(1, WRITERS + 1)
    )
    assert bench.backend.plan_run(run_id, Plan(targets=targets, candidates=WRITERS))
    bench.backend.conductor.advance()
    jobs = [row["id"] for row in bench.rows("SELECT id FROM job WHERE job_type = 'test.echo' ORDER BY n")]
    assert len(jobs) == WRITERS
    for job in jobs:
        assert attempts.begin(bench.beneath.engine, job, bench.job(job)["dispatch"], "elsewhere") is not None
    return run_id, jobs


def test_no_reader_misses_or_repeats_what_many_write_at_once(bench: Bench, tried: tuple[str, list[str]]) -> None:
    run_id, jobs = tried
    start, done = len(told(bench, run_id)), threading.Event()

    def write_all(number: int) -> None:
        book = Logbook(bench.beneath.engine, jobs[number], 1)
        for flush in range(FLUSHES):
            for i in range(1 + (number + flush) % 3):
                book.add(logging.INFO, f"{number} {flush} {i}")
            book.flush()

    def read_on() -> list[RunEvent]:
        """As a stream does: after the last number seen, until nothing can follow."""
        seen: list[RunEvent] = []
        while True:
            last = done.is_set()
            found = bench.backend.run_events(run_id, after=start + len(seen), limit=7)
            seen += found
            if last and not found:
                return seen

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(read_on) for _ in range(2)]
        list(pool.map(write_all, range(WRITERS)))
        done.set()
        one, other = (reader.result() for reader in readers)
    assert [event.seq for event in one] == list(range(start + 1, start + 1 + len(one)))
    assert one == other == told(bench, run_id)[start:]
    for number, job in enumerate(jobs):
        mine = [event.data["text"] for event in one if event.data["job_id"] == job]
        assert mine == [f"{number} {flush} {i}" for flush in range(FLUSHES) for i in range(1 + (number + flush) % 3)]
        assert mine == bench.log(job)


def test_beyond_the_bound_lines_of_jobs_stand_in_their_own_logs(
    bench: Bench, tried: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, jobs = tried
    # Each has said that it began.
    before = bench.backend.run_log(run_id).total
    monkeypatch.setattr(run_feed, "JOB_LINES_MAX", WRITERS + 5)

    def write_lines(job: str, count: int) -> None:
        book = Logbook(bench.beneath.engine, job, 1)
        for i in range(count):
            book.add(logging.INFO, f"line {i}")
        book.flush()

    write_lines(jobs[0], 3)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda job: write_lines(job, 4), jobs[1:]))
    added = lines(told(bench, run_id))[before:]
    assert added[:4] == ["line 0", "line 1", "line 2", "line 0"]
    assert added[4].endswith("what jobs log from here on stands only in their own logs.")
    assert len(added) == 5
    assert all(len(bench.log(job)) == 4 for job in jobs[1:])
    bench.backend.cancel_run(run_id, STAMP)
    assert lines(told(bench, run_id))[-1].startswith("Stopping the jobs of "), "the run itself goes on telling"
