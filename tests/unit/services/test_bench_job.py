"""The job that measures, with a program that stands in for Syft where what it does would not tell more."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops.domain.access import local_operator
from execution_ops.domain.benchmarks import NewResult, Result, Series
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.job_types import DagSpec, JobCanceled, JobFailed, JobResult
from execution_ops.domain.scanner_settings import ScanLimits, ScannerSettings
from execution_ops.domain.verbs import Stamp
from execution_ops.scanner import syft
from execution_ops.scanner.archives import Limits
from execution_ops.scanner.sources import Source
from execution_ops.scanner.syft import Target
from execution_ops.services import bench_job, own_jobs
from execution_ops.services.bench_job import BenchPayload, run_benchmark, this_machine
from execution_ops.services.benchmarks import BenchmarkService, BenchOrder
from tests.bench_samples import result
from tests.unit.scanner import scan_samples as samples
from tests.unit.scanner.scan_context import Context

DOCUMENT = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a"}, {"name": "b"}]}
OFFERED = {
    "catalogers": [
        {"name": "go-module-file-cataloger", "tags": ["directory", "go"]},
        {"name": "rust-cargo-lock-cataloger", "tags": ["directory", "rust"]},
    ]
}
SCRIPT = f"""#!/bin/sh
case "$1" in
version) echo '{{"version": "9.9.9"}}' ;;
cataloger) echo '{json.dumps(OFFERED)}' ;;
*) echo '{json.dumps(DOCUMENT)}' ;;
esac
"""


class Kept:
    """Where the job keeps its results."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.down = False

    def keep_benchmark(self, new: NewResult) -> Result:
        if self.down:
            raise Unavailable("The database does not answer.")
        kept = result(1.0, **{**dict(new)})
        self.results.append(kept)
        return kept

    def benchmarks_of(self, job_id: str, *, tenants: frozenset[str] | None) -> list[Series]:
        return [Series(result=one, baseline=None, results=1) for one in self.results if one.job_id == job_id]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    held = Kept()
    monkeypatch.setattr(own_jobs.LEDGER, "_tools", held)
    return held


@pytest.fixture
def context(tmp_path: Path) -> Context:
    program = tmp_path / "fake-syft"
    program.write_text(SCRIPT, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Context(tmp_path / "base", [tmp_path], node_key="bench", syft=str(program))


def measure(context: Context, scenario: str = "go_modules", **changes: object) -> JobResult:
    values = {"scenario": scenario, "iterations": 2, "warm_up": 1, "by": "ann", **changes}
    found = run_benchmark(context, BenchPayload.model_validate(values))
    assert isinstance(found, JobResult)
    return found


def scans(context: Context) -> int:
    return sum("scan" in command for command in context.commands)


def test_a_scenario_is_measured_with_the_analyzers_that_it_was_made_for(context: Context, kept: Kept) -> None:
    found = measure(context)
    assert found.value == {"scenario": "go_modules", "analyzers": ["go"]}
    (one,) = kept.results
    assert (one.analyzer, one.iterations, one.warm_up, len(one.samples)) == ("go", 2, 1, 2)
    assert (one.syft, one.created_by, one.components, one.tenant) == ("9.9.9", "ann", 2, "default")
    assert all(sample.wall_ms > 0 and sample.peak_bytes > 100_000 for sample in one.samples)
    assert scans(context) == 3
    assert (context.work_dir / "tree").is_dir()
    assert context.steps[-1] == (2, 3, "go: pass 2 of 2")


def test_a_second_try_measures_only_what_is_left(context: Context, kept: Kept) -> None:
    kept.results.append(result(5.0, analyzer="go", job_id=context.job_id))
    measure(context, analyzers=("go", "rust"), warm_up=0)
    assert [one.analyzer for one in kept.results] == ["go", "rust"]
    assert scans(context) == 2


def test_an_own_tree_is_measured_with_what_it_calls_for(context: Context, kept: Kept, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "Cargo.lock").write_text("version = 3\n", encoding="utf-8")
    measure(context, f"path:{own}", iterations=1)
    assert [(one.scenario, one.analyzer) for one in kept.results] == [(f"path:{own}", "rust")]


def test_what_cannot_be_measured_is_said_in_words(context: Context, kept: Kept, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for scenario, changes, words in (
        ("none", {}, "There is no scenario 'none'"),
        ("go_modules", {"analyzers": ("ruby",)}, "no analyzer ruby"),
        (f"path:{empty}", {}, "No analyzer finds files"),
        ("path:/etc", {}, "not found below the scan roots"),
        (f"path:{tmp_path}/none", {}, "not found below the scan roots"),
    ):
        with pytest.raises(JobFailed, match=words) as caught:
            measure(context, scenario, **changes)
        assert caught.value.permanent
    assert not kept.results


@pytest.mark.parametrize("limits", [ScanLimits(files_max=1), ScanLimits(unpacked_max=1 << 20)])
def test_an_own_archive_keeps_to_the_limits_of_its_order(
    context: Context, kept: Kept, tmp_path: Path, limits: ScanLimits
) -> None:
    files = {"a/go.mod": b"module a\n", "b/go.mod": b"module b\n", "data": b"x" * (2 << 20)}
    samples.write(tmp_path, {"own.tar": samples.tar_bytes(files)})
    with pytest.raises(JobFailed, match="unpacks to more than"):
        measure(context, f"path:{tmp_path}/own.tar", limits=limits)
    assert not kept.results


def test_an_order_takes_the_limits_of_the_settings_along() -> None:
    limits, submitted = ScanLimits(files_max=7), list[DagSpec]()
    backend: Any = SimpleNamespace(
        scanner_settings=lambda: SimpleNamespace(settings=ScannerSettings(limits=limits)),
        submit=lambda spec, **_: submitted.append(spec),
    )
    actor = local_operator()
    order = BenchOrder(path="/srv/app")
    BenchmarkService(backend).start(actor, order, Stamp(actor=actor), tenant="acme")
    assert BenchPayload.model_validate(submitted[0].nodes[0].payload).limits == limits


def test_an_own_source_is_prepared_within_the_limits_of_its_order(
    context: Context, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Limits] = []

    def prepared(_: object, source: Source, limits: Limits) -> Target:
        seen.append(limits)
        return Target("dir", Path(source.path))

    monkeypatch.setattr(bench_job, "prepare", prepared)
    own = samples.write(tmp_path / "own", {"go.mod": b"module a\n"})
    measure(context, f"path:{own}", limits=ScanLimits(files_max=7))
    assert [one.members for one in seen] == [7]


def test_a_cancel_stops_before_the_next_pass(context: Context, kept: Kept) -> None:
    context.stop = JobCanceled()
    with pytest.raises(JobCanceled):
        measure(context)
    assert not kept.results
    assert scans(context) == 0


def test_a_database_that_is_away_costs_only_the_try(context: Context, kept: Kept) -> None:
    kept.down = True
    with pytest.raises(Unavailable):
        measure(context)


def test_without_a_ledger_nothing_is_measured(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_jobs.LEDGER, "_tools", None)
    with pytest.raises(JobFailed, match="without access to the ledger"):
        measure(context)


def test_a_syft_that_fails_is_a_failed_benchmark(context: Context, kept: Kept) -> None:
    Path(context.syft).write_text(SCRIPT.replace(f"*) echo '{json.dumps(DOCUMENT)}'", "*) exit 4"), encoding="utf-8")
    with pytest.raises(JobFailed, match="exit code 4"):
        measure(context)


def test_the_real_syft_is_measured(tmp_path: Path, kept: Kept) -> None:
    context = Context(tmp_path / "base", [tmp_path], node_key="bench", syft="")
    own = tmp_path / "own"
    own.mkdir()
    (own / "go.mod").write_text("module example.org/a\n\nrequire example.org/b v1.2.3\n", encoding="utf-8")
    measure(context, f"path:{own}", analyzers=("go",), iterations=1, warm_up=0)
    (one,) = kept.results
    assert one.syft == syft.ask(context).version
    assert one.components >= 1
    assert 10_000_000 < one.figures.peak_bytes < 2_000_000_000


def test_the_machine_is_told() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.memory_bytes > 100_000_000
    assert machine.host
