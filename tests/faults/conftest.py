"""The bench of the conformance tests, and workers in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.execution import Bench
from tests.processes import WorkerProcess


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A backend without a worker of this process."""
    bench = Bench(database_url, tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def start_worker(bench: Bench) -> Iterator[Callable[[], WorkerProcess]]:
    """Starts worker processes; all are gone at the end."""
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(bench))
        return started[-1]

    yield start
    for process in started:
        process.close()
