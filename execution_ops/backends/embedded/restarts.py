"""Starting many jobs again in one go: what `transitions.restart` does, with one statement for all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert, text, update

from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.gate import Gate, seat_of
from execution_ops.backends.embedded.transitions import CHANGE, FRESH_ROUND, JOB
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp

_EVENT = text(
    "INSERT INTO job_event (job_n, seq, at, kind, detail, attempt, actor, reason, ticket) "
    "SELECT :n, coalesce(max(seq), 0) + 1, CAST(:at AS bigint), :kind, '', :attempt, :actor, :reason, :ticket "
    "FROM job_event WHERE job_n = :n"
)


def restart_many(
    connection: Connection, gate: Gate, jobs: Sequence[RowMapping], now: int, kind: str, stamp: Stamp
) -> None:
    """Start locked jobs that have ended and wait for no parent again, each with fresh attempts."""
    if not jobs:
        return
    again = update(JOB).where(JOB.c.n.in_([job["n"] for job in jobs]))
    connection.execute(
        again.values(
            **FRESH_ROUND,
            state=JobState.SCHEDULED.value,
            dispatch=JOB.c.dispatch + 1,
            tries_from=JOB.c.attempts,
            eligible_at=None,
        )
    )
    connection.execute(_EVENT, [_event(job, now, kind, stamp) for job in jobs])
    connection.execute(_EVENT, [_event(job, now, JobState.SCHEDULED.value, None) for job in jobs])
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
    connection.execute(
        insert(CHANGE),
        [{"at": now, "job_id": job["id"], "dag_id": job["dag_id"], "queue": job["queue"]} for job in jobs],
    )
    gate.enter([seat_of(job, job["dispatch"] + 1) for job in jobs])


def _event(job: RowMapping, now: int, kind: str, stamp: Stamp | None) -> dict[str, object]:
    return {
        "n": job["n"],
        "at": now,
        "kind": kind,
        "attempt": job["attempts"],
        "actor": stamp.actor.name if stamp else "",
        "reason": stamp.reason if stamp else "",
        "ticket": stamp.ticket if stamp else "",
    }
