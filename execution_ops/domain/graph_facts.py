"""What the states of a DAG's jobs mean: what failed, what waits behind it, and the critical path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from statistics import median_low

from execution_ops.domain.graph_fold import Kind, Plan
from execution_ops.domain.graph_shape import Shape, reach
from execution_ops.domain.jobs import Dag, JobRow
from execution_ops.domain.states import ENDED, RETRYABLE, JobState
from execution_ops.domain.times import to_ms

FAILED = frozenset({JobState.FAILED, JobState.TIMED_OUT})
"""What counts as failed. A canceled job holds its descendants too, but by choice."""


class Facts:
    """Answers about one reading of a DAG. `now_ms` is the moment up to which running jobs count."""

    def __init__(self, dag: Dag, shape: Shape, now_ms: int) -> None:
        by_id = {node.row.id: node.row for node in dag.nodes}
        self.shape = shape
        self.rows: list[JobRow] = [by_id[node_id] for node_id in shape.ids]
        self._now = now_ms

    @cached_property
    def counts(self) -> dict[JobState, int]:
        """How many jobs are in each state; states without jobs are left out."""
        return count_states(self.rows)

    @cached_property
    def failed(self) -> list[int]:
        """The jobs that failed or timed out."""
        return [node for node, row in enumerate(self.rows) if row.state in FAILED]

    @cached_property
    def blocked(self) -> set[int]:
        """The pending jobs with a failed, timed out or canceled ancestor."""
        return self.behind(node for node, row in enumerate(self.rows) if row.state in RETRYABLE)

    def behind(self, nodes: Iterable[int]) -> set[int]:
        """The pending jobs behind any of these."""
        return {node for node in reach(list(nodes), self.shape.children) if self.rows[node].state is JobState.PENDING}

    @cached_property
    def steps(self) -> list[int]:
        """The step of each job, from 1: one more than the last of its parents."""
        steps = [1] * len(self.rows)
        for node in self.shape.order:
            for child in self.shape.children[node]:
                steps[child] = max(steps[child], steps[node] + 1)
        return steps

    def failed_path(self) -> set[int]:
        """The jobs that stopped the DAG, all that led to them and all behind them."""
        stopped = [node for node, row in enumerate(self.rows) if row.state in RETRYABLE]
        return set(reach(stopped, self.shape.parents)) | set(reach(stopped, self.shape.children))

    def held_by(self, node: int) -> list[tuple[int, int]]:
        """The pending jobs behind a stopped job, each with its steps (1 is direct), nearest first."""
        if self.rows[node].state not in RETRYABLE:
            return []
        steps = reach([node], self.shape.children)
        held = [(step, other) for other, step in steps.items() if self.rows[other].state is JobState.PENDING]
        return [(other, step) for step, other in sorted(held)]

    def waits_for(self, node: int) -> list[int]:
        """The parents that have not succeeded."""
        return [parent for parent in self.shape.parents[node] if self.rows[parent].state is not JobState.SUCCEEDED]

    def elapsed_ms(self, node: int) -> int | None:
        """How long a job took, or has been running so far; None if it has not started."""
        row = self.rows[node]
        if row.state is JobState.RUNNING and row.started_at is not None:
            return max(0, self._now - to_ms(row.started_at))
        return row.duration_ms

    @cached_property
    def critical_path(self) -> list[int]:
        """The longest chain by time, parents first.

        Ended jobs count what they took, running ones what they took so far, the others what
        their family took in the median. Of equal chains the one with more jobs is taken, then the first.
        """
        cost = self._expected()
        best: list[tuple[int, int]] = [(0, 0)] * len(cost)
        came_from = [-1] * len(cost)
        for node in self.shape.order:
            for parent in self.shape.parents[node]:
                if best[parent] > best[node]:
                    best[node], came_from[node] = best[parent], parent
            best[node] = (best[node][0] + cost[node], best[node][1] + 1)
        node = max(range(len(cost)), key=best.__getitem__, default=-1)
        path = []
        while node >= 0:
            path.append(node)
            node = came_from[node]
        return path[::-1]

    @cached_property
    def critical_ms(self) -> int:
        """How long the critical path has taken so far."""
        return sum(self.elapsed_ms(node) or 0 for node in self.critical_path)

    def critical_items(self, plan: Plan) -> set[int]:
        """The items of a plan of the same DAG through which the critical path runs."""
        index = plan.shape.index
        ids = (self.shape.ids[node] for node in self.critical_path)
        return {plan.item_of[index[node_id]] for node_id in ids if node_id in index}

    def summary(self, plan: Plan) -> str:
        """The DAG in a sentence or two: its size, then what an operator has to know."""
        return f"{_size(plan)} {self._standing()}"

    def note(self, node: int) -> str:
        """What a node says next to its state when it has no time to show: why it waits, or its tries."""
        row = self.rows[node]
        if row.state is JobState.PENDING:
            if node in self.blocked:
                return "blocked"
            waiting = len(self.waits_for(node))
            return f"waits for {waiting}" if waiting else ""
        if row.canceling and row.state not in ENDED:
            return "canceling"
        if row.state is JobState.RUNNING and row.progress_total:
            return f"{row.progress_done}/{row.progress_total}"
        if row.attempts > 1 or (row.state in FAILED and row.max_attempts > 1):
            return f"{row.attempts}/{row.max_attempts}"
        return ""

    def _expected(self) -> list[int]:
        families: dict[str, list[int]] = {}
        for node, row in enumerate(self.rows):
            if row.state in ENDED and row.duration_ms is not None:
                families.setdefault(self.shape.families[node], []).append(row.duration_ms)
        usual = {family: median_low(times) for family, times in families.items()}
        return [
            elapsed if elapsed is not None else usual.get(self.shape.families[node], 0)
            for node, elapsed in enumerate(map(self.elapsed_ms, range(len(self.rows))))
        ]

    def _standing(self) -> str:
        counts = self.counts
        failed, behind = len(self.failed), len(self.blocked)
        canceled = counts.get(JobState.CANCELED, 0)
        parts = [f"{failed:,} failed"] if failed else []
        parts += [f"{canceled:,} canceled"] if canceled else []
        if behind:
            parts.append(f"{behind:,} {_verb(behind, 'wait')} behind {'it' if failed + canceled == 1 else 'them'}")
        if parts:
            return ", ".join(parts) + "."
        if counts.get(JobState.SUCCEEDED, 0) == len(self.rows):
            return "All succeeded."
        words = [f"{counts[state]:,} {state.value}" for state in JobState if state in counts]
        return ", ".join(words) + "."


def count_states(rows: Iterable[JobRow]) -> dict[JobState, int]:
    """How many rows are in each state, in the order of the states; only states that occur."""
    found: dict[JobState, int] = {}
    for row in rows:
        found[row.state] = found.get(row.state, 0) + 1
    return {state: found[state] for state in JobState if state in found}


def describe_stack(counts: dict[JobState, int]) -> str:
    """What a folded fan-out says: "397 ok, 3 failed"."""
    words = {JobState.SUCCEEDED: "ok", JobState.TIMED_OUT: "timed out"}
    return ", ".join(f"{count:,} {words.get(state, state.value)}" for state, count in counts.items())


def _size(plan: Plan) -> str:
    fans = sorted((len(item.members) for item in plan.items if item.kind is not Kind.NODE), reverse=True)
    nodes = _count(len(plan.items), "node")
    if not fans:
        return f"{nodes}."
    if len(fans) == 1:
        which = "which is" if len(plan.items) == 1 else "one of them"
        return f"{nodes}, {which} a fan-out of {fans[0]:,}."
    return f"{nodes}, {len(fans):,} of them fan-outs of {_several(fans)}."


def _several(figures: Sequence[int]) -> str:
    shown = [f"{figure:,}" for figure in figures[:3]]
    if len(figures) > 3:
        return f"up to {shown[0]}"
    return ", ".join(shown[:-1]) + f" and {shown[-1]}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verb(number: int, verb: str) -> str:
    return f"{verb}{'s' if number == 1 else ''}"
