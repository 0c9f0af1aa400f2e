"""Who vouches for a kit, and for which."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from execution_ops.domain.kits import CheckStatus, CheckStep, KitReport
from tests import kit_samples as samples
from tests.kit_samples import Recipe, verified

Change = Callable[[dict[str, Any]], Any]


def outcome(tmp_path: Path, parts: dict[str, bytes], **options: Any) -> KitReport:
    """The report on a kit that fails at its signature, if anywhere."""
    report = verified(samples.write_tar(tmp_path / "kit.tar", parts), tmp_path / "into", **options)
    assert report.checks[CheckStep.SIGNATURE.number - 2].status is CheckStatus.PASSED
    assert (tmp_path / "into").exists() is report.verified
    return report


def test_no_signature(tmp_path: Path) -> None:
    report = outcome(tmp_path, Recipe(keys=()).parts())
    assert (report.exit_code, report.category, report.signer) == (5, "dsse:unsigned", None)


def test_a_key_that_nobody_trusts(tmp_path: Path) -> None:
    report = outcome(tmp_path, Recipe(keys=(samples.STRANGER,)).parts())
    assert (report.exit_code, report.category) == (5, "dsse:untrusted")
    assert samples.trusted(samples.STRANGER).fingerprint in report.failure


def test_a_key_that_only_calls_itself_trusted(tmp_path: Path) -> None:
    def claim(envelope: dict[str, Any]) -> dict[str, Any]:
        envelope["signatures"][0]["keyid"] = samples.trusted(samples.BUILDER).fingerprint
        return envelope

    report = outcome(tmp_path, Recipe(keys=(samples.STRANGER,), envelope=claim).parts())
    assert (report.exit_code, report.category) == (5, "dsse:invalid")


@pytest.mark.parametrize("keyid", [None, "", "any", samples.trusted(samples.STRANGER).fingerprint, "ä" * 200])
def test_a_key_id_is_only_a_hint(tmp_path: Path, keyid: str | None) -> None:
    def rename(envelope: dict[str, Any]) -> dict[str, Any]:
        envelope["signatures"][0]["keyid"] = keyid
        if keyid is None:
            del envelope["signatures"][0]["keyid"]
        return envelope

    assert outcome(tmp_path, Recipe(envelope=rename).parts()).verified


def test_one_of_several_signatures_is_enough(tmp_path: Path) -> None:
    assert outcome(tmp_path, Recipe(keys=(samples.STRANGER, samples.STRANGER, samples.BUILDER)).parts()).verified


def test_the_same_statement_signed_before(tmp_path: Path) -> None:
    parts = Recipe(version="2026.11.21").parts()
    parts["statement.dsse.json"] = Recipe().parts()["statement.dsse.json"]
    report = outcome(tmp_path, parts)
    assert (report.exit_code, report.category) == (5, "dsse:subject")
    assert "of another kit" in report.failure


def test_another_payload_type(tmp_path: Path) -> None:
    report = outcome(tmp_path, Recipe(payload_type="application/json").parts())
    assert (report.exit_code, report.category) == (5, "dsse:payload-type")


def test_a_payload_type_that_was_not_signed(tmp_path: Path) -> None:
    recipe = Recipe(payload_type="text/plain", envelope=lambda one: {**one, "payloadType": samples.IN_TOTO})
    assert outcome(tmp_path, recipe.parts()).category == "dsse:invalid"


def test_a_url_safe_envelope(tmp_path: Path) -> None:
    def translate(envelope: dict[str, Any]) -> dict[str, Any]:
        safe = str.maketrans("+/", "-_")
        signatures = [{**one, "sig": one["sig"].translate(safe)} for one in envelope["signatures"]]
        return {**envelope, "payload": envelope["payload"].translate(safe), "signatures": signatures}

    assert outcome(tmp_path, Recipe(envelope=translate).parts()).verified


@pytest.mark.parametrize(
    "change",
    [
        lambda one: [],
        lambda one: {**one, "payload": "not base64 !"},
        lambda one: {**one, "payload": "ä"},
        lambda one: {**one, "payload": None},
        lambda one: {**one, "signatures": {}},
        lambda one: {**one, "signatures": one["signatures"] * 9},
        lambda one: {**one, "signatures": [{"keyid": 1, "sig": "AA=="}]},
        lambda one: {**one, "signatures": [{"keyid": "a"}]},
        lambda one: {"payloadType": samples.IN_TOTO},
    ],
)
def test_an_envelope_that_is_none(tmp_path: Path, change: Change) -> None:
    report = outcome(tmp_path, Recipe(envelope=change).parts())
    assert (report.exit_code, report.category) == (5, "dsse:malformed")


@pytest.mark.parametrize("signature", [b"", b"\0", b"\0" * 64, b"\xff" * 500])
@pytest.mark.parametrize("key", [samples.BUILDER, samples.CURVE_BUILDER])
def test_a_signature_that_is_none(tmp_path: Path, signature: bytes, key: samples.PrivateKey) -> None:
    def spoil(envelope: dict[str, Any]) -> dict[str, Any]:
        envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
        return envelope

    parts = Recipe(keys=(key,), envelope=spoil).parts()
    assert outcome(tmp_path, parts, trust=(samples.trusted(key),)).category == "dsse:invalid"


def predicate(**changes: Any) -> Change:
    return lambda one: {**one, "predicate": {**one["predicate"], **changes}}


@pytest.mark.parametrize(
    ("change", "category"),
    [
        (lambda one: {**one, "_type": "https://in-toto.io/Statement/v0.1"}, "dsse:predicate"),
        (lambda one: {**one, "predicateType": "https://slsa.dev/provenance/v1"}, "dsse:predicate"),
        (lambda one: {**one, "subject": []}, "dsse:subject"),
        (lambda one: {**one, "subject": one["subject"][:1]}, "dsse:subject"),
        (lambda one: {**one, "subject": one["subject"][1:]}, "dsse:subject"),
        (lambda one: {**one, "subject": [*one["subject"], {"name": "manifest.json", "digest": {}}]}, "dsse:subject"),
        (predicate(offline_manifest_sha256="0" * 64), "dsse:subject"),
        (predicate(oukit_channel="edge"), "dsse:channel"),
        (predicate(feeds=[{}]), "dsse:statement"),
        (predicate(builder=None), "dsse:statement"),
        (lambda one: {**one, "predicate": []}, "dsse:statement"),
        (lambda one: [one], "dsse:statement"),
    ],
)
def test_a_statement_of_something_else(tmp_path: Path, change: Change, category: str) -> None:
    report = outcome(tmp_path, Recipe(statement=change).parts())
    assert (report.exit_code, report.category) == (5, category)


def test_a_trust_root_that_is_no_key_vouches_for_nothing(tmp_path: Path) -> None:
    broken = samples.trusted(samples.BUILDER).model_copy(update={"pem": "no key"})
    assert outcome(tmp_path, Recipe().parts(), trust=(broken,)).category == "dsse:invalid"


def test_many_signatures_and_many_keys_take_no_time(tmp_path: Path) -> None:
    others = [Ed25519PrivateKey.generate() for _ in range(8)]
    trust = [samples.trusted(Ed25519PrivateKey.generate(), name=f"key {at}") for at in range(50)]
    assert outcome(tmp_path, Recipe(keys=others).parts(), trust=trust).category == "dsse:untrusted"
