"""How long `execution-ops up` takes from the wheel, and what its processes hold when nothing happens.

    python -m benchmarks.wheel [--rounds 5] [--wheel dist/execution_ops-….whl]

Installs the wheel where there is no Node.js. `page`: until the first page is served, `ready`: until database and
worker are ready, too; CPU: what both processes used until then, which tells more on a machine that does other things.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
from rich.console import Console

from benchmarks.tables import judge, new_table
from execution_ops import routes
from tests.e2e.servers import free_port
from tests.wheel import Installed, build_wheel

PAGE = next(route.pattern for route in routes.ROUTES if route.name == "jobs_queues")
LOOK_S, REST_S, TARGET_S = 0.02, 20.0, 3.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Install, start some times, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--wheel", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        installed = Installed(folder, given.wheel or build_wheel(folder / "dist"))
        # The first start makes the ledger, and what Python keeps of each module.
        start(installed, folder / "data", 0)
        rounds = [start(installed, folder / "data", 0) for _ in range(given.rounds - 1)]
        rounds.append(start(installed, folder / "data", REST_S))
    table = new_table("execution-ops up, from the wheel", "figure", "median", "worst")
    for name, unit in (("page", "s"), ("ready", "s"), ("CPU of web", "s"), ("CPU of worker", "s")):
        found = [one[name] for one in rounds]
        table.add_row(f"{name}, {unit}", f"{statistics.median(found):.2f}", f"{max(found):.2f}")
    for name in ("memory of web", "memory of worker"):
        table.add_row(f"{name} at rest, MB", f"{rounds[-1][name]:.0f}", "")
    table.caption = judge("page", statistics.median(one["page"] for one in rounds), TARGET_S, "s")
    Console().print(table)


def start(installed: Installed, data_dir: Path, rest_s: float) -> dict[str, float]:
    """One start: what it took, and after a rest what its processes hold."""
    port = free_port()
    url, found = f"http://127.0.0.1:{port}", {}
    environment = installed.environment(data_dir, PORT=str(port), LOG_LEVEL="error")
    began = time.monotonic()
    with subprocess.Popen(
        installed.command("up"), cwd=installed.folder, env=environment, stdout=subprocess.DEVNULL
    ) as up:
        try:
            found["page"] = _until(began, lambda: httpx.get(f"{url}{PAGE}", headers={"Accept": "text/html"}))
            found["ready"] = _until(began, lambda: httpx.get(f"{url}{routes.READY}"))
            processes = _children(up.pid)
            found |= {f"CPU of {name}": _cpu_s(pid) for name, pid in processes.items()}
            time.sleep(rest_s)
            found |= {f"memory of {name}": _memory_mb(pid) for name, pid in processes.items()}
        finally:
            up.terminate()
            up.wait()
    return found


def _until(began: float, ask: Callable[[], httpx.Response]) -> float:
    while True:
        try:
            if ask().is_success:
                return time.monotonic() - began
        except httpx.TransportError:
            pass
        time.sleep(LOOK_S)


def _children(pid: int) -> dict[str, int]:
    found = set()
    # A child belongs to the thread which started it.
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread which has ended since it was listed has no children
            found |= {int(child) for child in (task / "children").read_text().split()}
    named = {}
    for child in found:
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        if "execution_ops" in words:
            named[words[words.index("execution_ops") + 1]] = child
    return named


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
