"""Services on top of a backend in memory."""

from __future__ import annotations

import pytest

from execution_ops.services.jobs import JobService
from tests.doubles import MemoryBackend


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def jobs(backend: MemoryBackend) -> JobService:
    return JobService(backend)
