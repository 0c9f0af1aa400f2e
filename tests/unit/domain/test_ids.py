"""Ids: ordered, checkable, repeatable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id, check_id_prefix, child_id, new_id


def test_ids_of_one_process_sort_in_the_order_in_which_they_were_made() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(check_id(value)[14] == "7" for value in ids)


@given(key=st.text(), other=st.text())
def test_a_childs_id_depends_on_dag_and_key_alone(key: str, other: str) -> None:
    dag = new_id()
    child = check_id(child_id(dag, key))
    assert child == child_id(dag, key)
    assert child[:13] == dag[:13], "it sorts with its DAG"
    assert (child == child_id(dag, other)) == (key == other)
    assert child != child_id(new_id(), key)


@pytest.mark.parametrize("value", ["", "..", "x" * 36, "019AB107-5A2F-7C1E-9D40-61E88C3FB05E", "../../etc/passwd"])
def test_what_is_no_id_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        check_id(value)


@given(st.integers(min_value=1, max_value=36))
def test_every_beginning_of_an_id_is_a_prefix(length: int) -> None:
    value = new_id()
    assert check_id_prefix(value[:length].upper()) == value[:length]


@pytest.mark.parametrize("value", ["", "g", "%", "01_", "-", "0" * 37])
def test_what_begins_no_id_is_no_prefix(value: str) -> None:
    with pytest.raises(InvalidInput):
        check_id_prefix(value)
