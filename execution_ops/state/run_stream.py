"""The page that follows a run: how far it is, its segments over time, and the verbs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import check_id
from execution_ops.domain.query_values import by_key, last
from execution_ops.domain.run_events import TargetBars
from execution_ops.domain.runs import RunTarget
from execution_ops.domain.states import TargetState
from execution_ops.domain.times import iso, to_ms
from execution_ops.domain.topics import run_feed_topic, run_topic
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.services.runs import RunDetail
from execution_ops.state.actor import actor_of
from execution_ops.state.filtered import query_pairs
from execution_ops.state.live import Ask
from execution_ops.state.run_gantt_view import GanttRow, gantt_rows
from execution_ops.state.run_stream_view import Figure, Lag, Phase, deltas_lines, figures, headline, lag, phases
from execution_ops.state.run_verbs import RunVerbs
from execution_ops.state.run_view import RunView, run_view, say_run_deltas

# So many failed targets are marked on the time lines.
FAILED_SHOWN = 200
_DIGITS = 9


@dataclass(frozen=True)
class Opened:
    """What the page reads in one go; `bars` are the targets of the open segment."""

    detail: RunDetail
    failed: Sequence[RunTarget]
    segment: int
    bars: Sequence[TargetBars]


def read_stream(actor: Actor, run_id: str, segment: int) -> Opened:
    """The run as its page shows it; blocking."""
    service = services()
    detail = service.runs.get(actor, run_id)
    some = detail.run.counts.of(TargetState.FAILED)
    failed = service.runs.targets(actor, run_id, limit=FAILED_SHOWN, states=(TargetState.FAILED,)) if some else ()
    bars = service.run_stream.bars(actor, run_id, segment) if segment else ()
    return Opened(detail, failed, segment, bars)


class RunChart(rx.State):
    """The rows of the time lines, apart from all else."""

    rows: rx.Field[list[GanttRow]] = rx.field(default_factory=list)


class RunStreamPage(RunVerbs, rx.State):
    """One run as it goes."""

    run: RunView = RunView()
    headline: str = ""
    made_at: str = ""
    schedule_href: str = ""
    drawer_href: str = ""
    percent: str = ""
    phases: rx.Field[list[Phase]] = rx.field(default_factory=list)
    figures: rx.Field[list[Figure]] = rx.field(default_factory=list)
    deltas: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    deltas_words: str = ""
    begin: int = 0
    end: int | None = None
    lag: Lag = Lag()

    # addresses

    def _segment(self) -> int:
        """The segment that is open, 0 for none; InvalidInput for what no run could have."""
        text = last(by_key(query_pairs(self.router.url.query)), "segment") or "0"
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
            raise InvalidInput("segment is the number of a segment of the run.")
        return int(text)

    def _href(self, segment: int) -> str:
        pairs = [pair for pair in query_pairs(self.router.url.query) if pair[0] != "segment"]
        return routes.run_stream(self.run.id, [*pairs, *([("segment", str(segment))] if segment else [])])

    # LivePage

    def _ask(self) -> Ask:
        run_id, segment, actor = check_id(self.run_id), self._segment(), actor_of(self)  # type: ignore[attr-defined]
        # Jobs begin and end without a change of their run; only who looks at them has to know.
        topic = run_feed_topic(run_id) if segment else run_topic(run_id)
        key = ("run_stream", run_id, segment, viewer_key(actor))
        return Ask(topic, key, lambda: read_stream(actor, run_id, segment), lambda: services().summary.health(actor))

    async def _show(self, answer: Any) -> None:
        opened: Opened = answer
        detail, run, now = opened.detail, opened.detail.run, datetime.now(UTC)
        self._take_detail(detail)
        self.run = run_view(run)
        self.headline = headline(run, detail.segments, now)
        self.made_at = iso(run.created_at)
        self.schedule_href = routes.schedule(run.schedule_id)
        self.drawer_href = routes.run(run.id)
        planned = run.counts.planned
        self.percent = f"{100 * run.counts.done // planned} %" if planned else ""
        self.phases, self.figures = phases(run, detail.segments), figures(run)
        self.deltas, self.deltas_words = deltas_lines(run), say_run_deltas(run)
        self.begin = to_ms(run.started_at or run.created_at)
        self.end = None if run.finished_at is None else max(self.begin + 1, to_ms(run.finished_at))
        segment = (opened.segment, opened.bars) if opened.segment else None
        rows = gantt_rows(run, detail.segments, opened.failed, segment, now, self._href)
        chart = await self.get_state(RunChart)
        if chart.rows != rows:
            chart.rows = rows

    def _show_beside(self, beside: Any) -> None:
        self._show_wait(beside)
        if self._detail is not None:
            self.lag = lag(beside.queues, self._detail.run.queue)

    # RunVerbs

    def _made_href(self, run_id: str) -> str:
        return routes.run_stream(run_id)
