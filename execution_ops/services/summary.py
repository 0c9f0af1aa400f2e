"""Figures that no request may count: one sample serves all who look, until what it tells of changes or it is a
second old, and those that change slowly longer."""

from __future__ import annotations

from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.dead_letters import LetterCounts
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Counts, Health
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.topics import HEALTH
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.services.jobs import JobService
from execution_ops.services.live import Hub, viewer_key

# The longer a window, the slower its figures change: how old a sample of it may be, in seconds.
RATES_AGE_S = {Window.HOUR: 1.0, Window.SIX_HOURS: 5.0, Window.DAY: 10.0}


class SummaryService:
    """Health and counts from the hub's samples; each answer carries the moment it was read (`as_of`)."""

    def __init__(self, jobs: JobService, letters: DeadLetterService, hub: Hub) -> None:
        self._jobs = jobs
        self._letters = letters
        self._hub = hub

    async def health(self, actor: Actor) -> Health:
        """Queues and workers, at most a second old."""
        require(actor, Scope.READ)
        return await self._hub.sample(("health", viewer_key(actor)), lambda: self._jobs.health(actor), topic=HEALTH)

    async def rates(self, actor: Actor, window: Window) -> Rates:
        """How fast jobs come and end, by queue; 1, 5 or 10 s old at most, by the length of the window."""
        require(actor, Scope.READ)
        key = ("rates", window, viewer_key(actor))
        topic = HEALTH if window is Window.HOUR else ""
        age = RATES_AGE_S[window]
        return await self._hub.sample(key, lambda: self._jobs.rates(actor, window), max_age=age, topic=topic)

    async def counts(self, actor: Actor, where: JobFilter) -> Counts:
        """Counts by state for the filter without its own states, at most a second old."""
        require(actor, Scope.READ)
        free = where.model_copy(update={"state": ()})
        key = ("counts", free.to_query(), viewer_key(actor))
        # What is not kept by counters is counted, which takes longer.
        topic = HEALTH if free.is_counted() else ""
        return await self._hub.sample(key, lambda: self._jobs.counts(actor, free), topic=topic)

    async def letter_counts(self, actor: Actor, where: DeadLetterFilter) -> LetterCounts:
        """Counts of dead letters by state for the filter without its own states, at most a second old."""
        require(actor, Scope.READ)
        free = where.model_copy(update={"state": ()})
        key = ("letter counts", free.to_query(), viewer_key(actor))
        return await self._hub.sample(key, lambda: self._letters.counts(actor, free))
