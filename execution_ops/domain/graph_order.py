"""The first half of the layered layout: which layer an item is in, and its place among its neighbours.

Edges that skip layers are bundled per target: they share one chain of knots, one knot a layer, so
a merge gets one line however many far parents it has.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from execution_ops.domain.graph_fold import Plan
from execution_ops.domain.graph_shape import neighbours, topological_order

_KNOTS_PER_ITEM, _KNOTS_FREE = 2, 500
"""Bound the knots, and with them time and memory; longer edges then go around below the graph."""

_STRAIGHT = 4
"""How much more a piece of a long edge weighs than a short edge, so that long lines stay straight."""


@dataclass(slots=True)
class Layers:
    """Items and knots, ordered. Slots are numbered: first the items, then the knots.

    `rows` lists the slots of each layer from top to bottom. `before` and `after` hold the
    neighbours of each slot in the previous and the next layer. Two neighbours pull each other into
    line with 1 plus the `strength` of both. `ways` are the slots that each edge of the plan runs
    through, parent first; None for an edge that goes around below.
    """

    items: int
    layer: list[int]
    rows: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]
    strength: list[int]
    ways: list[list[int] | None]


def ordered_layers(plan: Plan) -> Layers:
    """Layers by longest path, each ordered so that few edges cross."""
    layers = _build(plan)
    best, fewest = [list(row) for row in layers.rows], _crossings(layers)
    for turn in range(_turns(len(layers.layer))):
        if not fewest:
            break
        _sweep(layers, layers.before, range(1, len(layers.rows)), last=turn % 2 == 1)
        _sweep(layers, layers.after, range(len(layers.rows) - 2, -1, -1), last=turn % 2 == 1)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(row) for row in layers.rows], crossings
        elif turn > 2:
            break
    layers.rows = best
    return layers


def _turns(slots: int) -> int:
    return 12 if slots <= 400 else 6 if slots <= 2500 else 2


def _build(plan: Plan) -> Layers:
    size = len(plan.items)
    layer = [0] * size
    for item in topological_order(plan.parents, plan.children):
        for child in plan.children[item]:
            layer[child] = max(layer[child], layer[item] + 1)
    knots, knot_layers = _knots(plan, layer)
    ways = [_way(parent, child, layer, knots) for parent, child in plan.edges]
    layer += knot_layers
    pieces = sorted({piece for way in ways if way for piece in pairwise(way)})
    found = Layers(
        items=size,
        layer=layer,
        rows=[],
        before=neighbours(len(layer), ((other, one) for one, other in pieces)),
        after=neighbours(len(layer), pieces),
        strength=[0] * size + [_STRAIGHT] * len(knot_layers),
        ways=ways,
    )
    found.rows = _first_order(found)
    return found


def _way(parent: int, child: int, layer: Sequence[int], knots: dict[tuple[int, int], int]) -> list[int] | None:
    if layer[parent] + 1 == layer[child]:
        return [parent, child]
    between = [knots.get((child, at), -1) for at in range(layer[parent] + 1, layer[child])]
    return None if between[0] < 0 else [parent, *between, child]


def _knots(plan: Plan, layer: Sequence[int]) -> tuple[dict[tuple[int, int], int], list[int]]:
    """Number a knot for each layer between a target and its farthest parent, short chains first."""
    spans = sorted(
        (layer[child] - 1 - min(layer[parent] for parent in parents), child)
        for child, parents in enumerate(plan.parents)
        if parents
    )
    size = len(plan.items)
    budget = _KNOTS_PER_ITEM * size + _KNOTS_FREE
    knots: dict[tuple[int, int], int] = {}
    layers: list[int] = []
    for span, child in spans:
        if len(layers) + span > budget:
            break
        for at in range(layer[child] - span, layer[child]):
            knots[child, at] = size + len(layers)
            layers.append(at)
    return knots, layers


def _first_order(layers: Layers) -> list[list[int]]:
    """Depth first from the top: what hangs together starts out together."""
    rows: list[list[int]] = [[] for _ in range(max(layers.layer, default=-1) + 1)]
    seen = [False] * len(layers.layer)
    stack = [slot for slot in range(len(layers.layer) - 1, -1, -1) if not layers.before[slot]]
    while stack:
        slot = stack.pop()
        if seen[slot]:
            continue
        seen[slot] = True
        rows[layers.layer[slot]].append(slot)
        stack.extend(reversed(layers.after[slot]))
    return rows


def _sweep(layers: Layers, towards: list[list[int]], indexes: range, *, last: bool) -> None:
    """Sort each layer by the weighted mean place of its neighbours in the layer just left.

    Ties keep their order on every other turn and swap on the rest, which frees stuck orders.
    """
    place = [0.0] * len(layers.layer)
    for row in layers.rows:
        for at, slot in enumerate(row):
            place[slot] = at
    strength = layers.strength
    for index in indexes:
        row = layers.rows[index]
        mean: dict[int, float] = {}
        for slot in row:
            total = weights = 0.0
            own = 1 + strength[slot]
            for other in towards[slot]:
                weight = own + strength[other]
                total += weight * place[other]
                weights += weight
            mean[slot] = total / weights if weights else place[slot]
        if last:
            row.reverse()
        row.sort(key=mean.__getitem__)
        for at, slot in enumerate(row):
            place[slot] = at


def _crossings(layers: Layers) -> int:
    """How many pairs of edge pieces cross."""
    total = 0
    place = [0] * len(layers.layer)
    for row, below in pairwise(layers.rows):
        for at, slot in enumerate(below):
            place[slot] = at
        ends: list[int] = []
        for slot in row:
            targets = [place[other] for other in layers.after[slot]]
            for target in targets:
                total += len(ends) - bisect_right(ends, target)
            for target in targets:
                insort(ends, target)
    return total
