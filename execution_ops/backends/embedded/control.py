"""Cancel and retry: each id gets one outcome; each batch of ids is one transaction with one audit row.

A database that is lost between batches takes nothing back: what was done before is answered as
done, and the ids that are left say why they are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine, RowMapping, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.letters import begin_replay, lock_entries, replay_ended
from execution_ops.backends.embedded.transitions import JOB, add_event, announce, lock_jobs, move, restart
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.job_types import Registry
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import Outcome
from execution_ops.domain.states import CANCELABLE, RETRYABLE, JobState
from execution_ops.domain.times import now_ms
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

# Short transactions: a writer that holds on to SQLite's lock makes every other one wait.
BATCH = 100

T = TypeVar("T")
Act = Callable[[Connection, RowMapping, int], str]


def cancel(engine: Engine, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
    """Cancel waiting jobs at once, ask running ones to stop."""

    def act(connection: Connection, job: RowMapping, now: int) -> str:
        if job["cancel_requested_at"] is not None and job["state"] == JobState.RUNNING:
            return "It is being canceled already."
        if job["state"] not in CANCELABLE:
            return f"It is {_said(job)} already. {CANCEL.refusal}"
        add_event(connection, job["n"], now, CANCEL.name, attempt=job["attempts"], stamp=stamp)
        if job["state"] == JobState.RUNNING:
            connection.execute(update(JOB).where(JOB.c.n == job["n"]).values(cancel_requested_at=now))
            announce(connection, job, now)
        else:
            move(connection, job, JobState.CANCELED, now, cancel_requested_at=now)
            replay_ended(connection, job, now, canceled=True)
        return ""

    return _each(engine, ids, CANCEL, act, stamp)


def retry(
    engine: Engine, dispatcher: Dispatcher, registry: Registry, ids: Sequence[str], stamp: Stamp
) -> list[Outcome]:
    """Start ended jobs again with fresh attempts; `pending` if a parent has not succeeded."""

    def act(connection: Connection, job: RowMapping, now: int) -> str:
        if job["state"] not in RETRYABLE:
            return f"It is {_said(job)}. {RETRY.refusal}"
        if off := registry.why_not_again(stamp.actor, job["job_type"]):
            return off
        # It may be a dead letter, whose replay this is.
        if why := begin_replay(connection, job, stamp, now):
            return why
        gate = Gate(connection, dispatcher)
        restart(connection, gate, job, now, RETRY.name, stamp)
        gate.open()
        return ""

    return _each(engine, ids, RETRY, act, stamp)


def _each(engine: Engine, ids: Sequence[str], verb: Verb, act: Act, stamp: Stamp) -> list[Outcome]:
    return batches(
        engine,
        ids,
        lambda connection, few: _audited(connection, few, verb, act, stamp),
        lambda job_id, why: Outcome(id=job_id, done=False, why=why),
    )


def batches(
    engine: Engine,
    ids: Sequence[str],
    act: Callable[[Connection, Sequence[str]], list[T]],
    refuse: Callable[[str, str], T],
) -> list[T]:
    """Act on the ids, each once, in transactions of BATCH; one outcome an id.

    When the database is lost in between, `refuse(id, why)` answers for those that are left.
    """
    unique = list(dict.fromkeys(ids))
    outcomes: list[T] = []
    for start in range(0, len(unique), BATCH):
        try:
            with write(engine) as connection:
                done = act(connection, unique[start : start + BATCH])
            # Only now is it committed.
            outcomes += done
        except Unavailable as error:
            if not outcomes:
                raise
            return outcomes + [refuse(left, error.message) for left in unique[start:]]
    return outcomes


def _audited(connection: Connection, ids: Sequence[str], verb: Verb, act: Act, stamp: Stamp) -> list[Outcome]:
    done = _batch(connection, ids, act, stamp)
    refusals = {outcome.id: outcome.why for outcome in done if not outcome.done}
    record(
        connection,
        verb.name,
        stamp,
        subject=json.dumps(ids),
        count=len(done) - len(refusals),
        after=json.dumps({"refused": refusals}, ensure_ascii=False) if refusals else "",
        inverse=verb.inverse or "",
    )
    return done


def _batch(connection: Connection, ids: Sequence[str], act: Act, stamp: Stamp) -> list[Outcome]:
    jobs = lock_jobs(connection, ids)
    lock_entries(connection, ids)
    now = now_ms()
    outcomes: list[Outcome] = []
    for job_id in ids:
        job = jobs.get(job_id)
        if job is None or not stamp.actor.sees(job["tenant"]):
            outcomes.append(Outcome(id=job_id, done=False, why="There is no such job."))
            continue
        why = act(connection, job, now)
        state = connection.execute(select(JOB.c.state).where(JOB.c.n == job["n"])).scalar_one()
        outcomes.append(Outcome(id=job_id, done=not why, why=why, state=JobState(state)))
    return outcomes


def _said(job: RowMapping) -> str:
    return str(job["state"]).replace("_", " ")
