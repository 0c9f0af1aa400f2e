"""What a run tells while it goes: read in parts by pages, and followed from an event on by streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base_scheduler import RunStreamBackend
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput, Unavailable
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLine, RunLog, TargetBars
from execution_ops.domain.runs import Run
from execution_ops.domain.times import Instant, from_ms, iso, now_ms
from execution_ops.domain.topics import run_feed_topic
from execution_ops.services.live import Hub
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, LOG_LIMIT_MAX, check_range, check_search
from execution_ops.services.runs import RunService
from execution_ops.services.summary import SummaryService

# How many events are read at once, and the least time between two reads of one follower.
BATCH = 1_000
# Who is no further behind than this is given what was read for all who follow the run.
TAIL = 200
PAUSE_S = 0.1
LAG_S = 5.0
HEARTBEAT_S = 15.0
RETRY_S = 1.0


class QueueLag(BaseModel):
    """How far the queue of a run is behind: not an event of the run, so it has no number."""

    model_config = ConfigDict(frozen=True)

    queue: str
    waiting: int
    oldest_wait_ms: int | None
    running: int
    workers: int


class Heartbeat(BaseModel):
    """The stream lives. `last` is the newest event that was sent; not `live` while the database does not answer."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    last: int
    live: bool


Told = RunEvent | QueueLag | Heartbeat


class RunStreamService:
    """Blocking and thread-safe but for `follow`. Every method takes the actor first and raises OpsError in words."""

    def __init__(
        self, backend: RunStreamBackend, runs: RunService, summary: SummaryService, hub: Hub, redact: Redactor
    ) -> None:
        self._backend = backend
        self._runs = runs
        self._summary = summary
        self._hub = hub
        self._redact = redact

    def feed(self, actor: Actor, run_id: str) -> RunFeed:
        """How far the events of a run go."""
        self._runs.find(actor, run_id)
        return self._feed(run_id)

    def events(self, actor: Actor, run_id: str, *, after: int = 0, limit: int = LIMIT_DEFAULT) -> Sequence[RunEvent]:
        """Events of a run with a number above `after`, oldest first."""
        self._runs.find(actor, run_id)
        check_range("limit", limit, LIMIT_MAX)
        return self._events(run_id, check_after(after), limit)

    def log(
        self,
        actor: Actor,
        run_id: str,
        *,
        after: int = 0,
        skip: int = 0,
        limit: int = LIMIT_MAX,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> RunLog:
        """A window of the run's log, see `RunStreamBackend.run_log`."""
        self._runs.find(actor, run_id)
        check_range("limit", limit, LOG_LIMIT_MAX)
        check_search(after, skip, text)
        found = self._backend.run_log(run_id, after=after, skip=skip, limit=limit, level=level, text=text, last=last)
        return self._redact.run_log(found)

    def log_text(self, actor: Actor, run_id: str) -> Iterator[bytes]:
        """The whole log as text, in chunks; raises before the first chunk, not within."""
        return self._log_chunks(actor, run_id, self.log(actor, run_id, limit=LOG_LIMIT_MAX))

    def _log_chunks(self, actor: Actor, run_id: str, part: RunLog) -> Iterator[bytes]:
        while part.lines:
            yield "".join(map(_text_line, part.lines)).encode(errors="backslashreplace")
            part = self.log(actor, run_id, after=part.lines[-1].line, limit=LOG_LIMIT_MAX)

    def bars(self, actor: Actor, run_id: str, segment: int) -> Sequence[TargetBars]:
        """The targets of a segment with their jobs."""
        self._runs.find(actor, run_id)
        if not 1 <= segment < 2**31:
            raise InvalidInput("A segment has a number from 1.")
        return [self._redact.target_bars(one) for one in self._backend.run_bars(run_id, segment)]

    def artifacts(
        self, actor: Actor, run_id: str, *, after: int = 0, limit: int = LIMIT_DEFAULT
    ) -> Sequence[RunArtifact]:
        """What the jobs of the `limit` targets after number `after` left behind, in the order of the plan."""
        self._runs.find(actor, run_id)
        check_range("limit", limit, LIMIT_MAX)
        return self._backend.run_artifacts(run_id, after=check_after(after), limit=limit)

    async def follow(self, actor: Actor, run_id: str, *, after: int = 0) -> AsyncGenerator[Sequence[Told], None]:
        """Every event after a number, as it comes, until the run has told all; with how its queue lags and signs
        of life in between. Whoever goes on from the last number that they got misses and repeats nothing.
        """
        run, topic = await asyncio.to_thread(self._runs.find, actor, run_id), run_feed_topic(run_id)
        clock = asyncio.get_running_loop().time
        lag_at, beat_at, sent = clock(), clock() + HEARTBEAT_S, check_after(after)
        while not self._hub.ended:
            seen = self._hub.version(topic)
            try:
                feed, events = await self._next(run_id, sent)
                lag = await self._lag(actor, run) if not feed.closed and clock() >= lag_at else None
            except Unavailable:
                yield [Heartbeat(at=from_ms(now_ms()), last=sent, live=False)]
                await asyncio.sleep(RETRY_S)
                continue
            if events:
                sent = events[-1].seq
                yield events
            if feed.closed and sent >= feed.last:
                return
            if lag is not None:
                lag_at = clock() + LAG_S
                yield lag
            if sent < feed.last:
                continue
            if clock() >= beat_at:
                beat_at = clock() + HEARTBEAT_S
                yield [Heartbeat(at=from_ms(now_ms()), last=sent, live=self._hub.status.live)]
            await asyncio.sleep(PAUSE_S)
            await self._hub.wait(topic, seen, max(0.0, min(lag_at, beat_at) - clock()))

    async def _next(self, run_id: str, after: int) -> tuple[RunFeed, Sequence[RunEvent]]:
        """How far the feed goes, and the next events. However many follow, the end is read once for all of them:
        when it has changed, and every few seconds in any case, sooner while nobody would say that it has."""
        every = LAG_S if self._hub.status.live else RETRY_S
        key = ("end", every, asyncio.get_running_loop().time() // every)
        _, (feed, events) = await self._hub.page(key, run_feed_topic(run_id), lambda: self._end(run_id))
        if after >= feed.last:
            return feed, [event for event in events if event.seq > after]
        if events and events[0].seq <= after + 1:
            return feed, events[after + 1 - events[0].seq :]
        return feed, await asyncio.to_thread(self._events, run_id, after, BATCH)

    def _end(self, run_id: str) -> tuple[RunFeed, Sequence[RunEvent]]:
        # The place first: an event that comes in between is read now or the next time, never left out.
        feed = self._feed(run_id)
        return feed, self._events(run_id, max(0, feed.last - TAIL), BATCH)

    def _feed(self, run_id: str) -> RunFeed:
        return self._backend.run_feed(run_id) or RunFeed(last=0, closed=True)

    def _events(self, run_id: str, after: int, limit: int) -> Sequence[RunEvent]:
        return [self._redact.run_event(one) for one in self._backend.run_events(run_id, after=after, limit=limit)]

    async def _lag(self, actor: Actor, run: Run) -> list[Told]:
        health = await self._summary.health(actor)
        found = next((one for one in health.queues if one.queue == run.queue), None)
        if found is None:
            # A queue that never had a job is in no list of queues.
            serving = sum(run.queue in worker.queues for worker in health.workers)
            return [QueueLag(queue=run.queue, waiting=0, oldest_wait_ms=None, running=0, workers=serving)]
        return [
            QueueLag(
                queue=found.queue,
                waiting=found.waiting,
                oldest_wait_ms=found.oldest_wait_ms,
                running=found.running,
                workers=found.workers,
            )
        ]


def _text_line(line: RunLine) -> str:
    where = f"segment {line.segment}" if line.segment else "run"
    source = "" if line.source == "run" else f"{line.source}: "
    return f"{iso(line.at)} {line.level.value:<7} [{where}] {source}{line.text}\n"


def check_after(after: int) -> int:
    """The number of an event or a target after which is read; InvalidInput for what is none."""
    if not 0 <= after < 2**53:
        raise InvalidInput("after is a number from 0.")
    return after
