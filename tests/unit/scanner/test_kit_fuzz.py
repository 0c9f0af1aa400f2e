"""Kits that are nearly right, a few hundred of them; `make fuzz` tries out a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution_ops.domain.kits import KitManifest
from execution_ops.scanner.kits import unpacking
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.receipt import check_receipt
from execution_ops.scanner.kits.statement import check_statement
from execution_ops.scanner.kits.strict_json import Malformed, read_model
from execution_ops.scanner.kits.tar import TarFault, next_member
from tests import kit_samples as samples
from tests.fuzz_kits import Bench
from tests.kit_mutations import LOGGED, ORIGINAL, mutant, spoiled

ANY = settings(deadline=None, max_examples=300)
SEEDS = st.integers(0, 2**48)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("beside", [0, 1 << 20])
def test_mutants_get_a_verdict_and_nothing_else(bench: Bench, monkeypatch: pytest.MonkeyPatch, beside: int) -> None:
    monkeypatch.setattr(unpacking, "BESIDE_FROM", beside)

    @settings(deadline=None, max_examples=150)
    @given(SEEDS)
    def tried(seed: int) -> None:
        bench.try_out(mutant(Random(seed)))

    tried()


def spoiled_part(name: str) -> Callable[[int], bytes]:
    return lambda seed: spoiled(Random(seed), LOGGED[name])


@ANY
@given(st.one_of(st.binary(max_size=2000), SEEDS.map(spoiled_part("manifest.json"))))
def test_any_manifest_is_read_or_malformed(data: bytes) -> None:
    try:
        manifest = read_model(KitManifest, data)
    except Malformed as fault:
        assert str(fault).endswith(".")
    else:
        assert KitManifest.model_validate_json(manifest.model_dump_json()) == manifest


@ANY
@given(st.one_of(st.binary(max_size=2000), SEEDS.map(spoiled_part("statement.dsse.json"))))
def test_any_envelope_vouches_for_the_kit_or_is_refused(data: bytes) -> None:
    text = ORIGINAL["manifest.json"]
    manifest = read_model(KitManifest, text)
    try:
        attested = check_statement(data, manifest, samples.sha256(text), samples.TRUST[:1])
    except KitRefused as refusal:
        assert refusal.exit_code == 5
    else:
        assert attested.builder == "tests"


@ANY
@given(st.one_of(st.binary(max_size=2000), SEEDS.map(spoiled_part("rekor-receipt.json"))))
def test_any_receipt_proves_the_entry_or_is_refused(data: bytes) -> None:
    statement = check_statement(
        ORIGINAL["statement.dsse.json"],
        read_model(KitManifest, ORIGINAL["manifest.json"]),
        samples.sha256(ORIGINAL["manifest.json"]),
        samples.TRUST[:1],
    ).payload
    try:
        logged = check_receipt(data, statement, samples.TRUST[1:])
    except KitRefused as refusal:
        assert refusal.exit_code == 6
    else:
        assert (logged.place, logged.size) == (5, 11)


@ANY
@given(
    st.one_of(st.binary(max_size=4096), SEEDS.map(lambda seed: spoiled(Random(seed), samples.member("a", b"x") * 3)))
)
def test_any_archive_is_read_within_its_bounds_or_faulty(data: bytes) -> None:
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        assert 0 <= count <= 64 << 10
        if at + count > len(data):
            raise TarFault("The archive is cut off.")
        at += count
        return data[at - count : at]

    try:
        while (member := next_member(read)) is not None:
            assert member.size >= 0
            assert ".." not in member.name.split("/")
            at += member.size + member.padding
    except TarFault as fault:
        assert str(fault).endswith(".")


def test_originals_are_verified(tmp_path: Path) -> None:
    assert samples.verified(samples.write_tar(tmp_path / "kit.tar", LOGGED)).verified
