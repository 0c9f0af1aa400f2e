"""The services of one process, put together in one place."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from execution_ops import job_types
from execution_ops.backends.base import Backend
from execution_ops.backends.base_identity import IdentityStore
from execution_ops.backends.embedded.backend import open_backend
from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.identities import Identities
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.domain.identity import SignIn
from execution_ops.services.analyzers import AnalyzerService
from execution_ops.services.audit import AuditService
from execution_ops.services.baselines import BaselineService
from execution_ops.services.benchmarks import BenchmarkService
from execution_ops.services.changes import ChangeService
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.services.determinism import DeterminismService
from execution_ops.services.identity import IdentityService, callback_of
from execution_ops.services.jobs import JobService
from execution_ops.services.kits import KitService
from execution_ops.services.live import Hub
from execution_ops.services.lookup import LookupService
from execution_ops.services.overview import OverviewService, Sources
from execution_ops.services.quotas import QuotaService
from execution_ops.services.redact import Redactor
from execution_ops.services.replays import ReplayService
from execution_ops.services.retention import RetentionService
from execution_ops.services.run_stream import RunStreamService
from execution_ops.services.runs import RunService
from execution_ops.services.scan_cache import ScanCacheService
from execution_ops.services.scanner import ScannerService
from execution_ops.services.scanner_settings import ScannerSettingsService
from execution_ops.services.scans import ScanService
from execution_ops.services.scheduler import SchedulerService
from execution_ops.services.schedules import ScheduleService
from execution_ops.services.summary import SummaryService
from execution_ops.services.undo import UndoService
from execution_ops.services.workers import WorkerService
from execution_ops.settings import Settings, settings

_lock = threading.Lock()
_shared: Services | None = None


@dataclass(frozen=True)
class Services:
    """What pages, API and command line call."""

    settings: Settings
    backend: Backend
    jobs: JobService
    quotas: QuotaService
    scans: ScanService
    letters: DeadLetterService
    replays: ReplayService
    schedules: ScheduleService
    runs: RunService
    run_stream: RunStreamService
    scheduler: SchedulerService
    workers: WorkerService
    baselines: BaselineService
    kits: KitService
    scanner_settings: ScannerSettingsService
    determinism: DeterminismService
    benchmarks: BenchmarkService
    analyzers: AnalyzerService
    scan_cache: ScanCacheService
    scanner: ScannerService
    audit: AuditService
    undo: UndoService
    summary: SummaryService
    overview: OverviewService
    lookup: LookupService
    identities: IdentityService
    retention: RetentionService
    changes: ChangeService
    hub: Hub

    def close(self) -> None:
        """Give back what the backend holds."""
        self.backend.close()


def compose(settings: Settings, backend: Backend, store: IdentityStore | None = None) -> Services:
    """The services on top of a backend that is open already, and of what keeps sessions and tokens (None: nothing)."""
    jobs = JobService(backend, redact_keys=settings.redact_keys)
    hub = Hub(backend)
    scans = ScanService(backend, settings.roots())
    letters = DeadLetterService(backend, redact_keys=settings.redact_keys)
    runs = RunService(backend, redact_keys=settings.redact_keys)
    summary = SummaryService(jobs, letters, hub)
    kits = KitService(backend, settings)
    baselines = BaselineService(backend, redact_keys=settings.redact_keys)
    analyzers = AnalyzerService(backend, redact_keys=settings.redact_keys)
    benchmarks = BenchmarkService(backend, redact_keys=settings.redact_keys)
    scanner_settings = ScannerSettingsService(backend, redact_keys=settings.redact_keys)
    determinism = DeterminismService(backend, jobs)
    quotas = QuotaService(backend, redact_keys=settings.redact_keys)
    schedules = ScheduleService(backend, settings.roots(), redact_keys=settings.redact_keys)
    workers = WorkerService(backend, redact_keys=settings.redact_keys)
    sources = Sources(jobs, letters, runs, quotas, schedules, workers, kits, scanner_settings)
    audit = AuditService(backend, redact_keys=settings.redact_keys)
    return Services(
        settings=settings,
        backend=backend,
        jobs=jobs,
        quotas=quotas,
        scans=scans,
        letters=letters,
        replays=ReplayService(backend, redact_keys=settings.redact_keys),
        schedules=schedules,
        runs=runs,
        run_stream=RunStreamService(backend, runs, summary, hub, Redactor(settings.redact_keys)),
        scheduler=SchedulerService(backend, jobs, runs),
        workers=workers,
        baselines=baselines,
        kits=kits,
        scanner_settings=scanner_settings,
        determinism=determinism,
        benchmarks=benchmarks,
        analyzers=analyzers,
        scan_cache=ScanCacheService(backend),
        scanner=ScannerService(kits, baselines, analyzers, benchmarks, scanner_settings, determinism),
        audit=audit,
        undo=UndoService(backend, audit),
        summary=summary,
        overview=OverviewService(backend, sources, summary, hub),
        lookup=LookupService(backend, redact_keys=settings.redact_keys),
        identities=identity_service(settings, store, backend),
        retention=RetentionService(backend),
        changes=ChangeService(backend, hub),
        hub=hub,
    )


def identity_service(settings: Settings, store: IdentityStore | None, backend: Backend) -> IdentityService:
    """Who asks, by the settings, and what the backend does for nobody."""

    def unable() -> Mapping[str, str]:
        return backend.capabilities.unable()

    if settings.sign_in is not SignIn.OIDC:
        return IdentityService(settings, store, unable=unable)
    # What speaks with a provider takes long to import, and most consoles have none.
    from execution_ops.services.oidc import OpenIdProvider

    return IdentityService(settings, store, OpenIdProvider(settings, callback_of(settings)), unable=unable)


def open_services(settings: Settings) -> Services:
    """Open the backend that the settings name, and the services on top of it."""
    job_types.load()
    if settings.backend:
        # As the provider: an HTTP client that most consoles do without.
        from execution_ops.backends.gateway.backend import open_gateway

        return compose(settings, open_gateway(settings), _own_store(settings))
    backend = open_backend(settings)
    return compose(settings, backend, Identities(backend.engine))


def _own_store(settings: Settings) -> IdentityStore | None:
    """What a console on a remote backend keeps itself: who signed in to it. Nothing where nobody signs in."""
    if settings.sign_in is SignIn.NONE:
        return None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = ledger_engine(settings.url())
    upgrade(engine)
    return Identities(engine)


def services() -> Services:
    """The services of this process, opened at the first call."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = open_services(settings())
        return _shared
