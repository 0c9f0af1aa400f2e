"""`execution-ops scan PATH`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from execution_ops.commands import following, scan
from execution_ops.commands.output import Exit
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.states import JobState
from tests.doubles import MemoryBackend

Run = Callable[..., Any]


@pytest.fixture
def steps(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What happens each time the command would wait."""
    planned: list[Callable[[], None]] = []
    left: Iterator[Callable[[], None]] = iter(planned)
    monkeypatch.setattr(following.time, "sleep", lambda _: next(left)())
    return planned


def move(backend: MemoryBackend, state: JobState, *keys: str, error: str = "") -> Callable[[], None]:
    def act() -> None:
        for row in list(backend.rows.values()):
            if not keys or row.node_key in keys:
                backend.add(row.model_copy(update={"state": state, "error_message": error}))

    return act


def test_a_scan_is_submitted_and_the_missing_worker_named(run: Run, backend: MemoryBackend, tmp_path: Path) -> None:
    result = run("scan", tmp_path, "--tenant", "acme")
    assert result.exit_code == Exit.OK
    (dag_id,) = {row.dag_id for row in backend.rows.values()}
    assert f"DAG {dag_id}" in result.stdout
    assert f"No worker is running on {tmp_path}, so the scan waits." in result.stderr
    assert "execution-ops up" in result.stderr
    assert {row.tenant for row in backend.rows.values()} == {"acme"}


def test_a_relative_path_is_taken_from_here(
    run: Run, backend: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("scan", "src", "--json")
    assert json.loads(result.stdout)["created"] is True
    assert backend.specs[0].nodes[0].payload["source"] == str(tmp_path / "src")


def test_waiting_shows_each_step_and_ends_with_the_document(
    run: Run, backend: MemoryBackend, tmp_path: Path, steps: list[Callable[[], None]]
) -> None:
    def done() -> None:
        move(backend, JobState.SUCCEEDED)()
        export = next(row for row in backend.rows.values() if row.node_key == "export")
        backend.artifacts[export.id] = (Artifact(name="x.cdx.json", sha256="a" * 64, size=5, media_type="x/y"),)

    steps += [move(backend, JobState.RUNNING, "inspect"), done]
    result = run("scan", tmp_path, "--wait")
    assert result.exit_code == Exit.OK, result.output
    assert "running     scan.inspect" in result.stdout
    assert "succeeded   scan.export" in result.stdout
    assert "x.cdx.json  5 bytes" in result.stdout


def test_a_failed_scan_exits_1_and_names_what_failed(
    run: Run, backend: MemoryBackend, tmp_path: Path, steps: list[Callable[[], None]]
) -> None:
    steps.append(move(backend, JobState.FAILED, "inspect", error="\x1b[2JThere is no such path."))
    result = run("scan", tmp_path, "--wait")
    assert result.exit_code == Exit.FAILED
    assert "scan.inspect: \\x1b[2JThere is no such path." in result.stderr
    assert "\x1b" not in result.output


def test_a_failed_scan_as_json(
    run: Run, backend: MemoryBackend, tmp_path: Path, steps: list[Callable[[], None]]
) -> None:
    steps.append(move(backend, JobState.FAILED, "inspect"))
    result = run("scan", tmp_path, "--wait", "--json")
    assert result.exit_code == Exit.FAILED
    answer = json.loads(result.stdout)
    assert answer["succeeded"] is False
    assert len(answer["dag"]["nodes"]) == 4


def test_patience_has_an_end(run: Run, backend: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(following.time, "sleep", lambda _: None)
    monkeypatch.setattr(following.time, "monotonic", lambda: next(clock))
    result = run("scan", tmp_path, "--wait", "--timeout", 15)
    assert result.exit_code == Exit.UNAVAILABLE
    assert "goes on" in result.stderr


def test_leaving_does_not_stop_the_scan(
    run: Run, backend: MemoryBackend, tmp_path: Path, steps: list[Callable[[], None]]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    steps.append(interrupt)
    result = run("scan", tmp_path, "--wait")
    assert result.exit_code == Exit.INTERRUPTED
    assert "The scan goes on." in result.stderr
    assert {row.state for row in backend.rows.values()} <= {JobState.SCHEDULED, JobState.PENDING}


def test_a_scan_is_over_when_the_rest_waits_behind_a_failure(backend: MemoryBackend, run: Run, tmp_path: Path) -> None:
    run("scan", tmp_path)
    (dag_id,) = {row.dag_id for row in backend.rows.values()}

    def over() -> bool:
        dag = backend.get_dag(dag_id, tenants=None)
        assert dag is not None
        return scan.is_over(dag)

    assert not over()
    move(backend, JobState.RUNNING, "inspect")()
    assert not over()
    move(backend, JobState.SUCCEEDED, "inspect")()
    assert not over()
    move(backend, JobState.CANCELED, "merge")()
    assert over()
    move(backend, JobState.SUCCEEDED)()
    assert over()
