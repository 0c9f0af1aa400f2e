"""The port for benchmarks. Every method is blocking and thread-safe; `tenants` None sees all, else only those."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from execution_ops.domain.benchmarks import NewResult, Promotion, Result, Series
from execution_ops.domain.verbs import Stamp


class History(NamedTuple):
    """Results of one scenario and analyzer, the newest first; `older` is the cursor of the next page, None at
    the end."""

    rows: tuple[Result, ...]
    older: str | None


class BenchmarkBackend(Protocol):
    """Results of benchmarks, and which of them is the performance baseline of its scenario and analyzer."""

    def keep_benchmark(self, new: NewResult) -> Result:
        """Keep what a job measured of an analyzer. The same job and analyzer gives what was kept first."""

    def benchmarks(self, *, tenants: frozenset[str] | None) -> list[Series]:
        """The latest result of every tenant, scenario and analyzer."""

    def benchmarks_of(self, job_id: str, *, tenants: frozenset[str] | None) -> list[Series]:
        """What this job measured, in that order."""

    def benchmark(self, result_id: str, *, tenants: frozenset[str] | None) -> Series | None:
        """One result with the baseline that holds now; None for an unknown one."""

    def benchmark_history(
        self, tenant: str, scenario: str, analyzer: str, *, cursor: str | None, limit: int
    ) -> History:
        """The results of a scenario and analyzer; none for what was never measured. InvalidInput for a bad cursor."""

    def promote_benchmark(self, result_id: str, stamp: Stamp, *, tenants: frozenset[str] | None) -> Promotion:
        """Make a result the baseline. NotFound for an unknown one, Conflict if it is the baseline already."""

    def benchmark_promotions(self, tenant: str, scenario: str, analyzer: str, *, limit: int) -> list[Promotion]:
        """What was made the baseline of a scenario and analyzer, the newest first."""
