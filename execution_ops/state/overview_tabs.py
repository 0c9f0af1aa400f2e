"""What each tab of Jobs & Queues reads, what its rows are, and the page where something can be done with them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.filter_fields import AGES
from execution_ops.domain.jobs import Health
from execution_ops.domain.named_pages import NamedPage, named_page
from execution_ops.domain.overview import Figure
from execution_ops.domain.overview_filters import (
    JOB_STATE,
    LETTER_STATE,
    RUN_STATE,
    WORKER_STATE,
    OverviewFilter,
    Tab,
)
from execution_ops.domain.query_values import Sort
from execution_ops.domain.rates import Window
from execution_ops.domain.standing import is_stuck
from execution_ops.domain.states import DeadLetterState, JobState, RunState, WorkerState
from execution_ops.domain.topics import HEALTH, JOBS, LETTERS, RUNS, WORKERS
from execution_ops.domain.words import counted
from execution_ops.services.container import services
from execution_ops.services.overview import QueuesNow
from execution_ops.state.filtered import query_pairs
from execution_ops.state.jobs_view import job_line
from execution_ops.state.letters_view import letter_line
from execution_ops.state.list_view import say_count
from execution_ops.state.queues_view import rate_rows
from execution_ops.state.runs_view import TabLine, run_line
from execution_ops.state.standing_view import ALL
from execution_ops.state.workers_view import worker_line
from execution_ops.texts import common
from execution_ops.texts import overview as words

PAGE_SIZE = 50
_QUEUE_KINDS = (bool, str)


@dataclass(frozen=True)
class Address:
    """What the address says: tab and filter, cursor, and whether all of what blocks is shown."""

    where: OverviewFilter
    cursor: str
    whole: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no tab could show."""
        pairs = query_pairs(query)
        return cls(OverviewFilter.from_query(pairs), dict(pairs).get("cursor", ""), ALL in pairs)

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter."""
        return [ALL] if self.whole else []


@dataclass(frozen=True)
class Part:
    """One page of a tab, as every list has it."""

    older: str | None
    newer: str | None
    searched: int | None = None


@dataclass(frozen=True)
class Found:
    """The rows of a tab as they are shown, and by Var what is sent apart from them. `empty` says of the queues that
    none has ever had a job; `health` is that of the filter's tenants, where it was read."""

    page: Part
    lines: Sequence[Any]
    apart: Mapping[str, Any] = field(default_factory=dict)
    empty: bool = False
    health: Health | None = None


@dataclass(frozen=True)
class HandOff:
    """Where something can be done with the rows of the tab."""

    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class View:
    """One tab: its title, the topic that it follows, what is read for it, and its states for suggestions."""

    title: str
    topic: str
    read: Callable[[Actor, Address], Found | Awaitable[Found]]
    noun: tuple[str, str]
    placeholder: str
    states: tuple[str, ...] = ()
    state_key: str = ""


def read_tab(actor: Actor, address: Address) -> Found | Awaitable[Found]:
    """What the address shows, see `Hub.page`."""
    return VIEWS[address.where.tab].read(actor, address)


async def _read_queues(actor: Actor, address: Address) -> Found:
    now = await services().overview.queues(actor, address.where)
    return await asyncio.to_thread(_queue_rows, now, address)


def _queue_rows(now: QueuesNow, address: Address) -> Found:
    where = address.where
    found, health = now
    page = named_page(
        found.items,
        lambda queue: (not is_stuck(queue), queue.queue),
        address.cursor or None,
        PAGE_SIZE,
        kinds=_QUEUE_KINDS,
    )
    keep = [("tenant", tenant) for tenant in where.tenant]
    shown = rate_rows(page.rows, found, keep, lambda queue: _jobs_of(queue, where))
    empty = not any(queue.job_types for queue in found.items)
    return Found(_part(page, where), shown.rows, shown.apart(), empty, health)


def _jobs_of(queue: str, where: OverviewFilter) -> str:
    """The tab of jobs with this queue."""
    return routes.jobs_queues(where.at(Tab.JOBS).model_copy(update={"queue": (queue,)}).to_pairs())


def _read_jobs(actor: Actor, address: Address) -> Found:
    where = address.where.jobs()
    page = services().jobs.list(actor, where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Found(Part(page.older, page.newer, page.searched), [job_line(row) for row in page.rows])


def _read_runs(actor: Actor, address: Address) -> Found:
    where = address.where.runs()
    page = services().runs.list(actor, where, cursor=address.cursor or None, limit=PAGE_SIZE)
    keep = where.to_pairs()
    return Found(Part(page.older, page.newer), [run_line(run, keep) for run in page.rows])


def _read_letters(actor: Actor, address: Address) -> Found:
    where = address.where.letters()
    page = services().letters.list(actor, where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Found(Part(page.older, page.newer, page.searched), [letter_line(row) for row in page.rows])


def _read_workers(actor: Actor, address: Address) -> Found:
    where = address.where.workers()
    page = services().workers.list(actor, where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Found(_part(page, address.where), [worker_line(worker) for worker in page.rows])


def _part(page: NamedPage[Any], where: OverviewFilter) -> Part:
    """A page of names, which the sort of the lists does not turn round."""
    before, after = page.before, page.after
    return Part(after, before) if where.sort is Sort.NEWEST else Part(before, after)


VIEWS: Mapping[Tab, View] = {
    Tab.QUEUES: View(common.QUEUES, HEALTH, _read_queues, ("queue", "queues"), words.QUEUES_FILTER),
    Tab.JOBS: View(
        common.JOBS,
        JOBS,
        _read_jobs,
        ("job", "jobs"),
        words.JOBS_FILTER,
        tuple(JobState),
        JOB_STATE,
    ),
    Tab.RUNS: View(common.RUNS, RUNS, _read_runs, ("run", "runs"), words.RUNS_FILTER, tuple(RunState), RUN_STATE),
    Tab.LETTERS: View(
        words.DEAD_LETTERS,
        LETTERS,
        _read_letters,
        words.DEAD_LETTER_NOUN,
        words.LETTERS_FILTER,
        tuple(DeadLetterState),
        LETTER_STATE,
    ),
    Tab.WORKERS: View(
        common.WORKERS,
        WORKERS,
        _read_workers,
        ("worker", "workers"),
        words.WORKERS_FILTER,
        tuple(WorkerState),
        WORKER_STATE,
    ),
}


def tab_lines(where: OverviewFilter, counts: Mapping[Tab, Figure], keep: Sequence[tuple[str, str]]) -> list[TabLine]:
    """The tabs with the same filter, and how many are behind each."""
    return [
        TabLine(
            view.title,
            routes.jobs_queues([*where.at(tab).to_pairs(), *keep]),
            say_count(counts[tab].count, counts[tab].exact) if tab in counts else "",
            tab is where.tab,
        )
        for tab, view in VIEWS.items()
    ]


def windows(where: OverviewFilter, keep: Sequence[tuple[str, str]]) -> list[TabLine]:
    """How far the rates of the queues can reach back, each with its address."""
    return [
        TabLine(
            f"{window.value[:-1]} h",
            routes.jobs_queues([*where.model_copy(update={"window": window}).to_pairs(), *keep]),
            "",
            window is where.window,
        )
        for window in Window
    ]


def hand_off(where: OverviewFilter, figure: Figure | None) -> HandOff:
    """Where something can be done with what the tab shows, arriving with the same filter; `figure` is how many that
    are, if it is known: with none there is nothing to do."""
    if figure is not None and not figure.count and where.tab is not Tab.QUEUES:
        return HandOff()
    one, many = VIEWS[where.tab].noun
    what = many
    if figure is not None:
        what = counted(figure.count, one, many) if figure.exact else f"{say_count(figure.count, exact=False)} {many}"
    if where.tab is Tab.QUEUES:
        return HandOff(words.OPEN_ALL_QUOTAS, routes.quotas())
    if where.tab is Tab.LETTERS:
        return HandOff(words.review(what), routes.dead_letter_queue(where.letters().to_pairs()))
    if where.tab is Tab.JOBS:
        return HandOff(words.cancel_or_retry(what), routes.jobs(where.jobs().to_pairs()))
    if where.tab is Tab.RUNS:
        return HandOff(words.open_these(what), routes.runs(where.runs().to_pairs()))
    return HandOff(words.drain_or_resume(what), routes.workers(where.workers().to_pairs()))


def known_values(where: OverviewFilter, facets: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What the filter bar of the tab can suggest."""
    view = VIEWS[where.tab]
    return {
        **facets,
        **{key: list(AGES) for key in ("after", "before")},
        **({view.state_key: list(view.states)} if view.state_key else {}),
    }
