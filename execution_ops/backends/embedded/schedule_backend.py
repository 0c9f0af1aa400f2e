"""Schedules and runs behind the port that the console knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from execution_ops.backends.embedded import outlook, run_reads, run_stream_reads
from execution_ops.backends.embedded.conductor import Conductor
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.firing import Clockwork
from execution_ops.backends.embedded.log_windows import Wanted
from execution_ops.backends.embedded.runs import Runs
from execution_ops.backends.embedded.schedules import Schedules
from execution_ops.domain.job_types import Registry
from execution_ops.domain.jobs import LogLevel
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLog, TargetBars
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import FiredAt, Plan, PlanOrder, Run, RunFigures, RunPage, RunTarget, Segment, Trigger
from execution_ops.domain.schedules import Schedule, ScheduleSpec, ScheduleVersion
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

Tenants = frozenset[str] | None


class ScheduleRunBackend:
    """Implements ScheduleBackend and RunBackend; every method is as the port says."""

    def __init__(self, engine: Engine, dispatcher: Dispatcher, registry: Registry) -> None:
        self._of_schedules = Schedules(engine, registry)
        self._of_runs = Runs(engine, dispatcher, registry)
        self._runs_engine = engine
        self.clockwork = Clockwork(engine, dispatcher, registry)
        self.conductor = Conductor(engine, dispatcher, registry)

    def create_schedule(self, tenant: str, spec: ScheduleSpec, stamp: Stamp, *, paused: bool) -> Schedule:
        """Make a schedule."""
        return self._of_schedules.create(tenant, spec, stamp, paused=paused)

    def edit_schedule(self, schedule_id: str, spec: ScheduleSpec, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Make the spec its next version."""
        return self._of_schedules.edit(schedule_id, spec, stamp, revision=revision)

    def act_on_schedule(self, schedule_id: str, verb: Verb, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Pause, resume or delete a schedule."""
        return self._of_schedules.act(schedule_id, verb, stamp, revision=revision)

    def check_schedule(self, spec: ScheduleSpec) -> ScheduleSpec:
        """The spec as it would be stored."""
        return self._of_schedules.check(spec)[0]

    def get_schedule(self, schedule_id: str, *, tenants: Tenants) -> Schedule | None:
        """One schedule."""
        return self._of_schedules.get(schedule_id, tenants=tenants)

    def schedules(self, *, tenants: Tenants) -> list[Schedule]:
        """Every schedule that was not deleted."""
        return self._of_schedules.all(tenants=tenants)

    def schedule_versions(self, schedule_id: str, *, tenants: Tenants) -> list[ScheduleVersion] | None:
        """The specs of a schedule."""
        return self._of_schedules.versions(schedule_id, tenants=tenants)

    def firings(self, schedule_ids: Sequence[str], *, limit: int) -> dict[str, list[FiredAt]]:
        """The last due times and what came of them."""
        return run_reads.firings(self._runs_engine, schedule_ids, limit=limit)

    def coming_firings(self, *, tenants: Tenants, limit: int) -> Coming:
        """The next due times."""
        return outlook.coming(self._runs_engine, tenants=tenants, limit=limit)

    def missed_firings(self, since: datetime, *, tenants: Tenants, limit: int) -> list[MissedFiring]:
        """What was missed since then."""
        return outlook.missed_firings(self._runs_engine, since, tenants=tenants, limit=limit)

    def missed_last(self, *, tenants: Tenants) -> list[MissedFiring]:
        """What missed its last due time."""
        return outlook.missed_last(self._runs_engine, tenants=tenants)

    def run_schedule(self, schedule_id: str, trigger: Trigger, stamp: Stamp) -> Run:
        """Start a run now."""
        return self._of_runs.run_now(schedule_id, trigger, stamp)

    def cancel_run(self, run_id: str, stamp: Stamp) -> Run:
        """Cancel a run."""
        return self._of_runs.cancel(run_id, stamp)

    def retry_run(self, run_id: str, verb: Verb, stamp: Stamp) -> Run:
        """Start a run that repeats an ended one."""
        return self._of_runs.retry(run_id, verb, stamp)

    def get_run(self, run_id: str, *, tenants: Tenants) -> Run | None:
        """One run."""
        return run_reads.get_run(self._runs_engine, run_id, tenants=tenants)

    def list_runs(self, where: RunFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> RunPage:
        """One keyset page."""
        return run_reads.list_runs(self._runs_engine, where, tenants=tenants, cursor=cursor, limit=limit)

    def count_runs(self, where: RunFilter, *, tenants: Tenants) -> dict[RunState, int]:
        """How many match in each state."""
        return run_reads.count_runs(self._runs_engine, where, tenants=tenants)

    def run_figures(self, since: datetime, *, tenants: Tenants) -> RunFigures:
        """How runs stand now, and what came of those made since then."""
        return run_reads.run_figures(self._runs_engine, since, tenants=tenants)

    def run_spec(self, run_id: str) -> ScheduleSpec | None:
        """What a run follows."""
        return run_reads.run_spec(self._runs_engine, run_id)

    def run_segments(self, run_id: str) -> list[Segment]:
        """The segments of a run."""
        return run_reads.run_segments(self._runs_engine, run_id)

    def run_targets(
        self, run_id: str, *, after: int, limit: int, states: Sequence[TargetState] = ()
    ) -> list[RunTarget]:
        """Targets of a run."""
        return run_reads.run_targets(self._runs_engine, run_id, after=after, limit=limit, states=states)

    def run_feed(self, run_id: str) -> RunFeed | None:
        """How far the events of a run go."""
        return run_stream_reads.run_feed(self._runs_engine, run_id)

    def run_events(self, run_id: str, *, after: int, limit: int) -> list[RunEvent]:
        """Events of a run."""
        return run_stream_reads.run_events(self._runs_engine, run_id, after=after, limit=limit)

    def run_log(
        self,
        run_id: str,
        *,
        after: int = 0,
        skip: int = 0,
        limit: int = 500,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> RunLog:
        """A window of the log of a run."""
        wanted = Wanted(after=after, skip=skip, limit=limit, level=level, text=text, last=last)
        return run_stream_reads.run_log(self._runs_engine, run_id, wanted)

    def run_bars(self, run_id: str, segment: int) -> list[TargetBars]:
        """The targets of a segment with their jobs."""
        return run_stream_reads.run_bars(self._runs_engine, run_id, segment)

    def run_artifacts(self, run_id: str, *, after: int, limit: int) -> list[RunArtifact]:
        """What the jobs of targets left behind."""
        return run_stream_reads.run_artifacts(self._runs_engine, run_id, after=after, limit=limit)

    def plan_order(self, run_id: str) -> PlanOrder | None:
        """What targets are to be found for."""
        return self._of_runs.order(run_id)

    def known_content(self, schedule_id: str, targets: Sequence[str]) -> dict[str, str]:
        """What these targets held when they last succeeded for the schedule."""
        return run_reads.known_content(self._runs_engine, schedule_id, targets)

    def plan_run(self, run_id: str, plan: Plan) -> bool:
        """Store the plan of a run."""
        return self.conductor.plan(run_id, plan)

    def fail_run(self, run_id: str, message: str) -> None:
        """End a run that could not be planned."""
        self.conductor.fail(run_id, message)
