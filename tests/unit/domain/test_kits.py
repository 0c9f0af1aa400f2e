"""Names, versions, ages and reports of kits, and the keys that are trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kit_names import compare_versions, name_fault, names_fault
from execution_ops.domain.kits import AgeLevel, Check, CheckStatus, CheckStep, ExitCode, KitReport, failed_at, kit_age
from execution_ops.domain.scanner_settings import Staleness
from execution_ops.domain.trust_keys import read_public_key

VERSIONS = st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-[a-d][0-9]?)?\Z")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("2026.11.7", "2026.11.14"),
        ("2026.11.14", "2026.11.14-d1"),
        ("2026.11.14-d3", "2026.11.14-d10"),
        ("2026.11.14-d3", "2026.11.15"),
        ("1", "1.0.1"),
        ("9", "10"),
    ],
)
def test_versions_compare_as_numbers(lower: str, higher: str) -> None:
    assert compare_versions(lower, higher) == -1
    assert compare_versions(higher, lower) == 1


@pytest.mark.parametrize(
    ("category", "step"),
    [
        ("payload:digest", CheckStep.PAYLOAD),
        ("dsse:untrusted", CheckStep.SIGNATURE),
        ("rekor:other", CheckStep.RECEIPT),
        *[(f"{step.value}:x", step) for step in CheckStep],
    ],
)
def test_a_refusal_names_its_step(category: str, step: CheckStep) -> None:
    assert failed_at(category) == step.heading


def test_missing_numbers_are_zero() -> None:
    assert compare_versions("1.0", "1") == compare_versions("01", "1") == 0


@given(VERSIONS, VERSIONS, VERSIONS)
def test_versions_are_in_one_order(one: str, two: str, three: str) -> None:
    assert compare_versions(one, one) == 0
    assert compare_versions(one, two) == -compare_versions(two, one)
    if compare_versions(one, two) <= 0 and compare_versions(two, three) <= 0:
        assert compare_versions(one, three) <= 0


@pytest.mark.parametrize("text", ["", "v1", "1.", ".1", "1-", "1-D1", "1 ", "1\n", "1" * 10, "٣", "1.2.3.4.5.6.7.8.9"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="not a version"):
        compare_versions(text, "1")


@given(st.text(max_size=30))
def test_a_good_name_leads_nowhere_but_down(name: str) -> None:
    if not name_fault(name):
        assert name == name.strip("/")
        assert not {"..", ".", ""} & set(name.split("/"))


def test_names_that_lie_beside_each_other() -> None:
    assert names_fault(["a/b", "a/c", "b"]) == ""
    assert "same name" in names_fault(["straße", "STRASSE"])
    assert "folder of another" in names_fault(["A", "a/b"])


@pytest.mark.parametrize(
    ("hours", "level", "words"),
    [
        (23.9, AgeLevel.OK, "23h 54m old."),
        (24, AgeLevel.AMBER, "24h 00m old: amber from 24 h on, red from 72 h on."),
        (72, AgeLevel.RED, "3d 0h old, stale: red from 72 h on. Import a newer kit."),
        (-2, AgeLevel.AMBER, "Made 2h 00m in the future: check the clocks of this host and of the builder."),
    ],
)
def test_the_age_of_a_kit_in_words(hours: float, level: AgeLevel, words: str) -> None:
    assert kit_age(NOW - timedelta(hours=hours), NOW, Staleness()) == (level, words)


def test_steps_have_headings_and_numbers() -> None:
    assert [step.number for step in CheckStep] == list(range(1, 9))
    assert all(step.heading for step in CheckStep)


def test_a_report_in_short() -> None:
    passed = [Check(step=step, status=CheckStatus.PASSED) for step in CheckStep]
    good = KitReport(checks=tuple(passed))
    assert (good.verified, good.only_lower, good.failure) == (True, False, "")

    lower = Check(step=CheckStep.VERSION, status=CheckStatus.FAILED, found="It is lower.", advice="Think.")
    report = KitReport(checks=(*passed[:6], lower, passed[7]), exit_code=ExitCode.NON_MONOTONIC)
    assert (report.verified, report.only_lower, report.failure) == (False, True, "It is lower. Think.")

    full = Check(step=CheckStep.DISK, status=CheckStatus.FAILED, found="It is full.")
    assert not KitReport(checks=(*passed[:6], lower, full), exit_code=ExitCode.NON_MONOTONIC).only_lower


def pem(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_public_key_is_told_by_its_fingerprint() -> None:
    # RFC 8410, section 10.1; the fingerprint is what `openssl pkey -pubin -outform DER | sha256sum` prints.
    body = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    text = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
    key = read_public_key(f"\n  {text}")
    assert key.algorithm == "ed25519"
    assert key.fingerprint == "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f"
    assert key.pem == text


SMALL = Ed25519PrivateKey.from_private_bytes(bytes(32))
RSA = generate_rsa(65537, 2048).public_key()
OTHER_CURVE = generate_private_key(SECP384R1()).public_key()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Give one public key"),
        ("ssh-ed25519 AAAA", "Give one public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "damaged"),
        (pem(SMALL) * 2, "Give one public key"),
        (pem(SMALL) + "ä", "Give one public key"),
        (pem(SMALL) + " " * 10 + "x" * 5000, "at most 4,096"),
        (
            SMALL.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "private key. Keep it secret",
        ),
        (RSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "another kind"),
        (OTHER_CURVE.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "another kind"),
    ],
)
def test_what_is_no_key_to_trust(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        read_public_key(text)
    assert refusal.value.field == "pem"
