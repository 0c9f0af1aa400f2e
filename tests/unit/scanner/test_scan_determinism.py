"""Where two documents differ."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from execution_ops.scanner.determinism import SHOWN_MAX, differences, shared, steps

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
COMPONENT = st.fixed_dictionaries(
    {"bom-ref": st.text(min_size=1, max_size=3), "name": st.text(max_size=5)}, optional={"x": JSON}
)
COMPONENTS = st.lists(COMPONENT, max_size=5, unique_by=lambda one: one["bom-ref"])
DOCUMENT = st.fixed_dictionaries({"components": COMPONENTS, "metadata": JSON})


def doc(*components: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"components": list(components), **rest}


def component(name: str, **fields: Any) -> dict[str, Any]:
    return {"bom-ref": name, "name": name, "version": "1", **fields}


def test_components_are_told_by_name_and_the_place_in_them() -> None:
    first = doc(component("a"), component("b", licenses=[{"id": "MIT"}]), serialNumber="1")
    second = doc(component("b", licenses=[{"id": "BSD"}]), component("c"), serialNumber="2")
    assert differences(first, second).words() == [
        "component a 1: there in the first scan, not there in the second.",
        'component b 1/licenses/0/id: "MIT" in the first scan, "BSD" in the second.',
        "component c 1: not there in the first scan, there in the second.",
        '/serialNumber: "1" in the first scan, "2" in the second.',
    ]
    assert shared(first, second) == (0, 3)


def test_what_is_shown_is_bounded_and_harmless() -> None:
    first = doc(*(component(f"{number:03}\x1b[2J\u202e", x="y" * 500) for number in range(50)))
    second = doc(*(component(f"{number:03}\x1b[2J\u202e", x="z" * 500) for number in range(50)))
    found = differences(first, second)
    assert (len(found.shown), found.more) == (SHOWN_MAX, 50 - SHOWN_MAX)
    assert found.words()[-1] == "30 more places differ."
    text = "".join(found.words())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert all(len(words) < 400 for words in found.words())
    assert differences(first, second, 49).words()[-1] == "1 more place differs."
    assert len(differences(first, second, 50).words()) == 50


@given(DOCUMENT)
def test_a_document_does_not_differ_from_itself(one: dict[str, Any]) -> None:
    assert differences(one, one).words() == []
    same, total = shared(one, one)
    assert same == total


@given(DOCUMENT, DOCUMENT)
def test_two_documents_differ_exactly_where_their_content_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    content = [({each["bom-ref"]: each for each in doc["components"]}, doc["metadata"]) for doc in (one, other)]
    assert bool(differences(one, other).words()) == (content[0] != content[1])
    same, total = shared(one, other)
    assert (same == total) == (content[0][0] == content[1][0])


def test_steps_that_ran_once_only_are_not_identical() -> None:
    found = steps({"inspection": "x", "python": "a"}, {"inspection": "x", "java": "b"})
    assert [(one.name, one.identical) for one in found] == [("inspection", True), ("python", False), ("java", False)]
