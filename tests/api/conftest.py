"""A client of the REST interface on top of a backend in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from execution_ops.api.app import create_api
from execution_ops.services.container import Services, compose
from execution_ops.settings import Settings
from tests.doubles import MemoryBackend

ORIGIN = "http://127.0.0.1:8420"


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def services(backend: MemoryBackend, tmp_path: Path) -> Services:
    return compose(Settings(data_dir=tmp_path, scan_roots=(tmp_path,)), backend)


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_api(lambda: services)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as made:
        yield made
