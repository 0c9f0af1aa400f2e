"""What stands in the way now: each thing in a sentence, with since when, the most severe first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, computed_field

from execution_ops.domain.jobs import Health, QueueHealth
from execution_ops.domain.outlook import MissedFiring
from execution_ops.domain.quotas import WAITING_MAX, QuotaRow
from execution_ops.domain.schedules import SAYS_MISSED
from execution_ops.domain.states import WorkerState
from execution_ops.domain.times import Instant
from execution_ops.domain.waiting import WaitingKind, why_unserved
from execution_ops.domain.words import counted

# Fewer deaths than these in an hour and what has passed of this one are no rise, however quiet it was before.
DEATHS_MIN = 5
# So many times the usual number of an hour is a rise.
RISE = 3
# Of which the last hours are not the usual ones.
_RECENT = 2


class BlockKind(StrEnum):
    """What kind of thing stands in the way, the most severe first."""

    NO_WORKER = "no_worker"
    QUOTA_PAUSED = "quota_paused"
    LETTERS_RISING = "letters_rising"
    SCHEDULE_MISSED = "schedule_missed"
    KIT_STALE = "kit_stale"
    WORKER_LOST = "worker_lost"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Block(_Frozen):
    """One thing that stands in the way: `title` is a sentence without its full stop.

    `subject` is the queue, or the id of the quota, schedule, kit or worker. `count` things are held up or touched,
    `held` says so in words ("318 jobs wait"); 0 and "" where nothing is counted. `note` adds what is no figure.
    `draining` says of a queue that its workers are there and take nothing new.
    """

    kind: BlockKind
    subject: str
    title: str
    count: int = 0
    held: str = ""
    note: str = ""
    since: Instant
    draining: bool = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """All of it but since when."""
        details = ", ".join(part for part in (self.held, self.note) if part)
        return f"{self.title}: {details}." if details else f"{self.title}."


class Standing(_Frozen):
    """What blocks, the most severe first. `clear_since` is since when nothing does, None while something does, or
    where that is not known."""

    blocks: tuple[Block, ...]
    clear_since: Instant | None = None
    as_of: Instant


def ranked(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The most severe kind first; of a kind what holds up most, then what has lasted longest."""
    kinds = list(BlockKind)

    def place(block: Block) -> tuple[int, int, float, str]:
        return kinds.index(block.kind), -block.count, block.since.timestamp(), block.subject

    return tuple(sorted(blocks, key=place))


class Queued(Protocol):
    """What is known of a queue."""

    @property
    def waiting(self) -> int:
        """How many jobs may start."""

    @property
    def workers(self) -> int:
        """How many workers that are online serve it."""


def is_stuck(queue: Queued) -> bool:
    """Whether jobs wait in the queue and no worker that is online serves it."""
    return queue.waiting > 0 and queue.workers == 0


def unserved(health: Health) -> list[Block]:
    """The queues in which jobs wait that no worker takes."""
    return [_unserved(queue, health) for queue in health.queues if is_stuck(queue)]


def _unserved(queue: QueueHealth, health: Health) -> Block:
    why = why_unserved(queue.queue, health)
    draining = why is not None and why.kind is WaitingKind.WORKERS_DRAIN
    says = f"All workers of the queue {queue.queue} drain" if draining else f"No worker serves the queue {queue.queue}"
    return Block(
        kind=BlockKind.NO_WORKER,
        subject=queue.queue,
        title=says,
        count=queue.waiting,
        held=counted(queue.waiting, "job waits", "jobs wait"),
        since=_unserved_since(queue, health),
        draining=draining,
    )


def _unserved_since(queue: QueueHealth, health: Health) -> datetime:
    """Since the oldest job waits, or since the last worker of the queue ended if that is later."""
    oldest = health.as_of - timedelta(milliseconds=queue.oldest_wait_ms or 0)
    ended = [worker.ended_at for worker in health.workers if worker.ended_at and queue.queue in worker.queues]
    return max([oldest, *(at for at in ended if at <= health.as_of)])


def lost(health: Health) -> list[Block]:
    """The workers that died with jobs on them which nobody has taken over yet."""
    return [
        Block(
            kind=BlockKind.WORKER_LOST,
            subject=worker.id,
            title=f"Worker {worker.name or worker.id} is lost",
            count=worker.running,
            held=counted(worker.running, "job ran on it", "jobs ran on it"),
            note="they start again on another worker" if worker.running > 1 else "it starts again on another worker",
            since=worker.heartbeat_at,
        )
        for worker in health.workers
        if worker.state is WorkerState.LOST and worker.running
    ]


def paused(quotas: Iterable[QuotaRow]) -> list[Block]:
    """The paused quotas that hold jobs back."""
    return [
        Block(
            kind=BlockKind.QUOTA_PAUSED,
            subject=quota.id,
            title=f"The quota {quota.name} is paused",
            count=quota.waiting,
            held=f"{WAITING_MAX:,}+ jobs wait"
            if quota.waiting > WAITING_MAX
            else counted(quota.waiting, "job waits", "jobs wait"),
            note=f"paused by {quota.paused_by}" if quota.paused_by else "",
            since=quota.paused_at,
        )
        for quota in quotas
        if quota.paused_at is not None and quota.waiting
    ]


def rise(deaths: Sequence[int]) -> int:
    """How many of the last hours, this one included, the deaths have risen for; 0 if they have not.

    `deaths` are those of each hour, oldest first, this hour last.
    """
    recent, usual = deaths[-_RECENT:], deaths[:-_RECENT]
    bound = RISE * sum(usual) / len(usual) if usual else 0
    if sum(recent) < DEATHS_MIN or max(recent) <= bound:
        return 0
    hours = 0
    for count in reversed(deaths):
        # This hour has only begun: it may not have reached the bound yet.
        if count <= bound and hours > 0:
            break
        hours += 1
    return hours


def rising(since: datetime, open_letters: int) -> list[Block]:
    """The dead letters that came since a rise began, if any of them still needs somebody."""
    if not open_letters:
        return []
    return [
        Block(
            kind=BlockKind.LETTERS_RISING,
            subject="",
            title="More jobs die than usual",
            count=open_letters,
            held=counted(open_letters, "dead letter needs a decision", "dead letters need a decision"),
            since=since,
        )
    ]


def add_up(trends: Iterable[Sequence[int]]) -> list[int]:
    """The sum of series that end at the same hour."""
    sums: dict[int, int] = defaultdict(int)
    for trend in trends:
        for place, count in enumerate(reversed(trend)):
            sums[place] += count
    return [sums[place] for place in sorted(sums, reverse=True)]


def missed(firings: Iterable[MissedFiring]) -> list[Block]:
    """The enabled schedules whose last due time brought no run; what was paused then was meant to bring none."""
    return [
        Block(
            kind=BlockKind.SCHEDULE_MISSED,
            subject=one.schedule_id,
            title=f"The schedule {one.name} missed its last "
            f"{'due time' if one.times == 1 else f'{one.times:,} due times'}",
            note=SAYS_MISSED[one.missed],
            since=one.due_at,
        )
        for one in firings
    ]


def stale(kit_id: str, version: str, created_at: datetime, red_h: int, now: datetime) -> list[Block]:
    """The active offline kit, if it is `red_h` hours old or older."""
    since = created_at + timedelta(hours=red_h)
    if now < since:
        return []
    title = f"The offline kit {version} is stale"
    return [
        Block(
            kind=BlockKind.KIT_STALE, subject=kit_id, title=title, note=f"it is older than {red_h:,} hours", since=since
        )
    ]
