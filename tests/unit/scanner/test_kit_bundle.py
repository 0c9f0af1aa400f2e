"""A kit is copied before it is verified: as one file, of what it was when it was opened, and of nothing else."""

from __future__ import annotations

import itertools
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.kits import CHECKSUM, MANIFEST, PAYLOAD, RECEIPT, STATEMENT
from execution_ops.domain.sizes import CHUNK
from execution_ops.scanner.kit_bundle import copy_kit, opened_below
from execution_ops.scanner.kits.container import open_kit

BIG = os.urandom(CHUNK * 2 + 7)
FILES = {MANIFEST: b"{}", PAYLOAD: BIG, CHECKSUM: b"a digest", STATEMENT: b""}


def nothing() -> None:
    """Nobody cancels."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory of the files that a kit has."""
    kit = tmp_path / "kit"
    kit.mkdir()
    for name, content in FILES.items():
        (kit / name).write_bytes(content)
    return kit


def copied(source: Path, target: Path, *, most: int, checkpoint: Callable[[], None]) -> bool:
    """Copy what lies at a path below the directory of the test."""
    with opened_below(str(source), [target.parent]) as kit:
        return copy_kit(kit.descriptor, target, most=most, checkpoint=checkpoint)


def members(path: Path) -> dict[str, bytes]:
    """What a tar holds."""
    with tarfile.open(path, "r:") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def test_a_file_is_copied_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "kit.tar").write_bytes(BIG)
    assert copied(tmp_path / "kit.tar", tmp_path / "copy", most=len(BIG), checkpoint=nothing)
    assert (tmp_path / "copy").read_bytes() == BIG


def test_a_directory_becomes_a_tar_of_its_files_always_the_same(folder: Path, tmp_path: Path) -> None:
    assert copied(folder, tmp_path / "one", most=1 << 30, checkpoint=nothing)
    os.utime(folder / STATEMENT, (0, 0))
    assert copied(folder, tmp_path / "two", most=1 << 30, checkpoint=nothing)
    assert members(tmp_path / "one") == FILES
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_is_no_plain_file_is_left_out_and_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / RECEIPT).symlink_to(tmp_path / "secret")
    assert not copied(folder, tmp_path / "link", most=1 << 30, checkpoint=nothing)
    (folder / RECEIPT).unlink()
    (folder / RECEIPT).mkdir()
    assert not copied(folder, tmp_path / "folder", most=1 << 30, checkpoint=nothing)
    (folder / RECEIPT).rmdir()
    os.mkfifo(folder / RECEIPT)
    assert not copied(folder, tmp_path / "pipe", most=1 << 30, checkpoint=nothing)
    assert members(tmp_path / "link") == members(tmp_path / "folder") == members(tmp_path / "pipe") == FILES


def test_what_no_kit_has_is_left_out_however_much_it_is(folder: Path, tmp_path: Path) -> None:
    (folder / "disk.img").write_bytes(BIG)
    assert not copied(folder, tmp_path / "copy", most=sum(map(len, FILES.values())), checkpoint=nothing)
    assert members(tmp_path / "copy") == FILES


def test_more_than_is_allowed_is_refused_before_it_is_read(folder: Path, tmp_path: Path) -> None:
    size = sum(map(len, FILES.values()))
    assert copied(folder, tmp_path / "copy", most=size, checkpoint=nothing)
    with pytest.raises(JobFailed, match="at most"):
        copied(folder, tmp_path / "more", most=size - 1, checkpoint=nothing)
    with pytest.raises(JobFailed, match="at most"):
        copied(folder / PAYLOAD, tmp_path / "file", most=len(BIG) - 1, checkpoint=nothing)
    assert (tmp_path / "file").stat().st_size == 0


def test_a_pipe_is_no_kit_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(JobFailed, match="this is neither"):
        copied(tmp_path / "pipe", tmp_path / "copy", most=1, checkpoint=nothing)


@pytest.mark.parametrize("as_directory", [True, False])
def test_one_that_changes_meanwhile_is_copied_as_it_was_or_tried_again(
    folder: Path, tmp_path: Path, as_directory: bool
) -> None:
    payload = folder / PAYLOAD
    source = folder if as_directory else payload

    def grow() -> None:
        with payload.open("ab") as file:
            file.write(b"more")

    assert copied(source, tmp_path / "grown", most=1 << 30, checkpoint=grow)
    found = members(tmp_path / "grown")[payload.name] if as_directory else (tmp_path / "grown").read_bytes()
    assert found.startswith(BIG[:CHUNK])
    assert found[: len(BIG)] == BIG
    reads = itertools.count(1)

    def shrink() -> None:
        # In the middle of the payload, whether another file comes before it or not.
        if next(reads) == 3:
            os.truncate(payload, CHUNK // 2)

    with pytest.raises(JobFailed, match="became shorter"):
        copied(source, tmp_path / "shrunk", most=1 << 30, checkpoint=shrink)


def test_a_cancel_stops_the_copy(folder: Path, tmp_path: Path) -> None:
    def cancel() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        copied(folder, tmp_path / "copy", most=1 << 30, checkpoint=cancel)


def swap(folder: Path, other: Path) -> None:
    """Put a link to another directory where the folder was."""
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(other)


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory outside the scan roots, with files of the names that a kit has."""
    made = tmp_path_factory.mktemp("outside")
    for name in FILES:
        (made / name).write_bytes(b"secret")
    return made


def test_one_that_is_swapped_once_it_is_open_is_read_as_it_was(folder: Path, tmp_path: Path, outside: Path) -> None:
    with opened_below(str(folder), [tmp_path]) as kit:
        swap(folder, outside)
        assert copy_kit(kit.descriptor, tmp_path / "copy", most=1 << 30, checkpoint=nothing)
        with open_kit(kit) as container:
            assert container.parts[PAYLOAD].whole() == BIG
    assert members(tmp_path / "copy") == FILES


@pytest.mark.parametrize("inside", ["", MANIFEST])
def test_one_that_is_swapped_between_the_look_and_the_opening_is_not_there(
    folder: Path, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    resolve = Path.resolve

    def then_swapped(path: Path, strict: bool = False) -> Path:
        found = resolve(path, strict=strict)
        swap(folder, outside)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Path, "resolve", then_swapped)
        with pytest.raises(JobFailed, match="There is no kit at"), opened_below(str(folder / inside), [tmp_path]):
            pytest.fail("it was opened")
    with pytest.raises(JobFailed, match="There is no kit at"), opened_below(str(folder / inside), [tmp_path]):
        pytest.fail("a link that leads out was followed")


def test_a_link_that_stays_below_the_roots_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(folder)
    with opened_below(str(tmp_path / "latest"), [tmp_path]) as kit:
        assert kit.path == folder
    with opened_below(str(folder), [folder]) as kit, open_kit(kit) as container:
        assert container.parts.keys() == FILES.keys()
