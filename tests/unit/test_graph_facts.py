"""What the states mean: fan-outs, what a failure holds, the critical path, the words."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.graph_facts import Facts, describe_stack
from execution_ops.domain.graph_fold import FOLD_ABOVE, Kind
from execution_ops.domain.graph_shape import shape_of
from execution_ops.domain.graphs import ASK_ABOVE, DRAW_MOST, Picture, picture
from execution_ops.domain.jobs import Dag
from execution_ops.domain.states import JobState
from execution_ops.domain.times import to_ms
from tests.unit.graph_samples import START, dag_of, fan_dag, job, scan_dag

NOW = to_ms(START) + 60_000


def facts_of(dag: Dag) -> Facts:
    return Facts(dag, shape_of(dag), NOW)


def keys(facts: Facts, nodes: list[int]) -> list[str]:
    return [facts.shape.ids[node] for node in nodes]


def stack(shown: Picture) -> str:
    return next(item.key for item in shown.plan.items if item.kind is not Kind.NODE)


class TestFolding:
    def test_few_siblings_stay_apart(self) -> None:
        shown = picture(fan_dag(FOLD_ABOVE), now_ms=NOW)
        assert len(shown.plan.items) == FOLD_ABOVE + 2

    def test_many_fold_to_one_stack(self) -> None:
        shown = picture(fan_dag(400, d3="failed", d77="timed_out", d9="running"), now_ms=NOW)
        assert [(item.kind, len(item.members)) for item in shown.plan.items] == [
            (Kind.STACK, 400),
            (Kind.NODE, 1),
            (Kind.NODE, 1),
        ]
        assert describe_stack(shown.facts.counts) == "1 running, 399 ok, 1 failed, 1 timed out"

    def test_an_open_one_shows_its_members_in_a_frame(self) -> None:
        folded = picture(fan_dag(40), now_ms=NOW)
        opened = picture(fan_dag(40), now_ms=NOW, expanded={stack(folded), "fan-unknown"})
        assert stack(opened) == stack(folded)
        assert opened.layout is not None
        assert len(opened.layout.members) == 40
        assert opened.boxes == 42

    def test_its_key_stays_when_it_grows(self) -> None:
        assert stack(picture(fan_dag(40), now_ms=NOW)) == stack(picture(fan_dag(41), now_ms=NOW))

    def test_other_parents_are_another_fan_out(self) -> None:
        names = [f"d:{number}" for number in range(30)]
        edges = [("left" if n < 15 else "right", name) for n, name in enumerate(names)]
        shown = picture(dag_of([job(key) for key in ("left", "right", *names)], edges), now_ms=NOW)
        assert sorted(len(item.members) for item in shown.plan.items) == [1, 1, 15, 15]


class TestFailures:
    def test_what_one_failure_holds(self) -> None:
        facts = facts_of(scan_dag(java="failed", merge="pending", compare="pending", export="pending"))
        held = facts.held_by(facts.shape.index["scan.catalog:java"])
        assert [(facts.shape.ids[node], steps) for node, steps in held] == [
            ("scan.merge", 1),
            ("scan.compare", 2),
            ("scan.export", 3),
        ]
        assert facts.held_by(facts.shape.index["scan.catalog:node"]) == []

    def test_waiting_without_a_failure_is_not_blocked(self) -> None:
        facts = facts_of(scan_dag(java="running", node="running", merge="pending"))
        merge = facts.shape.index["scan.merge"]
        assert facts.blocked == set()
        assert facts.note(merge) == "waits for 2"

    @pytest.mark.parametrize("state", ["failed", "timed_out", "canceled"])
    def test_all_that_stops_blocks(self, state: str) -> None:
        facts = facts_of(scan_dag(java=state, merge="pending", compare="pending", export="pending"))
        assert facts.note(facts.shape.index["scan.export"]) == "blocked"
        assert len(facts.blocked) == 3

    def test_the_failed_path_alone(self) -> None:
        dag = scan_dag(java="failed", merge="pending", compare="pending", export="pending")
        shown = picture(dag, now_ms=NOW, failed_only=True)
        assert [item.key for item in shown.plan.items] == [
            "scan.catalog:java",
            "scan.compare",
            "scan.export",
            "scan.inspect",
            "scan.merge",
        ]

    def test_of_a_fan_out_only_the_failed_ones_are_on_the_failed_path(self) -> None:
        shown = picture(fan_dag(400, d3="failed", d77="failed", end="pending"), now_ms=NOW, failed_only=True)
        assert [item.key for item in shown.plan.items] == ["d:3", "d:77", "end", "start"]

    def test_without_a_failure_all_is_shown(self) -> None:
        assert len(picture(scan_dag(), now_ms=NOW, failed_only=True).plan.items) == 7


class TestCriticalPath:
    def test_the_longest_by_time(self) -> None:
        jobs = [job("a"), job("b", duration_ms=9000), job("c", duration_ms=100), job("d")]
        facts = facts_of(dag_of(jobs, [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]))
        assert keys(facts, facts.critical_path) == ["a", "b", "d"]
        assert facts.critical_ms == 11_000

    def test_running_counts_so_far(self) -> None:
        jobs = [job("a"), job("b", duration_ms=9000), job("c", "running", started_at=START), job("d", "pending")]
        facts = facts_of(dag_of(jobs, [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]))
        assert keys(facts, facts.critical_path) == ["a", "c", "d"]
        assert facts.critical_ms == 61_000

    def test_pending_counts_the_median_of_its_family(self) -> None:
        took = [job(f"x:{n}", duration_ms=ms) for n, ms in enumerate((10, 5000, 9000))]
        jobs = [*took, job("root"), job("x:9", "pending"), job("y", "pending")]
        facts = facts_of(dag_of(jobs, [("root", "x:9"), ("root", "y")]))
        assert keys(facts, facts.critical_path) == ["x:2"]
        assert facts.critical_ms == 9000
        faster = [row.model_copy(update={"duration_ms": 5000}) for row in took]
        facts = facts_of(dag_of([*faster, *jobs[3:]], [("root", "x:9"), ("root", "y")]))
        assert keys(facts, facts.critical_path) == ["root", "x:9"]

    def test_nothing_measured_still_gives_a_chain_to_the_end(self) -> None:
        states = dict.fromkeys(("inspect", "java", "node", "python", "merge", "compare", "export"), "pending")
        facts = facts_of(scan_dag(**states))
        assert len(facts.critical_path) == 5

    def test_a_folded_fan_out_is_on_it_when_a_member_is(self) -> None:
        shown = picture(fan_dag(40), now_ms=NOW)
        assert shown.facts.critical_items(shown.plan) == {0, 1, 2}

    @given(st.lists(st.integers(0, 100_000), min_size=7, max_size=7))
    def test_it_is_a_chain_and_no_other_is_longer(self, times: list[int]) -> None:
        dag = scan_dag()
        nodes = tuple(
            node.model_copy(update={"row": node.row.model_copy(update={"duration_ms": ms})})
            for node, ms in zip(dag.nodes, times, strict=True)
        )
        facts = facts_of(dag.model_copy(update={"nodes": nodes}))
        path = facts.critical_path
        assert all(step in facts.shape.edges for step in itertools.pairwise(path))
        chains = [
            [facts.shape.index[key] for key in ("scan.inspect", name, "scan.merge", "scan.compare", "scan.export")]
            for name in ("scan.catalog:java", "scan.catalog:node", "scan.catalog:python")
        ]
        assert facts.critical_ms == max(sum(facts.rows[node].duration_ms or 0 for node in chain) for chain in chains)


class TestWords:
    @pytest.mark.parametrize(
        ("dag", "words"),
        [
            (scan_dag(), "7 nodes. All succeeded."),
            (
                scan_dag(java="failed", merge="pending", compare="pending", export="pending"),
                "7 nodes. 1 failed, 3 wait behind it.",
            ),
            (
                fan_dag(400, d1="failed", d2="failed", end="pending"),
                "3 nodes, one of them a fan-out of 400. 2 failed, 1 waits behind them.",
            ),
            (scan_dag(export="canceled"), "7 nodes. 1 canceled."),
            (
                scan_dag(merge="running", compare="pending", export="pending"),
                "7 nodes. 2 pending, 1 running, 4 succeeded.",
            ),
            (dag_of([job("a")], []), "1 node. All succeeded."),
        ],
    )
    def test_the_summary(self, dag: Dag, words: str) -> None:
        shown = picture(dag, now_ms=NOW)
        assert shown.facts.summary(shown.plan) == words

    def test_several_fan_outs(self) -> None:
        jobs = [job("start"), *(job(f"{kind}:{n}") for kind, many in (("a", 20), ("b", 1300)) for n in range(many))]
        shown = picture(dag_of(jobs, [("start", row.id) for row in jobs[1:]]), now_ms=NOW)
        assert shown.facts.summary(shown.plan) == "3 nodes, 2 of them fan-outs of 1,300 and 20. All succeeded."

    @pytest.mark.parametrize(
        ("row", "note"),
        [
            (job("a", "running", progress_done=3, progress_total=9), "3/9"),
            (job("a", "running", canceling=True, progress_total=9), "canceling"),
            (job("a", "failed", attempts=3), "3/3"),
            (job("a", "succeeded", attempts=2), "2/3"),
            (job("a", "succeeded"), ""),
            (job("a", "pending"), ""),
        ],
    )
    def test_what_a_node_adds(self, row: object, note: str) -> None:
        assert facts_of(dag_of([row], [])).note(0) == note  # type: ignore[list-item]

    def test_elapsed(self) -> None:
        started = START + timedelta(seconds=20)
        facts = facts_of(dag_of([job("a", "running", started_at=started), job("b"), job("c", "pending")], []))
        assert [facts.elapsed_ms(node) for node in range(3)] == [40_000, 1000, None]


def test_a_large_graph_is_drawn_only_on_request() -> None:
    dag = dag_of([job(f"t{n}:x") for n in range(ASK_ABOVE + 1)], [])
    assert picture(dag, now_ms=NOW).layout is None
    shown = picture(dag, now_ms=NOW, most=DRAW_MOST)
    assert shown.layout is not None
    assert len(shown.layout.boxes) == ASK_ABOVE + 1


def test_counts_come_in_the_order_of_the_states() -> None:
    facts = facts_of(scan_dag(export="failed", java="running"))
    assert list(facts.counts.items()) == [
        (JobState.RUNNING, 1),
        (JobState.SUCCEEDED, 5),
        (JobState.FAILED, 1),
    ]
