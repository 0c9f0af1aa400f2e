"""A job type that fails as told, for stories about dead letters; web process and worker both know it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pydantic import BaseModel

from execution_ops.domain.job_types import REGISTRY, JobContext, JobFailed, JobResult, Registry, job_type

TYPE = "stories.fail"
LOOK_TYPE = "stories.look"
QUEUE = "stories"
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


class Look(BaseModel):
    """`target` is looked at once the file `go` exists; one whose name has `bad` fails, until `cure` exists."""

    target: str = ""
    go: Path
    cure: Path


def look(job: JobContext, payload: Look) -> JobResult:
    """Waits, then succeeds or fails by the name of its target."""
    pause = threading.Event()
    while not payload.go.exists():
        job.checkpoint()
        pause.wait(0.02)
    if "bad" in payload.target and not payload.cure.exists():
        raise JobFailed(f"{payload.target} is damaged", permanent=True)
    return JobResult(value={"looked": True})


def register(registry: Registry = REGISTRY) -> None:
    """Make the types known to this process, or to a registry of its own; the tests' own stays without them."""
    job_type(TYPE, queue=QUEUE, payload=Failure, max_attempts=2, backoff_s=0, registry=registry)(fail)
    job_type(LOOK_TYPE, queue=QUEUE, payload=Look, max_attempts=1, registry=registry)(look)


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
