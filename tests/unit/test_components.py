"""The tables behind the components are complete: states, icons, style sheets, filter fields, keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from execution_ops.components.filter_bar import filter_tokens
from execution_ops.components.status import CANCELING, LOOKS, looks
from execution_ops.domain.bench_filters import BenchFilter
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.filter_fields import (
    BENCH_FIELDS,
    GROUP_FIELDS,
    JOB_FIELDS,
    LETTER_FIELDS,
    QUOTA_FIELDS,
    RUN_FIELDS,
    SCHEDULE_FIELDS,
    WORKER_FIELDS,
)
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.quotas import QuotaState
from execution_ops.domain.replays import ItemStatus, Verdict
from execution_ops.domain.sbom_diff import BOTH, ChangeKind
from execution_ops.domain.scanner_overview import Level
from execution_ops.domain.schedule_filters import ScheduleFilter
from execution_ops.domain.schedules import ScheduleState
from execution_ops.domain.states import (
    AnalyzerState,
    AttemptState,
    BaselineState,
    DeadLetterState,
    JobState,
    KitState,
    ReplayState,
    RunState,
    TargetState,
    WorkerState,
)
from execution_ops.domain.verbs import VERBS
from execution_ops.routes import BY_NAME, ROUTES
from execution_ops.shell.appearance import PRELOADED_FONTS, STYLESHEETS
from execution_ops.shell.frame import page_title
from execution_ops.shell.navigation import nav_name, trail
from execution_ops.state.runs_view import TRIGGER_ICONS

ASSETS = Path(__file__).parents[2] / "assets"
PACKAGE = Path(__file__).parents[2] / "execution_ops"
ICONS = frozenset(re.findall(r'^ {2}"([a-z0-9-]+)":', (ASSETS / "islands" / "icon-table.js").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("job", {*JobState, CANCELING}),
        ("attempt", AttemptState),
        ("event", {*JobState, *AttemptState, CANCELING}),
        ("worker", WorkerState),
        ("letter", DeadLetterState),
        ("plan", ReplayState),
        ("item", ItemStatus),
        ("verdict", Verdict),
        ("quota", QuotaState),
        ("schedule", ScheduleState),
        ("run", RunState),
        ("target", TargetState),
        ("part", Level),
        ("baseline", BaselineState),
        ("change", {*ChangeKind, BOTH}),
        ("kit", KitState),
        ("analyzer", AnalyzerState),
        ("bench", BenchState),
    ],
)
def test_every_state_has_a_look(kind: str, states: Iterable[str]) -> None:
    assert set(LOOKS[kind]) == set(states)


def test_what_has_no_states_has_no_table() -> None:
    with pytest.raises(KeyError):
        looks("jobs")


def test_no_two_states_of_a_kind_look_alike() -> None:
    for kind, table in LOOKS.items():
        assert len({(look.icon, look.tone) for look in table.values()}) == len(table), kind


def test_every_icon_that_a_table_names_exists() -> None:
    named = {look.icon for table in LOOKS.values() for look in table.values()}
    named |= {verb.icon for verb in VERBS.values()}
    named |= set(TRIGGER_ICONS.values())
    named |= {route.icon for route in ROUTES if route.icon}
    fields = (*JOB_FIELDS, *QUOTA_FIELDS, *LETTER_FIELDS, *WORKER_FIELDS, *RUN_FIELDS, *BENCH_FIELDS)
    named |= {field.icon for field in fields}
    assert named <= ICONS, named - ICONS


def test_every_icon_that_the_code_names_exists() -> None:
    pattern = re.compile(r"""(?:\bicon(?:_name)?\(?\s*[=(]\s*|<Icon name=)["']([a-z0-9-]+)["']""")
    sources = [*PACKAGE.rglob("*.py"), *(ASSETS / "islands").glob("*.jsx")]
    named = {name for source in sources for name in pattern.findall(source.read_text())}
    assert {"circle-x", "refresh-cw"} <= named
    assert named <= ICONS, named - ICONS


def test_style_sheets_and_fonts_are_files_of_ours() -> None:
    for path in STYLESHEETS:
        text = (ASSETS / path.lstrip("/")).read_text()
        assert not re.search(r"https?://|@import", text), path
        for url in re.findall(r"url\('([^']+)'\)", text):
            assert (ASSETS / url.lstrip("/")).is_file(), url
    assert all((ASSETS / "fonts" / f"{name}.woff2").is_file() for name in PRELOADED_FONTS)
    assert (ASSETS / "fonts" / "OFL.txt").is_file()


def test_every_token_that_a_style_sheet_uses_is_defined() -> None:
    sheets = "\n".join(path.read_text() for path in sorted((ASSETS / "css").glob("*.css")))
    defined = set(re.findall(r"(--[a-z0-9-]+):", sheets))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", sheets))
    assert used <= defined, used - defined


def test_both_themes_define_the_same_colours() -> None:
    text = (ASSETS / "css" / "tokens.css").read_text()
    light = re.search(r":root, \.light \{(.*?)\n\}", text, re.DOTALL)
    dark = re.search(r"\n\.dark \{(.*?)\n\}", text, re.DOTALL)
    assert light
    assert dark
    names = [set(re.findall(r"(--[a-z0-9-]+):", match[1])) for match in (light, dark)]
    assert names[0] == names[1]


def test_the_filter_fields_are_those_of_the_filter() -> None:
    keys = {field.key.rstrip(".") for field in JOB_FIELDS}
    assert keys == set(JobFilter.model_fields) - {"sort"}
    letter_keys = {field.key for field in LETTER_FIELDS}
    assert letter_keys == set(DeadLetterFilter.model_fields) - {"sort"}
    assert {field.key for field in GROUP_FIELDS} < letter_keys
    assert {field.key for field in SCHEDULE_FIELDS} == set(ScheduleFilter.model_fields)
    assert {field.key for field in BENCH_FIELDS} == set(BenchFilter.model_fields)


def test_tokens_say_a_filter_in_words() -> None:
    chosen = JobFilter.from_query("state=timed_out&tenant=acme&after=24h&payload.image.tag=4.18&sort=oldest")
    said = [(token["label"], token["op"], token["text"]) for token in filter_tokens(JOB_FIELDS, chosen.to_pairs())]
    assert said == [
        ("state", "is", "timed out"),
        ("tenant", "is", "acme"),
        ("created", "after", "24 h ago"),
        ("payload.image.tag", "is", "4.18"),
    ]
    assert [(token["key"], token["value"]) for token in filter_tokens(JOB_FIELDS, chosen.to_pairs())] == [
        pair for pair in chosen.to_pairs() if pair[0] != "sort"
    ]


def test_tokens_shorten_what_nobody_reads_to_its_end() -> None:
    chosen = DeadLetterFilter.from_query("group=3fa9c2d4e5f60718&category=rate_limited&before=1h")
    said = [(token["label"], token["op"], token["text"]) for token in filter_tokens(LETTER_FIELDS, chosen.to_pairs())]
    assert said == [("group", "is", "3fa9c2"), ("category", "is", "rate limited"), ("died", "before", "1 h ago")]


@pytest.mark.parametrize(("name", "expected"), [("jobs", "jobs"), ("job_dag", "jobs"), ("jobengine", "jobengine")])
def test_a_page_without_entry_belongs_to_the_nearest_one_above(name: str, expected: str) -> None:
    assert nav_name(BY_NAME[name]) == expected


def test_breadcrumbs_end_with_the_page_and_link_to_things_by_what_the_page_gives() -> None:
    found = trail(BY_NAME["job_dag"], "DAG of payments", {"job": ("scan.merge", "/given")})
    assert [word for word, _ in found] == ["Execution", "JobEngine", "Jobs", "scan.merge", "DAG of payments"]
    assert found[-1][1] == ""
    assert found[-2][1] == "/given"


def test_an_area_that_is_called_like_its_page_is_named_once() -> None:
    assert [word for word, _ in trail(BY_NAME["baselines"], "", {})] == ["Scanner Ops", "Baselines"]
    assert [word for word, _ in trail(BY_NAME["scanner"], "", {})] == ["Scanner Ops"]
    assert page_title(BY_NAME["scanner"]) == "Scanner Ops · Execution Operations"
    assert page_title(BY_NAME["jobs"]) == "Jobs · Execution · Execution Operations"


def test_no_two_pages_share_a_letter_of_go() -> None:
    letters = [route.go for route in ROUTES if route.go]
    assert len(letters) == len(set(letters))
