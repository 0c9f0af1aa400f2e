"""The drawer of a schedule: what it is, when it fires, what came of it, and the questions before its verbs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import OpsError
from execution_ops.domain.schedule_forms import form_texts
from execution_ops.domain.schedule_verbs import (
    SCHEDULE_DELETE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
)
from execution_ops.domain.schedules import Schedule, ScheduleVersion
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.schedules import RulePreview, ScheduleRow
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LOADING
from execution_ops.state.schedule_facts import (
    FiredLine,
    ScheduleFacts,
    TimeLine,
    VersionLine,
    fired_line,
    plan_lines,
    schedule_facts,
    time_lines,
    version_lines,
)
from execution_ops.state.schedules_view import run_href
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import common
from execution_ops.texts import schedules as words

# The verbs that a question comes before; an edit has its form.
ASKED = (SCHEDULE_RUN, SCHEDULE_PAUSE, SCHEDULE_RESUME, SCHEDULE_DELETE)


@dataclass(frozen=True)
class Opened:
    """What the drawer reads of a schedule."""

    row: ScheduleRow
    versions: list[ScheduleVersion]
    coming: RulePreview


class ScheduleDrawer(VerbQuestion, rx.State, mixin=True):
    """What the drawer shows. It is open while the address has `schedule=<id>`.

    `question_facts` are what a run would find now, read when the question before "Run now" opens; `planning`
    until they are there.
    """

    open_id: str = ""
    is_missing: bool = False
    facts: ScheduleFacts = ScheduleFacts()
    coming: rx.Field[list[TimeLine]] = rx.field(default_factory=list)
    fired: rx.Field[list[FiredLine]] = rx.field(default_factory=list)
    versions: rx.Field[list[VersionLine]] = rx.field(default_factory=list)
    change_off: str = LOADING
    run_off: str = LOADING
    question_title: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    planning: bool = False

    _opened: Schedule | None = None
    _asked_revision: int = 0

    # what the page says of itself

    def _list_href(self) -> str:
        """The address without the drawer."""
        raise NotImplementedError

    def _drawer_href(self, schedule_id: str, *, edit: bool = False) -> str:
        """The address with the drawer of a schedule, or with its editor."""
        raise NotImplementedError

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._list_href())

    @rx.event
    def ask_edit(self) -> Any:
        """Open the editor: the same page with `edit=1`."""
        return rx.redirect(self._drawer_href(self.open_id, edit=True)) if self._opened else None

    @rx.event
    async def ask_run(self) -> AsyncIterator[Any]:
        """Ask before a run, and look for what it would find."""
        self.ask_verb(SCHEDULE_RUN.name)
        schedule = self._opened
        if not self.asking or schedule is None:
            return
        self.question_facts, self.planning = [(common.TARGETS, words.LOOKING_FOR_THEM)], True
        key = self._key
        yield
        lines: list[tuple[str, str]] = []
        problem = ""
        try:
            found = await asyncio.to_thread(
                services().schedules.candidates, actor_of(self), schedule.spec, schedule_id=schedule.id
            )
            lines = plan_lines(found)
        except OpsError as error:
            problem = error.message
        if key == self._key:
            self.question_facts, self.verb_problem, self.planning = lines, problem, False

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return ASKED

    def _subjects(self) -> list[str]:
        return [self._opened.id] if self._opened else []

    def _about(self) -> tuple[Hashable, ...]:
        return (self.open_id, self._opened is None)

    def _phrase(self, verb: Verb) -> None:
        if self._opened is None:
            self.asking = ""
            return
        self._asked_revision = self._opened.revision
        self.question_facts, self.planning = [], False
        self.question_title = f"{verb.label}: {self.facts.name}?"

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        (schedule_id,) = self._asked_ids
        schedules, shell = services().schedules, await self.get_state(ShellState)
        if verb is SCHEDULE_RUN:
            run = await asyncio.to_thread(schedules.run, actor, schedule_id, stamp)
            href = run_href(run.id)
            shell._say(message(words.run_was_made(self.facts.name), href=href, link=words.OPEN_THE_RUN if href else ""))
            await self._refresh(anew=True)
            return None
        row = await asyncio.to_thread(schedules.act, actor, verb, schedule_id, stamp, revision=self._asked_revision)
        becomes = words.DELETED if verb is SCHEDULE_DELETE else row.schedule.state
        await shell._tell(words.schedule_is(self.facts.name, becomes), stamp)
        if verb is SCHEDULE_DELETE:
            return rx.redirect(self._list_href())
        await self._refresh(anew=True)
        return None

    # helpers

    def _show_drawer(self, schedule_id: str, opened: Opened | None) -> None:
        """Show what the address opens."""
        self.open_id, self.is_missing = schedule_id, bool(schedule_id) and opened is None
        self._opened = opened.row.schedule if opened else None
        actor = actor_of(self)
        tenant = self._opened.tenant if self._opened else ""
        self.change_off = why_off(SCHEDULE_EDIT, actor, tenant)
        self.run_off = why_off(SCHEDULE_RUN, actor, tenant)
        if opened is None:
            self.facts, self.coming, self.fired, self.versions = ScheduleFacts(), [], [], []
            return
        self.facts = schedule_facts(opened.row, form_texts(opened.row.schedule.spec)["payload"])
        self.coming = time_lines(opened.coming.times)
        self.fired = [fired_line(one) for one in opened.row.last]
        self.versions = version_lines(opened.versions)
