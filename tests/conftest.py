"""Fixtures for every test: a fresh migrated database on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from execution_ops import frontend
from execution_ops.backends.embedded.engines import ledger_engine
from tests.databases import PostgresServer, migrated, postgres_server

# Each run tries the same examples, however busy the machine is.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

KINDS = ("sqlite", "postgresql")
# On SQLite, through a live server and the gateway to it.
WIRE = "gateway"
ENGINE = frozenset(
    {
        *("test_baseline_jobs", "test_clear_spell", "test_counters", "test_execution", "test_execution_control"),
        *("test_execution_load", "test_intake", "test_kits", "test_kits_export", "test_kits_quarantine"),
        *("test_kits_trust", "test_letter_chains", "test_many", "test_many_groups", "test_quota_changes"),
        *("test_queue_health", "test_rates", "test_run_stream", "test_replays", "test_overview"),
        *("test_fleet", "test_known_values", "test_quotas"),
    }
)


# Browser tests that share a running console stay in one test process; the others have servers of their own.
_SHARED = {
    "failing": ("test_dead_letters.py", "test_replays.py", "test_run_stream.py", "test_runs.py"),
    "own": (
        *("test_analyzers.py", "test_offline_site.py", "test_scanner_settings.py", "test_scheduler.py"),
        *("test_export.py", "test_scheduler_story.py", "test_workers.py"),
    ),
}


class _Shares(LoadScopeScheduling):
    """A file stays in one test process, and so do all files that share a running console. A long walk is spread."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if "/e2e/shell/" in path:
            return "catalogue"
        if path.endswith("/walk/test_look.py"):
            return nodeid
        if "/e2e/walk/" in path:
            return "walk"
        if "/e2e/" not in path or "/e2e/journeys/" in path or path.endswith(_SHARED["own"]):
            return path
        return "failing" if path.endswith(_SHARED["failing"]) else "console"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Shares:
    """How the tests are spread over the processes of `-n`."""
    return _Shares(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The engine is tried on SQLite with each change; what it does on PostgreSQL, too, takes long."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        # Over the wire a sample of each area is enough for each change: what is about the engine is long.
        wire = item.path.stem in ENGINE and f"[{WIRE}" in item.name
        if wire or ("[postgresql" in item.name and "bench" in item.fixturenames):
            item.add_marker(pytest.mark.long)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed content may hold the time: as a test's name it would differ from process to process."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def build() -> Path:
    """The compiled frontend of the present sources."""
    frontend.ensure()
    return frontend.BUILD


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this test process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated database to copy."""
    name, url = postgres.create()
    migrated(url)
    return name


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name, url = server.create()
    yield url
    server.drop(name)


@contextmanager
def fresh_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh migrated database of that kind."""
    if kind in ("sqlite", WIRE):
        path = folder / "ledger.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name, url = server.create(request.getfixturevalue("postgres_template"))
    yield url
    server.drop(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh migrated database; the test runs once on each kind."""
    with fresh_database(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh migrated database."""
    engine = ledger_engine(database_url)
    yield engine
    engine.dispose()
