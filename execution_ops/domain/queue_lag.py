"""How far each queue is behind: the jobs that wait in it, for how long, and who takes them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Health, QueueHealth
from execution_ops.domain.times import Instant
from execution_ops.domain.waiting import why_unserved


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class QueueLag(_Frozen):
    """One queue: `depth` jobs may start and wait, the oldest for `oldest_wait_ms` (None without one), `running` run,
    `workers` that are online serve it. `stuck` says in words why nobody takes what waits; empty if somebody does.
    """

    queue: str
    depth: int
    oldest_wait_ms: int | None
    running: int
    workers: int
    stuck: str = ""


class Lag(_Frozen):
    """All queues: those that are stuck first, then the deepest."""

    items: tuple[QueueLag, ...]
    as_of: Instant


def queue_lag(health: Health) -> Lag:
    """How far the queues are behind, by what is known of them."""
    lines = [_line(queue, health) for queue in health.queues]
    lines.sort(key=lambda line: (not line.stuck, -line.depth, line.queue))
    return Lag(items=tuple(lines), as_of=health.as_of)


def _line(queue: QueueHealth, health: Health) -> QueueLag:
    unserved = why_unserved(queue.queue, health) if queue.waiting else None
    return QueueLag(
        queue=queue.queue,
        depth=queue.waiting,
        oldest_wait_ms=queue.oldest_wait_ms if queue.waiting else None,
        running=queue.running,
        workers=queue.workers,
        stuck=unserved.sentence if unserved else "",
    )
