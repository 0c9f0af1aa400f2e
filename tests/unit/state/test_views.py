"""What the job list and the summary make of rows, counts, filters and addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import Counts, JobRow, QueueHealth, Worker
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.state.filtered import QUERY_MAX
from execution_ops.state.jobs import LISTING, Address
from execution_ops.state.jobs_view import job_line
from execution_ops.state.list_view import matching, suggestions, tabs
from execution_ops.state.queues_view import queue_rows

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
COUNTS = Counts(
    by_state={JobState.FAILED: 1_200, JobState.TIMED_OUT: 7, JobState.SUCCEEDED: 40}, total=1_247, exact=True, as_of=NOW
)


def row(**changes: Any) -> JobRow:
    facts: dict[str, Any] = {
        "id": new_id(),
        "job_type": "scan.catalog",
        "label": "java",
        "queue": "catalog",
        "tenant": "acme",
        "state": JobState.SCHEDULED,
        "canceling": False,
        "attempts": 0,
        "max_attempts": 3,
        "priority": 0,
        "created_at": NOW,
        "eligible_at": None,
        "started_at": None,
        "finished_at": None,
        "duration_ms": None,
        "worker_id": "",
        "dag_id": new_id(),
        "node_key": "java",
        "error_type": "",
        "error_message": "",
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
    }
    return JobRow.model_validate(facts | changes)


def queue(**changes: Any) -> QueueHealth:
    facts: dict[str, Any] = {
        "queue": "catalog",
        "job_types": ("scan.catalog", "scan.inspect"),
        "waiting": 0,
        "pending": 0,
        "running": 0,
        "limit": None,
        "oldest_wait_ms": None,
        "done_last_hour": 0,
        "failed_last_hour": 0,
        "done_series": (0,) * 60,
        "failed_series": (0,) * 60,
        "workers": 0,
    }
    return QueueHealth.model_validate(facts | changes)


def worker(**changes: Any) -> Worker:
    facts: dict[str, Any] = {
        "id": "w-1",
        "host": "node-3",
        "pid": 7,
        "version": "1",
        "state": WorkerState.ONLINE,
        "queues": ("catalog",),
        "concurrency": 4,
        "running": 0,
        "started_at": NOW,
        "heartbeat_at": NOW,
    }
    return Worker.model_validate(facts | changes)


def query_of(href: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(href).query)


# Rows.


def test_a_row_that_waits_has_no_times_but_its_creation() -> None:
    line = job_line(row())
    assert (line.duration_ms, line.running_since, line.not_started) == (None, "", "waiting")
    assert line.created_at == "2026-11-23T14:00:00.000Z"
    assert (line.attempts, line.worker, line.error, line.progress) == ("0/3", "", "", "")


def test_a_row_that_runs_says_since_when_and_how_far() -> None:
    line = job_line(
        row(state="running", started_at=NOW + timedelta(seconds=2), progress_done=1_500, progress_total=20_000)
    )
    assert line.running_since == "2026-11-23T14:00:02.000Z"
    assert line.progress == "1,500 of 20,000"


def test_a_row_that_ended_no_longer_ticks() -> None:
    line = job_line(row(state="failed", started_at=NOW, duration_ms=250, progress_done=1, progress_total=2, attempts=1))
    assert (line.running_since, line.progress, line.duration_ms) == ("", "", 250)
    assert job_line(row(state="canceled")).not_started == "never started"


@pytest.mark.parametrize(
    ("state", "attempts", "spent"),
    [("failed", 3, True), ("timed_out", 4, True), ("failed", 2, False), ("succeeded", 3, False), ("running", 3, False)],
)
def test_only_what_failed_for_good_has_spent_its_tries(state: str, attempts: int, spent: bool) -> None:
    assert job_line(row(state=state, attempts=attempts)).spent is spent


def test_the_shown_end_of_an_id_tells_jobs_of_one_moment_apart() -> None:
    first, second = job_line(row()), job_line(row())
    assert first.id.endswith(first.short)
    assert first.short != second.short


def test_hostile_texts_are_spelled_out_and_still_link() -> None:
    line = job_line(row(label="a\u202eb", queue="q\x07", worker_id="w\x1b", error_type="E", error_message="=cmd()\x00"))
    assert (line.label, line.queue, line.worker) == ("a\\u202eb", "q\\x07", "w\\x1b")
    assert line.error == "E: =cmd()\\x00"
    assert query_of(line.queue_href) == [("queue", "q\x07")]
    assert query_of(line.worker_href) == [("worker", "w\x1b")]
    named = job_line(row(worker_id="w", worker_name="night\u202e"))
    assert (named.worker, named.worker_id) == ("night\\u202e", "w")


# Tabs and counts.


def test_each_tab_keeps_the_filter_and_the_pages_own_pairs() -> None:
    where = JobFilter(state=(JobState.FAILED,), tenant=("acme",))
    lines = tabs(LISTING, where, COUNTS, [("bulk", "b")])
    assert [line.state for line in lines] == ["", *JobState]
    assert [line.state for line in lines if line.on] == ["failed"]
    assert query_of(lines[0].href) == [("tenant", "acme"), ("bulk", "b")]
    assert query_of(lines[1].href) == [("state", "pending"), ("tenant", "acme"), ("bulk", "b")]
    assert {line.state: line.count for line in lines if line.count != "0"} == {
        "": "1,247",
        "succeeded": "40",
        "failed": "1,200",
        "timed_out": "7",
    }


def test_without_a_state_the_tab_all_is_on_and_with_two_none_is() -> None:
    assert [line.state for line in tabs(LISTING, JobFilter(), COUNTS, []) if line.on] == [""]
    two = JobFilter(state=(JobState.FAILED, JobState.TIMED_OUT))
    assert [line for line in tabs(LISTING, two, COUNTS, []) if line.on] == []


def test_what_matches_is_the_sum_of_the_chosen_states() -> None:
    assert matching(LISTING, JobFilter(state=(JobState.FAILED, JobState.TIMED_OUT)), COUNTS) == (1_207, "1,207")
    assert matching(LISTING, JobFilter(), COUNTS) == (1_247, "1,247")
    assert matching(LISTING, JobFilter(state=(JobState.RUNNING,)), COUNTS) == (0, "0")


@pytest.mark.parametrize(("count", "words"), [(9_999, "9,999"), (10_000, "10,000+"), (10_001, "10,000+")])
def test_a_bounded_count_says_that_there_may_be_more(count: int, words: str) -> None:
    bounded = Counts(by_state={JobState.FAILED: count}, total=count, exact=False, as_of=NOW)
    assert matching(LISTING, JobFilter(), bounded) == (count, words)
    assert tabs(LISTING, JobFilter(), bounded, [])[0].count == words


def test_suggestions_are_the_known_values_the_states_and_some_ages() -> None:
    known = suggestions(LISTING, {"queue": ["catalog"]})
    assert known["queue"] == ["catalog"]
    assert known["state"] == [state.value for state in JobState]
    assert "24h" in known["after"]
    assert known["after"] == known["before"]


# Addresses.


def test_an_address_is_filter_cursor_and_background_job() -> None:
    bulk = new_id()
    address = Address.read(f"state=failed&state=timed_out&cursor=abc&bulk={bulk}&scan=1")
    assert address.where == JobFilter(state=(JobState.FAILED, JobState.TIMED_OUT))
    assert (address.cursor, address.bulk) == ("abc", bulk)
    assert address.own() == [("bulk", bulk)]
    assert Address.read("").own() == []


@pytest.mark.parametrize(
    "query",
    [
        "state=exploded",
        "after=yesterday",
        "bulk=..%2F",
        "sort=up",
        "id=%00",
        "queue=\ud800",
        "error=" + "x" * QUERY_MAX,
    ],
)
def test_an_address_that_is_no_list_is_refused_in_words(query: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Address.read(query)
    assert refused.value.message.endswith(".")


@given(
    st.builds(
        JobFilter,
        state=st.sets(st.sampled_from(list(JobState))).map(
            lambda found: tuple(one for one in JobState if one in found)
        ),
        tenant=st.sets(st.text(min_size=1, max_size=12).filter(lambda text: "\0" not in text), max_size=3).map(
            lambda found: tuple(sorted(found))
        ),
        after=st.sampled_from(["", "15m", "7d"]),
        payload=st.sampled_from([(), (("tag", ""),), (("image", "a"), ("tag", ""))]),
    )
)
def test_every_filter_survives_its_address(where: JobFilter) -> None:
    assert Address.read(urlencode(where.to_pairs(), errors="surrogatepass")).where == where


# Summary.


def test_a_job_that_starts_moves_the_figures_of_its_queue_alone() -> None:
    before, after = (queue_rows([queue(running=running)], ("ended_after", "1h")) for running in (1, 2))
    assert before.rows != after.rows
    assert before.apart() == after.apart()
