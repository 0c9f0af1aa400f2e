"""Finding the targets of a run under the scan roots: candidates, what is left out of them and why, and what is to
run for each. The planner does it on a worker; a preview does it in the console, on the same code."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import REGISTRY, DagSpec, NodeSpec
from execution_ops.domain.runs import Plan, Planned
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.schedules import Mode, ScheduleSpec, check_for_schedules, fill
from execution_ops.domain.text import is_unicode, visible
from execution_ops.scanner.plan import INSPECT, PLAIN, scan_spec

# A glob that matches more than this is a mistake, and would keep a worker busy for long.
CANDIDATES_MAX = 50_000
# Of a directory with more entries than this, a stamp would cost more than the run that it spares.
STAMPED_MAX = 50_000
_MAGIC = frozenset("*?[")
_TITLE_MAX = 200

Known = Callable[[Sequence[str]], Mapping[str, str]]


class _Finder:
    """One search; `seen` are the real paths that are targets already."""

    def __init__(self, roots: Sequence[Path], spec: ScheduleSpec) -> None:
        self._roots = [root.resolve() for root in roots]
        self._spec = spec
        self._seen: set[str] = set()
        self.found: list[tuple[str, str]] = []
        self.candidates = 0
        self.deduped = 0

    def add(self, pattern: str) -> None:
        """Look for what one target or glob of the schedule names."""
        for path in self._matches(pattern):
            self.candidates += 1
            if self.candidates > CANDIDATES_MAX:
                raise InvalidInput(f"The targets match more than {CANDIDATES_MAX:,} paths: name fewer.")
            real = os.path.realpath(path)
            if real in self._seen:
                self.deduped += 1
            else:
                self._seen.add(real)
                self.found.append((pattern, path))

    def _matches(self, pattern: str) -> Iterator[str]:
        if not _MAGIC & set(pattern):
            # One that does not exist stays a candidate: its job says so, and a run without it would hide that.
            if not self._inside(pattern):
                raise InvalidInput(f"{visible(pattern)} is not below the scan roots.")
            yield pattern
            return
        fixed = pattern[: next(i for i, character in enumerate(pattern) if character in _MAGIC)].rpartition("/")[0]
        if not self._inside(fixed or "/"):
            raise InvalidInput(f"{visible(pattern)} is not below the scan roots.")
        # A link that leads out of the roots, and a name that no ledger could take, is no match.
        found = (path for path in glob.iglob(pattern, recursive=True) if is_unicode(path) and self._inside(path))
        # One more than are taken, so that too many are refused before all of them are in memory.
        yield from sorted(islice(found, CANDIDATES_MAX + 1))

    def _inside(self, path: str) -> bool:
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(root) for root in self._roots)


def find_targets(
    roots: Sequence[Path],
    spec: ScheduleSpec,
    *,
    again: Sequence[str] | None = None,
    known: Known,
    options: ScanOptions = PLAIN,
) -> Plan:
    """The plan of a run.

    `again` are the targets of an earlier run that it repeats. `known` answers what targets held when they last
    succeeded for the schedule, which decides in mode `analysis-only`. Scans are started with `options`. InvalidInput,
    in words, for a target outside of the scan roots and for too many; OSError if a directory can't be read.
    """
    if not spec.targets:
        return Plan(
            targets=(Planned(pattern="", target="", content="", spec=dag_for(spec, "", options)),), candidates=1
        )
    finder = _Finder(roots, spec)
    for pattern in spec.targets if again is None else again:
        finder.add(pattern)
    stamps = _stamps(spec, finder.found)
    before = known(list(stamps)) if stamps else {}
    changed = [(name, path) for name, path in finder.found if not stamps.get(path) or before.get(path) != stamps[path]]
    kept = changed[: spec.max_jobs]
    return Plan(
        targets=tuple(
            Planned(pattern=name, target=path, content=stamps.get(path, ""), spec=dag_for(spec, path, options))
            for name, path in kept
        ),
        candidates=finder.candidates,
        deduped=finder.deduped,
        unchanged=len(finder.found) - len(changed),
        over=len(changed) - len(kept),
    )


def dag_for(spec: ScheduleSpec, target: str, options: ScanOptions = PLAIN) -> DagSpec:
    """What runs for one target: the scan's pipeline, or a single job with the payload of the template.

    InvalidInput for a job type that no schedule may start.
    """
    if spec.job_type == INSPECT:
        return scan_spec(target, options)
    # Once more: the schedule may be older than the rule.
    if (entry := REGISTRY.get(spec.job_type)) is not None:
        check_for_schedules(entry)
    node = NodeSpec(key="job", job_type=spec.job_type, payload=fill(spec.payload, target))
    return DagSpec(title=f"{spec.name}: {target}"[:_TITLE_MAX] if target else spec.name, nodes=(node,))


def _stamps(spec: ScheduleSpec, found: Sequence[tuple[str, str]]) -> dict[str, str]:
    if spec.mode is not Mode.ANALYSIS_ONLY:
        return {}
    return {path: _stamp(Path(path)) for _, path in found}


def _stamp(path: Path) -> str:
    """A digest of the names, sizes and times below a path; empty if there are too many, or it can't be read."""
    digest = hashlib.sha256()
    try:
        for i, entry in enumerate(_entries(path)):
            if i == STAMPED_MAX:
                return ""
            about = entry.lstat()
            digest.update(f"{os.fspath(entry)!r} {about.st_size} {about.st_mtime_ns} {about.st_mode}\n".encode())
    except OSError:
        # Whatever is wrong with it, the job that reads it says so.
        return ""
    return digest.hexdigest()


def _entries(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted((*folders, *files)):
                yield Path(folder, name)
