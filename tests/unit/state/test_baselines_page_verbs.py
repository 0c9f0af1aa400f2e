"""The verbs of the page of baselines, and of the page of a job whose result becomes one, whatever a client sends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.baselines import Baseline
from execution_ops.domain.errors import Conflict, InvalidInput, OpsError
from execution_ops.domain.jobs import Submission
from execution_ops.domain.sbom_diff import DiffCounts
from execution_ops.state import baseline_verbs, job_baseline
from execution_ops.state.baselines import Address, BaselineRows, BaselinesPage, Found, Opened
from execution_ops.state.comparison_view import Shown
from execution_ops.state.job import JobPage
from execution_ops.state.live import LOADING, _Answer
from execution_ops.state.shell import ShellState
from tests.unit.state.baselines_page import NOTHING, ONE, TWO, compared, made
from tests.unit.state.test_jobs import JUNK


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
