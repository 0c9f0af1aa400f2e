"""Asking Syft, self-tests, default analyzers and the cache, with a program in the place of Syft."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from execution_ops.domain.analyzers import REFRESH_TYPE, SELFTEST_TYPE
from execution_ops.domain.job_types import JobFailed, JobResult, NodeSpec
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.scanner_settings import Determinism
from execution_ops.scanner import self_tests
from execution_ops.scanner.plan import scan_spec
from execution_ops.scanner.syft import find
from tests.unit.scanner.fake_syft import write
from tests.unit.scanner.scan_context import Context, Memory, run_node

GO = ["pkg:golang/github.com/google/uuid@v1.6.0", "pkg:golang/golang.org/x/text@v0.14.0"]
FOUND = {"go-module-file-cataloger": GO}


def selftest(analyzer: str) -> NodeSpec:
    return NodeSpec(key=analyzer, job_type=SELFTEST_TYPE, payload={"analyzer": analyzer})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "sources" / "app.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("go.mod", "module example.org/app\n")
        made.writestr("requirements.txt", "click==8.1.7\n")
    return path


def context(base: Path, syft: Path, memory: Memory | None = None, key: str = "inspect") -> Context:
    made = Context(base, [base / "sources"], node_key=key, syft=str(syft))
    made.memory = memory or Memory()
    return made


def test_syft_is_asked_anew_and_its_answer_is_kept(tmp_path: Path) -> None:
    syft = write(tmp_path / "syft", FOUND)
    ctx = context(tmp_path, syft)
    result = run_node(ctx, NodeSpec(key="refresh", job_type=REFRESH_TYPE))
    assert result.value["version"] == "1.18.1"
    assert result.value["analyzers"] == ["go", "python", "system"]
    [(answer, problem)] = ctx.memory.asked
    assert answer is not None
    assert (answer.program, len(answer.catalogers), problem) == (str(syft), 3, "")
    # The same file, by its name, time and size, has become another program.
    before = syft.stat()
    write(syft, FOUND, version="1.18.2")
    import os

    os.utime(syft, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run_node(ctx, NodeSpec(key="refresh", job_type=REFRESH_TYPE)).value["version"] == "1.18.2"


def test_a_syft_that_is_not_there_is_kept_as_a_problem(tmp_path: Path) -> None:
    ctx = context(tmp_path, tmp_path / "nowhere")
    with pytest.raises(JobFailed, match="Syft is not there"):
        run_node(ctx, NodeSpec(key="refresh", job_type=REFRESH_TYPE))
    [(answer, problem)] = ctx.memory.asked
    assert answer is None
    assert "Syft is not there" in problem


def test_a_self_test_passes_when_exactly_the_expected_is_found(tmp_path: Path) -> None:
    ctx = context(tmp_path, write(tmp_path / "syft", FOUND))
    result = run_node(ctx, selftest("go"))
    assert result.value["passed"]
    assert result.value["found"] == GO
    [test] = ctx.memory.tests
    assert test.passed
    assert test.sentence() == "Found all 2 expected components, and nothing else."


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (GO[:1], "missing: pkg:golang/golang.org/x/text@v0.14.0"),
        ([*GO, "pkg:golang/example.org/extra@v1.0.0"], "unexpected: pkg:golang/example.org/extra@v1.0.0"),
    ],
)
def test_a_self_test_that_finds_another_thing_fails_its_job(tmp_path: Path, found: list[str], said: str) -> None:
    ctx = context(tmp_path, write(tmp_path / "syft", {"go-module-file-cataloger": found}))
    with pytest.raises(JobFailed, match=said) as failed:
        run_node(ctx, selftest("go"))
    assert failed.value.permanent
    [test] = ctx.memory.tests
    assert not test.passed
    assert test.found == tuple(sorted(found))


def test_a_self_test_tells_of_a_syft_without_the_analyzer_and_of_none_at_all(tmp_path: Path) -> None:
    ctx = context(tmp_path, write(tmp_path / "syft", FOUND))
    with pytest.raises(JobFailed, match="offers no cataloger of the analyzer rust"):
        run_node(ctx, selftest("rust"))
    assert not ctx.memory.tests[0].passed
    with pytest.raises(JobFailed, match="no fixture"):
        run_node(ctx, selftest("binaries"))
    gone = context(tmp_path, tmp_path / "nowhere")
    with pytest.raises(JobFailed, match="Syft is not there"):
        run_node(gone, selftest("go"))
    assert "Syft is not there" in gone.memory.tests[0].problem


def test_every_fixture_can_be_made_and_says_what_it_holds(tmp_path: Path) -> None:
    assert {"python", "javascript", "java", "go", "rust", "system", "github-actions"} <= self_tests.tested()
    for name in self_tests.tested():
        assert self_tests.lay_out(name, tmp_path / name) > 0
        assert self_tests.expected(name) == tuple(sorted(set(self_tests.expected(name))))
        assert not list((tmp_path / name).rglob("expected.json"))
    assert (tmp_path / "github-actions" / ".github" / "workflows" / "build.yml").is_file()
    with zipfile.ZipFile(tmp_path / "java" / "greeter-1.2.3.jar") as jar:
        assert "META-INF/MANIFEST.MF" in jar.namelist()


@pytest.mark.parametrize("analyzer", sorted(self_tests.tested()))
def test_the_syft_that_the_project_pins_passes_every_self_test(tmp_path: Path, analyzer: str) -> None:
    ctx = context(tmp_path, Path(find("")))
    result = run_node(ctx, selftest(analyzer))
    assert result.value["passed"]
    assert result.value["found"] == list(self_tests.expected(analyzer))


def inspected(base: Path, syft: Path, archive: Path, options: ScanOptions, memory: Memory) -> JobResult:
    return run_node(context(base, syft, memory), scan_spec(str(archive), options).nodes[0])


def test_disabled_analyzers_are_left_out_and_named(tmp_path: Path, archive: Path) -> None:
    ctx = context(tmp_path, write(tmp_path / "syft", FOUND))
    options = ScanOptions(disabled=("go", "rust"), analyzers_version=3)
    result = run_node(ctx, scan_spec(str(archive), options).nodes[0])
    assert list(result.value["analyzers"]) == ["python"]
    assert result.value["left_out"] == ["go"]
    assert [node.label for node in result.fan_out] == ["python"]
    assert any("Left out by version 3 of the defaults: go" in line for line in ctx.captured.lines)
    assert len(ctx.memory.met) == 1


def test_what_was_found_in_the_same_content_is_taken_from_the_cache(tmp_path: Path, archive: Path) -> None:
    syft, memory = write(tmp_path / "syft", FOUND), Memory()

    def catalogued(options: ScanOptions) -> tuple[JobResult, Context]:
        nodes = inspected(tmp_path, syft, archive, options, memory).fan_out
        node = next(one for one in nodes if one.label == "go")
        ctx = context(tmp_path, syft, memory, node.key)
        return run_node(ctx, node), ctx

    first, ran = catalogued(ScanOptions())
    again, rested = catalogued(ScanOptions(settings_version=2))
    assert (first.value["cached"], again.value["cached"], again.value["from_job"]) == (False, True, "earlier")
    assert again.artifacts == first.artifacts
    assert any(command[1] == "scan" for command in ran.commands)
    assert not rested.commands
    assert any("Taken from the cache, found at 2026-01-23" in line for line in rested.captured.lines)
    # Another seed could give another document.
    other, _ = catalogued(ScanOptions(determinism=Determinism(seed=7)))
    assert not other.value["cached"]
    # A determinism check runs in full.
    assert not catalogued(ScanOptions(fresh=True))[0].value["cached"]
    memory.on = False
    assert not catalogued(ScanOptions())[0].value["cached"]


def test_a_directory_has_no_digest_and_is_never_cached(tmp_path: Path, archive: Path) -> None:
    syft, memory = write(tmp_path / "syft", FOUND), Memory()
    (archive.parent / "tree").mkdir()
    (archive.parent / "tree" / "go.mod").write_text("module example.org/app\n")
    for node in inspected(tmp_path, syft, archive.parent / "tree", ScanOptions(), memory).fan_out:
        run_node(context(tmp_path, syft, memory, node.key), node)
    assert memory.entries == {}
