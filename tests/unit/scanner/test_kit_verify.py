"""Verifying kits that are what they should be, and some that are not: what is said, and what is written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from execution_ops.domain.kits import Check, CheckStatus, CheckStep, ExitCode, KitReport
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.scanner.kits import unpacking
from tests import kit_samples as samples
from tests.kit_samples import Recipe, verified


def statuses(report: KitReport) -> dict[CheckStep, CheckStatus]:
    return {check.step: check.status for check in report.checks}


def failed(report: KitReport) -> Check:
    [check] = [check for check in report.checks if check.status is CheckStatus.FAILED]
    return check


@pytest.mark.parametrize("write", [samples.write_tar, samples.write_folder])
def test_a_good_kit_is_verified_and_unpacked(tmp_path: Path, write) -> None:
    source = write(tmp_path / "kit", Recipe().parts())
    seen: list[Check] = []

    report = verified(source, tmp_path / "into", on_check=seen.append)

    assert report.verified
    assert (report.exit_code, report.category, report.failure) == (ExitCode.OK, "", "")
    assert tuple(seen) == report.checks
    assert [check.step for check in report.checks] == list(CheckStep)
    assert statuses(report) == {
        **dict.fromkeys(CheckStep, CheckStatus.PASSED),
        CheckStep.RECEIPT: CheckStatus.ABSENT,
    }
    assert report.manifest is not None
    assert report.manifest.version == "2026.11.14"
    assert report.manifest_sha256 == samples.sha256(Recipe().parts()["manifest.json"])
    assert report.signer is not None
    assert report.signer.name == "ops-kit"
    assert samples.tree(tmp_path / "into") == samples.FILES


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    before = samples.tree(tmp_path)
    assert verified(source).verified
    assert samples.tree(tmp_path) == before


def test_ecdsa_signs_as_well_as_ed25519(tmp_path: Path) -> None:
    source = samples.write_tar(tmp_path / "kit.tar", Recipe(keys=(samples.CURVE_BUILDER,)).parts())
    trust = (samples.trusted(samples.STRANGER), samples.trusted(samples.CURVE_BUILDER, name="curve"))
    report = verified(source, trust=trust)
    assert report.verified
    assert report.signer is not None
    assert report.signer.name == "curve"


def test_a_receipt_is_checked_against_a_trusted_log(tmp_path: Path) -> None:
    parts = Recipe().parts()
    source = samples.write_tar(tmp_path / "kit.tar", samples.with_receipt(parts, samples.receipt(parts)))
    report = verified(source)
    assert report.verified
    assert statuses(report)[CheckStep.RECEIPT] is CheckStatus.PASSED
    assert "Entry 5 of 11 in rekor.example - 42, whose checkpoint rekor signed." in str(report.checks)


def test_one_of_two_differs(tmp_path: Path) -> None:
    files = {**samples.FILES, "baselines/1.cdx.json": b'{"bomFormat": "other'}
    tar = samples.archive(*(samples.member(name, data) for name, data in files.items()))
    source = samples.write_tar(tmp_path / "kit.tar", Recipe(tar=tar).parts())

    report = verified(source, tmp_path / "into")

    assert (report.exit_code, report.category) == (ExitCode.CHECKSUM, "entries:digest")
    check = failed(report)
    assert check.step is CheckStep.ENTRIES
    assert check.found == "1 of 2 match the manifest. 1 differs."
    assert check.advice
    assert [(one.label, one.value) for one in check.details] == [
        ("file", "baselines/1.cdx.json"),
        ("manifest", samples.sha256(samples.FILES["baselines/1.cdx.json"])),
        ("found", samples.sha256(files["baselines/1.cdx.json"])),
        ("size", "20 of 26 bytes, cut off"),
    ]
    assert [check.status for check in report.checks[3:]] == [CheckStatus.NOT_RUN] * 5
    assert report.checks[-1].found == "Needs step 3, which failed."
    assert not (tmp_path / "into").exists()


def test_a_missing_entry_is_told(tmp_path: Path) -> None:
    tar = samples.archive(samples.member("analyzers.json", samples.FILES["analyzers.json"]))
    source = samples.write_tar(tmp_path / "kit.tar", Recipe(tar=tar).parts())
    report = verified(source)
    assert (report.exit_code, failed(report).found) == (2, "1 of 2 match the manifest. 1 is missing.")


def test_a_payload_that_was_changed_on_its_way(tmp_path: Path) -> None:
    parts = Recipe().parts()
    other = Recipe(
        payload=samples.packed(
            samples.archive(*(samples.member(*one) for one in samples.FILES.items()), end=bytes(2048))
        )
    )
    parts["payload.tar.zst"] = other.parts()["payload.tar.zst"]
    report = verified(samples.write_tar(tmp_path / "kit.tar", parts))
    assert (report.exit_code, report.category) == (2, "payload:digest")
    assert failed(report).step is CheckStep.PAYLOAD


def test_the_checksum_beside_the_payload_counts(tmp_path: Path) -> None:
    parts = {**Recipe().parts(), "payload.tar.zst.sha256": b"0" * 64 + b"  payload.tar.zst\n"}
    report = verified(samples.write_tar(tmp_path / "kit.tar", parts))
    assert (report.exit_code, report.category) == (2, "payload:checksum-file")


@pytest.mark.parametrize(
    ("active", "code"), [(None, 0), ("2026.11.14", 0), ("2026.11.7", 0), ("2026.11.14-d3", 8), ("2026.11.21", 8)]
)
def test_the_version_is_not_lower_than_the_active_one(tmp_path: Path, active: str | None, code: int) -> None:
    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    report = verified(source, tmp_path / "into", active=active)
    assert report.exit_code == code
    assert report.only_lower is (code == 8)
    assert report.checks[-1].status is CheckStatus.PASSED
    # A lower version may be stored all the same, so it stays unpacked.
    assert samples.tree(tmp_path / "into") == samples.FILES


def test_a_disk_without_room_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    report = verified(source, tmp_path / "into", free=1 << 20)
    assert (report.exit_code, report.category) == (11, "disk:full")
    assert failed(report).step is CheckStep.DISK
    assert "268.4 MB are needed" in report.failure
    assert not (tmp_path / "into").exists()


def test_a_disk_that_fills_up_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    monkeypatch.setattr(unpacking.os, "write", full)
    report = verified(source, tmp_path / "into")
    assert report.category == "disk:full"
    assert not (tmp_path / "into").exists()


def test_another_error_of_the_disk_is_raised_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    monkeypatch.setattr(unpacking.os, "write", broken)
    with pytest.raises(OSError, match="Input/output"):
        verified(source, tmp_path / "into")
    assert not (tmp_path / "into").exists()


class Stop(Exception):
    """A cancel."""


@pytest.mark.parametrize("calls", range(11))
def test_a_cancel_leaves_nothing_behind(tmp_path: Path, calls: int) -> None:
    left = calls

    def checkpoint() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stop

    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    open_before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Stop):
        verified(source, tmp_path / "into", checkpoint=checkpoint)
    assert not (tmp_path / "into").exists()
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_a_disabled_trust_root_does_not_count(tmp_path: Path) -> None:
    source = samples.write_tar(tmp_path / "kit.tar", Recipe().parts())
    report = verified(source, trust=(samples.trusted(samples.BUILDER, enabled=False),))
    assert (report.exit_code, report.category) == (5, "dsse:no-trust-root")
    as_log = samples.trusted(samples.BUILDER, TrustUse.LOG)
    assert verified(source, trust=(as_log,)).category == "dsse:no-trust-root"


def test_what_is_not_there(tmp_path: Path) -> None:
    report = verified(tmp_path / "nothing")
    assert (report.exit_code, report.category) == (ExitCode.NOT_FOUND, "container:not-found")
    assert report.size == 0
