"""The questions of the settings page: a roll-back with what it would change, and switching a key."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Conflict
from execution_ops.domain.scanner_settings import SettingsVersion
from execution_ops.domain.scanner_verbs import SETTINGS_ROLLBACK, TRUST_DISABLE, TRUST_ENABLE
from execution_ops.domain.settings_changes import changes
from execution_ops.domain.text import visible
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.container import services
from execution_ops.services.scanner_settings import VersionRow
from execution_ops.state.live import LOADING
from execution_ops.state.scanner_settings_view import ChangeLine, MeanwhileLine, change_lines, meanwhile_lines
from execution_ops.state.settings_draft import SettingsDraft
from execution_ops.state.shell import ShellState
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import scanner_settings as words


class SettingsQuestions(VerbQuestion, SettingsDraft, rx.State, mixin=True):
    """What the questions show.

    `question_lines` is what a roll-back changes of what holds now; `question_meanwhile` is what others saved since it
    was asked, which has to be acknowledged before it is answered. `question_off` is why it can't be answered.
    """

    version_key: str = ""
    rollback_off: str = LOADING
    question_title: str = ""
    question_lines: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    question_meanwhile: rx.Field[list[MeanwhileLine]] = rx.field(default_factory=list)
    question_off: str = ""

    # The version whose drawer is open, what a question is about, and what held as the operator last looked.
    _opened: SettingsVersion | None = None
    _chosen: str = ""
    _asked_version: int = 0

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return (SETTINGS_ROLLBACK, TRUST_DISABLE, TRUST_ENABLE)

    def _subjects(self) -> list[str]:
        return [self._chosen]

    def _about(self) -> tuple[Hashable, ...]:
        return (self._chosen, self.version_key)

    def _phrase(self, verb: Verb) -> None:
        # Any client can ask for a verb before the page is loaded, or about what another verb is for.
        if self._now is None or (verb is SETTINGS_ROLLBACK and (not self._opened or self._chosen != self.version_key)):
            self.asking = ""
            return
        if verb is SETTINGS_ROLLBACK:
            self.question_title = words.asks_roll_back(_named(self._chosen))
            self.acknowledge_question()
            return
        key = next((one for one in self._now.settings.trust if one.fingerprint == self._chosen), None)
        self.question_title = f"{verb.label} {visible(key.name)}?" if key else ""
        self.asking = self.asking if key else ""

    # events

    @rx.event
    def ask_rollback(self) -> None:
        """Ask before a roll-back to the version that is open."""
        if self._now is not None and self._opened is not None and not self.rollback_off:
            self._chosen = self.version_key
            self.ask_verb(SETTINGS_ROLLBACK.name)

    @rx.event
    def acknowledge_question(self) -> None:
        """What others saved since the roll-back was asked for was looked at: it goes on top of that."""
        if self._now is not None:
            self._asked_version, self.verb_problem = self._now.version, ""
            self._ask_again(())

    @rx.event
    def ask_switch(self, verb: str, fingerprint: str) -> None:
        """Ask before a key is disabled or enabled."""
        if self._now is not None and str(verb) in {TRUST_DISABLE.name, TRUST_ENABLE.name}:
            self._chosen = str(fingerprint)
            self.ask_verb(str(verb))

    # helpers

    def _ask_again(self, rows: Sequence[VersionRow]) -> None:
        """Show what a roll-back changes of what holds by now, and who saved since it was asked for."""
        if self.asking != SETTINGS_ROLLBACK.name or self._now is None or self._opened is None:
            return
        self.question_lines = change_lines(changes(self._now.settings, self._opened.settings))
        self.question_meanwhile = meanwhile_lines(rows, self._asked_version)
        seen = self._asked_version == self._now.version
        self.question_off = self.rollback_off if seen else words.FIRST_LOOK_AT_WHAT_WAS_SAVED

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        service, chosen = services().scanner_settings, self._asked_ids[0]
        if verb is SETTINGS_ROLLBACK:
            saved = await self._roll_back(actor, int(chosen), stamp)
            said = words.rolled_back(saved.version, int(chosen))
        else:
            key = await asyncio.to_thread(service.act_on_key, actor, verb, chosen, stamp)
            said = words.key_switched(visible(key.name), enabled=key.enabled)
        await (await self.get_state(ShellState))._tell(said, stamp)
        await self._refresh(anew=True)
        return rx.redirect(self._plain_href()) if verb is SETTINGS_ROLLBACK else None

    async def _roll_back(self, actor: Actor, number: int, stamp: Stamp) -> SettingsVersion:
        roll_back, seen = services().scanner_settings.roll_back, self._asked_version
        try:
            return await asyncio.to_thread(roll_back, actor, number, stamp, seen=seen)
        except Conflict as error:
            if error.code == "CHANGED":
                # What somebody saved is shown in the question, above the answer.
                await self._refresh(anew=True)
            raise


def _named(number: str) -> str:
    return words.version_or_defaults(int(number))
