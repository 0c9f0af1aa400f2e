"""What the browser gets: the scene once, then only the marks that changed."""

from __future__ import annotations

from execution_ops.domain.graph_layout import NODE_WIDTH
from execution_ops.domain.graph_wire import changes, job_title, marks_of, scene_of
from execution_ops.domain.graphs import picture
from execution_ops.domain.times import to_ms
from tests.unit.graph_samples import START, dag_of, fan_dag, job, scan_dag

NOW = to_ms(START) + 5000


def test_the_scene_names_every_box_and_edge_once() -> None:
    scene = scene_of(picture(scan_dag(), now_ms=NOW))
    assert len(scene["boxes"]) == 7
    assert sorted(box[-1] for box in scene["boxes"]) == list(range(7))
    assert [box[2] for box in scene["boxes"]][:2] == ["catalog java", "catalog node"]
    first = scene["edges"][0]
    assert scene["boxes"][first[0]][3] + NODE_WIDTH == first[2]


def test_members_of_an_open_fan_out_follow_and_have_marks() -> None:
    folded = picture(fan_dag(20, d3="failed"), now_ms=NOW)
    fan = folded.plan.items[0].key
    assert marks_of(folded)[fan]["m"] == [["succeeded", 19], ["failed", 1]]
    opened = picture(fan_dag(20, d3="failed"), now_ms=NOW, expanded={fan})
    assert [box[1] for box in scene_of(opened)["boxes"]] == ["frame", "node", "node", *["node"] * 20]
    assert marks_of(opened)["d:3"]["s"] == "failed"


def test_marks_say_only_what_is_there() -> None:
    jobs = [job("a"), job("b", "running"), job("c", "running", canceling=True), job("d", "pending")]
    marks = marks_of(picture(dag_of(jobs, [("a", "b"), ("b", "d")]), now_ms=NOW))
    assert marks == {
        "a": {"s": "succeeded", "d": 1000, "k": 1},
        "b": {"s": "running", "t": to_ms(START), "k": 2},
        "c": {"s": "running", "c": 1, "t": to_ms(START), "n": "canceling"},
        "d": {"s": "pending", "n": "waits for 1", "k": 3},
    }


def test_an_update_holds_only_what_differs() -> None:
    before = marks_of(picture(scan_dag(java="running"), now_ms=NOW))
    after = marks_of(picture(scan_dag(java="failed"), now_ms=NOW))
    assert "scan.catalog:java" in changes(before, after)
    assert "scan.catalog:node" not in changes(before, after)
    assert changes(after, after) == {}


def test_a_hostile_name_is_spelled_out() -> None:
    assert job_title(job("t:\u202eevil")) == "t \\u202eevil"
    assert job_title(job("a.b.c")) == "a.b.c"


def test_what_is_not_drawn_has_no_scene() -> None:
    assert scene_of(picture(scan_dag(), now_ms=NOW, most=3)) == {}
