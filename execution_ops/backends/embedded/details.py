"""One job with all that hangs on it, its values, and its whole DAG."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.jobs_sql import COLUMNS
from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.rows import attempt, fetch, job_event, job_row, worker_name
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.jobs import Dag, DagNode, JobDetail, JobRow
from execution_ops.domain.times import from_ms, now_ms

RELATIVES_MAX = 50
_ATTEMPTS = f"SELECT a.*, {worker_name('a')} FROM job_attempt AS a WHERE a.job_n = :n ORDER BY a.number"
# Of many, those that hold the job up or need a look come before those that have succeeded.
_RELATIVES = (
    f"SELECT {COLUMNS} FROM (SELECT r.n FROM job_edge AS e JOIN job AS r ON r.n = e.{{far}} WHERE e.{{near}} = :n "
    "ORDER BY CASE WHEN r.state IN ('failed', 'timed_out', 'canceled') THEN 0 WHEN r.state = 'running' THEN 1 "
    "WHEN r.state = 'succeeded' THEN 3 ELSE 2 END, r.n LIMIT :most) AS k JOIN job AS j ON j.n = k.n ORDER BY j.n"
)
_RELATIVES_COUNT = "SELECT count(*) AS jobs FROM job_edge WHERE {near} = :n"
PARENTS = {"far": "parent_n", "near": "child_n"}
CHILDREN = {"far": "child_n", "near": "parent_n"}


def get_job(engine: Engine, job_id: str, *, tenants: frozenset[str] | None) -> JobDetail | None:
    """One job, see `JobBackend.get_job`."""
    now = now_ms()
    with read(engine) as connection:
        job = visible_job(connection, job_id, tenants)
        if job is None:
            return None

        def of_job(sql: str) -> list[RowMapping]:
            return fetch(connection, Query(sql, {"n": job["n"]}))

        parents, parents_total = _relatives(connection, job["n"], now, PARENTS)
        children, children_total = _relatives(connection, job["n"], now, CHILDREN)
        dag = fetch(
            connection, Query("SELECT title, size, idempotency_key FROM dag WHERE id = :id", {"id": job["dag_id"]})
        )
        sizes = {row["which"]: row["size"] for row in of_job("SELECT which, size FROM job_value WHERE job_n = :n")}
        return JobDetail(
            row=job_row(job, now),
            timeout_ms=job["timeout_ms"],
            payload_bytes=sizes.get("payload", 0),
            result_bytes=sizes.get("result", 0),
            idempotency_key=dag[0]["idempotency_key"] or "",
            attempts=tuple(attempt(row, now) for row in of_job(_ATTEMPTS)),
            events=tuple(job_event(row) for row in of_job("SELECT * FROM job_event WHERE job_n = :n ORDER BY seq")),
            artifacts=tuple(
                Artifact(name=row["name"], sha256=row["sha256"], size=row["size"], media_type=row["media_type"])
                for row in of_job("SELECT * FROM job_artifact WHERE job_n = :n ORDER BY name")
            ),
            parents=parents,
            children=children,
            parents_total=parents_total,
            children_total=children_total,
            dag_title=dag[0]["title"],
            dag_size=dag[0]["size"],
        )


def _relatives(connection: Connection, n: int, now: int, side: dict[str, str]) -> tuple[tuple[JobRow, ...], int]:
    """The first of the job's parents or children, and how many there are in all."""
    rows = fetch(connection, Query(_RELATIVES.format(**side), {"n": n, "most": RELATIVES_MAX}))
    total = len(rows)
    if total == RELATIVES_MAX:
        total = int(fetch(connection, Query(_RELATIVES_COUNT.format(**side), {"n": n}))[0]["jobs"])
    return tuple(job_row(row, now) for row in rows), total


def get_value(engine: Engine, job_id: str, which: str, *, tenants: frozenset[str] | None) -> str | None:
    """The JSON text of a payload or a result, see `JobBackend.get_value`."""
    with read(engine) as connection:
        job = visible_job(connection, job_id, tenants)
        if job is None:
            return None
        query = Query("SELECT body FROM job_value WHERE job_n = :n AND which = :which", {"n": job["n"], "which": which})
        found = fetch(connection, query)
        return str(found[0]["body"]) if found else None


def get_dag(engine: Engine, dag_id: str, *, tenants: frozenset[str] | None) -> Dag | None:
    """A whole DAG, see `JobBackend.get_dag`."""
    now = now_ms()
    of_dag = {"dag": dag_id}
    with read(engine) as connection:
        dag = fetch(connection, Query("SELECT * FROM dag WHERE id = :dag", of_dag))
        if not dag or not _sees(tenants, dag[0]["tenant"]):
            return None
        jobs = fetch(connection, Query(f"SELECT {COLUMNS} FROM job AS j WHERE j.dag_id = :dag ORDER BY j.n", of_dag))
        edges = fetch(
            connection,
            Query(
                "SELECT e.parent_n, e.child_n FROM job AS j JOIN job_edge AS e ON e.child_n = j.n "
                "WHERE j.dag_id = :dag ORDER BY e.child_n, e.parent_n",
                of_dag,
            ),
        )
    ids = {job["n"]: job["id"] for job in jobs}
    return Dag(
        id=dag_id,
        title=dag[0]["title"],
        tenant=dag[0]["tenant"],
        created_at=from_ms(dag[0]["created_at"]),
        nodes=tuple(DagNode(row=job_row(job, now), group=job["group_key"]) for job in jobs),
        edges=tuple((ids[edge["parent_n"]], ids[edge["child_n"]]) for edge in edges),
    )


def is_visible_artifact(engine: Engine, sha256: str, *, tenants: frozenset[str] | None) -> bool:
    """Whether a job that the viewer may see keeps a file with this content."""
    sql = "SELECT DISTINCT j.tenant FROM job_artifact AS a JOIN job AS j ON j.n = a.job_n WHERE a.sha256 = :sha256"
    with read(engine) as connection:
        return any(_sees(tenants, row["tenant"]) for row in fetch(connection, Query(sql, {"sha256": sha256})))


def visible_job(connection: Connection, job_id: str, tenants: frozenset[str] | None) -> RowMapping | None:
    """All columns of the job; None if there is no such job that the viewer may see."""
    found = fetch(connection, Query(f"SELECT {COLUMNS} FROM job AS j WHERE j.id = :id", {"id": job_id}))
    return found[0] if found and _sees(tenants, found[0]["tenant"]) else None


def _sees(tenants: frozenset[str] | None, tenant: Any) -> bool:
    return tenants is None or tenant in tenants
