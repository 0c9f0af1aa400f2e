"""The job list's state: its address, its selection, and clients that send anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Counts
from execution_ops.domain.states import JobState
from execution_ops.domain.times import EPOCH
from execution_ops.state.jobs import QUERY_MAX, Address, JobsPage
from execution_ops.state.jobs_view import BOUND, matching, tabs

JUNK: list[Any] = [None, 1, 1.5, True, [], ["cancel"], {}, {"cancel": 1}, "", "\0", "\ud800", "x" * 100_000]


def opened(*states: JobState) -> JobsPage:
    """A list that shows one job in each of the states."""
    page = JobsPage(_reflex_internal_init=True)  # type: ignore[call-arg]
    page._on_page = [(new_id(), state) for state in states]
    page.rows_on_page = len(states)
    return page


def test_an_address_is_filter_cursor_and_background_job() -> None:
    bulk = new_id()
    address = Address.read(f"state=failed&queue=a%20b&cursor=abc&bulk={bulk}&scan=1")
    assert address.where == JobFilter(state=(JobState.FAILED,), queue=("a b",))
    assert (address.cursor, address.bulk, address.own()) == ("abc", bulk, [("bulk", bulk)])


@pytest.mark.parametrize(
    "query",
    ["state=lost", "sort=up", "bulk=1", "queue=%00", "queue=\ud800", "payload.a=\ud800", "q=" + "x" * QUERY_MAX],
)
def test_an_address_that_no_list_could_show_is_refused_in_words(query: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Address.read(query)
    assert refusal.value.message.endswith(".")


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


def test_tabs_count_each_state_and_keep_the_rest_of_the_address() -> None:
    counts = Counts(by_state={JobState.FAILED: 1_200}, total=1_200, exact=True, as_of=EPOCH)
    where = JobFilter(state=(JobState.FAILED,), queue=("q",))
    lines = {line.state: line for line in tabs(where, counts, [("bulk", "b")])}
    assert [state for state, line in lines.items() if line.on] == ["failed"]
    assert lines["failed"].count == "1,200"
    assert lines["running"].count == "0"
    assert all("queue=q" in line.href and "bulk=b" in line.href for line in lines.values())
    assert "state=" not in lines[""].href


def test_a_count_beyond_the_bound_is_not_said_to_be_exact() -> None:
    counts = Counts(by_state={JobState.FAILED: BOUND}, total=BOUND, exact=False, as_of=EPOCH)
    assert matching(JobFilter(), counts) == (BOUND, "10,000+")
