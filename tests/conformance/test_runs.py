"""Runs: planned, started a few at a time, settled, canceled and retried, whoever dies in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Run, Trigger
from execution_ops.domain.schedule_verbs import RUN_RETRY, RUN_RETRY_FAILED, SCHEDULE_PAUSE
from execution_ops.domain.schedules import Mode, Overlap
from execution_ops.domain.states import ACTIVE_RUNS, JobState, RunState, TargetState
from execution_ops.services.runs import RunService
from tests.execution import STAMP, Bench, operator, wait_until
from tests.schedule_bench import await_end, due, run, run_now, schedule

SOON_S = 10.0


@pytest.fixture
def files(bench: Bench) -> Path:
    """A directory below the scan roots with four files in two folders."""
    root = bench.settings.roots()[0] / "sources"
    for name in ("one/a.txt", "one/b.txt", "two/c.txt", "two/d.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def states(found: Run) -> dict[str, int]:
    """How many targets are where."""
    return {state.value: count for state, count in found.counts.by_state.items()}


def test_a_run_plans_its_targets_and_runs_each_once(bench: Bench, files: Path) -> None:
    targets = (f"{files}/one/*.txt", f"{files}/two/*.txt", f"{files}/one/a.txt")
    made = schedule(bench, targets=targets, payload={"text": "look at {target}"}, parallelism=2)
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert (ended.state, ended.error, states(ended)) == (RunState.COMPLETED, "", {"completed": 4})
    assert (ended.counts.candidates, ended.counts.deduped) == (5, 1)
    assert ended.started_at is not None
    segments = bench.backend.run_segments(ended.id)
    assert [(one.no, one.name, one.by_state) for one in segments] == [
        (1, targets[0], {TargetState.COMPLETED: 2}),
        (2, targets[1], {TargetState.COMPLETED: 2}),
    ]
    found = bench.backend.run_targets(ended.id, after=0, limit=10)
    assert [one.target for one in found] == sorted(str(path) for path in files.rglob("*.txt"))
    bodies = bench.rows("SELECT body FROM job_value v JOIN job j ON j.n = v.job_n WHERE j.job_type = 'test.echo'")
    assert any(f"look at {files}/one/a.txt" in row["body"] for row in bodies)
    assert len({one.dag_id for one in found}) == 4


def test_no_more_run_at_once_than_it_allows(bench: Bench, files: Path) -> None:
    made = schedule(
        bench, job_type="test.wait", targets=(f"{files}/*/*.txt",), payload={"marks": str(bench.marks)}, parallelism=2
    )
    bench.work()
    started = run_now(bench, made).id
    wait_until(lambda: states(run(bench, started)) == {"running": 2, "waiting": 2}, "two run", SOON_S)
    bench.let_go()
    (ended,) = await_end(bench, [started])
    assert states(ended) == {"completed": 4}


def test_a_failed_target_ends_the_run_in_error_and_its_segment_is_retried(bench: Bench, files: Path) -> None:
    targets = (f"{files}/one/*.txt", f"{files}/two/*.txt")
    made = schedule(
        bench, job_type="test.switch", targets=targets, payload={"marks": str(bench.marks), "name": "{target}"}
    )
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert (ended.state, ended.error_code) == (RunState.ERROR, "ERR_RUN_TARGETS_FAILED")
    assert ended.error == "4 of 4 targets failed."
    assert all(one.error for one in bench.backend.run_targets(ended.id, after=0, limit=10))
    (bench.marks / "on").touch()
    again = bench.backend.retry_run(ended.id, RUN_RETRY_FAILED, STAMP)
    assert (again.trigger, again.retry_of) == (Trigger.RETRY, ended.id)
    (repeated,) = await_end(bench, [again.id])
    assert (repeated.state, states(repeated)) == (RunState.COMPLETED, {"completed": 4})
    with pytest.raises(Conflict, match="No segment of this run has failed"):
        bench.backend.retry_run(repeated.id, RUN_RETRY_FAILED, STAMP)
    (whole,) = await_end(bench, [bench.backend.retry_run(repeated.id, RUN_RETRY, STAMP).id])
    assert states(whole) == {"completed": 4}


def test_a_canceled_run_starts_nothing_more_and_stops_what_runs(bench: Bench, files: Path) -> None:
    made = schedule(
        bench, job_type="test.wait", targets=(f"{files}/*/*.txt",), payload={"marks": str(bench.marks)}, parallelism=1
    )
    bench.work()
    started = run_now(bench, made).id
    wait_until(lambda: states(run(bench, started)) == {"running": 1, "waiting": 3}, "one runs", SOON_S)
    with pytest.raises(NotFound):
        bench.backend.cancel_run(started, operator("eve", ["globex"]))
    canceled = bench.backend.cancel_run(started, operator("ada"))
    assert (canceled.state, canceled.canceled_by, canceled.cancel_reason) == (RunState.CANCELED, "ada", "ada wants it")
    wait_until(lambda: states(run(bench, started)) == {"canceled": 1, "skipped": 3}, "what ran has stopped", SOON_S)
    jobs = bench.rows("SELECT state FROM job WHERE job_type = 'test.wait'")
    assert [row["state"] for row in jobs] == [JobState.CANCELED.value]
    assert bench.backend.cancel_run(started, STAMP).canceled_by == "ada"
    assert bench.rows("SELECT settled FROM run")[0]["settled"]


def test_a_run_that_ended_is_not_canceled(bench: Bench) -> None:
    made = schedule(bench)
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    with pytest.raises(Conflict, match="This run is completed"):
        bench.backend.cancel_run(ended.id, STAMP)


def test_a_run_without_targets_to_find_is_complete_with_none(bench: Bench, files: Path) -> None:
    made = schedule(bench, targets=(f"{files}/*.nothing",))
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert (ended.state, ended.counts.candidates, states(ended)) == (RunState.COMPLETED, 0, {})


def test_a_target_outside_of_the_scan_roots_fails_the_plan(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = schedule(bench, targets=("/etc/*",))
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert (ended.state, ended.error_code) == (RunState.ERROR, "ERR_RUN_PLAN")
    assert "is not below the scan roots" in ended.error


def test_what_goes_over_the_limit_is_counted_and_not_run(bench: Bench, files: Path) -> None:
    made = schedule(bench, targets=(f"{files}/*/*.txt",), max_jobs=3)
    bench.work()
    (ended,) = await_end(bench, [run_now(bench, made).id])
    assert (ended.counts.over, states(ended)) == (1, {"completed": 3})


def test_analysis_only_leaves_out_what_did_not_change(bench: Bench, files: Path) -> None:
    made = schedule(bench, targets=(f"{files}/*",), mode=Mode.ANALYSIS_ONLY)
    bench.work()
    (first,) = await_end(bench, [run_now(bench, made).id])
    assert (first.counts.unchanged, states(first)) == (0, {"completed": 2})
    (files / "two" / "c.txt").write_text("something longer", encoding="utf-8")
    (second,) = await_end(bench, [run_now(bench, made).id])
    assert (second.counts.unchanged, states(second)) == (1, {"completed": 1})
    assert bench.backend.run_targets(second.id, after=0, limit=10)[0].target == str(files / "two")


def test_a_queued_run_follows_the_one_before_it(bench: Bench) -> None:
    made = schedule(
        bench, job_type="test.wait", payload={"marks": str(bench.marks)}, overlap=Overlap.QUEUE_ONE, cron="0 0 1 1 *"
    )
    bench.work()
    first = run_now(bench, made).id
    wait_until(lambda: run(bench, first).state is RunState.RUNNING, "the first runs", SOON_S)
    due(bench, made)
    wait_until(lambda: bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] == 2, "the second is there", SOON_S)
    second = bench.rows("SELECT id FROM run ORDER BY n DESC")[0]["id"]
    assert run(bench, second).state is RunState.QUEUED
    bench.let_go()
    one, two = await_end(bench, [first, second])
    assert one.finished_at is not None
    assert two.started_at is not None
    assert one.finished_at <= two.started_at


def test_a_schedule_fires_by_itself(bench: Bench) -> None:
    made = schedule(bench, cron="* * * * * *", overlap=Overlap.ALLOW)
    bench.work()
    wait_until(lambda: len(bench.rows("SELECT n FROM run WHERE state = 'completed'")) >= 3, "three have run", 30)
    bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
    dues = [row["due_at"] for row in bench.rows("SELECT due_at FROM run ORDER BY due_at")]
    assert len(set(dues)) == len(dues)
    assert all(at % 1000 == 0 for at in dues)


def test_runs_are_listed_by_their_filter_and_counted(bench: Bench) -> None:
    mine, other = schedule(bench), schedule(bench, tenant="globex")
    ids = [run_now(bench, made).id for made in (mine, other, mine)]
    bench.backend.cancel_run(ids[2], STAMP)

    def listed(query: str, tenants: frozenset[str] | None = None) -> list[int]:
        page = bench.backend.list_runs(RunFilter.from_query(query), tenants=tenants, cursor=None, limit=10)
        return [ids.index(row.id) for row in page.rows]

    assert listed("") == [2, 1, 0]
    assert listed("sort=oldest") == [0, 1, 2]
    assert listed(f"schedule={mine.id}") == [2, 0]
    assert listed(f"schedule={mine.id}&state=canceled&trigger=manual&tenant=acme") == [2]
    assert listed("trigger=cron") == []
    assert listed("after=1h") == [2, 1, 0]
    assert listed("", frozenset({"globex"})) == [1]
    assert listed("tenant=acme", frozenset({"globex"})) == []
    counts = bench.backend.count_runs(RunFilter(tenant=("acme",)), tenants=None)
    assert {state: count for state, count in counts.items() if count} == {RunState.CANCELED: 1, RunState.PLANNING: 1}
    page = bench.backend.list_runs(RunFilter(), tenants=None, cursor=None, limit=2)
    rest = bench.backend.list_runs(RunFilter(), tenants=None, cursor=page.older, limit=2)
    assert [row.id for row in (*page.rows, *rest.rows)] == list(reversed(ids))
    back = bench.backend.list_runs(RunFilter(), tenants=None, cursor=rest.newer, limit=2)
    assert back.rows == page.rows


def test_what_never_got_its_plan_says_so(bench: Bench) -> None:
    made = schedule(bench)
    started = run_now(bench, made)
    planner = run(bench, started.id).planner_job_id
    bench.backend.cancel([planner], STAMP)
    bench.backend.conductor.advance()
    ended = run(bench, started.id)
    assert ended.state not in ACTIVE_RUNS
    assert (ended.error_code, "canceled" in ended.error) == ("ERR_RUN_PLAN", True)


def test_the_figures_tell_what_is_active_and_waits_and_the_run_that_another_waits_for(
    bench: Bench, files: Path
) -> None:
    values: dict[str, Any] = {"targets": (f"{files}/*/*.txt",), "payload": {"marks": str(bench.marks)}}
    # Once a year: no due time of its own comes in between.
    made = schedule(bench, job_type="test.wait", cron="0 3 1 1 *", overlap=Overlap.QUEUE_ONE, parallelism=1, **values)
    bench.work()
    service, viewer = RunService(bench.backend), STAMP.actor
    first = run_now(bench, made).id
    wait_until(lambda: states(run(bench, first)) == {"running": 1, "waiting": 3}, "one runs", SOON_S)
    due(bench, made)
    wait_until(lambda: service.summary(viewer).figures.active == 2, "the next one is queued", SOON_S)
    found = service.summary(viewer)
    assert (found.figures.waiting, found.failed, found.figures.deltas.compared) == (3, 0, 0)
    assert service.summary(operator("eve", ["globex"]).actor).figures.active == 0
    (second, _) = service.list(viewer, RunFilter()).rows
    detail = service.get(viewer, second.id)
    assert (detail.parallelism, detail.before and detail.before.id, detail.run.queue) == (1, first, "test")
    assert service.get(viewer, first).before is None
    bench.let_go()
    await_end(bench, [first, second.id])
    assert service.summary(viewer).figures.active == 0
