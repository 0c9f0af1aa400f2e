"""The fleet of a remote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Remote, at
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.capabilities import SAMPLES
from execution_ops.domain.fleet import Fleet, FleetWorker, WorkerOutcome
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.routes import Rest

_ROUTES = {
    WORKER_DRAIN.name: Rest.WORKERS_DRAIN,
    WORKER_RESUME.name: Rest.WORKERS_RESUME,
    WORKER_STOP.name: Rest.WORKERS_STOP,
}


class _Standing(BaseModel):
    model_config = ConfigDict(frozen=True)

    clear_since: Instant | None


class _Outcomes(BaseModel):
    model_config = ConfigDict(frozen=True)

    outcomes: tuple[WorkerOutcome, ...]


class Workers(Remote):
    """See `WorkerBackend`."""

    def fleet(self, *, tenants: Tenants) -> Fleet:
        """The workers; see WorkerBackend."""
        self._needs(SAMPLES)
        return self._http.get(Fleet, Rest.WORKERS_FLEET, tenants=tenants)

    def worker(self, worker_id: str, *, tenants: Tenants) -> FleetWorker | None:
        """One worker; see WorkerBackend."""
        return self._http.find(FleetWorker, at(Rest.WORKER, worker_id=worker_id), tenants=tenants)

    def act_on_workers(
        self, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[WorkerOutcome]:
        """Drain, resume or stop; see WorkerBackend."""
        body = {"ids": list(ids), "revisions": dict(revisions)}
        return list(self._http.send(_Outcomes, "POST", _ROUTES[verb.name], stamp, body=body).outcomes)

    def note_blocked(self, blocked: bool) -> None:
        """Nothing to do: the remote's leading worker keeps this."""

    def clear_since(self) -> datetime | None:
        """Since when nothing blocks; see WorkerBackend."""
        return self._http.get(_Standing, Rest.STANDING).clear_since
