"""The editor of a schedule: its form, what its rule means while it is typed, and what is wrong at which field."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from execution_ops.domain.audit import SubjectKey, SubjectKind
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.schedule_forms import CATCH_UP, FIELDS, TYPED_MAX, form_texts, read_form
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE, SCHEDULE_EDIT
from execution_ops.domain.schedules import Schedule, ScheduleSpec
from execution_ops.domain.text import visible
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.zones import zone
from execution_ops.scanner.plan import INSPECT
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LOADING, LivePage
from execution_ops.state.schedule_drawer import Opened
from execution_ops.state.schedule_facts import TimeLine, time_lines
from execution_ops.state.shell import ShellState
from execution_ops.texts import common
from execution_ops.texts import schedules as words

_WHY = ("reason", "ticket", "paused")
# Longer is no rule and no zone; the whole of it is read when the form is sent.
_RULE_MAX = 300
# What the spec calls it, where the form has another name.
_FIELD_OF = {"catch_up_s": CATCH_UP}
FRESH = ScheduleSpec(name="", job_type=INSPECT, cron="30 2 * * *")


class ScheduleEditor(LivePage, rx.State, mixin=True):
    """What the editor shows. It is open while the address has `new=1`, or `schedule=<id>&edit=1`.

    `form_key` is new whenever the form shall begin anew; `first` is what it begins with; `problems` are told at
    its fields, `form_problem` is what no field is to blame for. `was_changed` says that somebody else changed
    the schedule since.
    """

    is_new: bool = False
    is_edit: bool = False
    form_key: str = ""
    first: rx.Field[dict[str, str]] = rx.field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    problems: rx.Field[dict[str, str]] = rx.field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    form_problem: str = ""
    was_changed: str = ""
    save_off: str = LOADING
    busy: bool = False
    job_types: rx.Field[list[str]] = rx.field(default_factory=list)
    rule_words: str = ""
    rule_zone: str = ""
    rule_times: rx.Field[list[TimeLine]] = rx.field(default_factory=list)

    _edited: Schedule | None = None
    _edited_id: str = ""
    _seen_revision: int = 0
    # The rule as it is being typed.
    _cron: str = ""
    _zone: str = ""

    # what the page says of itself

    def _list_href(self) -> str:
        """The address without a drawer."""
        raise NotImplementedError

    def _drawer_href(self, schedule_id: str, *, edit: bool = False) -> str:
        """The address with the drawer of a schedule, or with its editor."""
        raise NotImplementedError

    # events

    @rx.event
    def close_editor(self) -> Any:
        """Close the editor: back to the schedule, or to the list."""
        return rx.redirect(self._drawer_href(self._edited_id) if self._edited_id else self._list_href())

    @rx.event
    async def type_cron(self, text: str) -> None:
        """Check the rule as it is typed, and say what it means."""
        self._cron = str(text)[:_RULE_MAX]
        await self._say_rule()

    @rx.event
    async def type_zone(self, text: str) -> None:
        """Check the zone as it is typed, and say when the rule fires in it."""
        self._zone = str(text)[:_RULE_MAX]
        await self._say_rule()

    @rx.event
    async def begin_anew(self) -> None:
        """Take the form back to what holds now: somebody else changed the schedule."""
        if self._edited is not None:
            self._begin(self._edited)
            await self._say_rule()

    @rx.event
    async def save(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Make the schedule that the form describes, or its next version; what was typed stays when that fails."""
        if self.busy or not (self.is_new or self.is_edit):
            return
        self.busy, self.form_problem = True, ""
        yield
        try:
            typed = _typed(form)
            spec, found = read_form(typed)
            self._show_problems(found)
            if spec is None:
                return
            stamp = self._stamp_of(typed)
            said, schedule_id = await self._store(spec, typed, stamp)
        except OpsError as error:
            self._show_problems({error.field: error.message})
            return
        finally:
            self.busy = False
        await (await self.get_state(ShellState))._tell(said, stamp)
        yield rx.redirect(self._drawer_href(schedule_id))

    # helpers

    async def _show_editor(self, opened: Opened | None, *, new: bool, edit: bool) -> None:
        """Show what the address opens, and keep what is typed while that stays the same."""
        edited = opened.row.schedule if opened is not None and edit else None
        edited_id = edited.id if edited else ""
        anew = (edited_id, new) != (self._edited_id, self.is_new)
        before, self._edited, self._edited_id = self._edited, edited, edited_id
        self.is_new, self.is_edit = new, edited is not None
        verb = SCHEDULE_CREATE if new else SCHEDULE_EDIT
        self.save_off = why_off(verb, actor_of(self))
        if anew:
            self._begin(edited)
            if self.is_new or self.is_edit:
                await self._say_rule()
        elif edited is not None and before is not None:
            await self._go_on(before, edited)
        changed = edited is not None and edited.revision != self._seen_revision
        self.was_changed = (
            words.changed_meanwhile(visible(edited.changed_by)) if (edited is not None and changed) else ""
        )

    async def _go_on(self, before: Schedule, edited: Schedule) -> None:
        """Where the tab itself changed the schedule, what is typed stays unless the form would begin with another."""
        shell, thing = await self.get_state(ShellState), SubjectKey(SubjectKind.SCHEDULE, edited.id)
        if not shell._is_own(thing, self._seen_revision, edited.revision):
            return
        if edited.spec == before.spec:
            self._seen_revision = edited.revision
        else:
            self._begin(edited)
            await self._say_rule()

    def _begin(self, edited: Schedule | None) -> None:
        """Begin the form anew, with what is edited or with what a new one starts from."""
        spec = edited.spec if edited else FRESH
        self.form_key, self.form_problem, self.was_changed = new_id(), "", ""
        self.first = form_texts(spec)
        self._show_problems({})
        self._seen_revision = edited.revision if edited else 0
        self._cron, self._zone = spec.cron, spec.zone
        self.rule_words, self.rule_times = "", []
        self.job_types = [entry.name for entry in REGISTRY.all() if entry.for_schedules]

    def _show_problems(self, found: dict[str, str]) -> None:
        """Tell each problem at its field, and what belongs to none beside the button."""
        named = {_FIELD_OF.get(name, name): told for name, told in found.items()}
        self.problems = {name: visible(named.get(name, "")) for name in FIELDS}
        stray = " ".join(visible(told) for name, told in named.items() if name not in FIELDS)
        count = sum(1 for told in self.problems.values() if told)
        marked = common.fields_need_another_look(count) if count else ""
        self.form_problem = stray or marked

    async def _say_rule(self) -> None:
        """Say what the rule means that is typed now, or what is wrong with it."""
        cron, place, actor = self._cron, self._zone.strip(), actor_of(self)
        problems = {**self.problems, "cron": "", "zone": ""}
        try:
            zone(place)
        except InvalidInput as error:
            problems["zone"] = error.message
        try:
            preview = await asyncio.to_thread(
                services().schedules.preview, actor, cron, "UTC" if problems["zone"] else place
            )
        except OpsError as error:
            problems["cron"] = error.message
            self.rule_words, self.rule_times = "", []
        else:
            self.rule_words, self.rule_zone = preview.words, place
            self.rule_times = [] if problems["zone"] else time_lines(preview.times)
        self.problems = problems

    def _stamp_of(self, typed: dict[str, str]) -> Stamp:
        return Stamp(
            actor=actor_of(self),
            reason=typed["reason"].strip(),
            ticket=typed["ticket"].strip(),
            idempotency_key=new_id(),
            correlation_id=new_id(),
        )

    async def _store(self, spec: ScheduleSpec, typed: dict[str, str], stamp: Stamp) -> tuple[str, str]:
        """Store the spec; what to say of it, and the schedule's id."""
        schedules = services().schedules
        if self.is_new:
            made = await asyncio.to_thread(
                schedules.create,
                stamp.actor,
                spec,
                stamp,
                tenant=typed["tenant"].strip(),
                paused=typed["paused"] != "",
            )
            return words.made_the_schedule(visible(made.schedule.spec.name)), made.schedule.id
        row = await asyncio.to_thread(
            schedules.edit, stamp.actor, self._edited_id, spec, stamp, revision=self._seen_revision
        )
        return words.is_version_now(visible(row.schedule.spec.name), row.schedule.version), row.schedule.id


def _typed(form: object) -> dict[str, str]:
    """What a form's fields say; any client can send any JSON in its place."""
    given = form if isinstance(form, dict) else {}
    typed = {name: str(given.get(name) or "") for name in (*FIELDS, *_WHY)}
    if any(len(text) > TYPED_MAX for text in typed.values()):
        raise InvalidInput(f"A field takes at most {TYPED_MAX:,} characters.")
    return typed
