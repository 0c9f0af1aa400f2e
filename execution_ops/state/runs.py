"""The runs: their address is the filter, the cursor, the tab of what comes, and the run whose drawer is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import filter_tokens
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.errors import NotFound, OpsError
from execution_ops.domain.filter_fields import RUN_FIELDS
from execution_ops.domain.jobs import Health
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import RunPage
from execution_ops.domain.states import RunState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.topics import RUNS, SCHEDULES
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.runs import RunSummary
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.keyset_page import KeysetPage
from execution_ops.state.list_view import Filter, Listing
from execution_ops.state.lists import FACETS_AGE_S, PAGE_SIZE, job_facets
from execution_ops.state.live import Ask
from execution_ops.state.run_drawer import Opened, RunDrawer, Shown, read_run
from execution_ops.state.runs_view import (
    COMING,
    COMING_MAX,
    LISTING,
    ComingLine,
    RunCards,
    RunLine,
    TabLine,
    cards,
    coming_lines,
    known_values,
    run_line,
    run_tabs,
)
from execution_ops.texts import runs as words


@dataclass(frozen=True)
class Address:
    """What the address says: filter, cursor, what the drawer shows, and whether it is about what comes rather
    than what was."""

    where: RunFilter
    cursor: str
    drawer: Shown
    coming: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own, where = dict(pairs), RunFilter.from_query(pairs)
        drawer = Shown.read(pairs)
        # What comes is no run yet: neither does it have a drawer, nor has anything become of it.
        free = RunFilter(tenant=where.tenant, schedule=where.schedule)
        coming = COMING in pairs and not drawer.run and where == free
        return cls(where, own.get("cursor", ""), drawer, coming)

    def own(self) -> list[tuple[str, str]]:
        """The pairs that outlive a change of the filter."""
        return [COMING] if self.coming else []

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *self.own(), *([("cursor", self.cursor)] if self.cursor else [])]


@dataclass(frozen=True)
class Found:
    """What the page reads in one go: its rows as they are shown, or what comes (`more` of it is not shown), the
    open run, and the names of the schedules that the filter names."""

    page: RunPage
    lines: list[RunLine]
    coming: list[ComingLine]
    more: int
    opened: Opened | None
    names: dict[str, str]


@dataclass(frozen=True)
class Around:
    """What stands around the rows."""

    counts: dict[RunState, int]
    everything: dict[RunState, int]
    as_of: datetime
    summary: RunSummary
    coming: int
    tenants: list[str]
    health: Health | None


def read_runs(actor: Actor, address: Address) -> Found:
    """What the address shows; blocking."""
    names = schedule_names(actor, address.where.schedule)
    if address.coming:
        lines = coming_lines(services().schedules.list(actor), address.where)
        nothing = RunPage(rows=(), older=None, newer=None)
        return Found(nothing, [], lines[:COMING_MAX], max(0, len(lines) - COMING_MAX), None, names)
    page = services().runs.list(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    keep = address.plain()
    opened = read_run(actor, address.drawer) if address.drawer.run else None
    return Found(page, [run_line(run, keep) for run in page.rows], [], 0, opened, names)


def schedule_names(actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """The names of these schedules, as far as there are any."""
    names = {}
    for schedule_id in ids:
        try:
            names[schedule_id] = services().schedules.get(actor, schedule_id).schedule.spec.name
        except NotFound:
            continue
    return names


class RunRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[RunLine]] = rx.field(default_factory=list)
    coming: rx.Field[list[ComingLine]] = rx.field(default_factory=list)


class RunsPage(KeysetPage, RunDrawer, rx.State):
    """The list around its rows, and the drawer."""

    tabs: rx.Field[list[TabLine]] = rx.field(default_factory=list)
    cards: RunCards = RunCards()
    on_coming: bool = False
    coming_more: int = 0

    _names: dict[str, str] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own

    # KeysetPage

    def _listing(self) -> Listing:
        return LISTING

    def _rows(self) -> type[RunRows]:
        return RunRows

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()
        viewer = viewer_key(actor)

        def counted(where: RunFilter) -> Any:
            free = where.model_copy(update={"state": ()})
            key = ("run_counts", free.to_query(), viewer)
            return service.hub.sample(key, lambda: service.runs.counts(actor, free))

        async def beside() -> Around:
            facets = await job_facets(actor)
            coming = await service.hub.sample(
                ("coming", viewer), lambda: service.schedules.list(actor), max_age=FACETS_AGE_S
            )
            return Around(
                counts=await counted(address.where),
                everything=await counted(RunFilter()),
                as_of=datetime.now(UTC),
                summary=await service.hub.sample(("run summary", viewer), lambda: service.runs.summary(actor)),
                coming=len(coming_lines(coming, address.where)),
                tenants=facets.get("tenant", []),
                health=await service.summary.health(actor) if address.drawer.run else None,
            )

        topic = SCHEDULES if address.coming else RUNS
        trail = trail_of(actor, SubjectKind.RUN, address.drawer.run)
        return Ask(topic, ("runs", address, viewer), lambda: read_runs(actor, address), beside, trail)

    async def _count_changes(self, answer: Any) -> int:
        # The rows are held back, the drawer is not: it is about one run, which nothing moves.
        await self._show_drawer(answer.opened)
        return await super()._count_changes(answer)

    async def _show(self, answer: Any) -> None:
        self._names = answer.names
        await super()._show(answer)
        rows, self.on_coming = await self.get_state(RunRows), self._address().coming
        if rows.coming != answer.coming:
            rows.coming = answer.coming
        self.coming_more = answer.more
        if self.on_coming:
            self.rows_on_page = len(answer.coming)
            self.summary = words.WHAT_FIRES_NEXT_IN_ORDER
        await self._show_drawer(answer.opened)

    def _show_filter(self, where: Filter) -> None:
        super()._show_filter(where)
        self.tokens = [
            token if token["key"] != "schedule" else {**token, "text": self._schedule_name(token["value"])}
            for token in filter_tokens(RUN_FIELDS, where.to_pairs())
        ]

    def _schedule_name(self, schedule_id: str) -> str:
        return visible(self._names.get(schedule_id, schedule_id[-8:]))

    def _show_beside(self, beside: Any) -> None:
        address = self._address()
        self.tabs = run_tabs(address.where, beside.counts, beside.coming, on_coming=address.coming)
        self.counts_as_of = iso(beside.as_of)
        self.cards = cards(beside.summary)
        self.hidden = f"{sum(beside.everything.values()):,}"
        self.values = known_values(beside.tenants)
        self._show_wait(beside.health)

    # RunDrawer

    def _href(self, shown: Shown) -> str:
        try:
            keep = replace(self._address(), coming=False).plain()
        except OpsError:
            keep = []
        return routes.runs([*keep, *shown.pairs()])
