"""The part of the port that is about analyzers and the cache of their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from execution_ops.domain.analyzers import AnalyzerRun, SyftInventory, TestRun
from execution_ops.domain.scan_cache import CacheFigures, CachePreview, CacheScope
from execution_ops.domain.verbs import Stamp


class AnalyzerBackend(Protocol):
    """What analyzers did, and what is kept of their results; the jobs themselves write it.

    Of jobs of other tenants than `tenants` nothing is told, and no id is given.
    """

    def syft_inventory(self, *, tenants: frozenset[str] | None) -> SyftInventory:
        """What Syft said of itself when it was asked last."""

    def analyzer_runs(
        self, analyzers: Sequence[str], *, tenants: frozenset[str] | None, limit: int
    ) -> dict[str, list[AnalyzerRun]]:
        """The last runs of each of these, the newest first."""

    def analyzer_tests(self, *, tenants: frozenset[str] | None) -> dict[str, TestRun]:
        """The last self-test of each analyzer that was tested."""

    def cache_figures(self, *, tenants: frozenset[str] | None) -> CacheFigures:
        """How the cache stands."""

    def preview_cache(self, scope: CacheScope, *, tenants: frozenset[str] | None) -> CachePreview:
        """What a clear would drop now."""

    def clear_cache(self, preview: CachePreview, stamp: Stamp) -> CachePreview:
        """Drop what the preview showed, nothing that came later; what was dropped.

        Conflict, and nothing is dropped, if it is not exactly that any more.
        """
