"""The hub: one reader, shared loads, honest status."""

from __future__ import annotations

import asyncio

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.topics import JOBS, dag_topic, job_topic
from execution_ops.services.live import Hub, viewer_key
from tests.doubles import MemoryBackend
from tests.job_samples import job_row
from tests.unit.services.hub_bench import SOON, Loader, hub, running, settled, until

__all__ = ["hub"]


async def test_a_hundred_viewers_cost_one_load(hub: Hub) -> None:
    await settled(hub)
    loader = Loader()
    answers = await asyncio.gather(*(hub.page("key", JOBS, loader) for _ in range(100)))
    assert len(set(answers)) == 1
    assert loader.calls == 1


async def test_who_asks_anew_gets_no_load_that_began_before(hub: Hub) -> None:
    await settled(hub)
    loader = Loader()
    assert (await hub.page("key", JOBS, loader))[1] == 1
    assert (await hub.page("key", JOBS, loader, anew=True))[1] == 2
    assert (await hub.page("key", JOBS, loader))[1] == 2
    loader.gate.clear()
    early = asyncio.create_task(hub.page("key", JOBS, loader, anew=True))
    await until(lambda: loader.calls == 3)
    late = asyncio.create_task(hub.page("key", JOBS, loader, anew=True))
    await until(lambda: loader.calls == 4)
    loader.gate.set()
    await asyncio.gather(early, late)


async def test_a_change_wakes_who_waits_for_it_and_loads_once_more(hub: Hub, backend: MemoryBackend) -> None:
    await settled(hub)
    loader = Loader()
    seen, first = await hub.page("key", JOBS, loader)
    waiters = [asyncio.create_task(hub.wait(JOBS, seen, SOON)) for _ in range(20)]
    await until(lambda: hub.gauges().viewers == 20)
    backend.add(job_row())
    versions = set(await asyncio.gather(*waiters))
    assert len(versions) == 1
    assert min(versions) > seen
    answers = await asyncio.gather(*(hub.page("key", JOBS, loader) for _ in range(20)))
    assert set(answers) == {(min(versions), first + 1)}
    assert hub.gauges().viewers == 0


async def test_only_the_topics_of_a_change_move(hub: Hub, backend: MemoryBackend) -> None:
    row, other = job_row(), job_row()
    topics = [job_topic(row.id), dag_topic(row.dag_id), job_topic(other.id), dag_topic(other.dag_id), JOBS]
    for topic in topics:
        await hub.page("key", topic, lambda: None)
    await settled(hub)
    before = [hub.version(topic) for topic in topics]
    backend.add(row)
    await hub.wait(JOBS, before[-1], SOON)
    moved = [hub.version(topic) > version for topic, version in zip(topics, before, strict=True)]
    assert moved == [True, True, False, False, True]


async def test_a_database_put_back_to_an_older_state_is_read_anew_and_followed(
    hub: Hub, backend: MemoryBackend
) -> None:
    for _ in range(5):
        backend.add(job_row())
    await settled(hub)
    seen, _ = await hub.page("key", JOBS, lambda: None)
    del backend.changes[2:]
    restored = await hub.wait(JOBS, seen, SOON)
    assert restored > seen
    backend.add(job_row())
    assert await hub.wait(JOBS, restored, SOON) > restored


async def test_nothing_happens_until_the_time_is_over(hub: Hub) -> None:
    await settled(hub)
    seen = hub.version(JOBS)
    assert await hub.wait(JOBS, seen, 0.03) == seen


async def test_different_viewers_share_nothing(hub: Hub) -> None:
    loader = Loader()
    one, two = local_operator(), Actor(name="v", scopes=frozenset({Scope.READ}), tenants=frozenset({"acme"}))
    assert viewer_key(one) != viewer_key(two)
    assert viewer_key(two) == viewer_key(two.model_copy(update={"name": "w"}))
    await settled(hub)
    for actor in (one, two):
        await hub.page(("list", viewer_key(actor)), JOBS, loader)
    assert loader.calls == 2


async def test_a_change_during_a_load_is_not_missed(hub: Hub, backend: MemoryBackend) -> None:
    await settled(hub)
    loader = Loader()
    loader.gate.clear()
    asked = hub.version(JOBS)
    page = asyncio.create_task(hub.page("key", JOBS, loader))
    await until(lambda: loader.calls == 1)
    backend.add(job_row())
    await hub.wait(JOBS, asked, SOON)
    loader.gate.set()
    version, _ = await page
    assert version == asked
    assert await hub.page("key", JOBS, loader) == (hub.version(JOBS), 2)


async def test_an_error_reaches_all_who_asked_and_is_not_kept(hub: Hub) -> None:
    await settled(hub)
    loader = Loader()
    loader.error = Unavailable("down")
    loader.gate.clear()
    pages = [asyncio.create_task(hub.page("key", JOBS, loader)) for _ in range(10)]
    await until(lambda: loader.calls == 1)
    loader.gate.set()
    outcomes = await asyncio.gather(*pages, return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert loader.calls == 1
    loader.error = None
    assert (await hub.page("key", JOBS, loader))[1] == 2


async def test_a_viewer_that_leaves_does_not_take_the_load_along(hub: Hub) -> None:
    await settled(hub)
    loader = Loader()
    loader.gate.clear()
    first = asyncio.create_task(hub.page("key", JOBS, loader))
    await until(lambda: loader.calls == 1)
    second = asyncio.create_task(hub.page("key", JOBS, loader))
    await asyncio.sleep(0)
    first.cancel()
    loader.gate.set()
    assert (await second)[1] == 1
    assert loader.calls == 1


async def test_a_trimmed_feed_moves_everything(hub: Hub, backend: MemoryBackend) -> None:
    topic = job_topic(job_row().id)
    await hub.page("key", topic, lambda: None)
    await settled(hub)
    seen = hub.version(topic)
    backend.trimmed = True
    assert await hub.wait(topic, seen, SOON) > seen


async def test_a_burst_too_long_to_read_moves_everything(
    hub: Hub, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution_ops.services.live.FEED_BATCH", 10)
    await settled(hub)
    topic = job_topic(job_row().id)
    seen = hub.version(topic)
    waiter = asyncio.create_task(hub.wait(topic, seen, SOON))
    for _ in range(25):
        backend.add(job_row())
    assert await waiter > seen


async def test_a_lost_database_is_said_and_its_return_noticed(
    hub: Hub, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    await settled(hub)
    assert hub.status.live
    seen = hub.version(JOBS)
    backend.down = True
    assert await hub.wait(JOBS, seen, SOON) == seen
    lost = hub.status
    assert (lost.live, lost.problem) == (False, "The database does not answer.")
    await hub.wait(JOBS, seen, 0.05)
    assert hub.status.as_of == lost.as_of
    backend.down = False
    assert await hub.wait(JOBS, seen, SOON) > seen
    assert hub.status.live
    assert hub.status.as_of > lost.as_of
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


async def test_nobody_looking_costs_nothing_and_a_return_sees_what_changed(backend: MemoryBackend) -> None:
    async with running(Hub(backend, poll_s=0.01, sample_s=0.02, idle_s=0.2)) as hub:
        await settled(hub)
        loader = Loader()
        await hub.page("key", JOBS, loader)
        await until(lambda: hub.gauges().cached == 0)
        polls = hub.gauges().polls
        await asyncio.sleep(0.1)
        assert hub.gauges().polls == polls
        assert hub.gauges().topics == 0
        backend.add(job_row())
        seen, value = await hub.page("key", JOBS, loader)
        assert value == 2
        backend.add(job_row())
        assert await hub.wait(JOBS, seen, SOON) > seen
