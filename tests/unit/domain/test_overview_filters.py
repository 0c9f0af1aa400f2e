"""The filter of Jobs & Queues: what a tab keeps to, what waits, and that nothing gets lost on the way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet_filters import WorkerFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.overview_filters import SHOWN, OverviewFilter, Tab
from execution_ops.domain.query_values import Sort
from execution_ops.domain.rates import Window
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.states import DeadLetterState, JobState, RunState, WorkerState

FULL = (
    "tab=jobs&tenant=acme&queue=scan&job_type=scan.catalog&after=24h&before=1h&jobs.state=failed&runs.state=error"
    "&letters.state=pending&workers.state=lost&queues.text=sc&jobs.text=timed+out&window=6h&sort=oldest"
)

NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9), max_size=3)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9).map(
    lambda text: " ".join(text.split())
)
AGES = st.sampled_from(["", "1h", "24h", "2026-11-23T14:00:00.000Z"])


def ordered(states: Any) -> Any:
    kind = list(states)
    return st.sets(st.sampled_from(kind)).map(lambda found: tuple(state for state in kind if state in found))


FILTERS = st.builds(
    OverviewFilter,
    tab=st.sampled_from(Tab),
    tenant=NAMES.map(lambda names: tuple(sorted(set(names)))),
    queue=NAMES.map(lambda names: tuple(sorted(set(names)))),
    job_type=NAMES.map(lambda names: tuple(sorted(set(names)))),
    after=AGES,
    before=AGES,
    job_state=ordered(JobState),
    run_state=ordered(RunState),
    letter_state=ordered(DeadLetterState),
    worker_state=ordered(WorkerState),
    queue_text=TEXTS,
    job_text=TEXTS,
    window=st.sampled_from(Window),
    sort=st.sampled_from(Sort),
)


@given(FILTERS)
def test_an_address_reads_back_to_an_equal_filter(where: OverviewFilter) -> None:
    assert OverviewFilter.from_query(where.to_query()) == where


@given(FILTERS, st.sampled_from(Tab))
def test_a_change_of_tab_loses_nothing(where: OverviewFilter, tab: Tab) -> None:
    assert where.at(tab).at(where.tab) == where
    assert dict(where.to_pairs()).keys() - {"tab"} == dict(where.at(tab).to_pairs()).keys() - {"tab"}


@given(FILTERS)
def test_clearing_a_tab_leaves_what_waits(where: OverviewFilter) -> None:
    cleared = where.with_shown([])
    assert cleared.active() == 0
    waits = [pair for pair in where.to_pairs() if pair[0] not in SHOWN[where.tab]]
    assert cleared.to_pairs() == waits
    assert cleared.with_shown(where.shown()) == where


def test_the_bare_address_is_the_queues_without_a_filter() -> None:
    assert OverviewFilter.from_query("") == OverviewFilter()
    assert OverviewFilter().to_pairs() == []
    assert OverviewFilter.from_query("tab=queues&sort=newest&window=1h&cursor=x&blocks=all").to_query() == ""


def test_each_tab_takes_what_means_something_to_it() -> None:
    where = OverviewFilter.from_query(FULL)
    assert where.jobs() == JobFilter.from_query(
        "state=failed&job_type=scan.catalog&queue=scan&tenant=acme&after=24h&before=1h&error=timed+out&sort=oldest"
    )
    assert where.runs() == RunFilter.from_query("state=error&tenant=acme&after=24h&before=1h&sort=oldest")
    assert where.letters() == DeadLetterFilter.from_query(
        "state=pending&job_type=scan.catalog&queue=scan&tenant=acme&after=24h&before=1h&sort=oldest"
    )
    assert where.workers() == WorkerFilter.from_query("state=lost&queue=scan")
    assert where.has_queue("scan")
    assert not where.has_queue("scan2")
    assert not where.model_copy(update={"queue_text": "merge"}).has_queue("scan")


@pytest.mark.parametrize("tab", [tab for tab in Tab if tab is not Tab.QUEUES])
def test_what_a_tab_shows_is_all_that_its_list_keeps_to(tab: Tab) -> None:
    where = OverviewFilter.from_query(FULL).at(tab)
    kept = where.with_shown(where.shown()).list_filter()
    alone = OverviewFilter.from_query([("tab", tab.value), ("sort", "oldest"), *where.shown()]).list_filter()
    assert kept == alone == where.list_filter()
    assert where.active() == len([pair for pair in kept.to_pairs() if pair[0] != "sort"])


def test_conditions_of_another_tab_are_not_taken_from_the_bar() -> None:
    jobs = OverviewFilter.from_query("tab=jobs&runs.state=error")
    changed = jobs.with_shown(parse_qsl("jobs.state=failed&runs.state=running&tab=workers&cursor=x"))
    assert changed.to_query() == "tab=jobs&jobs.state=failed&runs.state=error"


@pytest.mark.parametrize(
    "query",
    [
        "tab=nothing",
        "jobs.state=lost",
        "runs.state=failed",
        "workers.state=x",
        "letters.state=x",
        "after=soon",
        "window=2h",
    ],
)
def test_what_no_tab_could_show_is_refused_in_words(query: str) -> None:
    with pytest.raises(InvalidInput, match=r"\.$|2026"):
        OverviewFilter.from_query(query)


def test_a_state_in_the_other_spelling_is_understood() -> None:
    assert OverviewFilter.from_query([("jobs.state", "cancel" + "led")]).job_state == (JobState.CANCELED,)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "all queues"),
        ("queue=scan&tenant=acme&queues.text=sc", "queues scan with “sc” in the name with the jobs of tenant acme"),
        ("tab=jobs&jobs.state=failed&tenant=acme", "failed jobs of tenant acme"),
        ("tab=runs&queue=scan", "all runs"),
        ("tab=dead-letters&queue=scan", "dead letters in queue scan"),
        ("tab=workers&workers.state=lost&tenant=acme", "lost workers"),
    ],
)
def test_a_filter_says_what_the_tab_shows(query: str, said: str) -> None:
    assert OverviewFilter.from_query(query).describe() == said


def test_the_queues_have_no_list() -> None:
    with pytest.raises(InvalidInput, match="no list"):
        OverviewFilter().list_filter()


def test_totals_are_of_what_the_tab_shows_without_states_and_texts() -> None:
    where = OverviewFilter.from_query(FULL)
    assert where.totals().to_query() == "tab=jobs&tenant=acme&queue=scan&job_type=scan.catalog&after=24h&before=1h"
    assert where.at(Tab.QUEUES).totals().to_query() == "tenant=acme&queue=scan"
    assert where.at(Tab.WORKERS).totals().to_query() == "tab=workers&queue=scan"
