"""The steps that every change of a job is made of, each within the caller's transaction.

Locks on PostgreSQL are always taken in one order, so no two transactions wait for each other:
DAGs by id, then jobs. Whoever changes more than one job holds the rows of their DAGs first; who
changes one job locks that job alone. On SQLite there is one writer at a time anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RowMapping, Table, func, insert, select, text, update
from sqlmodel import SQLModel

from execution_ops.backends.embedded import (  # noqa: F401  (fill the metadata)
    analyzer_tables,
    audit_tables,
    baseline_tables,
    bench_tables,
    clear_spell_tables,
    counter_tables,
    fleet_tables,
    identity_tables,
    kit_tables,
    letter_tables,
    quota_tables,
    retention_tables,
    scanner_tables,
    schedule_tables,
    tables,
)
from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.tokens import replace_error
from execution_ops.domain.states import ENDED, JobState, may_move
from execution_ops.domain.topics import SCANNER, SCANNER_PARTS
from execution_ops.domain.verbs import Stamp

if TYPE_CHECKING:
    from execution_ops.backends.embedded.gate import Gate


def table(name: str) -> Table:
    """A table of the ledger."""
    return SQLModel.metadata.tables[name]


DAG = table("dag")
JOB = table("job")
ATTEMPT = table("job_attempt")
EDGE = table("job_edge")
EVENT = table("job_event")
CHANGE = table("change")

NO_ERROR = ("", "")
_LOCK_DAGS = (
    select(DAG.c.id)
    .where(DAG.c.id.in_(select(JOB.c.dag_id).where(one_of(JOB.c.id, "ids"))))
    .order_by(DAG.c.id)
    .with_for_update(key_share=True)
)
_LOCK_JOBS = select(JOB).where(one_of(JOB.c.id, "ids")).order_by(JOB.c.n).with_for_update(key_share=True)
_LET_GO = text("DELETE FROM quota_hold WHERE n = :n")


def lock_dag(connection: Connection, dag_id: str) -> None:
    """Keep others from changing jobs of the DAG until this transaction ends."""
    connection.execute(select(DAG.c.id).where(DAG.c.id == dag_id).with_for_update(key_share=True))


def lock_job(connection: Connection, job_id: str) -> RowMapping | None:
    """The job's row, ours until this transaction ends; None if there is no such job."""
    found = connection.execute(select(JOB).where(JOB.c.id == job_id).with_for_update(key_share=True))
    return found.mappings().one_or_none()


def lock_jobs(connection: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """The rows of these jobs by id, ours until this transaction ends, with the DAGs that they belong to."""
    connection.execute(_LOCK_DAGS, {"ids": ids})
    return {job["id"]: job for job in connection.execute(_LOCK_JOBS, {"ids": ids}).mappings()}


def move(
    connection: Connection, job: RowMapping, state: JobState, now: int, *, detail: str = "", **values: Any
) -> None:
    """Bring a locked job into a state: the row, its counters, its timeline and the change feed.

    `values` are further columns. Raises ValueError for a move that the state machine forbids.
    """
    old = JobState(job["state"])
    if not may_move(old, state):
        raise ValueError(f"a {old.value} job cannot become {state.value}")
    if state in ENDED:
        values = {"finished_at": now, "eligible_at": None, **values}
    connection.execute(update(JOB).where(JOB.c.n == job["n"]).values(state=state.value, **values))
    if old is JobState.SCHEDULED:
        connection.execute(_LET_GO, {"n": job["n"]})
    error = (values.get("error_type", job["error_type"]), values.get("error_message", job["error_message"]))
    known = (job["error_type"], job["error_message"])
    if error != known:
        replace_error(connection, job["n"], job["created_at"], old=known, new=error)
    count(connection, [Move(job["tenant"], job["job_type"], job["queue"], old, state, job["finished_at"])], now)
    add_event(connection, job["n"], now, state.value, detail=detail, attempt=values.get("attempts", job["attempts"]))
    announce(connection, job, now)


def add_event(
    connection: Connection,
    n: int,
    now: int,
    kind: str,
    *,
    detail: str = "",
    attempt: int = 0,
    stamp: Stamp | None = None,
) -> None:
    """Append to a locked job's timeline."""
    last = select(func.coalesce(func.max(EVENT.c.seq), 0)).where(EVENT.c.job_n == n)
    connection.execute(
        insert(EVENT).values(
            job_n=n,
            seq=(last.scalar_subquery() + 1),
            at=now,
            kind=kind,
            detail=detail,
            attempt=attempt,
            actor=stamp.actor.name if stamp else "",
            reason=stamp.reason if stamp else "",
            ticket=stamp.ticket if stamp else "",
        )
    )


def announce(connection: Connection, job: RowMapping, now: int) -> None:
    """Tell the live pages that this job changed."""
    connection.execute(insert(CHANGE).values(at=now, job_id=job["id"], dag_id=job["dag_id"], queue=job["queue"]))


def announce_topics(connection: Connection, topics: Iterable[str], now: int) -> None:
    """Tell the live pages that something that is no job changed; with a part of Scanner Ops also the glance at all."""
    told = list(topics)
    if not SCANNER_PARTS.isdisjoint(told):
        told.append(SCANNER)
    rows = [{"at": now, "job_id": "", "dag_id": "", "queue": "", "topic": topic} for topic in told]
    connection.execute(insert(CHANGE), rows)


def schedule(
    connection: Connection,
    gate: Gate,
    job: RowMapping,
    now: int,
    *,
    delay_ms: int = 0,
    detail: str = "",
    **values: Any,
) -> None:
    """Let a locked job start, now or after `delay_ms`: a new dispatch, through the gate in this transaction."""
    dispatch = job["dispatch"] + 1
    eligible_at = now + delay_ms if delay_ms else None
    move(
        connection,
        job,
        JobState.SCHEDULED,
        now,
        detail=detail,
        **{"dispatch": dispatch, "eligible_at": eligible_at, "worker_id": "", **values},
    )
    gate.enter_job(job, dispatch, delay_ms=delay_ms)


# What a new round of tries begins with. The error stays until the job succeeds, as it does between two tries.
FRESH_ROUND: dict[str, Any] = {
    "cancel_requested_at": None,
    "started_at": None,
    "finished_at": None,
    "worker_id": "",
    "progress_done": 0,
    "progress_total": 0,
    "progress_note": "",
}


def restart(connection: Connection, gate: Gate, job: RowMapping, now: int, kind: str, stamp: Stamp) -> None:
    """Start a locked job that has ended again, with fresh attempts; `pending` if a parent has not succeeded.

    `kind` is the verb that asked for it, as the job's timeline names it.
    """
    add_event(connection, job["n"], now, kind, attempt=job["attempts"], stamp=stamp)
    if job["waiting_for"]:
        move(connection, job, JobState.PENDING, now, tries_from=job["attempts"], **FRESH_ROUND)
    else:
        schedule(connection, gate, job, now, tries_from=job["attempts"], **FRESH_ROUND)


def release_children(connection: Connection, gate: Gate, parent: RowMapping, now: int) -> None:
    """The parent succeeded: its children wait for one parent less, and start when it was the last.

    A parent succeeds once (`succeeded` is final), so no edge is taken off twice.
    """
    children = connection.execute(
        select(JOB)
        .join(EDGE, EDGE.c.child_n == JOB.c.n)
        .where(EDGE.c.parent_n == parent["n"])
        .order_by(JOB.c.n)
        .with_for_update(key_share=True, of=JOB)
    )
    for child in children.mappings().all():
        waiting = child["waiting_for"] - 1
        if waiting == 0 and child["state"] == JobState.PENDING:
            schedule(connection, gate, child, now, waiting_for=0)
        else:
            connection.execute(update(JOB).where(JOB.c.n == child["n"]).values(waiting_for=waiting))
            announce(connection, child, now)
