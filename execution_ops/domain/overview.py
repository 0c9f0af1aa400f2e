"""Jobs & Queues in figures: how many are behind each tab, and the totals of its filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Counts
from execution_ops.domain.states import JobState
from execution_ops.domain.times import Instant

S = TypeVar("S", bound=StrEnum)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Figure(_Frozen):
    """A count; where it is not `exact` there are that many or more."""

    count: int = 0
    exact: bool = True


class Totals(_Frozen):
    """What a filter leaves: jobs that wait and run, jobs that ended since `since` (the beginning of the last hour),
    dead letters that need somebody, and workers that take jobs."""

    waiting: Figure
    running: Figure
    done: Figure
    failed: Figure
    letters: Figure
    workers: Figure
    since: Instant
    as_of: Instant


def of_states(by_state: Mapping[S, int], states: Iterable[S], *, exact: bool) -> Figure:
    """How many are in these states."""
    return Figure(count=sum(by_state.get(state, 0) for state in states), exact=exact)


def of_counts(counts: Counts, *states: JobState) -> Figure:
    """How many of the counted jobs are in these states."""
    return of_states(counts.by_state, states, exact=counts.exact)
