"""The catalogue of components as a running server: one build and one process for all its tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from execution_ops.frontend import ROOT, build_environment

FOLDER = Path(__file__).parent / "catalogue_app"
START_S = 120


@contextmanager
def catalogue_server(log: Path) -> Iterator[str]:
    """Builds the catalogue, serves it on a free port of the loopback and gives its address."""
    port = _free_port()
    command = ["-m", "reflex", "run", "--env", "prod", "--single-port", "--backend-host", "127.0.0.1"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--backend-port", str(port), "--frontend-port", str(port)],
            cwd=FOLDER,
            env={**build_environment(), "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"The catalogue did not start.\n{log.read_text()[-4000:]}")
