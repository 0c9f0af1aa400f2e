"""The background job that measures: it makes or checks the tree, runs Syft over it, and keeps the figures."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.backends.base_benchmarks import BenchmarkBackend
from execution_ops.domain.benchmarks import (
    ANALYZERS_MAX,
    ITERATIONS_DEFAULT,
    ITERATIONS_MAX,
    PATH_PREFIX,
    WARM_UP_DEFAULT,
    WARM_UP_MAX,
    Machine,
    NewResult,
    Result,
    Sample,
    say_ms,
)
from execution_ops.domain.job_types import BENCH_QUEUE, BENCH_TYPE, JobContext, JobFailed, JobResult, job_type
from execution_ops.domain.scanner_settings import ScanLimits
from execution_ops.domain.scanner_verbs import BENCH_RUN
from execution_ops.scanner import syft
from execution_ops.scanner.analyzers import analyzers
from execution_ops.scanner.archives import limits_of
from execution_ops.scanner.failures import in_words, logs_cause, permanent
from execution_ops.scanner.metered import metered, read_usage
from execution_ops.scanner.prepare import prepare
from execution_ops.scanner.scenarios import build, scenario
from execution_ops.scanner.sources import resolve
from execution_ops.scanner.survey import survey
from execution_ops.scanner.syft import Target
from execution_ops.services.own_jobs import LEDGER, failing_in_words

MAX_ATTEMPTS = 2
# 30 analyzers of 60 passes are slow on a large tree, but a benchmark that takes a day measures nothing.
TIMEOUT_S = 24 * 3600.0


class BenchPayload(BaseModel):
    """What is measured: a scenario by its name, or `path:` and a path below the scan roots.

    Without `analyzers` those run that the scenario was made for, or that the path calls for. `limits` are those of
    the settings when it was asked for, `by` is who asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    analyzers: tuple[str, ...] = Field((), max_length=ANALYZERS_MAX)
    iterations: int = Field(ITERATIONS_DEFAULT, ge=1, le=ITERATIONS_MAX)
    warm_up: int = Field(WARM_UP_DEFAULT, ge=0, le=WARM_UP_MAX)
    limits: ScanLimits = ScanLimits()
    by: str


@job_type(
    BENCH_TYPE,
    queue=BENCH_QUEUE,
    payload=BenchPayload,
    max_attempts=MAX_ATTEMPTS,
    timeout_s=TIMEOUT_S,
    scope=BENCH_RUN.scope,
)
@logs_cause
def run_benchmark(job: JobContext, payload: BenchPayload) -> JobResult:
    """Measures how long Syft takes over a tree, analyzer by analyzer; what an earlier try kept stays as it is."""
    with failing_in_words():
        return _Benchmark(LEDGER.get(), job, payload).run()


class _Subject(NamedTuple):
    """What Syft reads, and the catalogers of each analyzer that is measured."""

    target: Target
    chosen: dict[str, tuple[str, ...]]


class _Benchmark:
    """One try."""

    def __init__(self, backend: BenchmarkBackend, job: JobContext, payload: BenchPayload) -> None:
        self._backend = backend
        self._job = job
        self._asked = payload
        self._done = self._total = 0

    def run(self) -> JobResult:
        """Measure each analyzer that has no result of this job yet."""
        job, asked = self._job, self._asked
        job.progress(0, 1, "preparing the tree")
        with in_words(str(job.work_dir)):
            subject = self._path() if asked.scenario.startswith(PATH_PREFIX) else self._scenario()
        earlier = self._backend.benchmarks_of(job.job_id, tenants=None)
        known = {one.result.analyzer for one in earlier}
        left = {name: catalogers for name, catalogers in subject.chosen.items() if name not in known}
        version, machine = syft.ask(job).version, this_machine()
        job.log.info("Syft %s on %s", version, machine.words)
        self._total = len(left) * (asked.warm_up + asked.iterations)
        for analyzer, catalogers in left.items():
            samples = self._measure(analyzer, catalogers, subject.target)
            kept = self._backend.keep_benchmark(
                NewResult(
                    tenant=job.tenant,
                    scenario=asked.scenario,
                    analyzer=analyzer,
                    iterations=asked.iterations,
                    warm_up=asked.warm_up,
                    samples=samples,
                    machine=machine,
                    syft=version,
                    job_id=job.job_id,
                    created_by=asked.by,
                )
            )
            _tell(job, kept)
        return JobResult(value={"scenario": asked.scenario, "analyzers": list(subject.chosen)})

    def _scenario(self) -> _Subject:
        known = scenario(self._asked.scenario)
        if known is None:
            raise permanent(f"There is no scenario {self._asked.scenario!r} here. Start one that this version knows.")
        folder = self._job.work_dir / "tree"
        folder.mkdir()
        files = build(known.name, folder, self._job.checkpoint)
        self._job.log.info("Made the tree of %s: %d files", known.name, files)
        offered = analyzers(syft.grouped(syft.ask(self._job)), "directory")
        return _Subject(Target("dir", folder), _choose(self._asked.analyzers or known.analyzers, offered))

    def _path(self) -> _Subject:
        job, limits = self._job, limits_of(self._asked.limits)
        source = resolve(self._asked.scenario.removeprefix(PATH_PREFIX), job.scan_roots)
        source, seen = survey(
            source, job.log, job.checkpoint, lambda n: job.progress(0, 1, f"listing files: {n:,} so far"), limits
        )
        job.log.info("%s is %s with %s files", source.path, source.kind.words, f"{seen.files:,}")
        offered = analyzers(syft.grouped(syft.ask(job)), "image" if source.kind.is_image else "directory")
        wanted = self._asked.analyzers or tuple(name for name in offered if seen.applies(name))
        if not wanted:
            raise permanent(f"No analyzer finds files of its kind in {source.path}. Name those to measure.")
        return _Subject(prepare(job, source, limits), _choose(wanted, offered))

    def _measure(self, analyzer: str, catalogers: Sequence[str], target: Target) -> tuple[Sample, ...]:
        asked = self._asked
        for number in range(asked.warm_up):
            self._step(f"{analyzer}: warm-up {number + 1} of {asked.warm_up}")
            self._sample(catalogers, target)
        samples: list[Sample] = []
        for number in range(asked.iterations):
            self._step(f"{analyzer}: pass {number + 1} of {asked.iterations}")
            samples.append(self._sample(catalogers, target))
            self._job.log.info("%s: pass %d took %s", analyzer, number + 1, say_ms(samples[-1].wall_ms))
        found = {one.components for one in samples}
        if len(found) > 1:
            self._job.log.warning("%s found between %d and %d components", analyzer, min(found), max(found))
        return tuple(samples)

    def _sample(self, catalogers: Sequence[str], target: Target) -> Sample:
        usage = self._job.work_dir / "usage.json"
        usage.unlink(missing_ok=True)
        document = syft.scan(self._job, target, catalogers, before=metered(usage))
        self._done += 1
        try:
            took = read_usage(usage)
        except (OSError, ValueError, KeyError) as error:
            raise JobFailed("What Syft took could not be read. Retry this job.") from error
        return Sample(
            wall_ms=round(took.wall_ms, 3),
            peak_bytes=took.peak_bytes,
            components=len(document.get("components", ())),
        )

    def _step(self, note: str) -> None:
        self._job.checkpoint()
        self._job.progress(self._done, self._total, note)


def this_machine() -> Machine:
    """The machine of this process, and how busy it is."""
    return Machine(
        host=platform.node(),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        load=round(os.getloadavg()[0], 2),
    )


def _choose(wanted: Sequence[str], offered: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if missing := [name for name in wanted if name not in offered]:
        raise permanent(
            f"The Syft of this worker has no analyzer {', '.join(missing)} for this. It has: {', '.join(offered)}."
        )
    return {name: offered[name] for name in dict.fromkeys(wanted)}


def _tell(job: JobContext, kept: Result) -> None:
    figures = kept.figures
    job.log.info(
        "%s: mean %s, p95 %s, slowest %s, peak %d bytes, %d components",
        kept.analyzer,
        *(say_ms(value) for value in (figures.mean_ms, figures.p95_ms, figures.max_ms)),
        figures.peak_bytes,
        kept.components,
    )
