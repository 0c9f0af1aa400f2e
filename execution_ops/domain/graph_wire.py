"""What the browser gets to draw a graph: the scene once, the marks of its boxes on every change.

Scene: `boxes` are [key, kind, title, x, y, width, height, order] with kind `node`, `stack` or
`frame`; members of a frame follow it. `order` is the place in reading order. `edges` are
[parent box, child box, ...route] (domain/graph_routes.py tells what a route is).

Marks: by key, without what is empty. A job: `s` state, `c` canceling, `t` started at (ms, while it
runs), `d` duration in ms, `n` note. A fan-out: `m`
[[state, count], ...]. Both: `k` place on the critical path, from 1.
"""

from __future__ import annotations

from typing import Any

from execution_ops.domain.graph_facts import Facts, count_states
from execution_ops.domain.graph_fold import Item, Kind, Plan
from execution_ops.domain.graph_layout import Box, Layout
from execution_ops.domain.graphs import Picture
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.states import JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import to_ms

Mark = dict[str, Any]


def job_title(row: JobRow) -> str:
    """How a graph calls a job: "catalog java", or the whole type where nothing tells siblings apart."""
    title = f"{row.job_type.rpartition('.')[2]} {row.label}" if row.label else row.job_type
    return visible(title)


def item_title(plan: Plan, item: Item, facts: Facts) -> str:
    """How a graph calls an item; a fan-out by the type of its first member."""
    row = facts.rows[facts.shape.index[plan.shape.ids[item.members[0]]]]
    return job_title(row) if item.kind is Kind.NODE else visible(row.job_type)


def scene_of(shown: Picture) -> dict[str, Any]:
    """The positions and routes of a picture, {} if it is not drawn."""
    layout, plan = shown.layout, shown.plan
    if layout is None:
        return {}
    place = {n: at for at, n in enumerate(_reading_order(layout))}
    boxes = []
    for number, (item, box) in enumerate(zip(plan.items, layout.boxes, strict=True)):
        boxes.append([item.key, item.kind.value, item_title(plan, item, shown.facts), *_sides(box), place[number]])
    for item in plan.items:
        for node in item.members if item.is_open else ():
            key = plan.shape.ids[node]
            title = job_title(shown.facts.rows[shown.facts.shape.index[key]])
            boxes.append([key, Kind.NODE.value, title, *_sides(layout.members[node]), len(boxes)])
    edges = [[*edge, *route] for edge, route in zip(plan.edges, layout.routes, strict=True)]
    return {"digest": layout.digest, "width": layout.width, "height": layout.height, "boxes": boxes, "edges": edges}


def marks_of(shown: Picture) -> dict[str, Mark]:
    """The mark of every box of a picture by its key, members of open fan-outs included."""
    facts, plan = shown.facts, shown.plan
    index = facts.shape.index
    critical = _critical_places(facts, plan)
    marks: dict[str, Mark] = {}
    for number, item in enumerate(plan.items):
        nodes = [index[plan.shape.ids[member]] for member in item.members]
        mark: Mark = {}
        if item.kind is Kind.NODE:
            mark = _mark(facts, nodes[0])
        else:
            mark["m"] = [[state.value, n] for state, n in count_states(facts.rows[node] for node in nodes).items()]
            if item.is_open:
                marks.update((facts.shape.ids[node], _mark(facts, node)) for node in nodes)
        if number in critical:
            mark["k"] = critical[number]
        marks[item.key] = mark
    return marks


def changes(base: dict[str, Mark], now: dict[str, Mark]) -> dict[str, Mark]:
    """The marks that differ from those that the browser has as its base."""
    return {key: mark for key, mark in now.items() if base.get(key) != mark}


def _mark(facts: Facts, node: int) -> Mark:
    row = facts.rows[node]
    mark: Mark = {"s": row.state.value}
    if row.canceling:
        mark["c"] = 1
    if row.state is JobState.RUNNING and row.started_at is not None:
        mark["t"] = to_ms(row.started_at)
    elif row.duration_ms is not None:
        mark["d"] = row.duration_ms
    note = facts.note(node)
    if note:
        mark["n"] = note
    return mark


def _critical_places(facts: Facts, plan: Plan) -> dict[int, int]:
    index = plan.shape.index
    ids = (facts.shape.ids[node] for node in facts.critical_path)
    items = dict.fromkeys(plan.item_of[index[node_id]] for node_id in ids if node_id in index)
    return {item: place for place, item in enumerate(items, start=1)}


def _reading_order(layout: Layout) -> list[int]:
    return sorted(range(len(layout.boxes)), key=lambda n: (layout.layers[n], layout.boxes[n].y))


def _sides(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.width, box.height
