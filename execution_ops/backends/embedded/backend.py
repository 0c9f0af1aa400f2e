"""The embedded engine behind the port that the console knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from execution_ops.backends.base import Capabilities
from execution_ops.backends.embedded import (
    audit,
    control,
    dbos_tables,
    fleet_control,
    job_times,
    quotas,
    retention,
    submit,
)
from execution_ops.backends.embedded.analyzer_backend import Analyzers
from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.audit_backend import Audit
from execution_ops.backends.embedded.audit_undo import undo
from execution_ops.backends.embedded.baseline_backend import Baselines
from execution_ops.backends.embedded.benchmarks import Benchmarks
from execution_ops.backends.embedded.clear_spell import ClearSpells
from execution_ops.backends.embedded.dispatcher import Dispatcher, migrate
from execution_ops.backends.embedded.engines import dbos_engine, ledger_engine, write
from execution_ops.backends.embedded.fleet import fleet, one_worker
from execution_ops.backends.embedded.kits import Kits
from execution_ops.backends.embedded.letter_backend import LetterBackend
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.backends.embedded.replay_plans import Plans
from execution_ops.backends.embedded.scanner_config import ScannerConfig
from execution_ops.backends.embedded.schedule_backend import ScheduleRunBackend
from execution_ops.domain.audit import AuditDetail, Touched
from execution_ops.domain.fleet import Fleet, FleetWorker, WorkerOutcome
from execution_ops.domain.job_times import EndedJobs
from execution_ops.domain.job_types import REGISTRY, DagSpec, Registry
from execution_ops.domain.jobs import Outcome, Submission
from execution_ops.domain.kit_records import KIT_FOLDER
from execution_ops.domain.quotas import Limits, Quota
from execution_ops.domain.retention import RetentionStatus, RetentionSurvey
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.settings import Settings

# How many heartbeats a worker may miss before an operator is told; a busy machine can miss one.
LATE_BEATS = 3


class EmbeddedBackend(
    LedgerReads,
    LetterBackend,
    ScheduleRunBackend,
    ScannerConfig,
    Baselines,
    Kits,
    Benchmarks,
    Analyzers,
    ClearSpells,
    Audit,
):
    """Ledger and DBOS in one database. Reads are the ledger's; it never runs a job itself."""

    capabilities = Capabilities()

    def __init__(self, settings: Settings, registry: Registry = REGISTRY) -> None:
        url = settings.url()
        self.artifacts = ArtifactStore(settings.data_dir)
        super().__init__(ledger_engine(url), self.artifacts.path, dbos_tables.queue_limits)
        self.dbos_engine = dbos_engine(url)
        upgrade(self.engine)
        migrate(self.dbos_engine)
        self.dispatcher = Dispatcher(self.dbos_engine)
        self._registry = registry
        self._policy = settings.retention()
        self._late_after_ms = round(LATE_BEATS * 1000 * settings.heartbeat_interval)
        plans = Plans(self.engine, self.dispatcher, registry)
        LetterBackend.__init__(self, plans)
        ScheduleRunBackend.__init__(self, self.engine, self.dispatcher, registry)
        ScannerConfig.__init__(self, self.engine)
        Baselines.__init__(self, self.engine, self.artifacts)
        Kits.__init__(self, self.engine, settings.data_dir.resolve() / KIT_FOLDER)
        Benchmarks.__init__(self, self.engine)
        Analyzers.__init__(self, self.engine)
        ClearSpells.__init__(self, self.engine)
        Audit.__init__(self, self.engine)

    def close(self) -> None:
        """Give back the connections."""
        self.dispatcher.close()
        self.dbos_engine.dispose()
        self.engine.dispose()

    def submit(self, spec: DagSpec, *, tenant: str, stamp: Stamp) -> Submission:
        """Store a DAG whole and start what has no parents; see JobBackend."""
        return submit.submit(self.engine, self.dispatcher, self._registry, spec, tenant=tenant, stamp=stamp)

    def cancel(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Cancel waiting jobs at once, ask running ones to stop; see JobBackend."""
        return control.cancel(self.engine, ids, stamp)

    def retry(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Start ended jobs again with fresh attempts; see JobBackend."""
        return control.retry(self.engine, self.dispatcher, self._registry, ids, stamp)

    def witness(self, verb: str, subject: str, stamp: Stamp, touched: Touched, *, count: int = 1) -> None:
        """Write to the audit what changes nothing; see JobBackend."""
        with write(self.engine) as connection:
            audit.record(connection, verb, stamp, touched=touched, subject=subject, count=count)

    def undo_audit(self, detail: AuditDetail, stamp: Stamp) -> int:
        """Put back what held before the event; see AuditBackend."""
        return undo(self, self.engine, self.dispatcher, detail, stamp)

    def create_quota(self, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
        """Make a quota; see QuotaBackend."""
        return quotas.create(self.engine, tenant, job_type, limits, stamp)

    def change_quota(
        self, quota_id: str, verb: Verb, limits: Limits | None, stamp: Stamp, *, revision: int | None
    ) -> Quota:
        """Do a verb to a quota; see QuotaBackend."""
        return quotas.change(self.engine, self.dispatcher, quota_id, verb, limits, stamp, revision=revision)

    def delete_quota(self, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
        """Delete a quota; see QuotaBackend."""
        return quotas.remove(self.engine, quota_id, stamp, revision=revision)

    def fleet(self, *, tenants: frozenset[str] | None) -> Fleet:
        """The workers and the queues that wait; see WorkerBackend."""
        return fleet(
            self.engine, tenants=tenants, late_after_ms=self._late_after_ms, limits_of=dbos_tables.queue_limits
        )

    def worker(self, worker_id: str, *, tenants: frozenset[str] | None) -> FleetWorker | None:
        """One worker that is remembered; see WorkerBackend."""
        late, limits = self._late_after_ms, dbos_tables.queue_limits
        return one_worker(self.engine, worker_id, tenants=tenants, late_after_ms=late, limits_of=limits)

    def act_on_workers(
        self, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[WorkerOutcome]:
        """Drain, resume or stop workers; see WorkerBackend."""
        return fleet_control.act(self.engine, verb, ids, stamp, revisions)

    def ended_jobs(self, after: str, *, limit: int) -> EndedJobs:
        """What has ended since; see TimesBackend."""
        return job_times.ended_jobs(self.engine, after, limit=limit)

    def retention_status(self) -> RetentionStatus:
        """What was removed for its age so far; see RetentionBackend."""
        return retention.status(self.engine, self._policy)

    def retention_survey(self) -> RetentionSurvey:
        """What would be removed now; see RetentionBackend."""
        return retention.survey(self.engine, self._policy)


def open_backend(settings: Settings) -> EmbeddedBackend:
    """Connect to the database that the settings name and bring it up to date."""
    return EmbeddedBackend(settings)
