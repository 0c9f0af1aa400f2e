"""Keeps a few programs running, and ends them all together.

Each runs in a process group of its own, so a Ctrl-C reaches the supervisor alone. If the
supervisor itself is killed, its guardian ends the groups.
"""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from execution_ops.guardian import Guardian, end_group

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 30.0)
# One that lived this long started well: its next death begins the back-off anew.
HEALTHY_AFTER_S = 10.0
GIVE_UP_AFTER = 5
# A program that waits for another one is not kept from running by one that never comes up.
FOLLOW_AFTER_S = 15.0
FOLLOW_LOOK_S = 0.05


@dataclass(frozen=True)
class Program:
    """What to keep running. Ended with an exit code of `not_yet`, it lacks something that may still
    come, such as its database, and is tried for ever. Ended with one of `done`, it did as it was asked
    to, and stays away. With `follows` it starts once that is set, or after `FOLLOW_AFTER_S`."""

    name: str
    command: tuple[str, ...]
    not_yet: frozenset[int] = frozenset()
    done: frozenset[int] = frozenset()
    follows: threading.Event | None = None


class Supervisor:
    """Runs programs until `stop`. One that dies is started again, later each time that it dies young.

    `grace_s` is what the programs get between SIGTERM and SIGKILL.
    """

    def __init__(self, programs: Sequence[Program], *, grace_s: float) -> None:
        self._programs = tuple(programs)
        self._grace_s = grace_s
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._guardian = Guardian(grace=grace_s)
        self.gave_up = ""

    def run(self) -> None:
        """Start the programs and return when all have ended after `stop`."""
        threads = [threading.Thread(target=self._keep, args=(program,), daemon=True) for program in self._programs]
        for thread in threads:
            thread.start()
        self._stopping.wait()
        self._end()
        for thread in threads:
            thread.join()
        self._guardian.close()

    def stop(self) -> None:
        """End all programs. A second call kills them."""
        if self._stopping.is_set():
            self._kill()
        self._stopping.set()

    def pids(self) -> dict[str, int]:
        """The process ids of what runs now, by name."""
        with self._lock:
            return {name: process.pid for name, process in self._running.items()}

    def _keep(self, program: Program) -> None:
        pause, longest = BACKOFF_S
        young_deaths = 0
        if program.follows is not None:
            self._await(program.follows)
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run(program)
            if self._stopping.is_set():
                return
            if code in program.done:
                logger.warning("%s ended as it was asked to, and is not started again", program.name)
                return
            if time.monotonic() - started >= HEALTHY_AFTER_S:
                young_deaths, pause = 0, BACKOFF_S[0]
            young_deaths += code not in program.not_yet
            if young_deaths >= GIVE_UP_AFTER:
                self.gave_up = f"{program.name} stopped {young_deaths} times right after its start; see why above."
                self._stopping.set()
                return
            logger.warning("%s ended (%s); it starts again in %.1f s", program.name, _describe(code), pause)
            self._stopping.wait(pause)
            pause = min(longest, pause * 2)

    def _await(self, turn: threading.Event) -> None:
        latest = time.monotonic() + FOLLOW_AFTER_S
        while time.monotonic() < latest and not self._stopping.is_set() and not turn.wait(FOLLOW_LOOK_S):
            pass

    def _run(self, program: Program) -> int:
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = subprocess.Popen(program.command, stdin=subprocess.DEVNULL, start_new_session=True)
            self._guardian.watch(process.pid)
            self._running[program.name] = process
        code = process.wait()
        with self._lock:
            del self._running[program.name]
        # What it left behind in its group would hold the port or the database.
        end_group(process.pid, signal.SIGKILL)
        self._guardian.release(process.pid)
        return code

    def _end(self) -> None:
        deadline = time.monotonic() + self._grace_s
        with self._lock:
            processes = list(self._running.values())
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("process %d did not end in %.0f s and is killed", process.pid, self._grace_s)
                end_group(process.pid, signal.SIGKILL)

    def _kill(self) -> None:
        for pid in self.pids().values():
            end_group(pid, signal.SIGKILL)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a connection of the last one that still lingers does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def on_signals(action: Callable[[], None]) -> None:
    """Call the action on Ctrl-C and on SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: action())


def _describe(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
