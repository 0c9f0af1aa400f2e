"""Hostile manifests: each is refused in words, and nothing is written outside of the folder that it is unpacked to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kit_samples import Recipe
from tests.unit.scanner.kit_jail import Jail


@pytest.fixture
def jail(tmp_path: Path) -> Jail:
    return Jail(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"version": NaN}', "NaN is no number"),
        (b'{"version": -Infinity}', "-Infinity is no number"),
        (b'{"size": ' + b"9" * 5000 + b"}", "longer than 20 digits"),
        (b'{"size": 1' + b"0" * 30 + b".5}", "longer than 20 digits"),
        (b'{"version": "1", "version": "2"}', "same key stands twice"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"version": "\\ud800"}', "manifest.json"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"", "not JSON"),
        (b"[]", "manifest.json"),
        (b"{}", "version"),
        (b'{"version": "1;rm"}', "version"),
    ],
)
def test_a_manifest_that_is_none(jail: Jail, text: bytes, words: str) -> None:
    assert words in jail.refuse_parts(Recipe(manifest_bytes=text).parts(), "manifest:malformed").failure


@pytest.mark.parametrize(
    "change",
    [
        {"version": "latest"},
        {"version": "1" * 65},
        {"version": 1},
        {"created_at": 1e300},
        {"created_at": "2026-11-14"},
        {"created_at": "2026-11-14T07:52:00"},
        {"channel": "nightly"},
        {"entries": {}},
        {"entries": [{"name": "a", "sha256": "0" * 64, "size": -1}]},
        {"entries": [{"name": "a", "sha256": "0" * 64, "size": 1.0}]},
        {"entries": [{"name": "a", "sha256": "0" * 64, "size": "1"}]},
        {"entries": [{"name": "a", "sha256": "0" * 64, "size": True}]},
        {"entries": [{"name": "a", "sha256": "G" * 64, "size": 1}]},
        {"payload_sha256": None},
    ],
)
def test_a_manifest_with_a_field_that_is_wrong(jail: Jail, change: dict[str, Any]) -> None:
    recipe = Recipe(manifest=lambda document: {**document, **change})
    report = jail.refuse_parts(recipe.parts(), "manifest:malformed")
    assert next(iter(change)) in report.failure


def test_a_million_entries(jail: Jail) -> None:
    entry = b'{"name": "a", "sha256": "' + b"0" * 64 + b'", "size": 0}'
    text = b'{"entries": [' + b",".join([entry] * 1_000_000) + b"]}"
    jail.refuse_parts(Recipe(manifest_bytes=text).parts(), "container:oversize")


def test_more_entries_than_a_kit_has(jail: Jail) -> None:
    entries = [{"name": f"{at}", "sha256": "0" * 64, "size": 0} for at in range(20_000)]
    recipe = Recipe(manifest=lambda document: {**document, "entries": entries})
    assert "10000 items" in jail.refuse_parts(recipe.parts(), "manifest:malformed").failure
