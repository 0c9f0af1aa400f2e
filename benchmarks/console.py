"""How the console feels in a browser, and what many open tabs cost.

    python -m benchmarks.console [--jobs N | --url sqlite:///seeded.db] [--quick]

A production web process on a seeded ledger, without a worker, so that nothing changes but what is
measured. Headless Chromium opens, filters and watches the job list; from two tabs on, all but one
are sockets that repeat what the real tab said. Linux only: CPU and memory are read from /proc.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from benchmarks.console_browser import Tab, fresh_tab, settle
from benchmarks.console_graph import graph_page
from benchmarks.console_site import STATE_KEPT_S, Load, Site, machine, site
from benchmarks.console_tabs import Others, others
from benchmarks.seed import QUEUES, TENANTS
from benchmarks.tables import judge, new_table, p95, spread
from execution_ops import frontend, routes
from tests.e2e.servers import chromium

FIRST_ROW_MS = 400.0
CLICK_P95_MS = 150.0
CHANGE_P95_MS = 300.0
LOAD_KB = 450.0
PARTS = ("load", "bytes", "clicks", "graph", "tabs")
CROWD = (1, 25, 100)
PASSING = 200
FILLED = "document.querySelector('main h1')?.textContent && !document.querySelector('[aria-busy=true]')"
# The socket server's own tasks sleep for up to 25 s after their tab has gone.
CALM_S = 60.0
# Changes come apart from each other by as much as this, so that they fall anywhere into the
# quarter of a second in which a page refreshes once.
GAP_S = (0.15, 0.65)

_out = Console(width=140)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000, help="seed a ledger of so many jobs")
    parser.add_argument("--url", default="", help="SQLAlchemy URL of a ledger that is seeded already")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a quarter of the samples")
    arguments = parser.parse_args()
    share = 4 if arguments.quick else 1
    # Ended from outside, it takes its processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    frontend.ensure()
    _out.print(f"Machine: {machine()}, load average {os.getloadavg()[0]:.1f} before the start")
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder), arguments.jobs, arguments.url) as console,
        chromium() as browser,
    ):
        for part in arguments.only or PARTS:
            for table in measure(part, browser, console, share):
                _out.print(table)


def measure(part: str, browser: Browser, console: Site, share: int) -> tuple[Table, ...]:
    """The tables of one part, with the usual number of samples divided by `share`."""
    match part:
        case "load":
            return (first_load(browser, console, 20 // share),)
        case "bytes":
            return (bytes_of_pages(browser, console),)
        case "clicks":
            return (filter_clicks(browser, console, 12 // share),)
        case "graph":
            return (graph_page(browser, console, 8 // share),)
        case _:
            return crowds(browser, console, 80 // share)


def first_load(browser: Browser, console: Site, loads: int) -> Table:
    """Cold loads of the job list, each in a new profile."""
    rows, paints = [], []
    for _ in range(loads):
        with fresh_tab(browser, counted=False) as tab:
            rows.append(tab.open(console.url + routes.jobs()))
            paints.append(tab.first_paint())
    table = new_table("First load of the job list, empty cache", "what", "loads", "median ms", "p95 ms", "target")
    table.add_row("first contentful paint", str(loads), *spread(paints), "")
    median = statistics.median(rows)
    table.add_row("first row painted", str(loads), *spread(rows), judge("median", median, FIRST_ROW_MS, "ms"))
    return table


def bytes_of_pages(browser: Browser, console: Site) -> Table:
    """What travels when a page is the first that is opened."""
    job_id = console.newest([])
    pages = {
        "jobengine": routes.jobengine(),
        "jobs": routes.jobs(),
        "job": routes.job(job_id),
        "job_dag (with the graph)": routes.job_dag(job_id),
    }
    kinds = ("document", "stylesheet", "script", "font", "other")
    table = new_table("Compressed kB of a first load", "page", *kinds, "all", "over the socket", "target")
    for name, address in pages.items():
        with fresh_tab(browser) as tab:
            tab.page.goto(console.url + address)
            tab.page.wait_for_function(FILLED)
            settle(tab)
            sizes, total = tab.arrived.by_kind, tab.arrived.total() / 1000
            named = sum(sizes[kind] for kind in kinds[:-1])
            figures = [*(sizes[kind] for kind in kinds[:-1]), tab.arrived.total() - named]
            judged = "" if "graph" in name else judge("all", total, LOAD_KB, "kB")
            table.add_row(
                name, *(f"{size / 1000:.1f}" for size in figures), f"{total:.0f}", _kb(sizes["socket"]), judged
            )
    return table


def filter_clicks(browser: Browser, console: Site, rounds: int) -> Table:
    """Clicks on state tabs, with and without other filters, until the new rows are painted."""
    walks: dict[str, list[list[tuple[str, str]]]] = {
        "state": [[("state", state)] for state in ("failed", "succeeded", "canceled", "timed_out", "pending")],
        "state + tenant": [
            [("state", state), ("tenant", TENANTS[2])] for state in ("failed", "succeeded", "canceled", "timed_out")
        ],
        "state + tenant + queue": [
            [("state", state), ("queue", QUEUES[1]), ("tenant", TENANTS[1])] for state in ("failed", "succeeded")
        ],
    }
    table = new_table(
        "Filter click to new rows painted", "filter", "clicks", "median ms", "p95 ms", "kB over the socket", "target"
    )
    everything: list[float] = []
    with fresh_tab(browser) as tab:
        for name, walk in walks.items():
            tab.open(console.url + routes.jobs(walk[-1]))
            settle(tab)
            times, sizes = [], []
            for query in walk * rounds:
                ms, size = tab.click(routes.jobs(query), console.newest(query))
                times.append(ms)
                sizes.append(size)
                settle(tab)
            everything += times
            table.add_row(name, str(len(times)), *spread(times), _kb(statistics.median(sizes)), "")
    table.add_row(
        "all", str(len(everything)), *spread(everything), "", judge("p95", p95(everything), CLICK_P95_MS, "ms")
    )
    return table


def crowds(browser: Browser, console: Site, changes: int) -> tuple[Table, Table]:
    """Changes in the ledger with few and many tabs, then what stays when many have gone."""
    live = new_table(
        "State change in the ledger to the DOM of one tab of so many",
        *("tabs", "changes", "median ms", "p95 ms", "changes/s", "lists/s to the others"),
        *("statements/s", "CPU %", "CPU % idle", "target"),
    )
    with fresh_tab(browser) as tab:
        tab.open(console.url + routes.jobs())
        settle(tab)
        alone = console.load()
        job_id = console.newest([])
        tab.watch(job_id)
        with others(tab.script()) as rest:
            for size in CROWD:
                live.add_row(str(size), *_changes(tab, console, rest, job_id, size - 1, changes))
            live.caption = (
                "One tab is a real one, the others are sockets that said what it said. "
                "CPU of the web process in percent of one core."
            )
            return live, _passing(console, rest, alone)


def _changes(tab: Tab, console: Site, rest: Others, job_id: str, size: int, changes: int) -> Iterable[str]:
    chance = random.Random(size)
    rest.become(size)
    idle = console.load()
    time.sleep(4)
    lists, start = rest.become(size), console.load()
    idle_cpu, _ = start.since(idle)
    times = []
    for _ in range(changes):
        time.sleep(chance.uniform(*GAP_S))
        began = time.time() * 1000
        state = console.turn(job_id)
        times.append(tab.shown_at(state.value) - began)
    end = console.load()
    cpu, statements = end.since(start)
    seconds = end.at - start.at
    return (
        *(str(changes), *spread(times), f"{changes / seconds:.1f}", f"{(rest.become(size) - lists) / seconds:.1f}"),
        *(f"{statements:.1f}", f"{cpu:.1f}", f"{idle_cpu:.1f}"),
        judge("p95", p95(times), CHANGE_P95_MS, "ms"),
    )


def _passing(console: Site, rest: Others, alone: Load) -> Table:
    """The web process before, with and after tabs that come and go; the first crowd only warms up."""
    table = new_table(
        f"{PASSING} tabs come and go ({STATE_KEPT_S} s after that Reflex forgets their state)",
        *("when", "tasks", "waiting pages", "memory MB"),
    )

    def note(when: str, load: Load) -> None:
        table.add_row(when, str(load.tasks), str(load.viewers), f"{load.memory_mb:.0f}")

    rest.become(0)
    alone = _calm(console, alone)
    note("one tab", alone)
    for number in ("first", "second", "third"):
        rest.become(PASSING)
        note(f"{number} crowd there", console.load())
        rest.become(0)
        note(f"{number} crowd gone", _calm(console, alone))
    return table


def _calm(console: Site, alone: Load) -> Load:
    """The figures once the tabs that left are forgotten, at the latest after `CALM_S`."""
    deadline = time.monotonic() + CALM_S
    time.sleep(STATE_KEPT_S)
    while (load := console.load()).tasks > alone.tasks and time.monotonic() < deadline:
        time.sleep(1)
    return load


def _kb(size: float) -> str:
    return f"{size / 1000:.1f}"


if __name__ == "__main__":
    main()
