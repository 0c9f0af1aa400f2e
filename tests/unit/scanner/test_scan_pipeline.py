"""Whole scans with real Syft: each sample source against one Syft run over the whole of it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.job_types import JobResult
from execution_ops.scanner import syft
from execution_ops.scanner.jobs import CYCLONEDX
from execution_ops.scanner.merge import Identity, identity, problems
from execution_ops.scanner.plan import scan_spec
from tests.unit.scanner import scan_samples as samples
from tests.unit.scanner.scan_context import run_dag


def whole_run(scheme: str, path: Path, scratch: Path, *options: str) -> dict[str, Any]:
    """One Syft run with every default cataloger."""
    scratch.mkdir(exist_ok=True)
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false", "HOME": str(scratch), "TMPDIR": str(scratch)}
    command = [syft.find(""), "scan", "--from", scheme, str(path), "-q", "-o", "cyclonedx-json@1.6", *options]
    done = subprocess.run(command, capture_output=True, env=environment, check=True, timeout=60)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def identities(document: dict[str, Any]) -> Counter[Identity]:
    return Counter(identity(component) for component in document["components"])


def edges(document: dict[str, Any]) -> set[tuple[Identity, Identity]]:
    named = {component.get("bom-ref"): identity(component) for component in document["components"]}
    return {
        (named[dependency["ref"]], named[ref])
        for dependency in document.get("dependencies", ())
        for ref in dependency.get("dependsOn", ())
    }


def exported(results: dict[str, JobResult], store: Path) -> dict[str, Any]:
    artifact = results["export"].artifacts[0]
    assert artifact.media_type == CYCLONEDX
    text = (store / artifact.sha256).read_text(encoding="utf-8")
    assert problems(text) == []
    document: dict[str, Any] = json.loads(text)
    return document


def scan(source: Path, base: Path) -> tuple[dict[str, Any], dict[str, JobResult]]:
    results, _ = run_dag(scan_spec(str(source)), base, [source.parent])
    return exported(results, base / "artifacts"), results


def test_a_directory_gives_what_one_whole_run_gives(tmp_path: Path) -> None:
    source = samples.write(tmp_path / "src", samples.files())
    document, results = scan(source, tmp_path / "base")
    whole = whole_run("dir", source, tmp_path / "whole", "--base-path", str(source))

    assert identities(document) == identities(whole)
    assert edges(document) == edges(whole)
    assert edges(whole), "the sample must have dependencies, or the line above says nothing"
    names = Counter(component["name"] for component in document["components"])
    assert names >= Counter(["alpha", "beta", "left-pad", "demo", "zlib1g", "github.com/pkg/errors", "debian"])
    programs = [component["version"] for component in document["components"] if component["name"] == "nginx"]
    assert programs == ["1.25.1"], "the other one is owned by a Python package, so it is no component of its own"
    assert {key for key in results if key.startswith("catalog:")} == {
        f"catalog:{name}" for name in ("binaries", "go", "java", "javascript", "python", "system")
    }
    assert results["export"].artifacts[0].name == "src.cdx.json"
    assert results["compare"].value["verdict"] == "no promoted baseline yet"
    assert document["metadata"]["component"] == {"bom-ref": "source", "type": "file", "name": "src"}
    assert str(tmp_path) not in json.dumps(document), "the document does not tell where the source lay"


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("src.tar.gz", lambda content: samples.tar_bytes(content, "w:gz")),
        ("src.zip", samples.zip_bytes),
    ],
)
def test_an_archive_gives_what_one_whole_run_gives(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    content = {"web/package-lock.json": samples.npm_lock(), **samples.python_files("alpha", "1.0")}
    source = samples.write(tmp_path / "in", {name: pack(content)}) / name
    document, results = scan(source, tmp_path / "base")
    assert identities(document) == identities(whole_run("file", source, tmp_path / "whole"))
    assert {component["name"] for component in document["components"]} == {"alpha", "left-pad", "web"}
    assert results["export"].artifacts[0].name == f"{name}.cdx.json"
    assert document["metadata"]["component"]["version"].startswith("sha256:")


def test_a_wheel_is_read_as_the_archive_it_is(tmp_path: Path) -> None:
    content = {"alpha-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n"}
    name = "alpha-1.0-py3-none-any.whl"
    source = samples.write(tmp_path / "in", {name: samples.zip_bytes(content)}) / name
    document, _ = scan(source, tmp_path / "base")
    assert [component["purl"] for component in document["components"]] == ["pkg:pypi/alpha@1.0"]


def test_a_jar_gives_what_one_whole_run_gives(tmp_path: Path) -> None:
    source = samples.write(tmp_path / "in", {"demo.jar": samples.jar()}) / "demo.jar"
    document, results = scan(source, tmp_path / "base")
    assert identities(document) == identities(whole_run("file", source, tmp_path / "whole"))
    assert [component["purl"] for component in document["components"]] == ["pkg:maven/org.example/demo@3.2.1"]
    assert "catalog:java" in results


def make_docker(root: Path) -> tuple[Path, str]:
    content = samples.docker_image(samples.image_files())
    return samples.write(root, {"image.tar": samples.tar_bytes(content)}) / "image.tar", "docker-archive"


def make_oci_layout(root: Path) -> tuple[Path, str]:
    return samples.write(root / "image", samples.oci_image(samples.image_files())), "oci-dir"


@pytest.mark.parametrize("make", [make_docker, make_oci_layout])
def test_an_image_gives_what_one_whole_run_gives(tmp_path: Path, make: Callable[[Path], tuple[Path, str]]) -> None:
    source, scheme = make(tmp_path / "in")
    document, results = scan(source, tmp_path / "base")
    whole = whole_run(scheme, source, tmp_path / "whole")
    assert identities(document) == identities(whole)
    assert edges(document) == edges(whole)
    assert {component["name"] for component in document["components"]} == {"alpha", "beta", "zlib1g", "libc6", "debian"}
    assert document["metadata"]["component"]["type"] == "container"
    assert document["metadata"]["component"]["version"] == whole["metadata"]["component"]["version"]
    assert document["metadata"]["properties"] == whole["metadata"]["properties"]
    assert set(results["inspect"].value["analyzers"]) == {"python", "system"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("oci.tar", samples.tar_bytes(samples.oci_image(samples.image_files()))),
        ("docker.tar.gz", gzip.compress(samples.tar_bytes(samples.docker_image(samples.image_files())))),
    ],
)
def test_an_image_that_syft_cannot_open_itself_is_unpacked_for_it(tmp_path: Path, name: str, data: bytes) -> None:
    source = samples.write(tmp_path / "in", {name: data}) / name
    document, _ = scan(source, tmp_path / "base")
    layout = samples.write(tmp_path / "layout", samples.oci_image(samples.image_files()))
    assert identities(document) == identities(whole_run("oci-dir", layout, tmp_path / "whole"))


@pytest.mark.parametrize("image", [False, True])
def test_a_hostile_archive_neither_writes_nor_reads_outside(tmp_path: Path, image: bool) -> None:
    outside = samples.write(tmp_path / "outside", {"secret/go.mod": b"module x\n\nrequire example.org/secret v1.2.3\n"})
    data = samples.hostile_tar(outside)
    if image:
        data = samples.tar_bytes(samples.docker_image_of(data))
    source = samples.write(tmp_path / "in", {"bad.tar": data}) / "bad.tar"
    document, _ = scan(source, tmp_path / "base")
    names = {component["name"] for component in document["components"]}
    assert "alpha" in names
    assert "example.org/secret" not in names
    assert {path.name for path in outside.rglob("*")} == {"secret", "go.mod"}
    assert (outside / "secret/go.mod").stat().st_nlink == 1
    assert {path.name for path in tmp_path.iterdir()} == {"outside", "in", "base"}


def test_links_of_a_directory_are_not_followed_out_of_it(tmp_path: Path) -> None:
    samples.write(tmp_path / "outside", {"go.mod": b"module x\n\nrequire example.org/secret v1.2.3\n"})
    source = samples.write(tmp_path / "src", {"go.mod": b"module y\n\nrequire example.org/own v1.0.0\n"})
    (source / "absolute").symlink_to(tmp_path / "outside")
    (source / "relative").symlink_to("../outside")
    (source / "file").mkdir()
    (source / "file/go.mod").symlink_to(tmp_path / "outside/go.mod")
    document, _ = scan(source, tmp_path / "base")
    names = {component["name"] for component in document["components"]}
    assert "example.org/own" in names
    assert "example.org/secret" not in names


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    source = samples.write(tmp_path / "src", samples.python_files("alpha", "1.0"))
    _, first = scan(source, tmp_path / "one")
    _, second = scan(source, tmp_path / "two")
    assert first["export"].artifacts[0].sha256 == second["export"].artifacts[0].sha256


def test_an_empty_directory_gives_an_empty_valid_document(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    document, results = scan(tmp_path / "src", tmp_path / "base")
    assert document["components"] == []
    assert results["inspect"].fan_out == ()
