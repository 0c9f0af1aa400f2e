"""The documents and the code agree."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.settings import PREFIX, Settings

README = (Path(__file__).parents[2] / "README.md").read_text()
COMMANDS = re.findall(r"^(?:\.venv/bin/)?execution-ops (.+)$", README, re.MULTILINE)


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    for name, field in Settings.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
        shown = f"`{default}`" if default else "(empty)"
        assert f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_readme_exist_with_their_options(command: str) -> None:
    answer = CliRunner().invoke(app, [*shlex.split(command, comments=True), "--help"])
    assert answer.exit_code == 0, answer.output


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) > 12
