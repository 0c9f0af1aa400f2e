"""The page of the scanner's settings: its address is the part, the version whose drawer is open, and the dialog."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import THE_SETTINGS, SubjectKind
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.scanner_settings import SettingsVersion
from execution_ops.domain.scanner_verbs import DETERMINISM_CHECK, SETTINGS_ROLLBACK, TRUST_ADD
from execution_ops.domain.text import visible
from execution_ops.domain.topics import SCANNER_SETTINGS
from execution_ops.domain.verb import why_off
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.scanner_settings import VERSION_MAX, VersionRow, why_settings_off
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.scanner_settings_view import (
    ChangeLine,
    CheckLine,
    KeyLine,
    Tab,
    VersionLine,
    change_lines,
    check_line,
    key_line,
    say_checks,
    say_version,
    version_line,
)
from execution_ops.state.settings_dialogs import SettingsDialogs
from execution_ops.state.settings_questions import SettingsQuestions
from execution_ops.state.shell import ShellState
from execution_ops.texts import common
from execution_ops.texts import scanner_settings as words

HISTORY = 100
VALUES, TRUST, CHECKS, VERSIONS = "values", "trust", "checks", "history"
_PARTS = {VALUES: words.SETTINGS, TRUST: common.TRUST_ROOTS, CHECKS: words.DETERMINISM_CHECKS, VERSIONS: words.HISTORY}
REVIEW, ADD_KEY, CHECK = "review", "key", "check"
_DIALOGS = frozenset({"", REVIEW, ADD_KEY, CHECK})


@dataclass(frozen=True)
class Address:
    """What the address says. `version` is -1 where no drawer is open."""

    part: str
    version: int
    dialog: str

    @classmethod
    @lru_cache(maxsize=256)
    def read(cls, query: str) -> Address:
        """From the query string; InvalidInput for what no page could show."""
        own = dict(query_pairs(query))
        part, number, dialog = own.get("part", VALUES), own.get("version", ""), own.get("ask", "")
        if part not in _PARTS or dialog not in _DIALOGS:
            raise InvalidInput("This address names no part of the settings.")
        if number and not (number.isascii() and number.isdigit() and int(number[:12]) <= VERSION_MAX):
            raise InvalidInput("A version is a number, 0 for the defaults.")
        return cls(part, int(number) if number else -1, dialog)

    def href(self, *, version: int = -1, dialog: str = "") -> str:
        """The same part with a version or a dialog open, or with neither."""
        pairs = [("part", self.part)] if self.part != VALUES else []
        pairs += [("version", str(version))] if version >= 0 else []
        pairs += [("ask", dialog)] if dialog else []
        return routes.scanner_settings(pairs)


class Loaded(NamedTuple):
    """What the page is made of."""

    now: SettingsVersion
    rows: list[VersionRow]
    opened: VersionRow | None


class SettingsLines(rx.State):
    """The rows, apart from all else."""

    versions: rx.Field[list[VersionLine]] = rx.field(default_factory=list)
    keys: rx.Field[list[KeyLine]] = rx.field(default_factory=list)


class SettingsPage(SettingsQuestions, SettingsDialogs, rx.State):
    """The page around its rows."""

    part: str = VALUES
    dialog: str = ""
    tabs: rx.Field[list[Tab]] = rx.field(default_factory=list)
    summary: str = ""
    checks_summary: str = ""
    checks: rx.Field[list[CheckLine]] = rx.field(default_factory=list)
    version_open: bool = False
    version_title: str = ""
    version_subtitle: str = ""
    version_reason: str = ""
    version_missing: bool = False
    version_lines: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    add_off: str = LOADING
    check_off: str = LOADING
    keys_total: int = 0
    versions_total: int = 0
    checks_total: int = 0

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code == InvalidInput.code

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _ask(self) -> Ask:
        address, actor, service = self._address(), actor_of(self), services()

        async def beside() -> Any:
            key = ("determinism", viewer_key(actor))
            return await service.hub.sample(key, lambda: service.determinism.last(actor))

        key = ("scanner-settings", address.version, viewer_key(actor))
        trail = trail_of(actor, SubjectKind.SCANNER_SETTINGS, THE_SETTINGS)
        return Ask(SCANNER_SETTINGS, key, lambda: _load(actor, address.version), beside, trail)

    async def _show(self, answer: Any) -> None:
        loaded: Loaded = answer
        address, actor = self._address(), actor_of(self)
        self._show_draft(loaded.now, loaded.rows, await self.get_state(ShellState))
        self.summary = say_version(loaded.now)
        self.add_off = why_settings_off(actor, TRUST_ADD)
        self.check_off = why_off(DETERMINISM_CHECK, actor)
        lines = await self.get_state(SettingsLines)
        held = loaded.now.version
        versions = [
            version_line(row, address.href(version=row.version.version), holds=row.version.version == held)
            for row in loaded.rows
        ]
        keys = [key_line(key) for key in loaded.now.settings.trust]
        lines.versions, lines.keys = versions, keys
        self.versions_total, self.keys_total = held, len(keys)
        self._show_address(address)
        self._show_version(address, loaded)
        self._ask_again(loaded.rows)

    def _show_beside(self, beside: Any) -> None:
        self.checks_summary = say_checks(beside)
        self.checks = [check_line(check) for check in beside.items]
        self.checks_total = len(beside.items)
        self._show_tabs()

    def _show_address(self, address: Address) -> None:
        if address.dialog and address.dialog != self.dialog:
            self._begin_dialog()
        self.part, self.dialog = address.part, address.dialog
        self._show_tabs()

    def _show_tabs(self) -> None:
        counts = {TRUST: self.keys_total, CHECKS: self.checks_total, VERSIONS: self.versions_total}
        self.tabs = [
            Tab(title, Address(part, -1, "").href(), str(counts.get(part, "")), part == self.part)
            for part, title in _PARTS.items()
        ]

    def _show_version(self, address: Address, loaded: Loaded) -> None:
        row, number = loaded.opened, address.version
        self._opened = row.version if row else None
        self.version_open, self.version_missing = number >= 0, number >= 0 and row is None
        self.version_key = str(number)
        if row is None:
            self.version_title, self.version_subtitle = words.there_is_no_version(number), ""
            self.version_lines, self.version_reason = [], ""
            self.rollback_off = words.THERE_IS_NO_SUCH_VERSION
            return
        version, held = row.version, loaded.now
        self.version_title = words.version(number) if number else words.THE_DEFAULTS
        self.version_subtitle = words.saved_by(visible(version.by), version.at) if version.at else words.BEFORE_ANY_SAVE
        self.version_reason, self.version_lines = visible(version.reason), change_lines(row.changes)
        same = version.settings.values() == held.settings.values()
        self.rollback_off = why_settings_off(actor_of(self), SETTINGS_ROLLBACK) or (
            words.THIS_IS_WHAT_HOLDS_NOW if same else ""
        )

    # the drawer and the dialogs

    def _plain_href(self) -> str:
        return self._address().href()

    @rx.event
    def close(self) -> Any:
        """Close the drawer or the dialog."""
        return rx.redirect(self._plain_href())

    @rx.event
    def review(self) -> Any:
        """Open the review of the draft."""
        if not self.changed or self.wrong:
            return None
        self.review_problem = ""
        return rx.redirect(self._address().href(dialog=REVIEW))

    @rx.event
    def ask_key(self) -> Any:
        """Open the dialog for a new key."""
        return rx.redirect(self._address().href(dialog=ADD_KEY))

    @rx.event
    def ask_check(self) -> Any:
        """Open the dialog for a determinism check."""
        return rx.redirect(self._address().href(dialog=CHECK))


def _load(actor: Actor, number: int) -> Loaded:
    service = services().scanner_settings
    now, rows = service.get(actor), service.versions(actor, limit=HISTORY)
    opened = next((row for row in rows if row.version.version == number), None)
    if opened is None and number >= 0:
        try:
            opened = service.version(actor, number)
        except NotFound:
            opened = None
    return Loaded(now, rows, opened)
