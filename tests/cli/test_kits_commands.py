"""`execution-ops kits …`, on a real ledger; `verify` needs nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from execution_ops import job_types
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.cli import app
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.jobs import JobDetail
from execution_ops.domain.states import JobState
from execution_ops.scanner import kit_store
from execution_ops.services import container
from execution_ops.services.jobs import JobService
from execution_ops.services.kit_orders import KitRecipe
from execution_ops.services.kits import KitService
from execution_ops.settings import Settings
from tests.kits import Key, Site, make_kit, tamper

KEY = Key.new()
Run = Callable[..., Any]


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "execution_ops.db")
    settings = Settings(data_dir=data, scan_roots=(tmp_path,))
    job_types.load()
    backend = EmbeddedBackend(settings, REGISTRY)
    monkeypatch.setattr(container, "open_services", lambda _: container.compose(settings, backend))
    made = Site(backend, settings)
    made.trust(KEY)
    yield made
    backend.close()


@pytest.fixture
def run(site: Site) -> Run:
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["kits", *(str(argument) for argument in arguments)])


def test_a_verification_here_tells_each_step_and_leaves_with_its_code(run: Run, site: Site, tmp_path: Path) -> None:
    good = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    answer = run("verify", good)
    assert answer.exit_code == 0, answer.output
    assert "1. Container opens  passed" in answer.output
    assert "The kit 2026.11.14 is sound." in answer.output
    bad = run("verify", tamper(good, tmp_path / "bad.tar"))
    assert bad.exit_code == 2
    assert "what to do" in bad.output
    assert run("verify", tmp_path / "absent.tar").exit_code == 1
    stranger = make_kit(tmp_path / "other.tar", Key.new(), "2026.11.14")
    told = run("verify", stranger, "--json")
    assert (told.exit_code, json.loads(told.stdout)["category"].split(":")[0]) == (5, "dsse")
    (tmp_path / "text.tar").write_text("no kit")
    assert run("verify", tmp_path / "text.tar").exit_code == 11
    site.activate(str(site.take(good).value["kit_id"]))
    assert run("verify", make_kit(tmp_path / "low.tar", KEY, "2026.11.7")).exit_code == 8
    # Nothing of all that was kept.
    assert len(site.backend.kits(limit=10)) == 1
    assert len(site.backend.kit_runs(limit=10)) == 2


def test_stopped_or_without_a_ledger_it_gives_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(KitService, "check", gone)
    answer = run("verify", "kit.tar")
    assert (answer.exit_code, "does not answer" in answer.stderr) == (11, True)
    monkeypatch.setattr(KitService, "check", stopped)
    assert run("verify", "kit.tar").exit_code == 130


def test_kits_are_listed_shown_and_removed(run: Run, site: Site, tmp_path: Path) -> None:
    assert "There is no kit here" in run("list").stderr
    good = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    kit_id = str(site.take(good).value["kit_id"])
    locked = str(site.take(tamper(good, tmp_path / "bad.tar")).value["kit_id"])
    site.activate(kit_id)
    listed = run("list")
    assert "quarantined" in listed.output
    assert re.search(r"^2026\.11\.14 is active\. \d.* old\.", listed.stderr, re.MULTILINE)
    assert "Activated" in run("show", kit_id).stderr
    assert json.loads(run("show", locked, "--json").stdout)["kit"]["state"] == "quarantined"
    assert run("remove", locked).exit_code == 2
    assert run("remove", kit_id, "--reason", "x").exit_code == 4
    assert "Removed" in run("remove", locked, "--reason", "x").output
    assert len(json.loads(run("list", "--json").stdout)["items"]) == 1
    assert len(json.loads(run("list", "--removed", "--json").stdout)["items"]) == 2
    assert run("rollback", "--reason", "x").exit_code == 4


def test_work_is_started_as_a_job(run: Run, site: Site, tmp_path: Path) -> None:
    good = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    started = run("import", good)
    assert (started.exit_code, "Job " in started.output) == (0, True)
    assert "No worker is running" in started.stderr
    kit_id = str(site.take(good).value["kit_id"])
    assert run("activate", kit_id).exit_code == 2
    assert json.loads(run("activate", kit_id, "--reason", "x", "--json").stdout)["created"]
    assert run("export", "one").exit_code == 2
    assert run("export", "1.0").exit_code == 0


def test_a_file_that_cannot_be_read_is_told_in_words(run: Run, site: Site) -> None:
    # A file whose first bytes nobody can read, not even root.
    told = run("import", "/proc/self/mem")
    assert (told.exit_code, told.stderr.strip()) == (11, "/proc/self/mem can't be read: Input/output error.")
    assert list((site.backend.kit_root / "incoming").iterdir()) == []


def test_an_import_that_fills_the_disk_is_told_in_words(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = make_kit(tmp_path_factory.mktemp("elsewhere") / "kit.tar", KEY, "1.0")
    monkeypatch.setattr(kit_store, "KEEP_FREE", 1 << 60)
    told = run("import", kit)
    assert (told.exit_code, told.stderr.startswith("The disk of the data directory is full.")) == (11, True)
    assert "then import it again" in told.stderr


@pytest.fixture
def exporting(run: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`kits export` where the job is done by the time that it is followed."""
    (tmp_path / "key.pem").write_bytes(KEY.private)
    there = Site(site.backend, site.settings.model_copy(update={"kit_key": str(tmp_path / "key.pem")}))
    made, path = there.export(KitRecipe(version="1.0"))
    get = JobService.get

    def ended(service: JobService, actor: Actor, job_id: str) -> JobDetail:
        found = get(service, actor, job_id)
        done = found.row.model_copy(update={"state": JobState.SUCCEEDED})
        return found.model_copy(update={"row": done, "artifacts": made.artifacts})

    monkeypatch.setattr(JobService, "get", ended)
    monkeypatch.setattr(JobService, "value", lambda *_: json.dumps(made.value))
    monkeypatch.setattr(JobService, "artifact", lambda *_: (made.artifacts[0], path))
    return lambda *more: run("export", "1.0", *more)


def test_an_export_writes_the_kit_once_it_is_whole(exporting: Run, run: Run, site: Site, tmp_path: Path) -> None:
    target = tmp_path / "out" / "kit.tar"
    refused = exporting("--output", target)
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (2, True)
    # Nothing is built for a file that can't be there.
    assert site.backend.count_jobs(JobFilter(), tenants=None).total == 0
    target.parent.mkdir()
    answer = exporting("--output", target)
    assert answer.exit_code == 0, answer.output
    assert f"The kit is {target}." in answer.stderr
    assert run("verify", target).exit_code == 0
    assert [path.name for path in target.parent.iterdir()] == ["kit.tar"]


def test_an_export_that_fails_leaves_the_file_as_it_was(
    exporting: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kit.tar"
    target.write_text("an earlier kit")
    failed = SimpleNamespace(row=SimpleNamespace(state=JobState.FAILED, error_message="No key."), artifacts=())
    monkeypatch.setattr(JobService, "get", lambda *_: failed)
    answer = exporting("--output", target)
    assert (answer.exit_code, "No key." in answer.stderr) == (1, True)
    assert target.read_text() == "an earlier kit"
    assert not target.with_name("kit.tar.part").exists()


@pytest.mark.parametrize("command", [("import", "kit.tar"), ("release", new_id(), "--reason", "x")])
def test_what_ends_without_a_verdict_leaves_with_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    for error in (Unavailable("It is away."), InvalidInput("It is wrong."), NotFound("It is gone."), Forbidden("No.")):

        def fails(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(KitService, "import_kit", fails)
        monkeypatch.setattr(KitService, "release", fails)
        answer = run(*command)
        assert (answer.exit_code, str(error) in answer.stderr) == (11, True)


@pytest.mark.parametrize(
    ("state", "result", "code"),
    [
        (JobState.SUCCEEDED, {"exit_code": 2, "failure": "The payload differs."}, 2),
        (JobState.SUCCEEDED, {"exit_code": 0, "kit_id": "one"}, 0),
        (JobState.FAILED, {}, 11),
    ],
)
def test_one_that_waits_leaves_with_the_verdict_of_the_job(
    run: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: JobState, result: Any, code: int
) -> None:
    ended = SimpleNamespace(row=SimpleNamespace(state=state, error_message="The disk is full."), artifacts=())
    monkeypatch.setattr(JobService, "get", lambda *_: ended)
    monkeypatch.setattr(JobService, "value", lambda *_: json.dumps(result))
    kit = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    locked = str(site.take(tamper(kit, tmp_path / "bad.tar")).value["kit_id"])
    assert run("import", kit, "--wait").exit_code == code
    assert run("release", locked, "--reason", "x", "--wait").exit_code == code
    # Of other work the usual codes tell.
    assert run("export", "1.0", "--wait").exit_code == (1 if code == 11 else code)
