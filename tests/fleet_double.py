"""A worker fleet in memory, for tests of what stands on top of the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.errors import Forbidden
from execution_ops.domain.fleet import (
    GONE_FOR_LONG,
    REACH,
    Asked,
    Fleet,
    FleetWorker,
    QueueNeed,
    WorkerOutcome,
    asked_by,
    refusal,
)
from execution_ops.domain.states import WorkerState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_RESUME
from tests.quota_double import EPOCH, MemoryQuotas


def fleet_worker(**changes: Any) -> FleetWorker:
    """A worker that takes jobs of the queue demo, changed as wanted."""
    values: dict[str, Any] = {
        "id": "w1",
        "name": "builder",
        "host": "vm",
        "pid": 7,
        "version": "0.1.0",
        "state": WorkerState.ONLINE,
        "queues": ("demo",),
        "concurrency": 4,
        "slots": 4,
        "running": 0,
        "started_at": EPOCH,
        "heartbeat_at": EPOCH,
    }
    return FleetWorker(**{**values, **changes})


def fleet_of(*workers: FleetWorker, **waiting: int) -> Fleet:
    """These workers, and jobs that wait by queue."""
    needs = tuple(QueueNeed(queue=queue, waiting=count) for queue, count in waiting.items())
    return Fleet(workers=workers, waiting=needs, as_of=EPOCH)


@dataclass
class MemoryFleet(MemoryQuotas):
    """The workers of a backend in memory."""

    known_workers: dict[str, FleetWorker] = field(default_factory=dict)
    clear_spell: datetime | None = None

    def add_worker(self, **changes: Any) -> FleetWorker:
        """Keep a worker."""
        worker = fleet_worker(**changes)
        self.known_workers[worker.id] = worker
        return worker

    def fleet(self, *, tenants: frozenset[str] | None) -> Fleet:
        """All workers; nothing waits."""
        self.ping()
        return fleet_of(*self.known_workers.values())

    def worker(self, worker_id: str, *, tenants: frozenset[str] | None) -> FleetWorker | None:
        """The one of this id."""
        self.ping()
        return self.known_workers.get(worker_id)

    def act_on_workers(
        self, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[WorkerOutcome]:
        """As the pure rules say."""
        if stamp.actor.tenants is not None:
            raise Forbidden(REACH)
        self.stamps.append(stamp)
        return [self._ask_of(verb, one, stamp, revisions.get(one)) for one in ids]

    def note_blocked(self, blocked: bool) -> None:
        """Kept in `clear_spell`, however long nobody looked."""
        self.clear_spell = None if blocked else self.clear_spell or datetime.now(UTC)

    def clear_since(self) -> datetime | None:
        """What was noted."""
        self.ping()
        return self.clear_spell

    def _ask_of(self, verb: Verb, worker_id: str, stamp: Stamp, seen: int | None) -> WorkerOutcome:
        worker = self.known_workers.get(worker_id)
        if worker is None:
            return WorkerOutcome(id=worker_id, done=False, why=GONE_FOR_LONG)
        if why := refusal(worker, verb, seen):
            return WorkerOutcome(id=worker_id, done=False, why=why, state=worker.state)
        state = WorkerState.ONLINE if verb is WORKER_RESUME else WorkerState.DRAINING
        told = {"asked_at": EPOCH, "asked_by": stamp.actor.name, "asked_reason": stamp.reason}
        asked: Asked = asked_by(verb)
        after = {"state": state, "asked": asked, "revision": worker.revision + 1, **told}
        self.known_workers[worker_id] = worker.model_copy(update=after)
        return WorkerOutcome(id=worker_id, done=True, state=state)
