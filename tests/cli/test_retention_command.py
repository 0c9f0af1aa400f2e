"""`execution-ops retention`: what is kept, what was removed, and what would go."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops.cli import app
from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.states import JobState
from execution_ops.services import container
from execution_ops.services.retention import RetentionService
from tests.execution import Bench
from tests.factories import add_jobs, job_values

Run = Callable[..., Any]
OLD = 1_600_000_000_000


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    made = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    old = {"created_at": OLD, "finished_at": OLD + 1}
    add_jobs(made.backend.engine, [job_values(state=JobState.SUCCEEDED, **old) for _ in range(2)])
    add_jobs(made.backend.engine, [job_values(state=JobState.SUCCEEDED)])
    yield made
    made.close()


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Run:
    services = container.compose(bench.settings, bench.backend)
    monkeypatch.setattr(container, "open_services", lambda _: services)
    monkeypatch.setattr(bench.backend, "close", lambda: None)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["retention", *arguments])


def test_it_tells_for_how_long_each_kind_is_kept(run: Run) -> None:
    answer = run()
    assert answer.exit_code == 0, answer.output
    rows = [line.split() for line in answer.stdout.splitlines()]
    assert rows[1] == ["jobs", "90", "days", "0", "-"]
    assert "not yet" in answer.stderr
    assert [kind["days"] for kind in json.loads(run("--json").stdout)["kinds"]] == [90, 90, 180, 730]


def test_a_dry_run_counts_and_removes_nothing(run: Run, bench: Bench) -> None:
    for _ in range(2):
        due = {one["kind"]: one for one in json.loads(run("--dry-run", "--json").stdout)["due"]}
        assert due["jobs"]["count"] == 2
    assert "WOULD GO" in run("--dry-run").stdout
    assert bench.rows("SELECT count(*) AS jobs FROM job")[0]["jobs"] == 3


def test_only_who_sees_every_tenant_is_told_and_only_an_administrator_previews(bench: Bench) -> None:
    service = RetentionService(bench.backend)
    reader = Actor(name="ann", scopes=frozenset({Scope.READ}))
    assert service.status(reader).leftovers == 0
    with pytest.raises(Forbidden, match="ops:admin"):
        service.survey(reader)
    with pytest.raises(Forbidden, match="every tenant"):
        service.status(reader.model_copy(update={"tenants": frozenset({"acme"})}))
