"""Jobs of five steps end once each, and no schedule fires twice, through kills, a freeze and a database that is away.

On PostgreSQL with three workers, on SQLite with two. The long form (`make test-faults`) has the product's own
heartbeat and patience; the short one has them shortened. The database is stopped and started; on SQLite another
process keeps its write lock instead. A "step" is what a handler does between two looks at whether it may go on: the
engine runs jobs whole, and repeats a whole job when its worker is lost.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from execution_ops.settings import Settings
from tests.databases import PostgresServer
from tests.execution import Bench
from tests.faults.storm import LONG, SHORT, Size, Storm, check_jobs, check_runs, locked
from tests.processes import WorkerProcess

# The reaper's promise: 30 s without a heartbeat, and what it takes to notice and to act.
RECOVERED_MS = 45_000
WORKERS = {"sqlite": 2, "postgresql": 3}


@pytest.fixture
def patient(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A bench whose workers have the heartbeat and the patience of the product."""
    made = Bench(database_url, tmp_path)
    product = Settings()
    made.settings = made.settings.model_copy(
        update={"heartbeat_interval": product.heartbeat_interval, "lost_after": product.lost_after}
    )
    yield made
    made.close()


def blow(
    bench: Bench, start: Callable[[], WorkerProcess], size: Size, away: Callable[[], AbstractContextManager[None]]
) -> Storm:
    """The whole storm, and what has to be true after it."""
    effects = bench.marks / "effects"
    effects.touch()
    count = WORKERS[bench.beneath.engine.dialect.name]
    storm = Storm(bench, start, count, size, effects)
    storm.blow(away)
    check_jobs(bench, size, effects)
    check_runs(bench)
    bench.check_counters()
    assert all(late <= RECOVERED_MS for found in storm.report.recovered.values() for late in found)
    # Each fault hit somebody at work.
    assert all(storm.report.recovered.values())
    return storm


def taken_away(bench: Bench, request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[None]]:
    """What takes the bench's database away."""
    if bench.beneath.engine.dialect.name == "sqlite":
        return partial(locked, Path(str(bench.beneath.engine.url.database)))
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.away


@pytest.mark.long
def test_every_job_ends_once_through_a_short_storm(
    bench: Bench, start_worker: Callable[[], WorkerProcess], request: pytest.FixtureRequest
) -> None:
    blow(bench, start_worker, SHORT, taken_away(bench, request))


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_every_job_ends_once_through_a_long_storm(
    patient: Bench, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(patient))
        return started[-1]

    try:
        storm = blow(patient, start, LONG, taken_away(patient, request))
    finally:
        for process in started:
            process.close()
    with capsys.disabled():
        print(f"\n{patient.backend.engine.dialect.name}: {LONG.jobs:,} jobs ended in {storm.report.took_s:.0f} s")
        for fault, late in storm.report.recovered.items():
            shown = f"median {statistics.median(late):,.0f} ms, worst {max(late):,} ms"
            print(f"  {fault}: {len(late)} tries lost, the next began after {shown}")
