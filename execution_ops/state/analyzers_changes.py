"""What is changed on the page of analyzers: which run by default, as a draft or by a roll-back, and the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import THE_DEFAULTS, SubjectKey, SubjectKind
from execution_ops.domain.errors import OpsError
from execution_ops.domain.scan_cache import CachePreview
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.scanner_verbs import ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.analyzers import why_defaults_off
from execution_ops.services.container import services
from execution_ops.state.analyzers_address import Address, Loaded
from execution_ops.state.analyzers_view import (
    ChangeLine,
    ChoiceLine,
    DefaultsLine,
    change_lines,
    choice_lines,
    defaults_lines,
)
from execution_ops.state.cache_view import preview_words, scope_words
from execution_ops.state.live import LOADING
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import analyzers as words


class AnalyzerChanges(VerbQuestion, rx.State, mixin=True):
    """The drawers of the draft and of the cache, `is_editing` and `is_clearing`, and the questions before a change."""

    defaults_version: int = 0
    is_editing: bool = False
    choices: rx.Field[list[ChoiceLine]] = rx.field(default_factory=list)
    changes: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    history: rx.Field[list[DefaultsLine]] = rx.field(default_factory=list)
    save_off: str = LOADING
    was_changed: str = ""

    clear_off: str = LOADING
    is_clearing: bool = False
    clear_of: str = ""
    clear_older: int = 0
    clear_scope: str = ""
    clear_words: str = ""
    clear_now_off: str = LOADING

    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    # The versions that the drawer lists, and the one that a roll-back is about.
    _versions: tuple[AnalyzerDefaults, ...] = ()
    _chosen: int = 0
    # What the author of the draft has seen, which is more than the address says where this tab changed it since.
    _seen_version: int = 0
    _held: tuple[str, ...] = ()
    _offered: frozenset[str] = frozenset()
    _preview: CachePreview | None = None
    _asked_preview: CachePreview | None = None

    # what the page says of itself

    def _address(self) -> Address:
        raise NotImplementedError

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return (ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR)

    def _subjects(self) -> list[str]:
        return [str(self._chosen)]

    def _about(self) -> tuple[Hashable, ...]:
        try:
            return (self._address(), self.defaults_version if self.is_editing else 0)
        except OpsError:
            return ()

    def _phrase(self, verb: Verb) -> None:
        self._asked_preview = self._preview
        if verb is CACHE_CLEAR and self._preview is not None:
            self.question_title = words.asks_clear(self.clear_words)
            self.question_button = words.clear(self.clear_words)
            self.question_facts = [(words.DROPS, self.clear_scope), (words.STAYS, words.THE_DOCUMENTS_OF_THE_JOBS)]
        elif verb is ANALYZERS_EDIT and self.changes:
            self.question_title = words.asks_save(self.defaults_version + 1)
            self.question_button = words.save_version(self.defaults_version + 1)
            self.question_facts = [(line.label, line.words) for line in self.changes]
        elif verb is ANALYZERS_ROLLBACK and (lines := self._rolled_back()):
            self.question_title = words.asks_roll_back(self._chosen)
            self.question_button = words.roll_back(self._chosen)
            self.question_facts = [(line.label, line.words) for line in lines]
        else:
            self.asking = ""

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        address, shell = self._address(), await self.get_state(ShellState)
        if verb is CACHE_CLEAR:
            preview = self._asked_preview
            if preview is None:
                return None
            cleared = await asyncio.to_thread(services().scan_cache.clear, actor, preview, stamp)
            shell._say(message(words.cleared(preview_words(cleared))))
        else:
            saved = await asyncio.to_thread(self._save, verb, address, actor, stamp)
            await shell._tell(words.version_holds(saved.version), stamp)
        return rx.redirect(routes.analyzers())

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close whichever drawer is open."""
        return rx.redirect(routes.analyzers())

    @rx.event
    def toggle(self, name: str) -> Any:
        """Take an analyzer into the draft, or out of it."""
        try:
            address = self._address()
        except OpsError:
            return None
        # Any client can send any JSON.
        if not address.editing or str(name) not in {choice.name for choice in self.choices}:
            return None
        return rx.redirect(address.draft(address.without ^ {str(name)}), replace=True)

    @rx.event
    def ask_rollback(self, version: int) -> None:
        """Ask before a roll-back to a version that the drawer lists."""
        if isinstance(version, int) and any(one.version == version for one in self._versions):
            self._chosen = version
            self.ask_verb(ANALYZERS_ROLLBACK.name)

    @rx.event
    def choose_clear(self, form: dict[str, Any]) -> Any:
        """Preview another clear."""
        given = form if isinstance(form, dict) else {}
        pairs = [("clear", "1"), ("of", str(given.get("of") or "")), ("older", str(given.get("older") or ""))]
        return rx.redirect(routes.analyzers([pair for pair in pairs if pair[1]]), replace=True)

    # helpers

    def _show_draft(self, address: Address, loaded: Loaded, actor: Actor, shell: ShellState) -> None:
        self.is_editing, defaults = address.editing, loaded.found.defaults
        self.defaults_version, self._versions = defaults.version, tuple(loaded.versions)
        self._held, self._offered = defaults.disabled, frozenset(one.name for one in loaded.found.analyzers)
        if not address.editing:
            self.choices, self.changes, self.history, self.was_changed = [], [], [], ""
            return
        self.choices = choice_lines(loaded.found, address.without)
        self.changes = change_lines(defaults.disabled, address.without, self._offered)
        self.history = defaults_lines(loaded.versions, defaults, why_defaults_off(actor))
        own = shell._is_own(SubjectKey(SubjectKind.ANALYZERS, THE_DEFAULTS), address.seen, defaults.version)
        self._seen_version = defaults.version if own else address.seen
        changed = self._seen_version != defaults.version
        self.was_changed = words.saved_meanwhile(defaults.version) if changed else ""
        nothing = "" if self.changes else words.THE_DRAFT_CHANGES_NOTHING
        self.save_off = why_defaults_off(actor) or (self.was_changed if changed else nothing)

    def _show_clear(self, address: Address, loaded: Loaded, actor: Actor) -> None:
        self.is_clearing, self.clear_of, self.clear_older = address.clearing, address.of, address.older_days
        self._preview = loaded.preview
        self.clear_off = why_off(CACHE_CLEAR, actor)
        if loaded.preview is None:
            self.clear_scope = self.clear_words = ""
            return
        self.clear_scope = scope_words(loaded.preview, address.older_days)
        self.clear_words = preview_words(loaded.preview)
        self.clear_now_off = self.clear_off or ("" if loaded.preview.entries else words.THERE_IS_NO_SUCH_ENTRY)

    def _rolled_back(self) -> list[ChangeLine]:
        """What a roll-back to the chosen version changes of what holds."""
        chosen = next((one for one in self._versions if one.version == self._chosen), None)
        return change_lines(self._held, frozenset(chosen.disabled), self._offered) if chosen else []

    def _save(self, verb: Verb, address: Address, actor: Actor, stamp: Stamp) -> AnalyzerDefaults:
        service = services().analyzers
        if verb is ANALYZERS_ROLLBACK:
            # A question about another version than holds now is closed: this is the one that was shown.
            return service.roll_back_defaults(actor, int(self._asked_ids[0]), stamp, seen=self.defaults_version)
        return service.save_defaults(actor, sorted(address.without), stamp, seen=self._seen_version)
