"""A ledger with dead letters, and the command line on top of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.services import container
from tests.cli.letters.ledger import Driver, Run
from tests.execution import Bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Bench]:
    directory = tmp_path_factory.mktemp("ledger")
    shutil.copyfile(sqlite_template, directory / "ledger.db")
    made = Bench(f"sqlite:///{directory / 'ledger.db'}", directory)
    yield made
    made.close()


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Run:
    services = container.compose(bench.settings, bench.backend)
    monkeypatch.setattr(container, "open_services", lambda _: services)
    # Each command gives back what it opened; this ledger is shared by all of them.
    monkeypatch.setattr(bench.backend, "close", lambda: None)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def driver(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Driver:
    made = Driver(bench)
    monkeypatch.setattr("execution_ops.commands.replays.time.sleep", made.step)
    return made
