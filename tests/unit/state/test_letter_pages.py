"""The questions of the pages of dead letters, and clients that send anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import PLAN_VERBS
from execution_ops.domain.replays import ItemStatus, PlanKind
from execution_ops.domain.states import DeadLetterState, ReplayState
from execution_ops.state.dag import DagPage
from execution_ops.state.dead_letter import GroupsPage, read_groups_filter
from execution_ops.state.dead_letter_entry import EntryPage
from execution_ops.state.dead_letter_queue import QueuePage
from execution_ops.state.entry_view import EntryView
from execution_ops.state.job import JobPage
from execution_ops.state.replay import ReplayPage
from tests.unit.state.letter_samples import FINGERPRINT, counts, plan

JUNK: list[Any] = [None, 1, 1.5, True, [], ["replay"], {}, {"replay": 1}, "", "\0", "\ud800", "cancel", "x" * 100_000]


def fresh(page: type[Any]) -> Any:
    return page(_reflex_internal_init=True)


def queue(*states: DeadLetterState) -> Any:
    """A queue that shows one entry in each of the states, all of them picked."""
    page = fresh(QueuePage)
    page._on_page = [(new_id(), state) for state in states]
    page.rows_on_page = len(states)
    QueuePage.toggle_page.fn(page)
    return page


def test_the_selection_says_which_verbs_can_do_something() -> None:
    page = queue(DeadLetterState.PENDING, DeadLetterState.RESOLVED)
    assert (page.replay_off, page.resolve_off, page.reopen_off) == ("", "", "")
    page = queue(DeadLetterState.QUARANTINED)
    assert page.replay_off.startswith("Entries in quarantine are replayed one by one")
    assert page.resolve_off == ""
    page = queue(DeadLetterState.REPLAYED)
    assert all((page.replay_off, page.resolve_off, page.reopen_off))


def test_the_question_counts_what_the_verb_can_be_done_to() -> None:
    page = queue(DeadLetterState.PENDING, DeadLetterState.QUARANTINED, DeadLetterState.RESOLVED)
    QueuePage.ask_verb.fn(page, "replay")
    assert page.question_title == "Plan a replay of 1 dead letter?"
    assert ("Left out", "1 in quarantine: open each and decide") in page.question_facts
    assert ("Not touched", "1 in another state") in page.question_facts
    # On the page quarantined ones are picked one by one: they are resolved.
    QueuePage.ask_verb.fn(page, "resolve")
    assert page.question_title == "Resolve 2 dead letters?"


def test_a_question_about_all_that_match_freezes_only_states_that_the_verb_takes() -> None:
    page = queue(DeadLetterState.PENDING)
    page._by_state = {DeadLetterState.PENDING: 400, DeadLetterState.QUARANTINED: 12, DeadLetterState.RESOLVED: 30}
    page._matching, page.total = 442, "442"
    QueuePage.pick_all.fn(page)
    QueuePage.ask_verb.fn(page, "resolve")
    assert page.question_title == "Resolve 400 dead letters?"
    assert page._asked.state == (DeadLetterState.PENDING, DeadLetterState.QUARANTINED)
    assert ("Not touched", "30 in another state") in page.question_facts


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk)[:12])
@pytest.mark.parametrize("page", [QueuePage, GroupsPage, EntryPage, ReplayPage])
def test_whatever_a_client_sends_asks_and_does_nothing(page: type[Any], junk: Any) -> None:
    shown = fresh(page)
    page.ask_verb.fn(shown, junk)
    asyncio.run(page.do_verb.fn(shown, junk, junk))
    assert shown.asking == ""
    if page is QueuePage:
        page.toggle.fn(shown, junk)
        assert shown.picked == []
    if page is GroupsPage:
        page.ask_group.fn(shown, junk, junk)
        page.ask_group.fn(shown, "replay", junk)
        assert shown.asking == ""
    if page is ReplayPage:
        asyncio.run(page.change_rate.fn(shown, junk))
        assert shown.rate_problem == ""


def test_without_an_entry_or_a_plan_there_is_nothing_to_ask_about() -> None:
    for page, verb in (
        (QueuePage, "replay"),
        (GroupsPage, "replay"),
        (EntryPage, "replay"),
        (ReplayPage, "start"),
        (JobPage, "retry"),
        (DagPage, "retry"),
    ):
        shown = fresh(page)
        page.ask_verb.fn(shown, verb)
        assert shown.asking == ""


def test_a_group_is_asked_about_by_its_own_figures() -> None:
    page = fresh(GroupsPage)
    page._shown, page._open = DeadLetterFilter(), {FINGERPRINT: (7, 2)}
    GroupsPage.ask_group.fn(page, "replay", FINGERPRINT)
    assert page.question_title == "Plan a replay of 7 dead letters?"
    assert page._asked.group == (FINGERPRINT,)
    assert ("Left out", "2 in quarantine: open each and decide") in page.question_facts
    GroupsPage.leave_verb.fn(page)
    GroupsPage.ask_group.fn(page, "replay", "0" * 16)
    assert page.asking == ""


def test_the_groups_keep_only_conditions_that_they_are_counted_by() -> None:
    where = read_groups_filter("tenant=acme&state=pending&after=24h&retryable=yes")
    assert where.to_pairs() == [("tenant", "acme"), ("retryable", "yes")]


def test_what_the_operator_saw_is_what_the_question_is_about() -> None:
    page = fresh(EntryPage)
    page.entry, page._revision = EntryView(id=new_id(), state="quarantined", redeaths=3, blocked="2 jobs"), 4
    EntryPage.ask_verb.fn(page, "replay")
    # A change that arrives while the question is open does not make the answer one to it.
    page._revision = 5
    assert page._seen_revision == 4
    facts = dict(page.question_facts)
    assert facts["Quarantine"] == "It died again 3 times. Has anything changed since?"
    assert facts["Continues"] == "2 jobs behind it, once it succeeds"


def verbs_of(**changes: Any) -> set[str]:
    """The verbs that a plan offers."""
    page = fresh(ReplayPage)
    page._show_verbs(plan(**changes))
    offs = {
        "start": page.start_off,
        "hold": page.hold_off,
        "resume": page.resume_off,
        "abort": page.abort_off,
        "reopen": page.undo_off,
        "rate": page.rate_off,
    }
    return {verb for verb, off in offs.items() if not off}


def test_a_plan_offers_what_its_state_allows() -> None:
    assert verbs_of() == {"start", "abort", "rate"}
    assert verbs_of(prepared=False) == {"abort", "rate"}
    assert verbs_of(prepared=False, driver_failed=True) == {"start", "abort", "rate"}
    assert verbs_of(counts=counts({ItemStatus.INELIGIBLE: 10})) == {"abort", "rate"}
    assert verbs_of(state=ReplayState.RUNNING) == {"hold", "abort", "rate"}
    assert verbs_of(state=ReplayState.RUNNING, driver_failed=True) == {"hold", "resume", "abort", "rate"}
    assert verbs_of(state=ReplayState.HELD) == {"resume", "abort", "rate"}
    assert verbs_of(state=ReplayState.COMPLETED) == set()
    done = counts({ItemStatus.DONE: 2})
    assert verbs_of(kind=PlanKind.RESOLVE, state=ReplayState.COMPLETED, counts=done) == {"reopen"}
    assert verbs_of(kind=PlanKind.RESOLVE, state=ReplayState.RUNNING, counts=done) == {"hold", "abort", "rate"}


@pytest.mark.parametrize("verb", PLAN_VERBS, ids=lambda verb: verb.name)
def test_each_verb_on_a_plan_has_a_question(verb: Any) -> None:
    page = fresh(ReplayPage)
    page._shown = plan(state=ReplayState.RUNNING, side_effects=("It sends mail again.",))
    ReplayPage.ask_verb.fn(page, verb.name)
    assert page.asking == verb.name
    assert page.question_title.endswith("?")
