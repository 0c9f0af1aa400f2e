"""The JobEngine summary: how the queues stand, from the hub's samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import Health, QueueHealth
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.topics import HEALTH
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.live import Ask, LivePage

_SUCCEEDED = ("state", JobState.SUCCEEDED.value)
_BAD = [("state", JobState.FAILED.value), ("state", JobState.TIMED_OUT.value)]


@dataclass(frozen=True)
class QueueLine:
    """One queue. Every figure has the address of the list that it counts."""

    queue: str
    href: str
    job_types: str
    waiting: int
    waiting_href: str
    pending: int
    pending_href: str
    running: int
    running_href: str
    limit: int | None
    limit_text: str
    oldest_wait: str
    oldest_href: str
    done: int
    done_href: str
    series: list[int]
    series_label: str
    failed: int
    failed_href: str
    workers: int
    stuck: bool


@dataclass(frozen=True)
class Block:
    """One thing that stands in the way now: a sentence, what it means, and the page that helps."""

    title: str
    text: str
    link: str
    href: str


@dataclass(frozen=True)
class Standing:
    """How things stand, and the same as all who look are shown it."""

    health: Health
    queues: list[QueueLine]
    blocks: list[Block]
    done_href: str
    failed_href: str


def read_standing(actor: Actor) -> Standing:
    """What the page shows; blocking."""
    health = services().jobs.health(actor)
    hour = ("ended_after", iso(health.hour_from))
    return Standing(
        health,
        [queue_line(queue, hour) for queue in health.queues],
        blocks(health),
        done_href=routes.jobs([_SUCCEEDED, hour]),
        failed_href=routes.jobs([*_BAD, hour]),
    )


class SummaryPage(LivePage, rx.State):
    """Totals, what blocks, and the queues."""

    sentence: str = ""
    empty: bool = False
    queues: rx.Field[list[QueueLine]] = rx.field(default_factory=list)
    blocks: rx.Field[list[Block]] = rx.field(default_factory=list)
    waiting: int = 0
    pending: int = 0
    running: int = 0
    limit_text: str = ""
    oldest: str = ""
    oldest_queue: str = ""
    done: int = 0
    done_href: str = ""
    failed: int = 0
    failed_href: str = ""
    workers_text: str = ""
    workers_note: str = ""
    as_of: str = ""

    def _ask(self) -> Ask:
        actor = actor_of(self)
        return Ask(HEALTH, ("summary", viewer_key(actor)), lambda: read_standing(actor))

    async def _show(self, answer: Any) -> None:
        health: Health = answer.health
        self.as_of = iso(health.as_of)
        # Read every second; most seconds nothing has changed, and then nothing is sent.
        if self.queues != answer.queues:
            self.queues = answer.queues
        if self.blocks != answer.blocks:
            self.blocks = answer.blocks
        # A queue names the types of the jobs that it ever had.
        self.empty = not any(queue.job_types for queue in health.queues)
        self.waiting = sum(queue.waiting for queue in health.queues)
        self.pending = sum(queue.pending for queue in health.queues)
        self.running = sum(queue.running for queue in health.queues)
        self.done = sum(queue.done_last_hour for queue in health.queues)
        self.done_href, self.failed_href = answer.done_href, answer.failed_href
        self.failed = sum(queue.failed_last_hour for queue in health.queues)
        limits = [queue.limit for queue in health.queues]
        self.limit_text = f"of {sum(limit for limit in limits if limit)}" if limits and all(limits) else ""
        oldest = max(health.queues, key=lambda queue: queue.oldest_wait_ms or 0, default=None)
        self.oldest = describe_duration(oldest.oldest_wait_ms) if oldest and oldest.oldest_wait_ms else "none"
        self.oldest_queue = oldest.queue if oldest and oldest.oldest_wait_ms else ""
        online = sum(worker.state is WorkerState.ONLINE for worker in health.workers)
        self.workers_text = str(online)
        lost = sum(worker.state is WorkerState.LOST for worker in health.workers)
        self.workers_note = f"online, {lost} lost" if lost else "online"
        self.sentence = _sentence(health, answer.blocks)


def queue_line(queue: QueueHealth, hour: tuple[str, str]) -> QueueLine:
    """A queue as the table draws it. `hour` is the filter of what ended in the last hour."""
    here = ("queue", queue.queue)
    return QueueLine(
        queue=queue.queue,
        href=routes.jobs([here]),
        job_types=", ".join(queue.job_types),
        waiting=queue.waiting,
        waiting_href=routes.jobs([("state", "scheduled"), here]),
        pending=queue.pending,
        pending_href=routes.jobs([("state", "pending"), here]),
        running=queue.running,
        running_href=routes.jobs([("state", "running"), here]),
        limit=queue.limit,
        limit_text=f"of {queue.limit}" if queue.limit else "",
        oldest_wait=describe_duration(queue.oldest_wait_ms) if queue.oldest_wait_ms is not None else "none",
        oldest_href=routes.jobs([("state", "scheduled"), here, ("sort", "oldest")]),
        done=queue.done_last_hour,
        done_href=routes.jobs([_SUCCEEDED, here, hour]),
        series=list(queue.done_series),
        series_label=f"Jobs of {queue.queue} done a minute, in the last hour",
        failed=queue.failed_last_hour,
        failed_href=routes.jobs([*_BAD, here, hour]),
        workers=queue.workers,
        stuck=_is_stuck(queue),
    )


def blocks(health: Health) -> list[Block]:
    """What stands in the way, most severe first."""
    found = [
        Block(
            title=f"{queue.queue}: {queue.waiting:,} {'job waits' if queue.waiting == 1 else 'jobs wait'}, "
            "no worker serves the queue",
            text=f"the oldest for {describe_duration(queue.oldest_wait_ms)}; start one with execution-ops worker",
            link="Open the waiting jobs",
            href=routes.jobs([("state", "scheduled"), ("queue", queue.queue)]),
        )
        for queue in health.queues
        if _is_stuck(queue)
    ]
    lost = [worker for worker in health.workers if worker.state is WorkerState.LOST and worker.running]
    found += [
        Block(
            title=f"Worker {worker.id} is lost with {worker.running} running",
            text=f"on {worker.host}; its jobs start again on another worker",
            link="Open its jobs",
            href=routes.jobs([("state", "running"), ("worker", worker.id)]),
        )
        for worker in lost
    ]
    return found


def _is_stuck(queue: QueueHealth) -> bool:
    return queue.waiting > 0 and queue.workers == 0


def _sentence(health: Health, found: list[Block]) -> str:
    count = len(health.queues)
    if not any(queue.job_types for queue in health.queues):
        return "No queue has had a job yet."
    queues = "1 queue" if count == 1 else f"{count} queues"
    if not found:
        return f"{queues}, nothing blocks. Every number opens the list behind it."
    need = "1 thing needs" if len(found) == 1 else f"{len(found)} things need"
    return f"{queues}, {need} attention. Every number opens the list behind it."
