"""The trees that benchmarks measure with, and the meter."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from execution_ops.domain.job_types import JobCanceled
from execution_ops.scanner import metered as meter
from execution_ops.scanner.analyzers import GROUPS, Survey
from execution_ops.scanner.metered import metered, read_usage
from execution_ops.scanner.scenarios import SCENARIOS, build, scenario

NAMES = [one.name for one in SCENARIOS]
MB = 1_000_000


def digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(root)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_a_tree_is_the_same_to_the_byte_and_calls_for_its_analyzers(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    count = build(name, first, lambda: None)
    assert count == build(name, second, lambda: None) == sum(path.is_file() for path in first.rglob("*"))
    assert digest(first) == digest(second)
    known = scenario(name)
    assert known is not None
    seen = Survey()
    for path in first.rglob("*"):
        seen.add(path.relative_to(first).as_posix(), 1)
    assert all(seen.applies(analyzer) for analyzer in known.analyzers)
    assert set(known.analyzers) <= {group.name for group in GROUPS}


def test_there_are_several_ecosystems_and_each_says_what_it_is() -> None:
    assert len({one.ecosystem for one in SCENARIOS}) >= 5
    assert len(set(NAMES)) == len(NAMES)
    assert all(one.title and one.description for one in SCENARIOS)
    assert scenario("none") is None


def test_a_tree_that_is_not_wanted_any_more_is_left(tmp_path: Path) -> None:
    made = 0

    def step() -> None:
        nonlocal made
        made += 1
        if made > 10:
            raise JobCanceled

    with pytest.raises(JobCanceled):
        build("node_monorepo_walk", tmp_path, step)
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 10


def test_the_archives_are_archives(tmp_path: Path) -> None:
    build("java_demo_archive", tmp_path, lambda: None)
    (war, *_) = sorted(tmp_path.rglob("*.war"))
    assert zipfile.ZipFile(war).testzip() is None


def run(out: Path, script: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*metered(out), sys.executable, "-I", "-S", "-c", script], capture_output=True, check=False)


def test_the_meter_tells_the_memory_of_the_program_and_not_of_who_started_it(tmp_path: Path) -> None:
    held = bytearray(200 * MB)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    assert run(tmp_path / "small", "print(1)").returncode == 0
    assert run(tmp_path / "large", f"x = b'y' * {120 * MB}").returncode == 0
    small, large = read_usage(tmp_path / "small"), read_usage(tmp_path / "large")
    assert 1 * MB < small.peak_bytes < 60 * MB
    assert 120 * MB < large.peak_bytes < 180 * MB
    assert len(held) == 200 * MB


def test_the_meter_passes_on_output_exit_code_and_time(tmp_path: Path) -> None:
    ended = run(
        tmp_path / "u", "import sys, time; time.sleep(0.2); print('out'); print('err', file=sys.stderr); sys.exit(3)"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"out\n", b"err\n")
    assert 200 <= read_usage(tmp_path / "u").wall_ms < 60_000


def test_the_meter_says_which_signal_ended_the_program(tmp_path: Path) -> None:
    assert run(tmp_path / "u", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)").returncode == 128 + 15


def test_the_meter_says_that_the_program_cannot_be_started(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert meter.main([str(tmp_path / "u"), str(tmp_path / "none")]) == 127
    assert "No such file" in capsys.readouterr().err
    with pytest.raises(OSError, match="No such file"):
        read_usage(tmp_path / "u")
