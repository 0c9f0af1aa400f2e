"""Jobs & Queues: its address is the tab, one filter for all tabs, and the page of the tab."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import filter_tokens
from execution_ops.domain.filter_fields import OVERVIEW_FIELDS
from execution_ops.domain.overview import Figure, Totals
from execution_ops.domain.overview_filters import OverviewFilter, Tab
from execution_ops.domain.standing import Standing
from execution_ops.domain.times import iso
from execution_ops.domain.topics import HEALTH
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.jobs_view import JobLine
from execution_ops.state.keyset_page import KeysetPage
from execution_ops.state.letters_view import LetterLine
from execution_ops.state.list_view import Filter, Listing, say_count
from execution_ops.state.lists import job_facets
from execution_ops.state.live import Ask
from execution_ops.state.overview_tabs import (
    VIEWS,
    Address,
    Found,
    HandOff,
    hand_off,
    known_values,
    read_tab,
    tab_lines,
    windows,
)
from execution_ops.state.overview_totals import TotalLines, total_lines
from execution_ops.state.queues_view import QueueCurves, RateLine, RateWays
from execution_ops.state.runs_view import RunLine, TabLine
from execution_ops.state.sending import send_changed
from execution_ops.state.standing_view import Strip, say_standing, strip_of
from execution_ops.state.workers_view import WorkerLine

LISTINGS: Mapping[Tab, Listing] = {
    tab: Listing(OverviewFilter, None, OVERVIEW_FIELDS[tab.value], view.noun, routes.jobs_queues)
    for tab, view in VIEWS.items()
}


@dataclass(frozen=True)
class Around:
    """What stands around the rows: what blocks, the figures of the tabs with the filter and without, and totals."""

    standing: Standing
    counts: Mapping[Tab, Figure]
    everything: Mapping[Tab, Figure]
    totals: Totals
    facets: dict[str, list[str]]


class OverviewQueues(rx.State):
    """The rows of the queues, apart from all else; see `QueueRows`."""

    rows: rx.Field[list[RateLine]] = rx.field(default_factory=list)
    ways: rx.Field[dict[str, RateWays]] = rx.field(default_factory=dict)
    curves: rx.Field[dict[str, QueueCurves]] = rx.field(default_factory=dict)


class OverviewJobs(rx.State):
    """The rows of the jobs."""

    rows: rx.Field[list[JobLine]] = rx.field(default_factory=list)


class OverviewRuns(rx.State):
    """The rows of the runs."""

    rows: rx.Field[list[RunLine]] = rx.field(default_factory=list)


class OverviewLetters(rx.State):
    """The rows of the dead letters."""

    rows: rx.Field[list[LetterLine]] = rx.field(default_factory=list)


class OverviewWorkers(rx.State):
    """The rows of the workers."""

    rows: rx.Field[list[WorkerLine]] = rx.field(default_factory=list)


ROWS: Mapping[Tab, type[Any]] = {
    Tab.QUEUES: OverviewQueues,
    Tab.JOBS: OverviewJobs,
    Tab.RUNS: OverviewRuns,
    Tab.LETTERS: OverviewLetters,
    Tab.WORKERS: OverviewWorkers,
}


class OverviewPage(KeysetPage, rx.State):
    """What blocks, the totals, the tabs, and what stands around the rows of the one that is shown."""

    tab: str = Tab.QUEUES.value
    sentence: str = ""
    strip: Strip = Strip()
    totals: TotalLines = TotalLines()
    tabs: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    hand_off: HandOff = HandOff()
    windows: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    empty: bool = False

    # How many are behind each tab, and for which filter.
    _counts: Mapping[Tab, Figure] = {}
    _counted: OverviewFilter | None = None

    # KeysetPage

    def _listing(self) -> Listing:
        return LISTINGS[self._address().where.tab]

    def _rows(self) -> type[Any]:
        return ROWS[self._address().where.tab]

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()
        where, overview = address.where, service.overview

        key, topic = ("overview", where, address.cursor, viewer_key(actor)), VIEWS[where.tab].topic

        def load() -> Found | Awaitable[Found]:
            return read_tab(actor, address)

        async def around() -> Around:
            # What the rows were made from is kept: the queues are not read again for what stands around them.
            _, found = await service.hub.page(key, topic, load)
            seen = None if where.tenant else found.health
            return Around(
                standing=await overview.standing(actor, seen),
                counts=await overview.tab_counts(actor, where, found.health),
                everything=await overview.tab_counts(actor, OverviewFilter(tab=where.tab), seen),
                totals=await overview.totals(actor, where, found.health),
                facets=await job_facets(actor),
            )

        async def beside() -> Around:
            # As many viewers as there are look at it, so it is put together once for them all.
            return await service.hub.sample(("around", key), around, topic=HEALTH)

        return Ask(topic, key, load, beside)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        where = self._address().where
        send_changed(await self.get_state(self._rows()), **answer.apart)
        self.tab, self.empty = where.tab.value, answer.empty
        self.searched = f"{answer.page.searched:,}" if answer.page.searched else ""
        self.windows = windows(where, self._own())
        # What leads away must be of this address at once; how many are behind it follows.
        known = self._counts if self._counted == where.at(Tab.QUEUES) else {}
        self.tabs = tab_lines(where, known, self._own())
        self.hand_off = hand_off(where, known.get(where.tab))
        # Rows of the tabs that are not shown would be sent again with a new connection.
        for tab, rows in ROWS.items():
            if tab is not where.tab and (left := await self.get_state(rows)).rows:
                left.reset()

    def _show_beside(self, beside: Any) -> None:
        address, around = self._address(), beside
        where = address.where
        everything = around.everything[where.tab]
        self._counts, self._counted = around.counts, where.at(Tab.QUEUES)
        # Sampled at each change and every few seconds; mostly nothing of it has changed.
        send_changed(
            self,
            strip=strip_of(around.standing, routes.jobs_queues, where.to_pairs(), whole=address.whole),
            totals=total_lines(around.totals, where),
            tabs=tab_lines(where, around.counts, address.own()),
            hidden=say_count(everything.count, everything.exact),
            hand_off=hand_off(where, around.counts[where.tab]),
            counts_as_of=iso(around.totals.as_of),
            values=known_values(where, around.facets),
            sentence=say_standing(around.everything[Tab.QUEUES].count, len(around.standing.blocks)),
        )

    # FilteredPage

    def _read_filter(self, query: str) -> OverviewFilter:
        return self._address().where.with_shown(query_pairs(query))

    def _show_filter(self, where: Filter) -> None:
        """Show the conditions of the tab; those that wait in the address are none of its bar."""
        filtered = self._address().where
        shown = filtered.shown()
        self.complaint = ""
        self.pairs, self.active = [list(pair) for pair in shown], filtered.active()
        self.tokens = filter_tokens(OVERVIEW_FIELDS[filtered.tab.value], shown)
        self.clear_href = routes.jobs_queues([*filtered.with_shown(()).to_pairs(), *self._own()])
