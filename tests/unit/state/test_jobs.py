"""The job list's selection and questions, and clients that send anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Page
from execution_ops.domain.states import JobState
from execution_ops.state.jobs import Found, JobRows, JobsPage
from execution_ops.state.jobs_view import JobLine, job_line
from tests.job_samples import job_row

JUNK: list[Any] = [None, 1, 1.5, True, [], ["cancel"], {}, {"cancel": 1}, "", "\0", "\ud800", "x" * 100_000]


def opened(*states: JobState) -> JobsPage:
    """A list that shows one job in each of the states."""
    page = JobsPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    page._on_page = [(new_id(), state) for state in states]
    page.rows_on_page = len(states)
    return page


def test_the_selection_says_which_verbs_can_do_something() -> None:
    page = opened(JobState.FAILED, JobState.RUNNING)
    failed, running = [job_id for job_id, _ in page._on_page]
    JobsPage.toggle.fn(page, failed)
    assert (page.picked, page.retry_off, bool(page.cancel_off)) == ([failed], "", True)
    JobsPage.toggle.fn(page, running)
    assert page.all_on_page
    assert (page.retry_off, page.cancel_off) == ("", "")
    JobsPage.toggle_page.fn(page)
    assert page.picked == []


async def test_held_changes_are_the_rows_that_would_be_others(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened()
    rows = JobRows(_reflex_internal_init=True)  # type: ignore[call-arg]
    one, two = job_line(job_row(state=JobState.RUNNING)), job_line(job_row())
    rows.rows = [one, two]

    async def state_of(_page: JobsPage, _kind: Any) -> JobRows:
        return rows

    monkeypatch.setattr(JobsPage, "get_state", state_of)

    async def count(*lines: JobLine) -> int:
        return await page._count_changes(Found(Page(rows=(), older=None, newer=None), list(lines), None))

    assert await count(one, two) == 0
    assert await count(job_line(job_row()), one) == 1
    assert await count(replace(one, state="failed"), two) == 1
    assert await count() == 2


def test_dropping_the_selection_shows_what_it_held_back() -> None:
    page = opened(JobState.FAILED)
    JobsPage.toggle_page.fn(page)
    page.held = 3
    assert page._holds()
    assert JobsPage.drop_all.fn(page) is not None
    assert not page._holds()


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk)[:12])
def test_whatever_a_client_sends_selects_and_asks_nothing(junk: Any) -> None:
    page = opened(JobState.FAILED)
    JobsPage.toggle.fn(page, junk)
    JobsPage.ask_verb.fn(page, junk)
    asyncio.run(JobsPage.do_verb.fn(page, junk, junk))
    assert (page.picked, page.asking) == ([], "")


def test_a_reason_that_can_not_be_stored_is_refused_in_the_dialog() -> None:
    page = opened(JobState.FAILED)
    JobsPage.toggle_page.fn(page)
    JobsPage.ask_verb.fn(page, "retry")
    asyncio.run(JobsPage.do_verb.fn(page, "\ud800", ""))
    assert page.asking == "retry"
    assert page.verb_problem


def test_an_address_at_fault_has_nothing_to_widen_the_selection_to() -> None:
    page = opened(JobState.FAILED)
    page.problem_code = "INVALID_INPUT"
    JobsPage.pick_all.fn(page)
    assert (page.picked, page.everything) == ([], False)
