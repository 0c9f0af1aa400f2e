"""How a filter is spelled in an address."""

from __future__ import annotations

from execution_ops.domain.audit_filters import AuditFilter
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.list_filter import ListFilter
from execution_ops.domain.query_values import Sort


class Shelf(ListFilter):
    kind: tuple[str, ...] = ()
    lent: bool | None = None
    title: str = ""
    sort: Sort = Sort.NEWEST


def test_fields_stand_in_their_order_without_what_is_default() -> None:
    assert Shelf().to_pairs() == []
    chosen = Shelf(sort=Sort.OLDEST, title="Kim", lent=False, kind=("atlas", "novel"))
    assert chosen.to_query() == "kind=atlas&kind=novel&lent=no&title=Kim&sort=oldest"


def test_the_order_of_rows_hides_none() -> None:
    assert Shelf(sort=Sort.OLDEST).active() == 0
    assert Shelf(lent=True, kind=("atlas", "novel"), sort=Sort.OLDEST).active() == 3


def test_a_text_that_is_called_like_the_default_order_is_no_default() -> None:
    assert AuditFilter.from_query("text=newest").to_query() == "text=newest"


def test_alternatives_of_key_and_value_are_spelled_with_their_key() -> None:
    chosen = JobFilter.from_query("payload.tag=&payload.image.tag=4.18&sort=oldest")
    assert chosen.to_pairs() == [("payload.image.tag", "4.18"), ("payload.tag", ""), ("sort", "oldest")]
