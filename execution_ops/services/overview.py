"""Jobs & Queues: what blocks, how the queues stand, and the figures of its tabs, each read once for all who look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from execution_ops.backends.base import Backend
from execution_ops.domain import standing
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.dead_letters import Groups
from execution_ops.domain.fleet import Fleet
from execution_ops.domain.jobs import Health, QueueHealth
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.overview import Figure, QueuesStanding, Totals, of_counts, of_states, queues_standing
from execution_ops.domain.overview_filters import OverviewFilter, Tab
from execution_ops.domain.quotas import QuotaRow
from execution_ops.domain.rates import Rates
from execution_ops.domain.standing import Block, Standing
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState, JobState, RunState, WorkerState
from execution_ops.domain.times import iso
from execution_ops.domain.topics import SCHEDULES
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.services.jobs import JobService
from execution_ops.services.kits import KitService
from execution_ops.services.live import SAMPLE_S, Hub, viewer_key
from execution_ops.services.quotas import QuotaService
from execution_ops.services.runs import RunService
from execution_ops.services.scanner_settings import ScannerSettingsService
from execution_ops.services.schedules import ScheduleService
from execution_ops.services.summary import SummaryService
from execution_ops.services.workers import WorkerService

# What changes by the hour or by the day is asked for less often than how the queues stand.
SLOW_S = 5.0
# Of so many error groups, those with the most open entries, the deaths are added up.
GROUPS = 100
# A run of one state is counted up to one more than this.
RUNS_MAX = 10_000
SYSTEM = Actor(name="console", scopes=frozenset({Scope.READ}))
_BAD = (JobState.FAILED, JobState.TIMED_OUT)


class Sources(NamedTuple):
    """The services that know the parts."""

    jobs: JobService
    letters: DeadLetterService
    runs: RunService
    quotas: QuotaService
    schedules: ScheduleService
    workers: WorkerService
    kits: KitService
    settings: ScannerSettingsService


class QueuesNow(NamedTuple):
    """The queues of a filter, and the health of all that its tenants have, from which they were taken."""

    standing: QueuesStanding
    health: Health


class _Slow(NamedTuple):
    """What is asked for less often: what blocks by the hour, and since when nothing does."""

    blocks: tuple[Block, ...]
    clear_since: datetime | None


class OverviewService:
    """`read`, `queues_now` and `watch` block and are thread-safe; all else runs on the hub's event loop.

    Every method but `watch` takes the actor first and raises OpsError in words.
    """

    def __init__(self, backend: Backend, sources: Sources, summary: SummaryService, hub: Hub) -> None:
        self._backend = backend
        self._of = sources
        self._summary = summary
        self._hub = hub

    # what blocks

    async def standing(self, actor: Actor, health: Health | None = None) -> Standing:
        """What blocks for who sees what the actor sees, at most some seconds old; pass the health that is at hand."""
        require(actor, Scope.READ)
        viewer = viewer_key(actor)
        health = health or await self._summary.health(actor)
        quotas = await self._hub.sample(("quotas", viewer), lambda: self._of.quotas.all(actor))

        def sampled() -> _Slow | Awaitable[_Slow]:
            return self._sampled(actor)

        slow = await self._hub.sample(("slow blocks", viewer), sampled, max_age=SLOW_S)
        return _standing(health, quotas, slow)

    def read(self, actor: Actor) -> Standing:
        """The same, read now: for a terminal."""
        require(actor, Scope.READ)
        slow = self._slow(actor, self._missed(actor))
        return _standing(self._of.jobs.health(actor), self._of.quotas.all(actor), slow)

    def watch(self) -> None:
        """Look whether anything blocks anybody, and keep it: from that the backend tells since when nothing does.

        The leading worker calls it every few seconds.
        """
        self._backend.note_blocked(bool(self.read(SYSTEM).blocks))

    async def _sampled(self, actor: Actor) -> _Slow:
        # What came of due times is told by the feed: it is read again only when a schedule fired or was changed.
        _, missed = await self._hub.page(("missed", viewer_key(actor)), SCHEDULES, lambda: self._missed(actor))
        return await asyncio.to_thread(self._slow, actor, missed)

    def _slow(self, actor: Actor, missed: Sequence[Block]) -> _Slow:
        blocks = (*self._rising(actor), *missed, *self._stale(actor))
        return _Slow(blocks, self._backend.clear_since())

    def _rising(self, actor: Actor) -> list[Block]:
        found: Groups = self._of.letters.groups(actor, DeadLetterFilter(), limit=GROUPS)
        hours = standing.rise(standing.add_up(group.trend for group in found.groups))
        if not hours:
            return []
        this_hour = found.health.as_of.replace(minute=0, second=0, microsecond=0)
        since = this_hour - timedelta(hours=hours - 1)
        counts = self._of.letters.counts(actor, DeadLetterFilter(after=iso(since)))
        return standing.rising(since, sum(counts.by_state.get(state, 0) for state in OPEN_LETTERS))

    def _missed(self, actor: Actor) -> list[Block]:
        return standing.missed(self._of.schedules.missed_last(actor))

    def _stale(self, actor: Actor) -> list[Block]:
        active = self._of.kits.status(actor).place.active
        if active is None or active.created_at is None:
            return []
        red_h = self._of.settings.get(actor).settings.staleness.red_h
        return standing.stale(active.id, active.title, active.created_at, red_h, datetime.now(UTC))

    # how the queues stand

    def queues_now(self, actor: Actor, where: OverviewFilter) -> QueuesNow:
        """The queues that match, and how fast their jobs come and end; blocking."""
        seen = _of_tenants(actor, where.tenant)
        return _queues(self._of.jobs.health(seen), self._of.jobs.rates(seen, where.window), where)

    async def queues(self, actor: Actor, where: OverviewFilter) -> QueuesNow:
        """The same from the hub's samples, which all filters of the same tenants share."""
        seen = _of_tenants(actor, where.tenant)
        return _queues(await self._summary.health(seen), await self._summary.rates(seen, where.window), where)

    async def _health(self, actor: Actor, where: OverviewFilter, at_hand: Health | None) -> Health:
        """That of the queues that match; `at_hand` is that of the filter's tenants, if it is."""
        return _matching(at_hand or await self._summary.health(_of_tenants(actor, where.tenant)), where)

    # figures

    async def tab_counts(self, actor: Actor, where: OverviewFilter, health: Health | None = None) -> dict[Tab, Figure]:
        """How many are behind each tab if it were shown with this filter; `health` of its tenants, if at hand."""
        jobs, letters = where.jobs(), where.letters()
        counts = await self._summary.counts(actor, jobs)
        died = await self._summary.letter_counts(actor, letters)
        fleet = await self._fleet(actor)
        return {
            Tab.QUEUES: Figure(count=len((await self._health(actor, where, health)).queues)),
            Tab.JOBS: of_counts(counts, *(jobs.state or JobState)),
            Tab.RUNS: await self._runs(actor, where),
            Tab.LETTERS: of_states(died.by_state, letters.state or DeadLetterState, exact=died.exact),
            Tab.WORKERS: Figure(count=sum(where.workers().matches(worker) for worker in fleet.workers)),
        }

    async def totals(self, actor: Actor, where: OverviewFilter, health: Health | None = None) -> Totals:
        """The figures of what the tab's filter leaves, without its states and texts; `health` of its tenants, if at
        hand."""
        where = where.totals()
        jobs = where.jobs()
        counts = await self._summary.counts(actor, jobs)
        health = await self._health(actor, where, health)
        died = await self._summary.letter_counts(actor, where.letters())
        fleet = await self._fleet(actor)
        takers = where.workers().model_copy(update={"state": (WorkerState.ONLINE,)})
        if jobs.job_type or jobs.after or jobs.before:
            # The figures of the minutes are of whole queues.
            lately = jobs.model_copy(update={"ended_after": iso(health.hour_from)})
            ended = await self._summary.counts(actor, lately)
            done, failed = of_counts(ended, JobState.SUCCEEDED), of_counts(ended, *_BAD)
        else:
            done = Figure(count=sum(queue.done_last_hour for queue in health.queues))
            failed = Figure(count=sum(queue.failed_last_hour for queue in health.queues))
        return Totals(
            waiting=of_counts(counts, JobState.SCHEDULED),
            running=of_counts(counts, JobState.RUNNING),
            done=done,
            failed=failed,
            letters=of_states(died.by_state, OPEN_LETTERS, exact=died.exact),
            workers=Figure(count=sum(takers.matches(worker) for worker in fleet.workers)),
            since=health.hour_from,
            as_of=health.as_of,
        )

    async def _fleet(self, actor: Actor) -> Fleet:
        return await self._hub.sample(("fleet", viewer_key(actor)), lambda: self._of.workers.fleet(actor))

    async def _runs(self, actor: Actor, where: OverviewFilter) -> Figure:
        free = where.runs().model_copy(update={"state": ()})
        key = ("run counts", free.to_query(), viewer_key(actor))
        # Runs have no counters: each state is counted up to its bound.
        age = SAMPLE_S if where.tab is Tab.RUNS else SLOW_S
        counts = await self._hub.sample(key, lambda: self._of.runs.counts(actor, free), max_age=age)
        wanted = where.run_state or tuple(RunState)
        return of_states(counts, wanted, exact=all(counts.get(state, 0) <= RUNS_MAX for state in wanted))


def _standing(health: Health, quotas: Iterable[QuotaRow], slow: _Slow) -> Standing:
    found = [*standing.unserved(health), *standing.paused(quotas), *standing.lost(health), *slow.blocks]
    return Standing(blocks=standing.ranked(found), clear_since=None if found else slow.clear_since, as_of=health.as_of)


def _of_tenants(actor: Actor, tenants: Sequence[str]) -> Actor:
    """The actor as one who sees no more than these tenants; all that they see if none is named."""
    if not tenants:
        return actor
    return actor.model_copy(update={"tenants": frozenset(one for one in tenants if actor.sees(one))})


def _queues(health: Health, rates: Rates, where: OverviewFilter) -> QueuesNow:
    return QueuesNow(queues_standing(_matching(health, where).queues, rates), health)


def _matching(health: Health, where: OverviewFilter) -> Health:
    # Of a tenant only the queues that it has had jobs in: every worker serves some for all.
    used = [queue for queue in health.queues if where.has_queue(queue.queue) and (queue.job_types or not where.tenant)]
    return health.model_copy(update={"queues": tuple(sorted(used, key=_place))})


def _place(queue: QueueHealth) -> tuple[bool, str]:
    return not standing.is_stuck(queue), queue.queue
