"""The console that `benchmarks.console` measures: a web process on a seeded ledger, and its figures."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.seed import QUEUES, seed
from execution_ops import routes
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.transitions import lock_job, move
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms
from execution_ops.settings import PREFIX
from tests.e2e.servers import WEB, await_answer, new_console, running

# Reflex keeps the state of a closed tab for an hour, in case it comes back. Whether that memory
# is given back at all shows in less time.
STATE_KEPT_S = 15
PAGE = 50
_TICKS = os.sysconf("SC_CLK_TCK")
_BYTES_PER_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Load:
    """What the web process has used since its start, at one moment."""

    at: float
    cpu_s: float
    statements: int
    database_s: float
    tasks: int
    memory_mb: float
    viewers: int

    def since(self, start: Load) -> tuple[float, float]:
        """CPU in percent of one core and statements a second since `start`."""
        elapsed = self.at - start.at
        return 100 * (self.cpu_s - start.cpu_s) / elapsed, (self.statements - start.statements) / elapsed


class Site:
    """A running console and the ledger beneath it, written to as a worker would."""

    def __init__(self, url: str, database_url: str, pid: int) -> None:
        self.url = url
        self._pid = pid
        self.engine = ledger_engine(database_url)
        self._http = httpx.Client(base_url=url, timeout=30)

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()
        self.engine.dispose()

    def load(self) -> Load:
        """The figures of the web process now."""
        text = self._http.get(routes.METRICS).raise_for_status().text
        stat = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        resident = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * _BYTES_PER_PAGE
        return Load(
            at=time.monotonic(),
            cpu_s=(int(stat[11]) + int(stat[12])) / _TICKS,
            statements=int(_metric(text, "statements_total")),
            database_s=_metric(text, "statement_seconds_total"),
            tasks=int(_metric(text, "tasks")),
            memory_mb=resident / 1e6,
            viewers=int(_metric(text, "live_viewers")),
        )

    def newest(self, query: list[tuple[str, str]]) -> str:
        """The id of the first job of a list."""
        answer = self._http.get(routes.api_jobs([*query, ("limit", "1")])).raise_for_status().json()
        job_id: str = answer["items"][0]["id"]
        return job_id

    def turn(self, job_id: str) -> JobState:
        """Bring a job into the next state of running → failed → scheduled → running, as a worker does."""
        after = {
            JobState.RUNNING: JobState.FAILED,
            JobState.FAILED: JobState.SCHEDULED,
            JobState.SCHEDULED: JobState.RUNNING,
        }
        with write(self.engine) as connection:
            job = lock_job(connection, job_id)
            assert job is not None
            state = after[JobState(job["state"])]
            move(connection, job, state, now_ms())
        return state


def _metric(text: str, name: str) -> float:
    found = re.search(rf"^execution_ops_{name} (\S+)$", text, re.MULTILINE)
    assert found, f"There is no {name} in the metrics."
    return float(found[1])


@contextmanager
def site(folder: Path, jobs: int, database_url: str = "", number_of_queues: int = len(QUEUES)) -> Iterator[Site]:
    """A console on a ledger of so many seeded jobs in so many queues, or on one that is seeded already."""
    console = new_console(folder)
    url = database_url or f"sqlite:///{folder / 'seeded.db'}"
    if not database_url:
        engine = ledger_engine(url)
        upgrade(engine)
        seed(engine, jobs, number_of_queues)
        engine.dispose()
    console.environment[f"{PREFIX}DATABASE_URL"] = url
    console.environment["REFLEX_REDIS_TOKEN_EXPIRATION"] = str(STATE_KEPT_S)
    with running(console, WEB, "web") as process:
        await_answer(process, f"{console.url}{routes.HEALTH}", folder / "web.log")
        made = Site(console.url, url, process.pid)
        try:
            yield made
        finally:
            made.close()


def machine() -> str:
    """The machine in a few words."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.+)$", info, re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * _BYTES_PER_PAGE / 1e9
    processor = model[1] if model else platform.machine()
    return f"{os.cpu_count()} × {processor}, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
