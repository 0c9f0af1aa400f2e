"""How soon the page of a large DAG can be used: its boxes painted, and a click on one answered."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser
from rich.table import Table

from benchmarks.console_browser import fresh_tab
from benchmarks.console_site import Site
from benchmarks.graph import layered
from execution_ops import routes
from execution_ops.domain.states import JobState
from tests.factories import add_edges, add_jobs, job_values

NODES, LAYERS, PARENTS = 1000, 20, 3
USABLE_MS = 1500.0
BOX = "[data-graph-box]"

# Clicks a box and answers the ms since the navigation began at which the panel names it.
_SELECT = f"""
() => new Promise((resolve) => {{
  const look = () => {{
    if (!document.querySelector(".gpanel h2")?.textContent) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  }};
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector("main"), {{ childList: true, subtree: true, characterData: true }});
  document.querySelector({BOX!r}).click();
}})
"""


def graph_page(browser: Browser, console: Site, loads: int) -> Table:
    """Cold loads of the page of a DAG of 1,000 jobs that do not fold."""
    address = console.url + routes.job_dag(_store(console))
    painted, usable = [], []
    for _ in range(loads):
        with fresh_tab(browser, counted=False, first=BOX) as tab:
            painted.append(tab.open(address))
            usable.append(float(tab.page.evaluate(_SELECT)))
    table = Table(
        "what", "loads", "median ms", "worst ms", "target", title=f"Page of a DAG of {NODES:,} jobs, empty cache"
    )
    for what, found, target in (("boxes painted", painted, ""), ("a click selected a box", usable, f"{USABLE_MS:.0f}")):
        table.add_row(what, str(loads), f"{statistics.median(found):.0f}", f"{max(found):.0f}", target)
    return table


def _store(console: Site) -> str:
    """Put the DAG into the ledger; the id of one of its jobs."""
    dag = layered(NODES, LAYERS, PARENTS)
    shown = {
        node.row.id: job_values(job_type=node.row.job_type, node_key=node.row.node_key, state=JobState.SUCCEEDED)
        for node in dag.nodes
    }
    dag_id = next(iter(shown.values()))["id"]
    rows = add_jobs(console.engine, [job | {"dag_id": dag_id} for job in shown.values()])
    numbers = {row["id"]: row["n"] for row in rows}
    add_edges(
        console.engine, [(numbers[shown[parent]["id"]], numbers[shown[child]["id"]]) for parent, child in dag.edges]
    )
    job_id: str = rows[-1]["id"]
    return job_id
