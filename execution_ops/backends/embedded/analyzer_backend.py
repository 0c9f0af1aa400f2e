"""Analyzers and the cache of their results behind the port that the console knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, select

from execution_ops.backends.embedded import scan_cache
from execution_ops.backends.embedded.analyzer_runs import last_runs
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.scan_memory import TEST, inventory, job_for
from execution_ops.domain.analyzers import AnalyzerRun, SelfTest, SyftInventory, TestRun
from execution_ops.domain.scan_cache import CacheFigures, CachePreview, CacheScope
from execution_ops.domain.times import from_ms
from execution_ops.domain.verbs import Stamp

Tenants = frozenset[str] | None


class Analyzers:
    """Implements AnalyzerBackend; every method is as the port says."""

    def __init__(self, engine: Engine) -> None:
        self._analyzer_engine = engine

    def syft_inventory(self, *, tenants: Tenants) -> SyftInventory:
        """What Syft said of itself when it was asked last."""
        with read(self._analyzer_engine) as connection:
            return inventory(connection, tenants)

    def analyzer_runs(self, analyzers: Sequence[str], *, tenants: Tenants, limit: int) -> dict[str, list[AnalyzerRun]]:
        """The last runs of each of these."""
        with read(self._analyzer_engine) as connection:
            return last_runs(connection, analyzers, tenants=tenants, limit=limit)

    def analyzer_tests(self, *, tenants: Tenants) -> dict[str, TestRun]:
        """The last self-test of each analyzer that was tested."""
        with read(self._analyzer_engine) as connection:
            rows = connection.execute(select(TEST)).mappings().all()
        return {
            row["analyzer"]: TestRun(
                result=SelfTest.model_validate_json(row["body"]), at=from_ms(row["at"]), job_id=job_for(row, tenants)
            )
            for row in rows
        }

    def cache_figures(self, *, tenants: Tenants) -> CacheFigures:
        """How the cache stands."""
        with read(self._analyzer_engine) as connection:
            return scan_cache.figures(connection, tenants, clock_ms(connection))

    def preview_cache(self, scope: CacheScope, *, tenants: Tenants) -> CachePreview:
        """What a clear would drop now."""
        with read(self._analyzer_engine) as connection:
            return scan_cache.preview(connection, scope, tenants, clock_ms(connection))

    def clear_cache(self, preview: CachePreview, stamp: Stamp) -> CachePreview:
        """Drop what the preview showed."""
        with write(self._analyzer_engine) as connection:
            return scan_cache.clear(connection, preview, stamp, clock_ms(connection))
