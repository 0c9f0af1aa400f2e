"""Baselines and benchmarks of a remote."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base_benchmarks import History
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.letters import not_here
from execution_ops.backends.gateway.remote import Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants, Transport
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import (
    Baseline,
    BaselinePage,
    BaselineSource,
    NewBaseline,
    Promotion,
    PromotionOrder,
)
from execution_ops.domain.benchmarks import NewResult, Result, Series
from execution_ops.domain.benchmarks import Promotion as BenchPromotion
from execution_ops.domain.capabilities import SCANNER_PARTS, CapabilityDocument
from execution_ops.domain.paging import in_time
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

# Of so many baselines that were read it is known which file is whose.
READ_MAX = 2_000


class _Detail(BaseModel):
    model_config = ConfigDict(frozen=True)

    baseline: Baseline


class _OfSource(Listed[Baseline]):
    promoted: Baseline | None = None
    promotions: tuple[Promotion, ...] = ()
    found: Baseline | None = None


class _History(Listed[Series]):
    promotions: tuple[BenchPromotion, ...] = ()


class Baselines(Remote):
    """See `BaselineBackend`. Promotions are made by the remote's workers."""

    def __init__(self, transport: Transport, offers: Callable[[], CapabilityDocument], files: FileCache) -> None:
        super().__init__(transport, offers, files)
        self._read: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._read_lock = threading.Lock()

    def keep_baseline(self, new: NewBaseline, stamp: Stamp) -> Baseline:
        """Keep what the scan of the job found; see BaselineBackend."""
        body = {"job_id": new.job_id, "label": new.label}
        return self._seen(self._http.send(Baseline, "POST", Rest.BASELINES, stamp, body=body))

    def baselines(self, where: BaselineFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> BaselinePage:
        """One keyset page; see BaselineBackend."""
        pairs = [*where.to_pairs(), *pairs_of(cursor=cursor, limit=limit)]
        page = self._http.get(Listed[Baseline], Rest.BASELINES, pairs, tenants=tenants)
        older, newer = in_time(page.next_cursor, page.prev_cursor, where.sort)
        return BaselinePage(rows=tuple(map(self._seen, page.items)), older=older, newer=newer)

    def get_baseline(self, baseline_id: str, *, tenants: Tenants) -> Baseline | None:
        """One baseline; see BaselineBackend."""
        found = self._http.find(_Detail, at(Rest.BASELINE, baseline_id=baseline_id), tenants=tenants)
        return None if found is None else self._seen(found.baseline)

    def find_baseline(self, tenant: str, source: str, sha256: str) -> Baseline | None:
        """The one that keeps a document; see BaselineBackend."""
        return self._of(tenant, source, sha256=sha256).found

    def baselines_of(self, tenant: str, source: str, *, limit: int) -> list[Baseline]:
        """The newest of a source; see BaselineBackend."""
        return list(self._of(tenant, source, limit=limit).items)

    def promoted_baseline(self, tenant: str, source: str) -> Baseline | None:
        """What scans of the source compare with; see BaselineBackend."""
        return self._of(tenant, source).promoted

    def baseline_sources(self, *, tenants: Tenants, limit: int) -> list[BaselineSource]:
        """The sources that have baselines; see BaselineBackend."""
        found = self._http.get(Listed[BaselineSource], Rest.BASELINES_SOURCES, tenants=tenants)
        return list(found.items[:limit])

    def promotions(self, tenant: str, source: str, *, limit: int) -> list[Promotion]:
        """The promotion log of a source; see BaselineBackend."""
        return list(self._of(tenant, source, limit=limit).promotions)

    def promote_baseline(self, baseline_id: str, order: PromotionOrder, stamp: Stamp) -> Baseline:
        """Only the remote's workers do this: who promotes starts their job."""
        raise not_here()

    def rollback_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """Promote again what was promoted before; see BaselineBackend."""
        return self._seen(self._http.send(Baseline, "POST", at(Rest.BASELINE_ROLLBACK, baseline_id=baseline_id), stamp))

    def remove_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """Delete a candidate; see BaselineBackend."""
        return self._http.send(Baseline, "DELETE", at(Rest.BASELINE, baseline_id=baseline_id), stamp)

    def baseline_file(self, sha256: str) -> Path | None:
        """A file of a baseline that was read; see BaselineBackend."""
        with self._read_lock:
            whose = self._read.get(sha256)
        if whose is None:
            return None
        pattern, baseline_id = whose
        return self._file(at(pattern, baseline_id=baseline_id), sha256)

    def _of(self, tenant: str, source: str, *, sha256: str = "", limit: int = 1) -> _OfSource:
        self._needs(SCANNER_PARTS)
        pairs = [("tenant", tenant), ("source", source), *pairs_of(sha256=sha256, limit=limit)]
        found = self._http.get(_OfSource, Rest.BASELINES_OF, pairs)
        for one in (*found.items, found.promoted, found.found):
            if one is not None:
                self._seen(one)
        return found

    def _seen(self, baseline: Baseline) -> Baseline:
        with self._read_lock:
            self._read[baseline.sha256] = (Rest.BASELINE_DOCUMENT, baseline.id)
            self._read[baseline.parts] = (Rest.BASELINE_PARTS, baseline.id)
            while len(self._read) > READ_MAX:
                self._read.popitem(last=False)
        return baseline


class Benchmarks(Remote):
    """See `BenchmarkBackend`."""

    def keep_benchmark(self, new: NewResult) -> Result:
        """Only the remote's workers do this."""
        raise not_here()

    def benchmarks(self, *, tenants: Tenants) -> list[Series]:
        """The latest results; see BenchmarkBackend."""
        return self._all(Series, Rest.BENCHMARKS, tenants=tenants)

    def benchmarks_of(self, job_id: str, *, tenants: Tenants) -> list[Series]:
        """What a job measured; see BenchmarkBackend."""
        self._needs(SCANNER_PARTS)
        found = self._http.get(Listed[Series], at(Rest.BENCHMARKS_OF_JOB, job_id=job_id), tenants=tenants)
        return list(found.items)

    def benchmark(self, result_id: str, *, tenants: Tenants) -> Series | None:
        """One result; see BenchmarkBackend."""
        return self._http.find(Series, at(Rest.BENCHMARK, result_id=result_id), tenants=tenants)

    def benchmark_history(
        self, tenant: str, scenario: str, analyzer: str, *, cursor: str | None, limit: int
    ) -> History:
        """The results of a scenario and analyzer; see BenchmarkBackend."""
        found = self._history(tenant, scenario, analyzer, cursor=cursor, limit=limit)
        return History(rows=tuple(one.result for one in found.items), older=found.next_cursor)

    def promote_benchmark(self, result_id: str, stamp: Stamp, *, tenants: Tenants) -> BenchPromotion:
        """Make a result the baseline; see BenchmarkBackend."""
        made = self._http.send(Series, "POST", at(Rest.BENCHMARK_PROMOTE, result_id=result_id), stamp)
        result = made.result
        log = self.benchmark_promotions(result.tenant, result.scenario, result.analyzer, limit=1)
        return log[0]

    def benchmark_promotions(self, tenant: str, scenario: str, analyzer: str, *, limit: int) -> list[BenchPromotion]:
        """What was made the baseline; see BenchmarkBackend."""
        return list(self._history(tenant, scenario, analyzer, cursor=None, limit=1).promotions[:limit])

    def _history(self, tenant: str, scenario: str, analyzer: str, *, cursor: str | None, limit: int) -> _History:
        pairs = pairs_of(tenant=tenant, scenario=scenario, analyzer=analyzer, cursor=cursor, limit=limit)
        return self._http.get(_History, Rest.BENCHMARKS_HISTORY, pairs)
