"""What is asked of workers, and what they say of themselves: the writing half of the fleet."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from execution_ops import __version__
from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.fleet import worker_of
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import EVERYONE, SubjectKind, Touched
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.fleet import GONE_FOR_LONG, REACH, Asked, FleetWorker, WorkerOutcome, asked_by, refusal
from execution_ops.domain.states import WorkerState
from execution_ops.domain.times import now_ms
from execution_ops.domain.topics import WORKERS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_RESUME

WORKER = table("worker")
# Who asked a worker to stop that got a signal.
BY_SIGNAL = "a signal"
ALIVE = WORKER.c.ended_at.is_(None)


def act(
    engine: Engine, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
) -> list[WorkerOutcome]:
    """Ask workers to drain, to take jobs again or to stop; see `WorkerBackend.act_on_workers`."""
    if stamp.actor.tenants is not None:
        raise Forbidden(REACH)
    with write(engine) as connection:
        now = clock_ms(connection)
        # In one order, so that two operators who ask of the same workers wait for one another.
        done = {one: _ask(connection, verb, one, stamp, revisions.get(one), now) for one in sorted(set(ids))}
        asked = [(before, outcome) for before, outcome in done.values() if outcome.done and before is not None]
        if asked:
            record(
                connection,
                verb.name,
                stamp,
                touched=Touched(SubjectKind.WORKER, tuple(before.id for before, _ in asked), EVERYONE),
                subject=", ".join(f"{before.id} {before.name}" for before, _ in asked),
                count=len(asked),
                before=_json({before.id: before.asked.value for before, _ in asked}),
                after=_json({before.id: asked_by(verb).value for before, _ in asked}),
                inverse=verb.inverse or "",
            )
            announce_topics(connection, [WORKERS], now)
    return [done[one][1] for one in ids]


def _ask(
    connection: Connection, verb: Verb, worker_id: str, stamp: Stamp, seen: int | None, now: int
) -> tuple[FleetWorker | None, WorkerOutcome]:
    found = connection.execute(select(WORKER).where(WORKER.c.id == worker_id).with_for_update())
    row = found.mappings().one_or_none()
    if row is None:
        return None, WorkerOutcome(id=worker_id, done=False, why=GONE_FOR_LONG)
    before = worker_of(row)
    if why := refusal(before, verb, seen):
        return before, WorkerOutcome(id=worker_id, done=False, why=why, state=before.state)
    state = WorkerState.ONLINE if verb is WORKER_RESUME else before.state
    if state is WorkerState.ONLINE and verb is not WORKER_RESUME:
        state = WorkerState.DRAINING
    told = {"asked_at": now, "asked_by": stamp.actor.name, "asked_reason": stamp.reason}
    values = {"asked": asked_by(verb).value, "state": state.value, "revision": before.revision + 1, **told}
    connection.execute(update(WORKER).where(WORKER.c.id == worker_id).values(**values))
    return before, WorkerOutcome(id=worker_id, done=True, state=state)


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)


# what a worker says of itself


def register(engine: Engine, worker_id: str, *, name: str, queues: Sequence[str], concurrency: int) -> None:
    """Announce a worker, before it takes anything."""
    with write(engine) as connection:
        now = clock_ms(connection)
        connection.execute(
            insert(WORKER).values(
                id=worker_id,
                name=name,
                host=socket.gethostname(),
                pid=os.getpid(),
                version=__version__,
                state=WorkerState.ONLINE.value,
                queues=",".join(queues),
                concurrency=concurrency,
                started_at=now_ms(),
                heartbeat_at=now,
            )
        )
        announce_topics(connection, [WORKERS], now)


def beat(engine: Engine, worker_id: str, *, memory: int | None, cpu: int | None) -> bool:
    """Tell that the worker lives; False if it was declared lost."""
    with write(engine) as connection:
        values = {"heartbeat_at": clock_ms(connection), "memory_bytes": memory, "cpu_percent": cpu}
        return connection.execute(_mine(worker_id).values(**values)).rowcount == 1


def orders(engine: Engine, worker_id: str) -> tuple[Asked, WorkerState] | None:
    """What is asked of the worker, and the state that it is said to be in; None if it does not count any more."""
    with read(engine) as connection:
        mine = select(WORKER.c.asked, WORKER.c.state).where(WORKER.c.id == worker_id, ALIVE)
        row = connection.execute(mine).one_or_none()
    return None if row is None else (Asked(row.asked), WorkerState(row.state))


def say_drained(engine: Engine, worker_id: str) -> None:
    """Tell that nothing of what the worker took runs any more, unless it was resumed meanwhile."""
    _say(engine, worker_id, _mine(worker_id).where(WORKER.c.asked != Asked.NOTHING.value), state=WorkerState.DRAINED)


def say_leaving(engine: Engine, worker_id: str) -> None:
    """Tell that the worker was ended from outside and takes nothing new."""
    told = {"asked": Asked.STOP.value, "asked_at": now_ms(), "asked_by": BY_SIGNAL, "asked_reason": ""}
    free = _mine(worker_id).where(WORKER.c.asked != Asked.STOP.value)
    _say(engine, worker_id, free, state=WorkerState.DRAINING, revision=WORKER.c.revision + 1, **told)


def say_ended(engine: Engine, worker_id: str) -> None:
    """Tell that the process ends."""
    _say(engine, worker_id, _mine(worker_id), state=WorkerState.DRAINED, ended_at=now_ms())


def _mine(worker_id: str) -> Any:
    return update(WORKER).where(WORKER.c.id == worker_id, ALIVE)


def _say(engine: Engine, worker_id: str, which: Any, *, state: WorkerState, **values: Any) -> None:
    with write(engine) as connection:
        if connection.execute(which.values(state=state.value, **values)).rowcount:
            announce_topics(connection, [WORKERS], clock_ms(connection))
