"""What the page of quotas shows of a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.quotas import ANY, WAITING_MAX, Limits
from execution_ops.state.quota_drawer import _typed
from execution_ops.state.quotas import Address
from execution_ops.state.quotas_view import limit_texts, now_texts, quota_line, say_override, say_waiting
from tests.quota_double import EPOCH, quota_row


def test_a_row_is_told_in_words_and_links_to_its_jobs() -> None:
    row = quota_row(
        configured=Limits(max_active=8, max_per_hour=400, burst=10),
        active=8,
        started=391,
        tokens_left=3,
        next_token_at=EPOCH + timedelta(minutes=5),
        waiting=612,
        at_limit=True,
    )
    line = quota_line(row, [row], [("tenant", "acme")])
    assert line.href == routes.quotas([("tenant", "acme"), ("quota", row.id)])
    assert (line.active_limit, line.started_limit, line.share) == ("/ 8", "/ 400", 97)
    assert (line.tokens, line.next_at, line.waiting) == ("3 left", "2026-01-23T12:05:00.000Z", "612")
    assert line.active_href == routes.jobs([("state", "running"), ("job_type", "demo.work"), ("tenant", "acme")])
    assert line.waiting_href == routes.jobs([("quota", row.id)])
    assert (line.note, line.governs) == ("at its limit", "demo.work jobs of acme, in one pool.")


@pytest.mark.parametrize(
    ("scope", "other", "exact"),
    [
        ((ANY, ANY), ("acme", "demo.work"), False),
        (("acme", ANY), ("acme", "demo.work"), False),
        (("acme", ANY), ("other", "demo.work"), True),
        ((ANY, "demo.work"), ("acme", ANY), False),
        (("acme", ANY), (ANY, "demo.work"), True),
        (("acme", "demo.work"), (ANY, ANY), True),
    ],
)
def test_a_figure_opens_a_list_only_where_the_list_is_what_it_counts(
    scope: tuple[str, str], other: tuple[str, str], exact: bool
) -> None:
    row, more = (quota_row(tenant=tenant, job_type=job_type) for tenant, job_type in (scope, other))
    assert bool(quota_line(row, [row, more], []).active_href) is exact


def test_no_limit_and_a_bounded_count_are_words() -> None:
    row = quota_row(configured=Limits(), override=Limits(max_active=3), waiting=WAITING_MAX + 1)
    line = quota_line(row, [row], [])
    assert (line.started_limit, line.share, line.tokens, line.waiting) == ("/ no limit", None, "", "10,000+")
    assert (line.note, say_override(row)) == ("overridden", "Configured are no limit.")
    assert limit_texts(row.limits) == {"max_active": "3", "max_per_hour": "", "burst": ""}
    assert now_texts(row.limits)["burst"] == "no limit"
    assert say_waiting(WAITING_MAX) == "10,000"


@pytest.mark.parametrize("query", ["paused=maybe", "quota=1", "cursor=xx", "tenant=" + "x" * 5000])
def test_an_address_that_shows_nothing_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


def test_the_drawer_is_in_the_address_and_not_in_the_filter() -> None:
    address = Address.read("tenant=acme&paused=yes&new=1")
    assert (address.new, address.plain()) == (True, [("tenant", "acme"), ("paused", "yes")])
    both = Address.read("new=1&quota=019a0000-0000-7000-8000-000000000000")
    assert (both.new, bool(both.quota)) == (False, True)


@pytest.mark.parametrize("form", [None, [], "x", 5, {"tenant": ["a"]}, {"tenant": {"a": 1}}])
def test_any_json_in_place_of_a_form_is_read(form: Any) -> None:
    assert isinstance(_typed(form, "tenant")["tenant"], str)
