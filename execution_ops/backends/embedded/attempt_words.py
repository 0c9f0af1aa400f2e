"""What is said of tries: in the log of the run that a job works for, and as the error of one that crashed."""

from __future__ import annotations

import logging

from sqlalchemy import RowMapping

from execution_ops.backends.embedded.run_feed import Entry, say
from execution_ops.domain.states import AttemptState
from execution_ops.domain.times import describe_duration


def began(number: int, worker: str) -> Entry:
    """A try begins on the worker that is called so."""
    again = f", attempt {number}" if number > 1 else ""
    return say(f"started on {worker}{again}", logging.DEBUG)


def succeeded(job: RowMapping, now: int) -> Entry:
    """The job is done."""
    return say(f"succeeded in {describe_duration(max(0, now - (job['started_at'] or now)))}")


def failed(job: RowMapping, state: AttemptState, message: str, delay_ms: int | None) -> Entry:
    """A try failed; it is tried again after `delay_ms`, None if no more."""
    words = f"attempt {job['attempts']} of {job['max_attempts'] + job['tries_from']} {state.value.replace('_', ' ')}"
    if state is AttemptState.CANCELED:
        return say("canceled", logging.WARNING)
    if delay_ms is None:
        return say(f"{words}, none left: {message}", logging.ERROR)
    return say(f"{words}, next in {describe_duration(delay_ms)}: {message}", logging.WARNING)


def lost(job: RowMapping, worker: str, why: str, *, again: bool) -> Entry:
    """A try was lost with the worker that is called so; another one follows if `again`."""
    words = f"attempt {job['attempts']} lost with worker {worker} ({why})"
    return say(words, logging.WARNING) if again else say(f"{words}, none left", logging.ERROR)


def crash_error(times: int) -> str:
    """The error of a job whose workers died."""
    said = "once" if times == 1 else f"{times} times"
    return (
        f"This job crashed its worker {said} (or the worker was killed) and has no attempts left. "
        "Look at the end of its log and at the memory of the machine, then retry it."
    )


def crashed(message: str) -> Entry:
    """The job will not be tried again because its workers died."""
    return say(message, logging.ERROR)
