"""`execution-ops workers …`."""

from __future__ import annotations

import json

import pytest

from execution_ops.domain.fleet import Asked
from execution_ops.domain.states import WorkerState
from tests.cli.conftest import Run
from tests.doubles import EPOCH, MemoryBackend


def test_the_list_says_what_to_look_at(run: Run, backend: MemoryBackend) -> None:
    assert "There is no worker" in run("workers", "list").stderr
    backend.add_worker(id="a", memory_bytes=127_000_000, cpu_percent=3, running=2, late=True)
    backend.add_worker(id="b", version="0.0.9", name="\x1b[2Jevil", state=WorkerState.DRAINED, asked=Asked.DRAIN)
    backend.add_worker(id="c", state=WorkerState.DRAINED, ended_at=EPOCH)
    answer = run("workers", "list")
    assert "127.0 MB" in answer.output
    assert "2/4" in answer.output
    assert "(late)" in answer.output
    assert "ended" in answer.output
    assert "\x1b[2J" not in answer.output
    assert "1 worker online, 1 drained; 2 of 4 slots in use." in answer.stderr
    assert "different versions" in answer.stderr
    found = json.loads(run("workers", "list", "--state", "drained", "--version", "0.0.9", "--json").stdout)
    assert [item["id"] for item in found["items"]] == ["b"]


def test_a_worker_is_drained_shown_and_resumed(run: Run, backend: MemoryBackend) -> None:
    backend.add_worker()
    refused = run("workers", "drain", "w1")
    assert (refused.exit_code, "needs a reason" in refused.stderr) == (2, True)
    assert "Drain: w1" in run("workers", "drain", "w1", "--reason", "deploy").output
    again = run("workers", "drain", "w1", "--reason", "deploy")
    assert (again.exit_code, "already" in again.stderr) == (4, True)
    shown = run("workers", "show", "w1").output
    assert "to drain by local operator" in shown
    assert "deploy" in shown
    assert run("workers", "resume", "w1").exit_code == 0
    assert backend.known_workers["w1"].state is WorkerState.ONLINE
    assert run("workers", "show", "none").exit_code == 3
    assert json.loads(run("workers", "show", "w1", "--json").stdout)["name"] == "builder"


def test_one_version_is_drained_before_a_deploy_and_waited_for(run: Run, backend: MemoryBackend) -> None:
    backend.add_worker(id="a", version="1.0")
    backend.add_worker(id="b", version="2.0")
    late = run("workers", "drain", "--version", "1.0", "--reason", "deploy", "--wait", "--timeout", "0", "--json")
    body = json.loads(late.stdout)
    assert (late.exit_code, body["busy"], [one["id"] for one in body["outcomes"]]) == (1, ["a"], ["a"])
    backend.known_workers["a"] = backend.known_workers["a"].model_copy(update={"asked": Asked.NOTHING})
    held = backend.act_on_workers

    def at_once(*asked: object) -> object:
        outcomes = held(*asked)  # type: ignore[arg-type]
        for name, worker in backend.known_workers.items():
            if worker.state is WorkerState.DRAINING:
                backend.known_workers[name] = worker.model_copy(update={"state": WorkerState.DRAINED})
        return outcomes

    backend.act_on_workers = at_once  # type: ignore[assignment, method-assign]
    done = run("workers", "drain", "--all", "--reason", "deploy", "--wait")
    assert (done.exit_code, "None of them runs a job any more." in done.stderr) == (0, True)
    assert {worker.state for worker in backend.known_workers.values()} == {WorkerState.DRAINED}
    nothing = run("workers", "drain", "--all", "--reason", "deploy")
    assert (nothing.exit_code, "no worker that this would change" in nothing.stderr) == (0, True)


@pytest.mark.parametrize("arguments", [(), ("w1", "--all"), ("--all", "--version", "1"), ("w1", "--host", "h")])
def test_which_workers_must_be_said_in_one_way(run: Run, backend: MemoryBackend, arguments: tuple[str, ...]) -> None:
    backend.add_worker()
    refused = run("workers", "stop", *arguments, "--reason", "deploy")
    assert (refused.exit_code, "one of the three" in refused.stderr) == (2, True)
    assert backend.known_workers["w1"].state is WorkerState.ONLINE
