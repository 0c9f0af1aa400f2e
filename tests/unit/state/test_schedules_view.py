"""What the page of schedules and its drawer show of a schedule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from execution_ops import routes
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.runs import FiredAt, Plan, Planned
from execution_ops.domain.schedules import Missed, ScheduleSpec, ScheduleVersion
from execution_ops.domain.states import RunState
from execution_ops.services.schedules import Preview, ScheduleFigures, ScheduleRow
from execution_ops.state.schedule_facts import (
    SAYS_FIELD,
    SAYS_MODE,
    SAYS_OVERLAP,
    plan_lines,
    schedule_facts,
    time_lines,
    version_lines,
)
from execution_ops.state.schedules import Address
from execution_ops.state.schedules_view import say_figures, schedule_line
from tests.schedule_samples import EPOCH, schedule

RAN = FiredAt(due_at=EPOCH, run_id=new_id(), run_state=RunState.COMPLETED)
MISSED = FiredAt(due_at=EPOCH + timedelta(hours=1), missed=Missed.NO_WORKER, times=57)


def row(*last: FiredAt, **values: object) -> ScheduleRow:
    return ScheduleRow(schedule=schedule(**values), words="At 02:30 every day", last=last)  # type: ignore[arg-type]


def test_a_row_says_its_rule_its_zone_and_what_came_of_its_due_times() -> None:
    found = row(MISSED, RAN, zone="Europe/Berlin")
    line = schedule_line(found, [("tenant", "acme")])
    assert line.href == routes.schedules([("tenant", "acme"), ("schedule", found.schedule.id)])
    assert (line.words, line.rule) == ("At 02:30 every day", "30 2 * * * · Europe/Berlin")
    assert (line.last_state, line.last_missed) == ("", "57 due times missed: no worker served the queue in time")
    # The oldest stands at the left, in the clock of the rule.
    assert [mark.look for mark in line.strip] == ["completed", "missed"]
    assert line.strip[0].title == "23 Jan 13:00: completed"
    assert line.strip_label == "Last 2 due times: 1 completed, 1 missed"


def test_a_row_before_its_first_due_time_says_so() -> None:
    line = schedule_line(row(changes={"next_at": None}), [])
    assert (line.last_at, line.next_at, line.strip, line.strip_label) == ("", "", [], "No due time yet")


def test_a_paused_one_says_who_when_and_why_and_hostile_text_is_spelled_out() -> None:
    changes = {"paused_at": EPOCH, "paused_by": "ann\u202e", "pause_reason": "a\x1b[31m"}
    line = schedule_line(row(changes=changes, name="x\u202ey", owner="\0"), [])
    assert (line.state, line.paused, line.paused_at) == ("paused", True, "2026-01-23T12:00:00.000Z")
    assert (line.paused_by, line.pause_reason, line.name) == ("ann\\u202e", "a\\x1b[31m", "x\\u202ey")
    assert line.owner == "\\x00"


def test_times_to_come_say_another_day_in_utc_and_what_is_skipped() -> None:
    at = EPOCH.replace(hour=23, minute=30)
    first, second = time_lines(
        [
            Preview(at=at, wall="2026-01-24 00:30:00", fires=True, note=""),
            Preview(at=at, wall="2026-03-29 02:30:00", fires=False, note="02:30 does not exist"),
        ]
    )
    assert (first.day, first.wall, first.utc) == ("Sat 24 Jan 2026", "00:30", "23 Jan 23:30")
    assert (second.wall, second.utc, second.note) == ("02:30", "skipped", "02:30 does not exist")


def test_a_version_says_what_it_changed() -> None:
    old = schedule().spec
    new = old.model_copy(update={"cron": "0 4 * * *", "targets": (), "description": "x\u202e"})
    versions = [
        ScheduleVersion(version=2, spec=new, at=EPOCH, by="ada", reason="later"),
        ScheduleVersion(version=1, spec=old, at=EPOCH, by="ann"),
    ]
    newest, first = version_lines(versions)
    assert {one.label: (one.before, one.after) for one in newest.changes} == {
        "Rule": ("30 2 * * *", "0 4 * * *"),
        "Targets": ("/srv", "none"),
        "Description": ("none", "x\\u202e"),
    }
    assert first.changes == []


def test_every_field_and_choice_of_a_spec_has_its_words() -> None:
    assert set(SAYS_FIELD) == set(ScheduleSpec.model_fields)
    for mode in SAYS_MODE:
        for overlap in SAYS_OVERLAP:
            facts = schedule_facts(row(mode=mode, overlap=overlap, catch_up_s=0), "")
            assert (facts.mode, facts.overlap) == (SAYS_MODE[mode], SAYS_OVERLAP[overlap])
            assert facts.catch_up == "no catch-up"


def test_what_a_run_would_do_is_told_in_figures_and_its_first_paths() -> None:
    targets = tuple(
        Planned(pattern="/srv/*", target=f"/srv/{number:02d}", content="", spec=DagSpec(title="", nodes=()))
        for number in range(25)
    )
    lines = plan_lines(Plan(targets=targets, candidates=40, deduped=5, unchanged=6, over=4))
    assert [label for label, _ in lines] == [
        *("Candidates", "Named twice", "Unchanged", "Over the limit", "Would run", "Targets")
    ]
    paths = lines[-1][1].splitlines()
    assert (len(paths), paths[0], paths[-1]) == (21, "/srv/00", "and 5 more")
    assert plan_lines(Plan(targets=(targets[0],), candidates=1))[1] == ("Would run", "1 target")


def test_figures_are_said_in_words() -> None:
    assert say_figures(ScheduleFigures(schedules=12, enabled=10, paused=2)) == "12 schedules: 10 enabled, 2 paused"
    assert say_figures(ScheduleFigures(schedules=1, enabled=1)) == "1 schedule: 1 enabled, 0 paused"


@pytest.mark.parametrize("query", ["missed=maybe", "schedule=1", "cursor=xx", "text=" + "x" * 5000])
def test_an_address_that_shows_nothing_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


def test_the_drawer_is_in_the_address_and_not_in_the_filter() -> None:
    schedule_id = new_id()
    address = Address.read(f"tenant=acme&schedule={schedule_id}&edit=1&new=1")
    assert (address.schedule, address.edit, address.new) == (schedule_id, True, False)
    assert address.plain() == [("tenant", "acme")]
    assert Address.read("new=1&edit=1").edit is False
