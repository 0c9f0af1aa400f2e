"""The page of baselines: its addresses, what it shows, and its verbs, whatever a client sends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.baseline_choice import suggest
from execution_ops.domain.baselines import Baseline, BaselinePage, Promotion
from execution_ops.domain.errors import Conflict, InvalidInput, OpsError
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Submission
from execution_ops.domain.sbom_diff import ChangeKind, DiffCounts, DiffFilter, compare
from execution_ops.domain.sbom_parts import inventory
from execution_ops.domain.states import BaselineState
from execution_ops.services.baselines import ComparisonPage
from execution_ops.state import baseline_verbs, job_baseline
from execution_ops.state.baselines import Address, BaselineRows, BaselinesPage, Found, Opened
from execution_ops.state.baselines_view import baseline_facts, baseline_line, offer_lines, promotion_lines
from execution_ops.state.comparison_view import Shown, change_lines, count_tabs, ecosystem_options, pages
from execution_ops.state.job import JobPage
from execution_ops.state.live import LOADING, _Answer
from execution_ops.state.shell import ShellState
from tests.baselines import document
from tests.unit.domain.test_baseline_choice import EPOCH, baseline
from tests.unit.state.test_jobs import JUNK

# Part of the names of tests, so the same in every process.
ONE, TWO = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
NOTHING = BaselinePage(rows=(), older=None, newer=None)


def made(number: int, label: str, *, promoted: bool = False, **values: Any) -> Baseline:
    return baseline(number, label, promoted=promoted).model_copy(update={"id": new_id(), **values})


class Service:
    """Notes what it was asked to do, and does it, or refuses with `refusal`."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.refusal: OpsError | None = None
        self.held: Baseline | None = None
        self.kept = made(1, "kept")

    def promoted(self, _actor: Any, _one: Baseline) -> Baseline | None:
        return self.held

    def counts(self, _actor: Any, _left: str, _right: str) -> DiffCounts:
        if self.refusal is not None:
            raise self.refusal
        return DiffCounts(added=3, version=2, changed=2)

    def get(self, _actor: Any, baseline_id: str) -> Baseline:
        return self.kept.model_copy(update={"id": baseline_id})

    def promote(self, _actor: Any, baseline_id: str, stamp: Any, *, held: str | None) -> Submission:
        self._note("promote", baseline_id, stamp.reason, str(held))
        return Submission(dag_id=ONE, job_ids={"baseline": TWO}, created=True)

    def keep_comparison(self, _actor: Any, left: str, right: str, _stamp: Any) -> Submission:
        self._note("keep", left, right)
        return Submission(dag_id=ONE, job_ids={"baseline": TWO}, created=True)

    def rollback(self, _actor: Any, baseline_id: str, stamp: Any) -> Baseline:
        return self._note("rollback", baseline_id, stamp.reason)

    def remove(self, _actor: Any, baseline_id: str, stamp: Any) -> Baseline:
        return self._note("remove", baseline_id, stamp.reason)

    def save(self, _actor: Any, job_id: str, _stamp: Any, *, label: str) -> Baseline:
        return self._note("save", job_id, label)

    def _note(self, *done: str) -> Baseline:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(done)
        return self.kept


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service()
    for module in (baseline_verbs, job_baseline):
        monkeypatch.setattr(module, "services", lambda: SimpleNamespace(baselines=service))
    return service


def alone(monkeypatch: pytest.MonkeyPatch, kind: Any) -> Any:
    """A page whose other States are at hand, and which is not read again by itself."""
    states = {one: one(_reflex_internal_init=True) for one in (BaselineRows, ShellState)}

    async def state_of(_page: Any, wanted: Any) -> Any:
        return states[wanted]

    async def refresh(_page: Any, *, anew: bool = False) -> None:
        """Leave the page as it is."""

    monkeypatch.setattr(kind, "get_state", state_of)
    monkeypatch.setattr(kind, "_refresh", refresh)
    return kind(_reflex_internal_init=True)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, service: Service) -> Any:
    return alone(monkeypatch, BaselinesPage)


async def show(page: Any, monkeypatch: pytest.MonkeyPatch, query: str, found: Found) -> None:
    """What happens when an answer arrives."""
    monkeypatch.setattr(BaselinesPage, "_address", lambda _: Address.read(query))
    await page._take(_Answer(seen=1, value=found))


def opened(one: Baseline | None) -> Found:
    return Found(NOTHING, [], Opened(one, [], []), None, None)


def compared(left: Baseline, right: Baseline, shown: Shown, start: int = 0) -> ComparisonPage:
    before, after = [("react", "1"), ("gone", "1")], [("react", "2", "ISC"), ("new", "", "")]
    found = compare(inventory(document(before)), inventory(document(after)))
    rows = shown.where.choose(found.rows)
    return ComparisonPage(
        left=left,
        right=right,
        counts=found.counts,
        ecosystems=found.ecosystems,
        rows=tuple(rows[start:]),
        start=start,
        matching=len(rows),
    )


# addresses


def test_an_address_is_a_list_a_drawer_a_choice_or_a_comparison() -> None:
    listed = Address.read(f"state=promoted&baseline={ONE}&cursor=x")
    assert (listed.baseline, listed.cursor, listed.compared) == (ONE, "x", Shown())
    assert listed.line_href(TWO) == routes.baselines([("state", "promoted"), ("cursor", "x"), ("baseline", TWO)])
    choosing = Address.read(f"left={ONE}&label=v")
    assert choosing.line_href(TWO) == routes.compare_baselines(ONE, TWO)
    assert choosing.own() == [("left", ONE)]
    both = Address.read(f"left={ONE}&right={TWO}&kind=added&kind=licence&text=a&start=100&baseline={ONE}")
    assert (both.baseline, both.own(), both.compared.start) == ("", [], 100)
    assert both.compared.where == DiffFilter(kind=(ChangeKind.ADDED, ChangeKind.LICENCE), text="a")
    assert Address.read(f"right={TWO}&kind=wrong").compared == Shown()


@pytest.mark.parametrize("query", ["baseline=x", "left=x", f"left={ONE}&right=x", f"left={ONE}&start=-1", "state=x"])
def test_what_no_page_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


# lines


def test_a_line_and_facts_hide_nothing_and_steer_nothing() -> None:
    one = made(1, "", promoted=True, source="/srv/\u202egpj", job_id=ONE, green=False)
    line = baseline_line(one, "/there")
    assert (line.name, line.where, line.green) == (one.sha256[:12], "Scan", False)
    assert "\u202e" not in f"{line.source}{baseline_facts(one).source}"
    assert line.where_href == routes.job(ONE)
    facts = baseline_facts(one)
    assert "had not succeeded" in facts.scan_words
    assert (facts.promoted_by, bool(facts.promoted_at)) == ("ann", True)
    assert baseline_facts(one.model_copy(update={"state": BaselineState.CANDIDATE})).promoted_at == ""
    assert baseline_line(made(1, "k", kit_id="k"), "").where == "Kit"
    assert baseline_line(made(1, "k", source="/" + "x" * 300), "").source_href == ""


def test_offers_and_promotions_say_what_and_why() -> None:
    own, held = made(2, "1.1"), made(1, "1.0", promoted=True)
    lines = offer_lines(suggest(own, [own, held]), own)
    assert [(line.name, line.best) for line in lines] == [("1.0", True), ("1.0", False), ("1.0", False)]
    assert lines[0].href == routes.compare_baselines(held.id, own.id)
    told = Promotion(
        at=EPOCH,
        by="ann",
        reason="why",
        verb="kit_rollback",
        baseline_id="",
        label="",
        previous_id=ONE,
        previous_label="1.0",
        kit_id="k",
    )
    back = told.model_copy(update={"baseline_id": TWO, "verb": "baseline_promote"})
    first, second = promotion_lines([told, back])
    assert (first.words, first.name, first.href) == ("Roll back", "nothing is promoted any more", "")
    assert (second.name, second.href) == (TWO[-8:], routes.baseline(TWO))
    assert first.key != second.key


def test_a_comparison_has_counts_as_filters_rows_and_pages() -> None:
    shown = Shown(ONE, TWO, DiffFilter(text="e"))
    page = compared(made(1, "a"), made(2, "b"), shown)
    tabs = count_tabs(page.counts, shown)
    assert [(tab.title, tab.count) for tab in tabs][:2] == [("All changes", "3"), ("Added", "1")]
    assert tabs[1].href == routes.compare_baselines(ONE, TWO, [("kind", "added"), ("text", "e")])
    assert [(line.name, line.kind) for line in change_lines(page)] == [
        ("gone", "removed"),
        ("new", "added"),
        ("react", "both"),
    ]
    assert pages(page, shown) == ("", "", "1 to 3 of 3")
    late = page.model_copy(update={"start": 100, "rows": page.rows[:1], "matching": 300})
    before, after, words = pages(late, shown)
    assert (before, after) == (shown.href(shown.where), shown.href(shown.where, 101))
    assert words == "101 to 101 of 300"
    assert pages(page.model_copy(update={"rows": (), "matching": 0}), shown)[2] == "None of 0"
    foreign = Shown(ONE, TWO, DiffFilter(ecosystem=("cargo",)))
    assert [option.value for option in ecosystem_options(page, foreign)] == ["cargo", "npm"]


# the page and its verbs


async def test_the_page_offers_what_the_baseline_of_its_address_allows(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (page.promote_off, page.rollback_off, page.remove_off) == (LOADING,) * 3
    candidate, held = made(1, "a"), made(2, "b", promoted=True)
    await show(page, monkeypatch, f"baseline={candidate.id}", opened(candidate))
    assert (page.promote_off, bool(page.rollback_off), page.remove_off) == ("", True, "")
    await show(page, monkeypatch, f"baseline={held.id}", opened(held))
    assert (bool(page.promote_off), page.rollback_off, bool(page.remove_off)) == (True, "", True)
    await show(page, monkeypatch, f"baseline={ONE}", opened(None))
    assert (page.is_missing, page.facts.id) == (True, "")
    BaselinesPage.ask_verb.fn(page, "baseline_promote")
    assert page.asking == ""


async def test_a_promotion_is_asked_for_with_what_it_changes(
    page: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, service.held = made(2, "b"), made(1, "a", promoted=True)
    await show(page, monkeypatch, f"baseline={one.id}", opened(one))
    steps = [page.comparing_first async for _ in BaselinesPage.ask_promote.fn(page)]
    assert (steps, page.comparing_first) == ([True], False)
    assert ("Added", "3") in page.question_facts
    assert page.question_facts[0] == ("Promoted now", "a")
    assert page.question_href == routes.compare_baselines(service.held.id, one.id)
    service.refusal = Conflict("Not now.")
    await BaselinesPage.do_verb.fn(page, "because", "")
    assert (page.asking, page.verb_problem) == ("baseline_promote", "Not now.")
    service.refusal = None
    answer = await BaselinesPage.do_verb.fn(page, "because", "")
    assert (page.asking, service.done) == ("", [("promote", one.id, "because", service.held.id)])
    assert answer is BaselinesPage.tell_outcome
    assert [one.job_id for one in page._awaited] == [TWO]


async def test_the_question_closes_when_the_page_shows_the_comparison(
    page: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made(2, "b")
    await show(page, monkeypatch, f"baseline={one.id}", opened(one))
    async for _ in BaselinesPage.ask_promote.fn(page):
        pass
    assert page.question_facts[0][1].startswith("nothing")
    query = f"left={ONE}&right={one.id}"
    comparison = compared(made(1, "a"), one, Shown(ONE, one.id))
    await show(page, monkeypatch, query, Found(NOTHING, [], None, None, comparison))
    assert (page.asking, page.is_comparing, page.promote_off) == ("", True, "")
    assert page.summary == page.compare_words == "3 packages changed; 0 packages are the same."
    assert page.diff_csv.endswith("format=csv")


async def test_what_is_deleted_leads_back_to_the_list(
    page: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made(2, "b")
    await show(page, monkeypatch, f"label=b&baseline={one.id}", opened(one))
    BaselinesPage.ask_verb.fn(page, "baseline_remove")
    answer = await BaselinesPage.do_verb.fn(page, "not wanted", "")
    assert service.done == [("remove", one.id, "not wanted")]
    assert routes.baselines([("label", "b")]) in str(answer)


async def test_a_search_is_an_address(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = made(1, "a"), made(2, "b")
    query = f"left={one.id}&right={two.id}&kind=added"
    await show(page, monkeypatch, query, Found(NOTHING, [], None, None, compared(one, two, Shown(one.id, two.id))))
    answer = BaselinesPage.search_changes.fn(page, {"text": " react ", "ecosystem": "npm"})
    wanted = [("kind", "added"), ("ecosystem", "npm"), ("text", "react")]
    assert routes.compare_baselines(one.id, two.id, wanted) in str(answer)
    assert BaselinesPage.search_changes.fn(page, {"text": "x" * 201}) is None
    assert page.complaint


@pytest.mark.parametrize("junk", JUNK)
async def test_any_client_may_send_anything(page: Any, service: Service, junk: Any) -> None:
    BaselinesPage.ask_verb.fn(page, junk)
    await BaselinesPage.do_verb.fn(page, junk, junk)
    assert (page.asking, service.done) == ("", [])


# the page of a job


def test_a_result_is_saved_once_from_the_page_of_its_job(service: Service) -> None:
    page = JobPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    JobPage.ask_save.fn(page)
    assert page.saving is False
    page.is_scan_result, page._result_job = True, ONE
    JobPage.ask_save.fn(page)
    assert (page.saving, page._save_job) == (True, ONE)
    JobPage.leave_save.fn(page)
    assert (page.saving, page._save_key) == (False, "")


async def test_saving_says_what_was_refused_and_where_the_result_is(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = alone(monkeypatch, JobPage)
    page.is_scan_result, page._result_job = True, ONE
    JobPage.ask_save.fn(page)
    service.refusal = InvalidInput("Too long.")
    async for _ in JobPage.save_result.fn(page, {"label": "v1"}):
        pass
    assert (page.save_problem, page.saving, page.save_busy) == ("Too long.", True, False)
    service.refusal = None
    async for _ in JobPage.save_result.fn(page, {"label": "v1"}):
        pass
    assert (page.saving, service.done) == (False, [("save", ONE, "v1")])
    async for _ in JobPage.save_result.fn(page, {"label": "v1"}):
        pass
    assert len(service.done) == 1, "pressed again, nothing is asked any more"
