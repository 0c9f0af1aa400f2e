"""The drawer of a run: the verbs that it offers, and answers to what was asked."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.errors import Conflict, OpsError
from execution_ops.domain.runs import Run, RunCounts, RunPage
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.verb import Verb
from execution_ops.state import run_verbs
from execution_ops.state.live import LOADING, _Answer
from execution_ops.state.run_drawer import Opened, RunParts, Shown
from execution_ops.state.runs import Found, RunRows, RunsPage
from execution_ops.state.runs_view import run_line
from execution_ops.state.shell import ShellState
from tests.unit.state.run_samples import opened, run
from tests.unit.state.test_jobs import JUNK

FAILED = RunCounts(by_state={TargetState.COMPLETED: 1, TargetState.FAILED: 1})


class Runs:
    """A service that notes what it was asked to do, and does it, or refuses with `refusal`."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str]] = []
        self.refusal: OpsError | None = None
        self.made = run()

    def cancel(self, _actor: Any, run_id: str, stamp: Any) -> Run:
        return self._note("run_cancel", run_id, stamp.reason)

    def retry(self, _actor: Any, verb: Verb, run_id: str, stamp: Any) -> Run:
        return self._note(verb.name, run_id, stamp.reason)

    def _note(self, verb: str, run_id: str, reason: str) -> Run:
        if self.refusal is not None:
            raise self.refusal
        self.acts.append((verb, run_id, reason))
        return self.made


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(run_verbs, "services", lambda: SimpleNamespace(runs=made))
    return made


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A page whose other States are at hand, and which is not read again by itself."""
    states = {kind: kind(_reflex_internal_init=True) for kind in (RunRows, RunParts, ShellState)}  # type: ignore[call-arg]

    async def state_of(_page: Any, kind: Any) -> Any:
        return states[kind]

    async def refresh(_page: Any, *, anew: bool = False) -> None:
        """Leave the page as it is."""

    monkeypatch.setattr(RunsPage, "get_state", state_of)
    monkeypatch.setattr(RunsPage, "_refresh", refresh)
    return RunsPage(_reflex_internal_init=True)  # type: ignore[call-arg]


def found(one: Opened | None, *rows: Run) -> Found:
    """What the page reads."""
    page = RunPage(rows=rows, older=None, newer=None)
    return Found(page, [run_line(row, []) for row in rows], [], 0, one, {})


async def take(page: Any, one: Opened | None, *rows: Run) -> None:
    """What happens when an answer arrives."""
    await page._take(_Answer(seen=1, value=found(one, *rows)))


def test_verbs_are_off_until_the_run_was_read(page: Any) -> None:
    assert (page.cancel_off, page.retry_off, page.retry_failed_off) == (LOADING,) * 3
    RunsPage.ask_verb.fn(page, "run_cancel")
    assert page.asking == ""


async def test_a_run_offers_the_verbs_of_its_state(page: Any) -> None:
    await take(page, opened(run(state=RunState.RUNNING)))
    assert (page.cancel_off, bool(page.retry_off), bool(page.retry_failed_off)) == ("", True, True)
    await take(page, opened(run(state=RunState.ERROR, counts=FAILED)))
    assert (bool(page.cancel_off), page.retry_off, page.retry_failed_off) == (True, "", "")
    await take(page, opened(run(state=RunState.ERROR)))
    assert page.retry_failed_off == "Its targets were never found: retry the whole run."


async def test_what_was_asked_about_is_acted_on_and_a_retry_opens_the_new_run(page: Any, runs: Runs) -> None:
    asked = run(state=RunState.ERROR, counts=FAILED)
    await take(page, opened(asked))
    RunsPage.ask_verb.fn(page, "run_retry_failed")
    assert page.question_title == "Retry the failed segments of this run of nightly?"
    # The answer was on its way when another run came to be shown.
    await page._show_drawer(opened(run(state=RunState.ERROR)))
    answer = await RunsPage.do_verb.fn(page, "", "")
    assert runs.acts == [("run_retry_failed", asked.id, "")]
    assert routes.run(runs.made.id) in str(answer.args)


async def test_a_question_is_closed_when_another_run_is_shown(page: Any) -> None:
    asked = run(state=RunState.RUNNING)
    await take(page, opened(asked))
    RunsPage.ask_verb.fn(page, "run_cancel")
    await take(page, opened(asked.model_copy(update={"state": RunState.ERROR})))
    assert page.asking == "run_cancel"
    await take(page, opened(run()))
    assert page.asking == ""
    RunsPage.ask_verb.fn(page, "run_cancel")
    await take(page, None)
    assert (page.asking, page.open_id, page.run.id) == ("", "", "")


async def test_a_refusal_stays_in_the_question(page: Any, runs: Runs) -> None:
    runs.refusal = Conflict("This run is completed.")
    await take(page, opened(run(state=RunState.RUNNING)))
    RunsPage.ask_verb.fn(page, "run_cancel")
    await RunsPage.do_verb.fn(page, "enough", "")
    assert (page.asking, page.verb_problem) == ("run_cancel", "This run is completed.")


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk)[:12])
async def test_whatever_a_client_sends_does_nothing(page: Any, runs: Runs, junk: Any) -> None:
    await take(page, opened(run(state=RunState.RUNNING)))
    RunsPage.ask_verb.fn(page, junk)
    await RunsPage.do_verb.fn(page, junk, junk)
    RunsPage.apply.fn(page, junk)
    assert (page.asking, runs.acts) == ("", [])


async def test_deep_in_the_list_rows_are_held_and_the_drawer_is_not(page: Any) -> None:
    going, row = run(state=RunState.RUNNING, counts=FAILED), run()
    await take(page, opened(going), row)
    page._deep = True
    assert page._holds()
    ended = opened(going.model_copy(update={"state": RunState.ERROR}))
    changed = row.model_copy(update={"state": RunState.RUNNING})
    await page._hold(_Answer(seen=2, value=found(ended, changed)))
    assert (page.held, page.run.state) == (1, "error")


async def test_a_run_that_is_not_there_says_so_and_leaves_the_list(page: Any) -> None:
    await take(page, Opened(Shown("x"), missing="There is no run x."), run())
    assert (page.open_id, page.missing, page.rows_on_page, page.problem) == ("x", "There is no run x.", 1, "")
    RunsPage.ask_verb.fn(page, "run_cancel")
    assert page.asking == ""


def test_a_client_can_close_what_is_not_open(page: Any) -> None:
    assert routes.runs() in str(RunsPage.close_drawer.fn(page).args)
    asyncio.run(RunsPage.do_verb.fn(page, "", ""))
