"""What can be done with runs: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base_scheduler import RunBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.query_values import Sort
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Run, RunFigures, RunPage, RunTarget, Segment
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import ACTIVE_RUNS, RunState, TargetState
from execution_ops.domain.times import Instant, iso
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, check_range, sign

RETRIES = (RUN_RETRY, RUN_RETRY_FAILED)


def waits_for_another(run: Run) -> bool:
    """Whether it waits for the run before it: it is queued, and its targets were not looked for yet."""
    return run.state is RunState.QUEUED and not run.planner_job_id


class RunDetail(BaseModel):
    """A run with its segments. At most `parallelism` of its targets run at once; `before` is the run of the same
    schedule that it waits for, if it waits for one that is still active."""

    model_config = ConfigDict(frozen=True)

    run: Run
    segments: tuple[Segment, ...]
    parallelism: int = 0
    before: Run | None = None


class RunSummary(BaseModel):
    """The figures above the runs: how they stand now, and what came of those made `since` then (00:00 UTC).

    `failed` counts the runs that ended in error, up to 10,001.
    """

    model_config = ConfigDict(frozen=True)

    since: Instant
    figures: RunFigures
    failed: int


class RunService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: RunBackend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def list(self, actor: Actor, where: RunFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT) -> RunPage:
        """One page of the runs that match."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.list_runs(where, tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"rows": tuple(map(self._redact.run, page.rows))})

    def counts(self, actor: Actor, where: RunFilter) -> dict[RunState, int]:
        """How many match in each state, without the filter's own states; each up to 10,001."""
        require(actor, Scope.READ)
        return self._backend.count_runs(where, tenants=actor.tenants)

    def get(self, actor: Actor, run_id: str) -> RunDetail:
        """One run; NotFound also for one of a tenant that the actor may not see."""
        run, spec = self.find(actor, run_id), self._backend.run_spec(run_id)
        return RunDetail(
            run=run,
            segments=tuple(self._backend.run_segments(run_id)),
            parallelism=spec.parallelism if spec else 0,
            before=self._before(actor, run) if waits_for_another(run) else None,
        )

    def summary(self, actor: Actor) -> RunSummary:
        """How runs stand now, and what came of today's."""
        require(actor, Scope.READ)
        since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        failed = self._backend.count_runs(RunFilter(after=iso(since)), tenants=actor.tenants).get(RunState.ERROR, 0)
        figures = self._backend.run_figures(since, tenants=actor.tenants)
        return RunSummary(since=since, figures=figures, failed=failed)

    def figures(self, actor: Actor, since: datetime) -> RunFigures:
        """How runs stand now, and what came of those made since then."""
        require(actor, Scope.READ)
        return self._backend.run_figures(since, tenants=actor.tenants)

    def spec(self, actor: Actor, run_id: str) -> ScheduleSpec:
        """What a run follows, its payload without secrets."""
        self.find(actor, run_id)
        spec = self._backend.run_spec(run_id)
        if spec is None:
            raise NotFound(f"What the run {run_id} followed is not stored any more.")
        return spec.model_copy(update={"payload": self._redact.values(spec.payload)})

    def targets(
        self,
        actor: Actor,
        run_id: str,
        *,
        after: int = 0,
        limit: int = LIMIT_DEFAULT,
        states: Sequence[TargetState] = (),
    ) -> Sequence[RunTarget]:
        """Targets of a run with a number above `after`, in the order of its plan; of these states if any is given."""
        self.find(actor, run_id)
        check_range("limit", limit, LIMIT_MAX)
        if not 0 <= after < 2**31:
            raise InvalidInput("after is the number of a target of the run.")
        found = self._backend.run_targets(run_id, after=after, limit=limit, states=states)
        return [one.model_copy(update={"error": self._redact.text(one.error)}) for one in found]

    # writing

    def cancel(self, actor: Actor, run_id: str, stamp: Stamp) -> Run:
        """Cancel a run that has not ended."""
        actor = require(actor, RUN_CANCEL.scope)
        self.find(actor, run_id)
        return self._redact.run(self._backend.cancel_run(run_id, sign(RUN_CANCEL, actor, stamp)))

    def retry(self, actor: Actor, verb: Verb, run_id: str, stamp: Stamp) -> Run:
        """Start a run that repeats an ended one (RUN_RETRY), or its failed segments (RUN_RETRY_FAILED)."""
        actor = require(actor, verb.scope)
        if verb not in RETRIES:
            raise InvalidInput(f"{verb.label} does not repeat a run.")
        self.find(actor, run_id)
        return self._redact.run(self._backend.retry_run(run_id, verb, sign(verb, actor, stamp)))

    def _before(self, actor: Actor, run: Run) -> Run | None:
        """The oldest run of the same schedule that has not ended."""
        active = tuple(state for state in RunState if state in ACTIVE_RUNS)
        where = RunFilter(schedule=(run.schedule_id,), state=active, sort=Sort.OLDEST)
        (first, *_) = self._backend.list_runs(where, tenants=actor.tenants, cursor=None, limit=1).rows or (run,)
        return None if first.id == run.id else self._redact.run(first)

    def find(self, actor: Actor, run_id: str) -> Run:
        """The run alone; NotFound also for one of a tenant that the actor may not see."""
        require(actor, Scope.READ)
        run = self._backend.get_run(check_id(run_id), tenants=actor.tenants)
        if run is None:
            raise NotFound(f"There is no run {run_id}.")
        return self._redact.run(run)
