"""Jobs & Queues on a large installation: how soon it is there, how soon it shows a change, and what it costs.

    python -m benchmarks.overview [--jobs N | --url sqlite:///seeded.db] [--queues 200] [--workers 200] [--only PART]

A production web process on a seeded ledger, beside so many workers that beat, and the leader's counting. Headless
Chromium opens the page with an empty cache; with 1, 25 and 100 viewers, all but one of which are sockets that
repeat what the real tab said, jobs change their state, some of them in the queue that is watched. Linux only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from benchmarks.console_browser import WAIT_MS, fresh_tab, settle
from benchmarks.console_site import Site, machine, site
from benchmarks.console_tabs import Others, others
from benchmarks.overview_fleet import fleet
from benchmarks.seed import queues
from benchmarks.tables import judge, new_table, p95, spread
from execution_ops import frontend, routes
from execution_ops.domain.states import JobState
from tests.e2e.servers import chromium

LAST_FIGURE_MS = 1_200.0
DATABASE_MS_S = 20.0
CHANGE_P95_MS = 1_000.0
MEMORY_MB = 500.0
PARTS = ("load", "viewers")
CROWD = (1, 25, 100)
WARM_S = 5.0
# Changes come apart from each other by as much as this, so that they fall anywhere between two looks.
GAP_S = (0.3, 1.0)
TRAFFIC_EVERY_S = 0.1
BUSY_QUEUES = 20
# All figures of the strip of totals and of the first page of queues are there.
_THERE = """
(() => {
  const totals = [...document.querySelectorAll("main dl.ledger dd")];
  return totals.length && totals.every((one) => one.querySelector("a"))
    && document.querySelector("main tbody tr") && !document.querySelector("main [aria-busy=true]");
})()
"""
# Notes the wall clock's ms at which the row of a queue shows each pair of figures: waiting/running.
_WATCH = """
(queue) => {
  window.shownAt = {};
  const cell = (label) => document.querySelector(`[data-row="${queue}"] td[data-label="${label}"] a`)?.textContent;
  const look = () => {
    const text = `${cell("Waiting")}/${cell("Running / limit")}`;
    if (text !== window.shown) {
      window.shown = text;
      window.shownAt[text] = performance.timeOrigin + performance.now();
    }
  };
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true });
  look();
}
"""

_out = Console(width=150)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=5_000_000, help="seed a ledger of so many jobs")
    parser.add_argument("--url", default="", help="SQLAlchemy URL of a ledger that is seeded already")
    parser.add_argument("--queues", type=int, default=200, help="the queues of the ledger")
    parser.add_argument("--workers", type=int, default=200, help="workers that beat")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a quarter of the samples")
    arguments = parser.parse_args()
    share, names = 4 if arguments.quick else 1, queues(arguments.queues)
    # Ended from outside, it takes its processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    frontend.ensure()
    _out.print(f"Machine: {machine()}, load average {os.getloadavg()[0]:.1f} before the start")
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder), arguments.jobs, arguments.url, arguments.queues) as console,
        fleet(console.engine, arguments.workers, names),
        chromium() as browser,
    ):
        for part in arguments.only or PARTS:
            if part == "load":
                table = first_loads(browser, console, 20 // share)
            else:
                table = crowds(browser, console, names, 60 // share)
            table.caption = f"{table.caption or ''} Load average {os.getloadavg()[0]:.1f} at the end.".strip()
            _out.print(table)


def first_loads(browser: Browser, console: Site, loads: int) -> Table:
    """Cold loads, each in a new profile."""
    rows, lasts, paints = [], [], []
    for _ in range(loads):
        with fresh_tab(browser, counted=False) as tab:
            rows.append(tab.open(console.url + routes.jobs_queues()))
            paints.append(tab.first_paint())
        with fresh_tab(browser, counted=False, there=_THERE) as tab:
            lasts.append(tab.open(console.url + routes.jobs_queues()))
    table = new_table("First load of Jobs & Queues, empty cache", "what", "loads", "median ms", "p95 ms", "target")
    table.add_row("first contentful paint", str(loads), *spread(paints), "")
    table.add_row("first row painted", str(loads), *spread(rows), "")
    median = statistics.median(lasts)
    table.add_row("last figure painted", str(loads), *spread(lasts), judge("median", median, LAST_FIGURE_MS, "ms"))
    return table


def crowds(browser: Browser, console: Site, names: Sequence[str], changes: int) -> Table:
    """Changes of jobs while few and many look on."""
    table = new_table(
        "State change in the ledger to the DOM of one viewer of so many",
        *("viewers", "changes", "median ms", "p95 ms", "target", "database ms/s", "target", "statements/s"),
        *("CPU %", "memory MB", "target"),
    )
    with fresh_tab(browser) as tab:
        tab.open(console.url + routes.jobs_queues())
        settle(tab)
        watched = Watched(tab.page, console)
        with others(tab.script()) as rest, traffic(console, [name for name in names if name != watched.queue]):
            for size in CROWD:
                figures = _crowd(watched, console, rest, size, changes)
                # It takes minutes each.
                _out.print(f"{size} viewers: p95 {figures[3]} ms, load average {os.getloadavg()[0]:.1f}")
                table.add_row(*figures)
    table.caption = f"Beside these changes, others come every {TRAFFIC_EVERY_S * 1000:.0f} ms in other queues."
    return table


class Watched:
    """The first queue of the page, and one of its jobs that failed and is brought around from there."""

    def __init__(self, page: Page, console: Site) -> None:
        self._page = page
        self._console = console
        self.queue: str = page.locator("main tbody tr[data-row]").first.get_attribute("data-row") or ""
        self._job = console.newest([("queue", self.queue), ("state", "failed")])
        page.evaluate(_WATCH, self.queue)
        self._waiting, self._running = map(int, str(page.evaluate("window.shown")).split("/"))

    def turn(self) -> float:
        """Bring the job into its next state; the ms until the row shows it."""
        began = time.time() * 1000
        state = self._console.turn(self._job)
        waiting = self._waiting + (state is JobState.SCHEDULED)
        running = self._running + (state is JobState.RUNNING)
        wanted = f"{waiting}/{running}"
        self._page.wait_for_function("(wanted) => window.shown === wanted", arg=wanted, timeout=WAIT_MS)
        return float(self._page.evaluate("(wanted) => window.shownAt[wanted]", wanted)) - began


@contextmanager
def traffic(console: Site, names: Sequence[str]) -> Iterator[None]:
    """Jobs of these queues change their states all the time, one after the other."""
    jobs = itertools.cycle([console.newest([("queue", queue), ("state", "failed")]) for queue in names[:BUSY_QUEUES]])
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(TRAFFIC_EVERY_S):
            console.turn(next(jobs))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _crowd(watched: Watched, console: Site, rest: Others, size: int, changes: int) -> Sequence[str]:
    chance = random.Random(size)
    rest.become(size - 1)
    time.sleep(WARM_S)
    start, times = console.load(), []
    for _ in range(changes):
        time.sleep(chance.uniform(*GAP_S))
        times.append(watched.turn())
    end = console.load()
    cpu, statements = end.since(start)
    database = 1000 * (end.database_s - start.database_s) / (end.at - start.at)
    return (
        *(str(size), str(changes), *spread(times), judge("p95", p95(times), CHANGE_P95_MS, "ms")),
        *(f"{database:.1f}", judge("all", database, DATABASE_MS_S, "ms/s"), f"{statements:.1f}"),
        *(f"{cpu:.1f}", f"{end.memory_mb:.0f}", judge("all", end.memory_mb, MEMORY_MB, "MB")),
    )


if __name__ == "__main__":
    main()
