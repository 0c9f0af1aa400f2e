"""The question before a verb: its answer is one to what was asked, whatever the page shows by then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops.domain.dead_letters import DeadLetterDetail
from execution_ops.domain.errors import InvalidInput, NotFound, OpsError, Unavailable
from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.replays import ItemPage, ReplayPlan
from execution_ops.state import dead_letter, dead_letter_entry, replay, verbs
from execution_ops.state import plans as making
from execution_ops.state.dag import DagPage
from execution_ops.state.dag_view import NodeView
from execution_ops.state.dead_letter import GroupsPage
from execution_ops.state.dead_letter_entry import EntryPage
from execution_ops.state.job import JobPage
from execution_ops.state.live import _Answer
from execution_ops.state.replay import ItemRows, Opened, ReplayPage
from execution_ops.state.shell import ShellState
from tests.unit.state.letter_samples import FINGERPRINT, detail, letter, plan


class Backend:
    """Services that note what they were asked to do, and do it, or refuse with `refusal`."""

    def __init__(self) -> None:
        self.acts: list[tuple[Any, ...]] = []
        self.refusal: OpsError | None = None
        self.jobs = self.letters = SimpleNamespace(act=self._act)
        self.replays = SimpleNamespace(act=self._act_on_plan, undo=self._undo, plan=self._plan)

    def _note(self, *done: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.acts.append(done)

    def _act(self, _actor: Any, verb: str, ids: list[str], _stamp: Any, *seen: Any) -> list[Any]:
        self._note(verb, ids, *seen)
        return [SimpleNamespace(done=True, why="")]

    def _act_on_plan(self, _actor: Any, verb: str, plan_id: str, _stamp: Any) -> ReplayPlan:
        self._note(verb, plan_id)
        return plan()

    def _undo(self, _actor: Any, plan_id: str, _stamp: Any) -> ReplayPlan:
        self._note("undo", plan_id)
        return plan()

    def _plan(self, _actor: Any, _kind: Any, **what: Any) -> ReplayPlan:
        self._note(what["where"].to_pairs())
        return plan()


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    for module in (verbs, replay, dead_letter_entry, dead_letter, making):
        monkeypatch.setattr(module, "services", lambda: made)
    return made


def fresh(monkeypatch: pytest.MonkeyPatch, page: type[Any]) -> Any:
    """A page whose other States are at hand, and which is not read again by itself."""
    states = {kind: kind(_reflex_internal_init=True) for kind in (ItemRows, ShellState)}  # type: ignore[call-arg]

    async def state_of(_page: Any, kind: Any) -> Any:
        return states[kind]

    async def refresh(_page: Any, *, anew: bool = False) -> None:
        """Leave the page as it is."""

    monkeypatch.setattr(page, "get_state", state_of)
    monkeypatch.setattr(page, "_refresh", refresh)
    return page(_reflex_internal_init=True)


async def take(page: Any, value: Any) -> None:
    """What happens when an answer, or an error, arrives for the page's address."""
    error = value if isinstance(value, OpsError) else None
    await page._take(_Answer(seen=1, value=value, error=error))


def opened(row: ReplayPlan) -> Opened:
    return Opened(row, ItemPage(items=(), next_no=None))


def job_page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A job page that shows the id that it is given."""

    async def show(page: Any, answer: str) -> None:
        page.id = answer

    monkeypatch.setattr(JobPage, "_show", show)
    return fresh(monkeypatch, JobPage)


async def test_a_question_about_a_plan_is_closed_when_another_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    page, asked = fresh(monkeypatch, ReplayPage), plan()
    await take(page, opened(asked))
    ReplayPage.ask_verb.fn(page, "start")
    page.rate_problem = "A rate is a number."
    await take(page, opened(asked))
    assert (page.asking, page.rate_problem) == ("start", "A rate is a number.")
    await take(page, opened(plan()))
    assert (page.asking, page.rate_problem) == ("", "")


@pytest.mark.parametrize(("verb", "done"), [("start", "start"), ("reopen", "undo")])
async def test_the_plan_that_was_asked_about_is_acted_on(
    monkeypatch: pytest.MonkeyPatch, backend: Backend, verb: str, done: str
) -> None:
    page, asked = fresh(monkeypatch, ReplayPage), plan()
    await page._show(opened(asked))
    ReplayPage.ask_verb.fn(page, verb)
    # The answer was on its way when the other plan came to be shown.
    await page._show(opened(plan()))
    await ReplayPage.do_verb.fn(page, "", "")
    assert backend.acts == [(done, asked.id)]


async def test_what_is_beside_another_plan_is_not_taken_for_the_one_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    page, shown = fresh(monkeypatch, ReplayPage), plan()
    await page._show(opened(shown))
    page._show_beside(plan(driver_failed=True))
    assert page._shown.id == shown.id


async def test_a_question_about_an_entry_is_closed_when_another_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    page, asked = fresh(monkeypatch, EntryPage), letter()
    await take(page, detail(asked))
    EntryPage.ask_verb.fn(page, "resolve")
    await take(page, detail(asked.model_copy(update={"revision": 2})))
    assert page.asking == "resolve"
    await take(page, detail(letter()))
    assert page.asking == ""


async def test_the_entry_that_was_asked_about_is_acted_on_as_it_was_seen(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    page, asked = fresh(monkeypatch, EntryPage), letter(revision=3)
    shown: list[DeadLetterDetail] = [detail(asked), detail(letter(revision=7))]
    await page._show(shown[0])
    EntryPage.ask_verb.fn(page, "resolve")
    await page._show(shown[1])
    await EntryPage.do_verb.fn(page, "known", "")
    assert backend.acts == [("resolve", [asked.id], {asked.id: 3})]


async def test_the_job_that_was_asked_about_is_acted_on(monkeypatch: pytest.MonkeyPatch, backend: Backend) -> None:
    page, asked, other = job_page(monkeypatch), new_id(), new_id()
    await take(page, asked)
    JobPage.ask_verb.fn(page, "cancel")
    page.id = other
    await JobPage.do_verb.fn(page, "wrong input", "")
    assert backend.acts == [("cancel", [asked])]
    JobPage.ask_verb.fn(page, "cancel")
    await take(page, asked)
    assert page.asking == ""


async def test_what_fails_meanwhile_is_not_retried_with_what_was_asked_about(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    page = fresh(monkeypatch, DagPage)
    page._dag, page._failed, page._behind_failed = (new_id(), new_id()), ("a", "b"), 4
    DagPage.ask_all.fn(page)
    page._failed = ("a", "b", "c")
    assert page._about() == page._asked_about
    assert page.asking_for == "Retry 2 jobs"
    assert page.asking_facts == [("Continue", "4 waiting behind, once they succeed")]
    await DagPage.do_verb.fn(page, "", "")
    assert backend.acts == [("retry", ["a", "b"])]


async def test_the_box_that_was_asked_about_is_acted_on(monkeypatch: pytest.MonkeyPatch, backend: Backend) -> None:
    page = fresh(monkeypatch, DagPage)
    page.node = NodeView(key="a", title="catalog java")
    DagPage.ask_one.fn(page, "cancel")
    page.node = NodeView(key="b", title="catalog go")
    assert page._about() != page._asked_about
    assert page.asking_for == "Cancel catalog java"
    await DagPage.do_verb.fn(page, "wrong input", "")
    assert backend.acts == [("cancel", ["a"])]


async def test_groups_are_asked_about_by_the_filter_that_they_are_shown_for(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    page = fresh(monkeypatch, GroupsPage)
    page._shown, page._open = DeadLetterFilter(tenant=("acme",)), {FINGERPRINT: (7, 2)}
    GroupsPage.ask_group.fn(page, "replay", FINGERPRINT)
    page._shown = DeadLetterFilter()
    assert page._about() != page._asked_about
    await GroupsPage.do_verb.fn(page, "", "")
    assert ("tenant", "acme") in backend.acts[0][0]


async def test_a_question_outlives_an_error_that_passes_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    page = job_page(monkeypatch)
    await take(page, new_id())
    JobPage.ask_verb.fn(page, "cancel")
    await take(page, Unavailable("The database does not answer."))
    assert page.asking == "cancel"
    await take(page, NotFound("There is no such job."))
    assert page.asking == ""


@pytest.mark.parametrize("texts", [("a\0b", ""), ("", "\0"), ("\ud800", ""), ("", "a\udfff")], ids=ascii)
async def test_a_reason_that_can_not_be_stored_is_refused_in_the_dialog(
    monkeypatch: pytest.MonkeyPatch, backend: Backend, texts: tuple[str, str]
) -> None:
    page = job_page(monkeypatch)
    await take(page, new_id())
    JobPage.ask_verb.fn(page, "retry")
    await JobPage.do_verb.fn(page, *texts)
    assert (page.asking, bool(page.verb_problem), backend.acts) == ("retry", True, [])


async def test_what_the_service_refuses_is_said_in_the_dialog(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    page = job_page(monkeypatch)
    await take(page, new_id())
    JobPage.ask_verb.fn(page, "retry")
    backend.refusal = InvalidInput("A reason has at most 256 characters.")
    await JobPage.do_verb.fn(page, "x" * 300, "")
    assert (page.asking, page.verb_problem) == ("retry", "A reason has at most 256 characters.")
