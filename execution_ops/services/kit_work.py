"""What the jobs on kits share: what the worker gives them, whose order they carry out, and how they tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from execution_ops.backends.base import Backend
from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.errors import OpsError
from execution_ops.domain.job_types import JobCanceled, JobContext, JobFailed, JobTimedOut
from execution_ops.domain.kit_records import KitRun, check_kit_verb
from execution_ops.domain.kits import Check, CheckStatus, KitReport
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import KitState
from execution_ops.domain.verb import Verb
from execution_ops.scanner.kit_bundle import opened_below
from execution_ops.scanner.kit_store import KitStore
from execution_ops.scanner.kits.container import Opened
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.steps import Limits
from execution_ops.scanner.kits.unpacking import Progress
from execution_ops.scanner.kits.verify import verify
from execution_ops.services.kit_orders import KitSource
from execution_ops.services.own_jobs import Asked, Bound, failing_in_words
from execution_ops.settings import Settings

# Progress is counted in kB: the ledger's figures have 31 bits.
UNIT = 1000


@dataclass(frozen=True)
class Tools:
    """What the worker process works on kits with."""

    backend: Backend
    settings: Settings
    store: KitStore


_TOOLS: Bound[Tools] = Bound()


def register(backend: Backend, settings: Settings) -> None:
    """Give the handlers of this process what they work with; the worker calls it at start."""
    _TOOLS.bind(Tools(backend, settings, KitStore(backend.kit_root)))


@contextmanager
def acting(asked: Asked, verb: Verb) -> Iterator[Tools]:
    """The tools, for one who may do the verb; what goes wrong becomes a failure in words."""
    tools = _TOOLS.get()
    try:
        with failing_in_words():
            check_kit_verb(asked.actor, verb)
            yield tools
    except KitRefused as error:
        raise JobFailed(f"{error.found} {error.advice}".strip(), permanent=True) from error
    except OSError as error:
        if is_disk_full(error):
            raise JobFailed(DISK_FULL) from error
        raise


@contextmanager
def located(tools: Tools, job: JobContext, source: KitSource) -> Iterator[Path | Opened]:
    """The kit of an order: a file of the console's own, which nobody changes, or what was opened elsewhere."""
    if source.path:
        with opened_below(source.path, job.scan_roots) as kit:
            yield kit
    elif source.upload:
        yield tools.store.upload(source.upload)[1]
    else:
        known = tools.backend.get_kit(source.kit)
        if known is None or not known.kit.has_files:
            raise JobFailed(f"The files of the kit {source.kit} are not there any more.", permanent=True)
        locked = known.kit.state is KitState.QUARANTINED
        yield tools.store.bundle(source.kit) if locked else tools.store.kit_file(source.kit)


class Watch:
    """Tells step by step how far the work of a job on a kit is: in its log, its progress, and on the page."""

    def __init__(self, tools: Tools, job: JobContext, verb: Verb, words: str, asked: Asked) -> None:
        self._tools = tools
        self._job = job
        self._checks: list[Check] = []
        self._run = KitRun(
            job_id=job.job_id, verb=verb.name, source=words, by=asked.actor.name, started_at=datetime.now(UTC)
        )

    @contextmanager
    def working(self) -> Iterator[Watch]:
        """Show the work from here on; what ends it without a verdict is told, too."""
        self._save()
        try:
            yield self
        except (JobCanceled, JobTimedOut, JobFailed, OpsError, KitRefused) as error:
            self.end(failure=str(error))
            raise

    def check(self, check: Check) -> None:
        """A step ended."""
        self._checks.append(check)
        told = self._job.log.warning if check.status is CheckStatus.FAILED else self._job.log.info
        told("%s: %s. %s %s", check.step.heading, check.status.word, check.found, check.advice)
        self._run = self._run.model_copy(update={"checks": tuple(self._checks)})
        self._save()

    def progress(self, done: int, total: int, what: str) -> None:
        """So many bytes of so many."""
        note = f"{what}: {describe_bytes(done)} of {describe_bytes(total)}"
        self._job.progress(done // UNIT, total // UNIT, note)

    def end(self, *, report: KitReport | None = None, kit_id: str = "", failure: str = "") -> None:
        """The work is over."""
        told = {"ended_at": datetime.now(UTC), "kit_id": kit_id, "failure": failure}
        if report is not None:
            told |= {"checks": report.checks, "exit_code": int(report.exit_code)}
        self._run = self._run.model_copy(update=told)
        self._save()

    def _save(self) -> None:
        self._tools.backend.save_kit_run(self._run)


def check_kit(tools: Tools, job: JobContext, watch: Watch, kit: Path | Opened, into: Path | None = None) -> KitReport:
    """Verify a kit as the settings say, step by step; `into` is where its payload is unpacked to."""
    return verify_here(
        tools.backend,
        tools.store,
        kit,
        on_check=watch.check,
        checkpoint=job.checkpoint,
        progress=watch.progress,
        into=into,
    )


def verify_here(
    backend: Backend,
    store: KitStore,
    kit: Path | Opened,
    *,
    on_check: Callable[[Check], None],
    checkpoint: Callable[[], None],
    progress: Progress,
    into: Path | None = None,
) -> KitReport:
    """Verify a kit against the trust roots, the limits and the active kit of this console; see `verify`."""
    settings, active = backend.scanner_settings().settings, backend.kit_place().active
    return verify(
        kit,
        trust=settings.trust,
        active_version=active.version if active else None,
        free_bytes=store.free_bytes,
        on_check=on_check,
        checkpoint=checkpoint,
        progress=progress,
        into=into,
        limits=Limits(unpacked=settings.limits.unpacked_max),
    )


def without_manifest(report: KitReport) -> KitReport:
    """The report as it is kept: the manifest of a kit can list ten thousand files, and is kept beside it."""
    return report.model_copy(update={"manifest": None})


def drop_files(backend: Backend, store: KitStore) -> None:
    """Delete the files of kits that have lost them in the ledger; alone with the files. Also what an earlier try,
    which died in between, left."""
    for kit in backend.kits_without_files():
        if kit.state is KitState.QUARANTINED:
            store.drop_bundle(kit.id)
        else:
            store.remove(kit.id)
