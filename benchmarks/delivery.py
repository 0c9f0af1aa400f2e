"""What it costs to have the console: bytes and requests of a page, and the first row over a long line.

    python -m benchmarks.delivery [--only PART] [--rounds N] [--jobs N]

A production web process on a seeded ledger serves its own pages, or they are a static export behind nginx. Headless
Chromium opens them with an empty cache. Each part is a function that gives a table. Linux only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from benchmarks.console_browser import fresh_tab, settle
from benchmarks.console_site import machine
from benchmarks.delivery_line import Line, lengthened
from benchmarks.seed import QUEUES, seed
from benchmarks.tables import judge, new_table, p95, spread
from execution_ops import frontend, routes
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.edge import export
from execution_ops.routes import ROUTES
from execution_ops.settings import PREFIX
from tests.e2e.exported import Server
from tests.e2e.servers import chromium, free_port, new_console
from tests.edge import programs

FIRST_ROW_MS = 1_500.0
LINE = Line(round_trip=0.050, rate=10e6 / 8)
WAYS = ("single port", "export behind nginx")
# The page has what it shows first: nothing in it is still being read.
_THERE = """
document.querySelector("main h1")?.textContent && !document.querySelector("main [aria-busy=true]")
  && document.querySelector(".topbar .live:not(.wait)")
"""


@contextmanager
def served(way: str, folder: Path, jobs: int, line: Line | None = None) -> Iterator[str]:
    """The console on a seeded ledger, served in one of the `WAYS`, at the other end of a line; where its pages are."""
    folder.mkdir()
    console = new_console(folder)
    url = f"sqlite:///{folder / 'seeded.db'}"
    engine = ledger_engine(url)
    upgrade(engine)
    seed(engine, jobs, len(QUEUES))
    engine.dispose()
    console.environment[f"{PREFIX}DATABASE_URL"] = url
    pages_port = free_port()
    console.environment[f"{PREFIX}PAGE_ORIGINS"] = f"http://127.0.0.1:{pages_port}"
    with ExitStack() as stack:
        api = console.url
        pages = api
        if way != WAYS[0]:
            api = stack.enter_context(lengthened(line, api, free_port())) if line else api
            export.export(frontend.BUILD, export.target(folder / "site", [api]))
            (folder / "nginx").mkdir()
            port = free_port() if line else pages_port
            pages = stack.enter_context(programs.nginx(folder / "site", port, folder / "nginx"))
        if line:
            pages = stack.enter_context(lengthened(line, pages, pages_port))
        stack.enter_context(Server(console))
        yield pages


def first_loads(browser: Browser, folder: Path, arguments: argparse.Namespace) -> Table:
    """Requests and compressed bytes of the first load of each page."""
    made = new_table("First load of a page, nothing cached", "page", "requests", "kB", "JavaScript kB", "socket kB")
    with served(WAYS[1], folder / "bytes", arguments.jobs) as pages:
        for route in ROUTES:
            if route.dynamic:
                continue
            with fresh_tab(browser, there=_THERE) as tab:
                tab.open(pages + route.pattern)
                settle(tab)
                arrived = tab.arrived
                figures = (arrived.total(), arrived.by_kind["script"], arrived.by_kind["socket"])
                made.add_row(route.title, str(len(arrived.by_file)), *(f"{figure / 1000:.0f}" for figure in figures))
    return made


def first_rows(browser: Browser, folder: Path, arguments: argparse.Namespace) -> Table:
    """The first row of the job list over a line of 50 ms and 10 Mbit/s."""
    headings = ("job list over 50 ms and 10 Mbit/s", "first paint p50, ms", "first row p50, ms", "p95, ms", "target")
    made = new_table("First row over a long line, nothing cached", *headings)
    for number, way in enumerate(WAYS):
        with served(way, folder / f"line{number}", arguments.jobs, LINE) as pages:
            times, paints = [], []
            # The first one warms the server up.
            for _ in range(arguments.rounds + 1):
                with fresh_tab(browser, counted=False) as tab:
                    times.append(tab.open(pages + routes.jobs()))
                    paints.append(tab.first_paint())
            del times[0], paints[0]
            verdict = judge("first row", p95(times), FIRST_ROW_MS, "ms")
            made.add_row(way, spread(paints)[0], *spread(times), verdict)
    return made


Part = Callable[[Browser, Path, argparse.Namespace], Table]
PARTS: dict[str, Part] = {"bytes": first_loads, "line": first_rows}


def main() -> None:
    """Run the parts and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--rounds", type=int, default=20, help="loads over the line in each way")
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs in the ledger")
    arguments = parser.parse_args()
    if not frontend.is_current():
        sys.exit(f"The frontend is not built. Run: {frontend.COMMAND}")
    out = Console()
    out.print(machine())
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for name, part in PARTS.items():
            if arguments.only in (None, name):
                out.print(part(browser, Path(folder), arguments))


if __name__ == "__main__":
    main()
