"""The DAG page's panel and table, prepared from one reading."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.domain.access import Actor, Scope, local_operator
from execution_ops.domain.graph_query import GraphQuery
from execution_ops.domain.jobs import Dag
from execution_ops.state.dag_view import ROWS, NodeView, Reading, count_views, node_view, read, row_views
from tests.unit.graph_samples import dag_of, fan_dag, job, scan_dag


class Jobs:
    """The one thing that the page asks of the service."""

    def __init__(self, dag: Dag) -> None:
        self._dag = dag

    def dag_of_job(self, actor: Actor, job_id: str) -> Dag:
        return self._dag


def reading(dag: Dag, query: GraphQuery) -> Reading:
    jobs: Any = Jobs(dag)
    return read(jobs, local_operator(), "any", query)


def view(dag: Dag, node: str, actor: Actor | None = None) -> NodeView:
    query = GraphQuery(node=node)
    return node_view(reading(dag, query), query, actor or local_operator())


STUCK = scan_dag(java="failed", merge="pending", compare="pending", export="pending")


def test_a_failure_says_what_it_holds() -> None:
    panel = view(STUCK, "scan.catalog:java")
    assert panel.heading == "This one failure holds 3 jobs"
    assert [(other.title, other.steps) for other in panel.related] == [
        ("scan.merge", "direct"),
        ("scan.compare", "2 steps"),
        ("scan.export", "3 steps"),
    ]
    assert panel.retry_off == ""
    assert panel.cancel_off == "Only jobs that wait or run can be canceled."


def test_a_waiting_job_says_what_for() -> None:
    panel = view(STUCK, "scan.merge")
    assert panel.heading == "Waits for"
    assert [other.title for other in panel.related] == ["catalog java"]
    assert panel.retry_off


def test_verbs_need_their_permission() -> None:
    reader = Actor(name="reader", scopes=frozenset({Scope.READ}))
    assert view(STUCK, "scan.catalog:java", reader).retry_off == "Needs the permission ops:operate."


def test_a_fan_out_lists_its_failures_and_opens() -> None:
    dag = fan_dag(40, d3="failed", d9="timed_out")
    fan = reading(dag, GraphQuery()).shown.plan.items[0].key
    panel = view(dag, fan)
    assert panel.state == ""
    assert [other.title for other in panel.related] == ["d 3", "d 9"]
    assert panel.fold_label == "Open the fan-out"
    assert f"open={fan}" in panel.fold_href


def test_an_unknown_node_selects_nothing() -> None:
    assert view(STUCK, "nowhere") == NodeView()


def test_the_table_follows_the_steps_page_by_page() -> None:
    dag = dag_of([job(f"t:{n}") for n in range(ROWS + 5)], [("t:0", "t:1")])
    rows, pages = row_views(reading(dag, GraphQuery(table=True)), GraphQuery(table=True))
    assert pages == 2
    assert len(rows) == ROWS
    last, _ = row_views(reading(dag, GraphQuery(table=True, page=9)), GraphQuery(table=True, page=9))
    assert len(last) == 5
    assert (last[-1].key, last[-1].step) == ("t:1", 2)


def test_the_table_of_the_failed_path_has_only_that() -> None:
    query = GraphQuery(table=True, failed_only=True)
    rows, _ = row_views(reading(STUCK, query), query)
    assert [row.key for row in rows] == [
        "scan.inspect",
        "scan.catalog:java",
        "scan.merge",
        "scan.compare",
        "scan.export",
    ]
    assert rows[1].holds == "3 jobs"
    assert rows[2].waits == "catalog java"


@pytest.mark.parametrize("table", [True, False])
def test_only_the_graph_is_laid_out(table: bool) -> None:
    assert bool(reading(STUCK, GraphQuery(table=table)).scene) is not table


def test_counts_lead_to_the_jobs_that_they_count() -> None:
    counts = reading(STUCK, GraphQuery()).shown.facts.counts
    shown = count_views(counts, "01890a5d-ac96-774b-bcce-b302099a8057")
    failed = next(item for item in shown if item["state"] == "failed")
    assert failed["count"] == "1"
    assert failed["href"].endswith("?state=failed&dag=01890a5d-ac96-774b-bcce-b302099a8057")
