"""The filter of the audit survives its query; its events are said in words; and who may see which."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit import EVERYONE, AuditEvent, AuditRecord, SubjectKind, may_see, own_tenant
from execution_ops.domain.audit_exports import AuditExportFormat, write_audit
from execution_ops.domain.audit_filters import AuditFilter, verb_label
from execution_ops.domain.audit_words import changes, pretty, say_scope, say_subject
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import Sort

ID = "01a2b3c4-0000-7000-8000-00000000abcd"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NAMES = st.lists(TEXT.filter(bool), unique=True, max_size=3).map(lambda names: tuple(sorted(names)))
FILTERS = st.builds(
    AuditFilter,
    actor=NAMES,
    verb=NAMES,
    kind=st.sampled_from([(), (SubjectKind.QUOTA,), tuple(SubjectKind)]),
    tenant=NAMES,
    id=TEXT,
    ticket=TEXT,
    text=TEXT,
    correlation=TEXT,
    after=st.sampled_from(["", "24h", "2026-01-02T03:04:05.000Z"]),
    before=st.sampled_from(["", "1h"]),
    sort=st.sampled_from(Sort),
)


def event(**values: Any) -> AuditEvent:
    plain = {
        "n": 1,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "actor": "ann",
        "source": "192.0.2.7",
        "verb": "quota_pause",
        "kind": SubjectKind.QUOTA,
        "subject": f"{ID} acme, scan.catalog",
        "subject_id": ID,
        "tenant": "acme",
        "scope": "",
        "count": 1,
        "reason": "",
        "ticket": "",
        "inverse": "",
        "undoes": None,
        "undone_by": None,
        "correlation_id": "",
    }
    return AuditEvent(**{**plain, **values})


@given(FILTERS)
def test_a_filter_survives_its_query(where: AuditFilter) -> None:
    assert AuditFilter.from_query(where.to_query()) == where
    assert bool(where.active()) == (where != AuditFilter(sort=where.sort))
    assert where.describe()


def test_a_filter_is_said_in_words() -> None:
    where = AuditFilter.from_query("actor=ann&kind=quota&verb=quota_pause&tenant=acme&ticket=OPS-1&text=rush&after=24h")
    assert where.describe() == (
        "what ann did to a quota with the verb pause for tenant acme for the ticket OPS-1 "
        "with 'rush' in the reason since 24 h ago"
    )
    assert AuditFilter().describe() == "everything that was done"
    assert AuditFilter(id=ID, before="1h").describe() == f"what was done with the id {ID} before 1 h ago"


@pytest.mark.parametrize("query", ["kind=thing", "after=soon", "sort=size", "actor=%00", f"text={'x' * 201}"])
def test_what_no_event_could_have_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        AuditFilter.from_query(query)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "quota acme, scan.catalog"),
        ({"kind": SubjectKind.JOB, "subject": f'["{ID}"]'}, "job 0000abcd"),
        ({"kind": SubjectKind.JOB, "subject": '["a", "b"]', "subject_id": "", "count": 12}, "12 jobs"),
        ({"kind": SubjectKind.RUN, "subject": f"run {ID} of nightly"}, "run of nightly"),
        ({"kind": SubjectKind.KIT, "subject": f"kit {ID} 1.2"}, "kit 1.2"),
        (
            {"kind": SubjectKind.SCANNER_SETTINGS, "subject": "settings 3", "subject_id": ""},
            "scanner settings, version 3",
        ),
        ({"kind": SubjectKind.REPLAY_PLAN, "subject": f"plan {ID}: all of them"}, "replay plan 0000abcd: all of them"),
        ({"kind": SubjectKind.REPLAY_PLAN, "subject": f"plan {ID}", "scope": "state=pending"}, "replay plan 0000abcd"),
        (
            {
                "kind": SubjectKind.DEAD_LETTER,
                "subject": "dead letters csv: x",
                "subject_id": "",
                "scope": "state=pending",
            },
            "pending dead letters",
        ),
        (
            {"kind": SubjectKind.JOB, "subject": "jobs csv: x", "subject_id": "", "scope": "state=failed"},
            "failed jobs",
        ),
        ({"kind": SubjectKind.QUOTA, "subject": "quotas csv: all", "subject_id": "", "verb": "export"}, "all quotas"),
        ({"kind": SubjectKind.JOB, "subject": "kit.tar of job x", "verb": "export"}, "kit.tar of job x"),
        ({"kind": SubjectKind.WORKER, "subject": "a one, b two", "subject_id": "", "count": 2}, "2 workers"),
        ({"kind": SubjectKind.DAG, "subject": "Scan of /srv"}, "DAG Scan of /srv"),
    ],
)
def test_what_was_touched_is_said_in_words(values: dict[str, Any], words: str) -> None:
    assert say_subject(event(**values)) == words


def test_a_scope_that_no_list_reads_any_more_is_shown_as_it_is() -> None:
    assert say_scope(event(kind=SubjectKind.DEAD_LETTER, subject_id="", scope="state=gone")) == "state=gone"
    assert say_scope(event()) == ""
    assert say_scope(event(kind=SubjectKind.DEAD_LETTER, subject='["a", "b"]', subject_id="", count=2)) == ""


def test_verbs_have_names_also_those_that_are_gone() -> None:
    assert (verb_label("quota_pause"), verb_label("old_verb"), verb_label("complete")) == (
        "Pause",
        "Old verb",
        "Complete",
    )


def test_what_was_before_is_readable_and_never_changed() -> None:
    assert pretty('{"a": [1, "<b>"]}') == '{\n  "a": [\n    1,\n    "<b>"\n  ]\n}'
    assert pretty("held") == "held"
    assert pretty('"x"') == "x"
    assert pretty("[" * 100_000) == "[" * 100_000


def test_what_changed_is_told_value_by_value() -> None:
    before = '{"a": {"b": 1, "c": null}, "same": [1], "revision": 1, "gone": "x"}'
    after = '{"a": {"b": 2, "c": ""}, "same": [1], "revision": 2, "new": true}'
    assert changes(before, after) == [("gone", "x", ""), ("a.b", "1", "2"), ("new", "", "true")]
    assert changes("", after) == changes("held", "running") == changes("[1]", "[2]") == []


def test_who_sees_which_events() -> None:
    seen = {tenant: may_see(frozenset({"acme"}), event(tenant=tenant)) for tenant in ("acme", "zeta", EVERYONE, "")}
    assert seen == {"acme": True, "zeta": False, EVERYONE: True, "": False}
    assert all(may_see(None, event(tenant=tenant)) for tenant in seen)

    def who(*tenants: str) -> Actor:
        return Actor(name="ann", scopes=frozenset(Scope), tenants=frozenset(tenants))

    assert [own_tenant(who("acme")), own_tenant(who("acme", "zeta")), own_tenant(who())] == ["acme", "", ""]


def test_exports_are_safe_and_whole() -> None:
    record = AuditRecord(**event(reason="=cmd()").model_dump(), before='{"a": 1}', after="")
    csv = b"".join(write_audit([[record]], AuditExportFormat.CSV)).decode()
    assert "'=cmd()" in csv
    assert csv.startswith("n,at,actor")
    document = b"".join(write_audit([[record], [record]], AuditExportFormat.JSON)).decode()
    assert [item["before"] for item in json.loads(document)["items"]] == ['{"a": 1}'] * 2
    assert json.loads(b"".join(write_audit([], AuditExportFormat.JSON))) == {"items": []}
