"""The port between the console and an engine. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.backends.base_analyzers import AnalyzerBackend
from execution_ops.backends.base_audit import AuditBackend
from execution_ops.backends.base_baselines import BaselineBackend
from execution_ops.backends.base_benchmarks import BenchmarkBackend
from execution_ops.backends.base_kits import KitBackend
from execution_ops.backends.base_letters import DeadLetterBackend, ReplayBackend
from execution_ops.backends.base_lookup import LookupBackend
from execution_ops.backends.base_retention import RetentionBackend
from execution_ops.backends.base_scanner import ScannerConfigBackend
from execution_ops.backends.base_scheduler import RunBackend, RunStreamBackend, ScheduleBackend
from execution_ops.backends.base_times import TimesBackend
from execution_ops.domain.audit import Touched
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet import Fleet, FleetWorker, WorkerOutcome
from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import (
    Change,
    Counts,
    Dag,
    Health,
    JobDetail,
    JobRow,
    LogLevel,
    LogSlice,
    Outcome,
    Page,
    Submission,
)
from execution_ops.domain.quotas import Limits, Quota, QuotaRow
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class Capabilities(BaseModel):
    """Which verbs an engine can do. A reason (in words) stands where it can't; empty means it can.

    `verbs` has the reasons of the others by the name of the verb, see `why`. `files` is why this process can't look
    at what is beside the workers: scan roots, and the files of offline kits.
    """

    model_config = ConfigDict(frozen=True)

    cancel: str = ""
    retry: str = ""
    verbs: Mapping[str, str] = Field(default_factory=dict)
    files: str = ""

    def why(self, verb: Verb) -> str:
        """Why the engine can't do the verb, in words; "" if it can."""
        return self.unable().get(verb.name, "")

    def unable(self) -> dict[str, str]:
        """All that it can't do: the reasons by the name of the verb."""
        named = {CANCEL.name: self.cancel, RETRY.name: self.retry, **self.verbs}
        return {name: why for name, why in named.items() if why}


class QuotaBackend(Protocol):
    """Quotas. Who may change one is checked by the stamp's actor: its tenants are all it may touch."""

    def quotas(self, *, tenants: frozenset[str] | None) -> tuple[QuotaRow, ...]:
        """All quotas that who sees these tenants sees, those of any tenant included, with their figures.

        The quotas are those of this moment. Their figures are sampled at most once a second, however
        often this is called.
        """

    def create_quota(self, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
        """Make a quota, which holds from then on. Conflict if there is one for this tenant and type."""

    def change_quota(
        self, quota_id: str, verb: Verb, limits: Limits | None, stamp: Stamp, *, revision: int | None
    ) -> Quota:
        """Do one of QUOTA_EDIT, _OVERRIDE (both with `limits`), _RESET, _PAUSE and _RESUME.

        It holds from the moment of its commit. NotFound for an unknown quota, Conflict if it is not at
        `revision` any more or the verb would change nothing; nothing is done then.
        """

    def delete_quota(self, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
        """Delete a quota; what it was. Its jobs go to the next one that fits them."""


class JobBackend(Protocol):
    """Jobs, their DAGs, their logs and their counts.

    Tenant isolation is the backend's: `tenants` None sees all, else only those. Ids are checked
    by the caller. A read of something unknown answers None; verbs answer one Outcome an id.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""

    def close(self) -> None:
        """Give back connections and threads."""

    def ping(self) -> None:
        """One cheap read; raises Unavailable when the database does not answer."""

    def statements(self) -> int:
        """How many statements (or requests) this backend sent since it was opened."""

    def statement_seconds(self) -> float:
        """How long their answers took the database, all added up, in seconds."""

    # writing

    def submit(self, spec: DagSpec, *, tenant: str, stamp: Stamp) -> Submission:
        """Store a DAG whole and start what has no parents.

        The same `stamp.idempotency_key` of a tenant gives the first submission again.
        InvalidInput for an unknown job type, a payload its model refuses, a cycle or an unknown
        parent; nothing is stored then.
        """

    def cancel(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Cancel waiting jobs at once, ask running ones to stop. Audited in the same transaction.

        A database lost in the middle of many ids raises nothing: the outcomes of the rest say so.
        """

    def retry(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Start ended jobs (RETRYABLE) again with fresh attempts. Audited likewise.

        Refused is a job of a type whose `scope` the actor does not hold.
        """

    def witness(self, verb: str, subject: str, stamp: Stamp, touched: Touched, *, count: int = 1) -> None:
        """Write to the audit what changes nothing but must be known: that somebody saw secrets, or took a copy.

        `count` is how many things that was done to.
        """

    # reading

    def list_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> Page:
        """One keyset page; `cursor` is a Page's `older` or `newer`. InvalidInput for a bad cursor."""

    def count_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None) -> Counts:
        """Counts by state for the filter without its own states; from counters, else bounded."""

    def iterate_jobs(
        self, where: JobFilter, *, tenants: frozenset[str] | None, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[JobRow]]:
        """All matches in keyset batches, each its own short read, for exports and bulk verbs.

        `stamp` says for whom an export is: an engine with an audit of its own tells of it there.
        """

    def get_job(self, job_id: str, *, tenants: frozenset[str] | None) -> JobDetail | None:
        """One job with its attempts, timeline and relatives."""

    def get_value(
        self, job_id: str, which: str, *, tenants: frozenset[str] | None, reveal: Stamp | None = None
    ) -> str | None:
        """The JSON text of `payload` or `result`, not redacted. None if there is none.

        An engine that redacts by itself shows secrets only to `reveal`, for whom they are, and its audit tells of it.
        """

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
        """Lines with seq > `after`, at least `level`, containing `text`, without the first `skip`.

        `last` takes the end instead.
        """

    def get_dag(self, dag_id: str, *, tenants: frozenset[str] | None) -> Dag | None:
        """The whole DAG."""

    def health(self, *, tenants: frozenset[str] | None) -> Health:
        """Queues and workers now. A sampler calls it, never a request."""

    def rates(self, window: Window, *, tenants: frozenset[str] | None) -> Rates:
        """How many jobs arrived and ended, by queue and in buckets. A sampler calls it, never a request."""

    def facets(self, *, tenants: frozenset[str] | None) -> dict[str, list[str]]:
        """The values that `job_type`, `queue` and `tenant` of jobs take, for suggestions; from counters."""

    def artifact(self, sha256: str, *, tenants: frozenset[str] | None, job_id: str = "") -> Path | None:
        """The stored file (of that job, for an engine that knows files by their jobs), None if unknown or of another
        tenant."""

    # live

    def last_change(self) -> int:
        """The newest sequence number of the change feed, 0 if empty."""

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """Changes after `seq`, oldest first, and whether some were trimmed in between (then all changed).

        So it is too when the feed ends before `seq`: the database was put back to an older state.
        """


class WorkerBackend(Protocol):
    """The fleet. Workers belong to no tenant: all see them, and only who acts for all tenants changes them."""

    def fleet(self, *, tenants: frozenset[str] | None) -> Fleet:
        """The workers that live, and the last of those that ended in the last day; of running jobs and waiting
        ones only those of these tenants. A sampler calls it, never a request."""

    def worker(self, worker_id: str, *, tenants: frozenset[str] | None) -> FleetWorker | None:
        """One worker that lives or is remembered, also one that ended before the last day; of its jobs only those of
        these tenants."""

    def act_on_workers(
        self, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[WorkerOutcome]:
        """Do one of WORKER_DRAIN, _RESUME and _STOP. Audited in the same transaction, one Outcome an id.

        What is so already, and a worker of which `revisions` names another revision than it has, is refused.
        A worker keeps to it within a second: what it had taken is run, nothing else is taken.
        """

    def note_blocked(self, blocked: bool) -> None:
        """Keep that something, or nothing, blocks at this moment. The leading worker tells it every few seconds."""

    def clear_since(self) -> datetime | None:
        """Since when nothing blocks. None while something does, and where nobody has looked for a minute: a stretch
        that nobody saw is in no answer."""


class Backend(
    JobBackend,
    QuotaBackend,
    DeadLetterBackend,
    ReplayBackend,
    ScheduleBackend,
    RunBackend,
    RunStreamBackend,
    WorkerBackend,
    ScannerConfigBackend,
    BaselineBackend,
    KitBackend,
    BenchmarkBackend,
    AnalyzerBackend,
    LookupBackend,
    AuditBackend,
    RetentionBackend,
    TimesBackend,
    Protocol,
):
    """All that an engine does for the console."""
