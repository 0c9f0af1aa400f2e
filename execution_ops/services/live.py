"""Live updates: one reader of the change feed per process, however many tabs look on."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import JobBackend
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import OpsError
from execution_ops.domain.jobs import Change
from execution_ops.domain.times import Instant
from execution_ops.domain.topics import FEED, HEALTH, JOBS, KITS, QUOTAS, SCANNER, WORKERS, dag_topic, job_topic
from execution_ops.services.flights import Flights, Loader

T = TypeVar("T")

# What these pages show moves by itself: they are read once a second while somebody looks.
SAMPLED = (HEALTH, QUOTAS, WORKERS)
# What these show moves with every job: a change wakes them at once, and after that they come to rest for so long.
PACED = frozenset({HEALTH})
PACE_S = 0.45
# And what these show grows old by itself, so slowly that a look each minute is enough.
AGING = frozenset({KITS, SCANNER})
POLL_S = 0.1
SAMPLE_S = 1.0
AGE_S = 60.0
IDLE_AFTER_S = 5.0
BACKOFF_MAX_S = 2.0
UNUSED_AFTER_S = 30.0
FEED_BATCH = 1000

_log = logging.getLogger(__name__)


def viewer_key(actor: Actor) -> Hashable:
    """What two viewers must share for one to be shown what was loaded for the other.

    All permissions are in it: an answer can say what its reader may do.
    """
    return (actor.tenants, actor.scopes, actor.reach, actor.refused, actor.unable)


def _micros() -> int:
    """The loop's clock, fine enough that no two events share a moment."""
    return int(asyncio.get_running_loop().time() * 1_000_000)


def _topics(change: Change) -> Iterable[str]:
    return (change.topic,) if change.topic else (JOBS, job_topic(change.job_id), dag_topic(change.dag_id))


class HubStatus(BaseModel):
    """Whether the feed is followed. `as_of` is the last moment at which it surely was."""

    model_config = ConfigDict(frozen=True)

    live: bool
    as_of: Instant
    problem: str = ""


class Gauges(BaseModel):
    """What the hub holds and has done, for /metrics."""

    model_config = ConfigDict(frozen=True)

    viewers: int
    topics: int
    cached: int
    loads: int
    polls: int
    live: bool


class Hub:
    """Wakes pages when what they show changed, and loads each page once for all who look at it.

    Versions are steps of a counter of this process: they only grow, also when the database was
    put back to an older state. Only what somebody looks at is tracked, and nothing is polled
    while nobody does.

    All methods run on the event loop of `run`; loaders run in threads, and what they give to be awaited on the loop.
    """

    def __init__(
        self,
        backend: JobBackend,
        *,
        poll_s: float = POLL_S,
        sample_s: float = SAMPLE_S,
        pace_s: float = PACE_S,
        age_s: float = AGE_S,
        idle_s: float = IDLE_AFTER_S,
    ) -> None:
        self._backend = backend
        self._poll_s = poll_s
        self._sample_s = sample_s
        self._pace_s = pace_s
        self._age_s = age_s
        self._idle_s = idle_s
        self._changed = asyncio.Condition()
        self._wanted = asyncio.Event()
        self._stirred = asyncio.Event()
        self._moved = dict.fromkeys(PACED, 0)
        self._step = 1
        self._versions: dict[str, int] = {}
        self._viewers: Counter[str] = Counter()
        self._flights = Flights()
        self._used_at = 0.0
        self._polls = 0
        self._as_of = datetime.now(UTC)
        self._problem = ""
        self.ended = False

    # for pages

    @property
    def status(self) -> HubStatus:
        """Whether what pages show is current, and since when it is not."""
        return HubStatus(live=not self._problem, as_of=self._as_of, problem=self._problem)

    def gauges(self) -> Gauges:
        """Figures on the hub itself."""
        return Gauges(
            viewers=self._viewers.total(),
            topics=len(self._versions),
            cached=len(self._flights),
            loads=self._flights.loads,
            polls=self._polls,
            live=not self._problem,
        )

    def version(self, topic: str) -> int:
        """The version of the topic now; it grows whenever the topic changes."""
        return self._versions.setdefault(topic, self._step)

    async def wait(self, topic: str, seen: int, timeout: float) -> int:
        """Return the topic's version once it is above `seen`, `status` changed, or time is over.

        A caller compares the answer with `seen`, and shows `status` in any case.
        """
        self._touch()
        problem = self._problem
        self._viewers[topic] += 1
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self.version(topic) > seen or self._problem != problem)
        except TimeoutError:
            pass  # Nothing changed in time, which the unchanged version says.
        finally:
            self._leave(topic)
        return self.version(topic)

    async def page(self, key: Hashable, topic: str, loader: Loader[T], *, anew: bool = False) -> tuple[int, T]:
        """The version of `topic` and what `loader` gave at that version or later.

        One query serves all who ask with the same `key`. The key holds everything that the
        answer depends on, what the viewer may see included (`viewer_key`). Errors of the loader
        reach everyone who waited for it, and are not kept. `anew` reads what is there now, also
        what the feed has not told yet.
        """
        self._touch()
        if anew:
            self._flights.forget((topic, key))
        # The version is read before the query: a change in between costs one more load, not a stale page.
        return await self._flights.get(
            (topic, key), loader, stamp=lambda: self.version(topic), oldest=self.version(topic)
        )

    async def sample(self, key: Hashable, loader: Loader[T], *, max_age: float = SAMPLE_S, topic: str = "") -> T:
        """What `loader` gave at most `max_age` seconds ago: for figures too dear to read per request.

        With one of the PACED topics it was also read after that topic had moved for the last time.
        """
        self._touch()
        oldest = max(_micros() - int(max_age * 1_000_000), self._moved.get(topic, 0))
        _, value = await self._flights.get(("", key), loader, stamp=_micros, oldest=oldest)
        return value

    async def end(self) -> None:
        """The process is about to end: whoever waits is woken once, and streams see `ended` and stop."""
        self.ended = True
        await self._bump_all()

    # the work of the process

    async def run(self) -> None:
        """Follow the feed until canceled; a lost database is retried and noticed when it is back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._pace())
            group.create_task(self._tick())

    async def _follow(self) -> None:
        seq: int | None = None
        delay = self._poll_s
        while True:
            await self._wanted.wait()
            try:
                seq = await self._start() if seq is None else await self._read(seq)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is logged and tried again
                delay = min(delay * 2, BACKOFF_MAX_S)
                await self._lost(error)
            else:
                delay = self._poll_s
                await self._found()
            self._rest_if_idle()
            await asyncio.sleep(delay)

    async def _start(self) -> int:
        seq = await asyncio.to_thread(self._backend.last_change)
        # What was loaded before the position was known may have missed a change.
        await self._bump_all()
        return seq

    async def _read(self, seq: int) -> int:
        changes, trimmed = await asyncio.to_thread(self._backend.changes_after, seq, FEED_BATCH)
        self._polls += 1
        if trimmed or len(changes) == FEED_BATCH:
            return await self._start()
        if changes:
            self._stirred.set()
            await self._bump({FEED, *(topic for change in changes for topic in _topics(change))})
            return changes[-1].seq
        return seq

    async def _pace(self) -> None:
        """Have what moves with every job read again when anything changed, but not with each of many changes."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            await self._bump(set(PACED))
            await asyncio.sleep(self._pace_s)

    async def _tick(self) -> None:
        """Have what moves or grows old by itself read again while somebody looks, and forget what nobody looks at."""
        clock = asyncio.get_running_loop().time
        aged_at = clock()
        while True:
            await asyncio.sleep(self._sample_s)
            # What has just been read for a change need not be read again for its age.
            rested = _micros() - int(self._sample_s * 1_000_000)
            old = {topic for topic in SAMPLED if self._moved.get(topic, 0) <= rested}
            if clock() - aged_at >= self._age_s:
                old |= AGING
                aged_at = clock()
            if viewed := {topic for topic in old if self._viewers[topic]}:
                await self._bump(viewed)
            self._flights.drop_unused(clock() - UNUSED_AFTER_S)
            held = self._flights.topics()
            self._versions = {
                topic: version for topic, version in self._versions.items() if topic in held or self._viewers[topic]
            }

    async def _bump(self, topics: set[str]) -> None:
        async with self._changed:
            self._step += 1
            self._moved.update(dict.fromkeys(topics & PACED, _micros()))
            for topic in topics & self._versions.keys():
                self._versions[topic] = self._step
            self._changed.notify_all()

    async def _bump_all(self) -> None:
        await self._bump(set(self._versions))

    async def _lost(self, error: Exception) -> None:
        problem = error.message if isinstance(error, OpsError) else "The database does not answer."
        if not self._problem:
            _log.warning("the change feed can't be read; trying again until it can", exc_info=error)
        if problem != self._problem:
            # What broke off at first may not answer at all by now.
            async with self._changed:
                self._problem = problem
                self._changed.notify_all()

    async def _found(self) -> None:
        self._as_of = datetime.now(UTC)
        if self._problem:
            _log.info("the change feed is read again")
            self._problem = ""
            await self._bump_all()

    def _touch(self) -> None:
        self._used_at = asyncio.get_running_loop().time()
        self._wanted.set()

    def _leave(self, topic: str) -> None:
        self._viewers[topic] -= 1
        if not self._viewers[topic]:
            del self._viewers[topic]

    def _rest_if_idle(self) -> None:
        unused = asyncio.get_running_loop().time() - self._used_at
        if not self._viewers and unused > self._idle_s:
            # Unfollowed, a kept page could be out of date without anyone noticing.
            self._flights.clear()
            self._versions.clear()
            self._wanted.clear()
