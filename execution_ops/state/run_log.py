"""The log of the page that follows a run."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.run_events import RunLine, RunLog
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.domain.topics import run_feed_topic
from execution_ops.services.container import services
from execution_ops.state.log_window import LogOf, LogQuery, LogRow, LogWindow, Look
from execution_ops.texts import runs as words

# A line has to be seen within 300 ms of its commit, of which the feed and the painting take two thirds.
PACE_S = 0.1


def _read(actor: Actor, look: Look) -> RunLog:
    return services().run_stream.log(actor, look.query.subject, **look.wanted())


def log_row(line: RunLine) -> LogRow:
    """A line as it is shown."""
    where = words.segment(line.segment) if line.segment else "run"
    source = "" if line.source == "run" else visible(line.source)
    return LogRow(line.line, iso(line.at), line.level.value, line.text, where, source)


RUN_LOG = LogOf(
    topic=run_feed_topic,
    read=_read,
    row=log_row,
    href=routes.run_stream,
    download=lambda run_id: routes.api_run(run_id, "logs", [("format", "text")]),
)


class RunLogWindow(LogWindow, rx.State):
    """The window of the run's log. Of a run that goes on it opens at the end, of one that has ended at the start."""

    last_event: int = 0
    closed: bool = True

    _opened: str = ""

    def _log(self) -> LogOf:
        return RUN_LOG

    def _query(self) -> LogQuery:
        url = self.router.url
        return LogQuery.read(self.run_id, url.query, url.fragment)  # type: ignore[attr-defined]

    def _pace(self) -> float:
        return PACE_S

    async def _show(self, answer: Any) -> None:
        await super()._show(answer)
        feed = answer.part.feed
        self.last_event, self.closed = feed.last, feed.closed
        query = self._query()
        if self._opened != query.subject:
            self._opened = query.subject
            follow = not self.closed and not query.line
            if follow != self.follow:
                self.follow, self._from = follow, 0
                await self._refresh()
