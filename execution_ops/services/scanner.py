"""Scanner Ops at a glance: the figures of its five parts, each from the service that owns it."""

from __future__ import annotations

from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.kits import AgeLevel
from execution_ops.domain.scanner_overview import (
    AnalyzerFigures,
    BaselineFigures,
    BenchFigures,
    KitFigures,
    Level,
    ScannerFigures,
    SettingsFigures,
)
from execution_ops.domain.states import AnalyzerState
from execution_ops.services.analyzers import AnalyzerService
from execution_ops.services.baselines import BaselineService
from execution_ops.services.benchmarks import BenchmarkService
from execution_ops.services.determinism import DeterminismService, Verdict
from execution_ops.services.kits import KitService
from execution_ops.services.scanner_settings import ScannerSettingsService

_AGE = {AgeLevel.OK: Level.OK, AgeLevel.AMBER: Level.WARN, AgeLevel.RED: Level.BAD}


class ScannerService:
    """Blocking and thread-safe."""

    def __init__(
        self,
        kits: KitService,
        baselines: BaselineService,
        analyzers: AnalyzerService,
        benchmarks: BenchmarkService,
        settings: ScannerSettingsService,
        determinism: DeterminismService,
    ) -> None:
        self._of_kits = kits
        self._of_baselines = baselines
        self._of_analyzers = analyzers
        self._of_benchmarks = benchmarks
        self._of_settings = settings
        self._of_determinism = determinism

    def figures(self, actor: Actor) -> ScannerFigures:
        """How the five parts stand."""
        require(actor, Scope.READ)
        return ScannerFigures(
            kits=self._kits(actor),
            baselines=self._baselines(actor),
            analyzers=self._analyzers(actor),
            bench=self._bench(actor),
            settings=self._settings(actor),
        )

    def _kits(self, actor: Actor) -> KitFigures:
        found = self._of_kits.status(actor)
        active = found.place.active
        return KitFigures(
            active=active.version if active else "",
            age=found.age,
            level=_AGE[found.age_level] if found.age_level else Level.OK,
            quarantined=found.quarantined,
            trusted=found.trust_roots,
        )

    def _baselines(self, actor: Actor) -> BaselineFigures:
        sources = self._of_baselines.sources(actor)
        promoted = sum(one.promoted is not None for one in sources)
        return BaselineFigures(
            sources=len(sources), promoted=promoted, candidates=sum(one.baselines for one in sources) - promoted
        )

    def _analyzers(self, actor: Actor) -> AnalyzerFigures:
        found = self._of_analyzers.list(actor)
        return AnalyzerFigures(
            healthy=found.by_health.get(AnalyzerState.HEALTHY, 0),
            degraded=found.by_health.get(AnalyzerState.DEGRADED, 0),
            failed=found.by_health.get(AnalyzerState.FAILED, 0),
            untried=found.by_health.get(AnalyzerState.UNTRIED, 0),
            syft=found.inventory.answer.version if found.inventory.answer else "",
        )

    def _bench(self, actor: Actor) -> BenchFigures:
        found = self._of_benchmarks.list(actor, BenchFilter())
        return BenchFigures(results=len(found), breaches=sum(one.verdict.state is BenchState.BREACH for one in found))

    def _settings(self, actor: Actor) -> SettingsFigures:
        compared = [
            check.verdict is Verdict.IDENTICAL
            for check in self._of_determinism.last(actor).items
            if check.verdict in (Verdict.IDENTICAL, Verdict.DIFFERS)
        ]
        return SettingsFigures(
            version=self._of_settings.get(actor).version, identical=compared[0] if compared else None
        )
