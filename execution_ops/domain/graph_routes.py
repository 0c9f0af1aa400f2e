"""How the edges run: in the gap between two layers each bundle has an upright lane of its own.

A bundle is all that enters one merge, or all that leaves one fan-out, whichever is larger. A route
is a list of numbers: x and y of the start, then for each gap the x of the lane and the y to which
it leads, at last the x of the end. Between them it runs level, then upright, then level again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from execution_ops.domain.graph_fold import Plan
from execution_ops.domain.graph_order import Layers

GAP_X = 38
_LANE_FREE = 11
"""Room between a lane and the items on either side."""
_LANE_PITCH = 8
_MOST_LANES = 24
_PORT_SHIFT = 6
_BELOW = 30
"""How far below the graph the edges run that are too long to be led through it."""


@dataclass(slots=True)
class Bundle:
    """Edge pieces that share one upright lane in one gap, and the heights between which it runs."""

    merges: bool
    top: int
    bottom: int
    lane: int = 0


class Routes:
    """The routes of all edges, given the order and the heights of the slots."""

    def __init__(self, plan: Plan, layers: Layers, middle: Sequence[int], bottom: int) -> None:
        self._layers, self._middle = layers, middle
        self._bundles: list[dict[tuple[int, int], Bundle]] = [{} for _ in layers.rows]
        below = bottom + _BELOW
        self.bottom = below + 1 if None in layers.ways else bottom
        self._legs = [
            self._lead(way) if way else self._lead_around(parent, child, below)
            for (parent, child), way in zip(plan.edges, layers.ways, strict=True)
        ]
        self.lanes = [_assign_lanes(list(bundles.values())) for bundles in self._bundles]

    def widths(self) -> list[int]:
        """How wide each gap has to be for its lanes."""
        return [max(GAP_X, 2 * _LANE_FREE + _pitch(lanes) * (lanes - 1)) for lanes in self.lanes]

    def routes(
        self, edges: Sequence[tuple[int, int]], left: Sequence[int], right: Sequence[int], item_right: Sequence[int]
    ) -> list[list[int]]:
        """Every edge's route. `left` and `right` are the sides of the layers, `item_right` of the items."""
        first = [
            start + (end - start - _pitch(lanes) * (lanes - 1)) // 2
            for start, end, lanes in zip(right, [*left[1:], *right[-1:]], self.lanes, strict=True)
        ]
        pitch = [_pitch(lanes) for lanes in self.lanes]
        routes = []
        for (parent, child), legs in zip(edges, self._legs, strict=True):
            route = [item_right[parent], self._middle[parent]]
            for gap, bundle, height in legs:
                route += [first[gap] + bundle.lane * pitch[gap], height]
            routes.append([*route, left[self._layers.layer[child]]])
        return routes

    def _lead(self, way: Sequence[int]) -> list[tuple[int, Bundle, int]]:
        middle, layers = self._middle, self._layers
        legs = []
        for one, other in pairwise(way):
            start, end = middle[one], middle[other]
            if start != end:
                fans = len(layers.after[one]) > len(layers.before[other])
                owner = (one, -1) if fans else (-1, other)
                legs.append((layers.layer[one], self._join(layers.layer[one], owner, start, end), end))
        return legs

    def _lead_around(self, parent: int, child: int, below: int) -> list[tuple[int, Bundle, int]]:
        first, last = self._layers.layer[parent], self._layers.layer[child] - 1
        start, end = self._middle[parent], self._middle[child]
        return [
            (first, self._join(first, (parent, -1), start, below), below),
            (last, self._join(last, (-1, child), below, end), end),
        ]

    def _join(self, gap: int, owner: tuple[int, int], start: int, end: int) -> Bundle:
        top, bottom = (start, end) if start < end else (end, start)
        bundle = self._bundles[gap].get(owner)
        if bundle is None:
            bundle = self._bundles[gap][owner] = Bundle(owner[1] >= 0, top, bottom)
        elif top < bundle.top or bottom > bundle.bottom:
            bundle.top, bundle.bottom = min(top, bundle.top), max(bottom, bundle.bottom)
        return bundle


def _pitch(lanes: int) -> int:
    return _LANE_PITCH if lanes <= _MOST_LANES else max(1, _LANE_PITCH * _MOST_LANES // lanes)


def _assign_lanes(bundles: list[Bundle]) -> int:
    """Give each bundle the first free lane: fan-outs from the left, merges from the right.

    Bundles in one lane never touch. Fan-outs being left of merges, the level lines of the two
    seldom meet. The number of lanes is the answer, at least 1.
    """
    used = 0
    for merges in (False, True):
        free_from: list[int] = []
        for bundle in sorted((b for b in bundles if b.merges is merges), key=lambda b: (b.top, b.bottom)):
            lane = next((n for n, y in enumerate(free_from) if y < bundle.top), len(free_from))
            if lane == len(free_from):
                free_from.append(0)
            free_from[lane] = bundle.bottom + _PORT_SHIFT
            bundle.lane = used + lane
        used += len(free_from)
    return max(1, used)
