"""How what a run tells is read: whole, in windows, and live.

    python -m benchmarks.stream [--events 200000] [--viewers 10] [--rate 200] [--seconds 30] [--only PART]

`windows`: windows of the log of a run with so many events through the service, on SQLite and on PostgreSQL.
`live`: a production web process on SQLite; the whole stream of that run to its end, then events that another
process writes at the rate, from before their transaction until they arrived at each of so many viewers.
Linux only: CPU and memory are read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.console_site import Load, Site, machine, site
from benchmarks.run_events import NEEDLE, line_of_job, seed_run, tell
from execution_ops import frontend, routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.domain.access import local_operator
from execution_ops.domain.job_types import Registry
from execution_ops.domain.jobs import LogLevel
from execution_ops.services.container import compose
from execution_ops.settings import Settings
from tests.databases import postgres_server

PARTS = ("windows", "live")
READS = 60
WINDOW = 500
# Jobs write what they log in batches; so many transactions a second make the rate.
WRITES_PER_S = 40
WAIT_S = 60


def windows(kind: str, folder: Path, url: str, events: int, out: Table) -> None:
    """Time windows of the log of one run."""
    settings = Settings(data_dir=folder, database_url=url)
    backend = EmbeddedBackend(settings, Registry())
    run_id = seed_run(backend.engine, events)
    service, actor = compose(settings, backend).run_stream, local_operator()

    def log(**wanted: object) -> Callable[[], object]:
        return lambda: service.log(actor, run_id, limit=WINDOW, **wanted)  # type: ignore[arg-type]

    calls = {
        "the end": log(last=True),
        "the middle": log(after=events // 2),
        "the end, errors": log(last=True, level=LogLevel.ERROR),
        "the end, warnings and errors": log(last=True, level=LogLevel.WARNING),
        "search, found seldom": log(text=NEEDLE),
        "search, found often": log(text="packages", last=True),
        "search of errors, found seldom": log(text=NEEDLE, level=LogLevel.ERROR),
        "500 events after one in the middle": lambda: service.events(actor, run_id, after=events // 2, limit=500),
    }
    for name, call in calls.items():
        call()
        out.add_row(kind, name, *_spread([_timed(call) for _ in range(READS)]))
    backend.close()


def replay(console: Site, run_id: str, out: Table) -> None:
    """Read the whole stream of a run that has ended."""
    start, before = time.perf_counter(), console.load()
    size, first = 0, 0.0
    with httpx.stream("GET", console.url + routes.api_run(run_id, "stream"), timeout=WAIT_S) as answer:
        for chunk in answer.iter_raw():
            first = first or time.perf_counter() - start
            size += len(chunk)
    took, after = time.perf_counter() - start, console.load()
    cpu = after.cpu_s - before.cpu_s
    out.add_row(f"{first * 1000:.0f}", f"{took:.1f}", f"{size / 1e6:.0f}", f"{cpu:.1f}")


class Viewer:
    """A client of the stream that notes how old each event is when it arrives."""

    def __init__(self) -> None:
        self.ages: list[float] = []
        self.last = 0
        self.open = asyncio.Event()

    async def follow(self, http: httpx.AsyncClient, address: str) -> None:
        """Read until canceled; a number that is not the next one is an error."""
        async with http.stream("GET", address) as answer:
            async for line in answer.aiter_lines():
                arrived = time.time()
                if not line.startswith("data: "):
                    continue
                data = json.loads(line.removeprefix("data: "))
                if "seq" not in data:
                    self.open.set()
                    continue
                assert data["seq"] == self.last + 1, f"{data['seq']} after {self.last}"
                self.last = data["seq"]
                if data.get("text", "").startswith("sent "):
                    self.ages.append((arrived - float(data["text"].split()[1])) * 1000)


async def live(console: Site, viewers: int, rate: int, seconds: int, out: Table) -> None:
    """Events on their way from a transaction to each viewer."""
    run_id = await asyncio.to_thread(seed_run, console.engine, 100, ended=False)
    address = console.url + routes.api_run(run_id, "stream")
    crowd = [Viewer() for _ in range(viewers)]
    alone = await asyncio.to_thread(_calm, console)
    async with httpx.AsyncClient(timeout=WAIT_S, limits=httpx.Limits(max_connections=None)) as http:
        tasks = [asyncio.create_task(one.follow(http, address)) for one in crowd]
        await asyncio.gather(*(one.open.wait() for one in crowd))
        still = await asyncio.to_thread(_calm, console)
        idle, _ = (await asyncio.to_thread(_later, console)).since(still)
        start = await asyncio.to_thread(console.load)
        written = await asyncio.to_thread(_write, console, run_id, rate, seconds)
        end = await asyncio.to_thread(console.load)
        async with asyncio.timeout(WAIT_S):
            while any(len(one.ages) < written for one in crowd):
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    ages = [age for one in crowd for age in one.ages]
    cpu, statements = end.since(start)
    out.add_row(
        *(str(viewers), f"{written / (end.at - start.at):.0f}", *_spread(ages)),
        *(f"{idle:.1f}", f"{cpu:.0f}", f"{statements:.0f}"),
        f"{(still.memory_mb - alone.memory_mb) * 1000 / viewers:.0f}",
        f"{(end.memory_mb - alone.memory_mb) * 1000 / viewers:.0f}",
    )


def _calm(console: Site) -> Load:
    """The figures when what was just asked for is done with."""
    threading.Event().wait(2)
    return console.load()


def _later(console: Site) -> Load:
    threading.Event().wait(5)
    return console.load()


def _write(console: Site, run_id: str, rate: int, seconds: int) -> int:
    """Write events at the rate; how many."""
    each, start = max(1, rate // WRITES_PER_S), time.monotonic()
    for i in range(seconds * rate // each):
        time.sleep(max(0.0, start + i * each / rate - time.monotonic()))
        tell(console.engine, run_id, [line_of_job(f"sent {time.time():.6f} of event {i}") for _ in range(each)])
    return seconds * rate // each * each


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def _spread(values: Sequence[float]) -> tuple[str, str, str]:
    ordered = sorted(values)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return f"{statistics.median(ordered):.1f}", f"{p95:.1f}", f"{ordered[-1]:.1f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--rate", type=int, default=200, help="events a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="windows on this one alone")
    arguments = parser.parse_args()
    parts, console = arguments.only or PARTS, Console(width=140)
    console.print(f"Machine: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        if "windows" in parts:
            title = f"Windows of {WINDOW} lines of a run with {arguments.events:,} events"
            table = Table("database", "window", "median ms", "p95 ms", "worst ms", title=title)
            with postgres_server() as server:
                for kind in (arguments.database,) if arguments.database else ("sqlite", "postgresql"):
                    home = Path(folder) / kind
                    home.mkdir()
                    url = f"sqlite:///{home / 'windows.db'}" if kind == "sqlite" else server.create()[1]
                    windows(kind, home, url, arguments.events, table)
            console.print(table)
        if "live" in parts:
            for table in _on_site(Path(folder), arguments):
                console.print(table)


def _on_site(folder: Path, arguments: argparse.Namespace) -> tuple[Table, Table]:
    frontend.ensure()
    url = f"sqlite:///{folder / 'live.db'}"
    engine = ledger_engine(url)
    upgrade(engine)
    run_id = seed_run(engine, arguments.events)
    engine.dispose()
    whole = Table("first byte ms", "all s", "MB", "CPU s", title=f"A stream of {arguments.events:,} events to its end")
    each = Table(
        *("viewers", "events/s", "median ms", "p95 ms", "worst ms", "CPU % idle", "CPU %", "statements/s"),
        *("kB each, idle", "kB each"),
        title="An event written until it arrived at each viewer",
        caption="CPU of the web process in percent of one core; kB are resident memory above none.",
    )
    with site(folder / "site", 0, url) as console:
        asyncio.run(live(console, arguments.viewers, arguments.rate, arguments.seconds, each))
        replay(console, run_id, whole)
    return whole, each


if __name__ == "__main__":
    main()
