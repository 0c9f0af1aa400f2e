"""Benchmarks of the analyzers: started as jobs, judged when they are looked at, promoted to be the baseline."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import SubjectKind, Touched, own_tenant
from execution_ops.domain.bench_exports import BenchExportFormat, write_benchmarks
from execution_ops.domain.bench_filters import BenchFilter, bench_page
from execution_ops.domain.benchmarks import (
    ANALYZERS_MAX,
    ITERATIONS_DEFAULT,
    ITERATIONS_MAX,
    PATH_PREFIX,
    WARM_UP_DEFAULT,
    WARM_UP_MAX,
    BenchState,
    Judged,
    Promotion,
    Scenario,
    Series,
    judge,
    scenario_title,
)
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import BENCH_TYPE, DagSpec, NodeSpec
from execution_ops.domain.jobs import JobRow, Submission
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.scanner_settings import BenchBudget, ScanLimits
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE, BENCH_RUN
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.tenants import check_tenant
from execution_ops.domain.text import visible
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.domain.words import counted
from execution_ops.scanner.analyzers import GROUPS, OTHER
from execution_ops.scanner.plan import check_source
from execution_ops.scanner.scenarios import SCENARIOS, scenario
from execution_ops.services.bench_job import BenchPayload
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_MAX, check_range, sign

ANALYZERS = (*sorted(group.name for group in GROUPS), OTHER)
NODE_KEY = "bench"
RUNNING_MAX = 20
PROMOTIONS_MAX = 20
# Named here: inside the class `list` is its method.
Rows = list[Judged]
Jobs = list[JobRow]
Promotions = list[Promotion]


class BenchOrder(BaseModel):
    """What to measure: a scenario by name, or a `path` below the scan roots, and with which analyzers.

    Without `analyzers` those run that the scenario was made for, or that the path calls for. `warm_up` passes are
    run and thrown away before the `iterations` of each analyzer.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str = ""
    path: str = ""
    analyzers: tuple[str, ...] = ()
    iterations: int = ITERATIONS_DEFAULT
    warm_up: int = WARM_UP_DEFAULT


class BenchFigures(BaseModel):
    """How all latest results stand, and the budget that they are judged by."""

    model_config = ConfigDict(frozen=True)

    measured: int
    breaches: int
    without_baseline: int
    budget: BenchBudget

    @property
    def sentence(self) -> str:
        """The page's summary."""
        if not self.measured:
            return "How long each analyzer takes, and whether that got worse."
        pairs = counted(self.measured, "measured pair")
        if not self.breaches:
            return f"None of {pairs} of scenario and analyzer is over the budget or worse than its baseline."
        verb = "is" if self.breaches == 1 else "are"
        return (
            f"{self.breaches:,} of {pairs} of scenario and analyzer {verb} over the budget or worse than the baseline."
        )


class BenchPage(BaseModel):
    """A part of the list of latest results; cursors are None at the ends."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[Judged, ...]
    before: str | None
    after: str | None
    total: int
    figures: BenchFigures
    scenarios: tuple[str, ...] = Field(description="The scenarios of all results, for suggestions.")


class BenchHistory(BaseModel):
    """Results of one scenario and analyzer, the newest first, each judged by what holds now."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[Judged, ...]
    older: str | None


class BenchmarkService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def scenarios(self, actor: Actor) -> tuple[Scenario, ...]:
        """The trees that come with the scanner."""
        require(actor, Scope.READ)
        return SCENARIOS

    def list(self, actor: Actor, where: BenchFilter) -> Rows:
        """The latest result of each scenario and analyzer that matches."""
        require(actor, Scope.READ)
        return [one for one in self._latest(actor) if where.matches(one)]

    def page(self, actor: Actor, where: BenchFilter, *, cursor: str | None, limit: int) -> BenchPage:
        """A part of the list, and how all results stand. InvalidInput for a bad cursor."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        found = self._latest(actor)
        part = bench_page(found, where, cursor, limit)
        figures = BenchFigures(
            measured=len(found),
            breaches=sum(one.verdict.state is BenchState.BREACH for one in found),
            without_baseline=sum(one.baseline is None for one in found),
            budget=self._budget(),
        )
        names = tuple(sorted({one.result.scenario for one in found}))
        return BenchPage(
            rows=part.rows, before=part.before, after=part.after, total=part.total, figures=figures, scenarios=names
        )

    def get(self, actor: Actor, result_id: str) -> Judged:
        """One result; NotFound also for one of a tenant that the actor may not see."""
        require(actor, Scope.READ)
        series = self._backend.benchmark(check_id(result_id), tenants=actor.tenants)
        if series is None:
            raise NotFound(f"There is no benchmark result {result_id}.")
        return judge(series, self._budget())

    def history(
        self, actor: Actor, scenario: str, analyzer: str, *, tenant: str = "", cursor: str | None, limit: int
    ) -> BenchHistory:
        """The results of a scenario and analyzer, the newest first. InvalidInput for a bad cursor."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        name = check_tenant(actor, tenant)
        found = self._backend.benchmark_history(name, scenario, analyzer, cursor=cursor, limit=limit)
        if not found.rows:
            return BenchHistory(rows=(), older=None)
        # One look at the series: all of them are judged by the same baseline.
        now = self._backend.benchmark(found.rows[0].id, tenants=actor.tenants)
        budget = self._budget()
        rows = tuple(
            judge(Series(result=one, baseline=now.baseline, results=now.results), budget) for one in found.rows if now
        )
        return BenchHistory(rows=rows, older=found.older)

    def promotions(self, actor: Actor, scenario: str, analyzer: str, *, tenant: str = "") -> Promotions:
        """What was made the baseline of a scenario and analyzer, the newest first."""
        require(actor, Scope.READ)
        name = check_tenant(actor, tenant)
        found = self._backend.benchmark_promotions(name, scenario, analyzer, limit=PROMOTIONS_MAX)
        return [one.model_copy(update={"reason": self._redact.text(one.reason)}) for one in found]

    def running(self, actor: Actor) -> Jobs:
        """Benchmarks that wait or run, the newest first."""
        require(actor, Scope.READ)
        where = JobFilter(job_type=(BENCH_TYPE,), state=tuple(state for state in JobState if state not in ENDED))
        page = self._backend.list_jobs(where, tenants=actor.tenants, cursor=None, limit=RUNNING_MAX)
        return list(self._redact.rows(page.rows))

    def of_job(self, actor: Actor, job_id: str) -> Rows:
        """What a benchmark job has measured."""
        require(actor, Scope.READ)
        budget = self._budget()
        return [judge(one, budget) for one in self._backend.benchmarks_of(check_id(job_id), tenants=actor.tenants)]

    def export(self, actor: Actor, where: BenchFilter, form: BenchExportFormat, stamp: Stamp) -> Chunks:
        """The latest results that match, as one document; the audit tells of it, see `exported`."""
        found = self.list(actor, where)
        subject = f"benchmarks {form.value}: {where.to_query() or 'all'}"
        touched = Touched(SubjectKind.BENCHMARK, tenant=own_tenant(actor), scope=where.to_query())
        signed, now = sign(EXPORT, actor, stamp), datetime.now(UTC)
        return exported(
            self._backend,
            subject,
            touched,
            signed,
            [found],
            lambda all_: (write_benchmarks(rows, form, now) for rows in all_),
        )

    # writing

    def start(self, actor: Actor, order: BenchOrder, stamp: Stamp, *, tenant: str = "") -> Submission:
        """Start a benchmark as a job. Whether a path exists and may be read is for the worker to say."""
        actor = require(actor, BENCH_RUN.scope)
        name = check_tenant(actor, tenant)
        payload = _payload(order, actor, self._backend.scanner_settings().settings.limits)
        title = visible(scenario_title(payload.scenario, SCENARIOS))
        node = NodeSpec(key=NODE_KEY, job_type=BENCH_TYPE, payload=payload.model_dump(mode="json"), label=title)
        spec = DagSpec(title=f"Benchmark {title}", nodes=(node,))
        return self._backend.submit(spec, tenant=name, stamp=sign(BENCH_RUN, actor, stamp))

    def promote(self, actor: Actor, result_id: str, stamp: Stamp) -> Judged:
        """Make a result the baseline of its scenario and analyzer. Conflict if it is that already."""
        actor = require(actor, BENCH_PROMOTE.scope)
        signed = sign(BENCH_PROMOTE, actor, stamp)
        self._backend.promote_benchmark(check_id(result_id), signed, tenants=actor.tenants)
        return self.get(actor, result_id)

    def _latest(self, actor: Actor) -> Rows:
        budget = self._budget()
        return [judge(one, budget) for one in self._backend.benchmarks(tenants=actor.tenants)]

    def _budget(self) -> BenchBudget:
        return self._backend.scanner_settings().settings.bench


def _payload(order: BenchOrder, actor: Actor, limits: ScanLimits) -> BenchPayload:
    if not 1 <= order.iterations <= ITERATIONS_MAX:
        raise InvalidInput(f"Iterations: from 1 to {ITERATIONS_MAX}.", field="iterations")
    if not 0 <= order.warm_up <= WARM_UP_MAX:
        raise InvalidInput(f"Warm-up: from 0 to {WARM_UP_MAX} passes.", field="warm_up")
    analyzers = tuple(dict.fromkeys(order.analyzers))
    if len(analyzers) > ANALYZERS_MAX:
        raise InvalidInput(f"A benchmark has at most {ANALYZERS_MAX} analyzers.", field="analyzers")
    if unknown := [name for name in analyzers if name not in ANALYZERS]:
        known = ", ".join(ANALYZERS)
        raise InvalidInput(f"There is no analyzer {unknown[0][:60]!r}. Known are: {known}.", field="analyzers")
    return BenchPayload(
        scenario=_subject(order),
        analyzers=analyzers,
        iterations=order.iterations,
        warm_up=order.warm_up,
        limits=limits,
        by=actor.name,
    )


def _subject(order: BenchOrder) -> str:
    if bool(order.scenario) == bool(order.path):
        raise InvalidInput("Name a scenario, or a path, and not both.", field="scenario")
    if order.path:
        check_source(order.path)
        # One tree, one history: /srv/app/ is /srv/app.
        return PATH_PREFIX + os.path.normpath(order.path)
    if scenario(order.scenario) is None:
        known = ", ".join(one.name for one in SCENARIOS)
        raise InvalidInput(f"There is no scenario {order.scenario[:60]!r}. Known are: {known}.", field="scenario")
    return order.scenario
