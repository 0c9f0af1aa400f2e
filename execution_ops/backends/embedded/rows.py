"""From rows of the ledger to the entities of the domain."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, RowMapping, TextClause, text

from execution_ops.backends.embedded.keyset import Query
from execution_ops.domain.jobs import Attempt, JobEvent, JobRow, LogLevel, LogLine
from execution_ops.domain.states import AttemptState, JobState
from execution_ops.domain.times import from_ms

# The least number of the logging module for each level of ours, loudest first.
LEVELS: dict[LogLevel, int] = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: 0,
}


@lru_cache(maxsize=256)
def statement(sql: str) -> TextClause:
    """The statement of this text; finding the parameters in a long one takes time, so it is kept."""
    return text(sql)


def fetch(connection: Connection, query: Query) -> list[RowMapping]:
    """All rows of the query."""
    # Not row by row, which takes a call of the driver each.
    return list(connection.execute(statement(query.sql), query.params).mappings().all())


def worker_name(alias: str) -> str:
    """The column `worker_name` of a query: the name of the worker that the rows of `alias` name by its id."""
    return f"(SELECT w.name FROM worker AS w WHERE w.id = {alias}.worker_id) AS worker_name"


def called(connection: Connection, worker_id: str) -> str:
    """What a worker is called: by its name, or its id where no name is known."""
    found = fetch(connection, Query("SELECT name FROM worker WHERE id = :id", {"id": worker_id}))
    return str(found[0]["name"] or worker_id) if found else worker_id


def job_row(row: RowMapping, now: int) -> JobRow:
    """A job's line. `now` in ms is the end so far of a job that runs."""
    started, finished = row["started_at"], row["finished_at"]
    return JobRow(
        id=row["id"],
        job_type=row["job_type"],
        label=row["label"],
        queue=row["queue"],
        tenant=row["tenant"],
        state=JobState(row["state"]),
        canceling=row["cancel_requested_at"] is not None and row["state"] == JobState.RUNNING,
        attempts=row["attempts"],
        max_attempts=row["tries_from"] + row["max_attempts"],
        priority=row["priority"],
        created_at=from_ms(row["created_at"]),
        eligible_at=_moment(row["eligible_at"]),
        started_at=_moment(started),
        finished_at=_moment(finished),
        duration_ms=_duration(started, finished, now),
        worker_id=row["worker_id"],
        worker_name=row["worker_name"] or "",
        dag_id=row["dag_id"],
        node_key=row["node_key"],
        error_type=row["error_type"],
        error_message=row["error_message"],
        progress_done=row["progress_done"],
        progress_total=row["progress_total"],
        progress_note=row["progress_note"],
    )


def attempt(row: RowMapping, now: int) -> Attempt:
    """One try of a job."""
    return Attempt(
        number=row["number"],
        state=AttemptState(row["state"]),
        worker_id=row["worker_id"],
        worker_name=row["worker_name"] or "",
        started_at=from_ms(row["started_at"]),
        finished_at=_moment(row["finished_at"]),
        duration_ms=_duration(row["started_at"], row["finished_at"], now),
        error_type=row["error_type"],
        error_message=row["error_message"],
        error_stack=row["error_stack"],
    )


def job_event(row: RowMapping) -> JobEvent:
    """One entry of a job's timeline."""
    return JobEvent(
        seq=row["seq"],
        at=from_ms(row["at"]),
        kind=row["kind"],
        detail=row["detail"],
        attempt=row["attempt"],
        actor=row["actor"],
        reason=row["reason"],
        ticket=row["ticket"],
    )


def log_line(row: RowMapping) -> LogLine:
    """One captured line."""
    return LogLine(
        seq=row["seq"],
        at=from_ms(row["at"]),
        attempt=row["attempt"],
        level=log_level(row["level"]),
        text=row["text"],
    )


def log_level(number: int) -> LogLevel:
    """The level of a number of the logging module; what lies between two counts as the quieter."""
    return next((level for level, least in LEVELS.items() if number >= least), LogLevel.DEBUG)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_ms(value)


def _duration(started: int | None, finished: int | None, now: int) -> int | None:
    return None if started is None else max(0, (now if finished is None else finished) - started)
