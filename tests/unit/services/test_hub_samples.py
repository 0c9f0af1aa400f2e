"""The hub: what is sampled, paced and kept."""

from __future__ import annotations

import asyncio
import time

from execution_ops.domain.topics import HEALTH, JOBS, KITS
from execution_ops.services.flights import Flights
from execution_ops.services.live import Hub
from tests.doubles import MemoryBackend
from tests.job_samples import job_row
from tests.unit.services.hub_bench import SOON, Loader, hub, running, settled

__all__ = ["hub"]


async def test_health_ages_only_while_somebody_looks(hub: Hub) -> None:
    await settled(hub)
    seen = hub.version(HEALTH)
    later = await hub.wait(HEALTH, seen, SOON)
    assert later > seen
    await asyncio.sleep(0.1)
    assert hub.version(HEALTH) == later


async def test_many_changes_wake_what_moves_with_all_of_them_only_now_and_then(backend: MemoryBackend) -> None:
    async with running(Hub(backend, poll_s=0.005, sample_s=600, pace_s=0.2)) as hub:
        await settled(hub)
        version = hub.version(HEALTH)
        # Nothing changes: nothing is read.
        assert await hub.wait(HEALTH, version, 0.1) == version
        began, moves = time.monotonic(), 0
        while moves < 4:
            assert time.monotonic() - began < SOON
            backend.add(job_row())
            later = await hub.wait(HEALTH, version, 0.005)
            moves += later > version
            version = later
        assert time.monotonic() - began >= 3 * 0.2


async def test_a_sample_that_follows_a_topic_is_never_older_than_its_last_change(
    hub: Hub, backend: MemoryBackend
) -> None:
    await settled(hub)
    loader = Loader()
    assert await hub.sample("health", loader, max_age=60, topic=HEALTH) == 1
    assert await hub.sample("health", loader, max_age=60, topic=HEALTH) == 1
    seen = hub.version(HEALTH)
    backend.add(job_row())
    assert await hub.wait(HEALTH, seen, SOON) > seen
    assert await hub.sample("health", loader, max_age=60, topic=HEALTH) == 2


async def test_what_grows_old_slowly_is_read_again_now_and_then(hub: Hub) -> None:
    await settled(hub)
    seen = hub.version(KITS)
    began = time.monotonic()
    first = await hub.wait(KITS, seen, SOON)
    assert await hub.wait(KITS, first, SOON) > first > seen
    assert time.monotonic() - began > 0.3


async def test_a_sample_serves_all_until_it_is_too_old(hub: Hub) -> None:
    loader = Loader()
    answers = await asyncio.gather(*(hub.sample("health", loader, max_age=60) for _ in range(50)))
    assert set(answers) == {1}
    assert await hub.sample("health", loader, max_age=60) == 1
    await asyncio.sleep(0.01)
    assert await hub.sample("health", loader, max_age=0.001) == 2


async def test_a_page_can_be_made_of_samples(hub: Hub) -> None:
    await settled(hub)
    loader = Loader()

    async def sampled() -> tuple[str, int]:
        return "page", await hub.sample("health", loader, max_age=60, topic=HEALTH)

    pages = await asyncio.gather(*(hub.page(key, JOBS, lambda: sampled()) for key in ("a", "b", "a", "c")))
    assert {value for _, value in pages} == {("page", 1)}
    assert loader.calls == 1


async def test_what_is_held_is_bounded_and_the_oldest_goes_first() -> None:
    flights = Flights(entries_max=3)
    for key in ("a", "b", "a", "c", "d"):
        await flights.get(("t", key), lambda: 0, stamp=lambda: 1, oldest=1)
    assert len(flights) == 3
    assert flights.loads == 4
    await flights.get(("t", "a"), lambda: 0, stamp=lambda: 1, oldest=1)
    assert flights.loads == 4
    await flights.get(("t", "b"), lambda: 0, stamp=lambda: 1, oldest=1)
    assert flights.loads == 5
