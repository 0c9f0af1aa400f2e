"""The drawer of the performance page: one result, what it is compared with, and its history."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.benchmarks import Judged, Promotion
from execution_ops.domain.errors import NotFound
from execution_ops.domain.scanner_settings import BenchBudget
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.domain.verb import why_off
from execution_ops.services.benchmarks import BenchHistory
from execution_ops.services.container import services
from execution_ops.state.actor import actor_of
from execution_ops.state.live import LOADING
from execution_ops.state.performance_facts import (
    ChartView,
    CompareLine,
    HistoryLine,
    Pairs,
    PromotionLine,
    ResultFacts,
    SampleLine,
    chart_view,
    compare_lines,
    history_lines,
    promotion_lines,
    result_facts,
    sample_lines,
)
from execution_ops.state.verbs import VerbQuestion

HISTORY = 60


@dataclass(frozen=True)
class Opened:
    """What the drawer reads of a result."""

    result: Judged
    history: BenchHistory
    promotions: list[Promotion]


def read_opened(actor: Actor, result_id: str) -> Opened | None:
    """What the drawer shows of a result; None if it is not there. Blocking."""
    service = services().benchmarks
    try:
        one = service.get(actor, result_id)
    except NotFound:
        return None
    result = one.result
    history = service.history(actor, result.scenario, result.analyzer, tenant=result.tenant, cursor=None, limit=HISTORY)
    return Opened(one, history, service.promotions(actor, result.scenario, result.analyzer, tenant=result.tenant))


class ResultDrawer(VerbQuestion, rx.State, mixin=True):
    """What the drawer shows. It is open while the address has `result=<id>`."""

    open_id: str = ""
    is_missing: bool = False
    facts: ResultFacts = ResultFacts()
    compare: rx.Field[list[CompareLine]] = rx.field(default_factory=list)
    samples: rx.Field[list[SampleLine]] = rx.field(default_factory=list)
    history: rx.Field[list[HistoryLine]] = rx.field(default_factory=list)
    chart: ChartView = ChartView()
    promotions: rx.Field[list[PromotionLine]] = rx.field(default_factory=list)
    promote_off: str = LOADING

    # helpers

    def _show_drawer(self, result_id: str, opened: Opened | None, pairs: Pairs, budget: BenchBudget) -> None:
        """Show what the address opens; `pairs` are those of the address without the drawer."""
        self.open_id, self.is_missing = result_id, bool(result_id) and opened is None
        self.promote_off = why_off(BENCH_PROMOTE, actor_of(self))
        if opened is None:
            self.facts, self.chart = ResultFacts(), ChartView()
            self.compare, self.samples, self.history, self.promotions = [], [], [], []
            return
        rows = opened.history.rows
        self.facts, self.compare = result_facts(opened.result, pairs), compare_lines(opened.result)
        self.samples = sample_lines(opened.result)
        self.history = history_lines(rows, result_id, pairs)
        self.chart = chart_view(rows, result_id, pairs, budget)
        self.promotions = promotion_lines(opened.promotions, pairs)
