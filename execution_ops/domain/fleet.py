"""The worker fleet: what each worker is, what it may be asked, and what an operator should know of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.jobs import Worker
from execution_ops.domain.states import WorkerState
from execution_ops.domain.text import visible
from execution_ops.domain.times import Instant, describe_duration, iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP

NAME_MAX = 64
QUEUE_MAX = 100
# How long the list has a worker that has ended, and how many of them; how long it is remembered by its id.
GONE_KEEP_MS = 24 * 3_600_000
GONE_MAX = 100
REMEMBERED_MS = 30 * 24 * 3_600_000
# How many of its running jobs are named with a worker; the list of jobs has them all.
JOBS_SHOWN = 4
GONE_FOR_LONG = "There is no such worker, or it ended long ago."
REACH = "Workers run the jobs of all tenants: only who may act for all tenants can drain, resume or stop one."
# What DBOS keeps for its own queues.
_RESERVED = "_dbos_"
_LIVING = (WorkerState.ONLINE, WorkerState.DRAINING, WorkerState.DRAINED)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(StrEnum):
    """What an operator asked of a worker and it keeps to: a `stop` is a drain after which the process ends."""

    NOTHING = ""
    DRAIN = "drain"
    STOP = "stop"


class WorkerJob(_Frozen):
    """A job that runs on a worker now."""

    id: str
    job_type: str
    label: str
    tenant: str
    started_at: Instant


class FleetWorker(Worker):
    """A worker as the page of the fleet shows it.

    `slots` is how many jobs it takes at once from all its queues together; `jobs` are a few of those that
    run, of the tenants that the viewer sees. `memory_bytes` and `cpu_percent` (of one core) are those of its
    own process as of its last heartbeat, None where they are not known. `asked_at` and `asked_by` tell who
    changed last what is asked of it, also a resume. `late` says that a heartbeat is overdue.
    """

    name: str
    slots: int
    jobs: tuple[WorkerJob, ...] = ()
    memory_bytes: int | None = None
    cpu_percent: int | None = None
    asked: Asked = Asked.NOTHING
    asked_at: Instant | None = None
    asked_by: str = ""
    asked_reason: str = ""
    revision: int = 1
    late: bool = False

    @property
    def gone(self) -> bool:
        """Whether its process has ended, or is taken for dead."""
        return self.ended_at is not None

    @property
    def takes(self) -> bool:
        """Whether it takes new jobs."""
        return not self.gone and self.state is WorkerState.ONLINE


class QueueNeed(_Frozen):
    """A queue that has jobs which may start, by how many."""

    queue: str
    waiting: int


class Fleet(_Frozen):
    """All workers that live or ended lately, and the queues in which jobs wait."""

    workers: tuple[FleetWorker, ...]
    waiting: tuple[QueueNeed, ...]
    as_of: Instant


class WarningKind(StrEnum):
    """What an operator is warned of."""

    NO_WORKER = "no_worker"
    ALL_DRAIN = "all_drain"
    LATE = "late"
    VERSIONS = "versions"


class FleetWarning(_Frozen):
    """A sentence, and the queue, worker or version that it is about."""

    kind: WarningKind
    sentence: str
    queue: str = ""
    worker_id: str = ""
    version: str = ""


class WorkerOutcome(_Frozen):
    """What a verb did to one worker; `why` in words if it was refused."""

    id: str
    done: bool
    why: str = ""
    state: WorkerState | None = None


def check_name(name: str) -> str:
    """The name of a worker; InvalidInput for one that could not be told apart or shown on a line."""
    if not name or len(name) > NAME_MAX or name != name.strip() or visible(name) != name:
        raise InvalidInput(f"A worker's name is a line of 1 to {NAME_MAX} characters without blanks around it.")
    return name


def check_queues(queues: Sequence[str]) -> tuple[str, ...]:
    """The queues that a worker serves, each once; InvalidInput for a name that no queue has."""
    for queue in queues:
        if not queue or len(queue) > QUEUE_MAX or visible(queue) != queue or queue.startswith(_RESERVED):
            raise InvalidInput(f"{visible(queue)[:QUEUE_MAX]!r} is no name of a queue.")
    return tuple(dict.fromkeys(queues))


def refusal(worker: FleetWorker, verb: Verb, seen: int | None = None) -> str:
    """Why the verb can do nothing to the worker, in words; empty if it can.

    `seen` is the revision that the caller had looked at, None: no matter.
    """
    if worker.ended_at is not None:
        return f"It ended at {iso(worker.ended_at)}: nothing can be asked of it any more."
    if seen is not None and seen != worker.revision:
        return f"{_who(worker)} changed what is asked of it{_when(worker)}, after you had looked: look again."
    if verb is WORKER_RESUME:
        if worker.asked is Asked.NOTHING:
            return "It takes jobs: there is nothing to resume."
        return "" if worker.asked is Asked.DRAIN else "It was asked to stop and ends after its last job."
    if worker.asked is Asked.STOP or (worker.asked is Asked.DRAIN and verb is WORKER_DRAIN):
        return f"{_who(worker)} asked it to {worker.asked.value}{_when(worker)} already."
    return ""


def asked_by(verb: Verb) -> Asked:
    """What the verb asks of a worker."""
    return {WORKER_DRAIN: Asked.DRAIN, WORKER_STOP: Asked.STOP, WORKER_RESUME: Asked.NOTHING}[verb]


def _who(worker: FleetWorker) -> str:
    return worker.asked_by or "Somebody"


def _when(worker: FleetWorker) -> str:
    return f" at {iso(worker.asked_at)}" if worker.asked_at else ""


def describe_worker(worker: FleetWorker) -> str:
    """How a worker stands, in words."""
    jobs = f"{worker.running} {'job' if worker.running == 1 else 'jobs'}"
    if worker.state is WorkerState.LOST:
        return "It died or was cut off. Its jobs went back to their queues."
    if worker.gone:
        return "It ended by itself, with nothing left to do."
    if worker.state is WorkerState.ONLINE:
        return "Its heartbeat is late: it may be frozen or cut off." if worker.late else "It takes jobs."
    end = ", then it ends" if worker.asked is Asked.STOP else ""
    if worker.state is WorkerState.DRAINING:
        return f"It finishes {jobs} and takes nothing new{end}."
    return "It has finished and ends." if end else "It runs nothing and takes nothing until it is resumed."


def describe_fleet(fleet: Fleet) -> str:
    """The fleet in a sentence: "3 workers online, 1 draining; 14 of 60 slots in use."."""
    living = [worker for worker in fleet.workers if not worker.gone]
    if not living:
        return "No worker runs."
    counts = Counter(worker.state for worker in living)
    parts = [f"{counts[state]:,} {state.value}" for state in _LIVING if counts[state]]
    first, *others = parts
    number, word = first.split(" ", 1)
    said = ", ".join([f"{number} {'worker' if number == '1' else 'workers'} {word}", *others])
    takers = [worker for worker in living if worker.takes]
    finishing = sum(worker.running for worker in living if not worker.takes)
    used = f"{sum(worker.running for worker in takers):,} of {sum(worker.slots for worker in takers):,} slots in use"
    rest = f", {finishing:,} {'job' if finishing == 1 else 'jobs'} to finish on those that drain" if finishing else ""
    return f"{said}; {used}{rest}."


def warnings(fleet: Fleet) -> tuple[FleetWarning, ...]:
    """What an operator should look at, the most severe first."""
    return (*_unserved(fleet), *_late(fleet), *_versions(fleet))


def _unserved(fleet: Fleet) -> list[FleetWarning]:
    living = [worker for worker in fleet.workers if not worker.gone]
    waiting = {need.queue: need.waiting for need in fleet.waiting}
    found = []
    for queue in sorted({*waiting, *(name for worker in living for name in worker.queues)}):
        serving = [worker for worker in living if queue in worker.queues]
        if any(worker.takes for worker in serving):
            continue
        count = waiting.get(queue, 0)
        wait = f"{count:,} {'job waits' if count == 1 else 'jobs wait'} in it."
        if serving:
            text = f"All workers of the queue {queue} are draining or drained: nothing new starts there."
            found.append(
                FleetWarning(kind=WarningKind.ALL_DRAIN, sentence=f"{text} {wait}" if count else text, queue=queue)
            )
        else:
            text = f"No worker serves the queue {queue}. {wait} Start one: execution-ops worker"
            found.append(FleetWarning(kind=WarningKind.NO_WORKER, sentence=text, queue=queue))
    return sorted(found, key=lambda one: one.kind is WarningKind.ALL_DRAIN)


def _late(fleet: Fleet) -> list[FleetWarning]:
    found = []
    for worker in fleet.workers:
        if worker.late and not worker.gone:
            age = describe_duration(int((fleet.as_of - worker.heartbeat_at).total_seconds() * 1000))
            text = f"The last heartbeat of {worker.name} is {age} old. Without another it is taken for lost."
            found.append(FleetWarning(kind=WarningKind.LATE, sentence=text, worker_id=worker.id))
    return found


def _versions(fleet: Fleet) -> list[FleetWarning]:
    counts = Counter(worker.version for worker in fleet.workers if not worker.gone)
    if len(counts) < 2:
        return []
    ordered = sorted(counts, key=_version_key, reverse=True)
    said = ", ".join(f"{version} on {counts[version]:,}" for version in ordered)
    text = f"Workers run different versions: {said}."
    return [FleetWarning(kind=WarningKind.VERSIONS, sentence=text, version=ordered[-1])]


def _version_key(version: str) -> list[tuple[int, int, str]]:
    """Numbers by their value, so that 0.10 is newer than 0.9."""
    return [
        (int(part.isdigit()), int(part[:18]) if part.isdigit() else 0, part) for part in re.split(r"[.+-]", version)
    ]
