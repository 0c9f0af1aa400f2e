"""What can be done with the cache of results: look at its figures, preview a clear, clear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from execution_ops.backends.base_analyzers import AnalyzerBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.analyzers import ECOSYSTEMS
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.scan_cache import DAYS_MAX, CacheFigures, CachePreview, CacheScope
from execution_ops.domain.scanner_verbs import CACHE_CLEAR
from execution_ops.domain.verbs import Stamp
from execution_ops.services.requests import sign


class ScanCacheService:
    """Blocking and thread-safe. Who sees some tenants sees and clears only what belongs to these."""

    def __init__(self, backend: AnalyzerBackend) -> None:
        self._backend = backend

    def figures(self, actor: Actor) -> CacheFigures:
        """How the cache stands."""
        require(actor, Scope.READ)
        return self._backend.cache_figures(tenants=actor.tenants)

    def preview(self, actor: Actor, *, analyzer: str = "", older_days: int = 0) -> CachePreview:
        """What a clear would drop: all, what one analyzer found, what is older than so many days, or both."""
        require(actor, Scope.READ)
        _check_analyzer(analyzer)
        if not 0 <= older_days <= DAYS_MAX:
            raise InvalidInput(f"Days: from 0 (of any age) to {DAYS_MAX:,}.", field="older_days")
        before = datetime.now(UTC) - timedelta(days=older_days) if older_days else None
        return self._backend.preview_cache(CacheScope(analyzer=analyzer, before=before), tenants=actor.tenants)

    def clear(self, actor: Actor, preview: CachePreview, stamp: Stamp) -> CachePreview:
        """Drop exactly what the preview showed; Conflict if it is not that any more."""
        actor = require(actor, CACHE_CLEAR.scope)
        _check_analyzer(preview.scope.analyzer)
        return self._backend.clear_cache(preview, sign(CACHE_CLEAR, actor, stamp))


def _check_analyzer(name: str) -> None:
    if name and name not in ECOSYSTEMS:
        raise InvalidInput(f"There is no analyzer {name[:100]!r}.", field="analyzer")
