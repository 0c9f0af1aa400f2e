"""Which quota governs, what limits may be, and what verbs make of a quota."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput
from execution_ops.domain.exports import safe_cell
from execution_ops.domain.job_types import OWN_TYPES
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.quota_changes import changed, check_revision
from execution_ops.domain.quota_exports import COLUMNS, QuotaExportFormat, write_quotas
from execution_ops.domain.quota_filters import QuotaFilter, page_of
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from execution_ops.domain.quotas import (
    ANY,
    LIMIT_MAX,
    Limits,
    Scopes,
    check_scope,
    describe_limits,
    describe_scope,
    parse_limits,
    rank,
)
from execution_ops.domain.verbs import Stamp
from tests.quota_double import EPOCH, quota_row

STAMP = Stamp(actor=local_operator(), reason="a test")
NAMES = st.sampled_from(["acme", "borealis", ANY])
TYPES = st.sampled_from(["scan.catalog", "scan.merge", ANY])
ROWS = st.lists(st.tuples(NAMES, TYPES), unique=True).map(
    lambda pairs: [quota_row(tenant=tenant, job_type=job_type) for tenant, job_type in pairs]
)


@given(ROWS, NAMES.filter(lambda name: name != ANY), TYPES.filter(lambda name: name != ANY))
def test_the_most_specific_quota_governs(rows: list[Any], tenant: str, job_type: str) -> None:
    fits = [row for row in rows if row.tenant in (tenant, ANY) and row.job_type in (job_type, ANY)]
    found = Scopes(rows).governing(tenant, job_type)
    assert found == min(fits, key=rank, default=None)


def test_a_quota_says_what_it_governs() -> None:
    broad, narrow = quota_row(tenant=ANY, job_type=ANY), quota_row()
    assert describe_scope(narrow, [broad, narrow]) == "demo.work jobs of acme, in one pool."
    assert describe_scope(broad, [broad]) == "All jobs of all tenants, in one pool."
    assert describe_scope(broad, [broad, narrow]).endswith("but not those of 1 more specific quota.")
    assert (narrow.name, broad.name) == ("acme / demo.work", "any tenant / any type")


def test_limits_are_told_in_words() -> None:
    assert describe_limits(Limits()) == "no limit"
    assert describe_limits(parse_limits("8", 4_000, " 10 ")) == "8 at once, 4,000 an hour, 10 in a burst"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("-1", None, None), "Max active can't be negative"),
        ((0, None, None), "pause the quota"),
        (("many", None, None), "whole number"),
        ((1.5, None, None), "whole number"),
        ((True, None, None), "whole number"),
        (("1e3", None, None), "whole number"),
        (("٣", None, None), "whole number"),
        (("9" * 40, None, None), "whole number"),
        (([], None, None), "whole number"),
        ((None, LIMIT_MAX + 1, None), "at most 1,000,000,000"),
        ((None, None, 5), "needs a max per hour"),
        ((None, 4, 5), "at most the max per hour"),
    ],
)
def test_bad_limits_are_refused_in_words(values: tuple[Any, Any, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse_limits(*values)


@pytest.mark.parametrize("name", ["", "a b", "**", "-x", "x" * 101, "a\0", "ä"])
def test_names_that_no_job_has_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_scope(local_operator(), name, ANY)
    with pytest.raises(InvalidInput):
        check_scope(local_operator(), ANY, name)


def test_the_consoles_own_jobs_have_no_quota() -> None:
    for name in OWN_TYPES:
        with pytest.raises(InvalidInput, match="console's own"):
            check_scope(local_operator(), ANY, name)
        assert Scopes([quota_row(job_type=ANY)]).governing(quota_row().tenant, name) is None


def test_who_has_some_tenants_changes_quotas_of_these_alone() -> None:
    ann = Actor(name="ann", scopes=frozenset(Scope), tenants=frozenset({"acme"}))
    check_scope(ann, "acme", ANY)
    for tenant in ("other", ANY):
        with pytest.raises(Forbidden):
            check_scope(ann, tenant, "scan.merge")


def test_verbs_make_the_next_revision() -> None:
    row = quota_row()
    over = changed(row, QUOTA_OVERRIDE, Limits(max_active=9), STAMP, EPOCH)
    assert (over.limits, over.configured, over.revision) == (Limits(max_active=9), Limits(max_active=5), 2)
    assert changed(over, QUOTA_RESET, None, STAMP, EPOCH).limits == Limits(max_active=5)
    edited = changed(over, QUOTA_EDIT, Limits(burst=None, max_per_hour=7), STAMP, EPOCH)
    assert (edited.override, edited.limits) == (None, Limits(max_per_hour=7))
    stopped = changed(row, QUOTA_PAUSE, None, STAMP, EPOCH)
    assert (stopped.state, stopped.paused_by, stopped.pause_reason) == ("paused", "local operator", "a test")
    assert changed(stopped, QUOTA_RESUME, None, STAMP, EPOCH).paused_at is None


@pytest.mark.parametrize("verb", [QUOTA_RESET, QUOTA_RESUME])
def test_what_would_change_nothing_is_a_conflict(verb: Any) -> None:
    with pytest.raises(Conflict):
        changed(quota_row(), verb, None, STAMP, EPOCH)
    with pytest.raises(Conflict, match="hold already"):
        changed(quota_row(), QUOTA_EDIT, Limits(max_active=5), STAMP, EPOCH)
    with pytest.raises(Conflict, match="ann paused"):
        changed(quota_row(paused_at=EPOCH, paused_by="ann"), QUOTA_PAUSE, None, STAMP, EPOCH)
    with pytest.raises(InvalidInput):
        changed(quota_row(), QUOTA_EDIT, None, STAMP, EPOCH)
    with pytest.raises(InvalidInput):
        changed(quota_row(), SCAN, None, STAMP, EPOCH)


def test_the_loser_of_two_is_told_who_and_when() -> None:
    check_revision(quota_row(), None)
    with pytest.raises(Conflict, match=r"^ann changed this quota at 2026-01-23T12:00:00.000Z") as caught:
        check_revision(quota_row(revision=3), 2)
    assert caught.value.code == "CHANGED_MEANWHILE"


@given(
    st.builds(
        QuotaFilter,
        tenant=st.lists(NAMES, unique=True).map(lambda names: tuple(sorted(names))),
        job_type=st.lists(TYPES, unique=True).map(lambda names: tuple(sorted(names))),
        paused=st.none() | st.booleans(),
        at_limit=st.none() | st.booleans(),
    )
)
def test_a_filter_survives_its_address(where: QuotaFilter) -> None:
    assert QuotaFilter.from_query(where.to_query()) == where
    assert (where.describe() == "all quotas") == (where.active() == 0)


@pytest.mark.parametrize("query", ["paused=maybe", "at_limit=1", "tenant=" + "x" * 201, "tenant=%00"])
def test_a_filter_that_means_nothing_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        QuotaFilter.from_query(query)


@given(ROWS, st.integers(1, 4))
def test_pages_show_every_quota_once_in_order_and_lead_back(rows: list[Any], limit: int) -> None:
    cursor, shown, pages = None, [], []
    while True:
        page = page_of(rows, QuotaFilter(), cursor, limit)
        shown += page.rows
        pages.append(page.rows)
        if page.after is None:
            break
        cursor = page.after
    assert sorted(row.id for row in shown) == sorted(row.id for row in rows)
    assert [row.tenant == ANY for row in shown] == sorted(row.tenant == ANY for row in shown)
    for earlier in reversed(pages[:-1]):
        assert page.before is not None
        page = page_of(rows, QuotaFilter(), page.before, limit)
        assert page.rows == earlier


@pytest.mark.parametrize("cursor", ["x", "!!", "WzEsMl0", "W3RydWUsImEiLCJiIl0", "e30", "x" * 999, "bnVsbA"])
def test_a_damaged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        page_of([], QuotaFilter(), cursor, 5)


def test_a_snapshot_is_json_or_a_safe_table() -> None:
    row = quota_row(override=Limits(max_per_hour=3), paused_at=EPOCH, paused_by="ann", pause_reason="=cmd()\u202e")
    table = write_quotas([row], QuotaExportFormat.CSV, EPOCH).decode()
    head, line = table.splitlines()
    assert head == ",".join(COLUMNS)
    assert safe_cell("=cmd()\u202e") in line
    assert ",3,," in line
    document = write_quotas([row], QuotaExportFormat.JSON, EPOCH).decode()
    assert document.isascii()
    assert '"exported_at": "2026-01-23T12:00:00.000Z"' in document
