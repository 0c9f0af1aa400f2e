"""A comparison as a file: safe in a spreadsheet, whole as JSON, valid as CycloneDX."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution_ops.domain.sbom_diff import compare
from execution_ops.domain.sbom_exports import COLUMNS, DiffFormat, purl_of, write_diff
from execution_ops.domain.sbom_parts import Part, inventory
from execution_ops.scanner.merge import problems
from tests.baselines import document

SIDES = {"left": {"id": "1", "label": "v1"}, "right": {"id": "2", "label": "v2"}}
LEFT = [("gone", "1.0"), ("grows", "1.9"), ("=cmd()", "1"), ("stays", "1")]
RIGHT = [("grows", "1.10", "Apache-2.0"), ("new", "1.0"), ("stays", "1"), ("=cmd()", "+2")]


def written(form: DiffFormat, left: Any = LEFT, right: Any = RIGHT) -> str:
    found = compare(inventory(document(left)), inventory(document(right)))
    return b"".join(write_diff(found.rows, found.counts, SIDES, form)).decode()


def test_csv_has_a_line_a_change_and_runs_nothing() -> None:
    lines = list(csv.reader(io.StringIO(written(DiffFormat.CSV))))
    assert tuple(lines[0]) == COLUMNS
    assert [line[:3] + line[5:9] for line in lines[1:]] == [
        ["version", "npm", "'=cmd()", "1", "'+2", "MIT", "MIT"],
        ["removed", "npm", "gone", "1.0", "", "MIT", ""],
        ["version+licence", "npm", "grows", "1.9", "1.10", "MIT", "Apache-2.0"],
        ["added", "npm", "new", "", "1.0", "", "MIT"],
    ]


def test_json_has_both_sides_the_counts_and_every_change() -> None:
    found = json.loads(written(DiffFormat.JSON))
    assert found["left"] == SIDES["left"]
    assert found["counts"] == {"added": 1, "removed": 1, "version": 2, "licence": 1, "changed": 2, "same": 1}
    assert [change["change"] for change in found["changes"]] == ["version", "removed", "version+licence", "added"]
    assert json.loads(written(DiffFormat.JSON, LEFT, LEFT))["changes"] == []


def test_cyclonedx_is_valid_and_says_how_each_component_was() -> None:
    text = written(DiffFormat.CYCLONEDX)
    assert problems(text) == []
    found = json.loads(text)
    grown = next(part for part in found["components"] if part["name"] == "grows")
    assert (grown["version"], grown["purl"]) == ("1.10", "pkg:npm/grows@1.10")
    assert [(told["name"].removeprefix("execution-ops:"), told["value"]) for told in grown["properties"]] == [
        ("change", "version"),
        ("change", "licence"),
        ("version-before", "1.9"),
        ("licences-before", "MIT"),
    ]
    gone = next(part for part in found["components"] if part["name"] == "gone")
    assert [told["value"] for told in gone["properties"]] == ["removed"]
    assert problems(written(DiffFormat.CYCLONEDX, LEFT, LEFT)) == []
    assert written(DiffFormat.CYCLONEDX) == text


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_whatever_a_document_says_the_export_is_valid(packages: list[tuple[str, str, str]]) -> None:
    hostile = document(packages)
    for part in hostile["components"]:
        part["type"] = part["name"]
    found = compare(inventory(document([])), inventory(hostile))
    for form in DiffFormat:
        text = b"".join(write_diff(found.rows, found.counts, SIDES, form)).decode()
        if form is DiffFormat.CYCLONEDX:
            assert problems(text) == []
            assert len(json.loads(text)["components"]) == found.counts.added


@pytest.mark.parametrize(
    ("key", "version", "purl"),
    [
        ("pkg:npm/%40a/b", "1 2", "pkg:npm/%40a/b@1%202"),
        ("pkg:deb/debian/libc6?arch=amd64", "2:1", "pkg:deb/debian/libc6@2:1?arch=amd64"),
        ("pkg:golang/a#sub", "", "pkg:golang/a#sub"),
        ("library:b", "1", ""),
    ],
)
def test_a_purl_gets_its_version_back(key: str, version: str, purl: str) -> None:
    assert purl_of(Part(key, version, "", "b", "", "library")) == purl
