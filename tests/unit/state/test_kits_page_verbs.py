"""What the page of offline kits asks before its verbs, and what its events do for any client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import local_operator
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import DagSpec, NodeSpec
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_REMOVE, KIT_VERIFY
from execution_ops.domain.tenants import DEFAULT_TENANT
from execution_ops.scanner.analyzer_jobs import REFRESH_TYPE
from execution_ops.services import container
from execution_ops.services.kit_orders import KitSource
from execution_ops.state.kits_view import Question
from tests.kits import Key, Site, make_kit, tamper
from tests.unit.state.kits_page import shown, submitted

KEY = Key.new()
HOSTILE = '<script>alert(1)</script>\u202egnp.exe\x1b[2J"'


async def test_a_lower_version_is_asked_for_as_forced(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    site.activate(str(site.take(make_kit(tmp_path / "high.tar", KEY, "2.0")).value["kit_id"]))
    lower = str(site.take(make_kit(tmp_path / "low.tar", KEY, "1.0")).value["kit_id"])
    page, _ = await shown(monkeypatch, ("kit", lower))
    page.ask_open(KIT_ACTIVATE.name)
    assert (page.question.title, page.question.button) == ("Force the lower version 1.0?", "Force 1.0")
    await page.do_verb("", "")
    assert "needs a reason" in page.verb_problem
    page.ask_open(KIT_ACTIVATE.name)
    # What is done hangs on what was asked, not on how the question is worded.
    page.question = Question(title="Really?")
    await page.do_verb("it is known to be good", "")
    payload = submitted("kit.activate")
    assert (payload["force"], payload["kit_id"]) == (True, lower)


async def test_a_kit_that_is_kept_is_verified_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    good = make_kit(tmp_path / "kit.tar", KEY, "1.0")
    kit_id = str(site.take(good).value["kit_id"])
    locked = str(site.take(tamper(good, tmp_path / "bad.tar")).value["kit_id"])
    for one in (kit_id, locked):
        page, _ = await shown(monkeypatch, ("kit", one))
        assert page.panel.verify_off == ""
        events = [event async for event in page.verify_again()]
        assert (page.dialog_problem, page.busy, len(events)) == ("", False, 2)
    jobs = container.services().jobs
    rows = jobs.list(local_operator(), JobFilter(job_type=("kit.verify",)), cursor=None, limit=10).rows
    payloads = [json.loads(jobs.value(local_operator(), row.id, "payload")) for row in rows]
    assert [one["source"]["kit"] for one in payloads] == [locked, kit_id]
    # Its job does it, and the page leads from it to the kit.
    for one, code in ((kit_id, 0), (locked, 2)):
        assert site.verify(KitSource(kit=one)).value["exit_code"] == code
        run = site.backend.kit_runs(limit=1)[0]
        page, lines = await shown(monkeypatch, ("job", run.job_id))
        assert (len(lines.checks), page.panel.kit_href) == (8, routes.offline_kit(one))
        assert page.panel.import_job == ""


async def test_only_a_record_is_not_verified_again(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.trust(KEY)
    kit_id = str(site.take(make_kit(tmp_path / "kit.tar", KEY, "1.0")).value["kit_id"])
    site.backend.remove_kit(kit_id, site.stamp())
    page, _ = await shown(monkeypatch, ("kit", kit_id))
    assert page.panel.verify_off == "This kit was removed; only its record is left."
    _ = [event async for event in page.verify_again()]
    assert page.dialog_problem == page.panel.verify_off
    # What was said of one is not said of another that is opened.
    other = str(site.take(make_kit(tmp_path / "other.tar", KEY, "2.0")).value["kit_id"])
    data = {"pathname": routes.offline_kits(), "asPath": routes.offline_kit(other), "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    await page._refresh(anew=True)
    assert (page.panel.title, page.dialog_problem) == ("Kit 2.0", "")


async def test_whose_baselines_an_activation_changes_is_chosen(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    work = DagSpec(title="a scan", nodes=(NodeSpec(key="refresh", job_type=REFRESH_TYPE),))
    site.backend.submit(work, tenant="acme", stamp=site.stamp())
    kit_id = str(site.take(make_kit(tmp_path / "kit.tar", KEY, "1.0")).value["kit_id"])
    page, _ = await shown(monkeypatch, ("kit", kit_id))
    # A job on a kit belongs to no tenant, so none of that name is offered.
    container.services().kits.verify(local_operator(), KitSource(kit=kit_id), site.stamp())
    await page._refresh(anew=True)
    page.ask_open(KIT_ACTIVATE.name)
    assert (page.question.asks_tenant, page.question.tenants) == (True, ["acme"])
    page.choose_tenant("../acme")
    await page.do_verb("a test", "")
    assert "A tenant is named by up to 63 letters" in page.verb_problem
    assert page.asking == KIT_ACTIVATE.name
    page.choose_tenant(" acme ")
    await page.do_verb("a test", "")
    assert (page.verb_problem, submitted("kit.activate")["tenant"]) == ("", "acme")
    page.ask_open(KIT_REMOVE.name)
    assert (page.question.asks_tenant, page.question.tenants) == (False, [])


async def test_without_a_choice_the_tenant_is_as_before(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    kit_id = str(site.take(make_kit(tmp_path / "kit.tar", KEY, "1.0")).value["kit_id"])
    page, _ = await shown(monkeypatch, ("kit", kit_id))
    page.ask_open(KIT_ACTIVATE.name)
    page.choose_tenant("acme")
    page.leave_verb()
    # What was typed into a question that was closed does not count for the next.
    page.ask_open(KIT_ACTIVATE.name)
    await page.do_verb("a test", "")
    assert submitted("kit.activate")["tenant"] == DEFAULT_TENANT


async def test_the_buttons_name_a_signer_that_was_disabled(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(KEY)
    first, second, third = (
        str(site.take(make_kit(tmp_path / f"{version}.tar", KEY, version)).value["kit_id"])
        for version in ("1.0", "2.0", "3.0")
    )
    site.activate(first)
    site.activate(second)
    page, _ = await shown(monkeypatch, ("kit", third))
    assert (page.panel.activate_off, page.active.rollback_off) == ("", "")
    site.trust(KEY, disabled=[KEY])
    page, _ = await shown(monkeypatch, ("kit", third))
    assert page.panel.activate_off.startswith("The key key-0 that signed 3.0 is disabled by now")
    assert page.active.rollback_off.startswith("The key key-0 that signed 1.0 is disabled by now")


async def test_hostile_events_change_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = await shown(monkeypatch)
    for verb in ("drop", KIT_VERIFY.name, HOSTILE):
        page.ask_kit(verb, HOSTILE)
        assert page.asking == ""
    page.ask_kit(KIT_REMOVE.name, new_id())
    assert page.asking == ""
    page.ask_rollback()
    assert page.asking == ""
    page.open_dialog(HOSTILE)
