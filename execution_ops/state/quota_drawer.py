"""The drawer of a quota: its form, its verbs and the questions before these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from execution_ops.domain.audit import SubjectKey, SubjectKind
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.quota_verbs import (
    QUOTA_DELETE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_PAUSE,
    QUOTA_RESET,
    QUOTA_RESUME,
)
from execution_ops.domain.quotas import LIMIT_NAMES, Limits, QuotaRow, describe_limits, parse_limits
from execution_ops.domain.text import is_unicode, visible
from execution_ops.domain.times import iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.quotas import why_quota_off
from execution_ops.state.actor import actor_of
from execution_ops.state.quotas_view import limit_texts, now_texts, say_override, say_waiting
from execution_ops.state.shell import ShellState
from execution_ops.texts import common
from execution_ops.texts import quotas as words

TYPED_MAX = 300
# The verbs that a question comes before; the others have the form.
ASKED: dict[str, Verb] = {verb.name: verb for verb in (QUOTA_PAUSE, QUOTA_RESUME, QUOTA_RESET, QUOTA_DELETE)}
MODES: dict[str, Verb] = {"configured": QUOTA_EDIT, "override": QUOTA_OVERRIDE}


class QuotaDrawer(rx.State, mixin=True):
    """What the drawer shows. It is open while the address has `quota=<id>` or `new=1`.

    `form_key` is new whenever the form shall begin anew; `was_changed` says that somebody else changed
    the quota since.
    """

    open_id: str = ""
    is_new: bool = False
    is_missing: bool = False
    title: str = ""
    subtitle: str = ""
    is_paused: bool = False
    pause_reason: str = ""
    paused_by: str = ""
    paused_at: str = ""
    overridden: str = ""
    now_limits: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    first_limits: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    mode: str = "configured"
    change_off: str = ""
    form_key: str = ""
    was_changed: str = ""
    pause_words: str = ""
    form_problem: str = ""
    busy: bool = False

    asking: str = ""
    question_title: str = ""
    verb_problem: str = ""

    _known: dict[str, QuotaRow] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own
    # What the operator saw when the form or the question was opened.
    _seen_revision: int = 0
    _asked_id: str = ""
    _asked_revision: int = 0

    # what the page says of itself

    def _list_href(self) -> str:
        """The address without the drawer."""
        raise NotImplementedError

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._list_href())

    @rx.event
    def begin_anew(self) -> None:
        """Take the form back to what holds now: somebody else changed the quota."""
        row = self._known.get(self.open_id)
        if row is not None:
            self._begin(row)
            self._show_quota(row)

    @rx.event
    async def create(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Make the quota that the form describes."""
        typed = _typed(form, "tenant", "job_type", *LIMIT_NAMES, "reason", "ticket")
        async for event in self._submit(typed, lambda limits, stamp: self._create(typed, limits, stamp)):
            yield event

    @rx.event
    async def change(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Set the limits that the form says: the configured ones, or for now."""
        typed = _typed(form, "mode", *LIMIT_NAMES, "reason", "ticket")
        verb = MODES.get(typed["mode"], QUOTA_EDIT)
        async for event in self._submit(typed, lambda limits, stamp: self._change(verb, limits, stamp)):
            yield event

    @rx.event
    def ask_verb(self, verb: str, quota_id: str) -> None:
        """Open the question before a verb on a quota."""
        known, row = ASKED.get(str(verb)), self._known.get(str(quota_id))
        self.verb_problem = ""
        self.asking = known.name if known and row else ""
        if known and row:
            self._asked_id, self._asked_revision = row.id, row.revision
            self.question_title = f"{known.label} {row.name}?"

    @rx.event
    def leave_verb(self) -> None:
        """Close the question."""
        self.asking = self.verb_problem = ""

    @rx.event
    async def do_verb(self, reason: str, ticket: str) -> Any:
        """Carry out the verb that was asked for."""
        verb = ASKED.get(self.asking)
        if verb is None:
            return None
        self.verb_problem = ""
        try:
            stamp = self._stamp_of(str(reason), str(ticket))
            said = await self._carry_out(verb, stamp)
        except OpsError as error:
            self.verb_problem = error.message
            return None
        self.asking = ""
        await (await self.get_state(ShellState))._tell(said, stamp)
        await self._refresh(anew=True)  # type: ignore[attr-defined]
        return rx.redirect(self._list_href()) if verb is QUOTA_DELETE and self.open_id == self._asked_id else None

    # helpers

    def _show_drawer(self, quota_id: str, new: bool, rows: list[QuotaRow], shell: ShellState) -> None:
        """Show what the address opens, and keep what is typed while that stays the same."""
        self._known = {row.id: row for row in rows}
        row = self._known.get(quota_id)
        anew = (quota_id, new) != (self.open_id, self.is_new)
        self.open_id, self.is_new, self.is_missing = quota_id, new, bool(quota_id) and row is None
        if anew:
            self.form_key, self.form_problem, self.was_changed = new_id(), "", ""
        if row is not None:
            if anew or not self._seen_revision:
                self._begin(row)
            elif shell._is_own(SubjectKey(SubjectKind.QUOTA, row.id), self._seen_revision, row.revision):
                self._go_on(row)
            self._show_quota(row)
        else:
            self._seen_revision = 0
            self.title = words.NEW_QUOTA if new else words.THIS_QUOTA_IS_NOT_THERE
            self.subtitle = "" if new else common.IT_MAY_HAVE_BEEN_DELETED
            self.first_limits = limit_texts(Limits())
            self.change_off = why_quota_off(actor_of(self), "")

    def _begin(self, row: QuotaRow) -> None:
        self._seen_revision = row.revision
        self.form_key, self.form_problem = new_id(), ""
        self.first_limits = limit_texts(row.limits)
        self.mode = _mode_of(row)

    def _go_on(self, row: QuotaRow) -> None:
        """The tab itself changed the quota, by an undo or beside the form: what is typed stays where it fits."""
        if (limit_texts(row.limits), _mode_of(row)) == (self.first_limits, self.mode):
            self._seen_revision = row.revision
        else:
            self._begin(row)

    def _show_quota(self, row: QuotaRow) -> None:
        self.title = row.name
        self.subtitle = words.last_change(row.changed_at, visible(row.changed_by), row.revision)
        self.is_paused = row.paused_at is not None
        self.pause_reason, self.paused_by = visible(row.pause_reason), visible(row.paused_by)
        self.paused_at = iso(row.paused_at) if row.paused_at else ""
        self.overridden = say_override(row)
        self.now_limits = now_texts(row.limits)
        self.change_off = why_quota_off(actor_of(self), row.tenant)
        running = words.running_jobs_finish(row.active)
        self.pause_words = words.pause_stops(running, say_waiting(row.waiting))
        self.was_changed = words.changed_meanwhile(visible(row.changed_by)) if self._is_stale(row) else ""

    def _is_stale(self, row: QuotaRow) -> bool:
        return row.revision != self._seen_revision

    async def _submit(self, typed: dict[str, str], act: Any) -> AsyncIterator[Any]:
        """Do what a form asks for; its problem is shown in it, and what was typed stays."""
        if self.busy:
            return
        self.form_problem, self.busy = "", True
        yield
        try:
            limits = parse_limits(*(typed[name] for name in LIMIT_NAMES))
            stamp = self._stamp_of(typed["reason"], typed["ticket"])
            said = await act(limits, stamp)
        except OpsError as error:
            self.form_problem = error.message
            return
        finally:
            self.busy = False
        await (await self.get_state(ShellState))._tell(said, stamp)
        yield rx.redirect(self._list_href())

    async def _create(self, typed: dict[str, str], limits: Limits, stamp: Stamp) -> str:
        scope = typed["tenant"].strip(), typed["job_type"].strip()
        made = await asyncio.to_thread(services().quotas.create, stamp.actor, *scope, limits, stamp)
        return words.made_the_quota(made.name, describe_limits(made.limits))

    async def _change(self, verb: Verb, limits: Limits, stamp: Stamp) -> str:
        row = await asyncio.to_thread(
            services().quotas.act,
            stamp.actor,
            verb.name,
            self.open_id,
            stamp,
            limits=limits,
            revision=self._seen_revision,
        )
        return words.limits_are(row.name, describe_limits(row.limits), for_now=verb is QUOTA_OVERRIDE)

    async def _carry_out(self, verb: Verb, stamp: Stamp) -> str:
        quotas, quota_id, seen = services().quotas, self._asked_id, self._asked_revision
        if verb is QUOTA_DELETE:
            await asyncio.to_thread(quotas.delete, stamp.actor, quota_id, stamp, revision=seen)
            return words.QUOTA_IS_DELETED
        row = await asyncio.to_thread(quotas.act, stamp.actor, verb.name, quota_id, stamp, revision=seen)
        if quota_id == self.open_id:
            self._begin(row)
        return f"{row.name}: {row.state.value}, {describe_limits(row.limits)}."

    def _stamp_of(self, reason: str, ticket: str) -> Stamp:
        # Half a character, and the character NUL, can't be stored everywhere.
        texts = [
            text if is_unicode(text) and "\0" not in text else visible(text)
            for text in (reason.strip(), ticket.strip())
        ]
        return Stamp(
            actor=actor_of(self), reason=texts[0], ticket=texts[1], idempotency_key=new_id(), correlation_id=new_id()
        )


def _mode_of(row: QuotaRow) -> str:
    return "configured" if row.override is None else "override"


def _typed(form: object, *names: str) -> dict[str, str]:
    """What a form's fields say; any client can send any JSON in its place."""
    given = form if isinstance(form, dict) else {}
    return {name: str(given.get(name) or "")[:TYPED_MAX] for name in names}
