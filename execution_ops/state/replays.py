"""The list of replay plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.topics import REPLAYS
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import Ask, LivePage
from execution_ops.state.plan_view import PlanLine, plan_line
from execution_ops.state.sending import send_changed

PAGE_SIZE = 50


@dataclass(frozen=True)
class Plans:
    """One page of plans."""

    lines: list[PlanLine]
    next_cursor: str | None


def read_plans(actor: Actor, cursor: str) -> Plans:
    """What the page shows; blocking."""
    page = services().replays.list(actor, cursor=cursor or None, limit=PAGE_SIZE)
    return Plans([plan_line(plan) for plan in page.plans], page.next_cursor)


class PlanRows(rx.State):
    """The rows, apart from all else."""

    rows: rx.Field[list[PlanLine]] = rx.field(default_factory=list)


class ReplaysPage(LivePage, rx.State):
    """The list's surroundings."""

    rows_on_page: int = 0
    first_href: str = ""
    next_href: str = ""

    def _cursor(self) -> str:
        return dict(query_pairs(self.router.url.query)).get("cursor", "")

    def _ask(self) -> Ask:
        actor, cursor = actor_of(self), self._cursor()
        return Ask(REPLAYS, ("plans", cursor, viewer_key(actor)), lambda: read_plans(actor, cursor))

    async def _show(self, answer: Any) -> None:
        send_changed(await self.get_state(PlanRows), rows=answer.lines)
        self.rows_on_page = len(answer.lines)
        self.first_href = routes.replays() if self._cursor() else ""
        self.next_href = routes.replays([("cursor", answer.next_cursor)]) if answer.next_cursor else ""
