"""The registry of job types: what a queue can run, and what a handler is given.

A handler is a plain function `handler(job: JobContext, payload: P) -> JobResult | dict | None`,
registered with `@job_type(...)`. Packages of third parties name a module under the entry point
group `execution_ops.job_types`; importing that module registers its handlers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.access import Actor, Scope, why_forbidden
from execution_ops.domain.baselines import PromotedBaseline

if TYPE_CHECKING:
    from execution_ops.domain.scan_memory import ScanMemory

ENTRY_POINT_GROUP = "execution_ops.job_types"
# The console's own jobs: what carries out a bulk verb, drives a replay plan, plans runs, measures.
BULK_TYPE = "ops.bulk"
DRIVER_TYPE = "ops.replay"
PLANNER_TYPE = "ops.plan"
BENCH_TYPE = "bench.run"
OWN_TYPES = frozenset({BULK_TYPE, DRIVER_TYPE, PLANNER_TYPE, BENCH_TYPE})
BENCH_QUEUE = "bench"
# Jobs that would disturb each other: a worker runs one of such a queue at a time.
QUEUES_OF_ONE = frozenset({BENCH_QUEUE})
ATTEMPTS_MAX = 100
# The ledger keeps milliseconds in 31 bits.
TIMEOUT_MAX_S = 24 * 24 * 3600.0
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class NodeSpec(BaseModel):
    """One job of a DAG before it exists.

    `key` is unique in the DAG and never changes; `after` names the keys of its parents;
    `label` is the word that tells it from its siblings ("java"); `group` folds siblings into
    one node when they are many. `timeout_s` takes the place of its type's, for each attempt.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    job_type: str
    payload: dict[str, Any] = Field(default_factory=dict)
    after: tuple[str, ...] = ()
    label: str = ""
    group: str = ""
    priority: int = 0
    timeout_s: float | None = Field(default=None, gt=0, le=TIMEOUT_MAX_S)


class DagSpec(BaseModel):
    """A whole DAG as declared before anything of it runs. A single job is a DAG of one node."""

    model_config = ConfigDict(frozen=True)

    title: str
    nodes: tuple[NodeSpec, ...]


class Artifact(BaseModel):
    """A stored file: `name` for people, content addressed by its SHA-256."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    size: int
    media_type: str


class JobResult(BaseModel):
    """What a handler hands back: JSON for its result, files, and the fan-out that it found.

    `fan_out` lists nodes to insert between this node and `fan_in`: they run after this node, and
    the node named by `fan_in` (already declared) waits for all of them. They are stored in the
    same transaction as this node's success, with ids from `child_id`, so it happens once.
    """

    value: dict[str, Any] = Field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()
    fan_out: tuple[NodeSpec, ...] = ()
    fan_in: str = ""


class JobCanceled(Exception):
    """Raised inside a handler by `checkpoint` or `run` once the job's cancel was asked for."""


class JobTimedOut(Exception):
    """Raised inside a handler by `checkpoint` or `run` once its time is over."""


class JobFailed(Exception):
    """A failure whose message tells the operator what to do.

    `permanent` failures are not tried again: the same input would fail the same way.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class JobContext(Protocol):
    """What a running handler may use."""

    job_id: str
    dag_id: str
    node_key: str
    tenant: str
    attempt: int
    log: logging.Logger
    """Lines logged here are kept with the job and shown live."""

    work_dir: Path
    """A private directory of this attempt, removed when the attempt ends."""

    scan_roots: tuple[Path, ...]

    @property
    def syft(self) -> str:
        """The Syft command of the settings or else of the active kit, for `scanner.syft.find`; empty: the one that
        is installed."""

    memory: ScanMemory
    """What the jobs of scans keep for those that come later."""

    def checkpoint(self) -> None:
        """Raise JobCanceled or JobTimedOut if the job must stop now. Call it often."""

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Show how far the job is."""

    def run(self, command: Sequence[str], *, stdout: Path, env: Mapping[str, str] | None = None) -> int:
        """Run a program to its end, stdout into a file, stderr line by line into `log`; its exit code.

        The whole process group is killed on cancel and on timeout, which then raise here.
        FileNotFoundError if there is no such program.
        """

    def parents(self) -> Mapping[str, JobResult]:
        """The results of this node's parents, by node key."""

    def keep(self, path: Path, *, name: str, media_type: str) -> Artifact:
        """Move a file from `work_dir` into the artifact store."""

    def open_artifact(self, sha256: str) -> Path:
        """The path of a stored artifact, for reading."""

    def promoted_baseline(self, source: str) -> PromotedBaseline | None:
        """What scans of this source, a path, compare with in the job's tenant; None if nothing is promoted."""


Handler = Callable[[JobContext, Any], JobResult | dict[str, Any] | None]


class JobType(BaseModel):
    """A registered kind of job. Times are in seconds; `payload` validates every payload.

    `side_effects` says what another run of the same job would do once more out there ("sends the
    mail again"); empty when a run can be repeated freely. Who replays a dead letter is warned of it.
    `scheduled` says of one of the console's own that a schedule may start it, though nobody else may by itself.
    `scope` is the permission that it took to start one: it runs in the name of who did, so who starts it again
    needs it as well. `witnessed` says that the audit tells who took its files.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    queue: str
    handler: Handler
    payload: type[BaseModel]
    description: str = ""
    max_attempts: int = Field(default=3, ge=1, le=ATTEMPTS_MAX)
    timeout_s: float = Field(default=300.0, gt=0, le=TIMEOUT_MAX_S)
    backoff_s: float = Field(default=2.0, ge=0)
    backoff_max_s: float = Field(default=300.0, ge=0)
    side_effects: str = ""
    scheduled: bool = False
    scope: Scope | None = None
    witnessed: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is the console's own: its payload says on whose behalf it acts, so nobody may give it one."""
        return self.handler.__module__.partition(".")[0] == __name__.partition(".")[0]

    @property
    def for_schedules(self) -> bool:
        """Whether a schedule may start it."""
        return self.scheduled or not self.is_own

    def backoff_ms(self, attempt: int) -> int:
        """How long to wait after the failed attempt number `attempt` (1 is the first)."""
        return int(min(self.backoff_max_s, self.backoff_s * 2 ** min(attempt - 1, 30)) * 1000)


class Registry:
    """The job types that this process knows, by name."""

    def __init__(self) -> None:
        self._types: dict[str, JobType] = {}

    def add(self, entry: JobType) -> None:
        """Register a type; ValueError if the name is malformed or already someone else's."""
        if not _NAME.fullmatch(entry.name):
            raise ValueError(f"job type {entry.name!r}: use lower-case words joined by dots")
        known = self._types.get(entry.name)
        if known is not None and known.handler is not entry.handler:
            raise ValueError(f"job type {entry.name!r} is registered twice")
        self._types[entry.name] = entry

    def get(self, name: str) -> JobType | None:
        """The type of that name, None if this process does not know it."""
        return self._types.get(name)

    def why_not_again(self, actor: Actor, name: str, tenant: str = "") -> str:
        """Why the actor may not start a job of this type again (of that tenant), in words; "" if the verb's own
        permission is enough."""
        entry = self._types.get(name)
        return why_forbidden(actor, entry.scope, tenant) if entry is not None and entry.scope is not None else ""

    def all(self) -> tuple[JobType, ...]:
        """Every known type, by name."""
        return tuple(self._types[name] for name in sorted(self._types))

    def queues(self) -> tuple[str, ...]:
        """The queues that the known types use, by name."""
        return tuple(sorted({entry.queue for entry in self._types.values()}))

    def load_entry_points(self) -> None:
        """Import what other packages registered under the entry point group."""
        for entry in entry_points(group=ENTRY_POINT_GROUP):
            entry.load()


REGISTRY = Registry()


def job_type(
    name: str,
    *,
    queue: str,
    payload: type[BaseModel],
    max_attempts: int = 3,
    timeout_s: float = 300.0,
    backoff_s: float = 2.0,
    side_effects: str = "",
    scheduled: bool = False,
    scope: Scope | None = None,
    witnessed: bool = False,
    registry: Registry = REGISTRY,
) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of a job type; its docstring describes it."""

    def register(handler: Handler) -> Handler:
        description = (handler.__doc__ or "").strip().split("\n")[0]
        registry.add(
            JobType(
                name=name,
                queue=queue,
                handler=handler,
                payload=payload,
                description=description,
                max_attempts=max_attempts,
                timeout_s=timeout_s,
                backoff_s=backoff_s,
                side_effects=side_effects,
                scheduled=scheduled,
                scope=scope,
                witnessed=witnessed,
            )
        )
        return handler

    return register
