"""That the settings take effect in scans: documents, processes, limits and time limits; and determinism checks."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.job_types import JobFailed, JobResult
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.scanner_settings import MIB, Determinism, ScanLimits, Timeouts
from execution_ops.scanner import determinism_job
from execution_ops.scanner.determinism_job import ResultsDiffer
from execution_ops.scanner.merge import FEED_SNAPSHOT, POLICY_SNAPSHOT, problems
from execution_ops.scanner.plan import FIRST, SECOND, determinism_spec, scan_spec
from tests.unit.scanner import fake_syft
from tests.unit.scanner import scan_samples as samples
from tests.unit.scanner.scan_context import Context, run_dag, run_node

_ = determinism_job  # importing it registers the job type
FIXED = Determinism(
    fixed_instant=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC),
    seed=7,
    concurrency_limit=3,
    feed_snapshot_id="feeds-42",
    policy_snapshot_id="policy-7",
)


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that answers at once is the Syft on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    fake_syft.write(folder / "syft", {"python-package-cataloger": ["pkg:pypi/flask@3.0.0", "pkg:pypi/requests@2.31.0"]})
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return samples.write(tmp_path / "src", {"requirements.txt": b"requests==2.31.0\nflask==3.0.0\n"})


def document(store: Path, result: JobResult) -> dict[str, Any]:
    text = (store / result.artifacts[0].sha256).read_text(encoding="utf-8")
    assert problems(text) == []
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.usefixtures("quick")
def test_documents_carry_the_fixed_instant_the_seed_and_the_snapshots(source: Path, tmp_path: Path) -> None:
    results, _ = run_dag(scan_spec(str(source), ScanOptions(determinism=FIXED)), tmp_path / "one", [tmp_path])
    for key in ("catalog:python", "merge", "export"):
        assert document(tmp_path / "one" / "artifacts", results[key])["metadata"]["timestamp"] == "2020-02-03T04:05:06Z"
    exported = document(tmp_path / "one" / "artifacts", results["export"])
    named = {one["name"]: one["value"] for one in exported["metadata"]["properties"]}
    assert (named[FEED_SNAPSHOT], named[POLICY_SNAPSHOT]) == ("feeds-42", "policy-7")
    assert results["export"].artifacts[0].sha256 == results["merge"].artifacts[0].sha256

    reseeded = FIXED.model_copy(update={"seed": 8})
    others, _ = run_dag(scan_spec(str(source), ScanOptions(determinism=reseeded)), tmp_path / "two", [tmp_path])
    other = document(tmp_path / "two" / "artifacts", others["export"])
    assert other["serialNumber"] != exported["serialNumber"]
    assert {**other, "serialNumber": ""} == {**exported, "serialNumber": ""}
    plain, _ = run_dag(scan_spec(str(source)), tmp_path / "three", [tmp_path])
    unnamed = document(tmp_path / "three" / "artifacts", plain["export"])
    assert FEED_SNAPSHOT not in json.dumps(unnamed)
    assert unnamed["metadata"]["timestamp"] == "2024-01-01T00:00:00Z"


@pytest.mark.usefixtures("quick")
def test_syft_is_run_with_the_limit_of_threads_and_the_instant(source: Path, tmp_path: Path) -> None:
    _, contexts = run_dag(scan_spec(str(source), ScanOptions(determinism=FIXED)), tmp_path / "base", [tmp_path])
    told = contexts["catalog:python"].work_dir / "tmp" / "environment.json"
    environment = json.loads(told.read_text(encoding="utf-8"))
    assert environment["SYFT_PARALLELISM"] == "3"
    assert environment["SOURCE_DATE_EPOCH"] == str(int(FIXED.fixed_instant.timestamp()))


@pytest.mark.parametrize("limits", [ScanLimits(files_max=1), ScanLimits(unpacked_max=MIB)])
@pytest.mark.usefixtures("quick")
def test_an_archive_beyond_the_limits_is_refused(limits: ScanLimits, tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("requirements.txt", "requests==2.31.0\n")
        archive.writestr("filling", b"\0" * (MIB + 1))
    with pytest.raises(JobFailed, match="unpacks to more than"):
        run_dag(scan_spec(str(path), ScanOptions(limits=limits)), tmp_path / "base", [tmp_path])
    results, _ = run_dag(scan_spec(str(path)), tmp_path / "whole", [tmp_path])
    [node] = [one for one in results["inspect"].fan_out if one.label == "python"]
    narrow = {**node.payload, "options": ScanOptions(limits=limits).model_dump(mode="json")}
    with pytest.raises(JobFailed, match="unpacks to more than"):
        run_node(
            Context(tmp_path / "again", [tmp_path], node_key=node.key), node.model_copy(update={"payload": narrow})
        )


@pytest.mark.usefixtures("quick")
def test_each_step_has_the_time_limit_of_the_settings(source: Path, tmp_path: Path) -> None:
    options = ScanOptions(timeouts=Timeouts(inspect_s=11, catalog_s=22, report_s=33))
    limits = {node.key: node.timeout_s for node in scan_spec(str(source), options).nodes}
    assert limits == {"inspect": 11, "merge": 33, "compare": 33, "export": 33}
    inspect = scan_spec(str(source), options).nodes[0]
    result = run_node(Context(tmp_path / "base", [tmp_path]), inspect)
    assert {node.timeout_s for node in result.fan_out} == {22}


def test_a_source_scanned_twice_gives_the_same_in_every_step(source: Path, tmp_path: Path) -> None:
    spec = determinism_spec(str(source), ScanOptions(determinism=FIXED))
    assert all(node.payload["options"]["fresh"] for node in spec.nodes if "options" in node.payload)
    results, contexts = run_dag(spec, tmp_path / "base", [tmp_path])
    value = results["determinism"].value
    assert (value["verdict"], value["identical"], value["components"]) == ("identical", value["total"], 2)
    names = [step["name"] for step in value["steps"]]
    assert names[0] == "inspection"
    assert "python" in names
    assert names[-1] == "merge"
    # Both ran in full: each of them ran Syft.
    ran = [key for key, context in contexts.items() if any("scan" in command for command in context.commands)]
    assert {key.split(":")[0] for key in ran} == {"first", "second"}


@pytest.mark.usefixtures("quick")
def test_what_differs_is_named(source: Path, tmp_path: Path) -> None:
    spec = determinism_spec(str(source))
    results, contexts = run_dag(spec, tmp_path / "base", [tmp_path])
    merged = document(tmp_path / "base" / "artifacts", results[f"{SECOND}merge"])
    merged["components"][0]["version"] = "9.9.9"
    merged["components"].append({"type": "library", "name": "extra", "version": "1", "bom-ref": "extra"})
    context = Context(tmp_path / "base", [tmp_path], node_key="determinism")
    path = context.work_dir / "other.json"
    path.write_text(json.dumps(merged), encoding="utf-8")
    kept = context.keep(path, name="other.json", media_type="application/json")
    changed = results[f"{SECOND}merge"].model_copy(update={"artifacts": (kept,)})
    context.before = {**contexts["determinism"].before, f"{SECOND}merge": changed}
    with pytest.raises(ResultsDiffer) as caught:
        run_node(context, spec.nodes[-1])
    assert caught.value.permanent
    assert "differ in 1 of" in str(caught.value)
    assert "Their merged documents differ in 2 places; the log says where." in str(caught.value)
    assert any("not there in the first scan, there in the second" in line for line in context.captured.lines)
    assert any("/version" in line and "9.9.9" in line for line in context.captured.lines)


@pytest.mark.usefixtures("quick")
def test_a_source_that_changed_between_the_scans_is_told_as_such(source: Path, tmp_path: Path) -> None:
    spec = determinism_spec(str(source))
    results, contexts = run_dag(spec, tmp_path / "base", [tmp_path])
    inspected = results[f"{FIRST}inspect"]
    moved = inspected.model_copy(update={"value": {**inspected.value, "files": 99}})
    context = Context(tmp_path / "base", [tmp_path], node_key="determinism")
    context.before = {**contexts["determinism"].before, f"{FIRST}inspect": moved}
    with pytest.raises(ResultsDiffer, match="The source changed between them"):
        run_node(context, spec.nodes[-1])
