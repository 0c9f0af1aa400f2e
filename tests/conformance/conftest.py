"""The engine under test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution import Bench


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A backend without a worker; `bench.work()` starts one."""
    bench = Bench(database_url, tmp_path)
    yield bench
    bench.close()
