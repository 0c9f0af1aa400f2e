"""The job filter: the same object from URL to sentence and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.query_values import VALUES_MAX, Sort
from execution_ops.domain.states import JobState

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)
many = st.lists(words, max_size=5)
moments = st.sampled_from(
    ["", "24h", "7d", "30m", "2026-11-23T14:00:00Z", "2026-11-23 14:00", "2026-11-23T15:00:00+01:00"]
)
pairs = st.builds(
    lambda states, types, queues, tenants, after, before, ended, prefix, dag, worker, error, payload, sort: (
        [("state", state) for state in states]
        + [("job_type", value) for value in types]
        + [("queue", value) for value in queues]
        + [("tenant", value) for value in tenants]
        + [("after", after), ("before", before), ("ended_after", ended)]
        + [("id", prefix), ("worker", worker), ("error", error), ("sort", sort)]
        + ([("dag", dag)] if dag else [])
        + [(f"payload.{key}", value) for key, value in payload]
    ),
    st.lists(st.sampled_from([*JobState, "cancelled"])),
    many,
    many,
    many,
    moments,
    moments,
    moments,
    st.sampled_from(["", "0", "019AB", "019ab107-5a2f"]),
    st.sampled_from(["", new_id()]),
    st.one_of(st.just(""), words),
    st.one_of(st.just(""), words),
    st.lists(
        st.tuples(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,2}", fullmatch=True), st.one_of(st.just(""), words)),
        max_size=3,
    ),
    st.sampled_from(["", "newest", "oldest"]),
)


@given(pairs)
def test_a_filter_survives_its_own_query(given_pairs: list[tuple[str, str]]) -> None:
    where = JobFilter.from_query(given_pairs)
    assert JobFilter.from_query(where.to_query()) == where
    assert JobFilter.from_query("?" + where.to_query()).to_query() == where.to_query()
    assert where.active() == len(where.to_pairs()) - (where.sort is not Sort.NEWEST)


@given(pairs)
def test_taking_every_condition_away_leaves_all_jobs(given_pairs: list[tuple[str, str]]) -> None:
    where = JobFilter.from_query(given_pairs)
    for key, value in where.to_pairs():
        where = where.without(key, value)
    assert where == JobFilter()
    assert where.to_query() == ""
    assert where.describe() == "all jobs"


def test_an_empty_value_of_a_payload_is_a_condition() -> None:
    where = JobFilter.from_query("payload.tag=&payload.image=&tenant=")
    assert where.payload == (("image", ""), ("tag", ""))
    assert JobFilter.from_query(where.to_query()) == where
    assert where.describe() == "jobs with image = “” with tag = “”"


def test_keys_of_the_page_are_not_the_filters() -> None:
    assert JobFilter.from_query("cursor=x&cols=id&scan=1&tab=&state=failed") == JobFilter(state=(JobState.FAILED,))


def test_the_sentence() -> None:
    where = JobFilter.from_query("state=failed&state=timed_out&job_type=scan.catalog&tenant=acme&after=24h")
    assert where.describe() == "failed or timed out scan.catalog jobs of tenant acme since 24 h ago"


@pytest.mark.parametrize(
    "query",
    [
        "state=exploded",
        "after=yesterday",
        "after=9999999999h",
        "before=1-1-1",
        "before=0001-01-01",
        "before=9999-12-31T23:59:59-12:00",
        "id=%25",
        "dag=../..",
        "sort=priority",
        "payload.=1",
        "payload.a..b=1",
        "payload.a%20b=1",
        "tenant=" + "x" * 201,
        "tenant=a%00b",
        urlencode([("queue", str(number)) for number in range(VALUES_MAX + 1)]),
        urlencode([("payload.tag", str(number)) for number in range(VALUES_MAX + 1)]),
    ],
)
def test_what_no_job_could_have_is_refused_in_words(query: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        JobFilter.from_query(query)
    assert refusal.value.message.endswith(".")


def test_relative_ages_are_taken_from_the_moment_of_the_question() -> None:
    now = datetime(2026, 11, 23, 14, tzinfo=UTC)
    where = JobFilter.from_query("after=24h&before=2026-11-23T15:00:00%2B01:00")
    assert where.window(now) == (now - timedelta(days=1), now)


def test_counters_know_what_asks_for_states_types_queues_and_tenants_alone() -> None:
    assert JobFilter.from_query("state=failed&job_type=a&queue=b&tenant=c&sort=oldest").is_counted()
    for more in ("after=1h", "before=1h", "ended_after=1h", "worker=w", "error=x", "payload.a=b", "id=0"):
        assert not JobFilter.from_query(f"queue=b&{more}").is_counted()
