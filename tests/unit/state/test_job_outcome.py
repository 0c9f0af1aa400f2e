"""What a page says of a job that it started, once that has ended."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import local_operator
from execution_ops.domain.errors import OpsError, Unavailable
from execution_ops.domain.jobs import JobRow, Submission
from execution_ops.domain.states import JobState
from execution_ops.domain.verbs import Stamp
from execution_ops.state import job_outcome
from execution_ops.state.job_outcome import Awaited, JobOutcome, outcome_message
from execution_ops.state.shell import ShellState
from tests.doubles import job_row

AWAITED = Awaited("j-1", "It is done.", "It was not done.")


class PageWithJobs(JobOutcome, rx.State):
    """The smallest page that starts jobs."""


class Jobs:
    """Answers with the next of `answers` each time, and counts how often it was waited for news."""

    def __init__(self) -> None:
        self.answers: Iterator[JobRow | OpsError] = iter(())
        self.waits: list[float] = []

    def get(self, _actor: Any, _job_id: str) -> Any:
        answer = next(self.answers)
        if isinstance(answer, OpsError):
            raise answer
        return SimpleNamespace(row=answer)

    def version(self, _topic: str) -> int:
        return 1

    async def wait(self, _topic: str, _seen: int, timeout: float) -> int:
        self.waits.append(timeout)
        return 2


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    made = Jobs()
    monkeypatch.setattr(job_outcome, "services", lambda: SimpleNamespace(jobs=made, hub=made))
    return made


@pytest.fixture
def shell() -> ShellState:
    return ShellState(_reflex_internal_init=True)  # type: ignore[call-arg]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, jobs: Jobs, shell: ShellState) -> Any:
    async def state_of(_page: Any, _wanted: Any) -> ShellState:
        return shell

    async def entered(page: Any) -> Any:
        return page

    async def left(_page: Any, *_: Any) -> None:
        """Leave the state as it is."""

    monkeypatch.setattr(PageWithJobs, "get_state", state_of)
    monkeypatch.setattr(PageWithJobs, "__aenter__", entered, raising=False)
    monkeypatch.setattr(PageWithJobs, "__aexit__", left, raising=False)
    return PageWithJobs(_reflex_internal_init=True)  # type: ignore[call-arg]


def row(state: JobState, **values: Any) -> JobRow:
    return job_row(state=state, **values)


async def test_a_job_is_followed_until_it_ends_through_an_outage(page: Any, jobs: Jobs, shell: ShellState) -> None:
    jobs.answers = iter([row(JobState.RUNNING), Unavailable("The database does not answer."), row(JobState.SUCCEEDED)])
    started = Submission(dag_id="d", job_ids={"one": "j-1"}, created=True)
    event = await page._follow(started, "It is being done.", done="It is done.", failed="It was not done.")
    assert event is PageWithJobs.tell_outcome
    await PageWithJobs.tell_outcome.fn(page)
    assert [toast["text"] for toast in shell.toasts] == ["It is being done.", "It is done."]
    assert {toast["href"] for toast in shell.toasts} == {routes.job("j-1")}
    assert len(jobs.waits) == 2
    assert page._awaited == ()
    # Any client may send the event again: then there is nothing to tell.
    await PageWithJobs.tell_outcome.fn(page)
    assert len(shell.toasts) == 2


async def test_the_message_of_its_success_offers_the_way_back(
    page: Any, jobs: Jobs, shell: ShellState, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def way_back(stamp: Stamp) -> dict[str, str]:
        asked.append(stamp.correlation_id)
        return {"undo": "7", "until": "2026-11-23T00:10:00.000Z"}

    monkeypatch.setattr(job_outcome, "way_back", way_back)
    stamp = Stamp(actor=local_operator(), correlation_id="request-1")
    for state, undo in ((JobState.SUCCEEDED, "7"), (JobState.FAILED, "")):
        jobs.answers = iter([row(state)])
        started = Submission(dag_id="d", job_ids={"one": "j-1"}, created=True)
        await page._follow(started, "It is being done.", done="It is done.", failed="It was not done.", stamp=stamp)
        await PageWithJobs.tell_outcome.fn(page)
        assert shell.toasts[-1]["undo"] == undo
    assert asked == ["request-1"]


async def test_patience_ends(page: Any, jobs: Jobs, shell: ShellState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_outcome, "PATIENCE_S", 0.0)
    for answer, words in (
        (row(JobState.SCHEDULED), "The job is still scheduled."),
        (Unavailable("Down."), "What came of it is not known: the database does not answer."),
    ):
        jobs.answers = iter([answer])
        page._awaited = (AWAITED,)
        await PageWithJobs.tell_outcome.fn(page)
        assert shell.toasts[-1]["text"] == words
    assert jobs.waits == []


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (JobState.FAILED, "Another was \u202epromoted.", "It was not done. Another was"),
        (JobState.CANCELED, "", "It was not done. The job is canceled."),
    ],
)
def test_what_failed_says_why_and_leads_to_its_job(state: JobState, error: str, words: str) -> None:
    told = outcome_message(AWAITED, row(state, error_type="JobFailed" if error else "", error_message=error))
    assert told["text"].startswith(words)
    assert "\u202e" not in told["text"]
    assert (told["tone"], told["href"]) == ("bad", routes.job("j-1"))
