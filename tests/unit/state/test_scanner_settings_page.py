"""The page of the scanner's settings: a draft is checked while it is typed, and survives what others save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.access import local_operator
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.scanner_settings import CacheLimits, SettingsValues, Timeouts, TrustUse
from execution_ops.domain.scanner_verbs import SETTINGS_ROLLBACK, TRUST_DISABLE, TRUST_ENABLE
from execution_ops.domain.verbs import Stamp
from execution_ops.services import container
from execution_ops.services.container import Services
from execution_ops.settings import Settings
from execution_ops.state.live import _Answer
from execution_ops.state.scanner_settings import Address, SettingsLines, SettingsPage, _load
from execution_ops.state.shell import ShellState
from tests.doubles import MemoryBackend
from tests.trust_keys import ed25519_pem, p256_pem, refused_pems

ME = local_operator()
ADA = Stamp(actor=ME, reason="ada wants it")
SAVE = {"reason": "less disk", "ticket": ""}


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    made = container.compose(Settings(data_dir=tmp_path), MemoryBackend())
    monkeypatch.setattr(container, "_shared", made)
    return made


class Opened:
    """The page at an address, with its neighbours."""

    def __init__(self, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
        kinds: list[Any] = [SettingsLines, ShellState]
        self.states = {kind: kind(_reflex_internal_init=True) for kind in kinds}

        async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
            return self.states[kind]

        async def refresh(_: rx.State, *, anew: bool = False) -> None:
            await self.read()

        monkeypatch.setattr(rx.State, "get_state", get_state)
        monkeypatch.setattr(SettingsPage, "_refresh", refresh)
        self.page: Any = SettingsPage(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.go(query)

    def go(self, query: str) -> None:
        data = {
            "pathname": routes.scanner_settings(),
            "asPath": f"{routes.scanner_settings()}{query}",
            "headers": {"origin": "http://x"},
        }
        self.page.router = RouterData.from_router_data(data)

    async def read(self) -> None:
        """What a wake of its topic does."""
        await self.page._show(_load(ME, self.page._address().version))

    def said(self) -> str:
        return str(self.states[ShellState].toasts[-1]["text"])


async def opened(query: str, monkeypatch: pytest.MonkeyPatch) -> Opened:
    made = Opened(query, monkeypatch)
    await made.read()
    return made


async def run(events: Any) -> list[Any]:
    return [event async for event in events]


async def test_the_form_begins_with_what_holds(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (await opened("", monkeypatch)).page
    assert page.first["cache.max_bytes"] == "5"
    assert page.first["determinism.fixed_instant"] == "2024-01-01T00:00:00.000Z"
    assert (page.changed, page.wrong, page.save_off) == (0, 0, "")
    assert "The defaults hold" in page.summary
    assert [tab.title for tab in page.tabs if tab.on] == ["Settings"]


async def test_a_mistake_is_told_at_its_field_with_the_range(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (await opened("", monkeypatch)).page
    page.type_field("cache.ttl_days", "0")
    assert page.problems["cache.ttl_days"] == "Between 1 and 365 days."
    assert (page.changed, page.wrong) == (1, 1)
    assert page.review() is None
    await run(page.save(SAVE))
    assert services.scanner_settings.get(ME).version == 0
    page.type_field("cache.ttl_days", "7")
    assert (page.problems["cache.ttl_days"], page.was["cache.ttl_days"]) == ("", "Now 30.")
    page.switch_field("cache.enabled", False)
    assert [(one.label, one.before, one.after) for one in page.review_lines] == [
        ("Use the cache", "on", "off"),
        ("Lifetime of an entry", "30 days", "7 days"),
    ]
    page.discard()
    assert (page.changed, page.was["cache.ttl_days"]) == (0, "")


async def test_a_draft_is_saved_with_its_reason(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await opened("?ask=review", monkeypatch)
    made.page.type_field("cache.ttl_days", "7")
    await run(made.page.save({"reason": "", "ticket": ""}))
    assert "needs a reason" in made.page.review_problem
    await run(made.page.save(SAVE))
    now = services.scanner_settings.get(ME)
    assert (now.version, now.settings.cache.ttl_days, now.reason) == (1, 7, "less disk")
    assert (made.page.changed, made.page.first["cache.ttl_days"]) == (0, "7")
    assert "Saved as version 1." in made.said()


async def test_what_is_typed_survives_what_somebody_else_saves(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await opened("", monkeypatch)
    page = made.page
    page.type_field("cache.ttl_days", "7")
    key = page.form_key
    theirs = SettingsValues(cache=CacheLimits(ttl_days=14), timeouts=Timeouts(inspect_s=60))
    services.scanner_settings.save(ME, theirs, ADA, seen=0)
    await made.read()
    # Untouched fields show it at once; the touched one keeps its input and says what holds now.
    assert (page.first["timeouts.inspect_s"], page.first["cache.ttl_days"], page.form_key) == ("60", "30", key)
    assert page.was["cache.ttl_days"] == "Now 14."
    [seen] = page.meanwhile
    assert [one.after for one in seen.changes] == ["60 seconds", "14 days"]
    assert [(one.before, one.after) for one in page.review_lines] == [("14 days", "7 days")]

    await run(page.save(SAVE))
    assert "Somebody saved a version" in page.review_problem
    assert services.scanner_settings.get(ME).version == 1
    page.acknowledge()
    assert page.meanwhile == []
    await run(page.save(SAVE))
    now = services.scanner_settings.get(ME).settings
    assert (now.cache.ttl_days, now.timeouts.inspect_s) == (7, 60)


async def test_a_save_that_the_page_has_not_heard_of_is_refused_and_then_shown(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await opened("?ask=review", monkeypatch)
    made.page.type_field("cache.ttl_days", "7")
    services.scanner_settings.save(ME, SettingsValues(timeouts=Timeouts(inspect_s=60)), ADA, seen=0)
    await run(made.page.save(SAVE))
    assert "Somebody saved a version" in made.page.review_problem
    assert len(made.page.meanwhile) == 1
    assert made.page.changed == 1


async def test_a_save_of_others_is_no_matter_without_a_draft(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await opened("", monkeypatch)
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=14)), ADA, seen=0)
    await made.read()
    assert (made.page.first["cache.ttl_days"], made.page.meanwhile, made.page.changed) == ("14", [], 0)


async def test_a_version_opens_and_is_rolled_back_to(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=14)), ADA, seen=0)
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=3)), ADA, seen=1)
    made = await opened("?part=history&version=1", monkeypatch)
    page = made.page
    assert (page.version_title, page.version_reason, page.rollback_off) == ("Version 1", "ada wants it", "")
    assert [one.after for one in page.version_lines] == ["14 days"]
    assert [row.version for row in made.states[SettingsLines].versions] == [2, 1]
    page.ask_rollback()
    assert page.question_title == "Roll back to version 1?"
    await page.do_verb("they were right", "")
    assert services.scanner_settings.get(ME).settings.cache.ttl_days == 14
    made.go("?part=history&version=3")
    await made.read()
    assert page.rollback_off == "This is what holds now."
    page.ask_rollback()
    assert page.asking == ""
    made.go("?part=history&version=99")
    await made.read()
    assert (page.version_missing, page.version_title) == (True, "There is no version 99")


async def test_a_roll_back_shows_what_it_changes_of_what_holds_now(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=14)), ADA, seen=0)
    both = SettingsValues(cache=CacheLimits(ttl_days=3), timeouts=Timeouts(inspect_s=60))
    services.scanner_settings.save(ME, both, ADA, seen=1)
    page = (await opened("?part=history&version=1", monkeypatch)).page
    page.ask_rollback()
    # Not what version 1 changed of the defaults, which the drawer shows.
    assert [(one.label, one.before, one.after) for one in page.question_lines] == [
        ("Inspection", "60 seconds", "1,800 seconds"),
        ("Lifetime of an entry", "3 days", "14 days"),
    ]
    assert (page.question_off, page.question_meanwhile) == ("", [])


@pytest.mark.parametrize("heard", [True, False])
async def test_who_saves_before_a_roll_back_is_answered_is_shown_first(
    services: Services, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=14)), ADA, seen=0)
    made = await opened("?part=history&version=0", monkeypatch)
    page = made.page
    page.ask_rollback()
    assert page.question_title == "Roll back to the defaults?"
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=3)), ADA, seen=1)
    if heard:
        await made.read()
    await page.do_verb("they were right", "")
    assert services.scanner_settings.get(ME).version == 2
    assert "Somebody saved a version" in page.verb_problem
    assert page.question_off == "First look at what was saved meanwhile."
    assert [(one.version, [line.after for line in one.changes]) for one in page.question_meanwhile] == [(2, ["3 days"])]
    assert [(one.before, one.after) for one in page.question_lines] == [("3 days", "30 days")]

    page.acknowledge_question()
    assert (page.question_off, page.verb_problem, page.question_meanwhile) == ("", "", [])
    await page.do_verb("they were right", "")
    now = services.scanner_settings.get(ME)
    assert (now.version, now.settings.cache.ttl_days, page.asking) == (3, 30, "")


async def test_a_roll_back_that_would_change_nothing_any_more_cannot_be_confirmed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.scanner_settings.save(ME, SettingsValues(cache=CacheLimits(ttl_days=14)), ADA, seen=0)
    made = await opened("?part=history&version=0", monkeypatch)
    made.page.ask_rollback()
    services.scanner_settings.roll_back(ME, 0, ADA)
    await made.read()
    made.page.acknowledge_question()
    assert (made.page.question_lines, made.page.question_off) == ([], "This is what holds now.")
    # Another version comes to be open: what was asked is not asked any more.
    made.go("?part=history&version=1")
    await made.page._take(_Answer(seen=1, value=_load(ME, 1)))
    assert made.page.asking == ""


async def test_a_key_is_added_only_after_its_fingerprint_was_shown(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await opened("?part=trust&ask=key", monkeypatch)
    page, pem = made.page, ed25519_pem()
    form = {"pem": pem, "name": "release", "use": "kit", **SAVE}
    await run(page.add_key(form))
    assert services.scanner_settings.get(ME).settings.trust == ()
    assert (page.key_algorithm, page.key_shown) == ("ed25519", True)
    await run(page.add_key({**form, "pem": p256_pem()}))
    assert services.scanner_settings.get(ME).settings.trust == ()
    await page.read_key(pem)
    await run(page.add_key(form))
    [key] = services.scanner_settings.get(ME).settings.trust
    assert (key.name, key.fingerprint) == ("release", page.key_fingerprint)
    await page.read_key(pem)
    assert (page.key_shown, page.key_problem) == (False, "This key is there already, as release.")
    for what, refused in refused_pems().items():
        await page.read_key(refused)
        assert not page.key_shown, what
        assert bool(page.key_problem) == bool(refused), what


async def test_a_key_is_disabled_and_enabled(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    key = services.scanner_settings.add_key(ME, ed25519_pem(), "\\release", TrustUse.KIT, ADA)
    made = await opened("?part=trust", monkeypatch)
    page = made.page
    page.ask_switch(TRUST_DISABLE.name, key.fingerprint)
    assert page.question_title == "Disable the key \\release?"
    await page.do_verb("leaked", "")
    assert not services.scanner_settings.get(ME).settings.trust[0].enabled
    page.ask_switch(TRUST_ENABLE.name, key.fingerprint)
    await page.do_verb("it was not", "")
    assert services.scanner_settings.get(ME).settings.trust[0].enabled
    page.ask_switch(TRUST_ENABLE.name, "0" * 64)
    assert page.asking == ""


async def test_a_check_is_started_and_leads_to_its_graph(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await opened("?ask=check", monkeypatch)
    await run(made.page.start_check({"path": "relative"}))
    assert "absolute path" in made.page.check_problem
    assert len(await run(made.page.start_check({"path": "/srv/app"}))) == 2
    checks = services.determinism.last(ME)
    made.page._show_beside(checks)
    assert [(one.word, one.source) for one in made.page.checks] == [("Running", "/srv/app")]
    assert made.page.checks_summary == "None of the last checks has compared yet."


@pytest.mark.parametrize("query", ["part=other", "ask=all", "version=-1", "version=x", "version=99999999999999"])
async def test_what_no_page_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


async def test_any_client_may_send_anything(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (await opened("", monkeypatch)).page
    page.type_field("no.such", "x")
    page.type_field("cache.ttl_days", {"a": ["\ud800"]})
    assert page.wrong == 1
    await run(page.save("nothing"))
    await run(page.add_key([1]))
    await run(page.start_check(None))
    await page.do_verb("x", "y")
    page.ask_switch("kit_import", "x")
    for verb in (SETTINGS_ROLLBACK, TRUST_DISABLE):
        page.ask_verb(verb.name)
        assert page.asking == ""
    page._chosen = "of a key"
    page.ask_verb(SETTINGS_ROLLBACK.name)
    unread: Any = SettingsPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    unread.ask_verb(TRUST_DISABLE.name)
    assert unread.asking == ""
    assert (page.asking, services.scanner_settings.get(ME).version) == ("", 0)
