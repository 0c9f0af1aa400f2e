"""The first thing worth knowing about a run, before its pages have loaded."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Dag, JobRow
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import Instant
from execution_ops.domain.waiting import name_of

_BAD = (JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELED)


class SignalType(StrEnum):
    """What the signal tells."""

    STARTED = "started"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


class FirstSignal(BaseModel):
    """`stage` is the job type, `step` the node of the DAG, `at` when it happened."""

    model_config = ConfigDict(frozen=True)

    type: SignalType
    stage: str
    step: str
    message: str
    at: Instant
    job_id: str


class RunSignal(BaseModel):
    """The signal of one run; `summary_etag` changes whenever what it says does."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    first_signal: FirstSignal
    summary_etag: str


def first_signal(dag: Dag) -> RunSignal | None:
    """The first failure; else that all succeeded; else the first start. None before anything started."""
    rows = [node.row for node in dag.nodes]
    found = _failure(rows) or _success(rows) or _start(rows)
    if found is None:
        return None
    digest = hashlib.sha256(f"{dag.id}\0{found.model_dump_json()}".encode()).hexdigest()
    return RunSignal(run_id=dag.id, first_signal=found, summary_etag=f'W/"{digest[:32]}"')


def _failure(rows: list[JobRow]) -> FirstSignal | None:
    ended = [(row.finished_at, row.id, row) for row in rows if row.state in _BAD and row.finished_at is not None]
    if not ended:
        return None
    at, _, row = min(ended)
    text = row.error_message or f"{name_of(row)} {'was canceled' if row.state is JobState.CANCELED else 'failed'}."
    return FirstSignal(
        type=SignalType(row.state.value), stage=row.job_type, step=row.node_key, message=text, at=at, job_id=row.id
    )


def _success(rows: list[JobRow]) -> FirstSignal | None:
    if any(row.state not in ENDED for row in rows):
        return None
    ended = [(row.finished_at, row.id, row) for row in rows if row.finished_at is not None]
    if not ended:
        return None
    at, _, row = max(ended)
    message = f"All {len(rows)} jobs succeeded." if len(rows) > 1 else "The job succeeded."
    return FirstSignal(
        type=SignalType.SUCCEEDED, stage=row.job_type, step=row.node_key, message=message, at=at, job_id=row.id
    )


def _start(rows: list[JobRow]) -> FirstSignal | None:
    started = [(row.started_at, row.id, row) for row in rows if row.started_at is not None]
    if not started:
        return None
    at, _, row = min(started)
    return FirstSignal(
        type=SignalType.STARTED,
        stage=row.job_type,
        step=row.node_key,
        message=f"{name_of(row)} has started.",
        at=at,
        job_id=row.id,
    )
