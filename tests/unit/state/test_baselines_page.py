"""The page of baselines: its addresses and what it shows."""

from __future__ import annotations

import pytest

from execution_ops import routes
from execution_ops.domain.baseline_choice import suggest
from execution_ops.domain.baselines import Promotion
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.sbom_diff import ChangeKind, DiffFilter
from execution_ops.domain.states import BaselineState
from execution_ops.state.baselines import Address
from execution_ops.state.baselines_view import baseline_facts, baseline_line, offer_lines, promotion_lines
from execution_ops.state.comparison_view import Shown, change_lines, count_tabs, ecosystem_options, pages
from tests.unit.domain.test_baseline_choice import EPOCH
from tests.unit.state.baselines_page import ONE, TWO, compared, made


def test_an_address_is_a_list_a_drawer_a_choice_or_a_comparison() -> None:
    listed = Address.read(f"state=promoted&baseline={ONE}&cursor=x")
    assert (listed.baseline, listed.cursor, listed.compared) == (ONE, "x", Shown())
    assert listed.line_href(TWO) == routes.baselines([("state", "promoted"), ("cursor", "x"), ("baseline", TWO)])
    choosing = Address.read(f"left={ONE}&label=v")
    assert choosing.line_href(TWO) == routes.compare_baselines(ONE, TWO)
    assert choosing.own() == [("left", ONE)]
    both = Address.read(f"left={ONE}&right={TWO}&kind=added&kind=licence&text=a&start=100&baseline={ONE}")
    assert (both.baseline, both.own(), both.compared.start) == ("", [], 100)
    assert both.compared.where == DiffFilter(kind=(ChangeKind.ADDED, ChangeKind.LICENCE), text="a")
    assert Address.read(f"right={TWO}&kind=wrong").compared == Shown()


@pytest.mark.parametrize("query", ["baseline=x", "left=x", f"left={ONE}&right=x", f"left={ONE}&start=-1", "state=x"])
def test_what_no_page_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        Address.read(query)


# lines


def test_a_line_and_facts_hide_nothing_and_steer_nothing() -> None:
    one = made(1, "", promoted=True, source="/srv/\u202egpj", job_id=ONE, green=False)
    line = baseline_line(one, "/there")
    assert (line.name, line.where, line.green) == (one.sha256[:12], "Scan", False)
    assert "\u202e" not in f"{line.source}{baseline_facts(one).source}"
    assert line.where_href == routes.job(ONE)
    facts = baseline_facts(one)
    assert "had not succeeded" in facts.scan_words
    assert (facts.promoted_by, bool(facts.promoted_at)) == ("ann", True)
    assert baseline_facts(one.model_copy(update={"state": BaselineState.CANDIDATE})).promoted_at == ""
    assert baseline_line(made(1, "k", kit_id="k"), "").where == "Kit"
    assert baseline_line(made(1, "k", source="/" + "x" * 300), "").source_href == ""


def test_offers_and_promotions_say_what_and_why() -> None:
    own, held = made(2, "1.1"), made(1, "1.0", promoted=True)
    lines = offer_lines(suggest(own, [own, held]), own)
    assert [(line.name, line.best) for line in lines] == [("1.0", True), ("1.0", False), ("1.0", False)]
    assert lines[0].href == routes.compare_baselines(held.id, own.id)
    told = Promotion(
        at=EPOCH,
        by="ann",
        reason="why",
        verb="kit_rollback",
        baseline_id="",
        label="",
        previous_id=ONE,
        previous_label="1.0",
        kit_id="k",
    )
    back = told.model_copy(update={"baseline_id": TWO, "verb": "baseline_promote"})
    first, second = promotion_lines([told, back])
    assert (first.words, first.name, first.href) == ("Roll back", "nothing is promoted any more", "")
    assert (second.name, second.href) == (TWO[-8:], routes.baseline(TWO))
    assert first.key != second.key


def test_a_comparison_has_counts_as_filters_rows_and_pages() -> None:
    shown = Shown(ONE, TWO, DiffFilter(text="e"))
    page = compared(made(1, "a"), made(2, "b"), shown)
    tabs = count_tabs(page.counts, shown)
    assert [(tab.title, tab.count) for tab in tabs][:2] == [("All changes", "3"), ("Added", "1")]
    assert tabs[1].href == routes.compare_baselines(ONE, TWO, [("kind", "added"), ("text", "e")])
    assert [(line.name, line.kind) for line in change_lines(page)] == [
        ("gone", "removed"),
        ("new", "added"),
        ("react", "both"),
    ]
    assert pages(page, shown) == ("", "", "1 to 3 of 3")
    late = page.model_copy(update={"start": 100, "rows": page.rows[:1], "matching": 300})
    before, after, words = pages(late, shown)
    assert (before, after) == (shown.href(shown.where), shown.href(shown.where, 101))
    assert words == "101 to 101 of 300"
    assert pages(page.model_copy(update={"rows": (), "matching": 0}), shown)[2] == "None of 0"
    foreign = Shown(ONE, TWO, DiffFilter(ecosystem=("cargo",)))
    assert [option.value for option in ecosystem_options(page, foreign)] == ["cargo", "npm"]
