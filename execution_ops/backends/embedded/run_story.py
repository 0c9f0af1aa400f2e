"""What the feed of a run says of its plan, its segments and its targets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.run_feed import Entry, say, tell_segment
from execution_ops.backends.embedded.run_rows import SEGMENT, TARGET
from execution_ops.domain.runs import Plan
from execution_ops.domain.states import TargetState
from execution_ops.domain.times import describe_duration
from execution_ops.domain.words import counted

_OF_SEGMENTS = (
    select(SEGMENT.c.no, SEGMENT.c.name, TARGET.c.state, func.count().label("targets"))
    .join(TARGET, (TARGET.c.run_n == SEGMENT.c.run_n) & (TARGET.c.segment == SEGMENT.c.no))
    .where(SEGMENT.c.run_n == bindparam("run"), one_of(SEGMENT.c.no, "segments"))
    .group_by(SEGMENT.c.no, SEGMENT.c.name, TARGET.c.state)
    .order_by(SEGMENT.c.no)
)


class Moved(NamedTuple):
    """A target that has begun or ended."""

    no: int
    segment: int
    target: str
    state: TargetState
    error: str
    took_ms: int = 0


def segments_now(connection: Connection, n: int, numbers: Sequence[int]) -> list[Entry]:
    """How the targets of these segments stand."""
    counted = connection.execute(_OF_SEGMENTS, {"run": n, "segments": numbers}).all()
    names = {row.no: row.name for row in counted}
    return [
        tell_segment(no, name, {TargetState(row.state): row.targets for row in counted if row.no == no})
        for no, name in names.items()
    ]


def say_plan(plan: Plan, count: int) -> str:
    """What the planner found, in words."""
    left = [
        f"{number:,} {words}"
        for number, words in (
            (plan.deduped, "named twice"),
            (plan.unchanged, "unchanged"),
            (plan.over, "over the limit"),
        )
        if number
    ]
    planned = f"{len(plan.targets):,} planned in {counted(count, 'segment')}" if plan.targets else "nothing to do"
    return f"{plan.candidates:,} candidates found: {', '.join([*left, planned])}."


def say_target(moved: Moved) -> Entry:
    """That a target has begun or ended, in words."""
    name = moved.target or f"target {moved.no}"
    if moved.state is TargetState.RUNNING:
        words, level = f"{name}: started", logging.DEBUG
    elif moved.state is TargetState.COMPLETED:
        words, level = f"{name}: completed in {describe_duration(moved.took_ms)}", logging.INFO
    elif moved.state is TargetState.CANCELED:
        words, level = f"{name}: canceled", logging.WARNING
    else:
        words, level = f"{name}: failed. {moved.error}", logging.ERROR
    return say(words, level, segment=moved.segment, target=moved.no)
