"""The JobEngine summary: how the queues stand, from the hub's samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import Health
from execution_ops.domain.standing import Standing
from execution_ops.domain.states import WorkerState
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.topics import HEALTH
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import Ask, LivePage
from execution_ops.state.queues_view import BAD, SUCCEEDED, QueueCurves, QueueLine, QueueRows, QueueWays, queue_rows
from execution_ops.state.sending import send_changed
from execution_ops.state.standing_view import ALL, Strip, say_standing, strip_of
from execution_ops.texts import overview as words


@dataclass(frozen=True)
class Summary:
    """How the queues stand, and the same as all who look are shown it."""

    health: Health
    queues: QueueRows
    done_href: str
    failed_href: str


async def read_summary(actor: Actor) -> Summary:
    """What the page shows."""
    health = await services().summary.health(actor)
    hour = ("ended_after", iso(health.hour_from))
    return Summary(
        health,
        queue_rows(health.queues, hour),
        done_href=routes.jobs([SUCCEEDED, hour]),
        failed_href=routes.jobs([*BAD, hour]),
    )


class SummaryQueues(rx.State):
    """The rows of the queues, apart from all else; see `QueueRows`."""

    rows: rx.Field[list[QueueLine]] = rx.field(default_factory=list)
    ways: rx.Field[dict[str, QueueWays]] = rx.field(default_factory=dict)
    curves: rx.Field[dict[str, QueueCurves]] = rx.field(default_factory=dict)


class SummaryPage(LivePage, rx.State):
    """Totals, what blocks, and the queues."""

    sentence: str = ""
    empty: bool = False
    strip: Strip = Strip()
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
    queue_count: int = 0

    def _ask(self) -> Ask:
        # Read for its faults: what is loaded is the same for every address, so all tabs share it.
        self._wants_all()
        actor, service = actor_of(self), services()

        async def beside() -> Standing:
            return await service.overview.standing(actor)

        return Ask(HEALTH, ("summary", viewer_key(actor)), lambda: read_summary(actor), beside)

    def _wants_all(self) -> bool:
        """Whether the address asks for all of what blocks."""
        return ALL in query_pairs(self.router.url.query)

    async def _show(self, answer: Any) -> None:
        health: Health = answer.health
        self.as_of = iso(health.as_of)
        # Read every second; most seconds nothing has changed, and then nothing is sent.
        send_changed(await self.get_state(SummaryQueues), rows=answer.queues.rows, **answer.queues.apart())
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
        self.queue_count = len(health.queues)

    def _show_beside(self, beside: Any) -> None:
        strip = strip_of(beside, routes.jobengine, (), whole=self._wants_all())
        standing = say_standing(self.queue_count, len(beside.blocks))
        send_changed(self, strip=strip, sentence=words.NO_QUEUE_HAS_HAD_A_JOB_YET if self.empty else standing)
