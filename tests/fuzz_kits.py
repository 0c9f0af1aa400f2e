"""Verifies kits that are nearly right, by the hundred thousand: `python -m tests.fuzz_kits [--cases N] [--seed N]`.

Of every case is asked: no exception, the verdict alone; no case over two seconds of a processor; nothing opened for
writing outside of the folder that it is unpacked to; and what is verified is unpacked to what its manifest says. The
short form is in `tests/unit/scanner/test_kit_fuzz.py`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from execution_ops.domain.kits import CheckStatus, CheckStep, KitReport
from execution_ops.scanner.kits import unpacking
from tests import kit_samples as samples
from tests.kit_mutations import mutant

SLOWEST_S = 2.0
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")


_BESIDE_FROM = unpacking.BESIDE_FROM


class Watch:
    """Notices each write outside of one folder, by the interpreter's own audit."""

    def __init__(self, folder: Path) -> None:
        self.outside: list[str] = []
        self.active = False
        self._folder = f"{folder}{os.sep}"
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
        if (writes or event in _CHANGES) and not f"{arguments[0]}".startswith(self._folder):
            # The removal of a tree names its members by an open directory, which was named whole before.
            if event in ("os.remove", "os.rmdir") and os.sep not in f"{arguments[0]}":
                return
            self.outside.append(f"{event} {arguments[0]}")


class Bench:
    """Where cases are verified, one after the other, in `root`."""

    def __init__(self, root: Path) -> None:
        self._work = root / "work"
        self._work.mkdir()
        self._source = root / "kit.tar"
        self._into = self._work / "into"
        self.watch = Watch(self._work)

    def try_out(self, kit: bytes) -> tuple[KitReport, float]:
        """The verdict on a kit and the seconds that it took; AssertionError if anything is not as it must be."""
        self._source.write_bytes(kit)
        started = time.process_time()
        self.watch.active = True
        report = samples.verified(self._source, self._into)
        self.watch.active = False
        took = time.process_time() - started
        assert not self.watch.outside, self.watch.outside
        assert took < SLOWEST_S, f"{took:.2f} s"
        assert [check.step for check in report.checks] == list(CheckStep)
        assert report.verified is all(check.status is not CheckStatus.FAILED for check in report.checks)
        assert report.failure.replace("\n", "").isprintable()
        assert self._into.exists() is report.verified
        if report.verified:
            assert report.manifest is not None
            found = {name: samples.sha256(data) for name, data in samples.tree(self._into).items()}
            assert found == {entry.name: entry.sha256 for entry in report.manifest.entries}
            shutil.rmtree(self._into)
        return report, took


def main() -> None:
    """Try the cases out and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    verdicts: Counter[str] = Counter()
    slowest = 0.0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as root:
        bench = Bench(Path(root))
        for case in range(arguments.cases):
            seed = f"{arguments.seed}/{case}"
            kit = mutant(Random(seed))
            # Small kits are verified without threads, so some are made to use them.
            unpacking.BESIDE_FROM = _BESIDE_FROM if case % 8 else 0
            try:
                report, took = bench.try_out(kit)
            except BaseException:
                kept = Path(tempfile.gettempdir()) / "fuzz-kit.tar"
                kept.write_bytes(kit)
                print(f"case {seed} failed; the kit is kept as {kept}", file=sys.stderr)
                raise
            verdicts[report.category or "verified"] += 1
            slowest = max(slowest, took)
    took = time.perf_counter() - started
    for verdict, count in verdicts.most_common():
        print(f"{count:>8,}  {verdict}")
    print(f"{arguments.cases:,} kits in {took:,.0f} s, the slowest in {slowest * 1000:.0f} ms.")
    print("No exception, no write outside, nothing verified that is not what it says.")


if __name__ == "__main__":
    main()
