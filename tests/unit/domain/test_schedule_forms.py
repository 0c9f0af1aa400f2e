"""The form of a schedule: what is typed becomes a spec, or what is wrong is told at its field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.schedule_forms import FIELDS, form_texts, read_form
from execution_ops.domain.schedules import CATCH_UP_MAX_S, Mode, Overlap, ScheduleSpec

SPEC = ScheduleSpec(
    name="nightly",
    description="scans\nall",
    owner="ann",
    job_type="scan.inspect",
    payload={"path": "{target}", "deep": [1, {"ä": None}]},
    targets=("/srv/a", "/srv/b*"),
    cron="30 2 * * *",
    zone="Europe/Berlin",
    mode=Mode.ANALYSIS_ONLY,
    overlap=Overlap.QUEUE_ONE,
    catch_up_s=90,
    max_jobs=12,
    parallelism=3,
)


@given(st.integers(0, CATCH_UP_MAX_S), st.sampled_from(Mode), st.sampled_from(Overlap))
def test_a_spec_survives_its_form(catch_up_s: int, mode: Mode, overlap: Overlap) -> None:
    spec = SPEC.model_copy(update={"catch_up_s": catch_up_s, "mode": mode, "overlap": overlap})
    assert read_form(form_texts(spec, "acme")) == (spec, {})


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "  ", "Give it a name"),
        ("name", "x" * 101, "100 characters"),
        ("description", "x" * 2001, "2,000 characters"),
        ("job_type", "", "which type"),
        ("payload", "{", "line 1"),
        ("payload", "[1]", "JSON object"),
        ("payload", "[" * 100_000, "too deep"),
        ("payload", '{"a": ' + "9" * 5000 + "}", "too long"),
        ("targets", "/srv/a\nrelative", "Line 2"),
        ("targets", "/srv/../etc", "no .."),
        ("targets", "\n".join(["/srv"] * 201), "at most 200"),
        ("cron", "61 * * * *", "minute"),
        ("cron", "", "fields"),
        ("zone", "../../etc/passwd", "no time zone"),
        ("mode", "never", "Choose"),
        ("overlap", "", "Choose"),
        ("catch_up", "nan", "minutes"),
        ("catch_up", "inf", "minutes"),
        ("catch_up", "-1", "minutes"),
        ("max_jobs", "0", "from 1"),
        ("max_jobs", "1.5", "whole"),
        ("parallelism", "101", "to 100"),
        ("parallelism", "٣", "whole"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(field: str, typed: str, words: str) -> None:
    spec, problems = read_form({**form_texts(SPEC), field: typed})
    assert spec is None
    assert set(problems) == {field}
    assert words in problems[field]


def test_all_problems_are_told_at_once() -> None:
    _, problems = read_form({**dict.fromkeys(FIELDS, ""), "cron": "x"})
    assert {"name", "job_type", "cron", "zone", "mode", "overlap", "catch_up", "max_jobs"} <= set(problems)
