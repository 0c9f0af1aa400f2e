"""The engine under test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from execution_ops.backends.embedded import firing
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.domain.times import now_ms
from tests import schedule_bench
from tests.execution import Bench
from tests.kits import KEY, Site
from tests.schedule_bench import MINUTE_MS

# Where the files of jobs would be.
STORED = Path("/store")


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A backend without a worker; `bench.work()` starts one."""
    bench = Bench(database_url, tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def ledger(database: Engine) -> LedgerReads:
    """What the console reads of a ledger, without an engine."""
    return LedgerReads(database, lambda sha256: STORED / sha256)


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
