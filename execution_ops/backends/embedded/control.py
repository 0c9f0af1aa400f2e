"""Cancel and retry: each id gets one outcome; each batch of ids is one transaction with an audit row a tenant.

A database that is lost between batches takes nothing back: what was done before is answered as
done, and the ids that are left say why they are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine, RowMapping, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.letters import begin_replay, lock_entries, replay_ended
from execution_ops.backends.embedded.transitions import JOB, add_event, announce, lock_jobs, move, restart
from execution_ops.domain.access import Actor, no_such
from execution_ops.domain.audit import SubjectKey, SubjectKind, Touched
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
        if off := registry.why_not_again(stamp.actor, job["job_type"], job["tenant"]):
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
    done, jobs = _batch(connection, ids, act, stamp)
    by_id = {outcome.id: outcome for outcome in done}
    for tenant, theirs in by_tenant(ids, jobs, stamp.actor).items():
        refusals = {one: by_id[one].why for one in theirs if not by_id[one].done}
        changed = tuple(one for one in theirs if by_id[one].done)
        dags = sorted({jobs[one]["dag_id"] for one in changed})
        record(
            connection,
            verb.name,
            stamp,
            touched=Touched(
                SubjectKind.JOB, changed, tenant, also=tuple(SubjectKey(SubjectKind.DAG, dag) for dag in dags)
            ),
            subject=json.dumps(theirs),
            count=len(changed),
            after=json.dumps({"refused": refusals}, ensure_ascii=False) if refusals else "",
            inverse=verb.inverse or "",
        )
    return done


def by_tenant(ids: Sequence[str], things: Mapping[str, RowMapping], actor: Actor) -> dict[str, list[str]]:
    """The ids by the tenant of the thing, for one event each: nobody reads of another tenant's things in it.

    Ids that name nothing the actor may know of are under "".
    """
    found: dict[str, list[str]] = {}
    for one in ids:
        thing = things.get(one)
        known = thing is not None and actor.sees(thing["tenant"])
        found.setdefault(thing["tenant"] if thing is not None and known else "", []).append(one)
    return found


def _batch(
    connection: Connection, ids: Sequence[str], act: Act, stamp: Stamp
) -> tuple[list[Outcome], Mapping[str, RowMapping]]:
    jobs = lock_jobs(connection, ids)
    lock_entries(connection, ids)
    now = now_ms()
    outcomes: list[Outcome] = []
    for job_id in ids:
        job = jobs.get(job_id)
        if job is None or not stamp.actor.sees(job["tenant"]):
            outcomes.append(Outcome(id=job_id, done=False, why=no_such(stamp.actor, "job")))
            continue
        why = act(connection, job, now)
        state = connection.execute(select(JOB.c.state).where(JOB.c.n == job["n"])).scalar_one()
        outcomes.append(Outcome(id=job_id, done=not why, why=why, state=JobState(state)))
    return outcomes, jobs


def _said(job: RowMapping) -> str:
    return str(job["state"]).replace("_", " ")
