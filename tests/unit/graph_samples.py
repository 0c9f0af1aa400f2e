"""DAGs for the graph tests, written as "parent > child" lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from execution_ops.domain.jobs import Dag, DagNode, JobRow
from execution_ops.domain.states import JobState

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def job(key: str, state: str = "succeeded", duration_ms: int | None = 1000, **fields: object) -> JobRow:
    """A job row whose id and key are `key`, and whose type is what stands before its colon."""
    waiting = state in {"pending", "scheduled"}
    values: dict[str, object] = {
        "id": key,
        "job_type": key.partition(":")[0],
        "label": key.partition(":")[2],
        "queue": "scan",
        "tenant": "acme",
        "state": JobState(state),
        "canceling": False,
        "attempts": 0 if waiting else 1,
        "max_attempts": 3,
        "priority": 0,
        "created_at": START,
        "eligible_at": None,
        "started_at": None if waiting else START,
        "finished_at": None,
        "duration_ms": None if waiting or state == "running" else duration_ms,
        "worker_id": "",
        "dag_id": "dag",
        "node_key": key,
        "error_type": "",
        "error_message": "",
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
    }
    return JobRow.model_validate(values | fields)


def dag_of(jobs: Iterable[JobRow], edges: Iterable[tuple[str, str]], groups: Mapping[str, str] | None = None) -> Dag:
    """A DAG of these jobs and (parent, child) edges."""
    nodes = tuple(DagNode(row=row, group=(groups or {}).get(row.id, "")) for row in jobs)
    return Dag(id="dag", title="payments:4.18.2", tenant="acme", created_at=START, nodes=nodes, edges=tuple(edges))


def scan_dag(**states: str) -> Dag:
    """inspect, then three catalogers, then merge, compare and export; states by the last word."""
    edges = [
        *(("scan.inspect", f"scan.catalog:{name}") for name in ("java", "node", "python")),
        *((f"scan.catalog:{name}", "scan.merge") for name in ("java", "node", "python")),
        ("scan.merge", "scan.compare"),
        ("scan.compare", "scan.export"),
    ]
    keys = dict.fromkeys(key for edge in edges for key in edge)
    jobs = [job(key, states.get(key.replace(":", ".").rpartition(".")[2], "succeeded")) for key in keys]
    return dag_of(jobs, edges)


def fan_dag(width: int, **states: str) -> Dag:
    """start, a fan-out of `width` digests, end. States by key ("d:7" is spelled d7)."""
    names = [f"d:{number}" for number in range(width)]
    jobs = [job(key, states.get(key.replace(":", ""), "succeeded")) for key in ("start", *names, "end")]
    edges = [*(("start", name) for name in names), *((name, "end") for name in names)]
    return dag_of(jobs, edges, dict.fromkeys(names, "digest"))
