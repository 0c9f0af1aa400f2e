"""`execution-ops schedules …` and `execution-ops runs …`, on a real ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.domain.ids import new_id
from execution_ops.services import container
from execution_ops.settings import Settings
from tests.cli.conftest import Run

HOSTILE = "\x1b[31mnightly[/]"


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on a ledger of their own, whose scan root is the test's directory."""
    given = Settings(data_dir=tmp_path / "data", scan_roots=(tmp_path,))
    open_services = container.open_services
    monkeypatch.setattr(container, "open_services", lambda _: open_services(given))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


def made(real: Run, folder: Path, *more: str) -> dict[str, Any]:
    """A schedule of scans of the folder."""
    answer = real("schedules", "create", "nightly", "--cron", "0 3 * * *", "--target", folder, *more, "--json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.output)
    return found


def test_a_schedule_is_made_edited_paused_and_deleted(real: Run, tmp_path: Path) -> None:
    row = made(real, tmp_path, "--zone", "Europe/Berlin")
    schedule_id = row["schedule"]["id"]
    assert row["words"] == "At 03:00 every day"
    assert "At 03:00 every day" in real("schedules", "list").output
    shown = real("schedules", "show", schedule_id).output
    assert "Europe/Berlin" in shown
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({**row["schedule"]["spec"], "cron": "@hourly"}), encoding="utf-8")
    edited = real("schedules", "edit", schedule_id, "--spec", spec, "--reason", "more often")
    assert (edited.exit_code, "0 3 * * *" in edited.output) == (0, True)
    assert real("schedules", "edit", schedule_id, "--spec", spec, "--revision", "1").exit_code == 4
    versions = json.loads(real("schedules", "versions", schedule_id, "--json").output)["items"]
    assert [(one["version"], one["reason"]) for one in versions] == [(2, "more often"), (1, "")]
    refused = real("schedules", "pause", schedule_id)
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    assert "paused" in real("schedules", "pause", schedule_id, "--reason", "repository is down").output
    assert "repository is down" in real("schedules", "show", schedule_id).output
    assert real("schedules", "resume", schedule_id).exit_code == 0
    assert real("schedules", "delete", schedule_id, "--reason", "moved").exit_code == 0
    assert "There are no schedules yet." in real("schedules", "list").stderr


def test_a_rule_is_said_in_words_with_its_next_times(real: Run) -> None:
    answer = real("schedules", "preview", "30 2 * 3 LSUN", "--zone", "Europe/Berlin", "--count", "1")
    assert "does not exist" in answer.output
    refused = real("schedules", "preview", "1--100000000 * * * *")
    assert (refused.exit_code, "minute" in refused.stderr) == (2, True)


def test_a_run_is_previewed_started_canceled_and_retried(real: Run, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    schedule_id = made(real, tmp_path, "--target", f"{tmp_path}/*o*")["schedule"]["id"]
    previewed = real("schedules", "run", schedule_id, "--preview").output
    assert "3 candidates: 3 would run" in previewed
    started = real("schedules", "run", schedule_id, "--reason", "now, please", "--json")
    run_id = json.loads(started.stdout)["id"]
    assert "No worker is running" in started.stderr
    assert run_id in real("runs", "list", "--state", "planning", "--trigger", "manual").output
    assert "now, please" in real("runs", "show", run_id).output
    assert real("runs", "cancel", run_id).exit_code == 2
    assert "canceled" in real("runs", "cancel", run_id, "--reason", "wrong day").output
    assert real("runs", "wait", run_id).exit_code == 1
    again = json.loads(real("runs", "retry", run_id, "--json").output)
    assert (again["retry_of"], again["trigger"]) == (run_id, "retry")
    assert json.loads(real("runs", "targets", again["id"], "--json").output)["items"] == []


def test_hostile_names_do_nothing_to_a_terminal(real: Run, tmp_path: Path) -> None:
    answer = real("schedules", "create", HOSTILE, "--cron", "@daily", "--target", tmp_path)
    assert answer.exit_code == 0
    assert "\x1b" not in answer.output + real("schedules", "list").output


@pytest.mark.parametrize("command", [("schedules", "show"), ("schedules", "run"), ("runs", "show"), ("runs", "retry")])
def test_what_is_not_there_says_so(real: Run, command: tuple[str, str]) -> None:
    answer = real(*command, new_id())
    assert (answer.exit_code, "There is no" in answer.stderr) == (3, True)


def test_the_log_of_a_run_is_printed_filtered_and_followed_to_its_end(real: Run, tmp_path: Path) -> None:
    schedule_id = made(real, tmp_path)["schedule"]["id"]
    run_id = json.loads(real("schedules", "run", schedule_id, "--json").stdout)["id"]
    printed = real("runs", "logs", run_id)
    assert (printed.exit_code, "Asked for by" in printed.output) == (0, True)
    (line,) = [json.loads(text) for text in real("runs", "logs", run_id, "--json").output.splitlines()]
    assert (line["line"], line["level"], line["source"]) == (1, "info", "run")
    assert real("runs", "logs", run_id, "--level", "error").output == ""
    assert real("runs", "logs", run_id, "--text", "ASKED").output == printed.output
    real("runs", "cancel", run_id, "--reason", "wrong day")
    followed = real("runs", "logs", run_id, "--follow")
    assert followed.exit_code == 1
    assert "wrong day" in followed.output
    assert "The run is canceled." in followed.stderr
    assert real("runs", "logs", new_id()).exit_code == 3
