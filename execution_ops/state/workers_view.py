"""What the page of workers shows, prepared from the fleet: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from execution_ops import routes
from execution_ops.domain.fleet import (
    Asked,
    Fleet,
    FleetWarning,
    FleetWorker,
    WarningKind,
    describe_worker,
    refusal,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.states import WorkerState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso, to_ms
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.texts import workers as words

Fact = tuple[str, str]
Pairs = Sequence[tuple[str, str]]
JOBS_IN_ROW = 2


@dataclass(frozen=True)
class JobLink:
    """A running job."""

    id: str
    name: str
    href: str


@dataclass(frozen=True)
class WorkerLine:
    """One row, or with an empty `id` none. Times are ISO 8601 or empty; the verbs say why they are off."""

    id: str = ""
    href: str = ""
    jobs_href: str = ""
    name: str = ""
    place: str = ""
    state: str = ""
    word: str = ""
    phrase: str = ""
    queues: str = ""
    running: int = 0
    slots: int = 0
    running_text: str = ""
    running_href: str = ""
    full: bool = False
    takes: bool = False
    is_gone: bool = False
    jobs: list[JobLink] = field(default_factory=list)
    more: str = ""
    heartbeat_at: str = ""
    late: bool = False
    started_at: str = ""
    ended_at: str = ""
    lived: str = ""
    memory: str = ""
    cpu: str = ""
    asked: str = ""
    asked_text: str = ""
    asked_at: str = ""
    asked_reason: str = ""
    drain_off: str = ""
    resume_off: str = ""
    stop_off: str = ""


@dataclass(frozen=True)
class WarningLine:
    """One warning, and the page that it is about."""

    tone: str
    icon: str
    text: str
    link: str
    href: str


def worker_line(worker: FleetWorker, off: str = "", keep: Pairs = ()) -> WorkerLine:
    """A row as the table draws it.

    `off` is why the viewer may change no worker, `keep` are the pairs of the list in front of which it opens.
    """
    running = [("state", "running"), ("worker", worker.id)]
    # A row has two lines: the second one is needed to say that there are more.
    jobs = worker.jobs[: JOBS_IN_ROW if worker.running <= JOBS_IN_ROW else JOBS_IN_ROW - 1]
    more = worker.running - len(jobs)
    return WorkerLine(
        id=worker.id,
        href=routes.workers([*keep, ("worker", worker.id)]),
        jobs_href=routes.jobs([("worker", worker.id)]),
        name=visible(worker.name),
        place=visible(f"{worker.host} · pid {worker.pid} · {worker.version}"),
        state=worker.state.value,
        word="ended" if worker.gone and worker.state is WorkerState.DRAINED else "",
        phrase=describe_worker(worker),
        queues=visible(", ".join(worker.queues)),
        running=worker.running,
        slots=worker.slots,
        running_text=f"/ {worker.slots:,}" if worker.takes else words.TO_FINISH if worker.running else "",
        running_href=routes.jobs(running),
        full=worker.takes and worker.running >= worker.slots,
        takes=worker.takes,
        is_gone=worker.gone,
        jobs=[job_link(job.id, job.job_type, job.label) for job in jobs],
        more=words.more_jobs(more) if jobs and more > 0 else "",
        heartbeat_at=iso(worker.heartbeat_at),
        late=worker.late and not worker.gone,
        started_at=iso(worker.started_at),
        ended_at=iso(worker.ended_at) if worker.ended_at else "",
        lived=describe_duration(max(0, to_ms(worker.ended_at) - to_ms(worker.started_at))) if worker.ended_at else "",
        memory="" if worker.memory_bytes is None else describe_bytes(worker.memory_bytes),
        cpu="" if worker.cpu_percent is None else words.of_a_core(worker.cpu_percent),
        asked="" if worker.gone else worker.asked.value,
        asked_text=_asked(worker),
        asked_at=iso(worker.asked_at) if worker.asked_at else "",
        asked_reason=visible(worker.asked_reason),
        drain_off=off or refusal(worker, WORKER_DRAIN),
        resume_off=off or refusal(worker, WORKER_RESUME),
        stop_off=off or refusal(worker, WORKER_STOP),
    )


def warning_line(warning: FleetWarning) -> WarningLine:
    """A warning as the page shows it."""
    tone, icon, link, href = {
        WarningKind.NO_WORKER: (
            "bad",
            "triangle-alert",
            words.OPEN_THE_WAITING_JOBS,
            routes.jobs([("state", "scheduled"), ("queue", warning.queue)]),
        ),
        WarningKind.ALL_DRAIN: (
            "warn",
            "circle-arrow-down",
            words.SHOW_ITS_WORKERS,
            routes.workers([("queue", warning.queue)]),
        ),
        WarningKind.LATE: ("warn", "unplug", words.OPEN_THIS_WORKER, routes.worker(warning.worker_id)),
        WarningKind.VERSIONS: (
            "warn",
            "package",
            words.show_version(visible(warning.version)),
            routes.workers([("version", warning.version)]),
        ),
    }[warning.kind]
    return WarningLine(tone, icon, visible(warning.sentence), link, href)


def fleet_values(fleet: Fleet) -> dict[str, list[str]]:
    """The values that a filter of these workers can have, for suggestions."""
    workers = fleet.workers
    return {
        "state": [state.value for state in WorkerState],
        "queue": _each(name for worker in workers for name in worker.queues),
        "host": _each(worker.host for worker in workers),
        "version": _each(worker.version for worker in workers),
        "id": _each(worker.id for worker in workers),
    }


def question(verb: Verb, chosen: Sequence[FleetWorker], fleet: Fleet) -> tuple[str, str, list[Fact]]:
    """Title, button and facts of the question before a verb."""
    what = visible(chosen[0].name) if len(chosen) == 1 else words.workers(len(chosen))
    count = "" if len(chosen) == 1 else words.and_workers(len(chosen))
    running = sum(worker.running for worker in chosen)
    facts: list[Fact] = []
    if verb is not WORKER_RESUME:
        facts.append((words.FINISHES, words.now_running(running) if running else words.NOTHING_RUNS))
        if left := _left_without(chosen, fleet):
            facts.append((words.WAITS_THEN, words.jobs_left_waiting(visible(", ".join(left)))))
    if verb is WORKER_STOP:
        facts.append((words.COMES_BACK, words.NOT_BY_ITSELF))
    return f"{verb.label} {what}?", f"{verb.label}{count}", facts


def _left_without(chosen: Sequence[FleetWorker], fleet: Fleet) -> list[str]:
    """The queues of these workers that nobody would take jobs from any more."""
    ids = {worker.id for worker in chosen}
    others = {name for worker in fleet.workers if worker.takes and worker.id not in ids for name in worker.queues}
    return _each(name for worker in chosen if worker.takes for name in worker.queues if name not in others)


def _asked(worker: FleetWorker) -> str:
    if worker.asked is Asked.NOTHING:
        return ""
    return words.asked(visible(worker.asked_by or words.SOMEBODY), drain=worker.asked is Asked.DRAIN)


def job_link(job_id: str, job_type: str, label: str) -> JobLink:
    """A job by its type and label."""
    return JobLink(id=job_id, name=visible(f"{job_type} {label}".strip()), href=routes.job(job_id))


def _each(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
