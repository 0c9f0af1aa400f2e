"""Listing and unpacking archives, hostile ones included."""

from __future__ import annotations

import io
import os
import random
import stat
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution_ops.domain.disk import DISK_FULL
from execution_ops.domain.job_types import JobFailed
from execution_ops.scanner import archives
from execution_ops.scanner.archives import (
    Budget,
    Limits,
    Unpacked,
    open_tar,
    safe_path,
    tar_members,
    unpack,
    zip_members,
)
from tests.unit.scanner import scan_samples as samples

Entry = tuple[str, bytes, str]
SMALL = Limits(members=5, bytes=10_000)


def no_stop() -> None:
    """A checkpoint of a job that nobody cancels."""


def make_tar(path: Path, *entries: Entry) -> Path:
    """Entries are (name, tar type, link target or content)."""
    with tarfile.open(path, "w") as tar:
        for name, kind, value in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            data = value.encode() if kind == tarfile.REGTYPE else b""
            info.size = len(data)
            info.linkname = "" if kind == tarfile.REGTYPE else value
            tar.addfile(info, io.BytesIO(data))
    return path


def unpack_tar(path: Path, into: Path, limits: Limits = archives.LIMITS) -> Unpacked:
    with open_tar(path) as tar:
        return unpack(tar_members(tar, Budget(str(path), limits), no_stop), into, str(path))


def tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.fixture
def jail(tmp_path: Path) -> Path:
    """A directory with a secret beside the place to unpack to."""
    (tmp_path / "secret").write_text("secret")
    return tmp_path


REG, SYM, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "entries",
    [
        [("../secret", REG, "owned")],
        [("a/../../secret", REG, "owned")],
        [("out", SYM, ".."), ("out/secret", REG, "owned")],
        [("out", SYM, "/"), ("out/tmp/owned-by-archive", REG, "owned")],
        [("a", SYM, ".."), ("b", SYM, "a"), ("b/secret", REG, "owned")],
        [("link", HARD, "../secret"), ("link", REG, "owned")],
        [("out", SYM, ".."), ("link", HARD, "out/secret"), ("link", REG, "owned")],
        [("out", SYM, ".."), ("out", SYM, "../.."), ("out/x", SYM, "y")],
        [("dir/out", SYM, "../.."), ("dir/out/made", SYM, "x")],
        [("x", REG, "data"), ("x/y", REG, "below a file")],
        [("d/f", REG, "data"), ("d", REG, "over a directory")],
        [("disk", tarfile.BLKTYPE, ""), ("null", tarfile.CHRTYPE, ""), ("pipe", tarfile.FIFOTYPE, "")],
        [("n" * 300, REG, "a name too long"), ("/".join(["d"] * 2000), REG, "a path too long")],
        [("", REG, "no name"), (".", REG, "dot"), ("/", REG, "root")],
    ],
)
def test_a_hostile_tar_writes_nothing_outside(jail: Path, entries: list[Entry]) -> None:
    path = make_tar(jail / "bad.tar", *entries)
    before = tree(jail)
    unpack_tar(path, jail / "in")
    outside = {name for name in tree(jail) if name != "in" and not name.startswith("in/")}
    assert outside == before
    assert (jail / "secret").read_text() == "secret"
    assert (jail / "secret").stat().st_nlink == 1
    assert not Path("/tmp/owned-by-archive").exists()
    for found in (jail / "in").rglob("*"):
        mode = found.lstat().st_mode
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)


def test_members_that_are_left_out_are_counted(jail: Path) -> None:
    path = make_tar(jail / "a.tar", ("ok", REG, "1"), ("../no", REG, "2"), ("null", tarfile.CHRTYPE, ""))
    assert unpack_tar(path, jail / "in") == Unpacked(files=1, left_out=2)


def test_absolute_names_land_below_and_links_are_kept(jail: Path) -> None:
    path = make_tar(
        jail / "a.tar", ("/usr/bin/tool", REG, "x"), ("bin", SYM, "/usr/bin"), ("usr/bin/twin", HARD, "/usr/bin/tool")
    )
    assert unpack_tar(path, jail / "in") == Unpacked(files=3, left_out=0)
    assert (jail / "in/usr/bin/twin").read_text() == "x"
    assert os.readlink(jail / "in/bin") == "/usr/bin"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_packing_is_unpacked_to_the_byte(jail: Path, mode: str) -> None:
    (jail / "archive").write_bytes(samples.tar_bytes(samples.files(), mode))
    unpack_tar(jail / "archive", jail / "in")
    assert {
        str(path.relative_to(jail / "in")): path.read_bytes() for path in (jail / "in").rglob("*") if path.is_file()
    } == (samples.files())


def test_the_last_member_of_a_name_wins(jail: Path) -> None:
    unpack_tar(make_tar(jail / "a.tar", ("f", REG, "old"), ("f", REG, "new")), jail / "in")
    assert (jail / "in/f").read_text() == "new"


@pytest.mark.parametrize("name", ["../../secret", "/abs/../../secret", "C:\\x", "a\\..\\b", "ok/file"])
def test_a_hostile_zip_writes_nothing_outside(jail: Path, name: str) -> None:
    path = jail / "a.zip"
    path.write_bytes(samples.zip_bytes({name: b"owned"}))
    before = tree(jail)
    unpack(zip_members(path, Budget("a.zip"), no_stop), jail / "in", "a.zip")
    assert {found for found in tree(jail) if found.split("/")[0] != "in"} == before
    assert (jail / "secret").read_text() == "secret"


def test_a_link_in_a_zip_is_a_link_and_not_written_through(jail: Path) -> None:
    path = jail / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("out")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "..")
        archive.writestr("out/secret", "owned")
    assert unpack(zip_members(path, Budget("a.zip"), no_stop), jail / "in", "a.zip").left_out == 1
    assert (jail / "secret").read_text() == "secret"
    assert (jail / "in/out/secret").read_text() == "owned"


def test_an_encrypted_zip_says_so(jail: Path) -> None:
    data = bytearray(samples.zip_bytes({"a": b"x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = jail / "a.zip"
    path.write_bytes(data)
    with pytest.raises(JobFailed, match="encrypted") as caught:
        list(zip_members(path, Budget("a.zip"), no_stop))
    assert caught.value.permanent


@pytest.mark.parametrize("content", [{"big": b"\0" * 20_000}, {f"f{n}": b"" for n in range(6)}])
def test_a_bomb_is_refused_before_it_is_written(jail: Path, content: dict[str, bytes]) -> None:
    (jail / "a.tgz").write_bytes(samples.tar_bytes(content, "w:gz"))
    (jail / "a.zip").write_bytes(samples.zip_bytes(content))
    with pytest.raises(JobFailed, match="bomb") as caught:
        unpack_tar(jail / "a.tgz", jail / "tar", SMALL)
    assert caught.value.permanent
    with pytest.raises(JobFailed, match="bomb"):
        unpack(zip_members(jail / "a.zip", Budget("a.zip", SMALL), no_stop), jail / "zip", "a.zip")
    assert not (jail / "tar/big").exists()
    assert not (jail / "zip/big").exists()


def test_a_header_that_claims_gigabytes_is_not_read_into_memory(jail: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 3 << 30
    (jail / "a.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 4096)
    with pytest.raises(JobFailed, match=r"damaged or incomplete \(a header of the archive is larger than 1 MiB\)\."):
        unpack_tar(jail / "a.tar", jail / "in")


def test_unpacking_stops_before_the_disk_is_full(jail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_tar(jail / "a.tar", ("f", REG, "data"))
    monkeypatch.setattr(archives, "KEEP_FREE", 1 << 62)
    with pytest.raises(JobFailed) as caught:
        unpack_tar(path, jail / "in")
    assert str(caught.value) == DISK_FULL
    assert not caught.value.permanent


@given(st.text(max_size=80))
def test_a_safe_path_never_leads_out(name: str) -> None:
    path = safe_path(name)
    assert not os.path.isabs(path)
    assert ".." not in path.split("/")
    assert os.path.normpath(f"/jail/{path}").startswith("/jail")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz", "zip"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_archive_fails_in_words_or_not_at_all(tmp_path: Path, mode: str, seed: int) -> None:
    chance = random.Random(seed)
    content = {f"d{n}/file{n}": chance.randbytes(chance.randrange(2000)) for n in range(4)}
    data = bytearray(samples.zip_bytes(content) if mode == "zip" else samples.tar_bytes(content, mode))
    for _ in range(chance.randrange(1, 30)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    del data[chance.randrange(len(data) // 2, len(data)) :]
    path = tmp_path / f"{seed}-{mode.replace(':', '')}"
    path.write_bytes(data)
    into = tmp_path / f"in-{path.name}"
    # Anything but a failure in words would come through.
    with suppress(JobFailed):
        if mode == "zip":
            unpack(zip_members(path, Budget(str(path), SMALL), no_stop), into, str(path))
        else:
            unpack_tar(path, into, SMALL)
