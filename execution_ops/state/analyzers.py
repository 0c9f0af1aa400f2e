"""The page of analyzers: its address says which drawer is open, and holds the draft of the defaults."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor, why_forbidden
from execution_ops.domain.analyzers import ECOSYSTEMS, AnalyzerList
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scan_cache import CachePreview
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_REFRESH, CACHE_CLEAR
from execution_ops.domain.states import AnalyzerState
from execution_ops.domain.times import iso
from execution_ops.domain.topics import ANALYZERS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.analyzers import REFRESH_KEY, AnalyzerDetail, why_defaults_off
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.analyzers_address import Address, Loaded, load
from execution_ops.state.analyzers_view import (
    AnalyzerFacts,
    AnalyzerLine,
    ChangeLine,
    ChoiceLine,
    ComponentLine,
    DefaultsLine,
    RuleLine,
    RunLine,
    analyzer_facts,
    analyzer_line,
    change_lines,
    choice_lines,
    component_lines,
    defaults_lines,
    rule_lines,
    run_line,
    untested_words,
    without_words,
)
from execution_ops.state.cache_view import CacheLine, cache_line, preview_words, scope_words
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.shell import ShellState, message
from execution_ops.state.verbs import VerbQuestion

# Every run of an analyzer changes the figures; a scan has dozens.
PACE_S = 1.0
ASKED = (ANALYZERS_EDIT, CACHE_CLEAR)


class AnalyzerRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[AnalyzerLine]] = rx.field(default_factory=list)


class AnalyzersPage(VerbQuestion, rx.State):
    """All around the rows: figures, drawers and questions.

    `open_name` is the analyzer whose drawer is open; `is_editing` and `is_clearing` say that the other drawers are.
    """

    syft: str = ""
    asked_at: str = ""
    asked_href: str = ""
    worker: str = ""
    syft_problem: str = ""
    problem_at: str = ""
    problem_href: str = ""
    healthy: int = 0
    degraded: int = 0
    failed: int = 0
    untried: int = 0
    total: int = 0
    defaults_version: int = 0
    left_out: str = ""
    untested: str = ""
    edit_href: str = ""
    edit_off: str = LOADING
    refresh_off: str = LOADING
    test_off: str = LOADING
    clear_off: str = LOADING
    cache: CacheLine = CacheLine()

    open_name: str = ""
    is_missing: bool = False
    facts: AnalyzerFacts = AnalyzerFacts()
    components: rx.Field[list[ComponentLine]] = rx.field(default_factory=list)
    runs: rx.Field[list[RunLine]] = rx.field(default_factory=list)
    rules: rx.Field[list[RuleLine]] = rx.field(default_factory=list)

    is_editing: bool = False
    choices: rx.Field[list[ChoiceLine]] = rx.field(default_factory=list)
    changes: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    history: rx.Field[list[DefaultsLine]] = rx.field(default_factory=list)
    save_off: str = LOADING
    was_changed: str = ""

    is_clearing: bool = False
    clear_of: str = ""
    clear_older: int = 0
    clear_scope: str = ""
    clear_words: str = ""
    clear_now_off: str = LOADING

    question_title: str = ""
    question_button: str = ""
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    _preview: CachePreview | None = None
    _asked_preview: CachePreview | None = None

    @rx.var
    def refused(self) -> bool:
        """Whether the address itself is at fault, so that reading again would not help."""
        return self.problem_code == InvalidInput.code

    # LivePage

    def _address(self) -> Address:
        return Address.read(self.router.url.query)

    def _pace(self) -> float:
        return PACE_S

    def _ask(self) -> Ask:
        address, actor = self._address(), actor_of(self)
        # The draft is the tab's own: what is read is the same for every one.
        shown = Address(
            analyzer=address.analyzer,
            editing=address.editing,
            clearing=address.clearing,
            of=address.of,
            older_days=address.older_days,
        )
        return Ask(ANALYZERS, ("analyzers", viewer_key(actor), shown), lambda: load(actor, shown))

    async def _show(self, answer: Any) -> None:
        loaded: Loaded = answer
        address, actor = self._address(), actor_of(self)
        rows = [analyzer_line(one) for one in loaded.found.analyzers]
        shown = await self.get_state(AnalyzerRows)
        if shown.rows != rows:
            shown.rows = rows
        self._show_figures(loaded.found, actor)
        self.cache = cache_line(loaded.cache)
        self._show_analyzer(address, loaded.detail, actor)
        self._show_draft(address, loaded, actor)
        self._show_clear(address, loaded, actor)

    def _show_figures(self, found: AnalyzerList, actor: Actor) -> None:
        inventory = found.inventory
        self.syft = inventory.answer.version if inventory.answer else ""
        self.asked_at = iso(inventory.asked_at) if inventory.asked_at else ""
        self.asked_href = routes.job(inventory.asked_by) if inventory.asked_by else ""
        self.worker = inventory.worker
        self.syft_problem = inventory.problem
        self.problem_at = iso(inventory.problem_at) if inventory.problem_at else ""
        self.problem_href = routes.job(inventory.problem_by) if inventory.problem_by else ""
        counts = found.by_health
        self.healthy = counts.get(AnalyzerState.HEALTHY, 0)
        self.degraded = counts.get(AnalyzerState.DEGRADED, 0)
        self.failed = counts.get(AnalyzerState.FAILED, 0)
        self.untried = counts.get(AnalyzerState.UNTRIED, 0)
        self.total = len(found.analyzers)
        self.defaults_version = found.defaults.version
        self.left_out, self.untested = without_words(found), untested_words(found)
        held = Address(seen=found.defaults.version)
        self.edit_href = held.draft(frozenset(found.defaults.disabled))
        self.edit_off = why_defaults_off(actor)
        self.refresh_off = why_forbidden(actor, ANALYZERS_REFRESH.scope)
        self.test_off = why_forbidden(actor, ANALYZER_TEST.scope)

    def _show_analyzer(self, address: Address, detail: AnalyzerDetail | None, actor: Actor) -> None:
        self.open_name = address.analyzer
        self.is_missing = bool(address.analyzer) and detail is None
        if detail is None:
            self.facts, self.components, self.runs, self.rules = AnalyzerFacts(), [], [], []
            return
        self.facts = analyzer_facts(detail, why_forbidden(actor, ANALYZER_TEST.scope))
        self.components = component_lines(detail.analyzer.test)
        self.runs = [run_line(run) for run in detail.runs]
        self.rules = rule_lines(detail)

    def _show_draft(self, address: Address, loaded: Loaded, actor: Actor) -> None:
        self.is_editing, defaults = address.editing, loaded.found.defaults
        if not address.editing:
            self.choices, self.changes, self.history, self.was_changed = [], [], [], ""
            return
        self.choices = choice_lines(loaded.found, address.without)
        self.changes = change_lines(defaults.disabled, address.without)
        self.history = defaults_lines(loaded.versions, defaults.version)
        changed = address.seen != defaults.version
        self.was_changed = f"Version {defaults.version} was saved while you had this open." if changed else ""
        nothing = "" if self.changes else "The draft changes nothing."
        self.save_off = why_defaults_off(actor) or (self.was_changed if changed else nothing)

    def _show_clear(self, address: Address, loaded: Loaded, actor: Actor) -> None:
        self.is_clearing, self.clear_of, self.clear_older = address.clearing, address.of, address.older_days
        self._preview = loaded.preview
        self.clear_off = why_forbidden(actor, CACHE_CLEAR.scope)
        if loaded.preview is None:
            self.clear_scope = self.clear_words = ""
            return
        self.clear_scope = scope_words(loaded.preview, address.older_days)
        self.clear_words = preview_words(loaded.preview)
        self.clear_now_off = self.clear_off or ("" if loaded.preview.entries else "There is no such entry.")

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return ASKED

    def _subjects(self) -> list[str]:
        return [self.asking]

    def _about(self) -> tuple[Hashable, ...]:
        try:
            return (self._address(), self.defaults_version if self.is_editing else 0)
        except OpsError:
            return ()

    def _phrase(self, verb: Verb) -> None:
        self._asked_preview = self._preview
        if verb is CACHE_CLEAR and self._preview is not None:
            self.question_title = f"Clear {self.clear_words}?"
            self.question_button = f"Clear {self.clear_words}"
            self.question_facts = [("Drops", self.clear_scope), ("Stays", "the documents of the jobs that found it")]
        elif verb is ANALYZERS_EDIT and self.changes:
            self.question_title = f"Save version {self.defaults_version + 1} of the default analyzers?"
            self.question_button = f"Save version {self.defaults_version + 1}"
            self.question_facts = [(line.name, line.words) for line in self.changes]
        else:
            self.asking = ""

    async def _act(self, verb: Verb, actor: Actor, stamp: Stamp) -> Any:
        address, shell = self._address(), await self.get_state(ShellState)
        if verb is CACHE_CLEAR:
            preview = self._asked_preview
            if preview is None:
                return None
            cleared = await asyncio.to_thread(services().scan_cache.clear, actor, preview, stamp)
            shell._say(message(f"Cleared {preview_words(cleared)}."))
        else:
            saved = await asyncio.to_thread(
                services().analyzers.save_defaults, actor, sorted(address.without), stamp, seen=address.seen
            )
            shell._say(message(f"Version {saved.version} holds for scans started from now on."))
        return rx.redirect(routes.analyzers())

    # events

    @rx.event
    async def ask_syft(self) -> None:
        """Ask Syft again: a job."""
        stamp = Stamp(actor=actor_of(self), idempotency_key=new_id())
        shell = await self.get_state(ShellState)
        try:
            started = await asyncio.to_thread(services().analyzers.refresh, stamp.actor, stamp)
        except OpsError as error:
            shell._say(message(error.message, tone="bad"))
            return
        shell._say(message("Syft is being asked.", href=routes.job(started.job_ids[REFRESH_KEY]), link="Open the job"))

    @rx.event
    async def test(self, name: str = "") -> None:
        """Test one analyzer, or all that there is a fixture for: jobs."""
        stamp = Stamp(actor=actor_of(self), idempotency_key=new_id())
        shell, names = await self.get_state(ShellState), [str(name)] if name else []
        try:
            started = await asyncio.to_thread(services().analyzers.test, stamp.actor, names, stamp)
        except OpsError as error:
            shell._say(message(error.message, tone="bad"))
            return
        ids = list(started.job_ids.values())
        if len(ids) == 1:
            shell._say(message(f"{names[0]} is being tested.", href=routes.job(ids[0]), link="Open the job"))
        else:
            href = routes.jobs([("dag", started.dag_id)])
            shell._say(message(f"{len(ids)} analyzers are being tested.", href=href, link="Open the jobs"))

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
        if not address.editing or str(name) not in ECOSYSTEMS:
            return None
        return rx.redirect(address.draft(address.without ^ {str(name)}), replace=True)

    @rx.event
    def choose_clear(self, form: dict[str, Any]) -> Any:
        """Preview another clear."""
        given = form if isinstance(form, dict) else {}
        pairs = [("clear", "1"), ("of", str(given.get("of") or "")), ("older", str(given.get("older") or ""))]
        return rx.redirect(routes.analyzers([pair for pair in pairs if pair[1]]), replace=True)
