"""The overview of the scheduler: what runs, what comes, what was missed, how far the queues are behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import Health
from execution_ops.domain.queue_lag import Lag
from execution_ops.domain.standing import Standing
from execution_ops.domain.times import iso
from execution_ops.domain.topics import HEALTH
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.runs import RunSummary
from execution_ops.services.scheduler import ACTIVE_SHOWN, MissedLately
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import CONFIRM_S, Ask, LivePage
from execution_ops.state.runs_view import RunCards, cards
from execution_ops.state.scheduler_view import (
    ALL_MISSED,
    MISSED_SHOWN,
    ActiveLine,
    LagLine,
    MissedFigure,
    MissedLine,
    NextLine,
    NowFigures,
    active_line,
    lag_line,
    missed_figure,
    missed_line,
    next_line,
    now_figures,
    say_now,
)
from execution_ops.state.sending import send_changed
from execution_ops.state.standing_view import ALL, Strip, strip_of


@dataclass(frozen=True)
class Overview:
    """How things stand, and the same as all who look are shown it."""

    health: Health
    lag: Lag
    active: list[ActiveLine]
    coming: list[NextLine]
    schedules: bool
    queues: list[LagLine]


@dataclass(frozen=True)
class Around:
    """What is sampled more slowly: figures of today, what was missed, and what blocks."""

    standing: Standing
    summary: RunSummary
    missed: MissedLately


def read_overview(actor: Actor) -> Overview:
    """What the page shows; blocking."""
    scheduler, health = services().scheduler, services().jobs.health(actor)
    lag, coming = scheduler.lag(actor, health), scheduler.coming(actor)
    return Overview(
        health=health,
        lag=lag,
        active=[active_line(one) for one in scheduler.active(actor, health)],
        coming=[next_line(one, health) for one in coming.firings],
        schedules=coming.schedules,
        queues=[lag_line(one) for one in lag.items],
    )


class SchedulerRows(rx.State):
    """The rows of all tables, apart from all else."""

    active: rx.Field[list[ActiveLine]] = rx.field(default_factory=list)
    coming: rx.Field[list[NextLine]] = rx.field(default_factory=list)
    queues: rx.Field[list[LagLine]] = rx.field(default_factory=list)


class SchedulerPage(LivePage, rx.State):
    """The overview around its rows."""

    sentence: str = ""
    empty: bool = False
    only_missed: bool = False
    strip: Strip = Strip()
    cards: RunCards = RunCards()
    now: NowFigures = NowFigures()
    missed: MissedFigure = MissedFigure()
    # A few at most on the overview: they stand here for the sake of what is known beside the rows.
    missed_rows: rx.Field[list[MissedLine]] = rx.field(default_factory=list)
    missed_left: int = 0
    active_shown: int = 0
    coming_shown: int = 0
    queues_shown: int = 0
    as_of: str = ""

    _lag: Lag | None = None
    _active: int = 0

    # LivePage

    def _wants_all_missed(self) -> bool:
        return ALL_MISSED in query_pairs(self.router.url.query)

    def _ask(self) -> Ask:
        # Read for its faults: what is loaded is the same for every address, so all tabs share it.
        self._wants_all_missed()
        actor, service = actor_of(self), services()
        viewer = viewer_key(actor)

        async def beside() -> Around:
            hub = service.hub
            return Around(
                standing=await service.overview.standing(actor),
                summary=await hub.sample(("run summary", viewer), lambda: service.runs.summary(actor)),
                missed=await hub.sample(("missed", viewer), lambda: service.scheduler.missed(actor), max_age=CONFIRM_S),
            )

        return Ask(HEALTH, ("scheduler", viewer), lambda: read_overview(actor), beside)

    async def _show(self, answer: Any) -> None:
        found: Overview = answer
        self.only_missed = self._wants_all_missed()
        rows = await self.get_state(SchedulerRows)
        # Read every second; most seconds nothing has changed, and then nothing is sent.
        for name, lines in (("active", found.active), ("coming", found.coming), ("queues", found.queues)):
            if getattr(rows, name) != lines:
                setattr(rows, name, lines)
        self.active_shown, self.coming_shown = len(found.active), len(found.coming)
        self.queues_shown = len(found.queues)
        self.empty = not found.schedules and not found.active
        self.now = now_figures(found.lag, found.health, found.coming)
        self._lag = found.lag
        self._say()
        self.as_of = iso(found.health.as_of)

    def _show_beside(self, beside: Any) -> None:
        around: Around = beside
        keep = [ALL_MISSED] if self._wants_all_missed() else []
        strip = strip_of(around.standing, routes.scheduler, keep, whole=ALL in query_pairs(self.router.url.query))
        self.cards, self.missed = cards(around.summary), missed_figure(around.missed)
        firings = around.missed.firings
        shown = firings if self.only_missed else firings[:MISSED_SHOWN]
        send_changed(self, strip=strip, missed_rows=[missed_line(one) for one in shown])
        self.missed_left = len(firings) - len(shown)
        self._active = around.summary.figures.active
        self._say()

    def _say(self) -> None:
        """Put how things stand into words; of many runs that go on only the last are read with the rows."""
        if self._lag is not None:
            active = self._active if self.active_shown == ACTIVE_SHOWN else self.active_shown
            self.sentence = say_now(active, self._lag, schedules=not self.empty)
