"""What may be scanned, and the words for what may not."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from execution_ops.domain.job_types import JobFailed
from execution_ops.scanner.sources import Kind, check_unchanged, resolve
from tests.unit.scanner import scan_samples as samples

NOT_BELOW = (
    "{} was not found below the scan roots of this worker. A source must lie below one of them: check the path and "
    "EXECUTION_OPS_SCAN_ROOTS, then start a new scan."
)


def refused(text: str, root: Path) -> str:
    with pytest.raises(JobFailed) as caught:
        resolve(text, [root])
    assert caught.value.permanent
    # What a library said is for the log.
    assert caught.value.__cause__ is None or str(caught.value.__cause__) not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.tar", samples.tar_bytes({"x": b"1"}), Kind.TAR),
        ("a.tgz", samples.tar_bytes({"x": b"1"}, "w:gz"), Kind.TAR),
        ("a.tar.bz2", samples.tar_bytes({"x": b"1"}, "w:bz2"), Kind.TAR),
        ("a.tar.xz", samples.tar_bytes({"x": b"1"}, "w:xz"), Kind.TAR),
        ("no-ending", samples.tar_bytes({"x": b"1"}), Kind.TAR),
        ("a.zip", samples.zip_bytes({"x": b"1"}), Kind.ZIP),
        ("empty.zip", samples.zip_bytes({}), Kind.ZIP),
        ("a-1-py3-none-any.whl", samples.zip_bytes({"x": b"1"}), Kind.ZIP),
        ("A.JAR", samples.jar(), Kind.JAVA),
        ("a.war", samples.jar(), Kind.JAVA),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path: Path, name: str, data: bytes, kind: Kind) -> None:
    source = resolve(str(samples.write(tmp_path, {name: data}) / name), [tmp_path])
    assert (source.kind, source.name, source.size) == (kind, name, len(data))


def test_directories_and_layouts(tmp_path: Path) -> None:
    samples.write(tmp_path / "image", samples.oci_image({"x": b"1"}))
    assert resolve(str(tmp_path), [tmp_path]).kind is Kind.DIRECTORY
    assert resolve(str(tmp_path / "image"), [tmp_path]).kind is Kind.OCI_LAYOUT


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("zero.tar.gz", b"", "is empty (0 bytes)"),
        ("zero.whl", b"", "is empty (0 bytes)"),
        ("cut.tar.gz", samples.tar_bytes({"x": b"1" * 9000}, "w:gz")[:20], "damaged or incomplete"),
        ("cut.tar.xz", samples.tar_bytes({"x": b"1" * 9000}, "w:xz")[:30], "damaged or incomplete"),
        ("cut.tar.bz2", samples.tar_bytes({"x": b"1" * 9000}, "w:bz2")[:20], "damaged or incomplete"),
        ("text.tar", b"no archive at all", "damaged or incomplete"),
        ("text.zip", b"no archive at all", "damaged or incomplete"),
        ("text.jar", b"no archive at all", "damaged or incomplete"),
        ("cut.zip", samples.zip_bytes({"x": b"1"})[:-10], "damaged or incomplete"),
        ("new.tar.zst", b"\x28\xb5\x2f\xfd" + b"packed", "packed with zstd"),
        ("renamed.jar", b"\x28\xb5\x2f\xfd" + b"packed", "packed with zstd"),
        ("readme.md", b"# Read me", "none of what can be scanned"),
    ],
)
def test_a_file_that_is_no_archive_says_so(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    message = refused(str(samples.write(tmp_path, {name: data}) / name), tmp_path)
    assert words in message
    assert name in message


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "gone"), tmp_path) == NOT_BELOW.format(tmp_path / "gone")
    samples.write(tmp_path, {"file": b"x"})
    assert refused(str(tmp_path / "file/below"), tmp_path) == NOT_BELOW.format(tmp_path / "file/below")


@pytest.mark.parametrize("text", ["", "relative", "/with\0nul"])
def test_what_is_no_absolute_path(tmp_path: Path, text: str) -> None:
    assert "not an absolute path" in refused(text, tmp_path)


@pytest.mark.parametrize("name", ["outside", "roots", "root/../outside"])
def test_a_path_outside_the_roots(tmp_path: Path, name: str) -> None:
    for folder in ("root", "outside", "roots"):
        (tmp_path / folder).mkdir()
    assert refused(f"{tmp_path}/{name}", tmp_path / "root") == NOT_BELOW.format(f"{tmp_path}/{name}")


def test_what_lies_outside_is_not_told(tmp_path: Path) -> None:
    outside = samples.write(tmp_path / "outside", {"there": b"x"})
    (outside / "circle").symlink_to("circle")
    (outside / "long").symlink_to("x" * 255)
    names = ("there", "there/below", "absent", "circle", "circle/below", "x" * 300, "long")
    samples.write(tmp_path / "inside", {"file": b"x"})
    for name in names:
        link = tmp_path / "inside" / f"to-{names.index(name)}"
        link.symlink_to(outside / name)
        for path in (outside / name, link):
            assert refused(str(path), tmp_path / "inside") == NOT_BELOW.format(path)
    # Nor by what is passed on the way back in.
    for name in ("there", "absent"):
        assert "none of what can be scanned" in refused(f"{outside}/{name}/../../inside/file", tmp_path / "inside")


def test_a_link_out_of_the_roots_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    link = tmp_path / "root/link"
    assert refused(str(link), tmp_path / "root") == NOT_BELOW.format(link)


def test_a_link_inside_the_roots_is_followed_and_a_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "root/real").mkdir(parents=True)
    (tmp_path / "root/link").symlink_to("real")
    (tmp_path / "alias").symlink_to("root")
    source = resolve(str(tmp_path / "alias/link"), [tmp_path / "alias"])
    assert source.path == str(tmp_path / "root/real")


def test_a_circle_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "circle" in refused(str(tmp_path / "a"), tmp_path)


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [make_fifo, make_socket])
def test_a_special_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "special")
    assert "device, pipe or socket" in refused(str(tmp_path / "special"), tmp_path)


def test_a_device() -> None:
    assert "device, pipe or socket" in refused("/dev/null", Path("/dev"))


@pytest.mark.parametrize("what", ["open", "listdir"])
def test_what_the_worker_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    samples.write(tmp_path, {"dir/a.tar": samples.tar_bytes({"x": b"1"})})

    def denied(path: object, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # The suite may run as root, whom no file mode stops.
    target = tmp_path / ("dir" if what == "listdir" else "dir/a.tar")
    monkeypatch.setattr(*((os, "listdir") if what == "listdir" else (Path, "open")), denied)
    message = refused(str(target), tmp_path)
    assert "permission denied" in message
    assert "Let the user that runs the worker read it" in message


def test_a_source_that_changed_meanwhile(tmp_path: Path) -> None:
    path = samples.write(tmp_path, {"a.tar": samples.tar_bytes({"x": b"1"})}) / "a.tar"
    source = resolve(str(path), [tmp_path])
    check_unchanged(source, [tmp_path])
    path.write_bytes(samples.tar_bytes({"x": b"1", "y": b"2" * 20_000}))
    with pytest.raises(JobFailed, match="changed while it was scanned") as caught:
        check_unchanged(source, [tmp_path])
    assert caught.value.permanent
