"""Hostile payloads: each is refused in words, and nothing is written outside of the folder that it is unpacked to."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from execution_ops.scanner.kits.steps import Limits
from tests import kit_samples as samples
from tests.kit_samples import Recipe, archive, member, packed, verified
from tests.unit.scanner.kit_jail import GOOD, Jail

MIB = 1 << 20


@pytest.fixture
def jail(tmp_path: Path) -> Jail:
    return Jail(tmp_path)


@pytest.mark.parametrize(
    "name", ["../secret", "a/../../secret", "/etc/passwd", "//secret", "a\\..\\secret", "a//b", "a/./b"]
)
def test_a_name_that_leads_out_of_the_payload(jail: Jail, name: str) -> None:
    report = jail.refuse_tar(archive(*GOOD, member(name, b"owned")), "entries:archive")
    assert "refused" in report.failure


@pytest.mark.parametrize(
    "name", ["../secret", "/secret", "a/../b", "", "a\n", "\x1b[2J", "a\u202eb", "x" * 201, "a/" * 300 + "b"]
)
def test_a_manifest_that_names_it(jail: Jail, name: str) -> None:
    report = jail.refuse_parts(Recipe(files={**samples.FILES, name: b"owned"}, tar=b"").parts(), "manifest:malformed")
    assert "\x1b" not in report.failure


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a character device"),
        (tarfile.BLKTYPE, "a block device"),
        (tarfile.FIFOTYPE, "a named pipe"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.CONTTYPE, "an unknown kind"),
        (tarfile.XGLTYPE, "an unknown kind"),
        (b"V", "an unknown kind"),
    ],
)
@pytest.mark.parametrize("name", ["analyzers.json", "other"])
def test_what_is_no_regular_file(jail: Jail, kind: bytes, words: str, name: str) -> None:
    report = jail.refuse_tar(archive(GOOD[0], member(name, kind=kind, link="../../secret")), "entries:archive")
    assert words in report.failure


def test_a_link_and_then_a_file_through_it(jail: Jail) -> None:
    files = {"baselines/secret": b"owned"}
    tar = archive(member("baselines", kind=tarfile.SYMTYPE, link="../.."), member("baselines/secret", b"owned"))
    jail.refuse_parts(Recipe(files=files, tar=tar).parts(), "entries:archive")


@pytest.mark.parametrize("second", ["analyzers.json", "./analyzers.json", "Analyzers.json", "ANALYZERS.JSON"])
def test_a_member_that_is_there_twice(jail: Jail, second: str) -> None:
    report = jail.refuse_tar(archive(*GOOD, member(second, b"other")), "entries:unexpected")
    assert "twice" in report.failure


@pytest.mark.parametrize("second", ["Ä.json", "a\u0308.json", "ä.JSON"])
def test_names_that_are_the_same_to_some_file_system(jail: Jail, second: str) -> None:
    files = {"ä.json": b"1", second: b"2"}
    report = jail.refuse_parts(Recipe(files=files).parts(), "manifest:malformed")
    assert "same name" in report.failure


def test_the_same_name_twice_in_the_manifest(jail: Jail) -> None:
    recipe = Recipe(manifest=lambda document: {**document, "entries": document["entries"] * 2})
    assert "same name" in jail.refuse_parts(recipe.parts(), "manifest:malformed").failure


def test_a_file_that_is_a_folder_of_another(jail: Jail) -> None:
    jail.refuse_parts(Recipe(files={"a": b"", "a/b": b""}).parts(), "manifest:malformed")


def test_folders_that_no_entry_lies_in(jail: Jail) -> None:
    folders = (member(f"folder{at}", kind=tarfile.DIRTYPE) for at in range(1000))
    jail.refuse_tar(archive(*folders, *GOOD), "entries:unexpected")


def test_a_folder_with_content(jail: Jail) -> None:
    jail.refuse_tar(archive(member("baselines", b"hidden", kind=tarfile.DIRTYPE), *GOOD), "entries:archive")


@pytest.mark.parametrize("claimed", [0, 25, 27, 513, MIB, 10**9, 8**11 - 1, 2**62])
def test_a_size_that_lies(jail: Jail, claimed: int) -> None:
    content = samples.FILES["baselines/1.cdx.json"]
    parts = Recipe(tar=archive(member("baselines/1.cdx.json", content, size=claimed), GOOD[1])).parts()
    report = verified(samples.write_tar(jail.root / "kit.tar", parts), jail.into)
    assert int(report.exit_code) in {2, 11}
    assert report.category in {"entries:digest", "entries:archive", "entries:bomb"}
    assert not jail.into.exists()


@pytest.mark.parametrize("claimed", [0, 1, 27, 2**40])
def test_a_size_that_lies_in_the_manifest(jail: Jail, claimed: int) -> None:
    def lie(document: dict[str, Any]) -> dict[str, Any]:
        document["entries"][0]["size"] = claimed
        return document

    category, code = ("entries:bomb", 11) if claimed == 2**40 else ("entries:digest", 2)
    jail.refuse_parts(Recipe(manifest=lie).parts(), category, code)


def _zeros(size: int) -> bytes:
    """10 GB take some kilobytes, in frames that each unpack to 64 MiB of zeros."""
    return packed(bytes(64 * MIB)) * (size // (64 * MIB))


def test_a_bomb_that_its_manifest_keeps_silent_about(jail: Jail) -> None:
    payload = _zeros(10 << 30)
    head = packed(member("baselines/1.cdx.json", size=10 << 30))
    parts = Recipe(payload=head + payload).parts()
    assert len(parts["payload.tar.zst"]) < 400_000
    jail.refuse_parts(parts, "entries:bomb")


def test_a_bomb_that_its_manifest_admits(jail: Jail) -> None:
    def admit(document: dict[str, Any]) -> dict[str, Any]:
        document["entries"][0]["size"] = 10 << 30
        return document

    report = jail.refuse_parts(Recipe(payload=_zeros(1 << 30), manifest=admit).parts(), "entries:bomb")
    assert "may be a bomb" in report.failure


def test_more_than_a_kit_may_unpack_to(jail: Jail) -> None:
    jail.refuse_parts(Recipe().parts(), "entries:bomb", limits=Limits(unpacked=10))


def test_a_window_that_would_fill_the_memory(jail: Jail) -> None:
    options = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    writer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    report = jail.refuse_parts(
        Recipe(payload=writer.compress(archive(*GOOD)) + writer.flush()).parts(), "entries:window"
    )
    assert "128 MiB" in report.failure


def test_a_window_that_a_second_frame_asks_for(jail: Jail) -> None:
    options = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    writer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    second = writer.compress(bytes(1024)) + writer.flush()
    jail.refuse_parts(Recipe(payload=packed(b"".join(GOOD)) + second).parts(), "entries:zstd")


def test_a_million_members(jail: Jail) -> None:
    many = packed(member("extra") * 10_000) * 100
    jail.refuse_parts(Recipe(payload=packed(b"".join(GOOD)) + many).parts(), "entries:unexpected")


@pytest.mark.parametrize("cut", [1, 5, 20, -1])
def test_a_payload_that_is_cut_off_and_signed_so(jail: Jail, cut: int) -> None:
    whole = packed(archive(*GOOD), level=1)
    parts = Recipe(payload=whole[: len(whole) // 2] if cut < 0 else whole[:-cut]).parts()
    report = verified(samples.write_tar(jail.root / "kit.tar", parts), jail.into)
    # The checksum of the frame (4 bytes) adds nothing to the digests of all entries, which were compared.
    assert report.verified is (cut < 5 and cut > 0)
    assert report.verified or report.category in {"entries:archive", "entries:zstd"}


@pytest.mark.parametrize("keep", [0, 3, 10, 50])
def test_a_payload_that_was_cut_off_on_its_way(jail: Jail, keep: int) -> None:
    parts = Recipe().parts()
    parts["payload.tar.zst"] = parts["payload.tar.zst"][:keep]
    report = jail.refuse_parts(parts, "entries:changed", 2)
    assert "changed or cut off" in report.failure


@pytest.mark.parametrize(
    "garbage", [b"garbage after the frame", packed(b"and in a frame of its own"), packed(bytes(2 * MIB))]
)
def test_what_follows_the_payload(jail: Jail, garbage: bytes) -> None:
    parts = Recipe(payload=packed(archive(*GOOD)) + garbage).parts()
    report = verified(samples.write_tar(jail.root / "kit.tar", parts), jail.into)
    assert report.category in {"entries:zstd", "entries:archive", "entries:bomb"}


def test_what_hides_behind_a_member(jail: Jail) -> None:
    data = samples.FILES["analyzers.json"]
    hidden = member("analyzers.json", data)[:512] + data + b"\1" * (512 - len(data))
    assert "hidden" in jail.refuse_tar(archive(GOOD[0], hidden), "entries:archive").failure


@pytest.mark.parametrize(
    "payload", [b"", b"no zstd at all", b"\x28\xb5\x2f\xfd", bytes(1000), b"\x50\x2a\x4d\x18\xff\xff\xff\xff"]
)
def test_a_payload_that_is_none(jail: Jail, payload: bytes) -> None:
    report = verified(samples.write_tar(jail.root / "kit.tar", Recipe(payload=payload).parts()), jail.into)
    assert report.category in {"entries:zstd", "entries:archive"}


@pytest.mark.parametrize(
    "header",
    [
        tarfile.TarInfo("x" * 100_000).tobuf(tarfile.GNU_FORMAT),
        tarfile.TarInfo("ä" * 100_000).tobuf(tarfile.PAX_FORMAT),
        member("././@LongLink", kind=b"L", size=2**62),
        member("pax", b"99999 path=a\n", kind=b"x"),
        member("pax", b"12 path=../x\n" + b"13 path=../xx\n", kind=b"x"),
        member("pax", b"18 size=-10000000\n", kind=b"x"),
        member("pax", b"26 GNU.sparse.size=100000\n", kind=b"x"),
        member("pax", b"", kind=b"x") * 2,
        member("long", b"a", kind=b"L") * 2,
        member("pax", b"", kind=b"x") + bytes(1024),
        b"\xff" * 512,
        b"a" * 512,
    ],
)
def test_a_header_that_lies(jail: Jail, header: bytes) -> None:
    jail.refuse_tar(archive(header, *GOOD), "entries:archive")
