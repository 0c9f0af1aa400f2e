"""The page of analyzers: its address says which drawer is open, and holds the draft of the defaults."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.analyzers import AnalyzerList
from execution_ops.domain.audit import THE_DEFAULTS, SubjectKind
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_REFRESH
from execution_ops.domain.states import AnalyzerState
from execution_ops.domain.times import iso
from execution_ops.domain.topics import ANALYZERS
from execution_ops.domain.verb import why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.services.analyzers import REFRESH_KEY, AnalyzerDetail, why_defaults_off
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.analyzers_address import Address, Loaded, load
from execution_ops.state.analyzers_changes import AnalyzerChanges
from execution_ops.state.analyzers_view import (
    AnalyzerFacts,
    AnalyzerLine,
    ComponentLine,
    RuleLine,
    RunLine,
    analyzer_facts,
    analyzer_lines,
    component_lines,
    rule_lines,
    run_line,
    untested_words,
    without_words,
)
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.cache_view import CacheLine, cache_line
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.sending import send_changed
from execution_ops.state.shell import ShellState, message
from execution_ops.texts import analyzers as words
from execution_ops.texts import common

# Every run of an analyzer changes the figures; a scan has dozens.
PACE_S = 1.0


class AnalyzerRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[AnalyzerLine]] = rx.field(default_factory=list)


class AnalyzersPage(AnalyzerChanges, rx.State):
    """All around the rows: figures, and the analyzer whose drawer is open, `open_name`.

    `replaced_at` is since when another Syft than the one that answered may be in use.
    """

    syft: str = ""
    asked_at: str = ""
    asked_href: str = ""
    worker: str = ""
    syft_problem: str = ""
    problem_at: str = ""
    replaced_at: str = ""
    problem_href: str = ""
    healthy: int = 0
    degraded: int = 0
    failed: int = 0
    untried: int = 0
    total: int = 0
    left_out: str = ""
    untested: str = ""
    edit_href: str = ""
    edit_off: str = LOADING
    refresh_off: str = LOADING
    test_off: str = LOADING
    cache: CacheLine = CacheLine()

    open_name: str = ""
    is_missing: bool = False
    facts: AnalyzerFacts = AnalyzerFacts()
    components: rx.Field[list[ComponentLine]] = rx.field(default_factory=list)
    runs: rx.Field[list[RunLine]] = rx.field(default_factory=list)
    rules: rx.Field[list[RuleLine]] = rx.field(default_factory=list)

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
        # Whether it runs by default is what somebody may have changed.
        trail = trail_of(actor, SubjectKind.ANALYZERS, THE_DEFAULTS if shown.analyzer else "")
        return Ask(ANALYZERS, ("analyzers", viewer_key(actor), shown), lambda: load(actor, shown), trail=trail)

    async def _show(self, answer: Any) -> None:
        loaded: Loaded = answer
        address, actor = self._address(), actor_of(self)
        send_changed(await self.get_state(AnalyzerRows), rows=analyzer_lines(loaded.found.analyzers))
        self._show_figures(loaded.found, actor)
        self.cache = cache_line(loaded.cache)
        self._show_analyzer(address, loaded.detail, actor)
        self._show_draft(address, loaded, actor, await self.get_state(ShellState))
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
        self.replaced_at = iso(found.replaced_at) if found.replaced_at else ""
        counts = found.by_health
        self.healthy = counts.get(AnalyzerState.HEALTHY, 0)
        self.degraded = counts.get(AnalyzerState.DEGRADED, 0)
        self.failed = counts.get(AnalyzerState.FAILED, 0)
        self.untried = counts.get(AnalyzerState.UNTRIED, 0)
        self.total = len(found.analyzers)
        self.left_out, self.untested = without_words(found), untested_words(found)
        held = Address(seen=found.defaults.version)
        self.edit_href = held.draft(frozenset(found.defaults.disabled))
        self.edit_off = why_defaults_off(actor)
        self.refresh_off = why_off(ANALYZERS_REFRESH, actor)
        self.test_off = why_off(ANALYZER_TEST, actor)

    def _show_analyzer(self, address: Address, detail: AnalyzerDetail | None, actor: Actor) -> None:
        self.open_name = address.analyzer
        self.is_missing = bool(address.analyzer) and detail is None
        if detail is None:
            self.facts, self.components, self.runs, self.rules = AnalyzerFacts(), [], [], []
            return
        self.facts = analyzer_facts(detail, why_off(ANALYZER_TEST, actor))
        self.components = component_lines(detail.analyzer.test)
        self.runs = [run_line(run) for run in detail.runs]
        self.rules = rule_lines(detail)

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
        shell._say(
            message(words.SYFT_IS_BEING_ASKED, href=routes.job(started.job_ids[REFRESH_KEY]), link=common.OPEN_THE_JOB)
        )

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
            shell._say(message(words.is_being_tested(names[0]), href=routes.job(ids[0]), link=common.OPEN_THE_JOB))
        else:
            href = routes.jobs([("dag", started.dag_id)])
            shell._say(message(words.analyzers_are_being_tested(len(ids)), href=href, link=words.OPEN_THE_JOBS))
