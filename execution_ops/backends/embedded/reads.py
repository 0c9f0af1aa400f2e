"""The reading half of `JobBackend` on the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from execution_ops.backends.embedded import details, listing, lookup
from execution_ops.backends.embedded.changes import ChangeFeed
from execution_ops.backends.embedded.dbos_tables import QueueLimit
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.health import HealthReader, facets
from execution_ops.backends.embedded.log_windows import Wanted
from execution_ops.backends.embedded.logs import LogReader
from execution_ops.backends.embedded.query_counter import QueryCounter
from execution_ops.backends.embedded.quota_reads import Samples, quota_rows
from execution_ops.backends.embedded.rates import RateReader
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.jobs import Change, Counts, Dag, Health, JobDetail, JobRow, LogLevel, LogSlice, Page
from execution_ops.domain.lookup import Found
from execution_ops.domain.quotas import QuotaRow
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.verbs import Stamp


class LedgerReads:
    """Reads the ledger; every method is as `JobBackend` says, blocking and thread-safe.

    `artifact_path` answers where the content of a digest lies, None if it is not stored.
    `limits_of` reads the limits that the engine sets to its queues.
    """

    def __init__(
        self,
        engine: Engine,
        artifact_path: Callable[[str], Path | None],
        limits_of: Callable[[Connection], Mapping[str, QueueLimit]] = lambda _: {},
    ) -> None:
        self.engine = engine
        self._artifact_path = artifact_path
        self._sent = QueryCounter(engine)
        self._feed = ChangeFeed(engine)
        self._logs = LogReader(engine)
        self._quota_samples = Samples()
        self._rates = RateReader(engine)
        self._standing = HealthReader(engine, self._rates, limits_of)

    def ping(self) -> None:
        """One cheap read; raises Unavailable when the database does not answer."""
        with read(self.engine) as connection:
            connection.execute(text("SELECT 1 FROM lease LIMIT 1"))

    def statements(self) -> int:
        """How many statements were sent since this was opened."""
        return self._sent.total

    def statement_seconds(self) -> float:
        """How long they took the database."""
        return self._sent.seconds

    def list_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> Page:
        """One keyset page."""
        return listing.list_jobs(self.engine, where, tenants=tenants, cursor=cursor, limit=limit)

    def count_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None) -> Counts:
        """Counts by state, from the counters where they know."""
        return listing.count_jobs(self.engine, where, tenants=tenants)

    def iterate_jobs(
        self, where: JobFilter, *, tenants: frozenset[str] | None, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[JobRow]]:
        """All matches in batches."""
        return listing.iterate_jobs(self.engine, where, tenants=tenants, batch=batch)

    def get_job(self, job_id: str, *, tenants: frozenset[str] | None) -> JobDetail | None:
        """One job with its attempts, timeline and relatives."""
        return details.get_job(self.engine, job_id, tenants=tenants)

    def get_value(
        self, job_id: str, which: str, *, tenants: frozenset[str] | None, reveal: Stamp | None = None
    ) -> str | None:
        """The JSON text of `payload` or `result`."""
        return details.get_value(self.engine, job_id, which, tenants=tenants)

    def get_log(
        self,
        job_id: str,
        *,
        tenants: frozenset[str] | None,
        after: int = 0,
        skip: int = 0,
        limit: int = 500,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> LogSlice | None:
        """A window of a job's log."""
        wanted = Wanted(after=after, skip=skip, limit=limit, level=level, text=text, last=last)
        return self._logs.window(job_id, wanted, tenants=tenants)

    def get_dag(self, dag_id: str, *, tenants: frozenset[str] | None) -> Dag | None:
        """A whole DAG."""
        return details.get_dag(self.engine, dag_id, tenants=tenants)

    def health(self, *, tenants: frozenset[str] | None) -> Health:
        """Queues and workers now."""
        return self._standing.health(tenants=tenants)

    def rates(self, window: Window, *, tenants: frozenset[str] | None) -> Rates:
        """How fast jobs come and end, by queue."""
        return self._rates.rates(window, tenants=tenants)

    def facets(self, *, tenants: frozenset[str] | None) -> dict[str, list[str]]:
        """The values of job type, queue and tenant."""
        return facets(self.engine, tenants=tenants)

    def find(self, prefix: str, *, tenants: frozenset[str] | None, limit: int) -> list[Found]:
        """Things by the beginning of their id."""
        return lookup.find(self.engine, prefix, tenants=tenants, limit=limit)

    def quotas(self, *, tenants: frozenset[str] | None) -> tuple[QuotaRow, ...]:
        """All quotas with their figures."""
        return quota_rows(self.engine, self._quota_samples, tenants=tenants)

    def artifact(self, sha256: str, *, tenants: frozenset[str] | None, job_id: str = "") -> Path | None:
        """The stored file of a job that the viewer may see."""
        visible = details.is_visible_artifact(self.engine, sha256, tenants=tenants)
        return self._artifact_path(sha256) if visible else None

    def last_change(self) -> int:
        """The newest number of the change feed, 0 if empty."""
        return self._feed.last()

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """Changes after `seq`, oldest first, and whether some were trimmed in between."""
        return self._feed.after(seq, limit)
