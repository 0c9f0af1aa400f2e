"""What can be done with the worker fleet: authorise, validate, act through the backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import WorkerBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import Forbidden, InvalidInput, NotFound
from execution_ops.domain.fleet import (
    GONE_FOR_LONG,
    REACH,
    Fleet,
    FleetWarning,
    FleetWorker,
    WorkerOutcome,
    describe_fleet,
    refusal,
    warnings,
)
from execution_ops.domain.fleet_filters import WorkerFilter, worker_page
from execution_ops.domain.named_pages import NamedPage
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.states import WorkerState
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_VERBS
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import IDS_MAX, LIMIT_DEFAULT, LIMIT_MAX, check_range, sign

ID_MAX = 200
REVISION_MAX = 2**31 - 1


class FleetSummary(BaseModel):
    """How the fleet stands: workers that live by state, the slots of those that take jobs, and warnings."""

    model_config = ConfigDict(frozen=True)

    sentence: str
    by_state: dict[WorkerState, int]
    slots: int
    slots_used: int
    warnings: tuple[FleetWarning, ...]
    as_of: Instant


class WorkerService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: WorkerBackend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def fleet(self, actor: Actor) -> Fleet:
        """All workers, and the queues that wait for one. Pages ask the hub, which asks this once a second."""
        require(actor, Scope.READ)
        found = self._backend.fleet(tenants=actor.tenants)
        return found.model_copy(update={"workers": tuple(map(self._shown, found.workers))})

    def list(
        self, actor: Actor, where: WorkerFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> NamedPage[FleetWorker]:
        """One page of the workers that match, those that live first, by name."""
        check_range("limit", limit, LIMIT_MAX)
        return worker_page(self.fleet(actor).workers, where, cursor, limit)

    def get(self, actor: Actor, worker_id: str) -> FleetWorker:
        """One worker that lives, or ended so lately that it is remembered."""
        require(actor, Scope.READ)
        found = self._backend.worker(check_worker_id(worker_id), tenants=actor.tenants)
        if found is None:
            raise NotFound(GONE_FOR_LONG)
        return self._shown(found)

    def summary(self, actor: Actor) -> FleetSummary:
        """How the fleet stands, in figures and in words."""
        return summarize(self.fleet(actor))

    # writing

    def act(
        self, actor: Actor, verb: str, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int] | None = None
    ) -> Sequence[WorkerOutcome]:
        """Do the verb of that name (one of WORKER_VERBS); one Outcome an id, in the order given.

        A worker that somebody else changed since `revisions` is refused.
        """
        entry = worker_verb(verb)
        if why := why_worker_off(actor, entry):
            raise Forbidden(why)
        unique = [*dict.fromkeys(check_worker_id(one) for one in ids)]
        check_range("ids", len(unique), IDS_MAX)
        seen = dict(revisions or {})
        if not all(1 <= revision <= REVISION_MAX for revision in seen.values()):
            raise InvalidInput("A revision is the number that the worker had when you looked at it.")
        return self._backend.act_on_workers(entry, unique, sign(entry, actor, stamp), seen)

    def act_on_matching(self, actor: Actor, verb: str, where: WorkerFilter, stamp: Stamp) -> Sequence[WorkerOutcome]:
        """Do the verb to every living worker that matches and that it can do something to now."""
        entry = worker_verb(verb)
        if why := why_worker_off(actor, entry):
            raise Forbidden(why)
        sign(entry, actor, stamp)
        able = [
            one.id
            for one in self.fleet(actor).workers
            if not one.gone and where.matches(one) and not refusal(one, entry)
        ]
        return self.act(actor, verb, able[:IDS_MAX], stamp) if able else []

    def _shown(self, worker: FleetWorker) -> FleetWorker:
        reason = self._redact.text(worker.asked_reason)
        return worker if reason == worker.asked_reason else worker.model_copy(update={"asked_reason": reason})


def worker_verb(name: str) -> Verb:
    """The verb on workers of that name; InvalidInput if there is none."""
    verb = next((verb for verb in WORKER_VERBS if verb.name == name), None)
    if verb is None:
        raise InvalidInput(f"Workers know the verbs {', '.join(verb.name for verb in WORKER_VERBS)}.")
    return verb


def why_worker_off(actor: Actor, verb: Verb) -> str:
    """Why the actor can't do the verb to any worker, in words; empty if they can."""
    return why_off(verb, actor) or (REACH if actor.within(verb.scope).tenants is not None else "")


def summarize(fleet: Fleet) -> FleetSummary:
    """How these workers stand."""
    living = [worker for worker in fleet.workers if not worker.gone]
    takers = [worker for worker in living if worker.takes]
    return FleetSummary(
        sentence=describe_fleet(fleet),
        by_state={state: sum(worker.state is state for worker in living) for state in WorkerState},
        slots=sum(worker.slots for worker in takers),
        slots_used=sum(worker.running for worker in takers),
        warnings=warnings(fleet),
        as_of=fleet.as_of,
    )


def check_worker_id(worker_id: str) -> str:
    """The id of a worker; InvalidInput for what can be none."""
    if not worker_id or len(worker_id) > ID_MAX or "\0" in worker_id or not is_unicode(worker_id):
        raise InvalidInput(f"The id of a worker has 1 to {ID_MAX} characters.")
    return worker_id
