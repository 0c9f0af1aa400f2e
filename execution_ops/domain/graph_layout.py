"""Where everything stands: a layered layout from left to right, the same for the same structure."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate
from threading import Lock

from execution_ops.domain.graph_fold import Item, Kind, Plan
from execution_ops.domain.graph_order import ordered_layers
from execution_ops.domain.graph_place import place_rows
from execution_ops.domain.graph_routes import Routes

NODE_WIDTH, NODE_HEIGHT = 164, 42
STACK_HEIGHT = 56
FRAME_HEAD, FRAME_PADDING, FRAME_GAP = 30, 10, 8
_CACHED_BOXES = 50_000


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x and y are its upper left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of a plan's items, of the members inside its frames (by node), and its edges' routes."""

    digest: str
    boxes: tuple[Box, ...]
    members: dict[int, Box]
    routes: tuple[tuple[int, ...], ...]
    layers: tuple[int, ...]
    width: int
    height: int


def lay_out(plan: Plan) -> Layout:
    """Compute the layout of a plan."""
    layers = ordered_layers(plan)
    sizes = [_size(item) for item in plan.items]
    middle = place_rows(layers, [height for _, height in sizes])
    bottom = max((middle[n] + height // 2 for n, (_, height) in enumerate(sizes)), default=0)
    routes = Routes(plan, layers, middle, bottom)
    widths = [max((sizes[slot][0] for slot in row if slot < len(sizes)), default=NODE_WIDTH) for row in layers.rows]
    steps = [width + gap for width, gap in zip(widths, routes.widths(), strict=True)]
    left = list(accumulate(steps, initial=0))[:-1]
    right = [start + width for start, width in zip(left, widths, strict=True)]
    boxes = tuple(
        Box(left[layers.layer[n]], middle[n] - height // 2, width, height) for n, (width, height) in enumerate(sizes)
    )
    return Layout(
        digest=plan.digest,
        boxes=boxes,
        members={
            node: box
            for item, outer in zip(plan.items, boxes, strict=True)
            if item.is_open
            for node, box in zip(item.members, _grid(outer, len(item.members)), strict=True)
        },
        routes=tuple(map(tuple, routes.routes(plan.edges, left, right, [box.x + box.width for box in boxes]))),
        layers=tuple(layers.layer[: len(boxes)]),
        width=max((box.x + box.width for box in boxes), default=0),
        height=routes.bottom if boxes else 0,
    )


def _size(item: Item) -> tuple[int, int]:
    if item.kind is Kind.NODE:
        return NODE_WIDTH, NODE_HEIGHT
    if item.kind is Kind.STACK:
        return NODE_WIDTH, STACK_HEIGHT
    columns, rows = _columns(len(item.members))
    return (
        columns * (NODE_WIDTH + FRAME_GAP) - FRAME_GAP + 2 * FRAME_PADDING,
        FRAME_HEAD + rows * (NODE_HEIGHT + FRAME_GAP) - FRAME_GAP + FRAME_PADDING,
    )


def _columns(count: int) -> tuple[int, int]:
    """Columns and rows of a frame that is a little wider than high."""
    columns = max(1, round(math.sqrt(count * 1.4 * (NODE_HEIGHT + FRAME_GAP) / (NODE_WIDTH + FRAME_GAP))))
    return columns, -(-count // columns)


def _grid(outer: Box, count: int) -> list[Box]:
    columns, _ = _columns(count)
    return [
        Box(
            outer.x + FRAME_PADDING + number % columns * (NODE_WIDTH + FRAME_GAP),
            outer.y + FRAME_HEAD + number // columns * (NODE_HEIGHT + FRAME_GAP),
            NODE_WIDTH,
            NODE_HEIGHT,
        )
        for number in range(count)
    ]


class LayoutCache:
    """Layouts by digest, least recently used out first; bounded by the boxes they hold."""

    def __init__(self, most_boxes: int = _CACHED_BOXES) -> None:
        self._most = most_boxes
        self._boxes = 0
        self._kept: OrderedDict[str, Layout] = OrderedDict()
        self._lock = Lock()

    def get(self, plan: Plan) -> Layout:
        """The layout of the plan, computed at most once while it is kept."""
        with self._lock:
            found = self._kept.get(plan.digest)
            if found:
                self._kept.move_to_end(plan.digest)
                return found
        made = lay_out(plan)
        with self._lock:
            if made.digest not in self._kept:
                self._kept[made.digest] = made
                self._boxes += _weight(made)
            while self._boxes > self._most and self._kept:
                _, dropped = self._kept.popitem(last=False)
                self._boxes -= _weight(dropped)
        return made

    def __len__(self) -> int:
        return len(self._kept)


def _weight(layout: Layout) -> int:
    return len(layout.boxes) + len(layout.members) + len(layout.routes)
