"""The scanner's settings as versions: saved, refused when they changed meanwhile, rolled back; and trust roots."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from execution_ops.domain.job_types import NodeSpec
from execution_ops.domain.scanner_settings import CacheLimits, SettingsValues, SettingsVersion, Timeouts, TrustUse
from execution_ops.domain.scanner_verbs import SETTINGS_EDIT, TRUST_DISABLE, TRUST_ENABLE
from execution_ops.domain.topics import SCANNER_SETTINGS
from execution_ops.domain.verbs import Stamp
from execution_ops.services.analyzers import AnalyzerService
from execution_ops.services.scanner_settings import ScannerSettingsService
from tests.execution import STAMP, Bench, operator
from tests.jobs import REGISTRY
from tests.trust_keys import ed25519_pem, p256_pem, refused_pems

ME = STAMP.actor
WEEK = SettingsValues(cache=CacheLimits(ttl_days=7))
SLOW = SettingsValues(timeouts=Timeouts(inspect_s=7200))


@pytest.fixture
def service(bench: Bench) -> ScannerSettingsService:
    return ScannerSettingsService(bench.backend)


def audit(bench: Bench) -> list[dict[str, object]]:
    return bench.rows("SELECT verb, subject, reason, inverse, before, after FROM audit_event ORDER BY n")


def test_the_defaults_hold_until_a_version_is_saved(bench: Bench, service: ScannerSettingsService) -> None:
    assert service.get(ME).version == 0
    assert service.versions(ME) == []
    before = bench.backend.last_change()
    saved = service.save(ME, WEEK, STAMP, seen=0)
    assert (saved.version, saved.by, saved.reason) == (1, ME.name, "a test")
    assert service.get(ME) == saved
    [row] = service.versions(ME)
    assert [(one.label, one.before, one.after) for one in row.changes] == [
        ("Lifetime of an entry", "30 days", "7 days")
    ]
    [event] = audit(bench)
    assert (event["verb"], event["subject"], event["reason"]) == ("scanner_settings_edit", "settings 1", "a test")
    assert event["inverse"] == "scanner_settings_rollback"
    assert '"ttl_days":30' in str(event["before"])
    assert '"ttl_days":7' in str(event["after"])
    changes, _ = bench.backend.changes_after(before)
    assert SCANNER_SETTINGS in {change.topic for change in changes}


def test_the_second_of_two_sees_the_first_before_anything_is_overwritten(service: ScannerSettingsService) -> None:
    ada = operator("ada")
    service.save(ada.actor, WEEK, ada, seen=0)
    with pytest.raises(Conflict) as caught:
        service.save(ME, SLOW, STAMP, seen=0)
    assert caught.value.code == "CHANGED"
    assert service.get(ME).settings.values() == WEEK
    found = service.preview(ME, SLOW, seen=0)
    [other] = found.meanwhile
    assert (found.version, other.version.by, other.changes[0].after) == (1, "ada", "7 days")
    # The whole draft on top of it would take back what ada did, and says so.
    assert {one.label for one in found.changes} == {"Lifetime of an entry", "Inspection"}
    both = SLOW.model_copy(update={"cache": WEEK.cache})
    assert service.save(ME, both, STAMP, seen=found.version).version == 2
    assert service.get(ME).settings.cache.ttl_days == 7


def test_of_many_saves_at_once_one_holds(service: ScannerSettingsService) -> None:
    def save(days: int) -> str:
        draft = SettingsValues(cache=CacheLimits(ttl_days=days))
        try:
            service.save(ME, draft, STAMP, seen=0)
        except Conflict as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, (1, 2, 3, 4))) == ["CHANGED", "CHANGED", "CHANGED", "saved"]
    assert service.get(ME).version == 1


def test_an_earlier_version_comes_back_as_the_next_one(bench: Bench, service: ScannerSettingsService) -> None:
    service.save(ME, WEEK, STAMP, seen=0)
    service.save(ME, SLOW, STAMP, seen=1)
    assert service.roll_back(ME, 1, STAMP).version == 3
    assert service.get(ME).settings.values() == WEEK
    assert audit(bench)[-1]["verb"] == "scanner_settings_rollback"
    with pytest.raises(Conflict) as caught:
        service.roll_back(ME, 1, STAMP)
    assert caught.value.code == "NO_CHANGE"
    with pytest.raises(Conflict, match="while you had this one open"):
        service.roll_back(ME, 2, STAMP, seen=2)
    assert service.roll_back(ME, 0, STAMP, seen=3).settings.values() == SettingsValues()
    for unknown in (9, -1, 2**40):
        with pytest.raises(NotFound):
            service.roll_back(ME, unknown, STAMP)
    row = service.version(ME, 2)
    assert [one.after for one in row.changes] == ["7,200 seconds", "30 days"]
    assert service.version(ME, 0).changes == ()


def test_a_change_is_refused_without_a_reason_a_scope_or_for_one_tenant(service: ScannerSettingsService) -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        service.save(ME, WEEK, Stamp(actor=ME), seen=0)
    reader = Actor(name="reader", scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden, match="ops:scanner"):
        service.save(reader, WEEK, Stamp(actor=reader, reason="x"), seen=0)
    scanner = Actor(name="scanner", scopes=frozenset({Scope.READ, Scope.SCANNER}))
    with pytest.raises(Forbidden, match="ops:admin"):
        service.add_key(scanner, ed25519_pem(), "k", TrustUse.KIT, Stamp(actor=scanner, reason="x"))
    acme = local_operator().model_copy(update={"tenants": frozenset({"acme"})})
    with pytest.raises(Forbidden, match="all tenants"):
        service.save(acme, WEEK, Stamp(actor=acme, reason="x"), seen=0)
    assert service.get(reader).version == 0


def test_a_key_is_added_disabled_and_enabled_as_versions(bench: Bench, service: ScannerSettingsService) -> None:
    pem = ed25519_pem()
    facts = service.read_key(ME, pem)
    assert (facts.algorithm, facts.known_as) == ("ed25519", "")
    added = service.add_key(ME, pem, "release", TrustUse.KIT, STAMP)
    assert (added.fingerprint, added.added_by, added.enabled) == (facts.fingerprint, ME.name, True)
    assert service.read_key(ME, pem).known_as == "release"
    other = service.add_key(ME, p256_pem(), "log", TrustUse.LOG, STAMP)
    assert other.algorithm == "ecdsa-p256"
    assert not service.act_on_key(ME, TRUST_DISABLE, added.fingerprint, STAMP).enabled
    with pytest.raises(Conflict, match="disabled already"):
        service.act_on_key(ME, TRUST_DISABLE, added.fingerprint, STAMP)
    assert service.act_on_key(ME, TRUST_ENABLE, added.fingerprint, STAMP).enabled
    assert service.get(ME).version == 4
    assert [event["verb"] for event in audit(bench)] == ["trust_add", "trust_add", "trust_disable", "trust_enable"]
    assert service.versions(ME)[0].changes[0].label == "Key release"
    with pytest.raises(NotFound):
        service.act_on_key(ME, TRUST_ENABLE, "0" * 64, STAMP)
    with pytest.raises(InvalidInput):
        service.act_on_key(ME, SETTINGS_EDIT, added.fingerprint, STAMP)


def test_what_can_be_no_trust_root_is_refused_in_words(service: ScannerSettingsService) -> None:
    pem = ed25519_pem()
    service.add_key(ME, pem, "release", TrustUse.KIT, STAMP)
    with pytest.raises(Conflict, match="there already, as release"):
        service.add_key(ME, "\n" + pem, "again", TrustUse.KIT, STAMP)
    with pytest.raises(InvalidInput, match="Another key has this name"):
        service.add_key(ME, ed25519_pem(), "release", TrustUse.KIT, STAMP)
    for name in ("", "x" * 101, "a\nb", "\u202eevil"):
        with pytest.raises(InvalidInput):
            service.add_key(ME, ed25519_pem(), name, TrustUse.KIT, STAMP)
    for what, refused in refused_pems().items():
        with pytest.raises(InvalidInput) as caught:
            service.add_key(ME, refused, what, TrustUse.KIT, STAMP)
        assert caught.value.field == "pem", what
    assert service.get(ME).version == 1


def test_trust_roots_stay_when_settings_are_saved_or_rolled_back(service: ScannerSettingsService) -> None:
    service.save(ME, WEEK, STAMP, seen=0)
    key = service.add_key(ME, ed25519_pem(), "release", TrustUse.KIT, STAMP)
    service.act_on_key(ME, TRUST_DISABLE, key.fingerprint, STAMP)
    saved = service.save(ME, SLOW, STAMP, seen=3)
    # Version 2 had the key enabled: that does not come back.
    rolled = service.roll_back(ME, 2, STAMP)
    for version in (saved, rolled):
        assert [(one.name, one.enabled) for one in version.settings.trust] == [("release", False)]


def test_a_node_may_have_a_time_limit_of_its_own(bench: Bench) -> None:
    own = NodeSpec(key="own", job_type="test.echo", timeout_s=11)
    made = bench.submit(own, NodeSpec(key="type", job_type="test.echo"))
    assert bench.job(made.job_ids["own"])["timeout_ms"] == 11_000
    known = REGISTRY.get("test.echo")
    assert known is not None
    assert bench.job(made.job_ids["type"])["timeout_ms"] == int(known.timeout_s * 1000)


def test_keys_added_at_once_are_all_kept(service: ScannerSettingsService) -> None:
    def add(name: str) -> str:
        return service.add_key(ME, ed25519_pem(), name, TrustUse.KIT, STAMP).name

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(add, ("a", "b", "c"))) == ["a", "b", "c"]
    assert {key.name for key in service.get(ME).settings.trust} == {"a", "b", "c"}


def test_a_key_that_is_disabled_meanwhile_stays_so_whatever_version_is_named(
    bench: Bench, service: ScannerSettingsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.add_key(ME, ed25519_pem(), "release", TrustUse.KIT, STAMP)
    look = bench.backend.scanner_settings

    def look_then_disable() -> SettingsVersion:
        monkeypatch.setattr(bench.backend, "scanner_settings", look)
        found = look()
        service.act_on_key(ME, TRUST_DISABLE, key.fingerprint, STAMP)
        return found

    monkeypatch.setattr(bench.backend, "scanner_settings", look_then_disable)
    with pytest.raises(Conflict):
        service.save(ME, WEEK, STAMP, seen=2)
    monkeypatch.setattr(bench.backend, "scanner_settings", look)
    assert not service.get(ME).settings.trust[0].enabled


def test_default_analyzers_are_rolled_back_with_their_own_verb(bench: Bench) -> None:
    service = AnalyzerService(bench.backend)
    for names in (["go"], ["rust"]):
        service.save_defaults(ME, names, STAMP, seen=None)
    with pytest.raises(Conflict, match="Somebody saved"):
        service.roll_back_defaults(ME, 1, STAMP, seen=1)
    with pytest.raises(NotFound):
        service.roll_back_defaults(ME, 3, STAMP)
    back = service.roll_back_defaults(ME, 1, STAMP, seen=2)
    assert (back.version, back.disabled, back.by) == (3, ("go",), ME.name)
    assert service.roll_back_defaults(ME, 0, STAMP).disabled == ()
    told = audit(bench)
    assert [(row["verb"], row["subject"], row["inverse"]) for row in told] == [
        ("analyzers_edit", "analyzers 1", "analyzers_rollback"),
        ("analyzers_edit", "analyzers 2", "analyzers_rollback"),
        ("analyzers_rollback", "analyzers 3", "analyzers_edit"),
        ("analyzers_rollback", "analyzers 4", "analyzers_edit"),
    ]
    assert (told[2]["before"], told[2]["after"]) == ('{"disabled":["rust"]}', '{"disabled":["go"]}')
    one = Actor(name="ann", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    with pytest.raises(Forbidden, match="All tenants share"):
        service.roll_back_defaults(one, 1, Stamp(actor=one, reason="mine"))
