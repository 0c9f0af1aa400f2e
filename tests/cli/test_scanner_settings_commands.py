"""`execution-ops scanner-settings …` and `trust …`, on a real ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from execution_ops import job_types
from execution_ops.cli import app
from execution_ops.domain.job_types import REGISTRY
from execution_ops.services import container
from tests.cli.conftest import Run
from tests.execution import Bench
from tests.trust_keys import ed25519_pem, refused_pems


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    job_types.load()
    copied = tmp_path / "ledger.db"
    copied.write_bytes(sqlite_template.read_bytes())
    bench = Bench(f"sqlite:///{copied}", tmp_path, REGISTRY)
    monkeypatch.setattr(bench.backend, "close", lambda: None)
    monkeypatch.setattr(container, "open_services", lambda _: container.compose(bench.settings, bench.backend))
    runner = CliRunner()
    yield lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])
    monkeypatch.undo()
    bench.close()


def test_settings_are_shown_set_and_rolled_back(run: Run) -> None:
    assert "The defaults: nothing was saved yet." in run("scanner-settings", "show").stdout
    assert "Between 1 and 365 days." in run("scanner-settings", "show").stdout
    preview = run("scanner-settings", "set", "cache.ttl_days=7", "cache.max_bytes=512 MiB", "--preview")
    assert "7 days" in preview.stdout
    assert "0.5 GiB" in preview.stdout
    refused = run("scanner-settings", "set", "cache.ttl_days=7")
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    saved = run("scanner-settings", "set", "cache.ttl_days=7", "--reason", "less disk")
    assert (saved.exit_code, "Saved as version 1." in saved.stdout) == (0, True)
    late = run("scanner-settings", "set", "cache.ttl_days=8", "--reason", "x", "--seen", "0")
    assert (late.exit_code, "while you had this one open" in late.stderr) == (4, True)
    assert json.loads(run("scanner-settings", "show", "--json").stdout)["settings"]["cache"]["ttl_days"] == 7
    assert "less disk" in run("scanner-settings", "versions").stdout
    rolled = run("scanner-settings", "rollback", "0", "--reason", "back", "--json")
    assert json.loads(rolled.stdout)["version"] == 2
    assert run("scanner-settings", "rollback", "9", "--reason", "back").exit_code == 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("cache.ttl_days=0", "cache.ttl_days: Between 1 and 365 days."),
        ("cache.ttl_days", "names no setting"),
        ("cache.colour=red", "names no setting"),
        ("staleness.amber_h=72", "Amber comes before red"),
    ],
)
def test_what_is_wrong_is_told(run: Run, given: str, told: str) -> None:
    refused = run("scanner-settings", "set", given, "--reason", "x")
    assert (refused.exit_code, told in refused.stderr) == (2, True)


def test_a_check_is_started_and_listed(run: Run, tmp_path: Path) -> None:
    assert "No check was run yet" in run("scanner-settings", "checks").stderr
    started = run("scanner-settings", "check", tmp_path)
    assert (started.exit_code, "its verdict is that of job" in started.stdout) == (0, True)
    assert "No worker is running" in started.stderr
    [check] = json.loads(run("scanner-settings", "checks", "--json").stdout)["items"]
    assert (check["verdict"], check["source"]) == ("running", str(tmp_path))
    assert "running" in run("scanner-settings", "checks").stdout


def test_keys_are_listed_added_disabled_and_enabled(run: Run, tmp_path: Path) -> None:
    assert "No key is trusted" in run("trust", "list").stderr
    pem = tmp_path / "key.pem"
    pem.write_text(ed25519_pem(), encoding="ascii")
    facts = json.loads(run("trust", "add", pem, "--name", "release", "--preview", "--json").stdout)
    assert "No key is trusted" in run("trust", "list").stderr
    added = run("trust", "add", pem, "--name", "release", "--reason", "our releases")
    assert (added.exit_code, facts["fingerprint"] in added.stdout) == (0, True)
    assert "there already as release" in run("trust", "add", pem, "--name", "x", "--preview").stdout
    assert run("trust", "add", pem, "--name", "x", "--reason", "y").exit_code == 4
    assert "Disabled release" in run("trust", "disable", facts["fingerprint"], "--reason", "leaked").stdout
    [key] = json.loads(run("trust", "list", "--json").stdout)["items"]
    assert key["enabled"] is False
    assert "disabled" in run("trust", "list").stdout
    assert "Enabled release" in run("trust", "enable", facts["fingerprint"], "--reason", "it was not").stdout
    assert run("trust", "enable", "0" * 64, "--reason", "x").exit_code == 3


def test_files_that_hold_no_public_key_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    for what, pem in refused_pems().items():
        file.write_text(pem, encoding="ascii")
        assert run("trust", "add", file, "--name", "x", "--reason", "y").exit_code == 2, what
    assert run("trust", "add", tmp_path / "none.pem", "--name", "x", "--reason", "y").exit_code == 2
    file.write_bytes(b"\xff\xfe")
    assert "it is no text" in run("trust", "add", file, "--name", "x", "--reason", "y").stderr
