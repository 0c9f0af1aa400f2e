"""How long jobs waited and ran, for histograms."""

from __future__ import annotations

from typing import NamedTuple

from execution_ops.domain.states import JobState


class EndedJob(NamedTuple):
    """One job that has ended. Both times, in seconds, are those of its last try; `wait_s` counts from when it could
    have started, None where that is not known."""

    queue: str
    job_type: str
    state: JobState
    wait_s: float | None
    run_s: float | None


class EndedJobs(NamedTuple):
    """Some that ended one after the other; `position` is where to go on."""

    jobs: tuple[EndedJob, ...]
    position: str
