"""`execution-ops status`: for people, for programs, and as a check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.domain.states import WorkerState
from execution_ops.services import container
from tests.execution import Bench
from tests.factories import add_jobs, job_values
from tests.overview_samples import add_queue, add_worker

Run = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Run:
    services = container.compose(bench.settings, bench.backend)
    monkeypatch.setattr(container, "open_services", lambda _: services)
    monkeypatch.setattr(bench.backend, "close", lambda: None)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["status", *arguments])


def test_an_empty_system_is_clear(run: Run) -> None:
    answer = run("--check")
    assert answer.exit_code == 0, answer.output
    assert "Nothing blocks." in answer.stderr
    assert "No queue has had a job yet." in answer.stderr


def test_what_blocks_is_said_and_a_check_fails(run: Run, bench: Bench) -> None:
    add_worker(bench, "builder", WorkerState.ONLINE, ["maven"])
    add_queue(bench, "maven")
    assert run("--check").exit_code == 0
    add_queue(bench, "compare")
    answer = run()
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("No worker serves the queue compare: 18 jobs wait. Since 20")
    rows = {line.split()[0]: line.split() for line in lines[2:]}
    assert rows["compare"][:3] == ["compare", "18", "0"]
    assert rows["maven"][:3] == ["maven", "12", "6/8"]
    assert "(31.0%)" in rows["maven"]
    assert run("--check").exit_code == 1


def test_programs_get_both_as_json_of_what_they_asked_for(run: Run, bench: Bench) -> None:
    add_queue(bench, "maven")
    add_queue(bench, "compare")
    body = json.loads(run("--json", "--queue", "maven", "--tenant", "acme", "--window", "6h").stdout)
    assert [one["subject"] for one in body["standing"]["blocks"]] == ["compare", "maven"]
    (queue,) = body["queues"]["items"]
    assert (queue["queue"], body["queues"]["window"]) == ("maven", "6h")
    assert 0 < queue["done"] < 20


def test_nothing_that_matches_is_said_and_a_wrong_window_is_wrong_usage(run: Run) -> None:
    assert "There are no queues scan" in run("--queue", "scan").stderr
    assert run("--window", "2h").exit_code == 2


def test_hostile_names_do_nothing_to_a_terminal(run: Run, bench: Bench) -> None:
    add_jobs(bench.beneath.engine, [job_values(queue="\x1b[31mred[/]", state="scheduled")])
    answer = run()
    assert "\x1b" not in answer.output + answer.stderr
