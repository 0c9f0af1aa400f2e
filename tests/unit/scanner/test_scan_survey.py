"""Listing sources: which analyzers `scan.inspect` sees work for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from execution_ops.domain.job_types import JobCanceled, JobFailed
from execution_ops.scanner.analyzers import Survey
from execution_ops.scanner.archives import Limits
from execution_ops.scanner.sources import Kind, Source, resolve
from execution_ops.scanner.survey import survey
from tests.unit.scanner import scan_samples as samples
from tests.unit.scanner.scan_context import Captured, Context


def look(path: Path, tmp_path: Path, limits: Limits | None = None) -> tuple[Source, Survey, Captured]:
    context = Context(tmp_path / "base", [path.parent])
    source = resolve(str(path), context.scan_roots)
    more = () if limits is None else (limits,)
    found, seen = survey(source, context.log, context.checkpoint, lambda _: None, *more)
    return found, seen, context.captured


def test_a_directory_is_listed_whole(tmp_path: Path) -> None:
    root = samples.write(tmp_path / "src", samples.files())
    source, seen, _ = look(root, tmp_path)
    assert source.kind is Kind.DIRECTORY
    assert seen.files == len(samples.files())
    assert seen.bytes == sum(map(len, samples.files().values()))
    assert set(seen.calls) == {"binaries", "go", "java", "javascript", "python", "system"}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz", "zip"])
def test_an_archive_calls_for_the_same_as_its_directory(tmp_path: Path, mode: str) -> None:
    data = samples.zip_bytes(samples.files()) if mode == "zip" else samples.tar_bytes(samples.files(), mode)
    path = samples.write(tmp_path / "in", {"archive": data}) / "archive"
    _, seen, _ = look(path, tmp_path)
    _, direct, _ = look(samples.write(tmp_path / "src", samples.files()), tmp_path)
    assert seen.calls == direct.calls
    assert (seen.files, seen.bytes) == (direct.files, direct.bytes)


def test_links_count_by_their_own_name_and_circles_end(tmp_path: Path) -> None:
    root = samples.write(tmp_path / "src", {"store/abc/status": b"x", "req.in": b"alpha==1\n"})
    (root / "requirements.txt").symlink_to("req.in")
    (root / "dpkg").symlink_to("/store/abc")
    (root / "store/abc/up").symlink_to("../..")
    (root / "store/self").symlink_to(".")
    _, seen, _ = look(root, tmp_path)
    assert seen.applies("python")
    assert seen.applies("system"), "a link is resolved with the source as its root, as Syft does"


def test_links_out_of_the_source_are_not_followed(tmp_path: Path) -> None:
    samples.write(tmp_path / "outside", {"go.mod": b"module x\n"})
    root = samples.write(tmp_path / "src", {"readme": b"x"})
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "up").symlink_to("../outside")
    _, seen, _ = look(root, tmp_path)
    assert seen.calls == {}


def test_special_files_are_passed_over(tmp_path: Path) -> None:
    root = samples.write(tmp_path / "src", {"go.mod": b"module x\n"})
    os.mkfifo(root / "setup.py")
    _, seen, _ = look(root, tmp_path)
    assert (seen.files, set(seen.calls)) == (1, {"go"})


def test_an_unreadable_file_is_named_and_the_rest_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = samples.write(tmp_path / "src", {"a/secret": b"x", "b/go.mod": b"module x\n"})
    real = os.scandir

    def denied(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)
    _, seen, log = look(root, tmp_path)
    assert set(seen.calls) == {"go"}
    assert "WARNING Left out, cannot be listed: a/ (Permission denied)" in log.lines


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"name": "extension", "manifest_version": 3}', b"no json", b""])
def test_a_tar_with_some_other_manifest_is_a_plain_archive(tmp_path: Path, content: bytes) -> None:
    data = samples.tar_bytes({"manifest.json": content, "go.mod": b"module x\n"})
    path = samples.write(tmp_path / "in", {"bundle.tar": data}) / "bundle.tar"
    source, seen, _ = look(path, tmp_path)
    assert source.kind is Kind.TAR
    assert "go" in seen.calls


@pytest.mark.parametrize("make", [samples.docker_image, samples.oci_image])
def test_an_image_tarball_is_known_and_its_layers_are_listed(tmp_path: Path, make: object) -> None:
    assert callable(make)
    data = samples.tar_bytes(make(samples.image_files()), "w:gz")
    path = samples.write(tmp_path / "in", {"image.tgz": data}) / "image.tgz"
    source, seen, _ = look(path, tmp_path)
    assert source.kind.is_image
    assert set(seen.calls) == {"python", "system"}
    assert seen.files == len(samples.image_files())


def test_a_layer_that_cannot_be_listed_calls_for_every_analyzer(tmp_path: Path) -> None:
    image = samples.docker_image(samples.image_files())
    image["layer/layer.tar"] = b"\x28\xb5\x2f\xfd" + b"zstd data"
    path = samples.write(tmp_path / "in", {"image.tar": samples.tar_bytes(image)}) / "image.tar"
    _, seen, _ = look(path, tmp_path)
    assert "zstd" in seen.opaque
    assert seen.applies("erlang")


def test_an_image_of_several_platforms_calls_for_every_analyzer(tmp_path: Path) -> None:
    image = samples.oci_image(samples.image_files())
    index = json.loads(image["index.json"])
    index["manifests"] *= 2
    image["index.json"] = json.dumps(index).encode()
    _, seen, _ = look(samples.write(tmp_path / "image", image), tmp_path)
    assert "several platforms" in seen.opaque


def broken_images() -> dict[str, dict[str, bytes]]:
    whole = samples.oci_image(samples.image_files())
    layer = max((name for name in whole if name.startswith("blobs")), key=lambda name: whole[name].startswith(b"\x1f"))
    return {
        "missing layer": {name: data for name, data in whole.items() if name != layer},
        "cut layer": {**whole, layer: whole[layer][:40]},
        "layer is no tar": {**whole, layer: b"nothing of the kind" * 100},
        "no manifests": {**whole, "index.json": b"{}"},
        "no json": {**whole, "index.json": b"\xff\xfe"},
        "deep json": {**whole, "index.json": b"[" * 100_000},
        "digest leads out": {
            **whole,
            "index.json": b'{"manifests": [{"digest": "sha256:../../../../../../etc/passwd"}]}',
        },
    }


@pytest.mark.parametrize("name", broken_images())
@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_image_says_so(tmp_path: Path, name: str, packed: bool) -> None:
    image = broken_images()[name]
    path = samples.write(tmp_path / "image", image)
    if packed:
        path = samples.write(tmp_path / "in", {"image.tar": samples.tar_bytes(image)}) / "image.tar"
    with pytest.raises(JobFailed, match="damaged or incomplete") as caught:
        look(path, tmp_path)
    assert caught.value.permanent


def test_a_link_in_a_layout_is_not_followed_out(tmp_path: Path) -> None:
    image = samples.oci_image(samples.image_files())
    root = samples.write(tmp_path / "image", image)
    secret = tmp_path / "secret"
    layer = next(name for name in image if image[name].startswith(b"\x1f"))
    (root / layer).rename(secret)
    (root / layer).symlink_to(secret)
    with pytest.raises(JobFailed, match="is missing"):
        look(root, tmp_path)


def test_a_layer_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    root = samples.write(tmp_path / "image", samples.oci_image({"zeros": b"\0" * 200_000}))
    with pytest.raises(JobFailed, match="bomb"):
        look(root, tmp_path, Limits(members=100, bytes=100_000))


def test_a_cancel_stops_the_listing(tmp_path: Path) -> None:
    root = samples.write(tmp_path / "src", samples.files())
    context = Context(tmp_path / "base", [tmp_path])
    context.stop = JobCanceled()
    with pytest.raises(JobCanceled):
        survey(resolve(str(root), [tmp_path]), context.log, context.checkpoint, lambda _: None)
