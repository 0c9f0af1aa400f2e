"""One try of a job: its begin, its end and its loss. Each is one transaction.

The row of the attempt is the fence: only while it is `running` may anything of that try count.
A worker that was thought dead and wakes up finds it `lost` and stops. It is changed only by who
holds the lock of the job's row.

A job can't be stuck between states. Every move to `scheduled` enqueues a workflow in the same
transaction, or holds the job at the gate of its quota; every success takes its edges off in the same
transaction; and DBOS keeps a workflow until `run_job` has returned, which it does only after the
outcome was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from execution_ops.backends.embedded import attempt_words
from execution_ops.backends.embedded.analyzer_runs import run_ended
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fan_out import fan_out
from execution_ops.backends.embedded.gate import Gate, admit
from execution_ops.backends.embedded.letters import Death, bury, replay_ended
from execution_ops.backends.embedded.rows import called
from execution_ops.backends.embedded.run_feed import Entry, append_of_job
from execution_ops.backends.embedded.submit import VALUE, Node
from execution_ops.backends.embedded.transitions import (
    ATTEMPT,
    NO_ERROR,
    add_event,
    announce,
    lock_dag,
    lock_job,
    move,
    release_children,
    schedule,
    table,
)
from execution_ops.domain.job_types import Artifact, JobType
from execution_ops.domain.jobs import WORKER_LOST
from execution_ops.domain.states import ENDED, AttemptState, JobState
from execution_ops.domain.times import now_ms

ARTIFACT = table("job_artifact")


@dataclass(frozen=True)
class Begun:
    """A try that began: the job's row and the try's number."""

    job: RowMapping
    number: int


@dataclass(frozen=True)
class Outcome:
    """How a try ended. `body` is the result's JSON, `nodes` the checked fan-out; both of a success.

    `permanent` failures are not tried again.
    """

    state: AttemptState
    error_type: str = ""
    error_message: str = ""
    error_stack: str = ""
    permanent: bool = False
    body: str = "{}"
    artifacts: Sequence[Artifact] = ()
    nodes: Sequence[Node] = ()
    fan_in: str = ""


def begin(engine: Engine, job_id: str, dispatch: int, worker_id: str) -> Begun | None:
    """Record that a try starts; None if this dispatch has nothing to do any more."""
    with write(engine) as connection:
        job = lock_job(connection, job_id)
        told: list[Entry] = []
        if job is not None and job["state"] == JobState.RUNNING and job["dispatch"] == dispatch:
            # DBOS gave us what another worker had begun: that one is dead, or will find it is.
            told.append(_lose(connection, job, now_ms(), "another worker took over"))
            job = lock_job(connection, job_id)
        if job is None or job["dispatch"] != dispatch:
            return None
        begun = _begin(connection, job, worker_id) if job["state"] == JobState.SCHEDULED else None
        if begun is not None and job["run_n"] is not None:
            told.append(attempt_words.began(begun.number, called(connection, worker_id)))
        append_of_job(connection, job, now_ms(), told)
        return begun


def end(engine: Engine, dispatcher: Dispatcher, begun: Begun, outcome: Outcome, entry: JobType | None) -> bool:
    """Record how a try ended and what follows; False if it did not count any more.

    Raises JobFailed if the fan-out does not fit the DAG; nothing is recorded then.
    """
    with write(engine) as connection:
        now = now_ms()
        lock_dag(connection, begun.job["dag_id"])
        job = lock_job(connection, begun.job["id"])
        fenced = update(ATTEMPT).where(
            ATTEMPT.c.job_n == begun.job["n"],
            ATTEMPT.c.number == begun.number,
            ATTEMPT.c.state == AttemptState.RUNNING.value,
        )
        closed = connection.execute(
            fenced.values(
                state=outcome.state.value,
                finished_at=now,
                error_type=outcome.error_type,
                error_message=outcome.error_message,
                error_stack=outcome.error_stack,
            )
        )
        if job is None or closed.rowcount == 0:
            return False
        gate = Gate(connection, dispatcher)
        if outcome.state is AttemptState.SUCCEEDED:
            told = _succeed(connection, gate, job, outcome, now)
        else:
            told = _fail(connection, gate, job, outcome, entry, now)
        gate.leave(job["tenant"], job["job_type"])
        gate.open()
        append_of_job(connection, job, now, [told])
        return True


def lose(engine: Engine, job_id: str, number: int, why: str) -> bool:
    """Record that a running try died with its worker; False if it was not running any more.

    The workflow itself is given back to its queue by DBOS's recovery.
    """
    with write(engine) as connection:
        job = lock_job(connection, job_id)
        if job is None or job["state"] != JobState.RUNNING or job["attempts"] != number:
            return False
        now = now_ms()
        append_of_job(connection, job, now, [_lose(connection, job, now, why)])
        return True


def give_up(engine: Engine, job_id: str, dispatch: int) -> bool:
    """End a job whose workflow will never run again; False if it moved on meanwhile."""
    with write(engine) as connection:
        job = lock_job(connection, job_id)
        if job is None or job["dispatch"] != dispatch or JobState(job["state"]) in ENDED:
            return False
        now = now_ms()
        _close_running(connection, job, now)
        append_of_job(connection, job, now, [attempt_words.crashed(_crashed(connection, job, now))])
        return True


def _begin(connection: Connection, job: RowMapping, worker_id: str) -> Begun | None:
    """Start a try of a locked job that is scheduled; None while its quota holds it back."""
    if not admit(connection, job):
        # Its quota has no slot or no token for it, or is paused: it is held until it has.
        announce(connection, job, now_ms())
        return None
    # It may have waited for its quota: it starts now, after whoever made room for it had ended.
    now = now_ms()
    number = job["attempts"] + 1
    connection.execute(
        insert(ATTEMPT).values(
            job_n=job["n"], number=number, state=AttemptState.RUNNING.value, worker_id=worker_id, started_at=now
        )
    )
    values = {
        "attempts": number,
        "worker_id": worker_id,
        "started_at": job["started_at"] or now,
        "eligible_at": None,
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
    }
    move(connection, job, JobState.RUNNING, now, **values)
    return Begun(job, number)


def _succeed(connection: Connection, gate: Gate, job: RowMapping, outcome: Outcome, now: int) -> Entry:
    late = "finished before the cancel reached it" if job["cancel_requested_at"] is not None else ""
    error_type, error_message = NO_ERROR
    move(
        connection,
        job,
        JobState.SUCCEEDED,
        now,
        detail=late,
        cancel_requested_at=None,
        error_type=error_type,
        error_message=error_message,
    )
    connection.execute(
        insert(VALUE).values(job_n=job["n"], which="result", body=outcome.body, size=len(outcome.body.encode()))
    )
    if outcome.artifacts:
        connection.execute(
            insert(ARTIFACT), [{"job_n": job["n"], **artifact.model_dump()} for artifact in outcome.artifacts]
        )
    if outcome.nodes:
        fan_out(connection, gate, job, outcome.nodes, before=outcome.fan_in, now=now)
    run_ended(connection, job, JobState.SUCCEEDED, now, body=outcome.body)
    release_children(connection, gate, job, now)
    replay_ended(connection, job, now)
    return attempt_words.succeeded(job, now)


def _fail(
    connection: Connection,
    gate: Gate,
    job: RowMapping,
    outcome: Outcome,
    entry: JobType | None,
    now: int,
) -> Entry:
    error = {"error_type": outcome.error_type, "error_message": outcome.error_message}
    used = job["attempts"] - job["tries_from"]
    if outcome.state is AttemptState.CANCELED or job["cancel_requested_at"] is not None:
        move(connection, job, JobState.CANCELED, now, **error)
        replay_ended(connection, job, now, canceled=True)
        return attempt_words.failed(job, AttemptState.CANCELED, "", None)
    if not outcome.permanent and entry is not None and used < job["max_attempts"]:
        delay = entry.backoff_ms(used)
        detail = f"attempt {job['attempts']} {outcome.state.value.replace('_', ' ')}: {outcome.error_message}"[:500]
        schedule(connection, gate, job, now, delay_ms=delay, detail=detail, **error)
        return attempt_words.failed(job, outcome.state, outcome.error_message, delay)
    state = JobState.TIMED_OUT if outcome.state is AttemptState.TIMED_OUT else JobState.FAILED
    move(connection, job, state, now, detail=outcome.error_message[:500], **error)
    bury(connection, job, Death(outcome.error_type, outcome.error_message, outcome.error_stack), now)
    run_ended(connection, job, state, now, error=outcome.error_message)
    return attempt_words.failed(job, outcome.state, outcome.error_message, None)


def _lose(connection: Connection, job: RowMapping, now: int, why: str) -> Entry:
    """The running try of a locked job is gone. A try that crashed counts, or a job that kills its
    worker would do so for ever."""
    _close_running(connection, job, now)
    add_event(connection, job["n"], now, AttemptState.LOST.value, detail=why, attempt=job["attempts"])
    used, worker = job["attempts"] - job["tries_from"], called(connection, job["worker_id"])
    if job["cancel_requested_at"] is not None:
        move(connection, job, JobState.CANCELED, now)
        replay_ended(connection, job, now, canceled=True)
        return attempt_words.lost(job, worker, why, again=False)
    if used < job["max_attempts"]:
        # Not a new dispatch: DBOS gives the old one back to the queue.
        move(connection, job, JobState.SCHEDULED, now, worker_id="", detail="its worker was lost")
        return attempt_words.lost(job, worker, why, again=True)
    _crashed(connection, job, now)
    return attempt_words.lost(job, worker, why, again=False)


def _crashed(connection: Connection, job: RowMapping, now: int) -> str:
    """End a job whose workers died, for good; its error."""
    crashes = connection.execute(
        select(func.count())
        .select_from(ATTEMPT)
        .where(
            ATTEMPT.c.job_n == job["n"],
            ATTEMPT.c.number > job["tries_from"],
            ATTEMPT.c.state == AttemptState.LOST.value,
        )
    ).scalar_one()
    words = attempt_words.crash_error(crashes)
    move(connection, job, JobState.FAILED, now, error_type=WORKER_LOST, error_message=words)
    bury(connection, job, Death(WORKER_LOST, words), now)
    run_ended(connection, job, JobState.FAILED, now, error=words)
    return words


def _close_running(connection: Connection, job: RowMapping, now: int) -> None:
    values: dict[str, Any] = {"state": AttemptState.LOST.value, "finished_at": now}
    connection.execute(
        update(ATTEMPT)
        .where(ATTEMPT.c.job_n == job["n"], ATTEMPT.c.state == AttemptState.RUNNING.value)
        .values(**values)
    )
    announce(connection, job, now)
