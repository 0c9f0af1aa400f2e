"""`execution-ops runs logs`, on a real ledger."""

from __future__ import annotations

import json
import logging
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops.backends.embedded.run_feed import Entry, say
from execution_ops.cli import app
from execution_ops.commands import run_logs
from execution_ops.domain.ids import new_id
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.states import RunState
from execution_ops.services import container
from tests.cli.conftest import Run
from tests.execution import STAMP, Bench
from tests.schedule_bench import await_end, run_now, schedule, tell


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """A ledger that the commands open too."""
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def real(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on that ledger."""
    open_services = container.open_services
    monkeypatch.setattr(container, "open_services", lambda _: open_services(bench.settings))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def run_id(bench: Bench) -> str:
    """A run that has told a few lines and goes on."""
    made = run_now(bench, schedule(bench)).id
    tell(bench, made, say("quiet", logging.DEBUG), say("Größer trouble", logging.ERROR), say("more Trouble"))
    return made


def printed(answer: Any) -> list[str]:
    """The texts of the lines."""
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    return [one["text"] if "text" in one else one["data"]["state"] for one in found]


def test_it_prints_the_lines_that_match(real: Run, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "Asked for by local operator (manual). a test"
    monkeypatch.setattr(run_logs, "BATCH", 2)
    everything = real("runs", "logs", run_id, "--json")
    assert (everything.exit_code, printed(everything)) == (0, [asked, "quiet", "Größer trouble", "more Trouble"])
    assert printed(real("runs", "logs", run_id, "--level", "info", "--text", "TROUBLE", "--json")) == [
        "Größer trouble",
        "more Trouble",
    ]
    shown = real("runs", "logs", run_id, "--level", "error").stdout
    assert shown.endswith("  run: Größer trouble\n")
    assert shown.startswith("     3  ")


@pytest.mark.parametrize(
    ("state", "code", "exit_code"), [(RunState.COMPLETED, "", 0), (RunState.ERROR, "ERR_RUN_TARGETS_FAILED", 1)]
)
def test_it_follows_a_run_to_its_end(real: Run, bench: Bench, state: RunState, code: str, exit_code: int) -> None:
    job_type = "test.echo" if state is RunState.COMPLETED else "test.permanent"
    bench.work()
    run_id = run_now(bench, schedule(bench, job_type=job_type)).id
    followed = real("runs", "logs", run_id, "--follow")
    await_end(bench, [run_id])
    lines = followed.stdout.splitlines()
    assert followed.exit_code == exit_code, followed.output
    assert lines[0].endswith("  The run is planning.")
    assert lines[-1].endswith(f"  The run is {state.value} ({code})." if code else f"  The run is {state.value}.")
    assert any("started on " in line for line in lines)
    # It prints the same for who comes later, and the lines alone without following.
    assert real("runs", "logs", run_id, "--follow").stdout == followed.stdout
    plain = real("runs", "logs", run_id).stdout.splitlines()
    assert plain == [line for line in lines if "  The run is " not in line]


def test_following_takes_the_same_lines_as_reading(real: Run, bench: Bench, run_id: str) -> None:
    bench.backend.cancel_run(run_id, STAMP)
    for options in (["--text", "größER"], ["--text", "TROUBLE"], ["--level", "warning"], ["--level", "debug"]):
        read = printed(real("runs", "logs", run_id, "--json", *options))
        followed = real("runs", "logs", run_id, "--json", "--follow", *options)
        assert followed.exit_code == 1
        assert [one for one in printed(followed) if one not in ("planning", "canceled")] == read


def test_ctrl_c_ends_it_and_not_the_run(real: Run, bench: Bench, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = threading.Event()
    line = run_logs._Printer.line

    def print_and_interrupt(self: run_logs._Printer, one: Any) -> None:
        line(self, one)
        if not seen.is_set() and one.text == "more Trouble":
            seen.set()
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(run_logs._Printer, "line", print_and_interrupt)
    answer = real("runs", "logs", run_id, "--follow")
    assert seen.is_set()
    assert (answer.exit_code, f"execution-ops runs show {run_id}" in answer.stderr) == (130, True)
    assert answer.stdout.splitlines()[-1].endswith("more Trouble")
    assert not bench.rows("SELECT closed FROM run_feed")[0]["closed"]


def test_hostile_lines_do_nothing_to_a_terminal(real: Run, bench: Bench, run_id: str) -> None:
    hostile = "\x1b[31m[bold]red\r\nnext"
    tell(bench, run_id, Entry(RunEventKind.LOG, hostile, logging.INFO, source=hostile), close=True)
    for options in ([], ["--follow"], ["--json"]):
        answer = real("runs", "logs", run_id, *options)
        assert "\x1b" not in answer.stdout
        assert "[bold]red" in answer.stdout
        assert not any(row.startswith("next") for row in answer.stdout.splitlines())


@pytest.mark.parametrize("options", [[], ["--follow"]])
def test_a_run_that_is_not_there_is_said_so(real: Run, options: list[str]) -> None:
    answer = real("runs", "logs", new_id(), *options)
    assert (answer.exit_code, "There is no run" in answer.stderr) == (3, True)
