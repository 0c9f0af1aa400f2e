"""Hostile containers: each is refused in words, and nothing is written outside of the folder that it is unpacked to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from execution_ops.domain.kits import CheckStatus, CheckStep
from tests import kit_samples as samples
from tests.kit_samples import Recipe, archive, member, packed, verified
from tests.unit.scanner.kit_jail import Jail

MIB = 1 << 20


@pytest.fixture
def jail(tmp_path: Path) -> Jail:
    return Jail(tmp_path)


def test_a_manifest_of_a_gigabyte(jail: Jail) -> None:
    source = samples.write_folder(jail.root / "kit", Recipe().parts())
    os.truncate(source / "manifest.json", 1 << 30)
    (jail.root / "other").mkdir()
    report = verified(source, jail.into)
    assert report.category == "container:oversize"
    os.truncate(source / "manifest.json", 0)


@pytest.mark.parametrize("name", ["payload.tar.zst", "manifest.json", "statement.dsse.json"])
def test_a_link_in_the_directory(jail: Jail, name: str) -> None:
    source = samples.write_folder(jail.root / "kit", Recipe().parts())
    (source / name).unlink()
    (source / name).symlink_to(jail.root / "secret")
    assert "symbolic link" in jail.refuse(source, "container:link").failure


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_in_the_directory(jail: Jail, make: Callable[[Path], None]) -> None:
    source = samples.write_folder(jail.root / "kit", Recipe().parts())
    (source / "payload.tar.zst").unlink()
    make(source / "payload.tar.zst")
    jail.refuse(source, "container:kind")


def test_a_pipe_in_place_of_the_kit(jail: Jail) -> None:
    os.mkfifo(jail.root / "kit")
    jail.refuse(jail.root / "kit", "container:kind")


@pytest.mark.parametrize("name", ["../secret", "/secret", "extra", "sub/manifest.json", "Manifest.json", "\x1b[31m"])
def test_another_file_in_the_container(jail: Jail, name: str) -> None:
    report = verified(samples.write_tar(jail.root / "kit.tar", {**Recipe().parts(), name: b"x"}), jail.into)
    assert report.category in {"container:unknown-file", "container:damaged"}
    assert "\x1b" not in str(report)


def test_a_crowd_in_the_directory(jail: Jail) -> None:
    source = samples.write_folder(jail.root / "kit", {})
    for at in range(100):
        (source / f"{at}").touch()
    jail.refuse(source, "container:unknown-file")


@pytest.mark.parametrize("name", ["manifest.json", "payload.tar.zst", "statement.dsse.json"])
def test_a_kit_that_lacks_a_file(jail: Jail, name: str) -> None:
    parts = Recipe().parts()
    del parts[name]
    assert name in jail.refuse_parts(parts, "container:incomplete").failure


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"6"])
def test_a_link_or_device_in_the_container(jail: Jail, kind: bytes) -> None:
    parts = Recipe().parts()
    del parts["statement.dsse.json"]
    tar = [member(*one) for one in parts.items()]
    (jail.root / "kit.tar").write_bytes(archive(*tar, member("statement.dsse.json", kind=kind, link="/etc/passwd")))
    jail.refuse(jail.root / "kit.tar", "container:damaged")


def test_a_file_twice_in_the_container(jail: Jail) -> None:
    tar = [member(*one) for one in Recipe().parts().items()]
    (jail.root / "kit.tar").write_bytes(archive(*tar, tar[0]))
    assert "twice" in jail.refuse(jail.root / "kit.tar", "container:damaged").failure


@pytest.mark.parametrize("claimed", [0, 10, 2**40, 2**62])
def test_a_size_that_lies_in_the_container(jail: Jail, claimed: int) -> None:
    parts = Recipe().parts()
    payload = member("payload.tar.zst", parts.pop("payload.tar.zst"), size=claimed)
    (jail.root / "kit.tar").write_bytes(archive(*(member(*one) for one in parts.items()), payload))
    report = verified(jail.root / "kit.tar", jail.into)
    assert report.category in {"container:damaged", "entries:changed"}


@pytest.mark.parametrize("end", [b"", b"garbage", bytes(1024) + b"garbage", bytes(3 * MIB)])
def test_an_end_of_the_container_that_is_none(jail: Jail, end: bytes) -> None:
    (jail.root / "kit.tar").write_bytes(archive(*(member(*one) for one in Recipe().parts().items()), end=end))
    jail.refuse(jail.root / "kit.tar", "container:damaged")


@pytest.mark.parametrize(
    "data", [b"", b"no tar at all", b"PK\x03\x04", b"\x1f\x8b\x08", packed(b"x"), b"\0" * 700, b"x" * 5000]
)
def test_a_file_that_is_no_kit(jail: Jail, data: bytes) -> None:
    (jail.root / "kit.tar").write_bytes(data)
    report = verified(jail.root / "kit.tar", jail.into)
    assert report.category in {"container:damaged", "container:packed", "container:incomplete"}
    assert report.checks[0].step is CheckStep.CONTAINER
    assert all(check.status is CheckStatus.NOT_RUN for check in report.checks[1:])


def test_a_path_with_a_character_that_no_path_has(tmp_path: Path) -> None:
    assert verified(tmp_path / "a\0b").category == "container:unreadable"
