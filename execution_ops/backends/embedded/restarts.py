"""Starting many jobs again in one go: what `transitions.restart` does, with one statement for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    RowMapping,
    Select,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.gate import Gate, seat_of
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.transitions import CHANGE, EVENT, FRESH_ROUND, JOB
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp

_AGAIN = (
    update(JOB)
    .where(one_of(JOB.c.n, "numbers"))
    .values(
        **FRESH_ROUND,
        state=JobState.SCHEDULED.value,
        dispatch=JOB.c.dispatch + 1,
        tries_from=JOB.c.attempts,
        eligible_at=None,
    )
)
_LAST_SEQ = (
    select(func.coalesce(func.max(EVENT.c.seq), 0)).where(EVENT.c.job_n == JOB.c.n).correlate(JOB).scalar_subquery()
)


def _event(nth: int, kind: Any, actor: Any, reason: Any, ticket: Any) -> Select[Any]:
    """For each job the `nth` of its new entries in the timeline."""
    at: BindParameter[int] = bindparam("at", type_=BigInteger)
    return select(JOB.c.n, _LAST_SEQ + nth, at, kind, literal(""), JOB.c.attempts, actor, reason, ticket).where(
        one_of(JOB.c.n, "numbers")
    )


_EVENTS = insert(EVENT).from_select(
    ["job_n", "seq", "at", "kind", "detail", "attempt", "actor", "reason", "ticket"],
    union_all(
        _event(1, *(bindparam(name, type_=Text) for name in ("kind", "actor", "reason", "ticket"))),
        _event(2, literal(JobState.SCHEDULED.value), *[literal("")] * 3),
    ),
)
_CHANGES = insert(CHANGE).from_select(
    ["at", "job_id", "dag_id", "queue", "topic"],
    select(bindparam("at", type_=BigInteger), JOB.c.id, JOB.c.dag_id, JOB.c.queue, literal("")).where(
        one_of(JOB.c.n, "numbers")
    ),
)


def restart_many(
    connection: Connection, gate: Gate, jobs: Sequence[RowMapping], now: int, kind: str, stamp: Stamp
) -> None:
    """Start locked jobs that have ended and wait for no parent again, each with fresh attempts."""
    if not jobs:
        return
    numbers = [job["n"] for job in jobs]
    connection.execute(_AGAIN, {"numbers": numbers})
    asked = {"kind": kind, "actor": stamp.actor.name, "reason": stamp.reason, "ticket": stamp.ticket}
    connection.execute(_EVENTS, {**asked, "at": now, "numbers": numbers})
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
