"""The wheel on a machine without Node.js: it serves the console as it came."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from execution_ops import routes
from tests.e2e.servers import await_answer, free_port
from tests.wheel import Installed, build_wheel

pytestmark = pytest.mark.long
JOBS = next(route.pattern for route in routes.ROUTES if route.name == "jobs")


@pytest.fixture(scope="module")
def installed(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    return Installed(folder, build_wheel(folder / "dist"))


def test_it_serves_pages_and_runs_jobs_without_node(installed: Installed, tmp_path: Path) -> None:
    before = installed.console_files()
    assert "client/404.html" in before
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = installed.environment(tmp_path / "data", PORT=str(port))
    log = (tmp_path / "up.log").open("wb")
    with log, subprocess.Popen(installed.command("up"), cwd=tmp_path, env=environment, stdout=log, stderr=log) as up:
        try:
            await_answer(up, f"{url}{routes.READY}", tmp_path / "up.log")
            page = httpx.get(f"{url}{JOBS}", headers={"Accept": "text/html"})
            assert page.status_code == 200
            assert "Content-Security-Policy" in page.headers
            script = next(part for part in page.text.split('"') if part.startswith("/assets/") and part.endswith(".js"))
            packed = httpx.get(f"{url}{script}", headers={"Accept-Encoding": "gzip"})
            assert packed.headers["content-encoding"] == "gzip"
            assert httpx.get(f"{url}/nothing", headers={"Accept": "text/html"}).status_code == 404
            doctor = installed.command("doctor", "--json")
            found = json.loads(subprocess.run(doctor, cwd=tmp_path, env=environment, capture_output=True).stdout)
            said = {finding["area"]: finding for finding in found["findings"]}
            assert said["console"]["message"] == "The compiled console is there, as it came with the package."
            assert said["port"]["message"].startswith("A console answers")
            assert said["workers"]["level"] == "ok"
        finally:
            up.terminate()
            up.wait(60)
    # It wrote nothing where it is installed: that can be read-only.
    assert installed.console_files() == before
