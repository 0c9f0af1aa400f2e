"""The draft of the scanner's settings: checked while it is typed, kept when others save, reviewed, then saved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import reflex as rx

from execution_ops.domain.audit import THE_SETTINGS, SubjectKey, SubjectKind
from execution_ops.domain.errors import OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_settings import SettingsVersion
from execution_ops.domain.scanner_verbs import SETTINGS_EDIT
from execution_ops.domain.settings_changes import SettingChange, changes, rebase
from execution_ops.domain.settings_forms import TYPED_MAX, fields_by_name, form_fields, form_texts, read_form
from execution_ops.domain.text import encodable, visible
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.scanner_settings import VersionRow, why_settings_off
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LOADING, LivePage
from execution_ops.state.scanner_settings_view import ChangeLine, MeanwhileLine, change_lines, meanwhile_lines
from execution_ops.state.shell import ShellState
from execution_ops.texts import scanner_settings as words

_NAMES = tuple(field.name for field in form_fields())


def _blank() -> dict[str, str]:
    return dict.fromkeys(_NAMES, "")


class SettingsDraft(LivePage, rx.State, mixin=True):
    """What is being changed.

    The browser keeps what is typed in a field; `first` is what it began with, and with `form_key` names the input, so
    that one begins anew only when its value changed elsewhere and nothing was typed into it. `was` tells at a changed
    field what holds, `problems` what is wrong with it. `meanwhile` is what others saved since the draft was begun:
    it has to be acknowledged before the draft can be saved on top of it.
    """

    form_key: str = ""
    first: rx.Field[dict[str, str]] = rx.field(default_factory=_blank)
    problems: rx.Field[dict[str, str]] = rx.field(default_factory=_blank)
    was: rx.Field[dict[str, str]] = rx.field(default_factory=_blank)
    changed: int = 0
    wrong: int = 0
    meanwhile: rx.Field[list[MeanwhileLine]] = rx.field(default_factory=list)
    review_lines: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    review_problem: str = ""
    save_off: str = LOADING
    saving: bool = False

    # What holds now, and the version that the author of the draft has seen.
    _held: dict[str, str] = {}  # noqa: RUF012 - a Reflex field; every instance gets its own
    _draft: dict[str, str] = {}  # noqa: RUF012 - as above
    _now: SettingsVersion | None = None
    _seen_version: int = 0
    _save_key: str = ""

    # what the page says of itself

    def _plain_href(self) -> str:
        """The address without a dialog."""
        raise NotImplementedError

    # events

    @rx.event
    def type_field(self, name: str, text: str) -> None:
        """Check a field as it is typed."""
        if self._held and str(name) in fields_by_name():
            self._draft = {**self._draft, str(name): encodable(str(text)[: TYPED_MAX + 1])}
            self._judge()

    @rx.event
    def switch_field(self, name: str, on: bool) -> None:
        """A setting that is on or off."""
        self.type_field(name, "on" if on is True else "off")

    @rx.event
    def discard(self) -> None:
        """Take the form back to what holds now."""
        if self._now is not None:
            self._begin(self._now)

    @rx.event
    def acknowledge(self) -> None:
        """What others saved meanwhile was looked at: the draft goes on top of it."""
        if self._now is not None:
            self._seen_version, self.meanwhile, self.review_problem = self._now.version, [], ""

    @rx.event
    async def save(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Save the draft as the next version; it stays when that fails."""
        values, _ = read_form(self._draft)
        if self.saving or values is None or not self.changed:
            return
        self.saving, self.review_problem = True, ""
        yield
        actor, given = actor_of(self), form if isinstance(form, dict) else {}
        stamp = Stamp(
            actor=actor,
            reason=str(given.get("reason") or "").strip(),
            ticket=str(given.get("ticket") or "").strip(),
            idempotency_key=self._save_key,
            correlation_id=new_id(),
        )
        try:
            saved = await asyncio.to_thread(
                services().scanner_settings.save, actor, values, stamp, seen=self._seen_version
            )
        except OpsError as error:
            self.review_problem = error.message
            if error.code == "CHANGED":
                await self._refresh(anew=True)
            return
        finally:
            self.saving = False
        self._begin(saved)
        said = words.saved_as(saved.version)
        await (await self.get_state(ShellState))._tell(said, stamp)
        await self._refresh(anew=True)
        yield rx.redirect(self._plain_href())

    # helpers

    def _show_draft(self, now: SettingsVersion, rows: Sequence[VersionRow], shell: ShellState) -> None:
        """Show what holds; what was typed stays, on top of it."""
        self.save_off = why_settings_off(actor_of(self), SETTINGS_EDIT)
        if self._now is None:
            self._begin(now)
        elif now.version != self._now.version:
            self._go_on(now, rows, shell)

    def _begin(self, now: SettingsVersion) -> None:
        """Begin the form anew, with what holds."""
        self._now, self._seen_version = now, now.version
        self._held = self._draft = form_texts(now.settings)
        self.first, self.form_key = dict(self._held), new_id()
        self.meanwhile, self.review_problem, self._save_key = [], "", new_id()
        self._judge()

    def _go_on(self, now: SettingsVersion, rows: Sequence[VersionRow], shell: ShellState) -> None:
        """Somebody saved, or this tab did: untouched fields show it at once, what was typed stays."""
        held = form_texts(now.settings)
        typed = {name for name in _NAMES if self._draft[name] != self._held[name]}
        self._draft = rebase(self._held, held, self._draft)
        self.first = {name: self.first[name] if name in typed else held[name] for name in _NAMES}
        self._held, self._now = held, now
        self._judge()
        own = shell._is_own(SubjectKey(SubjectKind.SCANNER_SETTINGS, THE_SETTINGS), self._seen_version, now.version)
        if self.changed and not own:
            self.meanwhile = meanwhile_lines(rows, self._seen_version)
        else:
            self._seen_version, self.meanwhile = now.version, []

    def _judge(self) -> None:
        """What the draft changes, and what is wrong with it."""
        assert self._now is not None
        values, found = read_form(self._draft)
        typed = [name for name in _NAMES if self._draft[name].strip() != self._held[name]]
        differs: list[SettingChange] = [] if values is None else changes(self._now.settings, values)
        self.problems = {name: visible(found.get(name, "")) for name in _NAMES}
        self.wrong = len(found)
        # Of a draft with mistakes, what is typed counts; of a right one, what it would change.
        self.changed = len(typed) if values is None else len(differs)
        self.was = {
            name: words.holds_now(visible(self._held[name]) or "empty") if name in typed else "" for name in _NAMES
        }
        self.review_lines = change_lines(differs)
