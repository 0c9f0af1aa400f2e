"""Comparisons of stored inventories, kept in memory: what is compared never changes, so an answer stays true."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from execution_ops.backends.base_baselines import BaselineBackend
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import NotFound
from execution_ops.domain.sbom_diff import Comparison, compare
from execution_ops.domain.sbom_parts import Damaged, Inventory, unpack

# Of all comparisons together; a row of two packages takes about half a kilobyte.
ROWS_MAX = 150_000
ENTRIES_MAX = 64


class Comparisons:
    """The last comparisons of this process by what was compared. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Comparison] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, files: BaselineBackend, left: Baseline, right: Baseline) -> Comparison:
        """What changed from one baseline to another; see `compare_files`."""
        key = (left.parts, right.parts)
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        found = compare_files(files, left, right)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > 1 and self._size() > ROWS_MAX:
                self._kept.popitem(last=False)
            while len(self._kept) > ENTRIES_MAX:
                self._kept.popitem(last=False)
        return found

    def _size(self) -> int:
        return sum(len(one.rows) for one in self._kept.values())


def compare_files(files: BaselineBackend, left: Baseline, right: Baseline) -> Comparison:
    """What changed from one baseline to another; NotFound, in words, if a file is not here any more or damaged."""
    before, after = _read(files.baseline_file(left.parts)), _read(files.baseline_file(right.parts))
    with _COLLECTOR.paused():
        return compare(before, after)


class _Collector:
    """Python's cyclic collector, which looks through all packages again and again as a comparison makes them, and
    then takes as long as the comparison: it pauses meanwhile. What is made holds no cycles."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pauses = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the collector off; it is on again when the last of several threads is done."""
        with self._lock:
            self._pauses += 1
            gc.disable()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if not self._pauses:
                    gc.enable()


_COLLECTOR = _Collector()


def _read(path: Path | None) -> Inventory:
    gone = NotFound("The packages of this baseline are not stored any more: it can't be compared.", code="NO_DOCUMENT")
    if path is None:
        raise gone
    try:
        return unpack(path.read_bytes())
    except (OSError, Damaged) as error:
        raise gone from error
