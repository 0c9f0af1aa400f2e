"""What a graph view draws: jobs, and fan-outs folded to one stack or opened to a frame of members."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b

from execution_ops.domain.graph_shape import Shape, neighbours

FOLD_ABOVE = 12
"""Siblings up to this many are drawn one by one."""


class Kind(StrEnum):
    """What an item is drawn as."""

    NODE = "node"
    STACK = "stack"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to draw. `key` is the job's id, or for a fan-out a key of its own that goes in the URL."""

    key: str
    kind: Kind
    members: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is a fan-out whose members are drawn."""
        return self.kind is Kind.FRAME


@dataclass(frozen=True)
class Plan:
    """The items to draw and the edges between them, by number of the item."""

    shape: Shape
    items: tuple[Item, ...]
    edges: tuple[tuple[int, int], ...]

    @cached_property
    def parents(self) -> list[list[int]]:
        """The parents of each item, ascending."""
        return neighbours(len(self.items), ((child, parent) for parent, child in self.edges))

    @cached_property
    def children(self) -> list[list[int]]:
        """The children of each item, ascending."""
        return neighbours(len(self.items), self.edges)

    @cached_property
    def item_of(self) -> dict[int, int]:
        """The item that shows each node."""
        return {node: number for number, item in enumerate(self.items) for node in item.members}

    @cached_property
    def digest(self) -> str:
        """A hash of all that the layout depends on."""
        hashed = blake2b(self.shape.digest.encode(), digest_size=16)
        hashed.update(repr([item.key for item in self.items if item.is_open]).encode())
        return hashed.hexdigest()


def plan_of(shape: Shape, expanded: Set[str] = frozenset()) -> Plan:
    """Fold the fan-outs of a shape: more than FOLD_ABOVE nodes of one family, parents and children.

    Those whose key is in `expanded` become frames, whose members are drawn one by one inside.
    """
    items = []
    for members in _siblings(shape):
        if len(members) > FOLD_ABOVE:
            key = _fold_key(shape, members[0])
            items.append(Item(key, Kind.FRAME if key in expanded else Kind.STACK, members))
        else:
            items += [Item(shape.ids[node], Kind.NODE, (node,)) for node in members]
    items.sort(key=lambda item: item.members)
    shown_by = {node: number for number, item in enumerate(items) for node in item.members}
    edges = sorted({(shown_by[parent], shown_by[child]) for parent, child in shape.edges})
    return Plan(shape, tuple(items), tuple(edges))


def _siblings(shape: Shape) -> list[tuple[int, ...]]:
    found: dict[tuple[str, tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for node, family in enumerate(shape.families):
        alike = (family, tuple(shape.parents[node]), tuple(shape.children[node]))
        found.setdefault(alike, []).append(node)
    return [tuple(members) for members in found.values()]


def _fold_key(shape: Shape, node: int) -> str:
    """Stays the same while the fan-out grows, because only family, parents and children go in."""
    around = ([shape.ids[n] for n in of[node]] for of in (shape.parents, shape.children))
    return "fan-" + blake2b(repr((shape.families[node], *around)).encode(), digest_size=6).hexdigest()
