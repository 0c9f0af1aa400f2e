"""Clients of the REST interface, on a backend in memory and on a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from execution_ops.api.app import create_api
from execution_ops.api.deps import actor_of
from execution_ops.domain.access import Actor
from execution_ops.services.container import Services, compose
from execution_ops.settings import Settings
from tests.api.document import CHECKED
from tests.doubles import MemoryBackend
from tests.execution import Bench

ORIGIN = "http://127.0.0.1:8420"
ADDRESS = "192.0.2.7"


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
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, event_hooks=CHECKED) as made:
        yield made


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Bench]:
    """A real ledger, for what the backend in memory does not keep: dead letters and replay plans."""
    directory = tmp_path_factory.mktemp("ledger")
    shutil.copyfile(sqlite_template, directory / "ledger.db")
    made = Bench(f"sqlite:///{directory / 'ledger.db'}", directory)
    yield made
    made.close()


@pytest.fixture
async def console(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the interface on that ledger, from another address than the server's."""
    async with client_of(bench) as made:
        yield made


def client_of(bench: Bench, actor: Actor | None = None) -> httpx.AsyncClient:
    """A client on the ledger, as the actor if given."""
    services = compose(bench.settings, bench.backend)
    app = create_api(lambda: services)
    if actor is not None:
        app.dependency_overrides[actor_of] = lambda: actor
    transport = httpx.ASGITransport(app, client=(ADDRESS, 1024))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, event_hooks=CHECKED)
