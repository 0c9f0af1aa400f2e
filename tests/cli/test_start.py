"""Help and wrong usage are answered at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from execution_ops.cli import COMMANDS, app

HEAVY = ("alembic", "dbos", "httpx", "reflex", "sqlalchemy", "uvicorn")


def test_the_command_line_starts_without_engine_and_server() -> None:
    code = f"import sys, execution_ops.cli; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_processes_start_without_the_other_commands() -> None:
    code = "import sys, execution_ops.cli; print(*(n for n in sys.modules if n.startswith('execution_ops.commands.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.rpartition(".")[2] for name in done.stdout.split()} == {"output", "processes"}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_found_by_its_name(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])
    assert told.exit_code == 0
    assert f"Usage: root {name} " in told.output


def test_a_mistyped_command_is_answered_with_the_nearest_one() -> None:
    told = CliRunner().invoke(app, ["dead-leters"])
    assert told.exit_code == 2
    assert "Did you mean 'dead-letters'?" in " ".join(told.stderr.replace("│", "").split())
