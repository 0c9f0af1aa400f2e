"""The page of schedules: its address is the filter, the page, and the schedule whose drawer is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.errors import NotFound
from execution_ops.domain.filter_fields import SCHEDULE_FIELDS
from execution_ops.domain.ids import check_id
from execution_ops.domain.schedule_filters import ScheduleFilter, check_cursor
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE
from execution_ops.domain.schedules import ScheduleState
from execution_ops.domain.times import iso
from execution_ops.domain.topics import SCHEDULES
from execution_ops.domain.verb import why_off
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.schedules import ScheduleFigures, SchedulePage
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.list_view import Listing
from execution_ops.state.lists import job_facets
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.named_list import NamedAddress, NamedListPage
from execution_ops.state.schedule_drawer import Opened, ScheduleDrawer
from execution_ops.state.schedule_editor import ScheduleEditor
from execution_ops.state.schedules_view import ScheduleLine, say_figures, schedule_line
from execution_ops.texts import schedules as words

PAGE_SIZE = 50
LISTING = Listing(ScheduleFilter, ScheduleState, SCHEDULE_FIELDS, ("schedule", "schedules"), routes.schedules)
# A cursor holds a name, and may be longer than what a filter takes.
_OWN = ("cursor", "schedule", "new", "edit")


@dataclass(frozen=True)
class Address(NamedAddress):
    """What the address says: filter, cursor, and the drawer: a schedule, its editor, or that of a new one."""

    where: ScheduleFilter
    schedule: str
    new: bool
    edit: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        pairs = query_pairs(query)
        own = dict(pairs)
        schedule = own.get("schedule", "")
        return cls(
            ScheduleFilter.from_query([pair for pair in pairs if pair[0] not in _OWN]),
            check_cursor(own.get("cursor", "")),
            check_id(schedule) if schedule else "",
            own.get("new") == "1" and not schedule,
            own.get("edit") == "1" and bool(schedule),
        )

    def opened(self) -> list[tuple[str, str]]:
        """The pairs with the schedule's drawer, without its editor."""
        return [*self.plain(), ("schedule", self.schedule)]


@dataclass(frozen=True)
class Answer:
    """What the page reads in one go; `opened` is None without a drawer, and for a schedule that is not there."""

    page: SchedulePage
    opened: Opened | None


def read_page(actor: Actor, address: Address) -> Answer:
    """The page of the list and what its drawer shows; blocking."""
    page = services().schedules.page(actor, address.where, cursor=address.cursor or None, limit=PAGE_SIZE)
    return Answer(page, _read_opened(actor, address.schedule) if address.schedule else None)


def _read_opened(actor: Actor, schedule_id: str) -> Opened | None:
    schedules = services().schedules
    try:
        row = schedules.get(actor, schedule_id)
        if row.schedule.deleted_at is not None:
            return None
        spec = row.schedule.spec
        return Opened(row, schedules.versions(actor, schedule_id), schedules.preview(actor, spec.cron, spec.zone))
    except NotFound:
        return None


class ScheduleRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[ScheduleLine]] = rx.field(default_factory=list)


class SchedulesPage(NamedListPage, ScheduleEditor, ScheduleDrawer, rx.State):
    """The list around its rows, and the drawers."""

    summary: str = ""
    shown: str = ""
    next_name: str = ""
    next_at: str = ""
    total: int = 0
    enabled: int = 0
    paused: int = 0
    missed: int = 0
    new_off: str = LOADING

    # NamedListPage

    def _listing(self) -> Listing:
        return LISTING

    def _read_address(self, query: str) -> Address:
        return Address.read(query)

    # LivePage

    def _ask(self) -> Ask:
        address, actor = self._address(), actor_of(self)
        # The form of a new schedule, and the editor, show the same rows.
        key = ("schedules", address.where, address.cursor, address.schedule, viewer_key(actor))
        trail = trail_of(actor, SubjectKind.SCHEDULE, address.schedule)
        return Ask(SCHEDULES, key, lambda: read_page(actor, address), lambda: job_facets(actor), trail)

    async def _show(self, answer: Any) -> None:
        address, page = self._address(), answer.page
        lines = [schedule_line(row, address.plain()) for row in page.rows]
        shown = await self.get_state(ScheduleRows)
        if shown.rows != lines:
            shown.rows = lines
        self.rows_on_page = len(lines)
        self._show_figures(page.figures)
        self._show_address(address, page)
        self._show_drawer("" if address.new else address.schedule, answer.opened)
        await self._show_editor(answer.opened, new=address.new, edit=address.edit)

    def _show_beside(self, beside: Any) -> None:
        known = {name: beside.get(name, []) for name in ("tenant", "job_type")}
        self.values = {**known, "state": ["enabled", "paused"], "missed": ["yes", "no"]}

    def _show_figures(self, figures: ScheduleFigures) -> None:
        self.total, self.enabled, self.paused = figures.schedules, figures.enabled, figures.paused
        self.missed = figures.missed
        self.summary = say_figures(figures) if figures.schedules else words.SCHEDULES_SUMMARY
        self.next_name = figures.next_name
        self.next_at = iso(figures.next_at) if figures.next_at else ""
        self.new_off = why_off(SCHEDULE_CREATE, actor_of(self))

    def _show_address(self, address: Address, page: SchedulePage) -> None:
        text = address.where.describe()
        self.shown = words.schedules_shown(text, PAGE_SIZE)
        self._show_part(address.where, page, self.total)

    # the drawers

    def _drawer_href(self, schedule_id: str, *, edit: bool = False) -> str:
        return self._list_href(("schedule", schedule_id), *([("edit", "1")] if edit else []))

    # events

    @rx.event
    def ask_new(self) -> Any:
        """Open the form of a new schedule: the same page with `new=1`."""
        return rx.redirect(self._list_href(("new", "1")))
