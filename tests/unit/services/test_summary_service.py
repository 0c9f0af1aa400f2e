"""Figures of queues are sampled for all who look, and only for who may."""

from __future__ import annotations

import asyncio

import pytest

from execution_ops.domain.access import Actor, local_operator
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.rates import Rates, Window
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms, now_ms
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.services.jobs import JobService
from execution_ops.services.live import Hub
from execution_ops.services.summary import SummaryService
from tests.doubles import MemoryBackend
from tests.job_samples import job_row


def summary(backend: MemoryBackend) -> SummaryService:
    jobs = JobService(backend)  # type: ignore[arg-type]
    return SummaryService(jobs, DeadLetterService(backend), Hub(backend))  # type: ignore[arg-type]


def test_rates_are_read_once_for_all_who_may_see_the_same() -> None:
    backend = MemoryBackend()
    now = from_ms(now_ms())
    for tenant, state in (("acme", JobState.SUCCEEDED), ("acme", JobState.FAILED), ("globex", JobState.SCHEDULED)):
        ended = now if state is not JobState.SCHEDULED else None
        backend.add(job_row(tenant=tenant, queue="scan", state=state, created_at=now, finished_at=ended))
    acme = Actor(name="ann", scopes=local_operator().scopes, tenants=frozenset({"acme"}))

    async def look() -> tuple[Rates, Rates, Rates, Rates]:
        service = summary(backend)
        first = await service.rates(local_operator(), Window.DAY)
        backend.add(job_row(queue="late", created_at=now))
        again = await service.rates(local_operator(), Window.DAY)
        return first, again, await service.rates(acme, Window.DAY), await service.rates(acme, Window.HOUR)

    first, again, seen, hour = asyncio.run(look())
    assert again is first
    found = first.of("scan")
    assert (found.arrived_total, found.done_total, found.failed_total, found.failure_rate) == (3, 1, 1, 0.5)
    assert seen.of("scan").arrived_total == 2
    assert (hour.window, len(hour.of("scan").done)) == (Window.HOUR, 60)


def test_rates_take_the_permission_to_read() -> None:
    nobody = Actor(name="nobody", scopes=frozenset(), tenants=None)

    async def look() -> None:
        await summary(MemoryBackend()).rates(nobody, Window.HOUR)

    with pytest.raises(Forbidden):
        asyncio.run(look())
