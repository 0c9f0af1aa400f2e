"""What the page of offline kits shows on a real ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.kit_records import QUARANTINE_DAYS, KitRun
from execution_ops.domain.scanner_verbs import KIT_RELEASE, KIT_REMOVE, KIT_VERIFY
from execution_ops.domain.times import EPOCH
from execution_ops.state.kit_panel_view import work_line
from execution_ops.state.kits_view import locked_line
from tests.kits import Key, Site, make_kit, tamper
from tests.unit.state.kits_page import page_at, shown

KEY = Key.new()
HOSTILE = '<script>alert(1)</script>\u202egnp.exe\x1b[2J"'


async def test_an_empty_console_leads_to_the_first_step(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = await shown(monkeypatch)
    assert (page.nothing_yet, page.trust_roots, page.panel.kind) == (True, 0, "")
    site.trust(KEY)
    page, _ = await shown(monkeypatch)
    assert (page.nothing_yet, page.trust_roots) == (True, 1)


async def test_kits_stand_with_what_they_are_and_what_is_open(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    good = make_kit(tmp_path / "kit.tar", KEY, "2026.11.14")
    kit_id = str(site.take(good).value["kit_id"])
    locked = str(site.take(tamper(good, tmp_path / "bad.tar")).value["kit_id"])
    site.activate(kit_id)
    page, rows = await shown(monkeypatch, ("kit", locked))
    assert [(row.id, row.state, row.chosen) for row in rows.kits] == [
        (locked, "quarantined", True),
        (kit_id, "active", False),
    ]
    assert (page.active.version, page.active.age_tone, page.around.locked) == ("2026.11.14", "ok", 1)
    assert (page.panel.kind, page.panel.state, page.panel.release_off, page.panel.remove_off) == (
        "kit",
        "quarantined",
        "",
        "",
    )
    assert page.panel.activate_off.startswith("Only a verified kit")
    assert "failed" in [check.word for check in rows.checks]
    assert rows.locked[0].left.startswith("deleted in")
    page.ask_open(KIT_REMOVE.name)
    assert page.asking == KIT_REMOVE.name
    await page.do_verb("a test", "")
    assert (page.asking, page.verb_problem, page.around.locked) == ("", "", 0)
    page, rows = await shown(monkeypatch, ("removed", "1"))
    assert [row.removed for row in rows.kits] == [True, False]


async def test_a_job_is_followed_step_by_step(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.trust(KEY)
    site.verify(make_kit(tmp_path / "kit.tar", KEY, "1.0"))
    [run] = site.backend.kit_runs(limit=5)
    page, rows = await shown(monkeypatch, ("job", run.job_id))
    assert (page.panel.kind, page.panel.word, page.panel.running) == ("job", "verified", False)
    assert [check.number for check in rows.checks] == list(range(1, 9))
    assert page.panel.import_job == run.job_id
    assert page.panel.command.startswith("execution-ops kits verify /")
    page, _ = await shown(monkeypatch, ("job", new_id()))
    assert page.panel.kind == "missing"


@pytest.mark.parametrize("pair", [("kit", "../x"), ("job", "1"), ("do", "format"), ("cursor", "x")])
async def test_a_bad_address_is_refused_in_words(
    site: Site, monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str]
) -> None:
    page = page_at(monkeypatch, pair)
    await page._refresh()
    assert page.refused
    assert page.problem


async def test_the_dialogs_say_what_is_wrong(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = await shown(monkeypatch, ("do", "export"))
    assert (page.dialog, page.key_place, page.choices) == ("export", "", [])
    told = [
        (page.export({"version": "one", "channel": "stable", "settings": "on"}), "up to eight numbers"),
        (page.export({"version": "1.0", "channel": "x"}), "Choose one of the channels"),
        (page.verify_path({"path": ""}), "absolute path"),
        (page.verify_path({"path": "kit.tar"}), "absolute path"),
        (page.uploaded("../../etc", "import"), "not an id"),
        (page.import_verified(new_id()), "no verification of a kit"),
    ]
    for events, words in told:
        async for _ in events:
            assert page.busy or page.dialog_problem
        assert words in page.dialog_problem
        assert not page.busy


async def test_a_lower_kit_is_refused_by_a_verification_and_kept_by_an_import(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    site.activate(str(site.take(make_kit(tmp_path / "high.tar", KEY, "2.0")).value["kit_id"]))
    low = make_kit(tmp_path / "low.tar", KEY, "1.0")
    site.verify(low)
    site.take(low)
    site.take(tamper(low, tmp_path / "bad.tar"))
    _, rows = await shown(monkeypatch)
    assert [(line.tone, line.text) for line in rows.work[:3]] == [
        ("bad", "refused, exit code 2"),
        ("warn", "kept, lower than the active kit"),
        ("bad", "refused, exit code 8"),
    ]


async def test_what_is_said_of_quarantine_is_so(site: Site, tmp_path: Path) -> None:
    site.trust(KEY)
    good = make_kit(tmp_path / "kit.tar", KEY, "1.0")
    kit_id = str(site.take(tamper(good, tmp_path / "bad.tar")).value["kit_id"])
    found = site.backend.get_kit(kit_id)
    assert found is not None
    # Only a kit that is refused makes room in quarantine.
    late = found.kit.received_at + timedelta(days=QUARANTINE_DAYS, hours=1)
    assert locked_line(found.kit, late).left == "deleted when the next kit is refused"
    # It stays there until it has passed.
    assert KIT_RELEASE.effect.startswith("Verifies the kit again. It leaves quarantine")


def test_hostile_sources_are_shown_and_do_nothing() -> None:
    run = KitRun(job_id=new_id(), verb=KIT_VERIFY.name, source=HOSTILE, by="ann", started_at=EPOCH, failure=HOSTILE)
    line = work_line(run, "")
    assert "\u202e" not in line.title
    assert "\x1b" not in line.title
