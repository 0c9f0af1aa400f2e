"""A JobBackend in memory, for tests of what stands on top of the port. It keeps the port's promises."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from execution_ops.backends.base import Capabilities
from execution_ops.domain.audit import Touched
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import child_id, new_id
from execution_ops.domain.job_types import REGISTRY, Artifact, DagSpec
from execution_ops.domain.jobs import (
    Change,
    Counts,
    Dag,
    DagNode,
    Health,
    JobDetail,
    JobEvent,
    JobRow,
    LogLevel,
    LogLine,
    LogSlice,
    Outcome,
    Page,
    Submission,
)
from execution_ops.domain.query_values import Sort
from execution_ops.domain.rates import Rates, Window, queue_rates
from execution_ops.domain.states import CANCELABLE, RETRYABLE, JobState
from execution_ops.domain.times import to_ms
from execution_ops.domain.verbs import Stamp
from tests.analyzers_double import MemoryAnalyzers
from tests.audit_double import MemoryAudit
from tests.fleet_double import MemoryFleet
from tests.job_samples import job_detail, job_row
from tests.kits_double import MemoryKits
from tests.lookup_double import MemoryLookup
from tests.quota_double import EPOCH
from tests.scanner_config_double import MemoryScannerConfig

Tenants = frozenset[str] | None


@dataclass
class MemoryBackend(MemoryAudit, MemoryFleet, MemoryKits, MemoryScannerConfig, MemoryAnalyzers, MemoryLookup):
    """Everything in lists. `stamps` are the stamps of all changes, `down` makes every read fail."""

    capabilities: Capabilities = field(default_factory=Capabilities)
    rows: dict[str, JobRow] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    witnessed: list[tuple[str, str, str]] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    logs: dict[str, list[LogLine]] = field(default_factory=dict)
    events: dict[str, tuple[JobEvent, ...]] = field(default_factory=dict)
    artifacts: dict[str, tuple[Artifact, ...]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    specs: list[DagSpec] = field(default_factory=list)
    queues_and_workers: Health = field(default_factory=lambda: Health(queues=(), workers=(), as_of=EPOCH))
    down: bool = False
    trimmed: bool = False
    _keys: dict[tuple[str, str], Submission] = field(default_factory=dict)

    def add(self, row: JobRow) -> JobRow:
        """Keep the row, and tell of it in the feed."""
        self.rows[row.id] = row
        seq = self.changes[-1].seq + 1 if self.changes else 1
        self.changes.append(Change(seq=seq, job_id=row.id, dag_id=row.dag_id, queue=row.queue))
        return row

    def close(self) -> None:
        """Nothing is held."""

    def ping(self) -> None:
        """Whether reads work."""
        if self.down:
            raise Unavailable("The database does not answer.")

    def statements(self) -> int:
        """There is no engine to send any to."""
        return 0

    def statement_seconds(self) -> float:
        """Nothing was waited for."""
        return 0.0

    def submit(self, spec: DagSpec, *, tenant: str, stamp: Stamp) -> Submission:
        """Every node becomes a scheduled job."""
        self.ping()
        key = (tenant, stamp.idempotency_key)
        if stamp.idempotency_key and key in self._keys:
            return self._keys[key].model_copy(update={"created": False})
        self.specs.append(spec)
        self.stamps.append(stamp)
        dag_id = new_id()
        self.titles[dag_id] = spec.title
        ids = {node.key: child_id(dag_id, node.key) for node in spec.nodes}
        for node in spec.nodes:
            self.add(
                job_row(
                    id=ids[node.key],
                    job_type=node.job_type,
                    tenant=tenant,
                    dag_id=dag_id,
                    node_key=node.key,
                    state=JobState.PENDING if node.after else JobState.SCHEDULED,
                    attempts=0,
                    started_at=None,
                    finished_at=None,
                    duration_ms=None,
                    worker_id="",
                )
            )
            self.values[(ids[node.key], "payload")] = json.dumps(node.payload)
            self.edges += [(ids[parent], ids[node.key]) for parent in node.after]
        made = Submission(dag_id=dag_id, job_ids=ids, created=True)
        self._keys[key] = made
        return made

    def cancel(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Cancel what can be."""
        return self._move(ids, stamp, CANCELABLE, JobState.CANCELED, "It has ended already.")

    def retry(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Start again what can be."""
        refused = {
            row.id: Outcome(id=row.id, done=False, why=off, state=row.state)
            for row in self.rows.values()
            if row.id in ids and (off := REGISTRY.why_not_again(stamp.actor, row.job_type))
        }
        may = [job_id for job_id in ids if job_id not in refused]
        done = {one.id: one for one in self._move(may, stamp, RETRYABLE, JobState.SCHEDULED, "It has not failed.")}
        return [{**refused, **done}[job_id] for job_id in ids]

    def _move(
        self, ids: Sequence[str], stamp: Stamp, allowed: frozenset[JobState], to: JobState, refusal: str
    ) -> list[Outcome]:
        self.stamps.append(stamp)
        outcomes = []
        for job_id in ids:
            row = self.rows.get(job_id)
            if row is None or not stamp.actor.sees(row.tenant):
                outcomes.append(Outcome(id=job_id, done=False, why="There is no such job."))
            elif row.state not in allowed:
                outcomes.append(Outcome(id=job_id, done=False, why=refusal, state=row.state))
            else:
                self.add(row.model_copy(update={"state": to}))
                outcomes.append(Outcome(id=job_id, done=True, state=to))
        return outcomes

    def _matching(self, where: JobFilter, tenants: Tenants) -> list[JobRow]:
        self.ping()
        start, end = where.window(datetime.now(UTC))
        found = [
            row
            for row in self.rows.values()
            if (tenants is None or row.tenant in tenants)
            and (not where.state or row.state in where.state)
            and (not where.tenant or row.tenant in where.tenant)
            and (not where.job_type or row.job_type in where.job_type)
            and (not where.worker or row.worker_id == where.worker)
            and row.created_at >= start
            and (end is None or row.created_at < end)
        ]
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=where.sort is Sort.NEWEST)

    def list_jobs(self, where: JobFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> Page:
        """A page; the cursor is an offset."""
        rows = self._matching(where, tenants)
        start = int(cursor or 0)
        following = str(start + limit) if start + limit < len(rows) else None
        before = str(max(0, start - limit)) if start else None
        older, newer = (following, before) if where.sort is Sort.NEWEST else (before, following)
        return Page(rows=tuple(rows[start : start + limit]), older=older, newer=newer)

    def count_jobs(self, where: JobFilter, *, tenants: Tenants) -> Counts:
        """Exact counts."""
        rows = self._matching(where.model_copy(update={"state": ()}), tenants)
        by_state = {state: sum(row.state is state for row in rows) for state in JobState}
        return Counts(by_state=by_state, total=len(rows), exact=True, as_of=EPOCH)

    def iterate_jobs(
        self, where: JobFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[JobRow]]:
        """Batches of what matched at the beginning."""
        rows = self._matching(where, tenants)
        for start in range(0, len(rows), batch):
            yield rows[start : start + batch]

    def get_job(self, job_id: str, *, tenants: Tenants) -> JobDetail | None:
        """The job with its events and artifacts."""
        self.ping()
        row = self.rows.get(job_id)
        if row is None or (tenants is not None and row.tenant not in tenants):
            return None
        return job_detail(
            row,
            events=self.events.get(job_id, ()),
            artifacts=self.artifacts.get(job_id, ()),
            dag_title=self.titles.get(row.dag_id, "Demo"),
        )

    def witness(self, verb: str, subject: str, stamp: Stamp, touched: Touched, *, count: int = 1) -> None:
        """Kept in `witnessed`, and how many it was done to in `counted`."""
        self.counted.append(count)
        self.witnessed.append((verb, subject, stamp.actor.name))

    def get_value(self, job_id: str, which: str, *, tenants: Tenants, reveal: Stamp | None = None) -> str | None:
        """What was put into `values`."""
        return self.values.get((job_id, which)) if self.get_job(job_id, tenants=tenants) else None

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
        """A window of what was put into `logs`."""
        if self.get_job(job_id, tenants=tenants) is None:
            return None
        order = list(LogLevel)
        lines = [
            line
            for line in self.logs.get(job_id, [])
            if line.seq > after
            and text in line.text
            and (level is None or order.index(line.level) >= order.index(level))
        ]
        part = lines[-limit:] if last else lines[skip : skip + limit]
        return LogSlice(lines=tuple(part), total=len(lines), by_level={})

    def get_dag(self, dag_id: str, *, tenants: Tenants) -> Dag | None:
        """The jobs with that DAG id."""
        self.ping()
        rows = [row for row in self.rows.values() if row.dag_id == dag_id]
        if not rows or (tenants is not None and rows[0].tenant not in tenants):
            return None
        ids = {row.id for row in rows}
        nodes = tuple(DagNode(row=row, group="") for row in rows)
        edges = tuple(edge for edge in self.edges if edge[0] in ids)
        return Dag(
            id=dag_id,
            title=self.titles.get(dag_id, "Demo"),
            tenant=rows[0].tenant,
            created_at=EPOCH,
            nodes=nodes,
            edges=edges,
        )

    def health(self, *, tenants: Tenants) -> Health:
        """What was put into `queues_and_workers`."""
        self.ping()
        return self.queues_and_workers

    def rates(self, window: Window, *, tenants: Tenants) -> Rates:
        """From the rows: when they were created and when they ended."""
        self.ping()
        now = datetime.now(UTC)
        since = window.since(now)
        found: dict[str, dict[int, list[int]]] = {}
        for row in self.rows.values():
            ended = {JobState.SUCCEEDED: 1, JobState.FAILED: 2, JobState.TIMED_OUT: 2}.get(row.state)
            moments = [(0, row.created_at), *([(ended, row.finished_at)] if ended and row.finished_at else [])]
            for which, at in moments:
                if at >= since and (tenants is None or row.tenant in tenants):
                    i = min((to_ms(at) - to_ms(since)) // window.bucket_ms, window.buckets - 1)
                    found.setdefault(row.queue, {}).setdefault(i, [0, 0, 0])[which] += 1
        queues = [
            queue_rates(queue, window, {i: (figures[0], figures[1], figures[2]) for i, figures in buckets.items()}, now)
            for queue, buckets in sorted(found.items())
        ]
        return Rates(window=window, queues=tuple(queues), since=since, as_of=now)

    def facets(self, *, tenants: Tenants) -> dict[str, list[str]]:
        """From the rows."""
        seen = [row for row in self.rows.values() if tenants is None or row.tenant in tenants]
        return {name: sorted({getattr(row, name) for row in seen}) for name in ("job_type", "queue", "tenant")}

    def artifact(self, sha256: str, *, tenants: Tenants, job_id: str = "") -> Path | None:
        """What was put into `files`."""
        return self.files.get(sha256)

    def last_change(self) -> int:
        """The end of the feed."""
        self.ping()
        return self.changes[-1].seq if self.changes else 0

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """The feed from there."""
        self.ping()
        trimmed, self.trimmed = self.trimmed or seq > self.last_change(), False
        return [change for change in self.changes if change.seq > seq][:limit], trimmed
