"""A job type that waits until it may go on, for stories about workers; web process and workers know it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pydantic import BaseModel

from execution_ops.domain.job_types import JobContext, JobResult, job_type

TYPE = "stories.wait"
QUEUE = "stories"
# What `servers.running` starts in place of the console's own web process.
WEB = "import tests.e2e.waiting_jobs as jobs; jobs.web()"


class Wait(BaseModel):
    """The job ends once the file `go` exists."""

    go: Path


def wait(job: JobContext, payload: Wait) -> JobResult:
    """Waits as a well-behaved handler does."""
    pause = threading.Event()
    while not payload.go.exists():
        job.checkpoint()
        pause.wait(0.05)
    return JobResult()


def register() -> None:
    """Make the type known to this process."""
    job_type(TYPE, queue=QUEUE, payload=Wait, max_attempts=2, backoff_s=0)(wait)


def web() -> None:
    """The web process."""
    from execution_ops.server import serve
    from execution_ops.settings import settings

    register()
    serve(settings())


def worker_code(name: str, queues: str = QUEUE, *, version: str = "", concurrency: int = 2) -> str:
    """What `servers.running` starts as a worker of that name; `version` makes it another release's."""
    release = "import execution_ops.backends.embedded.fleet_control as control; "
    change = f"{release}control.__version__ = {version!r}; " if version else ""
    options = ["--name", name, "--queues", queues, "--concurrency", str(concurrency)]
    return f"{change}import tests.e2e.waiting_jobs as jobs; jobs.worker({options!r})"


def worker(options: list[str]) -> None:
    """A worker with these options."""
    from execution_ops.cli import app

    register()
    sys.argv[1:] = ["worker", *options]
    app()
