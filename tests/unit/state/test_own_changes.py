"""What a tab changed itself is no surprise to its own forms, and what others changed is; and each can be taken back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.audit import EVERYONE, AuditRecord, Revision, SubjectKey, SubjectKind, revision_left
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_PAUSE, QUOTA_RESUME
from execution_ops.domain.quotas import Limits
from execution_ops.domain.scanner_settings import TrustUse
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.verbs import Stamp
from execution_ops.services import container
from execution_ops.state.analyzers import AnalyzersPage
from execution_ops.state.quotas import QuotasPage
from execution_ops.state.replay import ReplayPage
from execution_ops.state.scanner_settings import SettingsPage
from execution_ops.state.schedules import SchedulesPage
from execution_ops.state.shell import ShellState
from tests.execution import STAMP, Bench, operator
from tests.kits import Site
from tests.letters import dead, plan_for
from tests.trust_keys import ed25519_pem
from tests.unit.domain.test_audit import event

ME = STAMP.actor
SPEC = ScheduleSpec(name="nightly", job_type="scan.inspect", targets=("/srv/*",), cron="30 2 * * *")


class Tab:
    """One page and its neighbours, as they share a tab."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type[Any], address: str, **given: str) -> None:
        self.states: dict[Any, Any] = {}

        async def get_state(_: rx.State, wanted: type[rx.State]) -> Any:
            return self.states.setdefault(wanted, wanted(_reflex_internal_init=True))  # type: ignore[call-arg]

        monkeypatch.setattr(rx.State, "get_state", get_state)
        self.page: Any = kind(_reflex_internal_init=True)
        self.go(address)
        for name, value in given.items():
            monkeypatch.setattr(kind, name, value, raising=False)

    def go(self, address: str) -> None:
        path = address.partition("?")[0]
        data = {"pathname": path, "asPath": address, "headers": {"origin": "http://x"}}
        self.page.router = RouterData.from_router_data(data)

    async def read(self) -> None:
        await self.page._refresh(anew=True)
        assert self.page.problem == ""

    async def shell(self) -> Any:
        return await self.page.get_state(ShellState)

    async def undo(self) -> str:
        """Undo by the last message, and read the page anew; what the next message says."""
        shell = await self.shell()
        assert shell.toasts[-1]["undo"], shell.toasts
        await ShellState.undo.fn(shell, shell.toasts[-1]["id"])
        await self.read()
        return str(shell.toasts[-1]["text"])


def new_stamp(name: str = "") -> Stamp:
    stamp = operator(name) if name else STAMP
    return stamp.model_copy(update={"correlation_id": f"request of {name or 'this tab'}"})


async def every(events: Any) -> list[Any]:
    return [one async for one in events]


async def test_an_undo_is_no_surprise_to_the_drawer_of_its_quota(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = site.backend.create_quota("acme", "test.echo", Limits(max_active=1), STAMP)
    tab = Tab(monkeypatch, QuotasPage, routes.quota(quota.id))
    page = tab.page
    await tab.read()
    await every(QuotasPage.change.fn(page, {"mode": "configured", "max_active": "7"}))
    await tab.read()
    assert (page.was_changed, page.first_limits["max_active"]) == ("", "7")
    assert (await tab.undo()).startswith("Undone: ")
    # The form begins with what holds again, and can be sent.
    assert (page.was_changed, page.first_limits["max_active"], page._seen_revision) == ("", "1", 3)
    page.ask_verb(QUOTA_PAUSE.name, quota.id)
    await QuotasPage.do_verb.fn(page, "rush", "")
    key = page.form_key
    await tab.undo()
    # What is typed stays: the pause is none of the form's.
    assert (page.was_changed, page.is_paused, page.form_key) == ("", False, key)
    site.backend.change_quota(quota.id, QUOTA_EDIT, Limits(max_active=2), operator("eve"), revision=None)
    await tab.read()
    assert page.was_changed.startswith("eve changed this quota")
    # On top of that an own change would hide it.
    await (await tab.shell())._tell("Paused.", changed(site, quota.id))
    await tab.read()
    assert page.was_changed != ""


def changed(site: Site, quota_id: str) -> Stamp:
    """A change of this tab beside its form."""
    site.backend.change_quota(quota_id, QUOTA_PAUSE, None, new_stamp(), revision=None)
    return new_stamp()


async def test_an_undo_is_no_surprise_to_the_editor_of_its_schedule(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site.backend.create_schedule("acme", SPEC, STAMP, paused=False)
    tab = Tab(monkeypatch, SchedulesPage, routes.schedule(made.id))
    page = tab.page
    await tab.read()
    page.ask_verb(SCHEDULE_PAUSE.name)
    await SchedulesPage.do_verb.fn(page, "rush", "")
    tab.go(f"{routes.schedule(made.id)}&edit=1")
    await tab.read()
    key = page.form_key
    await tab.undo()
    # What is typed stays: the pause is none of the form's.
    assert (page.was_changed, page.form_key, page._seen_revision) == ("", key, 3)
    await every(SchedulesPage.save.fn(page, {**page.first, "cron": "0 4 * * *"}))
    assert page.form_problem == ""
    await tab.read()
    assert page.first["cron"] == "0 4 * * *"
    await tab.undo()
    assert (page.was_changed, page.first["cron"]) == ("", "30 2 * * *")
    site.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, operator("eve"), revision=None)
    await tab.read()
    assert page.was_changed.startswith("eve changed this schedule")


async def test_what_the_tab_itself_changes_of_the_settings_is_nothing_to_acknowledge(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = Tab(monkeypatch, SettingsPage, routes.scanner_settings())
    page = tab.page
    await tab.read()
    page._begin_dialog()
    name = next(one for one in page.first if one.startswith("timeouts"))
    page.type_field(name, "77")
    pem = ed25519_pem()
    await SettingsPage.read_key.fn(page, pem)
    form = {"name": "site", "use": TrustUse.KIT.value, "pem": pem, "reason": "ours"}
    await every(SettingsPage.add_key.fn(page, form))
    assert page.key_problem == ""
    await tab.read()
    assert (page.changed, page.meanwhile) == (1, [])
    assert [key.name for key in page._now.settings.trust] == ["site"]
    assert await tab.undo() == "Undone: site is trusted from now on."
    assert page._now.settings.trust == ()
    assert (page.changed, page.meanwhile, page._seen_version) == (1, [], page._now.version)
    eve = operator("eve")
    container.services().scanner_settings.add_key(eve.actor, ed25519_pem(), "theirs", TrustUse.KIT, eve)
    await tab.read()
    assert [line.by for line in page.meanwhile] == ["eve"]


async def test_an_undo_is_no_surprise_to_the_draft_of_default_analyzers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzers = container.services().analyzers
    stamp = new_stamp()
    saved = analyzers.save_defaults(ME, ["go"], stamp, seen=0)
    tab = Tab(monkeypatch, AnalyzersPage, f"{routes.analyzers()}?edit=1&seen={saved.version}&without=rust")
    page = tab.page
    await tab.read()
    assert page.is_editing
    assert page.was_changed == ""
    await (await tab.shell())._tell("Saved.", stamp)
    await tab.undo()
    assert (page.was_changed, page._seen_version) == ("", saved.version + 1)
    analyzers.save_defaults(operator("eve").actor, ["ruby"], operator("eve"), seen=saved.version + 1)
    await tab.read()
    assert page.was_changed != ""


async def test_a_new_rate_can_be_taken_back(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "ledger.db")
    bench = Bench(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path)
    monkeypatch.setattr(container, "_shared", container.compose(bench.settings, bench.backend))
    dead(bench, 1)
    plan = plan_for(bench)
    tab = Tab(monkeypatch, ReplayPage, routes.replay(plan.id), plan_id=plan.id)
    await tab.read()
    await ReplayPage.change_rate.fn(tab.page, {"rate": "5"})
    assert tab.page.rate_problem == ""
    replays = container.services().replays
    assert replays.get(ME, plan.id).rate == 5
    await tab.undo()
    assert replays.get(ME, plan.id).rate is None
    bench.close()


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"kind": SubjectKind.QUOTA, "after": '{"revision": 4}'}, 4),
        ({"kind": SubjectKind.QUOTA, "after": ""}, None),
        ({"kind": SubjectKind.SCHEDULE, "after": '{"revision": null}'}, None),
        ({"kind": SubjectKind.SCHEDULE, "after": "[1]"}, None),
        ({"kind": SubjectKind.SCANNER_SETTINGS, "subject": "settings 12", "tenant": EVERYONE}, 12),
        ({"kind": SubjectKind.ANALYZERS, "subject": "analyzers"}, None),
        ({"kind": SubjectKind.JOB, "after": '{"revision": 4}'}, None),
    ],
)
def test_an_event_tells_which_revision_it_made(values: dict[str, Any], left: int | None) -> None:
    told = AuditRecord(**{**dict(event(subject_id="x")), "before": "", "after": "", **values})
    found = revision_left(told)
    assert found == (None if left is None else Revision(SubjectKey(values["kind"], "x"), left))


async def test_only_what_is_wholly_the_tab_s_own_counts_as_that(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = site.backend.create_quota("acme", "test.echo", Limits(max_active=1), STAMP)
    shell = await Tab(monkeypatch, QuotasPage, routes.quotas()).shell()
    thing = SubjectKey(SubjectKind.QUOTA, quota.id)
    for verb, who in ((QUOTA_PAUSE, ""), (QUOTA_RESUME, "eve"), (QUOTA_PAUSE, "")):
        site.backend.change_quota(quota.id, verb, None, new_stamp(who), revision=None)
    await shell._remember(new_stamp())
    assert [shell._is_own(thing, seen, 4) for seen in (1, 2, 3, 4)] == [False, False, True, False]
    assert shell._is_own(thing, 1, 2)
    assert not shell._is_own(thing, -(10**12), 4)
    assert not shell._is_own(SubjectKey(SubjectKind.SCHEDULE, quota.id), 3, 4)
    await shell._remember(STAMP)
