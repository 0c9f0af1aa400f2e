"""A comparison pauses Python's collector, and it is on again whatever happened."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from execution_ops.domain.errors import NotFound
from execution_ops.domain.sbom_diff import Comparison, DiffCounts
from execution_ops.domain.sbom_parts import Inventory, pack
from execution_ops.services import comparisons
from execution_ops.services.comparisons import compare_files


class _Files:
    """One file of packages for all baselines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def baseline_file(self, _parts: str) -> Path:
        return self._path


class _Baseline:
    parts = "0" * 64


def _compare(path: Path) -> Comparison:
    return compare_files(cast(Any, _Files(path)), cast(Any, _Baseline()), cast(Any, _Baseline()))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "parts"
    path.write_bytes(pack(Inventory(frozenset({"pkg:npm/a\t1\t\ta\t\tlibrary"}))))
    return path


def test_the_collector_pauses_until_the_last_of_several_is_done(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, seen = threading.Barrier(2, timeout=60), []
    first_done = threading.Event()

    def slow(_left: Inventory, _right: Inventory) -> Comparison:
        turn = both.wait()
        if turn:
            assert first_done.wait(60)
        seen.append(gc.isenabled())
        return Comparison((), DiffCounts(), ())

    monkeypatch.setattr(comparisons, "compare", slow)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(_compare, stored) for _ in range(2)]
        for future in futures:
            future.add_done_callback(lambda _: first_done.set())
        for future in futures:
            future.result()
    assert seen == [False, False]
    assert gc.isenabled()


def test_the_collector_is_on_again_after_a_failure(tmp_path: Path, stored: Path) -> None:
    assert _compare(stored).counts.same == 1
    assert gc.isenabled()
    with pytest.raises(NotFound):
        _compare(tmp_path / "missing")
    assert gc.isenabled()


def test_the_collector_is_on_again_when_a_comparison_breaks(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_left: Inventory, _right: Inventory) -> Comparison:
        raise MemoryError

    monkeypatch.setattr(comparisons, "compare", broken)
    with pytest.raises(MemoryError):
        _compare(stored)
    assert gc.isenabled()
