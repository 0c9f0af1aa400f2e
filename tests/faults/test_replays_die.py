"""kill -9 of worker, web process and both in the middle of a replay plan: each entry is replayed once, none is lost."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from execution_ops import routes
from execution_ops.domain.replays import ItemStatus, ReplayPlan
from execution_ops.domain.states import JobState, ReplayState
from tests.e2e.servers import await_condition
from tests.execution import Bench, node
from tests.faults.upstart import STOP_S, Up
from tests.letters import die, entries, read_plan, statuses

ENTRIES = 2_000
KILLS = 10
RATE = 200
# A package as somebody else would install it, with one job type.
PACKAGE = {
    "replayed-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: replayed\nVersion: 1.0\n",
    "replayed-1.0.dist-info/entry_points.txt": "[execution_ops.job_types]\nreplayed = replayed_jobs\n",
    "replayed_jobs.py": '''
from pydantic import BaseModel
from execution_ops.domain.job_types import job_type


class Nothing(BaseModel):
    """No payload."""


@job_type("replayed.work", queue="replayed", payload=Nothing, max_attempts=20, backoff_s=0.1)
def work(job, payload):
    """Does nothing."""
''',
}

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("build")]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the installed package, also on this process's path."""
    folder = tmp_path / "installed"
    for name, content in PACKAGE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.syspath_prepend(str(folder))
    return folder


class Pair:
    """Web process and worker of one console, each started again as soon as it was killed: an `up` would
    give up on a program that dies so often."""

    def __init__(self, up: Up) -> None:
        self._up = up
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both and wait until they are ready."""
        for name in ("web", "worker"):
            self._running[name] = self._up.start(name)
        self._up.adopt(self._running["web"])
        self._up.until_ready()

    def kill(self, names: Sequence[str]) -> None:
        """kill -9 of these at once, then start them again."""
        for name in names:
            self._running[name].kill()
        for name in names:
            self._running[name].wait()
            self._running[name] = self._up.start(name)

    def close(self) -> None:
        """End both."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(STOP_S)


@pytest.fixture
def up(tmp_path: Path, package: Path) -> Up:
    """A console, not started, whose worker runs many of the package's jobs at once."""
    made = Up(tmp_path / "up", WORKER_CONCURRENCY="20")
    paths = (str(package), os.environ.get("PYTHONPATH", ""))
    made.console.environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return made


@pytest.fixture
def pair(up: Up) -> Iterator[Pair]:
    """Its processes."""
    pair = Pair(up)
    yield pair
    pair.close()


@pytest.fixture
def bench(up: Up, tmp_path: Path) -> Iterator[Bench]:
    """Looks at the console's database from outside, and fills it before the console starts."""
    bench = Bench(f"sqlite:///{up.console.data_dir / 'execution_ops.db'}", tmp_path)
    yield bench
    bench.close()


def test_a_plan_survives_ten_kills(up: Up, bench: Bench, pair: Pair) -> None:
    chance = random.Random(20_261_124)
    jobs = _many_dead(bench)
    pair.start()
    plan = _start_plan(up, bench)
    marks = sorted(chance.sample(range(50, ENTRIES - 50), KILLS))
    for number, mark in enumerate(marks):
        await_condition(lambda at=mark: _sent(bench, plan.id) >= at, f"{mark} were not sent\n", up.log)
        pair.kill((["worker"], ["web"], ["worker", "web"])[number % 3])
    await_condition(lambda: read_plan(bench, plan.id).state is ReplayState.COMPLETED, "the plan did not end\n", up.log)
    assert statuses(bench, plan.id) == {ItemStatus.SUCCEEDED.value: ENTRIES}
    assert {row["state"] for row in entries(bench)} == {"replayed"}
    ended = bench.rows("SELECT state, count(*) AS jobs FROM job WHERE job_type = 'replayed.work' GROUP BY state")
    assert ended == [{"state": JobState.SUCCEEDED.value, "jobs": len(jobs)}]
    replays = bench.rows("SELECT job_n, count(*) AS times FROM job_event WHERE kind = 'replay' GROUP BY job_n")
    assert (len(replays), {row["times"] for row in replays}) == (ENTRIES, {1})
    audited = bench.rows("SELECT sum(count) AS entries FROM audit_event WHERE verb = 'replay'")
    assert audited == [{"entries": ENTRIES}]
    bench.check_counters()


def _many_dead(bench: Bench) -> list[str]:
    import replayed_jobs  # noqa: F401  (its import registers the type)

    from execution_ops.domain.job_types import REGISTRY as EVERY_TYPE
    from tests.jobs import REGISTRY

    entry = EVERY_TYPE.get("replayed.work")
    assert entry is not None
    REGISTRY.add(entry)
    made = bench.submit(*(node(f"n{i:05d}", "replayed.work") for i in range(ENTRIES)))
    jobs = list(made.job_ids.values())
    die(bench, jobs)
    return jobs


def _start_plan(up: Up, bench: Bench) -> ReplayPlan:
    """Started over HTTP, as an operator's script would."""
    answer = httpx.post(
        f"{up.console.url}{routes.Rest.LETTERS_REPLAY_BATCH}",
        json={"filter": "state=pending", "rate": RATE, "start": True},
        headers={"X-Stella-Operator-Reason": "fixed"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    return read_plan(bench, answer.json()["id"])


def _sent(bench: Bench, plan_id: str) -> int:
    return read_plan(bench, plan_id).counts.sent
