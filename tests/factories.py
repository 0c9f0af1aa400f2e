"""Jobs put straight into the ledger, in bulk and as they would stand there after a real run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, column, insert, select

from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.tables import Change, Dag, Job, JobEdge, JobValue
from execution_ops.backends.embedded.tokens import add_tokens, error_tokens, payload_tokens
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import now_ms

START = 1_790_000_000_000


def job_values(**values: Any) -> dict[str, Any]:
    """The columns of one job: what is not given is plain. `payload` becomes its payload."""
    state = JobState(values.get("state", JobState.SUCCEEDED))
    created = values.get("created_at", START)
    started = None if state in {JobState.PENDING, JobState.SCHEDULED} else created + 10
    defaults: dict[str, Any] = {
        "id": new_id(),
        "node_key": "job",
        "job_type": "test.echo",
        "label": "",
        "group_key": "",
        "queue": "default",
        "tenant": "acme",
        "state": state.value,
        "cancel_requested_at": None,
        "dispatch": 1,
        "waiting_for": 1 if state is JobState.PENDING else 0,
        "attempts": 0 if started is None else 1,
        "tries_from": 0,
        "max_attempts": 3,
        "timeout_ms": 300_000,
        "priority": 0,
        "created_at": created,
        "eligible_at": None,
        "started_at": started,
        "finished_at": created + 250 if state in ENDED else None,
        "worker_id": "" if started is None else "worker-1",
        "error_type": "",
        "error_message": "",
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
        "payload": None,
    }
    unknown = set(values) - set(defaults) - {"dag_id"}
    if unknown:
        raise TypeError(f"no such columns: {sorted(unknown)}")
    return {**defaults, **values, "state": state.value}


def add_jobs(engine: Engine, rows: Iterable[dict[str, Any]], *, counted: bool = True) -> list[dict[str, Any]]:
    """Store jobs (from `job_values`), each a DAG of its own unless `dag_id` is given, with their
    payloads, tokens and counts. The rows come back with `n` and `dag_id`."""
    rows = [{**row, "dag_id": row.get("dag_id") or row["id"]} for row in rows]
    with write(engine) as connection:
        _add_dags(connection, rows)
        columns = [{key: value for key, value in row.items() if key != "payload"} for row in rows]
        connection.execute(insert(Job), columns)
        chosen = select(Job.id, Job.n).where(column("id").in_([row["id"] for row in rows]))
        numbers = {found.id: found.n for found in connection.execute(chosen)}
        for row in rows:
            row["n"] = numbers[row["id"]]
            _add_searchable(connection, row)
        if counted:
            _count(connection, rows)
    return rows


def _count(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Count jobs as coming when they were created, and as ended when they had."""
    for row in rows:
        job, state = (row["tenant"], row["job_type"], row["queue"]), JobState(row["state"])
        begins = JobState.RUNNING if state in ENDED else state
        count(connection, [Move(*job, None, begins)], row["created_at"])
        if state in ENDED:
            count(connection, [Move(*job, begins, state)], row["finished_at"] or row["created_at"])


def announce(engine: Engine, rows: Iterable[dict[str, Any]]) -> None:
    """Tell the open pages that these jobs changed, as every writer of the ledger does."""
    with write(engine) as connection:
        told = [{"job_id": row["id"], "dag_id": row["dag_id"], "queue": row["queue"], "at": now_ms()} for row in rows]
        connection.execute(insert(Change), told)


def add_edges(engine: Engine, edges: Sequence[tuple[int, int]]) -> None:
    """Store (parent n, child n) edges."""
    with write(engine) as connection:
        connection.execute(insert(JobEdge), [{"parent_n": parent, "child_n": child} for parent, child in edges])


def _add_dags(connection: Connection, rows: list[dict[str, Any]]) -> None:
    known = set(connection.scalars(select(Dag.id)))
    dags: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["dag_id"] not in known:
            dag = dags.setdefault(
                row["dag_id"],
                {
                    "id": row["dag_id"],
                    "title": row["job_type"],
                    "tenant": row["tenant"],
                    "created_at": row["created_at"],
                    "size": 0,
                    "idempotency_key": None,
                },
            )
            dag["size"] += 1
    if dags:
        connection.execute(insert(Dag), list(dags.values()))


def _add_searchable(connection: Connection, row: dict[str, Any]) -> None:
    tokens = error_tokens(row["error_type"], row["error_message"])
    if row["payload"] is not None:
        body = json.dumps(row["payload"])
        connection.execute(
            insert(JobValue), [{"job_n": row["n"], "which": "payload", "body": body, "size": len(body.encode())}]
        )
        tokens |= payload_tokens(row["payload"])
    add_tokens(connection, row["n"], row["created_at"], tokens)


def add_rows(engine: Engine, table: Any, *rows: dict[str, Any]) -> None:
    """Store rows of any table of the ledger, as they are."""
    with write(engine) as connection:
        connection.execute(insert(table), list(rows))
