"""Starting many jobs again in one go: what `transitions.restart` does, with one statement for all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, bindparam, text, update

from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.gate import Gate, seat_of
from execution_ops.backends.embedded.transitions import FRESH_ROUND, JOB
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp

_AGAIN = (
    update(JOB)
    .where(JOB.c.n.in_(bindparam("numbers", expanding=True)))
    .values(
        **FRESH_ROUND,
        state=JobState.SCHEDULED.value,
        dispatch=JOB.c.dispatch + 1,
        tries_from=JOB.c.attempts,
        eligible_at=None,
    )
)
_EVENTS = text(
    "INSERT INTO job_event (job_n, seq, at, kind, detail, attempt, actor, reason, ticket) "
    "SELECT j.n, coalesce(max(e.seq), 0) + 1, CAST(:at AS bigint), :kind, '', j.attempts, :actor, :reason, :ticket "
    "FROM job AS j LEFT JOIN job_event AS e ON e.job_n = j.n WHERE j.n IN :numbers GROUP BY j.n, j.attempts"
).bindparams(bindparam("numbers", expanding=True))
_CHANGES = text(
    "INSERT INTO change (at, job_id, dag_id, queue, topic) "
    "SELECT CAST(:at AS bigint), id, dag_id, queue, '' FROM job WHERE n IN :numbers"
).bindparams(bindparam("numbers", expanding=True))


def restart_many(
    connection: Connection, gate: Gate, jobs: Sequence[RowMapping], now: int, kind: str, stamp: Stamp
) -> None:
    """Start locked jobs that have ended and wait for no parent again, each with fresh attempts."""
    if not jobs:
        return
    numbers = [job["n"] for job in jobs]
    connection.execute(_AGAIN, {"numbers": numbers})
    asked = {"kind": kind, "actor": stamp.actor.name, "reason": stamp.reason, "ticket": stamp.ticket}
    became = {"kind": JobState.SCHEDULED.value, "actor": "", "reason": "", "ticket": ""}
    for event in (asked, became):
        connection.execute(_EVENTS, {**event, "at": now, "numbers": numbers})
    count(
        connection,
        [
            Move(
                job["tenant"],
                job["job_type"],
                job["queue"],
                JobState(job["state"]),
                JobState.SCHEDULED,
                job["finished_at"],
            )
            for job in jobs
        ],
        now,
    )
    connection.execute(_CHANGES, {"at": now, "numbers": numbers})
    gate.enter([seat_of(job, job["dispatch"] + 1) for job in jobs])
