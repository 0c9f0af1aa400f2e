"""How long the layout of a DAG takes: `python benchmarks/graph.py`.

The DAGs are random, layered and without fan-outs to fold, which is the hard case. "first" is the
whole way from a reading of the DAG to positions; "again" is the same with the layout in the cache,
as on every live update.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from execution_ops.domain.graph_layout import LayoutCache
from execution_ops.domain.graphs import DRAW_MOST, picture
from execution_ops.domain.jobs import Dag, DagNode, JobRow
from execution_ops.domain.states import JobState

ROUNDS = 15
TARGETS_MS = {100: 10, 1000: 100, 5000: 600}


def row(number: int, now: datetime) -> JobRow:
    """A succeeded job with a type of its own, so that nothing folds."""
    return JobRow(
        id=f"job-{number}",
        job_type=f"type{number}",
        label="",
        queue="default",
        tenant="bench",
        state=JobState.SUCCEEDED,
        canceling=False,
        attempts=1,
        max_attempts=1,
        priority=0,
        created_at=now,
        eligible_at=None,
        started_at=now,
        finished_at=now,
        duration_ms=number,
        worker_id="",
        dag_id="bench",
        node_key=f"node {number}",
        error_type="",
        error_message="",
        progress_done=0,
        progress_total=0,
        progress_note="",
    )


def layered(size: int, layers: int, parents: int, seed: int = 1) -> Dag:
    """A DAG whose nodes have up to `parents` parents, 85 % of them in the layer before."""
    dice = random.Random(seed)
    rows: list[list[int]] = [[] for _ in range(layers)]
    for number in range(size):
        rows[number if number < layers else dice.randrange(layers)].append(number)
    edges = {
        (f"job-{dice.choice(rows[at - 1 if dice.random() < 0.85 else dice.randrange(at)])}", f"job-{node}")
        for at in range(1, layers)
        for node in rows[at]
        for _ in range(dice.randint(1, parents))
    }
    now = datetime.now(UTC)
    nodes = tuple(DagNode(row=row(number, now), group="") for number in range(size))
    return Dag(id="bench", title="bench", tenant="bench", created_at=now, nodes=nodes, edges=tuple(sorted(edges)))


def measure(dag: Dag, cache: LayoutCache | None) -> float:
    """Milliseconds of one picture; without a cache the layout is computed."""
    started = time.perf_counter()
    picture(dag, now_ms=0, most=DRAW_MOST, cache=LayoutCache() if cache is None else cache)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print the table."""
    table = Table("nodes", "edges", "layers", "first p50 ms", "first p95 ms", "again p50 ms", "target ms")
    for size, layers in ((100, 8), (1000, 20), (5000, 40), (5000, 400)):
        dag = layered(size, layers, parents=3)
        first = sorted(measure(dag, None) for _ in range(ROUNDS))
        cache = LayoutCache()
        measure(dag, cache)
        again = statistics.median(measure(dag, cache) for _ in range(ROUNDS))
        p95 = first[round(0.95 * (ROUNDS - 1))]
        figures = (f"{statistics.median(first):.1f}", f"{p95:.1f}", f"{again:.1f}")
        table.add_row(f"{size:,}", f"{len(dag.edges):,}", str(layers), *figures, f"{TARGETS_MS[size]}")
    Console().print(table)


if __name__ == "__main__":
    main()
