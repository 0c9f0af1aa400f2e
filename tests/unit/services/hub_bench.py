"""A hub under test: how it runs, who looks on, and loaders that count."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from execution_ops.domain.topics import JOBS
from execution_ops.services.live import Hub
from tests.doubles import MemoryBackend

SOON = 5.0


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[Hub]:
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def hub(backend: MemoryBackend) -> AsyncIterator[Hub]:
    # A machine that stands still for a moment must not look like nobody looking on: the usual time until idle stays.
    async with running(Hub(backend, poll_s=0.01, sample_s=0.02, age_s=0.3)) as made:
        yield made


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


class Loader:
    """Counts its calls; `gate` holds them back."""

    def __init__(self) -> None:
        self.calls = 0
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.calls += 1
        assert self.gate.wait(SOON)
        if self.error:
            raise self.error
        return self.calls


async def settled(hub: Hub) -> None:
    """Look on, as a tab does, until the hub knows its place in the feed."""
    async with asyncio.timeout(SOON):
        while not hub.gauges().polls:
            await hub.page("settle", JOBS, lambda: None)
            await asyncio.sleep(0.005)
