"""The structure of a DAG: who waits for whom, without states, cleaned of what would break a layout."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from execution_ops.domain.jobs import Dag

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Shape:
    """A directed graph without cycles.

    Nodes are numbered in canonical order (natural order of their key, then id), so the same DAG
    gives the same shape however the engine listed it. `families` name what a node may be folded
    with (its group, else its job type). `edges` are (parent, child) numbers, sorted, each once.
    `ignored` counts the edges that bad data brought: unknown ends, self-loops, closed cycles.
    """

    ids: tuple[str, ...]
    families: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    ignored: int = 0

    @cached_property
    def parents(self) -> list[list[int]]:
        """The parents of each node, ascending."""
        return neighbours(len(self.ids), ((child, parent) for parent, child in self.edges))

    @cached_property
    def children(self) -> list[list[int]]:
        """The children of each node, ascending."""
        return neighbours(len(self.ids), self.edges)

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each id."""
        return {node_id: number for number, node_id in enumerate(self.ids)}

    @cached_property
    def order(self) -> list[int]:
        """The nodes with every parent before its children."""
        return topological_order(self.parents, self.children)

    @cached_property
    def digest(self) -> str:
        """A hash of the structure alone: equal as long as no node or edge comes or goes."""
        hashed = blake2b(digest_size=16)
        for part in (self.ids, self.families, self.edges):
            hashed.update(repr(part).encode())
        return hashed.hexdigest()


def neighbours(size: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Adjacency lists of `size` nodes: what follows each first member of the pairs."""
    found: list[list[int]] = [[] for _ in range(size)]
    for one, other in pairs:
        found[one].append(other)
    return found


def topological_order(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]) -> list[int]:
    """Kahn's order, smallest number first within a wave. Nodes on or behind a cycle are left out."""
    missing = [len(of) for of in parents]
    ready = deque(node for node, count in enumerate(missing) if not count)
    order = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for child in children[node]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return order


def shape_of(dag: Dag) -> Shape:
    """The shape of a DAG. Never fails on bad data: what makes no sense is left out and counted."""
    nodes = {node.row.id: node for node in dag.nodes}
    ranked = sorted(nodes.values(), key=lambda node: (_natural(node.row.node_key), node.row.id))
    index = {node.row.id: number for number, node in enumerate(ranked)}
    known = {
        (index[parent], index[child])
        for parent, child in dag.edges
        if parent in index and child in index and parent != child
    }
    edges = _without_cycles(len(ranked), sorted(known))
    return Shape(
        ids=tuple(index),
        families=tuple(node.group or node.row.job_type for node in ranked),
        edges=tuple(edges),
        ignored=len(set(dag.edges)) - len(edges),
    )


def subshape(shape: Shape, keep: set[int]) -> Shape:
    """The part of a shape that has only the given nodes, and the edges between them."""
    kept = sorted(keep)
    renumbered = {old: new for new, old in enumerate(kept)}
    return Shape(
        ids=tuple(shape.ids[old] for old in kept),
        families=tuple(shape.families[old] for old in kept),
        edges=tuple((renumbered[a], renumbered[b]) for a, b in shape.edges if a in renumbered and b in renumbered),
        ignored=shape.ignored,
    )


def reach(starts: Iterable[int], follow: Sequence[Sequence[int]]) -> dict[int, int]:
    """Every node reached from the starts along `follow`, with its least number of steps (starts: 0)."""
    steps = dict.fromkeys(starts, 0)
    queue = deque(steps)
    while queue:
        node = queue.popleft()
        for other in follow[node]:
            if other not in steps:
                steps[other] = steps[node] + 1
                queue.append(other)
    return steps


def _natural(text: str) -> list[tuple[int, str]]:
    """A sort key under which "part 2" comes before "part 10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(text)[:64]]


def _without_cycles(size: int, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges less those that close a cycle: a node of the cycle is let go first, in spite of its parents."""
    children = neighbours(size, edges)
    parents = neighbours(size, ((child, parent) for parent, child in edges))
    missing = [len(of) for of in parents]
    place: dict[int, int] = {}
    ready = deque(node for node, count in enumerate(missing) if not count)
    for first in range(size):
        while first not in place:
            if not ready:
                ready.append(_on_cycle(first, parents, place))
            while ready:
                node = ready.popleft()
                place[node] = len(place)
                for child in children[node]:
                    missing[child] -= 1
                    if not missing[child] and child not in place:
                        ready.append(child)
    return [(parent, child) for parent, child in edges if place[parent] < place[child]]


def _on_cycle(start: int, parents: Sequence[Sequence[int]], place: dict[int, int]) -> int:
    """A node of the cycle that `start` waits for, found by walking back through unplaced parents."""
    seen: set[int] = set()
    node = start
    while node not in seen:
        seen.add(node)
        node = next(parent for parent in parents[node] if parent not in place)
    return node
