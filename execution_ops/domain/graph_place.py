"""The second half of the layered layout: how high each item stands.

Each layer is placed by pool-adjacent-violators: of all placements that keep the order and the gaps,
the one nearest (least squares) to where the neighbours pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from execution_ops.domain.graph_order import Layers

GAP_Y = 18
_KNOT_GAP = 10
_SNAP = 12
"""A jog of at most this many pixels is straightened where there is room."""


def place_rows(layers: Layers, heights: Sequence[int]) -> list[int]:
    """The vertical middle of each slot in pixels. `heights` are those of the items, all even."""
    half = [height // 2 for height in heights] + [0] * (len(layers.layer) - layers.items)
    offsets = [_offsets(row, half, layers.items) for row in layers.rows]
    middle = [0.0] * len(layers.layer)
    for row, offset in zip(layers.rows, offsets, strict=True):
        for slot, at in zip(row, offset, strict=True):
            middle[slot] = at - offset[-1] / 2
    down, up = range(len(layers.rows)), range(len(layers.rows) - 1, -1, -1)
    small = len(layers.layer) <= 2500
    for way, pulls in ((down, (layers.before,)), (up, (layers.after,)), (down, (layers.before, layers.after))) * (
        2 if small else 1
    ):
        for index in way:
            _settle(layers, layers.rows[index], offsets[index], pulls, middle)
    rounded = [int(value // 1) for value in middle]
    for index in down:
        _snap(layers.rows[index], offsets[index], layers.before, (), rounded)
    for index in up:
        _snap(layers.rows[index], offsets[index], layers.after, layers.before, rounded)
    top = min((rounded[slot] - half[slot] for slot in range(len(rounded))), default=0)
    return [value - top for value in rounded]


def _offsets(row: Sequence[int], half: Sequence[int], items: int) -> list[int]:
    """The least distance of each slot's middle from that of the first in its layer."""
    offsets = [0]
    for above, slot in pairwise(row):
        gap = GAP_Y if above < items and slot < items else _KNOT_GAP
        offsets.append(offsets[-1] + half[above] + gap + half[slot])
    return offsets


def _settle(
    layers: Layers,
    row: Sequence[int],
    offset: Sequence[int],
    pulls: Sequence[Sequence[Sequence[int]]],
    middle: list[float],
) -> None:
    """Move one layer to where its neighbours pull it, as far as order and gaps allow."""
    strength = layers.strength
    blocks: list[tuple[float, float, int]] = []
    for slot, off in zip(row, offset, strict=True):
        own = 1.0 + strength[slot]
        wanted = weights = 0.0
        for pull in pulls:
            for other in pull[slot]:
                weight = own + strength[other]
                wanted += weight * middle[other]
                weights += weight
        if not weights:
            wanted, weights = middle[slot] * 0.1, 0.1
        mean, weight, count = wanted / weights - off, weights, 1
        while blocks and blocks[-1][0] >= mean:
            other_mean, other_weight, other_count = blocks.pop()
            mean = (mean * weight + other_mean * other_weight) / (weight + other_weight)
            weight += other_weight
            count += other_count
        blocks.append((mean, weight, count))
    at = 0
    for mean, _, count in blocks:
        for index in range(at, at + count):
            middle[row[index]] = mean + offset[index]
        at += count


def _snap(
    row: Sequence[int],
    offset: Sequence[int],
    towards: Sequence[Sequence[int]],
    fixed: Sequence[Sequence[int]],
    middle: list[int],
) -> None:
    """Move slots that stand a little off a neighbour's line onto it, where there is room.

    A slot that is already in line with one of its `fixed` neighbours stays.
    """
    for index, slot in enumerate(row):
        now = middle[slot]
        lines = [middle[other] for other in towards[slot]]
        if not lines or (fixed and any(middle[other] == now for other in fixed[slot])):
            continue
        line = min(lines, key=lambda y: (abs(y - now), y))
        if 0 < abs(line - now) <= _SNAP:
            above = middle[row[index - 1]] + offset[index] - offset[index - 1] if index else line
            below = middle[row[index + 1]] - offset[index + 1] + offset[index] if index + 1 < len(row) else line
            if above <= line <= below:
                middle[slot] = line
