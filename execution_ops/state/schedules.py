"""The page of schedules: its address is the filter, the page, and the schedule whose drawer is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from execution_ops import routes
from execution_ops.components.filter_bar import SCHEDULE_FIELDS, Token, filter_tokens
from execution_ops.domain.access import Actor, why_forbidden
from execution_ops.domain.errors import InvalidInput, NotFound, OpsError
from execution_ops.domain.ids import check_id
from execution_ops.domain.schedule_filters import ScheduleFilter, check_cursor
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE
from execution_ops.domain.times import iso
from execution_ops.domain.topics import SCHEDULES
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.schedules import ScheduleFigures, SchedulePage
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import QUERY_MAX
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.schedule_drawer import Opened, ScheduleDrawer
from execution_ops.state.schedule_editor import ScheduleEditor
from execution_ops.state.schedules_view import ScheduleLine, say_figures, schedule_line

PAGE_SIZE = 50
FACETS_AGE_S = 10.0
_ADDRESS_FAULTS = ("INVALID_INPUT", "BAD_CURSOR")
# A cursor holds a name, and may be longer than what a filter takes.
_OWN = ("cursor", "schedule", "new", "edit")


@dataclass(frozen=True)
class Address:
    """What the address says: filter, cursor, and the drawer: a schedule, its editor, or that of a new one."""

    where: ScheduleFilter
    cursor: str
    schedule: str
    new: bool
    edit: bool

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        if len(query) > QUERY_MAX:
            raise InvalidInput("This address is too long to be a filter.")
        pairs = parse_qsl(query, keep_blank_values=True)
        own = dict(pairs)
        schedule = own.get("schedule", "")
        return cls(
            ScheduleFilter.from_query([pair for pair in pairs if pair[0] not in _OWN]),
            check_cursor(own.get("cursor", "")),
            check_id(schedule) if schedule else "",
            own.get("new") == "1" and not schedule,
            own.get("edit") == "1" and bool(schedule),
        )

    def plain(self) -> list[tuple[str, str]]:
        """The pairs without the drawer."""
        return [*self.where.to_pairs(), *([("cursor", self.cursor)] if self.cursor else [])]

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


class SchedulesPage(ScheduleEditor, ScheduleDrawer, rx.State):
    """The list around its rows, and the drawers."""

    summary: str = ""
    shown: str = ""
    next_name: str = ""
    next_at: str = ""
    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[Token]] = rx.field(default_factory=list)
    values: rx.Field[dict[str, list[str]]] = rx.field(default_factory=dict)
    active: int = 0
    hidden_count: int = 0
    rows_on_page: int = 0
    before_href: str = ""
    after_href: str = ""
    clear_href: str = ""
    complaint: str = ""
    total: int = 0
    enabled: int = 0
    paused: int = 0
    missed: int = 0
    new_off: str = LOADING

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code in _ADDRESS_FAULTS

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> dict[str, list[str]]:
            return await service.hub.sample(
                ("facets", viewer_key(actor)), lambda: service.jobs.facets(actor), max_age=FACETS_AGE_S
            )

        # The form of a new schedule, and the editor, show the same rows.
        key = ("schedules", address.where, address.cursor, address.schedule, viewer_key(actor))
        return Ask(SCHEDULES, key, lambda: read_page(actor, address), beside)

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
        self.summary = say_figures(figures) if figures.schedules else "What runs by itself, and when."
        self.next_name = figures.next_name
        self.next_at = iso(figures.next_at) if figures.next_at else ""
        self.new_off = why_forbidden(actor_of(self), SCHEDULE_CREATE.scope)

    def _show_address(self, address: Address, page: SchedulePage) -> None:
        where, pairs = address.where, address.where.to_pairs()
        self.complaint = ""
        text = where.describe()
        self.shown = f"{text[:1].upper()}{text[1:]}, by name, {PAGE_SIZE} per page"
        self.pairs, self.active = [list(pair) for pair in pairs], where.active()
        self.tokens = filter_tokens(SCHEDULE_FIELDS, pairs)
        self.hidden_count = self.total - page.total
        self.before_href = routes.schedules([*pairs, ("cursor", page.before)]) if page.before else ""
        self.after_href = routes.schedules([*pairs, ("cursor", page.after)]) if page.after else ""
        self.clear_href = routes.schedules()

    # the drawers

    def _list_href(self) -> str:
        try:
            return routes.schedules(self._address().plain())
        except OpsError:
            return routes.schedules()

    def _drawer_href(self, schedule_id: str, *, edit: bool = False) -> str:
        more = [("schedule", schedule_id), *([("edit", "1")] if edit else [])]
        try:
            return routes.schedules([*self._address().plain(), *more])
        except OpsError:
            return routes.schedules(more)

    # events

    @rx.event
    def apply(self, query: str) -> Any:
        """Show the list of another filter: a new address, one step in the history."""
        try:
            where = Address.read(str(query)).where
        except OpsError as error:
            self.complaint = error.message
            return None
        return rx.redirect(routes.schedules(where.to_pairs()))

    @rx.event
    def ask_new(self) -> Any:
        """Open the form of a new schedule: the same page with `new=1`."""
        try:
            return rx.redirect(routes.schedules([*self._address().plain(), ("new", "1")]))
        except OpsError:
            return rx.redirect(routes.new_schedule())
