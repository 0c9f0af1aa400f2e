"""A running `execution-ops up` for tests, its processes, and real scans that wait for their test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from execution_ops import routes
from execution_ops.frontend import ROOT
from execution_ops.scanner import syft
from execution_ops.settings import PREFIX
from tests.e2e.servers import await_answer, await_condition, new_console
from tests.processes import freeze, is_alive

STOP_S = 30
# Asked to scan, it waits until it may; then it is Syft.
GATED_SYFT = """#!/bin/sh
if [ "$1" = scan ]; then
    : > {folder}/asked-$$
    until [ -e {folder}/go ]; do sleep 0.05; done
fi
exec {syft} "$@"
"""


class Up:
    """`execution-ops up` in a folder of its own, with a Syft that waits for `let_go`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        console = new_console(folder)
        self.scans = console.scan_root
        (self.scans / "requirements.txt").write_text("requests==2.32.3\n")
        gate = folder / "syft"
        gate.write_text(GATED_SYFT.format(folder=folder, syft=syft.find("")))
        gate.chmod(0o755)
        own = {"SYFT": str(gate), "HEARTBEAT_INTERVAL": "0.3", "LOST_AFTER": "4", "LOG_LEVEL": "info"} | settings
        environment = console.environment | {f"{PREFIX}{name}": value for name, value in own.items()}
        self.console = replace(console, environment=environment)
        self.log = folder / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    # the program

    def start(self, command: str = "up") -> subprocess.Popen[bytes]:
        """Start a process of this console; its words go to the log."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "execution_ops", command],
                cwd=ROOT,
                env=self.console.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def run(self) -> None:
        """Start `up` unless it runs, and wait until database and worker are ready."""
        (self.folder / "go").unlink(missing_ok=True)
        if self._process is None or self._process.poll() is not None:
            self._process = self.start()
        self.until_ready()

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Take a started `up` for the one to look at."""
        self._process = process

    def freeze(self, pid: int) -> None:
        """SIGSTOP, between two transactions."""
        freeze(pid, self.console.data_dir / "execution_ops.db")

    def until_ready(self) -> None:
        """Wait until the console says that it and a worker are ready."""
        assert self._process is not None
        await_answer(self._process, f"{self.console.url}{routes.READY}", self.log)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The supervisor."""
        assert self._process is not None
        return self._process

    def pid(self, name: str) -> int:
        """The process that runs `execution-ops NAME` now, once there is one."""
        found: list[int] = []

        def runs() -> bool:
            found[:] = [pid for pid in children(self.process.pid) if arguments(pid)[-1:] == [name]]
            return bool(found)

        await_condition(runs, f"there is no process {name}\n", self.log)
        return found[0]

    def kill(self, name: str) -> None:
        """kill -9 of a program of `up`; returns when another one runs instead."""
        victim = self.pid(name)
        os.kill(victim, signal.SIGKILL)
        await_condition(lambda: self.pid(name) != victim, f"no new process {name}\n", self.log)

    def family(self) -> list[int]:
        """Every process below the supervisor."""
        found = [self.process.pid]
        for pid in found:
            found.extend(children(pid))
        return found[1:]

    def until_gone(self, pids: list[int]) -> None:
        """Wait until none of these processes exists."""
        await_condition(lambda: not any(map(is_alive, pids)), f"some of {pids} go on\n", self.log)

    def close(self) -> None:
        """End it; AssertionError if it needs to be killed."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"It did not end.\n{self.log.read_text()}") from None

    # scans

    def scan(self) -> dict[str, str]:
        """Start a scan and wait until its Syft runs, held back; the ids of its first jobs by node key."""
        before = self._asked()
        answer = httpx.post(f"{self.console.url}{routes.api_scans()}", json={"path": str(self.scans)})
        assert answer.status_code == 201, answer.text
        await_condition(lambda: self._asked() > before, "Syft was not asked\n", self.log)
        jobs: dict[str, str] = answer.json()["job_ids"]
        return jobs

    def let_go(self) -> None:
        """Let Syft scan."""
        (self.folder / "go").touch()

    def _asked(self) -> int:
        return len(list(self.folder.glob("asked-*")))

    def jobs(self, scan: dict[str, str]) -> list[dict[str, Any]]:
        """The jobs of the scan, whole, as the API tells them; none while it does not answer."""
        try:
            with httpx.Client(base_url=self.console.url, timeout=10) as client:
                nodes = client.get(routes.api_job(scan["export"], "dag")).raise_for_status().json()["nodes"]
                ids = [node["row"]["id"] for node in nodes]
                return [client.get(routes.api_job(job_id)).raise_for_status().json() for job_id in ids]
        except (httpx.TransportError, httpx.HTTPStatusError):
            return []

    def until_succeeded(self, scan: dict[str, str]) -> dict[str, list[str]]:
        """Wait until the whole scan succeeded; the states of the attempts of each kind of job."""
        found: list[dict[str, Any]] = []

        def succeeded() -> bool:
            found[:] = self.jobs(scan)
            states = [job["row"]["state"] for job in found]
            assert not {"failed", "timed_out", "canceled"} & set(states), f"{states}\n{self.log.read_text()}"
            return len(states) > len(scan) and set(states) == {"succeeded"}

        await_condition(succeeded, "the scan did not succeed\n", self.log)
        return {job["row"]["job_type"]: [one["state"] for one in job["attempts"]] for job in found}


def children(pid: int) -> list[int]:
    """The living processes that `pid` started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(folder.name))
    return found


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []
