"""What an engine tells of a run while it goes. Callers have checked that the viewer may see the run."""

from __future__ import annotations

from typing import Protocol

from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLog, TargetBars


class RunStreamBackend(Protocol):
    """The events of runs. Tenants are not asked here: `RunBackend.get_run` has answered for them."""

    def run_feed(self, run_id: str) -> RunFeed | None:
        """How far the events of a run go; None if there is no such run."""

    def run_events(self, run_id: str, *, after: int, limit: int) -> list[RunEvent]:
        """Events with a number above `after`, oldest first; never one before others with smaller numbers."""

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
        """Lines numbered above `after`, at least `level`, containing `text`, without the first `skip`.

        `last` takes the end instead.
        """

    def run_bars(self, run_id: str, segment: int) -> list[TargetBars]:
        """The targets of a segment with their jobs, in the order of the plan."""

    def run_artifacts(self, run_id: str, *, after: int, limit: int) -> list[RunArtifact]:
        """What the jobs of the `limit` targets after number `after` left behind, in the order of the plan."""
