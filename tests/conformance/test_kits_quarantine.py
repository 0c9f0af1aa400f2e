"""Kits that are refused: into quarantine with log and reason, out of it by a verb only, and no more than it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.access import local_operator
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.kits import KitReport
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import KitState
from execution_ops.scanner.kit_store import KitStore
from execution_ops.services import kit_import
from execution_ops.services.kit_orders import KitSource
from execution_ops.services.kit_reads import KitReader
from execution_ops.services.kit_work import check_kit, drop_files
from tests.execution import Bench
from tests.kits import KEY, Key, Site, imported, kept, kit_verbs, make_kit, tamper


def test_a_tampered_copy_goes_to_quarantine_with_log_and_reason(site: Site, bench: Bench, carried: Path) -> None:
    good = make_kit(carried / "kit.tar", KEY, "2026.11.14")
    bad = tamper(good, carried / "bad.tar")
    result = site.take(bad)
    assert not result.value["verified"]
    assert result.value["state"] == "quarantined"
    one = kept(site, result.value["kit_id"])
    assert (one.state, one.exit_code) == (KitState.QUARANTINED, 2)
    assert one.failure
    folder = KitStore(site.backend.kit_root).quarantined(one.id)
    names = {path.name for path in folder.iterdir()}
    assert {"bundle", "verification.log", "failure-reason.txt", "quarantine.json"} <= names
    assert "failed" in (folder / "verification.log").read_text()
    assert (folder / "bundle").read_bytes() == bad.read_bytes()
    # Nothing of it is a kit.
    assert [path.name for path in site.backend.kit_root.iterdir() if path.name[0] == "0"] == []
    with pytest.raises(JobFailed, match="Only a verified kit"):
        site.activate(one.id)


def test_a_kit_leaves_quarantine_only_by_passing_or_by_removal(site: Site, bench: Bench, carried: Path) -> None:
    other = Key.new()
    kit = make_kit(carried / "kit.tar", other, "2026.11.14")
    locked = str(site.take(kit).value["kit_id"])
    assert (kept(site, locked).exit_code, kept(site, locked).state) == (5, KitState.QUARANTINED)
    again = site.take(KitSource(kit=locked))
    assert (again.value["kit_id"], again.value["state"]) == (locked, "quarantined")
    site.trust(KEY, other)
    released = site.take(KitSource(kit=locked))
    assert released.value["verified"]
    assert released.value["kit_id"] != locked
    left = kept(site, locked)
    assert left.removed_at is not None
    assert left.remove_reason == "a test"
    assert not left.has_files
    store = KitStore(site.backend.kit_root)
    assert not store.bundle(locked).exists()
    assert (store.quarantined(locked) / "verification.log").exists()
    assert kit_verbs(bench) == ["kit_import", "kit_import", "kit_release"]


def test_one_that_is_removed_while_it_is_verified_again_stays_removed(
    site: Site, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = str(site.take(make_kit(carried / "kit.tar", Key.new(), "1.0")).value["kit_id"])

    def verified_then_removed(*arguments: Any) -> KitReport:
        report = check_kit(*arguments)
        site.backend.remove_kit(locked, site.stamp())
        drop_files(site.backend, KitStore(site.backend.kit_root))
        return report

    monkeypatch.setattr(kit_import, "check_kit", verified_then_removed)
    with pytest.raises(JobFailed, match="removed from quarantine meanwhile"):
        site.take(KitSource(kit=locked))
    assert not kept(site, locked).has_files


def test_what_is_not_there_or_outside_is_no_kit_in_quarantine(site: Site, carried: Path) -> None:
    for path in (carried / "absent.tar", Path("/etc/hostname")):
        with pytest.raises(JobFailed, match="There is no kit at"):
            site.take(path)
    assert site.backend.kits(limit=10) == []
    assert {run.failure[:16] for run in site.backend.kit_runs(limit=10)} == {"There is no kit "}


def test_quarantine_is_bounded_in_size_and_age(
    site: Site, bench: Bench, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_kit(carried / "kit.tar", KEY, "1.0")
    bad = tamper(good, carried / "bad.tar")
    first = str(site.take(bad).value["kit_id"])
    size = kept(site, first).size
    monkeypatch.setattr("execution_ops.domain.kit_records.over_limits.__defaults__", (size + 10, 30))
    second, third = (str(site.take(bad).value["kit_id"]) for _ in range(2))
    # The newest does not count.
    assert [kept(site, kit_id).has_files for kit_id in (first, second, third)] == [False, True, True]
    assert "beyond" in kept(site, first).remove_reason
    assert not KitStore(site.backend.kit_root).bundle(first).exists()
    (row,) = bench.rows("SELECT * FROM audit_event WHERE verb = 'kit_remove'")
    assert (row["actor"], row["subject"].split()[1]) == ("the limits of quarantine", first)
    assert row["reason"] == kept(site, first).remove_reason


def test_the_newest_in_quarantine_stays_however_large_and_takes_no_other_with_it(
    site: Site, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (carried / "small").write_bytes(b"no kit")
    (carried / "large").write_bytes(b"x" * 1000)
    monkeypatch.setattr("execution_ops.domain.kit_records.over_limits.__defaults__", (100, 30))
    small, large = (str(site.take(carried / name).value["kit_id"]) for name in ("small", "large"))
    assert [kept(site, kit_id).has_files for kit_id in (small, large)] == [True, True]
    assert KitStore(site.backend.kit_root).bundle(large).stat().st_size == 1000
    newest = str(site.take(carried / "small").value["kit_id"])
    assert [kept(site, kit_id).has_files for kit_id in (small, large, newest)] == [False, False, True]


def test_what_cannot_be_opened_has_its_size_in_quarantine(site: Site, carried: Path) -> None:
    (carried / "kit.tar").write_bytes(b"x" * 1000)
    assert kept(site, site.take(carried / "kit.tar").value["kit_id"]).size == 1000
    status = KitReader(site.backend, site.settings).status(local_operator())
    assert (status.quarantined, status.quarantined_bytes) == (1, 1000)
    assert status.quarantine_words.startswith(f"1 kit, {describe_bytes(1000)}; kept are the newest and ")


def test_of_a_wrong_directory_nothing_is_kept_but_what_a_kit_has(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit", KEY, "1.0", as_directory=True)
    (kit / "disk.img").write_bytes(b"x" * 2_000_000)
    refused = site.take(kit)
    assert "disk.img" in str(refused.value["failure"])
    assert 0 < KitStore(site.backend.kit_root).bundle(str(refused.value["kit_id"])).stat().st_size < 1_000_000


def test_a_full_disk_refuses_no_sound_kit_of_a_lower_version(
    site: Site, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.activate(imported(site, carried, "2.0"))
    lower = make_kit(carried / "lower.tar", KEY, "1.0")
    with monkeypatch.context() as patched:
        patched.setattr(KitStore, "free_bytes", lambda _: 0)
        with pytest.raises(JobFailed, match="Free some space"):
            site.take(lower)
    assert [kit.version for kit in site.backend.kits(limit=10)] == ["2.0"]
    assert site.take(lower).value["state"] == "verified"
