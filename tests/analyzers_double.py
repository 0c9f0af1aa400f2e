"""What analyzers did and the cache of their results in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_ops.domain.analyzers import AnalyzerRun, Offered, SelfTest, SyftAnswer, SyftInventory, TestRun
from execution_ops.domain.errors import Conflict
from execution_ops.domain.ids import new_id
from execution_ops.domain.scan_cache import CacheEntry, CacheFigures, CachePreview, CacheScope
from execution_ops.domain.scanner_settings import CacheLimits
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms, to_ms
from execution_ops.domain.verbs import Stamp
from tests.quota_double import EPOCH

Tenants = frozenset[str] | None
OFFERED = (
    Offered(name="go-module-file-cataloger", tags=("directory", "go", "language", "package")),
    Offered(name="python-package-cataloger", tags=("directory", "language", "package", "python")),
    Offered(name="graalvm-native-image-cataloger", tags=("directory", "image", "java", "package")),
)
ANSWER = SyftAnswer(program="/usr/bin/syft", version="1.18.1", catalogers=OFFERED)
ASKED = SyftInventory(answer=ANSWER, asked_at=EPOCH, asked_by=new_id(), worker="builder")


def analyzer_run(**changes: Any) -> AnalyzerRun:
    """A run of the analyzer go that found 3 components in 100 ms, changed as wanted."""
    values: dict[str, Any] = {
        "analyzer": "go",
        "job_id": new_id(),
        "ended_at": EPOCH,
        "state": JobState.SUCCEEDED,
        "duration_ms": 100,
        "components": 3,
    }
    return AnalyzerRun(**{**values, **changes})


def self_test(analyzer: str, expected: Sequence[str], found: Sequence[str]) -> TestRun:
    """A self-test with this outcome."""
    result = SelfTest(analyzer=analyzer, syft_version="1.18.1", expected=tuple(expected), found=tuple(found))
    return TestRun(result=result, at=EPOCH, job_id=new_id())


@dataclass
class MemoryAnalyzers:
    """What a test puts into it."""

    syft_asked: SyftInventory = field(default_factory=SyftInventory)
    analyzer_past: list[AnalyzerRun] = field(default_factory=list)
    analyzer_tested: dict[str, TestRun] = field(default_factory=dict)
    cache_entries: list[CacheEntry] = field(default_factory=list)
    cache_figured: CacheFigures = field(default_factory=lambda: CacheFigures(limits=CacheLimits()))
    stamps: list[Stamp] = field(default_factory=list)

    def syft_inventory(self, *, tenants: Tenants) -> SyftInventory:
        """What was put into `syft_asked`."""
        return self.syft_asked

    def analyzer_runs(self, analyzers: Sequence[str], *, tenants: Tenants, limit: int) -> dict[str, list[AnalyzerRun]]:
        """From `analyzer_past`, which has the newest first."""
        return {name: [run for run in self.analyzer_past if run.analyzer == name][:limit] for name in analyzers}

    def analyzer_tests(self, *, tenants: Tenants) -> dict[str, TestRun]:
        """What was put into `analyzer_tested`."""
        return self.analyzer_tested

    def cache_figures(self, *, tenants: Tenants) -> CacheFigures:
        """What was put into `cache_figured`."""
        return self.cache_figured

    def preview_cache(self, scope: CacheScope, *, tenants: Tenants) -> CachePreview:
        """Of `cache_entries`."""
        return self._look(scope, now_ms())

    def clear_cache(self, preview: CachePreview, stamp: Stamp) -> CachePreview:
        """Drop what the preview showed."""
        if self._look(preview.scope, preview.until) != preview:
            raise Conflict("The cache changed meanwhile.", code="CHANGED")
        self.stamps.append(stamp)
        doomed = self._kept(preview.scope, preview.until)
        self.cache_entries = [entry for entry in self.cache_entries if entry not in doomed]
        return preview

    def _look(self, scope: CacheScope, until: int) -> CachePreview:
        found = self._kept(scope, until)
        return CachePreview(
            scope=scope, entries=len(found), bytes=sum(entry.artifact.size for entry in found), until=until
        )

    def _kept(self, scope: CacheScope, until: int) -> list[CacheEntry]:
        return [
            entry
            for entry in self.cache_entries
            if entry.created_at is not None
            and to_ms(entry.created_at) < until
            and (not scope.analyzer or entry.analyzer == scope.analyzer)
            and (scope.before is None or entry.created_at < scope.before)
        ]
