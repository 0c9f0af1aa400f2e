"""The layout: nothing overlaps, edges go right, and the same structure always looks the same."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.graph_fold import Plan, plan_of
from execution_ops.domain.graph_layout import NODE_HEIGHT, NODE_WIDTH, Box, Layout, LayoutCache, lay_out
from execution_ops.domain.graph_order import ordered_layers
from execution_ops.domain.graph_place import GAP_Y
from execution_ops.domain.graph_routes import GAP_X
from execution_ops.domain.graph_shape import shape_of
from execution_ops.domain.jobs import Dag
from tests.unit.graph_samples import dag_of, fan_dag, job, scan_dag


@st.composite
def dags(draw: st.DrawFn) -> Dag:
    """Any edges whatever, cycles and self-loops included, over up to 40 nodes of few families."""
    size = draw(st.integers(1, 40))
    ends = st.integers(0, size - 1)
    edges = draw(st.lists(st.tuples(ends, ends), max_size=90))
    families = draw(st.lists(st.sampled_from("abc"), min_size=size, max_size=size))
    jobs = [job(f"{family}:{number}") for number, family in enumerate(families)]
    return dag_of(jobs, [(jobs[a].id, jobs[b].id) for a, b in edges])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of such a DAG, fan-outs open or folded."""
    shape = shape_of(draw(dags()))
    folds = [item.key for item in plan_of(shape).items if len(item.members) > 1]
    return plan_of(shape, draw(st.sets(st.sampled_from(folds))) if folds else frozenset())


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def levels(route: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """The level pieces of a route as (from x, to x, y)."""
    xs, ys = [route[0], *route[2:-1:2], route[-1]], route[1::2]
    return [(xs[n], xs[n + 1], y) for n, y in enumerate(ys)]


@given(plans())
def test_boxes_never_overlap_and_stay_inside(plan: Plan) -> None:
    layout = lay_out(plan)
    assert not any(overlap(a, b) for a, b in combinations(layout.boxes, 2))
    assert not any(overlap(a, b) for a, b in combinations(layout.members.values(), 2))
    for box in (*layout.boxes, *layout.members.values()):
        assert 0 <= box.x <= layout.width - box.width
        assert 0 <= box.y <= layout.height - box.height


@given(plans())
def test_every_edge_goes_right_from_side_to_side(plan: Plan) -> None:
    layout = lay_out(plan)
    for (parent, child), route in zip(plan.edges, layout.routes, strict=True):
        start, end = layout.boxes[parent], layout.boxes[child]
        assert start.x + start.width < end.x
        assert route[0] == start.x + start.width
        assert route[1] == start.y + start.height // 2
        assert route[-1] == end.x
        assert route[-2] == end.y + end.height // 2 if len(route) > 3 else route[1] == end.y + end.height // 2
        assert all(left < right for left, right, _ in levels(route))


@given(plans())
def test_no_edge_runs_through_a_box(plan: Plan) -> None:
    layout = lay_out(plan)
    for (parent, child), route in zip(plan.edges, layout.routes, strict=True):
        others = [box for n, box in enumerate(layout.boxes) if n not in (parent, child)]
        for left, right, y in levels(route):
            assert not any(b.x < right and left < b.x + b.width and b.y < y < b.y + b.height for b in others)


@given(dags(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(dag: Dag, dice: random.Random) -> None:
    nodes, edges = list(dag.nodes), list(dag.edges)
    dice.shuffle(nodes)
    dice.shuffle(edges)
    shuffled = dag.model_copy(update={"nodes": tuple(nodes), "edges": tuple(edges)})
    assert lay_out(plan_of(shape_of(dag))) == lay_out(plan_of(shape_of(shuffled)))


@given(dags())
def test_each_job_is_drawn_once_and_layers_are_longest_paths(dag: Dag) -> None:
    plan = plan_of(shape_of(dag))
    assert sorted(node for item in plan.items for node in item.members) == list(range(len(dag.nodes)))
    layers = ordered_layers(plan).layer
    for item, parents in enumerate(plan.parents):
        assert layers[item] == max((layers[parent] + 1 for parent in parents), default=0)


@pytest.mark.parametrize(
    "edges",
    [
        [("a", "b"), ("b", "a")],
        [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")],
        [("b", "c"), ("c", "d"), ("d", "b"), ("d", "a")],
    ],
)
def test_a_cycle_loses_one_edge(edges: list[tuple[str, str]]) -> None:
    shape = shape_of(dag_of([job(key) for key in "abcd"], edges))
    assert shape.ignored == 1
    assert len(shape.order) == 4


def test_unknown_ends_and_self_loops_are_counted() -> None:
    shape = shape_of(dag_of([job("a"), job("b")], [("a", "b"), ("a", "a"), ("a", "nowhere")]))
    assert shape.ignored == 2
    assert shape.edges == ((0, 1),)


def test_a_merge_gets_its_edges_through_one_lane() -> None:
    plan = plan_of(shape_of(scan_dag()))
    layout = lay_out(plan)
    merge = next(n for n, item in enumerate(plan.items) if item.key == "scan.merge")
    bent = [route for edge, route in zip(plan.edges, layout.routes, strict=True) if edge[1] == merge and len(route) > 3]
    assert len(bent) == 2
    assert len({route[2] for route in bent}) == 1


def test_distances_are_those_of_the_design() -> None:
    plan = plan_of(shape_of(scan_dag()))
    layout = lay_out(plan)
    box = dict(zip((item.key for item in plan.items), layout.boxes, strict=True))
    assert box["scan.merge"].x - (box["scan.catalog:java"].x + NODE_WIDTH) == GAP_X
    assert box["scan.catalog:node"].y - (box["scan.catalog:java"].y + NODE_HEIGHT) == GAP_Y
    assert box["scan.inspect"].y == box["scan.merge"].y == box["scan.catalog:node"].y


def test_numbers_in_keys_sort_as_numbers() -> None:
    shape = shape_of(fan_dag(11))
    assert [node_id for node_id in shape.ids if node_id.startswith("d:")] == [f"d:{n}" for n in range(11)]


def test_very_long_edges_go_around_below() -> None:
    chain = [f"c:{number:03}" for number in range(120)]
    late = [(chain[0], key) for key in chain[2:]]
    plan = plan_of(shape_of(dag_of([job(key) for key in chain], [*pairwise(chain), *late])))
    layout = lay_out(plan)
    lowest = max(box.y + box.height for box in layout.boxes)
    around = [route for route in layout.routes if max(route[1::2]) > lowest]
    assert around
    assert len(around) < len(late)
    assert layout.height > max(max(route[1:-1:2]) for route in around)


def test_an_empty_dag_has_an_empty_layout() -> None:
    assert lay_out(plan_of(shape_of(dag_of([], [])))) == Layout(
        digest=plan_of(shape_of(dag_of([], []))).digest,
        boxes=(),
        members={},
        routes=(),
        layers=(),
        width=0,
        height=0,
    )


class TestCache:
    def test_a_change_of_state_keeps_the_layout(self) -> None:
        cache = LayoutCache()
        first = cache.get(plan_of(shape_of(scan_dag())))
        assert cache.get(plan_of(shape_of(scan_dag(merge="failed")))) is first

    def test_a_new_node_or_an_opened_fan_out_does_not(self) -> None:
        cache = LayoutCache()
        folded = plan_of(shape_of(fan_dag(20)))
        fan = next(item.key for item in folded.items if len(item.members) > 1)
        opened = plan_of(shape_of(fan_dag(20)), {fan})
        grown = plan_of(shape_of(fan_dag(21)))
        assert len({folded.digest, opened.digest, grown.digest}) == 3
        assert len(cache.get(opened).members) == 20
        assert not cache.get(folded).members

    def test_it_is_bounded_and_drops_the_least_recently_used(self) -> None:
        plans = [plan_of(shape_of(fan_dag(width))) for width in (3, 4, 5)]
        cache = LayoutCache(most_boxes=34)
        first = cache.get(plans[0])
        cache.get(plans[1])
        assert cache.get(plans[0]) is first
        cache.get(plans[2])
        assert len(cache) == 2
        assert cache.get(plans[0]) is first
