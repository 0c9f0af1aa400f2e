"""Offline kits from the bundle to the pointer: verified, kept, activated, rolled back, removed."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.kit_activation import lock_pointer
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_types import JobCanceled, JobFailed
from execution_ops.domain.kit_payload import KitBaseline
from execution_ops.domain.kit_records import Kit
from execution_ops.domain.kits import CheckStatus
from execution_ops.domain.states import KitState
from execution_ops.scanner.kit_store import KitStore
from execution_ops.services.kit_orders import KitSource
from tests import baselines
from tests.execution import Bench
from tests.kits import KEY, Site, imported, kept, kit_verbs, make_kit


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
    assert kit_verbs(bench) == ["kit_import"]


def test_a_directory_is_kept_as_one_file_that_verifies(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit", KEY, "2026.11.14", as_directory=True)
    kit_id = str(site.take(kit).value["kit_id"])
    copy = carried / "copy.tar"
    copy.write_bytes(KitStore(site.backend.kit_root).kit_file(kit_id).read_bytes())
    assert site.verify(copy).value["verified"]


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
    assert kit_verbs(bench)[-3:] == ["kit_activate", "kit_activate", "kit_rollback"]


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
