"""`execution-ops baselines …`, on a real ledger."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import JobState
from execution_ops.services import container
from execution_ops.services.container import Services, compose
from tests.cli.conftest import Run
from tests.execution import wait_until
from tests.scan_bench import ScanBench


@pytest.fixture
def scans(tmp_path: Path, sqlite_template: Path) -> Iterator[ScanBench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    bench = ScanBench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def run(scans: ScanBench, monkeypatch: pytest.MonkeyPatch) -> Run:
    services = compose(scans.settings, scans.backend)
    monkeypatch.setattr(container, "open_services", lambda _: services)
    # The bench closes what it opened, once.
    monkeypatch.setattr(Services, "close", lambda _: None)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["baselines", *(str(argument) for argument in arguments)])


def test_from_the_scan_to_the_roll_back(run: Run, scans: ScanBench, tmp_path: Path) -> None:
    assert "There are no baselines yet" in run("list").stderr
    assert "There are no promoted baselines" in run("list", "--state", "promoted").stderr
    first, second = scans.scan([("react", "1")]), scans.scan([("react", "2"), ("\x1b[2Jevil", "1")])
    one = json.loads(run("save", first["merge"], "--label", "1.0", "--json").stdout)["id"]
    saved = run("save", second["merge"], "--label", "1.1")
    assert "Saved" in saved.output
    assert "1.1 of /srv/shop: candidate" in saved.output
    two = json.loads(run("list", "--label", "1.1", "--json").stdout)["items"][0]["id"]
    assert two in run("list", "--source", "SHOP", "--limit", "1").output

    refused = run("promote", one)
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    first_job = run("promote", one, "--reason", "first", "--json")
    scans.ended(Submission.model_validate_json(first_job.stdout))
    promoted = run("promote", two, "--reason", "next")
    assert "Against 1.0: 1 added, 0 removed, 1 changed" in promoted.stderr
    (job_id,) = re.findall(r"Job ([0-9a-f-]{36})", promoted.stdout)
    wait_until(lambda: scans.state(job_id) is JobState.SUCCEEDED, "it is promoted")
    assert run("promote", two, "--reason", "again").exit_code == 4

    kept = run("keep-comparison", one, two, "--wait")
    assert "The comparison is done. From 1.0 to 1.1: 1 added, 0 removed, 1 changed" in kept.stdout
    assert "comparison.cdx.json" in kept.stdout
    told = json.loads(run("keep-comparison", two, one, "--wait", "--json").stdout)
    assert (told["removed"], len(told["files"])) == (1, 3)
    compared = run("compare", one, two)
    assert "pkg:npm/react" in compared.output
    assert "\x1b[2J" not in compared.output
    assert "1 added, 0 removed, 1 changed; 0 the same" in compared.stderr
    told = json.loads(run("compare", one, two, "--kind", "version", "--json").stdout)
    assert [item["version_after"] for item in told["items"]] == ["2"]

    shown = run("show", two)
    assert "promoted" in shown.output
    assert "Previous release" in shown.stderr
    assert json.loads(run("show", two, "--json").stdout)["suggestion"]["suggested"]["baseline"]["id"] == one
    file = tmp_path / "diff.csv"
    assert run("export", one, two, "--output", file).exit_code == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3
    assert '"counts"' in run("export", one, two, "--format", "json").stdout
    assert run("export", one, two, "--output", tmp_path / "no" / "where").exit_code == 2

    assert one in run("rollback", two, "--reason", "it broke").output
    assert run("rollback", one, "--reason", "more").exit_code == 4
    assert "Deleted" in run("remove", two, "--reason", "not wanted").output
    assert run("show", two).exit_code == 3
