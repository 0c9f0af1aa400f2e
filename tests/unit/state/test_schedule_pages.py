"""The editor and the questions of the schedules page: nothing typed is lost, and any client may send anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops.domain.errors import Conflict, InvalidInput, OpsError
from execution_ops.domain.runs import Plan
from execution_ops.domain.schedule_forms import FIELDS, form_texts
from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE, SCHEDULE_RUN
from execution_ops.domain.schedules import Schedule, ScheduleVersion
from execution_ops.services.schedules import RulePreview, ScheduleRow
from execution_ops.state import schedule_drawer, schedule_editor
from execution_ops.state.schedule_drawer import Opened
from execution_ops.state.schedules import SchedulesPage
from execution_ops.state.shell import ShellState
from tests.schedule_samples import schedule


class Service:
    """Notes what it was asked to do, and does it, or refuses with `refusal`."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.refusal: OpsError | None = None

    def _note(self, *done: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(done)

    def preview(self, _actor: Any, cron: str, zone_name: str) -> RulePreview:
        if cron == "bad":
            raise InvalidInput("This is no rule.")
        return RulePreview(words=f"words of {cron}", zone=zone_name, times=())

    def create(self, _actor: Any, spec: Any, _stamp: Any, *, tenant: str, paused: bool) -> ScheduleRow:
        self._note("create", spec.name, tenant, paused)
        return ScheduleRow(schedule=schedule(), words="", last=())

    def edit(self, _actor: Any, schedule_id: str, spec: Any, _stamp: Any, *, revision: int) -> ScheduleRow:
        self._note("edit", schedule_id, spec.name, revision)
        return ScheduleRow(schedule=schedule(), words="", last=())

    def act(self, _actor: Any, verb: Any, schedule_id: str, stamp: Any, *, revision: int) -> ScheduleRow:
        self._note(verb.name, schedule_id, stamp.reason, revision)
        return ScheduleRow(schedule=schedule(), words="", last=())

    def candidates(self, _actor: Any, _spec: Any, *, schedule_id: str) -> Plan:
        self._note("candidates", schedule_id)
        return Plan(candidates=3)

    def run(self, _actor: Any, schedule_id: str, _stamp: Any) -> Any:
        self._note("run", schedule_id)
        return SimpleNamespace(id="")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    for module in (schedule_drawer, schedule_editor):
        monkeypatch.setattr(module, "services", lambda: SimpleNamespace(schedules=made))
    return made


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, service: Service) -> Any:
    """A page whose shell is at hand, and which is not read again by itself."""
    shell = ShellState(_reflex_internal_init=True)  # type: ignore[call-arg]

    async def state_of(_page: Any, _kind: Any) -> Any:
        return shell

    async def refresh(_page: Any, *, anew: bool = False) -> None:
        """Leave the page as it is."""

    monkeypatch.setattr(SchedulesPage, "get_state", state_of)
    monkeypatch.setattr(SchedulesPage, "_refresh", refresh)
    return SchedulesPage(_reflex_internal_init=True)  # type: ignore[call-arg]


def opened(one: Schedule) -> Opened:
    coming = RulePreview(words="", zone="UTC", times=())
    version = ScheduleVersion(version=1, spec=one.spec, at=one.created_at, by="ann")
    return Opened(ScheduleRow(schedule=one, words="", last=()), [version], coming)


async def edit(page: Any, one: Schedule) -> None:
    page._show_drawer(one.id, opened(one))
    await page._show_editor(opened(one), new=False, edit=True)


async def every(events: Any) -> list[Any]:
    return [event async for event in events]


async def test_problems_are_told_at_their_fields_and_nothing_is_stored(page: Any, service: Service) -> None:
    await page._show_editor(None, new=True, edit=False)
    key = page.form_key
    await every(page.save({**form_texts(schedule().spec), "name": "", "zone": "Nowhere/\u202e"}))
    assert "Give it a name" in page.problems["name"]
    assert "\\u202e" in page.problems["zone"]
    assert page.form_problem == "2 fields need another look."
    assert (service.done, page.form_key, page.busy) == ([], key, False)


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (Conflict("There is one.", code="EXISTS", field="name"), "name"),
        (InvalidInput("No.", field="catch_up_s"), "catch_up"),
        (Conflict("ada changed it."), ""),
    ],
)
async def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(
    page: Any, service: Service, refusal: OpsError, field: str
) -> None:
    one = schedule()
    await edit(page, one)
    key, service.refusal = page.form_key, refusal
    await every(page.save(form_texts(one.spec)))
    told = page.problems[field] if field else page.form_problem
    assert (told, page.form_key, page.busy) == (refusal.message, key, False)


async def test_an_edit_is_of_what_was_seen_and_a_change_by_others_is_told(page: Any, service: Service) -> None:
    one = schedule()
    await edit(page, one)
    key = page.form_key
    await edit(page, one.model_copy(update={"revision": 2, "changed_by": "ada"}))
    assert page.was_changed.startswith("ada changed this schedule")
    assert page.form_key == key
    await every(page.save(form_texts(one.spec)))
    assert service.done == [("edit", one.id, "nightly", 1)]
    await page.begin_anew()
    await every(page.save(form_texts(one.spec)))
    assert service.done[-1] == ("edit", one.id, "nightly", 2)


async def test_a_rule_is_said_while_it_is_typed(page: Any) -> None:
    await page._show_editor(None, new=True, edit=False)
    await page.type_cron("0 3 * * *")
    assert (page.rule_words, page.problems["cron"]) == ("words of 0 3 * * *", "")
    await page.type_zone("Nowhere")
    assert "no time zone" in page.problems["zone"]
    await page.type_cron("bad")
    assert (page.rule_words, page.problems["cron"]) == ("", "This is no rule.")


@pytest.mark.parametrize(
    "form", [None, [], "x", 5, {}, {"name": ["a"]}, {"targets": {"a": 1}}, {"name": "x" * 2_000_000}]
)
async def test_any_json_in_place_of_a_form_is_refused_in_words(page: Any, service: Service, form: Any) -> None:
    await every(page.save(form))
    assert service.done == []
    await page._show_editor(None, new=True, edit=False)
    await every(page.save(form))
    assert service.done == []
    assert page.form_problem != ""
    assert set(page.problems) == set(FIELDS)


async def test_a_verb_is_done_to_what_was_asked_about(page: Any, service: Service) -> None:
    one = schedule()
    page._show_drawer(one.id, opened(one))
    page.ask_verb(SCHEDULE_PAUSE.name)
    page._show_drawer(one.id, opened(one.model_copy(update={"revision": 5})))
    await page.do_verb("down", "")
    assert service.done == [(SCHEDULE_PAUSE.name, one.id, "down", 1)]


async def test_a_run_is_previewed_and_its_problem_is_told(page: Any, service: Service) -> None:
    one = schedule()
    await every(page.ask_run())
    assert (page.asking, service.done) == ("", [])
    page._show_drawer(one.id, opened(one))
    await every(page.ask_run())
    assert page.question_facts[0] == ("Candidates", "3 found")
    assert (page.asking, page.planning) == (SCHEDULE_RUN.name, False)
    await page.do_verb("", "")
    assert service.done == [("candidates", one.id), ("run", one.id)]
    service.refusal = InvalidInput("Too many.")
    await every(page.ask_run())
    assert (page.verb_problem, page.question_facts) == ("Too many.", [])


async def test_a_schedule_that_is_gone_leaves_no_editor(page: Any) -> None:
    one = schedule()
    await edit(page, one)
    page._show_drawer(one.id, None)
    await page._show_editor(None, new=False, edit=True)
    assert (page.is_missing, page.is_edit, page.facts.name) == (True, False, "")
