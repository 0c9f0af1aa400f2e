"""Where each thing that blocks is mended, and where the rows are that it holds up."""

from __future__ import annotations

from typing import NamedTuple

from execution_ops import routes
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.standing import Block, BlockKind
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState, JobState
from execution_ops.domain.times import iso

OPEN = tuple(state for state in DeadLetterState if state in OPEN_LETTERS)


class WayOut(NamedTuple):
    """The page that mends it, with what it is called there, and the list of what is held up ("" without one)."""

    words: str
    href: str
    held_href: str = ""


def way_out(block: Block) -> WayOut:
    """The way out of a block."""
    subject = block.subject
    if block.kind is BlockKind.NO_WORKER:
        waiting = routes.jobs([("state", JobState.SCHEDULED.value), ("queue", subject)])
        if block.draining:
            return WayOut("Resume its workers", routes.workers([("queue", subject)]), waiting)
        return WayOut("Start a worker", routes.workers(), waiting)
    if block.kind is BlockKind.QUOTA_PAUSED:
        return WayOut("Open the quota", routes.quota(subject), routes.jobs([("quota", subject)]))
    if block.kind is BlockKind.LETTERS_RISING:
        since = DeadLetterFilter(state=OPEN, after=iso(block.since))
        return WayOut("Review them by error", routes.dead_letter(), routes.dead_letter_queue(since.to_pairs()))
    if block.kind is BlockKind.SCHEDULE_MISSED:
        return WayOut("Open the schedule", routes.schedule(subject))
    if block.kind is BlockKind.KIT_STALE:
        return WayOut("Import a newer kit", routes.offline_kits())
    running = routes.jobs([("state", JobState.RUNNING.value), ("worker", subject)])
    return WayOut("Open the worker", routes.worker(subject), running)
