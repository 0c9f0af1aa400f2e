"""The drawer of a worker: what it is, what it runs, what it did last, and its verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.errors import NotFound
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet import FleetWorker
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.states import JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.services.container import services
from execution_ops.state.sending import send_changed
from execution_ops.state.workers_view import JobLink, WorkerLine, job_link, worker_line
from execution_ops.texts import workers as words

JOBS_READ = 20
JOBS_LISTED = 8


@dataclass(frozen=True)
class Lately:
    """What is read of one worker beside the fleet: itself, None if nothing is remembered of it, and its last jobs."""

    worker_id: str
    worker: FleetWorker | None
    jobs: Sequence[JobRow]


def read_lately(actor: Actor, worker_id: str) -> Lately:
    """The worker, also one that the fleet lists no more, and the jobs that it ran last; blocking."""
    jobs = services().jobs.list(actor, JobFilter(worker=worker_id), limit=JOBS_READ).rows
    try:
        return Lately(worker_id, services().workers.get(actor, worker_id), jobs)
    except NotFound:
        return Lately(worker_id, None, jobs)


@dataclass(frozen=True)
class RunningLine:
    """A job that it runs now."""

    id: str
    name: str
    href: str
    since: str


@dataclass(frozen=True)
class DoneLine:
    """A job that it ran; `at` is empty where another try is to come."""

    id: str
    name: str
    href: str
    state: str
    duration_ms: int | None
    at: str


class WorkerDrawer(rx.State, mixin=True):
    """What the drawer shows. It is open while the address has `worker=<id>`.

    `is_missing` once it is known that nothing is remembered of the worker; before that, `opened` has no id.
    `has_lately` says that `done` is what this worker did.
    """

    open_id: str = ""
    is_missing: bool = False
    opened: WorkerLine = WorkerLine()
    concurrency: str = ""
    serves: rx.Field[list[JobLink]] = rx.field(default_factory=list)
    runs: rx.Field[list[RunningLine]] = rx.field(default_factory=list)
    runs_more: str = ""
    has_lately: bool = False
    done: rx.Field[list[DoneLine]] = rx.field(default_factory=list)

    _lately: Lately | None = None

    # what the page says of itself

    def _list_href(self) -> str:
        """The address without the drawer."""
        raise NotImplementedError

    # events

    @rx.event
    def close_drawer(self) -> Any:
        """Close the drawer."""
        return rx.redirect(self._list_href())

    # helpers

    def _show_drawer(self, worker_id: str, workers: Sequence[FleetWorker], off: str) -> None:
        """Show what the address opens: from the fleet, which is read most often, or as it was when it was in it."""
        lately = self._lately if self._lately and self._lately.worker_id == worker_id else None
        worker = next((one for one in workers if one.id == worker_id), lately.worker if lately else None)
        self.open_id = worker_id
        self.is_missing = lately is not None and worker is None
        self.has_lately = lately is not None and worker is not None
        more = worker.running - len(worker.jobs) if worker else 0
        send_changed(
            self,
            opened=worker_line(worker, off) if worker else WorkerLine(),
            concurrency=words.concurrency(worker.concurrency, worker.slots) if worker else "",
            serves=[queue_link(name) for name in worker.queues] if worker else [],
            runs=running_lines(worker) if worker else [],
            runs_more=words.more_jobs(more) if more > 0 else "",
            done=done_lines(lately.jobs) if lately and worker else [],
        )


def queue_link(name: str) -> JobLink:
    """A queue that it serves, and the jobs in it."""
    return JobLink(id=name, name=visible(name), href=routes.jobs([("queue", name)]))


def running_lines(worker: FleetWorker) -> list[RunningLine]:
    """The jobs that it runs, those that run longest first."""
    lines = []
    for job in worker.jobs:
        link = job_link(job.id, job.job_type, job.label)
        lines.append(RunningLine(link.id, link.name, link.href, iso(job.started_at)))
    return lines


def done_lines(jobs: Sequence[JobRow]) -> list[DoneLine]:
    """The jobs that it ran last and that do not run any more."""
    lines = []
    for row in [row for row in jobs if row.state is not JobState.RUNNING][:JOBS_LISTED]:
        link = job_link(row.id, row.job_type, row.label)
        ended = iso(row.finished_at) if row.finished_at else ""
        lines.append(DoneLine(link.id, link.name, link.href, row.state.value, row.duration_ms, ended))
    return lines
