"""What is offered as values of filters, and all that stands beside it: who sees one tenant gets nothing of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from execution_ops.backends.embedded.counters import fold
from execution_ops.backends.embedded.letter_counters import fold_letters
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.overview_filters import OverviewFilter
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.rates import Window
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.times import now_ms
from execution_ops.services.container import Services, compose
from tests.baselines import keep, promote
from tests.bench_samples import new_result
from tests.execution import Bench, operator
from tests.factories import add_jobs, job_values
from tests.letters import dead, plan_for
from tests.quota_bench import quota
from tests.schedule_bench import run_now, schedule

MINE, THEIRS = "acme", "globex"
# Everything that is of the other tenant has this in its name.
MARK = "hush"
ADA = Actor(name="ada", scopes=frozenset({Scope.READ}), tenants=frozenset({MINE}))
NOBODYS = ADA.model_copy(update={"tenants": frozenset()})


def fill(bench: Bench, tenant: str, name: str) -> None:
    """One thing of each kind that belongs to a tenant."""
    backend, by = bench.backend, operator(name)
    values = {"tenant": tenant, "job_type": f"{name}.type", "queue": f"{name}-queue", "created_at": now_ms()}
    add_jobs(backend.engine, [job_values(**values, state=state) for state in ("failed", "running")])
    dead(bench, 1, tenant=tenant, error_type=f"{name.title()}Error", message=f"{name} is broken")
    quota(bench, tenant=tenant, job_type=f"{name}.type", max_active=1)
    run_now(bench, schedule(bench, tenant=tenant, name=f"{name} nightly"))
    promote(backend, keep(backend, [(name, "1.0.0")], by, tenant=tenant, source=f"/srv/{name}").id, by)
    backend.keep_benchmark(new_result(1.0, tenant=tenant, scenario=f"path:/srv/{name}", created_by=name))


@pytest.fixture
def services(bench: Bench) -> Services:
    """A console whose ledger has the same of two tenants, and something that was done to both."""
    fill(bench, MINE, "plain")
    fill(bench, THEIRS, MARK)
    plan_for(bench, stamp=operator(MARK))
    return compose(bench.settings, bench.backend)


def of_overview(services: Services, actor: Actor) -> list[Any]:
    """All that the page of Jobs & Queues reads."""

    async def read() -> list[Any]:
        where, overview, summary = OverviewFilter(), services.overview, services.summary
        return [
            await overview.standing(actor),
            await overview.queues(actor, where),
            await overview.tab_counts(actor, where),
            await overview.totals(actor, where),
            await summary.health(actor),
            await summary.rates(actor, Window.DAY),
        ]

    return asyncio.run(read())


OFFERS: dict[str, Callable[[Services, Actor], Any]] = {
    "jobs": lambda services, actor: services.jobs.facets(actor),
    "list of jobs": lambda services, actor: services.jobs.list(actor, JobFilter()),
    "health": lambda services, actor: services.jobs.health(actor),
    "rates": lambda services, actor: services.jobs.rates(actor, Window.DAY),
    "dead letters": lambda services, actor: services.letters.facets(actor),
    "error groups": lambda services, actor: services.letters.groups(actor, DeadLetterFilter(), limit=50),
    "replays": lambda services, actor: services.replays.list(actor),
    "runs": lambda services, actor: services.runs.list(actor, RunFilter()),
    "schedules": lambda services, actor: services.schedules.list(actor),
    "due times": lambda services, actor: services.scheduler.coming(actor),
    "quotas": lambda services, actor: services.quotas.list(actor, QuotaFilter()),
    "baselines": lambda services, actor: services.baselines.list(actor, BaselineFilter()),
    "sources of baselines": lambda services, actor: services.baselines.sources(actor),
    "kits": lambda services, actor: (services.kits.list(actor, limit=50), services.kits.runs(actor)),
    "benchmarks": lambda services, actor: services.benchmarks.page(actor, BenchFilter(), cursor=None, limit=50),
    "actors of the audit": lambda services, actor: services.audit.facets(actor),
    "audit": lambda services, actor: services.audit.list(actor, AuditFilter()),
    "workers": lambda services, actor: services.workers.fleet(actor),
    "analyzers": lambda services, actor: services.analyzers.list(actor),
    "cache": lambda services, actor: services.scan_cache.figures(actor),
    "lookup": lambda services, actor: services.lookup.find(
        actor, services.jobs.list(ADMIN, JobFilter()).rows[0].id[:4]
    ),
    "overview": of_overview,
}
ADMIN = local_operator()
# What belongs to no tenant, so that both are told the same.
SHARED = {"kits", "workers", "analyzers", "cache"}


@pytest.mark.parametrize("folded", [False, True], ids=["fresh", "folded"])
def test_nothing_of_another_tenant_is_offered(bench: Bench, services: Services, folded: bool) -> None:
    if folded:
        fold(bench.beneath.engine)
        fold_letters(bench.beneath.engine)
    for name, read in OFFERS.items():
        told = {who.name: repr(read(services, who)).lower() for who in (ADMIN, ADA)}
        assert (MARK in told[ADMIN.name]) is (name not in SHARED), f"{name}: it would not be seen"
        assert MARK not in told[ADA.name], name
        assert THEIRS not in told[ADA.name], name
        assert MARK not in repr(read(services, NOBODYS)).lower(), f"{name}, for who sees no tenant"


def test_values_of_jobs_are_those_of_jobs_that_one_may_see(bench: Bench, services: Services) -> None:
    fold(bench.beneath.engine)
    found = services.jobs.facets(ADA)
    assert found["tenant"] == [MINE]
    assert "plain.type" in found["job_type"]
    assert "plain-queue" in found["queue"]
    both = services.jobs.facets(ADA.model_copy(update={"tenants": frozenset({MINE, THEIRS, "unknown"})}))
    assert both["tenant"] == [MINE, THEIRS]
    assert {"plain.type", "hush.type"} <= set(both["job_type"])
    every = frozenset(services.jobs.facets(ADMIN)["tenant"])
    assert services.jobs.facets(ADA.model_copy(update={"tenants": every})) == services.jobs.facets(ADMIN)
    assert services.jobs.facets(NOBODYS) == {"job_type": [], "queue": [], "tenant": []}
