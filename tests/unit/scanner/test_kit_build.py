"""Kits that are built, which are verified and carry what was put in; and what can't be built."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kit_payload import KitBaseline, KitPayload, KitSyft
from execution_ops.domain.kits import Channel, KitManifest
from execution_ops.scanner.kits.build import BuiltKit, KitAbout, build
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.payload import PayloadFile, payload_files, read_payload
from execution_ops.scanner.kits.signing import SigningKey, read_signing_key
from tests import kit_samples as samples

ABOUT = KitAbout("2026.11.14", Channel.STABLE, datetime(2026, 11, 14, tzinfo=UTC), "Ops, München")


def written(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))


def built(root: Path, files: list[PayloadFile], about: KitAbout = ABOUT, **options: Any) -> BuiltKit:
    work = root / "work"
    work.mkdir(exist_ok=True)
    options = {"checkpoint": samples.ignore, "progress": samples.ignore, **options}
    return build(root / "kit", files, about, SigningKey(samples.BUILDER), work_dir=work, **options)


@pytest.mark.parametrize("as_directory", [True, False])
def test_what_is_built_is_verified(tmp_path: Path, as_directory: bool) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * 10_000)
    files = [PayloadFile("a/b", b"text"), PayloadFile("ü/" + "x" * 150, big), PayloadFile("empty", b"")]

    kit = built(tmp_path, files, as_directory=as_directory)

    report = samples.verified(tmp_path / "kit", tmp_path / "into")
    assert report.verified
    assert report.manifest == kit.manifest
    assert report.manifest_sha256 == kit.manifest_sha256
    assert samples.tree(tmp_path / "into") == {"a/b": b"text", "ü/" + "x" * 150: big.read_bytes(), "empty": b""}
    assert list((tmp_path / "work").iterdir()) == []
    if as_directory:
        assert kit.size == sum(path.stat().st_size for path in (tmp_path / "kit").iterdir())
    else:
        assert kit.sha256 == samples.sha256((tmp_path / "kit").read_bytes())
        assert kit.size == report.size == (tmp_path / "kit").stat().st_size


def test_the_same_files_give_the_same_kit(tmp_path: Path) -> None:
    kits = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        kits.append(built(tmp_path / name, [PayloadFile("a", b"text")]))
    assert kits[0] == kits[1]


def test_progress_reaches_its_end_and_a_cancel_leaves_no_kit(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    built(tmp_path, [PayloadFile("a", b"12345")], progress=lambda *one: told.append(one))
    assert told[0] == (5, 5, "Packing")
    assert told[-1][0] == told[-1][1]

    def cancel() -> None:
        raise InterruptedError

    (tmp_path / "kit").unlink()
    with pytest.raises(InterruptedError):
        built(tmp_path, [PayloadFile("a", b"12345")], checkpoint=cancel)
    assert not (tmp_path / "kit").exists()


@pytest.mark.parametrize(
    ("names", "version", "words"),
    [
        (["../a"], "1", "leads out"),
        (["a", "A"], "1", "same name"),
        (["a"], "latest", "up to eight numbers"),
        ([str(number) for number in range(10_001)], "1", "at most 10,000 files"),
    ],
)
def test_what_no_kit_can_hold(tmp_path: Path, names: list[str], version: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        built(tmp_path, [PayloadFile(name, b"") for name in names], ABOUT._replace(version=version))
    assert not (tmp_path / "kit").exists()


@pytest.mark.parametrize("key", [samples.BUILDER, samples.CURVE_BUILDER])
def test_keys_with_and_without_password(key: samples.PrivateKey) -> None:
    fingerprint = samples.trusted(key).fingerprint
    assert read_signing_key(written(key)).fingerprint == fingerprint
    assert read_signing_key(written(key, BestAvailableEncryption(b"word")), b"word").fingerprint == fingerprint


@pytest.mark.parametrize(
    ("pem", "password", "words"),
    [
        (b"", None, "not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", None, "can't be read"),
        (samples.pem(samples.BUILDER).encode(), None, "can't be read"),
        (b"-----BEGIN" + b"x" * 20_000, None, "not a private key"),
        (written(samples.BUILDER), b"word", "has no password"),
        (written(samples.BUILDER, BestAvailableEncryption(b"word")), None, "needs a password"),
        (written(samples.BUILDER, BestAvailableEncryption(b"word")), b"other", "password is wrong"),
        (written(generate_private_key(SECP384R1())), None, "another kind"),
        (written(generate_rsa(65537, 2048)), None, "another kind"),
    ],
)
def test_keys_that_do_not_sign(pem: bytes, password: bytes | None, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_signing_key(pem, password)


def test_what_is_put_in_is_read_out(tmp_path: Path) -> None:
    document, binary = tmp_path / "one.json", tmp_path / "syft-binary"
    document.write_bytes(b'{"bomFormat": "CycloneDX"}')
    binary.write_bytes(b"\x7fELF")
    baseline = KitBaseline(
        file="",
        source="/srv/shop",
        label="2.3",
        sha256=samples.sha256(document.read_bytes()),
        size=26,
        components=12,
        promoted=True,
        syft="1.38.0",
    )
    syft = KitSyft(version="1.38.0", platform="linux-x86_64", sha256=samples.sha256(b"\x7fELF"))
    built(tmp_path, payload_files([(baseline, document)], ["java-archive", "binary"], (syft, binary)))
    report = samples.verified(tmp_path / "kit", tmp_path / "into")
    assert report.manifest is not None

    found = read_payload(tmp_path / "into", report.manifest)

    assert found.baselines == (baseline.model_copy(update={"file": "baselines/1.cdx.json"}),)
    assert found.analyzers is not None
    assert found.analyzers.disabled == ("binary", "java-archive")
    assert found.syft == syft


def test_a_kit_of_others_may_carry_nothing_that_is_known(tmp_path: Path) -> None:
    built(tmp_path, [PayloadFile("feeds/osv.json", b"{}")])
    report = samples.verified(tmp_path / "kit", tmp_path / "into")
    assert report.manifest is not None
    assert read_payload(tmp_path / "into", report.manifest) == KitPayload()


def listed(**changes: object) -> str:
    entry = {"file": "b", "source": "/s", "sha256": samples.sha256(b"x"), "size": 1, "components": 1, "promoted": True}
    return json.dumps({**entry, **changes})


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"baselines/index.json": "[]"}, "baselines/index.json is not what it should be"),
        ({"baselines/index.json": f'{{"baselines": [{listed()}]}}'}, "is not in the kit"),
        ({"baselines/index.json": f'{{"baselines": [{listed()}]}}', "b": "y"}, "is another"),
        ({"baselines/index.json": f'{{"baselines": [{listed()}, {listed()}]}}', "b": "x"}, "is of two"),
        (
            {"baselines/index.json": f'{{"baselines": [{listed()}, {listed(file="c")}]}}', "b": "x", "c": "x"},
            "are promoted",
        ),
        ({"baselines/index.json": f'{{"baselines": [{listed(file="../up")}]}}'}, "is not in the kit"),
        ({"baselines/index.json": f'{{"baselines": [{listed(components=-1)}]}}', "b": "x"}, "components"),
        ({"baselines/index.json": f'{{"baselines": [{listed(extra=1)}]}}', "b": "x"}, "extra"),
        ({"analyzers.json": '{"disabled": "all"}'}, "analyzers.json is not what it should be"),
        ({"syft": "elf"}, "do not belong together"),
        (
            {"syft.json": f'{{"version": "1", "platform": "p", "sha256": "{"0" * 64}"}}', "syft": "elf"},
            "belong together",
        ),
        ({"analyzers.json": "[" * (17 << 20)}, "at most"),
    ],
)
def test_a_payload_whose_parts_do_not_fit(tmp_path: Path, files: dict[str, str], words: str) -> None:
    built(tmp_path, [PayloadFile(name, text.encode()) for name, text in files.items()])
    report = samples.verified(tmp_path / "kit", tmp_path / "into")
    assert isinstance(report.manifest, KitManifest)
    with pytest.raises(KitRefused) as refusal:
        read_payload(tmp_path / "into", report.manifest)
    assert words in refusal.value.found
    assert (refusal.value.exit_code, refusal.value.category) == (11, "payload:content")
