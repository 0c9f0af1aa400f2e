"""Job types for tests: each does one thing that an engine has to cope with."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from execution_ops.domain.access import Scope
from execution_ops.domain.job_types import REGISTRY as EVERY_TYPE
from execution_ops.domain.job_types import Artifact, JobContext, JobFailed, JobResult, NodeSpec, Registry, job_type

REGISTRY = Registry()
QUEUE = "test"
STEPS = 5


def add_own(registry: Registry, module: str, *names: str) -> None:
    """Let a registry of tests know jobs of the console's own, which a module registers: all of them would take the
    processes of tests seconds to import."""
    importlib.import_module(module)
    for name in names:
        found = EVERY_TYPE.get(name)
        assert found is not None
        registry.add(found)


class Anything(BaseModel, extra="allow"):
    """Any payload."""


class Number(BaseModel):
    """A payload with one number."""

    value: int


class Marked(BaseModel):
    """Where a handler leaves and finds marks, so that a test can see and steer it."""

    marks: Path
    value: str = ""


def mark(path: Path, name: str) -> bool:
    """Leave a mark; False if it was there already."""
    try:
        (path / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def wait_for(job: JobContext, path: Path) -> None:
    """Wait until the mark is there, as a well-behaved handler does."""
    pause = threading.Event()
    while not path.exists():
        job.checkpoint()
        pause.wait(0.02)


@job_type("test.echo", queue=QUEUE, payload=Anything, registry=REGISTRY)
def echo(job: JobContext, payload: Anything) -> dict[str, Any]:
    """Gives its payload back."""
    job.log.info("hello from attempt %d", job.attempt)
    return payload.model_dump()


@job_type("test.guarded", queue=QUEUE, payload=Anything, registry=REGISTRY, scope=Scope.SCANNER)
def guarded(job: JobContext, payload: Anything) -> None:
    """Takes a permission of its own."""


@job_type("test.number", queue=QUEUE, payload=Number, registry=REGISTRY)
def number(job: JobContext, payload: Number) -> dict[str, Any]:
    """Doubles a number."""
    return {"value": payload.value * 2}


@job_type("test.flaky", queue=QUEUE, payload=Marked, max_attempts=3, backoff_s=0.2, registry=REGISTRY)
def flaky(job: JobContext, payload: Marked) -> dict[str, Any]:
    """Fails twice, then succeeds."""
    if job.attempt < 3:
        raise RuntimeError(f"not yet: attempt {job.attempt}")
    return {"attempt": job.attempt}


@job_type("test.switch", queue=QUEUE, payload=Marked, max_attempts=1, registry=REGISTRY)
def switch(job: JobContext, payload: Marked) -> dict[str, Any]:
    """Fails until the mark `on` is there."""
    if not (payload.marks / "on").exists():
        raise ValueError("switched off")
    return {}


@job_type("test.permanent", queue=QUEUE, payload=Anything, max_attempts=5, registry=REGISTRY)
def permanent(job: JobContext, payload: Anything) -> None:
    """Fails for good."""
    raise JobFailed("the input is broken: send another", permanent=True)


@job_type("test.wait", queue=QUEUE, payload=Marked, max_attempts=3, backoff_s=0, registry=REGISTRY)
def wait(job: JobContext, payload: Marked) -> dict[str, Any]:
    """Marks that it runs, then waits for the mark `go`."""
    mark(payload.marks, f"running-{job.attempt}-{payload.value}")
    wait_for(job, payload.marks / "go")
    return {"attempt": job.attempt}


class Steps(BaseModel):
    """How long each of the five steps takes, and the file to which each is added."""

    effects: Path
    pause_s: float


@job_type("test.steps", queue=QUEUE, payload=Steps, max_attempts=20, backoff_s=0.1, registry=REGISTRY)
def steps(job: JobContext, payload: Steps) -> dict[str, Any]:
    """Works in five steps, each of which leaves a trace outside of the ledger."""
    pause = threading.Event()
    for step in range(1, STEPS + 1):
        job.checkpoint()
        pause.wait(payload.pause_s)
        # One short write at the end of the file: those of several processes do not mix.
        with payload.effects.open("a") as effects:
            effects.write(f"{job.job_id} {job.attempt} {step}\n")
    job.log.info("all %d steps are done", STEPS)
    return {"steps": STEPS}


@job_type("test.slow", queue=QUEUE, payload=Marked, max_attempts=2, timeout_s=0.3, backoff_s=0, registry=REGISTRY)
def slow(job: JobContext, payload: Marked) -> None:
    """Waits for what never comes, asking whether it may go on."""
    wait_for(job, payload.marks / "never")


@job_type("test.deaf", queue=QUEUE, payload=Marked, max_attempts=1, timeout_s=0.3, registry=REGISTRY)
def deaf(job: JobContext, payload: Marked) -> dict[str, Any]:
    """Never asks; goes on when the mark `go` is there."""
    pause = threading.Event()
    while not (payload.marks / "go").exists():
        pause.wait(0.02)
    job.log.info("too late")
    job.progress(7, 7)
    mark(payload.marks, "deaf-ended")
    return {"late": True}


@job_type("test.deaf_long", queue=QUEUE, payload=Marked, max_attempts=3, registry=REGISTRY)
def deaf_long(job: JobContext, payload: Marked) -> None:
    """Never asks, and has time."""
    mark(payload.marks, "running")
    pause = threading.Event()
    while not (payload.marks / "go").exists():
        pause.wait(0.02)


@job_type("test.program", queue=QUEUE, payload=Marked, max_attempts=1, timeout_s=60, registry=REGISTRY)
def program(job: JobContext, payload: Marked) -> dict[str, Any]:
    """Runs a program that has a child of its own, and neither ends."""
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(payload.marks / 'pids.new')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(payload.marks / 'pids.new')!r}, {str(payload.marks / 'pids')!r})\n"
        "print('up', file=sys.stderr, flush=True)\n"
        "time.sleep(600)\n"
    )
    return {"code": job.run([sys.executable, "-c", script], stdout=job.work_dir / "out")}


@job_type("test.program_slow", queue=QUEUE, payload=Marked, max_attempts=1, timeout_s=1.5, registry=REGISTRY)
def program_slow(job: JobContext, payload: Marked) -> dict[str, Any]:
    """The same with little time."""
    return program(job, payload)


@job_type("test.poison", queue=QUEUE, payload=Anything, max_attempts=2, registry=REGISTRY)
def poison(job: JobContext, payload: Anything) -> None:
    """Kills its worker."""
    job.log.info("about to crash")
    os.kill(os.getpid(), signal.SIGKILL)


@job_type("test.fan", queue=QUEUE, payload=Number, registry=REGISTRY)
def fan(job: JobContext, payload: Number) -> JobResult:
    """Finds that many nodes to insert before `merge`."""
    nodes = tuple(
        NodeSpec(key=f"part-{i}", job_type="test.number", payload={"value": i}, label=str(i), group="parts")
        for i in range(payload.value)
    )
    return JobResult(value={"parts": payload.value}, fan_out=nodes, fan_in="merge")


@job_type("test.sum", queue=QUEUE, payload=Anything, registry=REGISTRY)
def total(job: JobContext, payload: Anything) -> dict[str, Any]:
    """Adds up what its parents found."""
    return {"sum": sum(result.value.get("value", 0) for result in job.parents().values())}


@job_type("test.files", queue=QUEUE, payload=Anything, registry=REGISTRY)
def files(job: JobContext, payload: Anything) -> JobResult:
    """Keeps a file."""
    path = job.work_dir / "report.txt"
    path.write_text("kept")
    return JobResult(artifacts=(job.keep(path, name="report.txt", media_type="text/plain"),))


def _twice(job: JobContext) -> JobResult:
    path = job.work_dir / "report.txt"
    path.write_text("kept")
    kept = job.keep(path, name="report.txt", media_type="text/plain")
    return JobResult(artifacts=(kept, kept))


WRONG_RESULTS: dict[str, Callable[[JobContext], Any]] = {
    "a word": lambda job: "ok",
    "an empty list": lambda job: [],
    "a number as a key": lambda job: {1: 2},
    "one name twice": _twice,
    "a name that cannot be stored": lambda job: JobResult(
        artifacts=(Artifact(name="a\0b", sha256="a" * 64, size=1, media_type="text/plain"),)
    ),
}


class Wrong(BaseModel):
    """Which of WRONG_RESULTS."""

    which: str


@job_type("test.wrong", queue=QUEUE, payload=Wrong, max_attempts=2, backoff_s=0, registry=REGISTRY)
def wrong(job: JobContext, payload: Wrong) -> Any:
    """Gives back what no handler may."""
    return WRONG_RESULTS[payload.which](job)


@job_type("test.chatty", queue=QUEUE, payload=Number, registry=REGISTRY)
def chatty(job: JobContext, payload: Number) -> None:
    """Logs that many lines."""
    for i in range(payload.value):
        job.log.info("line %d", i + 1)
