"""Whose signature and whose permission counts for a kit, and what is shown of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.kit_records import KitOrder
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.scanner_verbs import TRUST_ADD
from execution_ops.domain.states import KitState
from execution_ops.scanner.kit_store import KitStore
from execution_ops.services.kit_reads import KitReader
from execution_ops.services.kits import KitService
from tests.kits import KEY, Key, Site, imported, kept, make_kit, tamper


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


def test_an_activation_of_what_a_disabled_key_signed_is_refused_at_once(site: Site, carried: Path) -> None:
    first, second = (imported(site, carried, version) for version in ("1.0", "2.0"))
    service, ann, off = KitService(site.backend, site.settings), local_operator(), "The key key-0 that signed 1.0"
    site.activate(first)
    site.activate(second)
    assert service.get(ann, first).untrusted == ""
    site.trust(KEY, disabled=[KEY])
    assert service.get(ann, first).untrusted.startswith(f"{off} is disabled by now")
    with pytest.raises(Conflict, match=f"{off} is disabled by now"):
        service.activate(ann, first, site.stamp(), force=True)
    with pytest.raises(Conflict, match=f"{off} is disabled by now"):
        service.roll_back(ann, site.stamp())
    # A kit that was refused has no signer that could be asked of.
    locked = str(site.take(tamper(carried / "2.0.tar", carried / "bad.tar")).value["kit_id"])
    assert service.get(ann, locked).untrusted == ""
    assert service.get(ann, locked).kit.signer == ""


def test_a_key_for_logs_does_not_stand_in_for_one_for_kits(site: Site, carried: Path) -> None:
    kit_id = imported(site, carried, "1.0")
    now = site.backend.scanner_settings().settings
    log_key = KEY.trusted("log").model_copy(update={"use": TrustUse.LOG})
    site.backend.save_scanner_settings(now.model_copy(update={"trust": (log_key,)}), TRUST_ADD, site.stamp(), seen=None)
    with pytest.raises(JobFailed, match=r"The key key-0 that signed 1\.0 is no trust root any more"):
        site.activate(kit_id)


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


def test_a_job_acts_with_the_rights_of_who_asked(site: Site, carried: Path) -> None:
    kit = make_kit(carried / "kit.tar", KEY, "1.0")
    reader = Actor(name="ann", scopes=frozenset({Scope.READ}))
    bound = Actor(name="bob", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    for actor, why in ((reader, "ops:scanner"), (bound, "all tenants")):
        with pytest.raises(JobFailed, match=why):
            site.take(kit, actor=actor)
