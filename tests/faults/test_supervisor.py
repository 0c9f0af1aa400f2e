"""The supervisor restarts what dies, ends what it started, and leaves no orphan when it is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from execution_ops import supervisor as module
from execution_ops.backends.embedded.liveness import FileLock, forget, lock_path, surely_dead
from execution_ops.supervisor import Program, Supervisor, port_is_free
from tests.execution import wait_until
from tests.processes import ROOT, is_alive

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
SUPERVISE = """
import sys
from execution_ops.supervisor import Program, Supervisor, on_signals
supervisor = Supervisor((Program("a", tuple(sys.argv[1:])), Program("b", tuple(sys.argv[1:]))), grace_s=5)
on_signals(supervisor.stop)
supervisor.run()
"""
RECORD = "import os, sys, time; open(sys.argv[1] + '/' + str(os.getpid()), 'w').close(); time.sleep(600)"


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor of one sleeping program, in a thread."""
    monkeypatch.setattr(module, "BACKOFF_S", (0.05, 0.1))
    supervisor = Supervisor((Program("sleep", SLEEP),), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: "sleep" in supervisor.pids(), "the program runs")
    yield supervisor
    supervisor.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_program_that_is_killed_starts_again(running: Supervisor) -> None:
    first = running.pids()["sleep"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: running.pids().get("sleep", first) != first, "a new process")
    assert is_alive(running.pids()["sleep"])


def test_one_that_follows_starts_when_it_is_its_turn() -> None:
    turn = threading.Event()
    supervisor = Supervisor((Program("web", SLEEP), Program("worker", SLEEP, follows=turn)), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: "web" in supervisor.pids(), "the first runs")
    assert "worker" not in supervisor.pids()
    turn.set()
    wait_until(lambda: "worker" in supervisor.pids(), "the second runs")
    supervisor.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_one_that_follows_runs_although_its_turn_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLLOW_AFTER_S", 0.1)
    supervisor = Supervisor((Program("worker", SLEEP, follows=threading.Event()),), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: "worker" in supervisor.pids(), "it runs")
    supervisor.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_stop_does_not_wait_for_one_whose_turn_never_comes() -> None:
    supervisor = Supervisor((Program("web", SLEEP), Program("worker", SLEEP, follows=threading.Event())), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: "web" in supervisor.pids(), "the first runs")
    supervisor.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert supervisor.pids() == {}


def test_stop_ends_the_program(running: Supervisor) -> None:
    pid = running.pids()["sleep"]
    running.stop()
    wait_until(lambda: not is_alive(pid), "it is gone")
    assert running.gave_up == ""


def test_a_program_that_never_starts_well_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", (0.01, 0.02))
    supervisor = Supervisor((Program("web", (sys.executable, "-c", "raise SystemExit(3)")),), grace_s=5)
    supervisor.run()
    assert "web stopped 5 times" in supervisor.gave_up


def test_a_program_that_lacks_what_may_still_come_is_tried_for_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", (0.01, 0.02))
    tries = tmp_path / "tries"
    command = ("/bin/sh", "-c", f"echo >> {tries}; exit 5")
    supervisor = Supervisor((Program("web", command, frozenset({5})),), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: tries.exists() and len(tries.read_text()) > 2 * module.GIVE_UP_AFTER, "it goes on trying")
    supervisor.stop()
    thread.join(10)
    assert supervisor.gave_up == ""


def test_a_program_that_ended_as_it_was_asked_to_stays_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", (0.01, 0.02))
    worker = Program("worker", ("/bin/sh", "-c", f"echo >> {tmp_path / 'worker'}"), done=frozenset({0}))
    # One that dies again and again shows that the supervisor goes on.
    other = Program("web", ("/bin/sh", "-c", f"echo >> {tmp_path / 'web'}; exit 5"), frozenset({5}))
    supervisor = Supervisor((worker, other), grace_s=5)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: (tmp_path / "web").exists() and len((tmp_path / "web").read_text()) > 5, "the other goes on")
    supervisor.stop()
    thread.join(10)
    assert (tmp_path / "worker").read_text() == "\n"
    assert supervisor.gave_up == ""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_programs_end_with_their_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", SUPERVISE, sys.executable, "-c", RECORD, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT)
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2, "both programs run")
    process.send_signal(number)
    process.wait(20)
    pids = [int(path.name) for path in tmp_path.iterdir()]
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "the programs are gone")


def test_a_busy_port_is_seen() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not port_is_free("127.0.0.1", port)
    assert port_is_free("127.0.0.1", port)


def test_a_second_up_on_one_data_directory_is_refused_in_words(tmp_path: Path) -> None:
    with FileLock(tmp_path / "up.lock") as lock:
        assert lock.acquire()
        done = subprocess.run(
            [sys.executable, "-m", "execution_ops", "up"],
            cwd=ROOT,
            env=os.environ | {"EXECUTION_OPS_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "in use by another" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lock_file_tells_the_living_from_the_dead(tmp_path: Path) -> None:
    assert not surely_dead(tmp_path, "unknown")
    lock = FileLock(lock_path(tmp_path, "w"))
    assert lock.acquire()
    assert not surely_dead(tmp_path, "w")
    lock.close()
    assert surely_dead(tmp_path, "w")
    forget(tmp_path, "w")
    assert not surely_dead(tmp_path, "w")
