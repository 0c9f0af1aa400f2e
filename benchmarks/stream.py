"""How a run is followed: late, live, and scrolled through.

    python -m benchmarks.stream [--events 200000] [--seconds 20] [--only PART]

A production web process on a ledger with a run that has told so much and goes on; headless Chromium shows its
page. `open`: from the start of the navigation to the end of the log painted. `live`: a line a transaction, 200 a
second, ten viewers, nine of which are sockets that repeat what the real tab said; from commit to painted.
`scroll`: long tasks of the page while its log is scrolled through. Linux only: CPU and memory are read from /proc.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from benchmarks.console_browser import Tab, fresh_tab, settle
from benchmarks.console_site import Site, machine, site
from benchmarks.console_tabs import others
from benchmarks.run_events import SeededRun, Teller, seed_run
from execution_ops import frontend, routes
from tests.e2e.servers import chromium

OPEN_MS = 1_500.0
PAINTED_P95_MS = 300.0
LONG_TASK_MS = 100.0
VIEWER_MB = 2.0
PARTS = ("open", "live", "scroll")
OPENINGS = 7
RATE = 200
VIEWERS = 10
# How many more viewers tell the memory of one.
CROWD = 40
# In what is sent of the log.
LINES = "lines_rx_state_"

# Notes when each line was painted first, in ms since 1970: it is in the page, and the frame after it was drawn.
_WATCH_LINES = """
() => {
  const seen = (window.linesAt = {});
  const look = () => {
    const fresh = [...document.querySelectorAll(".log [data-line]")].filter((one) => !(one.dataset.line in seen));
    if (!fresh.length) return;
    for (const one of fresh) seen[one.dataset.line] = 0;
    requestAnimationFrame(() => setTimeout(() => {
      for (const one of fresh) seen[one.dataset.line] ||= performance.timeOrigin + performance.now();
    }));
  };
  new MutationObserver(look).observe(document.querySelector(".log"), { childList: true, subtree: true });
}
"""
_WATCH_TASKS = """
() => {
  window.longTasks = [];
  const note = (list) => list.getEntries().forEach((one) => window.longTasks.push(one.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
}
"""

_out = Console(width=140)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000, help="how much the run has told")
    parser.add_argument("--seconds", type=int, default=20, help="how long it tells on")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    arguments = parser.parse_args()
    frontend.ensure()
    parts = arguments.only or PARTS
    table = Table("what", "p50", "p95", "worst", "target", title=f"Following a run. {machine()}")
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), 0) as console, chromium() as browser:
        run = seed_run(console.engine, arguments.events)
        if "open" in parts:
            _row(
                table,
                f"{arguments.events:,} events, end painted, ms",
                _open(browser, console, run, arguments.events),
                OPEN_MS,
            )
        if "live" in parts:
            _live(table, browser, console, run, arguments)
        if "scroll" in parts:
            _row(table, "long tasks while scrolling, ms", _scroll(browser, console, run) or [0.0], LONG_TASK_MS)
    _out.print(table)


def _address(console: Site, run: SeededRun) -> str:
    return f"{console.url}{routes.run_stream(run.id)}"


def _open(browser: Browser, console: Site, run: SeededRun, last: int) -> list[float]:
    found = []
    for _ in range(OPENINGS):
        with fresh_tab(browser, counted=False, first=f'.log [data-line="{last}"]') as tab:
            found.append(tab.open(_address(console, run)))
    return found


def _live(table: Table, browser: Browser, console: Site, run: SeededRun, arguments: argparse.Namespace) -> None:
    with fresh_tab(browser, first=".log [data-line]") as tab:
        tab.open(_address(console, run))
        settle(tab)
        with others(tab.script(LINES)) as more:
            more.become(VIEWERS - 1)
            viewers = console.load()
            with _telling(console, run, arguments.events) as teller:
                tab.page.evaluate(_WATCH_LINES)
                tab.page.wait_for_timeout(arguments.seconds * 1000)
                cpu, statements = console.load().since(viewers)
            tab.page.wait_for_timeout(1_000)
            seen: dict[str, float] = tab.page.evaluate("window.linesAt")
            few = console.load()
            # Nine more of ten would say little: the process grows in steps.
            more.become(VIEWERS - 1 + CROWD)
            many = console.load()
    late = [at - 1000 * teller.committed[int(no)] for no, at in seen.items() if int(no) in teller.committed and at]
    _row(table, f"{len(late):,} of {len(teller.committed):,} lines, commit to painted, ms", late, PAINTED_P95_MS)
    memory = (many.memory_mb - few.memory_mb) / CROWD
    table.add_row("memory of a viewer, MB", f"{memory:.2f}", "", "", f"{VIEWER_MB:.0f}")
    table.add_row("CPU of the web process, % of a core", f"{cpu:.0f}", "", "", "")
    table.add_row("statements a second", f"{statements:.0f}", "", "", "")


@contextmanager
def _telling(console: Site, run: SeededRun, last: int) -> Iterator[Teller]:
    teller = Teller(console.engine, run, last, RATE)
    thread = threading.Thread(target=teller.tell)
    thread.start()
    try:
        yield teller
    finally:
        teller.stop()
        thread.join()


def _scroll(browser: Browser, console: Site, run: SeededRun) -> list[float]:
    with fresh_tab(browser, counted=False, first=".log [data-line]") as tab:
        tab.open(_address(console, run))
        tab.page.get_by_role("button", name="Follow").click()
        tab.page.evaluate(_WATCH_TASKS)
        _wheel(tab, -400, 60)
        # From one end to the other in a few jumps, each of which needs lines that are not there.
        for share in (0, 0.25, 0.5, 0.75, 1, 0.1):
            tab.page.evaluate(
                "(share) => { const log = document.querySelector('.log'); log.scrollTop = share * log.scrollHeight; }",
                share,
            )
            tab.page.wait_for_timeout(300)
        _wheel(tab, 400, 60)
        return [float(one) for one in tab.page.evaluate("window.longTasks")]


def _wheel(tab: Tab, step: int, times: int) -> None:
    box = tab.page.locator(".log").bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + 100, box["y"] + 100)
    for _ in range(times):
        tab.page.mouse.wheel(0, step)
        tab.page.wait_for_timeout(30)


def _row(table: Table, what: str, found: list[float], target: float) -> None:
    found = sorted(found)
    p95 = found[min(len(found) - 1, int(0.95 * len(found)))]
    table.add_row(what, f"{statistics.median(found):,.0f}", f"{p95:,.0f}", f"{found[-1]:,.0f}", f"{target:,.0f}")


if __name__ == "__main__":
    main()
