"""A storm: jobs of five steps and a schedule, while workers are killed and frozen and the database goes away."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from execution_ops.backends.embedded.worker import EXIT_FENCED
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.schedules import Overlap
from tests.execution import STAMP, Bench, node, wait_until
from tests.jobs import STEPS
from tests.processes import WorkerProcess
from tests.schedule_bench import schedule

Start = Callable[[], WorkerProcess]
BATCH = 100
_RUNNING = (
    "SELECT count(*) AS jobs FROM job_attempt a JOIN worker w ON w.id = a.worker_id "
    "WHERE a.state = 'running' AND w.pid = :pid"
)
# When each lost try of a worker was followed by the next one.
_RECOVERED = (
    "SELECT n.started_at FROM job_attempt a JOIN worker w ON w.id = a.worker_id "
    "JOIN job_attempt n ON n.job_n = a.job_n AND n.number = a.number + 1 WHERE a.state = 'lost' AND w.pid = :pid"
)
_LOSERS = "SELECT DISTINCT w.pid FROM job_attempt a JOIN worker w ON w.id = a.worker_id WHERE a.state = 'lost'"


@dataclass(frozen=True)
class Size:
    """How hard it blows: jobs, seconds for a step, for how long a worker is frozen and the database away."""

    jobs: int
    step_s: float
    frozen_s: float
    away_s: float
    ends_within_s: float


SHORT = Size(jobs=120, step_s=0.4, frozen_s=7, away_s=2, ends_within_s=90)
LONG = Size(jobs=1_000, step_s=0.8, frozen_s=60, away_s=20, ends_within_s=900)


@dataclass
class Report:
    """What was seen: for each fault, how many ms after it each try that it cost was followed by the next one."""

    recovered: dict[str, list[int]] = field(default_factory=dict)
    took_s: float = 0.0


@dataclass(frozen=True)
class Fault:
    """What happened to a worker, and when (s since 1970)."""

    name: str
    pid: int
    at: float


class Storm:
    """The faults, one after the other, on a bench with some workers."""

    def __init__(self, bench: Bench, start: Start, count: int, size: Size, effects: Path) -> None:
        self._bench = bench
        self._start = start
        self._size = size
        self._effects = effects
        self._workers = [start() for _ in range(count)]
        self._faults: list[Fault] = []
        self._left: set[int] = set()
        self.report = Report()

    def blow(self, away: Callable[[], AbstractContextManager[None]]) -> None:
        """Everything; returns once every job and every run has ended. `away` takes the database away."""
        began = time.monotonic()
        made = schedule(self._bench, name="storm", cron="*/2 * * * * *", overlap=Overlap.ALLOW)
        payload = {"effects": str(self._effects), "pause_s": self._size.step_s}
        for first in range(0, self._size.jobs, BATCH):
            batch = range(first, min(self._size.jobs, first + BATCH))
            self._bench.submit(*[node(f"job-{i}", "test.steps", payload) for i in batch])
        self._kill_one()
        self._freeze_one()
        self._until_busy(self._workers[0])
        with away():
            threading.Event().wait(self._size.away_s)
        self._kill_all()
        left = "SELECT count(*) AS jobs FROM job WHERE job_type = 'test.steps' AND finished_at IS NULL"
        self._until(lambda: self._bench.rows(left)[0]["jobs"] == 0, "every job has ended")
        self._bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
        going = "SELECT count(*) AS runs FROM run WHERE NOT settled"
        self._until(lambda: self._bench.rows(going)[0]["runs"] == 0, "every run has ended")
        self.report.took_s = time.monotonic() - began
        self._look_back()

    def _kill_one(self) -> None:
        victim = self._workers[0]
        self._until_busy(victim)
        self._strike("kill -9 of one", victim)
        victim.kill()
        self._until_lost(victim)
        self._workers[0] = self._start()

    def _freeze_one(self) -> None:
        victim = self._workers[1]
        self._until_busy(victim)
        victim.freeze()
        self._strike("SIGSTOP", victim)
        self._until_lost(victim)
        threading.Event().wait(max(0.0, self._faults[-1].at + self._size.frozen_s - time.time()))
        victim.signal(signal.SIGCONT)
        # It finds that it was given up, and makes room.
        assert victim.wait(self._size.ends_within_s) == EXIT_FENCED
        self._workers[1] = self._start()

    def _kill_all(self) -> None:
        # Who could not say for too long that it lives has made room for others by itself.
        self._left = {worker.pid for worker in self._workers if worker.has_ended()}
        self._workers = [self._start() if worker.has_ended() else worker for worker in self._workers]
        for worker in self._workers:
            self._until_busy(worker)
        for worker in self._workers:
            self._strike("kill -9 of all", worker)
            worker.kill()
        victims, self._workers = self._workers, [self._start() for _ in self._workers]
        for victim in victims:
            self._until_lost(victim)

    def _strike(self, name: str, worker: WorkerProcess) -> None:
        self._faults.append(Fault(name, worker.pid, time.time()))

    def _until_busy(self, worker: WorkerProcess) -> None:
        self._until(lambda: self._running(worker) > 0, "the worker has work")

    def _until_lost(self, victim: WorkerProcess) -> None:
        self._until(lambda: self._running(victim) == 0, f"{self._faults[-1].name} is noticed")

    def _running(self, worker: WorkerProcess) -> int:
        return int(self._bench.rows(_RUNNING, pid=worker.pid)[0]["jobs"])

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        wait_until(condition, what, self._size.ends_within_s)

    def _look_back(self) -> None:
        """How long each fault held its jobs up; nobody else lost any."""
        for fault in self._faults:
            late = [int(row["started_at"] - 1000 * fault.at) for row in self._bench.rows(_RECOVERED, pid=fault.pid)]
            self.report.recovered.setdefault(fault.name, []).extend(late)
        losers = {row["pid"] for row in self._bench.rows(_LOSERS)}
        assert losers <= {fault.pid for fault in self._faults} | self._left


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody else can write to the SQLite file meanwhile."""
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def check_jobs(bench: Bench, size: Size, effects: Path) -> None:
    """Every job ended well once, and a step that was done twice was done by a try that is known to be lost."""
    jobs = bench.rows("SELECT n, id, state, attempts FROM job WHERE job_type = 'test.steps'")
    assert Counter(job["state"] for job in jobs) == {"succeeded": size.jobs}
    tries: dict[str, list[str]] = {job["id"]: [] for job in jobs}
    for row in bench.rows(
        "SELECT j.id, a.number, a.state, a.worker_id FROM job_attempt a JOIN job j ON j.n = a.job_n "
        "WHERE j.job_type = 'test.steps' ORDER BY j.n, a.number"
    ):
        tries[row["id"]].append(row["state"])
        assert row["number"] == len(tries[row["id"]])
        assert row["worker_id"]
    assert {job["id"]: job["attempts"] for job in jobs} == {job_id: len(states) for job_id, states in tries.items()}
    for states in tries.values():
        assert states[-1] == "succeeded"
        assert set(states[:-1]) <= {"lost"}, states
    done: dict[tuple[str, int], list[int]] = {}
    for line in effects.read_text(encoding="utf-8").splitlines():
        job_id, attempt, step = line.split()
        done.setdefault((job_id, int(attempt)), []).append(int(step))
    for (job_id, attempt), steps in done.items():
        whole = list(range(1, STEPS + 1))
        assert steps == (whole if tries[job_id][attempt - 1] == "succeeded" else whole[: len(steps)]), (job_id, attempt)
    assert {job_id for job_id, attempt in done if tries[job_id][attempt - 1] == "succeeded"} == set(tries)


def check_runs(bench: Bench) -> None:
    """No due time fired twice, each between the first and the last is accounted for, and every run completed."""
    runs = bench.rows("SELECT due_at, state FROM run ORDER BY due_at")
    assert len({run["due_at"] for run in runs}) == len(runs)
    assert {run["state"] for run in runs} == {"completed"}
    firings = bench.rows("SELECT due_at, run_n, missed, times FROM firing ORDER BY due_at")
    assert all(bool(row["run_n"]) != bool(row["missed"]) for row in firings)
    first, last = runs[0]["due_at"], runs[-1]["due_at"]
    known = {row["due_at"] + 2_000 * i for row in firings for i in range(row["times"])}
    assert set(range(first, last + 1, 2_000)) <= known
