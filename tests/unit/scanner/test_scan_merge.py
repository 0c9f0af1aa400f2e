"""The merge of the analyzers' documents."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from execution_ops.scanner.merge import Subject, identity, merge, problems, to_text, without

SUBJECT = Subject("demo", "file")


def component(name: str, version: str = "1", ref: str = "", **more: Any) -> dict[str, Any]:
    purl = f"pkg:generic/{name}@{version}"
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": ref or purl, **more}


def document(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components), **more}


names = st.sampled_from(["a", "b", "c", "é", "<img onerror>", "=cmd()"])
components = st.builds(component, names, st.sampled_from(["1", "2"]), st.sampled_from(["", "x", "y"]))
documents = st.lists(
    st.lists(components, max_size=5).map(lambda found: document(*found)),
    max_size=4,
)


@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_documents_and_components_does_not_matter(parts: list[dict[str, Any]], random: Any) -> None:
    shuffled = copy.deepcopy(parts)
    random.shuffle(shuffled)
    for part in shuffled:
        random.shuffle(part["components"])
    assert to_text(merge(parts, SUBJECT)) == to_text(merge(shuffled, SUBJECT))


@given(documents)
def test_the_merge_is_valid_and_has_each_reference_once(parts: list[dict[str, Any]]) -> None:
    merged = merge(parts, SUBJECT)
    assert problems(to_text(merged)) == []
    refs = [found["bom-ref"] for found in merged["components"]]
    assert sorted(refs) == sorted({found["bom-ref"] for part in parts for found in part["components"]})


@given(documents)
def test_merging_twice_changes_nothing(parts: list[dict[str, Any]]) -> None:
    once = merge(parts, SUBJECT)
    assert merge([once], SUBJECT)["components"] == once["components"]


@given(documents)
def test_the_input_is_left_alone(parts: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(parts)
    merge(parts, SUBJECT)
    assert parts == before


def test_a_package_found_twice_in_two_places_stays_two_components() -> None:
    merged = merge([document(component("a", ref="one"), component("a", ref="two"))], SUBJECT)
    assert [found["bom-ref"] for found in merged["components"]] == ["one", "two"]
    assert len({identity(found) for found in merged["components"]}) == 1


def test_of_two_reports_of_one_package_the_fuller_one_stays() -> None:
    poor, rich = component("a"), component("a", cpe="cpe:2.3:a:a:a:1:*:*:*:*:*:*:*")
    for order in ([poor, rich], [rich, poor]):
        assert merge([document(found) for found in order], SUBJECT)["components"] == [rich]


def test_dependencies_are_joined_and_never_dangle() -> None:
    parts = [
        document(component("a", ref="a"), dependencies=[{"ref": "a", "dependsOn": ["c", "gone"]}]),
        document(
            component("a", ref="a"),
            component("b", ref="b"),
            component("c", ref="c"),
            dependencies=[{"ref": "a", "dependsOn": ["b"]}, {"ref": "lost", "dependsOn": ["a"]}, {"ref": "b"}],
        ),
    ]
    assert merge(parts, SUBJECT)["dependencies"] == [{"ref": "a", "dependsOn": ["b", "c"]}]


def test_tools_and_properties_are_kept_once() -> None:
    tool = {"type": "application", "name": "syft", "version": "1.18.1"}
    label = {"name": "syft:image:labels:team", "value": "payments"}
    part = document(
        metadata={"timestamp": "2026-01-01T00:00:00Z", "tools": {"components": [tool]}, "properties": [label]}
    )
    merged = merge([part, part], Subject("image.tar", "container", "sha256:abc"))
    assert merged["metadata"] == {
        "timestamp": "2024-01-01T00:00:00Z",
        "component": {"bom-ref": "source", "type": "container", "name": "image.tar", "version": "sha256:abc"},
        "tools": {"components": [tool]},
        "properties": [label],
    }


def test_the_serial_number_is_that_of_the_content() -> None:
    one, same, other = (merge([document(component(name))], SUBJECT)["serialNumber"] for name in "aab")
    assert one == same != other


def test_parts_that_break_the_schema_are_found_named_and_left_out() -> None:
    bad = component(
        "a",
        externalReferences=[
            {"type": "website", "url": "https://example.org"},
            {"type": "website", "url": "no url <at all>"},
            {"type": "nonsense", "url": "https://example.org"},
        ],
        licenses=[{"license": {"id": "NOT-AN-SPDX-ID"}}],
    )
    merged = merge([document(bad, component("b"))], SUBJECT)
    found = problems(to_text(merged))
    assert found
    left_out = without(merged, found)
    assert problems(to_text(merged)) == []
    assert set(left_out) == {"externalReferences of a 1", "licenses of a 1"}
    assert merged["components"][0]["externalReferences"] == [{"type": "website", "url": "https://example.org"}]
    assert "licenses" not in merged["components"][0]
    assert merged["components"][1] == component("b")


def test_a_component_without_a_name_is_a_problem_that_stays() -> None:
    nameless = component("a")
    del nameless["name"]
    merged = merge([document(nameless)], SUBJECT)
    found = problems(to_text(merged))
    assert found
    assert without(merged, found) == []
    assert problems(to_text(merged)) == found


def test_the_stored_text_is_the_document() -> None:
    merged = merge([document(component("é"))], SUBJECT)
    assert json.loads(to_text(merged)) == merged
    assert "é" in to_text(merged)
