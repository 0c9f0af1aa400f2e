"""One dispatch of a job: begin the try, run the handler in a thread of its own, record the end."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import Engine, select

from execution_ops.backends.embedded import attempts
from execution_ops.backends.embedded.artifacts import ArtifactStore, disk_in_words
from execution_ops.backends.embedded.attempts import Begun, Outcome
from execution_ops.backends.embedded.context import Context, Stop
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.submit import VALUE, check_nodes, check_payload, json_text
from execution_ops.backends.embedded.texts import safe_text
from execution_ops.backends.embedded.transitions import JOB
from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.domain.job_types import JobCanceled, JobFailed, JobResult, JobTimedOut, JobType, Registry
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import describe_duration
from execution_ops.guardian import Guardian
from execution_ops.settings import Settings

logger = logging.getLogger(__name__)

# How long a handler whose time is over may take to notice, before it is left behind.
ABANDON_AFTER_S = 3.0
OUTAGE_PAUSE_S = (0.2, 5.0)
MESSAGE_MAX = 4_000
ERROR_TYPE_MAX = 200
STACK_MAX = 30_000
T = TypeVar("T")


@dataclass
class Runtime:
    """What every job of a worker process shares."""

    engine: Engine
    dispatcher: Dispatcher
    registry: Registry
    settings: Settings
    store: ArtifactStore
    guardian: Guardian
    worker_id: str
    running: dict[tuple[int, int], Context] = field(default_factory=dict)
    leaving: threading.Event = field(default_factory=threading.Event)


@dataclass
class _Call:
    """What came of calling the handler; `done` stays False if it was left behind."""

    done: bool = False
    value: object = None
    error: BaseException | None = None


def run_job(runtime: Runtime, job_id: str, dispatch: int) -> None:
    """Run one dispatch to its recorded outcome. Never raises for what the job did."""
    begun = _insist(lambda: attempts.begin(runtime.engine, job_id, dispatch, runtime.worker_id))
    if begun is None:
        return
    context = Context(runtime.engine, runtime.settings, runtime.store, runtime.guardian, begun)
    key = (context.n, context.attempt)
    runtime.running[key] = context
    try:
        entry = runtime.registry.get(begun.job["job_type"])
        outcome = _judge(runtime, context, begun, entry, _call(runtime, context, begun, entry))
        counts = outcome is not None and not runtime.leaving.is_set()
        _insist(lambda: context.logbook.close(keep=counts))
        if outcome is not None and not _insist(lambda: _end(runtime, begun, outcome, entry)):
            logger.warning("job %s attempt %d does not count any more", job_id, begun.number)
    finally:
        del runtime.running[key]
        shutil.rmtree(context.work_dir, ignore_errors=True)


def _call(runtime: Runtime, context: Context, begun: Begun, entry: JobType | None) -> _Call:
    """Call the handler and wait until it is done, or past its time and deaf to it."""
    call = _Call()

    def target() -> None:
        try:
            call.value = _handle(runtime, context, begun, entry)
        except BaseException as error:  # noqa: BLE001  (whatever a handler raises is its outcome)
            call.error = error
        call.done = True
        context.wake.set()

    deadline = time.monotonic() + begun.job["timeout_ms"] / 1000
    threading.Thread(target=target, name=f"job-{context.job_id}", daemon=True).start()
    if not context.wake.wait(max(0.0, deadline - time.monotonic())):
        context.stop(Stop.TIMEOUT)
    if not call.done:
        context.wake.clear()
        if not call.done:
            context.wake.wait(ABANDON_AFTER_S)
    return call


def _handle(runtime: Runtime, context: Context, begun: Begun, entry: JobType | None) -> object:
    if entry is None:
        raise JobFailed(
            f"This worker does not know the job type {begun.job['job_type']}. "
            "Install the package that provides it on every worker of this queue, then retry.",
            permanent=True,
        )
    try:
        payload = check_payload(entry, json.loads(_insist(lambda: _payload(runtime, context.n))))
    except InvalidInput as error:
        raise JobFailed(error.message, permanent=True) from error
    with disk_in_words():
        context.work_dir.mkdir(parents=True, mode=0o700)
    return entry.handler(context, payload)


def _payload(runtime: Runtime, n: int) -> str:
    with read(runtime.engine) as connection:
        found = select(VALUE.c.body).where(VALUE.c.job_n == n, VALUE.c.which == "payload")
        return str(connection.execute(found).scalar_one())


def _judge(runtime: Runtime, context: Context, begun: Begun, entry: JobType | None, call: _Call) -> Outcome | None:
    """The outcome of a call; None if the try does not count any more."""
    if context.stopped is Stop.FENCE:
        return None
    if call.done and call.error is None:
        try:
            return _success(runtime, begun, call.value)
        except (InvalidInput, JobFailed) as error:
            return _failure(JobFailed(f"The result cannot be stored: {error}", permanent=True))
    if not call.done or context.stopped is Stop.TIMEOUT:
        limit = describe_duration(begun.job["timeout_ms"])
        deaf = "" if call.done else " It did not react and was left behind; nothing it still does counts."
        words = f"The attempt was stopped after its time limit of {limit}.{deaf}"
        return Outcome(AttemptState.TIMED_OUT, JobTimedOut.__name__, words, _stack(call.error))
    assert call.error is not None  # it is done, and not well
    if context.stopped is Stop.CANCEL and isinstance(call.error, JobCanceled):
        return Outcome(AttemptState.CANCELED)
    return _failure(call.error)


def _success(runtime: Runtime, begun: Begun, value: object) -> Outcome:
    result = _result(value)
    nodes = []
    if result.fan_out:
        done = _insist(lambda: _succeeded(runtime, begun.job["dag_id"]))
        nodes = check_nodes(runtime.registry, result.fan_out, known=done | {begun.job["node_key"]})
    return Outcome(
        AttemptState.SUCCEEDED,
        body=json_text(result.value, "The result"),
        artifacts=result.artifacts,
        nodes=nodes,
        fan_in=result.fan_in,
    )


def _succeeded(runtime: Runtime, dag_id: str) -> frozenset[str]:
    """The keys of the DAG's nodes that succeeded."""
    with read(runtime.engine) as connection:
        found = select(JOB.c.node_key).where(JOB.c.dag_id == dag_id, JOB.c.state == JobState.SUCCEEDED.value)
        return frozenset(connection.execute(found).scalars())


def _result(value: object) -> JobResult:
    """What a handler gave back, as one that can be stored; JobFailed, in words, if it is none."""
    if value is not None and not isinstance(value, dict | JobResult):
        raise JobFailed(
            f"the handler gave back a {type(value).__name__}, not a JobResult, a dict or None.", permanent=True
        )
    try:
        result = value if isinstance(value, JobResult) else JobResult(value=value or {})
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise JobFailed(f"{where}: {problem['msg']}.", permanent=True) from error
    names: set[str] = set()
    for name in (artifact.name for artifact in result.artifacts):
        if not name or "\0" in name or not is_unicode(name):
            raise JobFailed("the name of a file is empty or no plain text.", permanent=True)
        if name in names:
            raise JobFailed(f"two files have the name {name!r}.", permanent=True)
        names.add(name)
    return result


def _failure(error: BaseException) -> Outcome:
    message = DISK_FULL if is_disk_full(error) else str(error) or type(error).__name__
    return Outcome(
        AttemptState.FAILED,
        error_type=safe_text(type(error).__name__)[:ERROR_TYPE_MAX],
        error_message=safe_text(message)[:MESSAGE_MAX],
        error_stack=_stack(error),
        permanent=isinstance(error, JobFailed) and error.permanent,
    )


def _stack(error: BaseException | None) -> str:
    if error is None:
        return ""
    # Both ends say the most: where it began, and the error itself.
    text = safe_text("".join(traceback.format_exception(error)))
    return text if len(text) <= STACK_MAX else f"{text[: STACK_MAX // 2]}\n…\n{text[-STACK_MAX // 2 :]}"


def _end(runtime: Runtime, begun: Begun, outcome: Outcome, entry: JobType | None) -> bool:
    try:
        return attempts.end(runtime.engine, runtime.dispatcher, begun, outcome, entry)
    except JobFailed as error:
        return attempts.end(runtime.engine, runtime.dispatcher, begun, _failure(error), entry)


def _insist(action: Callable[[], T]) -> T:
    """Do it, however long the database is away: what a job did must not be forgotten."""
    pause, longest = OUTAGE_PAUSE_S
    while True:
        try:
            return action()
        except Unavailable as error:
            logger.warning("%s Trying again in %.1f s.", error.message, pause)
            time.sleep(pause)
            pause = min(longest, pause * 2)
