"""What the receipt of a log proves, and what it does not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution_ops.domain.kits import CheckStatus, CheckStep, KitReport
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.scanner.kits.receipt import root_of
from tests import kit_samples as samples
from tests.kit_samples import Recipe, verified

PARTS = Recipe().parts()


def outcome(tmp_path: Path, document: Any, **options: Any) -> KitReport:
    """The report on a kit with this receipt, which is all that can be wrong with it."""
    source = samples.write_tar(tmp_path / "kit.tar", samples.with_receipt(PARTS, document))
    report = verified(source, tmp_path / "into", **options)
    assert report.checks[CheckStep.RECEIPT.number - 2].status is CheckStatus.PASSED
    assert (tmp_path / "into").exists() is report.verified
    return report


@pytest.mark.parametrize(("at", "size"), [(0, 1), (0, 2), (6, 7), (5, 8), (99, 100)])
@pytest.mark.parametrize("key", [samples.LOG, samples.NOTE_LOG])
def test_a_receipt_of_this_kit(tmp_path: Path, key: samples.PrivateKey, at: int, size: int) -> None:
    trust = (samples.TRUST[0], samples.trusted(key, TrustUse.LOG, name="log"))
    assert outcome(tmp_path, samples.receipt(PARTS, key, at=at, size=size), trust=trust).verified


def test_a_receipt_of_another_kit(tmp_path: Path) -> None:
    other = samples.receipt(Recipe(version="2026.11.7").parts())
    report = outcome(tmp_path, other)
    assert (report.exit_code, report.category) == (6, "rekor:other-kit")


def test_a_log_that_nobody_trusts(tmp_path: Path) -> None:
    report = outcome(tmp_path, samples.receipt(PARTS, samples.STRANGER))
    assert (report.exit_code, report.category) == (6, "rekor:untrusted")


def test_no_key_of_a_log(tmp_path: Path) -> None:
    # The builder's key is no log's: it does not count here.
    report = outcome(tmp_path, samples.receipt(PARTS, samples.BUILDER), trust=(samples.TRUST[0],))
    assert (report.exit_code, report.category) == (6, "rekor:no-trust-root")
    assert "leave the receipt out" in report.failure


def note(change: Callable[[str], str]) -> Callable[[dict[str, Any]], Any]:
    """Another note, signed anew by the trusted log."""

    def changed(document: dict[str, Any]) -> dict[str, Any]:
        text = change(document["checkpoint"].partition("\n\n")[0] + "\n")
        signature = base64.b64encode(b"hint" + samples.sign(samples.LOG, text.encode())).decode()
        return {**document, "checkpoint": f"{text}\n— rekor.example {signature}\n"}

    return changed


@pytest.mark.parametrize(
    ("change", "category"),
    [
        (lambda one: {**one, "logIndex": 4}, "rekor:proof"),
        (lambda one: {**one, "logIndex": 11}, "rekor:proof"),
        (lambda one: {**one, "treeSize": 2**60}, "rekor:proof"),
        (lambda one: {**one, "hashes": []}, "rekor:proof"),
        (lambda one: {**one, "hashes": one["hashes"][:-1]}, "rekor:proof"),
        (lambda one: {**one, "hashes": [*one["hashes"], "0" * 64]}, "rekor:proof"),
        (lambda one: {**one, "hashes": one["hashes"][::-1]}, "rekor:proof"),
        (lambda one: {**one, "rootHash": "0" * 64}, "rekor:proof"),
        (lambda one: {**one, "uuid": "0" * 64}, "rekor:uuid"),
        (lambda one: {**one, "checkpoint": "no note"}, "rekor:checkpoint"),
        (lambda one: {**one, "checkpoint": one["checkpoint"].replace("\n11\n", "\n12\n")}, "rekor:checkpoint"),
        (lambda one: {**one, "checkpoint": one["checkpoint"].replace("42", "43")}, "rekor:untrusted"),
        (lambda one: {**one, "checkpoint": one["checkpoint"].partition("—")[0]}, "rekor:untrusted"),
        (lambda one: {**one, "checkpoint": one["checkpoint"].replace("—", "-")}, "rekor:untrusted"),
        (note(lambda text: text.replace("\n11\n", "\n12\n")), "rekor:checkpoint"),
        (note(lambda text: text.replace("\n11\n", "\n011\n")), "rekor:checkpoint"),
        (note(lambda text: "\n" + text), "rekor:checkpoint"),
        (lambda one: {**one, "body": base64.b64encode(b"{}").decode()}, "rekor:malformed"),
        (lambda one: {**one, "body": base64.b64encode(b'{"kind": "dsse", "spec": {}}').decode()}, "rekor:other-kit"),
        (lambda one: {**one, "body": "!"}, "rekor:malformed"),
        (lambda one: {**one, "logIndex": -1}, "rekor:malformed"),
        (lambda one: {**one, "logIndex": 5.0}, "rekor:malformed"),
        (lambda one: {**one, "hashes": ["0" * 64] * 65}, "rekor:malformed"),
        (lambda one: {}, "rekor:malformed"),
        (lambda one: None, "rekor:malformed"),
    ],
)
def test_a_receipt_that_proves_nothing(tmp_path: Path, change: Callable[[dict[str, Any]], Any], category: str) -> None:
    report = outcome(tmp_path, change(samples.receipt(PARTS)))
    assert (report.exit_code, report.category) == (6, category)


def test_a_note_may_say_more_than_is_known(tmp_path: Path) -> None:
    assert outcome(tmp_path, note(lambda text: text + "Timestamp: 1763106720\n")(samples.receipt(PARTS))).verified


@settings(deadline=None)
@given(st.integers(1, 130).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_proof_leads_to_its_root_and_to_no_other(place: tuple[int, int]) -> None:
    size, at = place
    leaves = [b"%d" % one for one in range(size)]
    proof = samples.audit_path(at, leaves)
    leaf = samples.tree_hash([leaves[at]])
    assert root_of(leaf, at, size, proof) == samples.tree_hash(leaves)
    assert root_of(leaf, at, size, [*proof, bytes(32)]) is None
    assert root_of(leaf, size, size, proof) is None
    for other in {0, size - 1, at ^ 1} - {at}:
        assert root_of(leaf, other, size, proof) != samples.tree_hash(leaves)
