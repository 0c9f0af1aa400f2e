"""`execution-ops bench …`, on a real ledger."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.commands import bench as commands
from execution_ops.domain.access import local_operator
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import BENCH_TYPE
from execution_ops.domain.job_types import REGISTRY as KNOWN
from execution_ops.domain.states import JobState
from execution_ops.services import container
from tests.bench_samples import new_result
from tests.cli.conftest import Run
from tests.execution import Bench
from tests.jobs import REGISTRY


@pytest.fixture
def ledger(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(ledger: Bench, monkeypatch: pytest.MonkeyPatch) -> Run:
    class Held(container.Services):
        def close(self) -> None:
            """The test closes the backend."""

    made = container.compose(ledger.settings, ledger.backend)
    held = Held(**{name: getattr(made, name) for name in made.__dataclass_fields__})
    monkeypatch.setattr(container, "open_services", lambda _: held)
    own = KNOWN.get(BENCH_TYPE)
    assert own is not None
    monkeypatch.setitem(REGISTRY._types, BENCH_TYPE, own)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


def test_results_are_listed_shown_promoted_and_exported(run: Run, ledger: Bench) -> None:
    assert "Nothing was measured yet" in run("bench", "list").stderr
    first = ledger.backend.keep_benchmark(new_result(100.0, 120.0))
    assert "no baseline yet" in run("bench", "list").stdout
    refused = run("bench", "promote", first.id)
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    assert "is the baseline of go_modules with go" in run("bench", "promote", first.id, "--reason", "release").stdout
    assert run("bench", "promote", first.id, "--reason", "release").exit_code == 4
    second = ledger.backend.keep_benchmark(new_result(165.0))
    found = json.loads(run("bench", "list", "--state", "breach", "--json").stdout)
    assert [one["result"]["id"] for one in found["items"]] == [second.id]
    shown = run("bench", "show", second.id)
    assert "mean: 50.0 % slower" in shown.stdout
    assert "builder: 2 cores" in shown.stdout
    assert run("bench", "show", new_id()).exit_code == 3
    (row,) = csv.DictReader(io.StringIO(run("bench", "export").stdout))
    assert (row["mean_ms"], row["state"]) == ("165.0", "breach")
    target = ledger.marks / "out.json"
    assert run("bench", "export", "--format", "json", "--output", target).exit_code == 0
    assert json.loads(target.read_text())["items"][0]["result_id"] == second.id


def test_the_scenarios_are_listed(run: Run) -> None:
    assert "java_demo_archive" in run("bench", "scenarios").stdout
    assert json.loads(run("bench", "scenarios", "--json").stdout)["items"][0]["analyzers"] == ["javascript"]


def test_a_benchmark_is_started(run: Run, ledger: Bench, tmp_path: Path) -> None:
    started = run("bench", "run", "go_modules", "--iterations", 2, "--warm-up", 0, "--json")
    assert "No worker is running" in started.stderr
    (job_id,) = json.loads(started.stdout)["job_ids"].values()
    assert ledger.state(job_id) is JobState.SCHEDULED
    own = json.loads(run("bench", "run", "--path", tmp_path, "--analyzer", "go", "--json").stdout)
    (job_id,) = own["job_ids"].values()
    assert json.loads(ledger.value(job_id, "payload"))["scenario"] == f"path:{tmp_path}"
    assert run("bench", "run", "none").exit_code == 2
    assert run("bench", "run").exit_code == 2
    late = run("bench", "run", "go_modules", "--wait", "--timeout", 0.01)
    assert (late.exit_code, "goes on" in late.stderr) == (5, True)


@pytest.mark.parametrize(("slow", "code"), [(100.0, 0), (6_000.0, commands.BREACH)])
def test_waiting_ends_with_what_was_measured(
    run: Run, ledger: Bench, monkeypatch: pytest.MonkeyPatch, slow: float, code: int
) -> None:
    """The job is not run here: it has ended, with a result, when the command looks for it."""
    real = container.compose(ledger.settings, ledger.backend).jobs

    def ended(services: container.Services, actor: object, job_id: str, **_: object) -> object:
        ledger.backend.keep_benchmark(new_result(slow, job_id=job_id))
        row = real.get(local_operator(), job_id).row
        return row.model_copy(update={"state": JobState.SUCCEEDED})

    monkeypatch.setattr(commands, "_follow", ended)
    answer = run("bench", "run", "go_modules", "--wait")
    assert answer.exit_code == code
    assert ("over the budget" in answer.stderr) == bool(code)
