"""The scheduler at a glance: what runs, what comes, what was missed, how far the queues are behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.jobs import Health
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.queue_lag import Lag, queue_lag
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.run_waiting import RunWaiting, why_run_waits
from execution_ops.domain.runs import Run
from execution_ops.domain.states import ACTIVE_RUNS, RunState
from execution_ops.services.bulk import QUEUE as PLANNER_QUEUE
from execution_ops.services.jobs import JobService
from execution_ops.services.requests import LIMIT_MAX, check_range
from execution_ops.services.runs import RunService, waits_for_another

ACTIVE = RunFilter(state=tuple(state for state in RunState if state in ACTIVE_RUNS))
ACTIVE_SHOWN = 10
COMING_SHOWN = 8
MISSED_WINDOW = timedelta(hours=24)
MISSED_MAX = 100


class ActiveRun(BaseModel):
    """A run that goes on, and what it waits for if it does."""

    model_config = ConfigDict(frozen=True)

    run: Run
    waiting: RunWaiting | None


class MissedLately(BaseModel):
    """What was missed in the last 24 hours, the last first; `more` says that there is more than that."""

    model_config = ConfigDict(frozen=True)

    firings: tuple[MissedFiring, ...]
    more: bool


class SchedulerService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, jobs: JobService, runs: RunService) -> None:
        self._backend = backend
        self._jobs = jobs
        self._runs = runs

    def lag(self, actor: Actor, health: Health | None = None) -> Lag:
        """How far the queues are behind; pass the health that is already at hand to save the queries."""
        require(actor, Scope.READ)
        return queue_lag(self._jobs.health(actor) if health is None else health)

    def active(self, actor: Actor, health: Health, *, limit: int = ACTIVE_SHOWN) -> Sequence[ActiveRun]:
        """The last of the runs that go on, and why they wait."""
        found = self._runs.list(actor, ACTIVE, limit=limit)
        return [ActiveRun(run=run, waiting=self._why(actor, run, health)) for run in found.rows]

    def coming(self, actor: Actor, *, limit: int = COMING_SHOWN) -> Coming:
        """What fires next."""
        require(actor, Scope.READ)
        return self._backend.coming_firings(tenants=actor.tenants, limit=limit)

    def missed_since(self, actor: Actor, since: datetime, *, limit: int) -> Sequence[MissedFiring]:
        """What schedules missed since then, the last due time first."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        return self._backend.missed_firings(since, tenants=actor.tenants, limit=limit)

    def missed(self, actor: Actor) -> MissedLately:
        """What was missed in the last 24 hours. Pages ask the hub, which asks this every few seconds."""
        require(actor, Scope.READ)
        since = datetime.now(UTC) - MISSED_WINDOW
        found = self._backend.missed_firings(since, tenants=actor.tenants, limit=MISSED_MAX + 1)
        return MissedLately(firings=tuple(found[:MISSED_MAX]), more=len(found) > MISSED_MAX)

    def _why(self, actor: Actor, run: Run, health: Health) -> RunWaiting | None:
        before = self._runs.get(actor, run.id).before if waits_for_another(run) else None
        spec = self._backend.run_spec(run.id) if run.state is RunState.RUNNING else None
        return why_run_waits(
            run,
            parallelism=spec.parallelism if spec else 0,
            before=before,
            health=health,
            planner_queue=PLANNER_QUEUE,
        )
