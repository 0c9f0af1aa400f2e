"""The graph of a DAG as a page shows it: one picture from a reading, the wishes of the viewer and a cache.

`picture` puts the steps together: shape (structure without states), plan (what is folded), layout
(cached by the digest of the plan) and facts (what the states mean).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from execution_ops.domain.graph_facts import Facts
from execution_ops.domain.graph_fold import Plan, plan_of
from execution_ops.domain.graph_layout import Layout, LayoutCache
from execution_ops.domain.graph_shape import shape_of, subshape
from execution_ops.domain.jobs import Dag

ASK_ABOVE = 2000
"""A graph of more boxes is drawn only when the viewer says so."""

DRAW_MOST = 20_000
"""More boxes than this are never drawn: the table shows them."""

LAYOUTS = LayoutCache()


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw. `layout` is None when there are too many boxes to draw.

    `facts` cover the whole DAG; `plan` may show a part of it (the failed path).
    """

    facts: Facts
    plan: Plan
    layout: Layout | None

    @property
    def boxes(self) -> int:
        """How many boxes there are to draw, members of open fan-outs included."""
        return boxes_of(self.plan)


def picture(
    dag: Dag,
    *,
    now_ms: int,
    expanded: Set[str] = frozenset(),
    failed_only: bool = False,
    most: int = ASK_ABOVE,
    cache: LayoutCache = LAYOUTS,
) -> Picture:
    """The picture of a DAG. `expanded` holds keys of open fan-outs; unknown ones do nothing.

    `failed_only` shows the failed path, or everything if nothing has failed. A picture of more
    than `most` boxes gets no layout.
    """
    shape = shape_of(dag)
    facts = Facts(dag, shape, now_ms)
    keep = facts.failed_path() if failed_only else set()
    plan = plan_of(subshape(shape, keep) if keep else shape, expanded)
    return Picture(facts, plan, cache.get(plan) if boxes_of(plan) <= most else None)


def boxes_of(plan: Plan) -> int:
    """How many boxes a plan has: its items, and the members of open fan-outs."""
    return sum(len(item.members) if item.is_open else 1 for item in plan.items)
