"""The port for how long jobs waited and ran. Every method is blocking and thread-safe."""

from __future__ import annotations

from typing import Protocol

from execution_ops.domain.job_times import EndedJobs


class TimesBackend(Protocol):
    """Reads what has ended, and nothing twice."""

    def ended_jobs(self, after: str, *, limit: int) -> EndedJobs:
        """The jobs that ended after the position, oldest first; from now on with an empty one.

        It is a walk along an index, no search: as much as ended, and at most `limit`.
        """
