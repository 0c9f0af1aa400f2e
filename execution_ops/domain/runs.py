"""Runs: one firing of a schedule, or of an operator: candidates, then segments of targets, then jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.schedules import Missed, ScheduleSpec
from execution_ops.domain.states import ENDED_TARGETS, RunState, TargetState
from execution_ops.domain.times import Instant

# A longer segment would say too little of where its failures are.
SEGMENT_MAX = 100


class Trigger(StrEnum):
    """What made a run."""

    CRON = "cron"
    MANUAL = "manual"
    RETRY = "retry"
    API = "api"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Deltas(_Frozen):
    """Components added, removed and changed against the promoted baselines, summed over the targets that have one.

    `compared` is how many targets were compared; with none the others say nothing.
    """

    compared: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0


class RunCounts(_Frozen):
    """How many targets are where.

    `candidates` were found; `deduped` of them were named twice, `unchanged` left out because nothing of them
    changed (mode analysis-only), `over` beyond the limit. The others are planned, in one of `by_state`.
    """

    candidates: int = 0
    deduped: int = 0
    unchanged: int = 0
    over: int = 0
    by_state: dict[TargetState, int] = Field(default_factory=dict)

    def of(self, state: TargetState) -> int:
        """How many are in this state."""
        return self.by_state.get(state, 0)

    @property
    def planned(self) -> int:
        """How many were to be run."""
        return sum(self.by_state.values())

    @property
    def done(self) -> int:
        """How many have come to an end."""
        return sum(count for state, count in self.by_state.items() if state in ENDED_TARGETS)


class Run(_Frozen):
    """One firing. `schedule_version` is the spec that it follows; `due_at` is the due time of a cron run.

    `retry_of` is the run that it repeats. `error_code` and `error` say why one ended in `error`. `why` is the
    reason that an operator gave for it, `canceled_by` and `cancel_reason` who canceled it and why.
    """

    id: str
    schedule_id: str
    schedule_name: str
    schedule_version: int
    tenant: str
    job_type: str
    queue: str = ""
    trigger: Trigger
    state: RunState
    due_at: Instant | None = None
    created_at: Instant
    started_at: Instant | None = None
    finished_at: Instant | None = None
    duration_ms: int | None = None
    counts: RunCounts = RunCounts()
    deltas: Deltas = Deltas()
    retry_of: str = ""
    planner_job_id: str = ""
    error_code: str = ""
    error: str = ""
    requested_by: str = ""
    why: str = ""
    canceled_by: str = ""
    cancel_reason: str = ""


class RunTarget(_Frozen):
    """One target of a run. `no` counts from 1 in the order of the plan, `dag_id` is empty until it was started."""

    no: int
    segment: int
    target: str
    state: TargetState
    dag_id: str = ""
    started_at: Instant | None = None
    finished_at: Instant | None = None
    error: str = ""
    deltas: Deltas = Deltas()


class Segment(_Frozen):
    """Targets of a run that were found by one target or glob of its schedule, at most `SEGMENT_MAX`.

    `started_at` is when its first target began, `finished_at` when the last of those that have ended did.
    """

    no: int
    name: str
    by_state: dict[TargetState, int]
    started_at: Instant | None = None
    finished_at: Instant | None = None


class Planned(_Frozen):
    """A target as the planner found it: the pattern that named it, the path, a stamp of its content as far as
    the file system tells, and the DAG that is to run for it."""

    pattern: str
    target: str
    content: str
    spec: DagSpec


class Plan(_Frozen):
    """What the planner found for a run; `candidates` counts what is in no target too."""

    targets: tuple[Planned, ...] = ()
    candidates: int = 0
    deduped: int = 0
    unchanged: int = 0
    over: int = 0


def segments(patterns: Sequence[str]) -> list[int]:
    """The number of the segment, from 1, of each target whose pattern is given, in the order of the plan."""
    numbers: list[int] = []
    size = 0
    for i, pattern in enumerate(patterns):
        if i == 0 or pattern != patterns[i - 1] or size == SEGMENT_MAX:
            numbers.append((numbers[-1] if numbers else 0) + 1)
            size = 0
        else:
            numbers.append(numbers[-1])
        size += 1
    return numbers


def verdict(states: Mapping[TargetState, int]) -> tuple[RunState, str, str]:
    """How a run ends whose targets have all ended so: its state, and the code and words of its error."""
    total = sum(states.values())
    for state, code, words in (
        (TargetState.FAILED, "ERR_RUN_TARGETS_FAILED", "{:,} of {:,} targets failed."),
        (TargetState.CANCELED, "ERR_RUN_TARGETS_CANCELED", "Jobs of {:,} of {:,} targets were canceled."),
    ):
        if states.get(state):
            return RunState.ERROR, code, words.format(states[state], total)
    return RunState.COMPLETED, "", ""


class RunPage(_Frozen):
    """One page of runs; `older` and `newer` are cursors, None where nothing follows."""

    rows: tuple[Run, ...]
    older: str | None
    newer: str | None


class RunFigures(_Frozen):
    """How runs stand now: how many are active, and how many of their targets wait; and what came of the runs that
    were made since a moment, read of at most `of` of them (all of them if `exact`)."""

    active: int = 0
    waiting: int = 0
    deltas: Deltas = Deltas()
    of: int = 0
    exact: bool = True


class FiredAt(_Frozen):
    """What came of a due time: a run and where it is, or why there was none (`missed`).

    `times` due times from `due_at` on were missed for the same reason.
    """

    due_at: Instant
    missed: Missed | None = None
    times: int = 1
    run_id: str = ""
    run_state: RunState | None = None


class PlanOrder(_Frozen):
    """What a planner is asked for: targets for a run. `targets` are given where an earlier run is repeated."""

    run_id: str
    schedule_id: str
    spec: ScheduleSpec
    targets: tuple[str, ...] | None = None
