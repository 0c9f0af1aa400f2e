"""Jobs of a remote: lists, details, logs, values, DAGs, figures, and the verbs on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from execution_ops.backends.gateway.remote import LOG_MAX, Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.audit import Touched
from execution_ops.domain.capabilities import DAGS, SAMPLES
from execution_ops.domain.errors import Conflict
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import NodeSpec
from execution_ops.domain.jobs import (
    Counts,
    Dag,
    Health,
    JobDetail,
    JobRow,
    LogLevel,
    LogLine,
    LogSlice,
    Outcome,
    Page,
)
from execution_ops.domain.paging import in_time
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.undo import WITNESSED
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest


class _LogPage(Listed[LogLine]):
    start: int = 0
    total: int
    by_level: dict[LogLevel, int]


class _Outcomes(Listed[Outcome]):
    pass


class Jobs(Remote):
    """See `JobBackend`."""

    def cancel(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Cancel waiting jobs at once, ask running ones to stop; see JobBackend."""
        return list(self._http.send(_Outcomes, "POST", Rest.JOBS_CANCEL, stamp, body={"ids": list(ids)}).items)

    def retry(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Start ended jobs again with fresh attempts; see JobBackend."""
        return list(self._http.send(_Outcomes, "POST", Rest.JOBS_RETRY, stamp, body={"ids": list(ids)}).items)

    def witness(self, verb: str, subject: str, stamp: Stamp, touched: Touched, *, count: int = 1) -> None:
        """Nothing to do: the remote writes to its audit by itself who took or saw what, when it hands it out."""
        if verb not in WITNESSED:
            raise Conflict(f"Nothing here writes of {verb!r} to the audit of a remote.", code="NOT_SUPPORTED")

    def list_jobs(self, where: JobFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> Page:
        """One keyset page; see JobBackend."""
        pairs = [*where.to_pairs(), *pairs_of(cursor=cursor, limit=limit)]
        page = self._http.get(Listed[JobRow], Rest.JOBS, pairs, tenants=tenants)
        older, newer = in_time(page.next_cursor, page.prev_cursor, where.sort)
        return Page(rows=page.items, older=older, newer=newer, searched=page.searched)

    def count_jobs(self, where: JobFilter, *, tenants: Tenants) -> Counts:
        """Counts by state; see JobBackend."""
        return self._http.get(Counts, Rest.JOBS_SUMMARY, where.to_pairs(), tenants=tenants)

    def iterate_jobs(
        self, where: JobFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[JobRow]]:
        """All matches as the remote exports them; see JobBackend."""
        return self._lines(JobRow, Rest.JOBS_EXPORT, where.to_pairs(), tenants, stamp, batch)

    def get_job(self, job_id: str, *, tenants: Tenants) -> JobDetail | None:
        """One job; see JobBackend."""
        return self._http.find(JobDetail, at(Rest.JOB, job_id=job_id), tenants=tenants)

    def get_value(self, job_id: str, which: str, *, tenants: Tenants, reveal: Stamp | None = None) -> str | None:
        """The JSON text of a value, without secrets unless they are revealed; see JobBackend."""
        path = at(Rest.JOB_PAYLOAD if which == "payload" else Rest.JOB_RESULT, job_id=job_id)
        return self._http.find_text(path, pairs_of(reveal=reveal is not None), tenants=tenants, stamp=reveal)

    def get_log(
        self,
        job_id: str,
        *,
        tenants: Tenants,
        after: int = 0,
        skip: int = 0,
        limit: int = 500,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> LogSlice | None:
        """A window of the log; see JobBackend."""
        pairs = pairs_of(
            cursor=after or None, skip=skip or None, limit=min(limit, LOG_MAX), level=level, text=text, last=last
        )
        page = self._http.find(_LogPage, at(Rest.JOB_LOGS, job_id=job_id), pairs, tenants=tenants)
        if page is None:
            return None
        return LogSlice(lines=page.items, start=page.start, total=page.total, by_level=page.by_level)

    def get_dag(self, dag_id: str, *, tenants: Tenants) -> Dag | None:
        """The whole DAG; see JobBackend."""
        self._needs(DAGS)
        return self._http.find(Dag, at(Rest.DAG, dag_id=dag_id), tenants=tenants)

    def health(self, *, tenants: Tenants) -> Health:
        """Queues and workers now; see JobBackend."""
        self._needs(SAMPLES)
        found = self._http.get(Health, Rest.ENGINE_HEALTH, tenants=tenants)
        # Workers are everybody's, and what they serve is known by them; who sees no tenant has no queue.
        return found if tenants is None or tenants else found.model_copy(update={"queues": ()})

    def rates(self, window: Window, *, tenants: Tenants) -> Rates:
        """How many jobs arrived and ended; see JobBackend."""
        self._needs(SAMPLES)
        return self._http.get(Rates, Rest.ENGINE_RATES, pairs_of(window=window), tenants=tenants)

    def facets(self, *, tenants: Tenants) -> dict[str, list[str]]:
        """Values for suggestions; see JobBackend."""
        self._needs(SAMPLES)
        return self._http.get(dict[str, list[str]], Rest.JOB_FACETS, tenants=tenants)

    def artifact(self, sha256: str, *, tenants: Tenants, job_id: str = "") -> Path | None:
        """The stored file of that job; see JobBackend."""
        return self._file(at(Rest.JOB_ARTIFACT, job_id=job_id, sha256=sha256), sha256, tenants=tenants)


def nodes_of(nodes: Sequence[NodeSpec]) -> list[dict[str, object]]:
    """The jobs of a DAG as JSON."""
    return [node.model_dump(mode="json") for node in nodes]
