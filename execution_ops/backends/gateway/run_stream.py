"""What runs of a remote tell."""

from __future__ import annotations

from execution_ops.backends.gateway.remote import LOG_MAX, PAGE_MAX, Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.scheduler import missing_run
from execution_ops.domain.capabilities import RUN_PARTS
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLine, RunLog, TargetBars
from execution_ops.routes import Rest


class _Log(Listed[RunLine]):
    start: int = 0
    total: int
    by_level: dict[LogLevel, int]
    feed: RunFeed


class RunStreams(Remote):
    """See `RunStreamBackend`."""

    def run_feed(self, run_id: str) -> RunFeed | None:
        """How far the events go; see RunStreamBackend."""
        self._needs(RUN_PARTS)
        return self._http.find(RunFeed, at(Rest.RUN_FEED, run_id=run_id))

    def run_events(self, run_id: str, *, after: int, limit: int) -> list[RunEvent]:
        """Events after a number; see RunStreamBackend."""
        self._needs(RUN_PARTS)
        events: list[RunEvent] = []
        while len(events) < limit:
            part = min(limit - len(events), PAGE_MAX)
            pairs = pairs_of(after=events[-1].seq if events else after or None, limit=part)
            found = self._http.find(Listed[RunEvent], at(Rest.RUN_EVENTS, run_id=run_id), pairs)
            events += found.items if found else ()
            if found is None or len(found.items) < part:
                break
        return events

    def run_log(
        self,
        run_id: str,
        *,
        after: int = 0,
        skip: int = 0,
        limit: int = 500,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> RunLog:
        """A window of the log; see RunStreamBackend."""
        self._needs(RUN_PARTS)
        pairs = pairs_of(
            cursor=after or None, skip=skip or None, limit=min(limit, LOG_MAX), level=level, text=text, last=last
        )
        page = self._http.find(_Log, at(Rest.RUN_LOGS, run_id=run_id), pairs)
        if page is None:
            raise missing_run(run_id)
        return RunLog(lines=page.items, start=page.start, total=page.total, by_level=page.by_level, feed=page.feed)

    def run_bars(self, run_id: str, segment: int) -> list[TargetBars]:
        """The targets of a segment with their jobs; see RunStreamBackend."""
        self._needs(RUN_PARTS)
        found = self._http.find(Listed[TargetBars], at(Rest.RUN_BARS, run_id=run_id, segment=segment))
        return [] if found is None else list(found.items)

    def run_artifacts(self, run_id: str, *, after: int, limit: int) -> list[RunArtifact]:
        """What the jobs left behind; see RunStreamBackend."""
        pairs = pairs_of(cursor=after or None, limit=limit)
        found = self._http.find(Listed[RunArtifact], at(Rest.RUN_ARTIFACTS, run_id=run_id), pairs)
        return [] if found is None else list(found.items)
