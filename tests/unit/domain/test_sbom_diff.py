"""The comparison of two documents: exact, the same in every order, and sane about several versions of a package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.sbom_diff import ChangeKind, Comparison, DiffFilter, compare, in_words, natural
from execution_ops.domain.sbom_parts import (
    Damaged,
    Inventory,
    inventory,
    pack,
    read_part,
    split_purl,
    syft_version,
    unpack,
)
from tests.baselines import component, document

Package = tuple[str, str, str]
PACKAGES = st.lists(
    st.tuples(
        st.sampled_from(["react", "lodash", "left-pad"]),
        st.sampled_from(["1.0", "1.9", "1.10", "2.0-rc", ""]),
        st.sampled_from(["MIT", "Apache-2.0"]),
    ),
    max_size=12,
)


def compared(left: Sequence[Any], right: Sequence[Any]) -> Comparison:
    return compare(inventory(document(left)), inventory(document(right)))


def told(found: Comparison) -> list[tuple[str, str, str, str]]:
    """Kinds, name and both versions of each row."""
    return [
        (
            "+".join(row.kinds),
            row.part.name,
            row.before.version if row.before else "",
            row.after.version if row.after else "",
        )
        for row in found.rows
    ]


def test_each_kind_of_change_is_told() -> None:
    left = [("gone", "1.0"), ("stays", "1.0"), ("grows", "1.9"), ("frees", "1.0"), ("both", "1.0")]
    right = [
        ("stays", "1.0"),
        ("grows", "1.10"),
        ("frees", "1.0", "GPL-3.0-only"),
        ("both", "2.0", "GPL-3.0-only"),
        ("new", "1.0"),
    ]
    found = compared(left, right)
    assert told(found) == [
        ("version+licence", "both", "1.0", "2.0"),
        ("licence", "frees", "1.0", "1.0"),
        ("removed", "gone", "1.0", ""),
        ("version", "grows", "1.9", "1.10"),
        ("added", "new", "", "1.0"),
    ]
    counts = found.counts
    assert (counts.added, counts.removed, counts.version, counts.licence, counts.changed) == (1, 1, 2, 2, 3)
    assert (counts.same, counts.total, counts.of(ChangeKind.LICENCE)) == (1, 5, 2)
    assert in_words(counts) == "1 added, 1 removed, 3 changed"
    assert in_words(compared(left, left).counts) == "nothing changed"


@pytest.mark.parametrize(
    ("left", "right", "rows"),
    [
        (["1", "2"], ["2", "3"], [("version", "1", "3")]),
        (["1.9", "1.10"], ["2.0"], [("removed", "1.9", ""), ("version", "1.10", "2.0")]),
        (["2.0"], ["1.9", "1.10"], [("added", "", "1.9"), ("version", "2.0", "1.10")]),
        (["1", "2"], ["1", "2"], []),
        (["1", "2"], [], [("removed", "1", ""), ("removed", "2", "")]),
    ],
)
def test_of_several_versions_equal_ones_stay_and_the_highest_are_paired(
    left: list[str], right: list[str], rows: list[tuple[str, str, str]]
) -> None:
    found = compared([("lib", version) for version in left], [("lib", version) for version in right])
    assert [(kind, before, after) for kind, _, before, after in told(found)] == rows


def test_a_changed_licence_is_paired_within_its_version() -> None:
    found = compared([("lib", "1"), ("lib", "2")], [("lib", "2", "GPL-3.0-only"), ("lib", "3")])
    assert told(found) == [("licence", "lib", "2", "2"), ("version", "lib", "1", "3")]


def test_another_spelling_of_the_same_package_is_no_change() -> None:
    one, other = component("lib", "1"), {**component("lib", "1"), "name": "Lib", "type": "framework"}
    documents = [{"bomFormat": "CycloneDX", "components": [part]} for part in (one, other)]
    found = compare(*map(inventory, documents))
    assert (found.rows, found.counts.same) == ((), 1)


@pytest.mark.parametrize(
    ("purl", "key", "version"),
    [
        ("pkg:npm/react@18.2.0?package-id=01", "pkg:npm/react", "18.2.0"),
        ("pkg:npm/%40angular/core@1.0", "pkg:npm/%40angular/core", "1.0"),
        ("pkg:npm/@angular/core@1.0", "pkg:npm/@angular/core", "1.0"),
        ("pkg:npm/@angular/core", "pkg:npm/@angular/core", ""),
        ("pkg:npm/@angular", "pkg:npm/@angular", ""),
        ("pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", "pkg:deb/debian/libc6?arch=amd64", "2.36-9"),
        ("pkg:golang/example.com/a@v1#sub/b", "pkg:golang/example.com/a#sub/b", "v1"),
        ("pkg:MAVEN/org.x/y@1%2B2?type=jar&classifier=s", "pkg:maven/org.x/y?classifier=s&type=jar", "1+2"),
    ],
)
def test_a_purl_is_an_identity_and_a_version(purl: str, key: str, version: str) -> None:
    assert split_purl(purl) == (key, version)


@pytest.mark.parametrize("text", ["", "npm/react", "pkg:", "pkg:npm", "pkg:npm/", "pkg:/react@1"])
def test_what_is_no_purl_is_none(text: str) -> None:
    assert split_purl(text) is None or text == "pkg:/react@1"


def test_components_within_others_and_without_a_purl_count() -> None:
    inner = {"type": "file", "name": "a.so", "licenses": [{"expression": "MIT OR X"}, {"license": {"name": "Own"}}, 7]}
    found = inventory(
        {
            "bomFormat": "CycloneDX",
            "components": [
                {"type": "application", "group": "g", "name": "app", "version": "1"},
                {"type": "library", "name": "b", "components": [inner]},
            ],
        }
    )
    assert {(part.key, part.version, part.licences, part.ecosystem) for part in map(read_part, found.lines)} == {
        ("application:g/app", "1", "", "application"),
        ("library:b", "", "", "library"),
        ("file:a.so", "", "MIT OR X; Own", "file"),
    }


@pytest.mark.parametrize(
    "found", [None, [], "x", {}, {"bomFormat": "SPDX"}, {"bomFormat": "CycloneDX", "components": 5}]
)
def test_what_is_no_document_is_told(found: Any) -> None:
    with pytest.raises(Damaged):
        inventory(found)


@pytest.mark.parametrize("content", [b"", b"execution-ops parts 2\n", b"execution-ops parts 1\n\xff"])
def test_what_is_no_file_of_packages_is_told(content: bytes) -> None:
    with pytest.raises(Damaged):
        unpack(content)


def test_half_characters_and_the_syft_version_are_read_safely() -> None:
    hostile = {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "a\ud800\nb", "purl": 5}]}
    assert [read_part(line).name for line in unpack(pack(inventory(hostile))).lines] == ["a\\ud800\\x0ab"]
    assert syft_version(document([])) == "1.42.0"
    assert syft_version({"metadata": {"tools": [{"name": "other"}, 5]}}) == ""
    assert syft_version({}) == ""


def test_a_filter_chooses_rows_by_kind_ecosystem_and_text() -> None:
    left = [("a", "1"), ("b", "1", "MIT", "pypi")]
    right = [("a", "2"), ("c", "1", "MIT", "pypi")]
    found = compared(left, right)
    assert found.ecosystems == ("npm", "pypi")

    def names(**values: Any) -> list[str]:
        return [row.part.name for row in DiffFilter(**values).choose(found.rows)]

    assert names() == ["a", "b", "c"]
    assert names(kind=(ChangeKind.ADDED, ChangeKind.VERSION)) == ["a", "c"]
    assert names(ecosystem=("pypi",)) == ["b", "c"]
    assert names(ecosystem=("pypi",), text="PYPI/C") == ["c"]
    where = DiffFilter(kind=(ChangeKind.ADDED,), text="x")
    assert (where.to_pairs(), where.active()) == ([("kind", "added"), ("text", "x")], 2)


@given(PACKAGES, PACKAGES)
def test_a_comparison_accounts_for_every_package_once(left: list[Package], right: list[Package]) -> None:
    found = compared(left, right)
    before, after = set(left), set(right)
    gone = Counter(name for name, _, _ in before - after)
    came = Counter(name for name, _, _ in after - before)
    assert Counter(row.before.name for row in found.rows if row.before) == gone
    assert Counter(row.after.name for row in found.rows if row.after) == came
    assert found.counts.same == len(before & after)
    assert all(row.kinds for row in found.rows)
    for name in gone.keys() & came.keys():
        of_name = [row for row in found.rows if row.part.name == name]
        # Nothing is both added and removed while it could be paired.
        assert not ({ChangeKind.ADDED, ChangeKind.REMOVED} <= {kind for row in of_name for kind in row.kinds})


@given(PACKAGES, PACKAGES, st.randoms(use_true_random=False))
def test_the_order_of_a_document_does_not_matter(left: list[Package], right: list[Package], random: Any) -> None:
    found = compared(left, right)
    random.shuffle(left)
    random.shuffle(right)
    assert compared(left, right) == found


@given(PACKAGES, PACKAGES)
def test_the_other_way_round_added_and_removed_change_places(left: list[Package], right: list[Package]) -> None:
    there, back = compared(left, right).counts, compared(right, left).counts
    assert (there.added, there.removed, there.changed) == (back.removed, back.added, back.changed)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_file_of_packages_says_the_same_again(names: list[str]) -> None:
    found = inventory(document([(name, "1") for name in names]))
    assert unpack(pack(found)) == found
    assert pack(unpack(pack(found))) == pack(found)
    assert isinstance(found, Inventory)


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_two_versions_have_an_order(one: str, other: str) -> None:
    assert (natural(one) < natural(other)) + (natural(other) < natural(one)) <= 1
    assert natural("1.9") < natural("1.10")
