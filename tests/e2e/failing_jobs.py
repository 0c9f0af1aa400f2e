"""A job type that fails as told, for stories about dead letters; web process and worker both know it."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import BaseModel

from execution_ops.domain.job_types import JobContext, JobFailed, JobResult, job_type

TYPE = "stories.fail"
# What `servers.running` starts in place of the console's own processes.
WEB = "import tests.e2e.failing_jobs as jobs; jobs.web()"
WORKER = "import tests.e2e.failing_jobs as jobs; jobs.worker()"


class Failure(BaseModel):
    """`error` is the message, `kind` the name of its type; the job succeeds once the file `cure` exists."""

    error: str
    kind: str = ""
    cure: Path | None = None


def fail(job: JobContext, payload: Failure) -> JobResult:
    """Fails for good, or succeeds once cured."""
    if payload.cure is not None and payload.cure.exists():
        return JobResult(value={"cured": True})
    if payload.kind:
        raise type(payload.kind, (Exception,), {})(payload.error)
    raise JobFailed(payload.error, permanent=True)


def register() -> None:
    """Make the type known to this process; the tests' own stays without it."""
    job_type(TYPE, queue="stories", payload=Failure, max_attempts=2, backoff_s=0)(fail)


def web() -> None:
    """The web process."""
    from execution_ops.server import serve
    from execution_ops.settings import settings

    register()
    serve(settings())


def worker() -> None:
    """The worker."""
    from execution_ops.cli import app

    register()
    sys.argv[1:] = ["worker"]
    app()
