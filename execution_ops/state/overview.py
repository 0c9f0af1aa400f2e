"""Jobs & Queues: its address is the tab, one filter for all tabs, and the page of the tab."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import filter_tokens
from execution_ops.domain.access import Actor
from execution_ops.domain.filter_fields import OVERVIEW_FIELDS
from execution_ops.domain.jobs import Health
from execution_ops.domain.overview import Figure
from execution_ops.domain.overview_filters import OverviewFilter, Tab
from execution_ops.domain.times import iso
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
    """What stands around the rows, by Var, and how many are behind each tab."""

    counts: Mapping[Tab, Figure]
    shown: Mapping[str, Any]


async def read_around(actor: Actor, address: Address, health: Health | None) -> Around:
    """What blocks, the figures of the tabs with the filter and without it, totals and suggestions. `health` is that
    of the filter's tenants, where it was read already."""
    where, overview = address.where, services().overview
    seen = None if where.tenant else health
    standing = await overview.standing(actor, seen)
    counts = await overview.tab_counts(actor, where, health)
    everything = await overview.tab_counts(actor, OverviewFilter(tab=where.tab), seen)
    totals = await overview.totals(actor, where, health)
    of_tab = everything[where.tab]
    shown = {
        "strip": strip_of(standing, routes.jobs_queues, where.to_pairs(), whole=address.whole),
        "totals": total_lines(totals, where),
        "tabs": tab_lines(where, counts, address.own()),
        "hidden": say_count(of_tab.count, of_tab.exact),
        "hand_off": hand_off(where, counts[where.tab]),
        "counts_as_of": iso(totals.as_of),
        "values": known_values(where, await job_facets(actor)),
        "sentence": say_standing(everything[Tab.QUEUES].count, len(standing.blocks)),
    }
    return Around(counts, shown)


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

    # Of which address and page of rows that which leads away is.
    _place: tuple[Any, ...] = ()
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
        address, actor, hub = self._address(), actor_of(self), services().hub
        where, topic = address.where, VIEWS[address.where.tab].topic
        key = ("overview", where, address.cursor, viewer_key(actor))

        def load() -> Found | Awaitable[Found]:
            return read_tab(actor, address)

        async def around() -> Around:
            # What the rows were made from is kept: the queues are not read again for what stands around them.
            _, found = await hub.page(key, topic, load)
            return await read_around(actor, address, found.health)

        async def beside() -> Around:
            # As many viewers as there are look at it, so it is put together once for them all.
            return await hub.sample(("around", key, address.whole), around)

        return Ask(topic, key, load, beside)

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        shown = self._rows()
        send_changed(await self.get_state(shown), **answer.apart)
        searched = f"{answer.page.searched:,}" if answer.page.searched else ""
        send_changed(self, empty=answer.empty, searched=searched)
        # Rows of the tabs that are not shown would be sent again with a new connection.
        for rows in ROWS.values():
            if rows is not shown and (left := await self.get_state(rows)).rows:
                left.reset()

    def _show_address(self, address: Any, page: Any) -> None:
        # It is as it was for as long as the address is, and the rows begin and end where they did.
        place = (address, page.older, page.newer)
        if place == self._place:
            return
        self._place = place
        super()._show_address(address, page)
        where, own = address.where, address.own()
        self.tab, self.windows = where.tab.value, windows(where, own)
        # What leads away must be of this address at once; how many are behind it follows.
        known = self._counts if self._counted == where.at(Tab.QUEUES) else {}
        self.tabs, self.hand_off = tab_lines(where, known, own), hand_off(where, known.get(where.tab))

    def _show_beside(self, beside: Any) -> None:
        self._counts, self._counted = beside.counts, self._address().where.at(Tab.QUEUES)
        send_changed(self, **beside.shown)

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
