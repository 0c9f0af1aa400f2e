"""What can be undone, for how long, by whom, and what is said where it can't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.audit import EVERYONE, AuditEvent, AuditRecord, SubjectKind
from execution_ops.domain.undo import UNDO_WINDOW, UNDOABLE, may_undo, say_left, why_not_theirs
from execution_ops.domain.verbs import VERBS

AT = datetime(2026, 1, 2, 14, 0, tzinfo=UTC)
SOON = AT + timedelta(minutes=1)


def event(**values: Any) -> AuditRecord:
    plain = {
        "n": 7,
        "at": AT,
        "actor": "ann",
        "source": "",
        "verb": "quota_pause",
        "kind": SubjectKind.QUOTA,
        "subject": "q",
        "subject_id": "q",
        "tenant": "acme",
        "scope": "",
        "count": 1,
        "reason": "",
        "ticket": "",
        "undoes": None,
        "undone_by": None,
        "correlation_id": "",
        "before": '{"a": 1}',
        "after": "",
    }
    known = VERBS.get(values.get("verb", "quota_pause"))
    inverse = (known.inverse or "") if known else ""
    return AuditRecord(**{"inverse": inverse, **plain, **values})


def test_what_was_just_done_can_be_undone() -> None:
    assert may_undo(event(), SOON, None) == ""
    assert may_undo(event(), AT + UNDO_WINDOW, None) == ""


def test_it_is_too_late_after_ten_minutes() -> None:
    late = may_undo(event(), AT + UNDO_WINDOW + timedelta(milliseconds=1), None)
    assert late == "It could be undone for 10 minutes, until 2026-01-02T14:10:00.000Z."


def test_nothing_is_undone_twice_or_after_another_change() -> None:
    assert may_undo(event(undone_by=9), SOON, None) == "It was undone already, by event 9."
    later = AuditEvent(**event(n=8, actor="zoe", verb="quota_resume", at=SOON).model_dump())
    assert may_undo(event(), SOON, later) == "zoe changed it since: Resume at 2026-01-02T14:01:00.000Z, event 8."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"verb": "cancel"}, "retry it instead"),
        ({"verb": "retry"}, "cancel that instead"),
        ({"verb": "replay"}, "cancel that instead"),
        ({"verb": "schedule_run"}, "cancel that instead"),
        ({"verb": "worker_stop"}, "can't be undone"),
        ({"verb": "export"}, "can't be undone"),
        ({"verb": "a verb of another version"}, "can't be undone"),
        ({"verb": "resolve", "count": 0}, "nothing to undo"),
        ({"verb": "resolve", "count": 101}, "more than 100 things"),
        ({"verb": "kit_activate", "before": "{}"}, "Nothing was there before"),
        ({"verb": "baseline_promote", "before": ""}, "Nothing was there before"),
    ],
)
def test_what_never_can_be_undone_says_why(values: dict[str, Any], words: str) -> None:
    assert words in may_undo(event(**values), SOON, None)


@pytest.mark.parametrize("name", sorted(UNDOABLE))
def test_what_can_be_undone_has_an_inverse_in_the_table(name: str) -> None:
    assert VERBS[name].inverse in VERBS


def test_it_takes_what_the_inverse_takes() -> None:
    def who(*scopes: Scope, tenants: frozenset[str] | None = None) -> Actor:
        return Actor(name="zoe", scopes=frozenset(scopes), tenants=tenants)

    assert why_not_theirs(who(Scope.READ), event()) == "Needs the permission ops:quota."
    assert why_not_theirs(who(Scope.QUOTA), event()) == ""
    acme = frozenset({"acme"})
    assert why_not_theirs(who(Scope.QUOTA, tenants=acme), event()) == ""
    for tenant in ("", EVERYONE):
        assert "only who may act for all tenants" in why_not_theirs(
            who(Scope.QUOTA, tenants=acme), event(tenant=tenant)
        )


def test_what_is_left_is_said_in_minutes() -> None:
    left = [say_left(AT + UNDO_WINDOW, AT + timedelta(minutes=m, seconds=s)) for m, s in ((0, 0), (5, 30), (9, 30))]
    assert left == ["10 minutes left", "5 minutes left", "less than a minute left"]
