"""What the page of analyzers shows, and what its events do for any client."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kit_records import KitActivation
from execution_ops.domain.scanner_verbs import ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR
from execution_ops.domain.states import JobState
from execution_ops.domain.times import iso
from execution_ops.services import container
from execution_ops.settings import Settings
from execution_ops.state.analyzers import AnalyzerRows, AnalyzersPage
from execution_ops.state.analyzers_address import Address, load
from execution_ops.state.analyzers_view import analyzer_line, analyzer_lines, change_lines
from execution_ops.state.live import _Answer
from execution_ops.state.shell import ShellState
from tests.analyzers_double import ANSWER, ASKED, analyzer_run, self_test
from tests.api.test_analyzers_api import entry
from tests.doubles import EPOCH, MemoryBackend
from tests.execution import STAMP

HOSTILE = "<script>\u202egnp\x1b[2J"


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    made = MemoryBackend(syft_asked=ASKED)
    monkeypatch.setattr(container, "_shared", container.compose(Settings(data_dir=tmp_path), made))
    return made


async def page_at(query: str, monkeypatch: pytest.MonkeyPatch) -> AnalyzersPage:
    """The page as it shows an address."""
    kinds: list[Any] = [AnalyzerRows, ShellState]
    states = {kind: kind(_reflex_internal_init=True) for kind in kinds}

    async def get_state(_: rx.State, kind: type[rx.State]) -> rx.State:
        return states[kind]

    monkeypatch.setattr(rx.State, "get_state", get_state)
    page = AnalyzersPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    address = f"{routes.analyzers()}{query}"
    data = {"pathname": routes.analyzers(), "asPath": address, "headers": {"origin": "http://x"}}
    page.router = RouterData.from_router_data(data)
    await page._show(load(STAMP.actor, page._address()))
    return page


def test_a_row_leads_to_its_jobs_and_hostile_texts_are_spelled_out(backend: MemoryBackend) -> None:
    backend.analyzer_past = [
        analyzer_run(state=JobState.FAILED, components=0, error=HOSTILE),
        analyzer_run(components=1),
    ]
    backend.analyzer_tested = {"go": self_test("go", ["a"], ["a"])}
    go = next(one for one in container.services().analyzers.list(STAMP.actor).analyzers if one.name == "go")
    line = analyzer_line(go)
    assert (line.rate, line.runs, line.test_word) == ("50 %", "of 2 runs", "passed")
    assert line.error_href == routes.job(backend.analyzer_past[0].job_id)
    assert "\u202e" not in line.error + line.words
    assert (line.components, line.components_all) == ("", "1 in all")


def test_what_needs_somebody_stands_first_and_what_nothing_is_known_of_last(backend: MemoryBackend) -> None:
    backend.analyzer_past = [analyzer_run(components=1)]
    backend.analyzer_tested = {"python": self_test("python", ["a"], [])}
    lines = analyzer_lines(container.services().analyzers.list(STAMP.actor).analyzers)
    assert [(line.name, line.health) for line in lines[:2]] == [("python", "failed"), ("go", "healthy")]
    assert {line.health for line in lines[2:]} == {"untried"}
    assert [line.name for line in lines[2:]] == sorted(line.name for line in lines[2:])


def test_a_draft_is_told_as_a_difference_to_what_holds() -> None:
    lines = change_lines(["go", "rust"], frozenset({"rust", "lua"}), frozenset({"go"}))
    assert [(line.label, line.adds) for line in lines] == [("lua", False), ("go", True)]
    assert change_lines(["go"], frozenset({"go"}), frozenset({"go"})) == []


@pytest.mark.parametrize("query", ["seen=-1", "seen=x", "older=99999", "of=<b>", "edit=1&seen=99999999999"])
def test_an_address_that_no_page_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


async def test_the_draft_lives_in_the_address(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await page_at("?edit=1&seen=0&without=go", monkeypatch)
    assert [(line.name, line.chosen) for line in page.choices] == [("binaries", True), ("go", False), ("python", True)]
    assert [line.label for line in page.changes] == ["go"]
    assert (page.save_off, page.was_changed) == ("", "")
    back = await page_at("?edit=1&seen=0", monkeypatch)
    assert back.save_off == "The draft changes nothing."
    assert page.toggle("<b>") is None
    assert page.toggle("python") is not None


async def test_a_draft_of_a_version_that_is_past_cannot_be_saved(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.save_analyzer_defaults(["python"], ANALYZERS_EDIT, STAMP, seen=None)
    page = await page_at("?edit=1&seen=0&without=go", monkeypatch)
    assert "Version 1 was saved" in page.was_changed
    assert page.save_off
    assert page.left_out == "python"


async def test_a_draft_is_saved_with_a_reason(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await page_at("?edit=1&seen=0&without=go", monkeypatch)
    page.ask_verb(ANALYZERS_EDIT.name)
    assert page.question_title == "Save version 1 of the default analyzers?"
    await page.do_verb("", "")
    assert "reason" in page.verb_problem
    await page.do_verb("no Go here", "")
    assert (backend.analyzer_defaults().disabled, page.asking) == (("go",), "")


async def test_an_earlier_version_is_rolled_back_to_after_its_difference_was_shown(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for names in (["go"], ["python"], ["python", "lua"]):
        backend.save_analyzer_defaults(names, ANALYZERS_EDIT, STAMP, seen=None)
    page = await page_at("?edit=1&seen=3", monkeypatch)
    assert [(line.version, line.off) for line in page.history] == [
        (3, "This is what holds now."),
        (2, ""),
        (1, ""),
    ]
    page.ask_rollback(1)
    assert page.question_title == "Roll back to version 1 of the default analyzers?"
    assert page.question_facts == [
        ("go", "scans started afterwards leave it out"),
        ("lua", "scans run it as soon as Syft has it"),
        ("python", "scans started afterwards run it"),
    ]
    await page.do_verb("", "")
    assert "reason" in page.verb_problem
    await page.do_verb("Go is back", "")
    now = backend.analyzer_defaults()
    assert (now.version, now.disabled, now.reason, page.asking) == (4, ("go",), "Go is back", "")


async def test_a_roll_back_is_not_answered_for_another_version_than_was_shown(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for names in (["go"], ["python"]):
        backend.save_analyzer_defaults(names, ANALYZERS_EDIT, STAMP, seen=None)
    page = await page_at("?edit=1&seen=2", monkeypatch)
    for nothing in (2, 7, -1, "1", None):
        page.ask_rollback(nothing)
        assert page.asking == "", nothing
    page.ask_rollback(1)
    assert page.asking == ANALYZERS_ROLLBACK.name
    backend.save_analyzer_defaults(["binaries"], ANALYZERS_EDIT, STAMP, seen=None)
    await page.do_verb("Go is back", "")
    assert "Somebody saved a version" in page.verb_problem
    # As the page hears of it, the question goes and the drawer says what happened.
    await page._take(_Answer(seen=1, value=load(STAMP.actor, page._address())))
    assert (page.asking, page.was_changed) == ("", "Version 3 was saved while you had this open.")
    assert backend.analyzer_defaults().disabled == ("binaries",)


async def test_one_that_this_syft_does_not_have_can_be_taken_out_of_what_is_left_out(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.save_analyzer_defaults(["rust", HOSTILE], ANALYZERS_EDIT, STAMP, seen=None)
    page = await page_at(f"?edit=1&seen=1&without=rust&without={quote(HOSTILE)}", monkeypatch)
    others = [line for line in page.choices if line.ecosystem == "not in this Syft"]
    assert [(line.name, line.chosen) for line in others] == [(HOSTILE, False), ("rust", False)]
    assert "\u202e" not in others[0].label
    assert page.toggle("rust") is not None
    draft = await page_at(f"?edit=1&seen=1&without={quote(HOSTILE)}", monkeypatch)
    assert [(line.label, line.words) for line in draft.changes] == [("rust", "scans run it as soon as Syft has it")]
    # It can be put back, too.
    assert [(line.name, line.chosen) for line in draft.choices][-1] == ("rust", True)
    draft.ask_verb(ANALYZERS_EDIT.name)
    await draft.do_verb("the next Syft has it", "")
    assert backend.analyzer_defaults().disabled == (HOSTILE,)


async def test_the_page_says_when_a_kit_may_have_brought_another_syft(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await page_at("", monkeypatch)).replaced_at == ""
    later = EPOCH + timedelta(hours=1)
    swap = KitActivation(generation=1, kit_id="k", version="1", at=later, by="ann", reason="the new one", forced=False)
    backend.kit_swaps = [swap]
    # The kit brings no Syft: the one that answered is in use.
    assert (await page_at("", monkeypatch)).replaced_at == ""
    backend.kit_syft = "offline-kits/k/syft"
    assert (await page_at("", monkeypatch)).replaced_at == iso(later)
    backend.syft_asked = ASKED.model_copy(update={"asked_at": later + timedelta(seconds=1)})
    assert (await page_at("", monkeypatch)).replaced_at == ""
    # Back to one without: the Syft of the kit answered, and is let go.
    answer = ANSWER.model_copy(update={"program": backend.kit_syft})
    backend.syft_asked = ASKED.model_copy(update={"answer": answer})
    undone = later + timedelta(hours=1)
    backend.kit_syft, backend.kit_swaps = "", [swap.model_copy(update={"undone_at": undone})]
    assert (await page_at("", monkeypatch)).replaced_at == iso(undone)


async def test_the_cache_is_cleared_as_it_was_asked(backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.cache_entries = [entry("a"), entry("b", "python")]
    page = await page_at("?clear=1&of=go", monkeypatch)
    assert (page.clear_words, page.clear_scope) == ("1 entry, 10 bytes", "What go found")
    page.ask_verb(CACHE_CLEAR.name)
    await page.do_verb("wrong rules", "")
    assert [one.key for one in backend.cache_entries] == ["b"]
    nothing = await page_at("?clear=1&of=rust", monkeypatch)
    assert nothing.clear_now_off == "There is no such entry."


async def test_an_analyzer_opens_with_what_was_expected_and_found(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.analyzer_tested = {"go": self_test("go", ["a", "b"], ["a", "c"])}
    backend.analyzer_past = [analyzer_run()]
    page = await page_at("?analyzer=go", monkeypatch)
    assert [(line.purl, line.state) for line in page.components] == [
        ("b", "missing"),
        ("c", "unexpected"),
        ("a", "found"),
    ]
    assert [rule.decides for rule in page.rules].index(True) == 1
    assert (page.facts.name, len(page.runs)) == ("go", 1)
    missing = await page_at("?analyzer=nothing", monkeypatch)
    assert missing.is_missing


async def test_refresh_and_test_start_jobs_and_lead_to_them(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await page_at("", monkeypatch)
    shell = await page.get_state(ShellState)
    await page.ask_syft()
    assert shell.toasts[-1]["href"] == routes.job(next(iter(backend.rows)))
    await page.test("go")
    assert shell.toasts[-1]["text"] == "go is being tested."
    await page.test("")
    assert shell.toasts[-1]["text"] == "2 analyzers are being tested."
    await page.test("nothing")
    assert shell.toasts[-1]["tone"] == "bad"
    assert len(backend.specs) == 3
