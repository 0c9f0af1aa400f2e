"""What a run tells while it goes: its events in one order, and the lines of its log among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.runs import RunTarget
from execution_ops.domain.states import JobState
from execution_ops.domain.times import Instant


class RunEventKind(StrEnum):
    """What an event tells; the names are those of the stream."""

    STATE = "stateChanged"
    SEGMENT = "segmentProgress"
    DELTAS = "deltaSummary"
    LOG = "log"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunEvent(_Frozen):
    """One event. `seq` counts from 1 per run without a gap, in the order in which the events became visible.

    `data` by kind: `state`, `error_code`, `error`; or `segment`, `name`, `by_state`; or the fields of Deltas; or
    the fields of RunLine.
    """

    seq: int
    at: Instant
    kind: RunEventKind
    data: dict[str, Any]


class RunLine(_Frozen):
    """One line of a run's log. `line` counts from 1 per run and is its anchor `#L<line>`.

    `segment` and `target` are numbers of the run's plan, 0 where the line is about the whole run; `source` is the
    job that wrote it, else what of the console did.
    """

    line: int
    seq: int
    at: Instant
    level: LogLevel
    segment: int = 0
    target: int = 0
    source: str = ""
    job_id: str = ""
    text: str


class RunFeed(_Frozen):
    """How far the events of a run go. Nothing follows `last` once it is `closed`."""

    last: int
    closed: bool


class RunLog(_Frozen):
    """A window of a run's log. `total` counts the lines that match, `by_level` all lines by level.

    `start` is the index of the first line of the window among those that match. `feed` is how far the run's events
    went when it was read.
    """

    lines: tuple[RunLine, ...] = ()
    start: int = 0
    total: int = 0
    by_level: dict[LogLevel, int]
    feed: RunFeed


class JobBar(_Frozen):
    """One job of a target as a time line shows it; without `started_at` it did not begin yet."""

    id: str
    name: str
    state: JobState
    started_at: Instant | None = None
    finished_at: Instant | None = None


class TargetBars(_Frozen):
    """A target of a run with its jobs, in the order in which they were declared."""

    target: RunTarget
    jobs: tuple[JobBar, ...] = ()


class RunArtifact(_Frozen):
    """A file that a job of a run left behind: which target it is of, and how it is found by its digest."""

    no: int
    target: str
    job_id: str
    name: str
    sha256: str
    size: int
    media_type: str
