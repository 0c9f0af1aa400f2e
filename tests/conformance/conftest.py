"""The engine under test, on each kind of database, and over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from execution_ops.backends.embedded import firing
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.domain.times import now_ms
from tests import schedule_bench
from tests.conformance.wire import why_not_over_the_wire
from tests.conftest import KINDS, WIRE, fresh_database
from tests.execution import Bench
from tests.kits import KEY, Site
from tests.remote import Split, served, services_on
from tests.schedule_bench import MINUTE_MS

# Where the files of jobs would be.
STORED = Path("/store")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is tested of an engine on each kind of database is tested over the wire, too, on SQLite."""
    if "database_url" not in metafunc.fixturenames:
        return
    name = f"{metafunc.module.__name__.rpartition('.')[2]}::{metafunc.function.__name__}"
    port = {"bench", "ledger"} & set(metafunc.fixturenames)
    kinds = (*KINDS, WIRE) if port and not why_not_over_the_wire(name) else KINDS
    metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh migrated database; of which kinds, `pytest_generate_tests` says."""
    with fresh_database(request, request.param, tmp_path) as url:
        yield url


def over_the_wire(request: pytest.FixtureRequest) -> bool:
    """Whether the test that asks runs over the wire."""
    found: bool = request.node.callspec.params.get("database_url") == WIRE
    return found


@pytest.fixture
def bench(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A backend without a worker; `bench.work()` starts one. Over the wire it is the gateway to that backend."""
    bench = Bench(database_url, tmp_path)
    with ExitStack() as stack:
        stack.callback(bench.close)
        if over_the_wire(request):
            services = services_on(bench.settings, bench.beneath, bench.registry)
            gateway = stack.enter_context(served(services, tmp_path / "files"))
            bench.backend = Split(gateway, bench.beneath)
        yield bench


@pytest.fixture
def ledger(request: pytest.FixtureRequest, database: Engine, database_url: str, tmp_path: Path) -> Iterator[Any]:
    """What the console reads of a ledger, without an engine."""
    reads = LedgerReads(database, lambda sha256: STORED / sha256)
    if not over_the_wire(request):
        yield reads
        return
    bench = Bench(database_url, tmp_path)
    services = services_on(bench.settings, bench.beneath, bench.registry)
    with closing(bench), served(services, tmp_path / "files") as gateway:
        yield Split(gateway, reads)


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle of this minute, for as long as a test takes: no further due time comes in between."""
    middle = now_ms() // MINUTE_MS * MINUTE_MS + MINUTE_MS // 2
    monkeypatch.setattr(firing, "clock_ms", lambda _connection: middle)
    monkeypatch.setattr(schedule_bench, "now_ms", lambda: middle)


@pytest.fixture
def site(bench: Bench) -> Site:
    """A console for kits, which trusts `KEY`."""
    made = Site(bench.backend, bench.settings)
    made.trust(KEY)
    return made


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """Where kits arrive."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder
