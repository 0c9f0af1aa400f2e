"""Schedules and runs of a remote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.letters import not_here
from execution_ops.backends.gateway.remote import Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.capabilities import OUTLOOK, RUN_PARTS
from execution_ops.domain.errors import NotFound
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.paging import in_time
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import FiredAt, Plan, PlanOrder, Run, RunFigures, RunPage, RunTarget, Segment, Trigger
from execution_ops.domain.schedule_verbs import RUN_RETRY_FAILED, SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from execution_ops.domain.schedules import Schedule, ScheduleSpec, ScheduleVersion
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

_ROUTES = {
    SCHEDULE_PAUSE.name: ("POST", Rest.SCHEDULE_PAUSE),
    SCHEDULE_RESUME.name: ("POST", Rest.SCHEDULE_RESUME),
    SCHEDULE_DELETE.name: ("DELETE", Rest.SCHEDULE),
}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)

    schedule: Schedule
    last: tuple[FiredAt, ...]


class _Detail(BaseModel):
    model_config = ConfigDict(frozen=True)

    run: Run
    segments: tuple[Segment, ...]


class _Summary(BaseModel):
    model_config = ConfigDict(frozen=True)

    by_state: dict[RunState, int]


class Schedules(Remote):
    """See `ScheduleBackend`."""

    def create_schedule(self, tenant: str, spec: ScheduleSpec, stamp: Stamp, *, paused: bool) -> Schedule:
        """Make a schedule; see ScheduleBackend."""
        body = {**spec.model_dump(mode="json"), "tenant": tenant, "paused": paused}
        return self._http.send(_Row, "POST", Rest.SCHEDULES, stamp, body=body).schedule

    def edit_schedule(self, schedule_id: str, spec: ScheduleSpec, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Make the spec its next version; see ScheduleBackend."""
        path = at(Rest.SCHEDULE, schedule_id=schedule_id)
        if revision is None:
            revision = self._http.get(_Row, path, tenants=stamp.actor.tenants).schedule.revision
        body = {**spec.model_dump(mode="json"), "revision": revision}
        return self._http.send(_Row, "PUT", path, stamp, body=body).schedule

    def act_on_schedule(self, schedule_id: str, verb: Verb, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Pause, resume or delete; see ScheduleBackend."""
        method, pattern = _ROUTES[verb.name]
        deletes = verb is SCHEDULE_DELETE
        pairs = pairs_of(revision=revision) if deletes else ()
        body = None if deletes else {"revision": revision}
        path = at(pattern, schedule_id=schedule_id)
        return self._http.send(_Row, method, path, stamp, body=body, query=pairs).schedule

    def check_schedule(self, spec: ScheduleSpec) -> ScheduleSpec:
        """The spec as it would be stored; see ScheduleBackend."""
        self._needs(OUTLOOK)
        return self._http.ask(ScheduleSpec, Rest.SCHEDULES_CHECK, spec.model_dump(mode="json"))

    def get_schedule(self, schedule_id: str, *, tenants: Tenants) -> Schedule | None:
        """One schedule; see ScheduleBackend."""
        found = self._http.find(_Row, at(Rest.SCHEDULE, schedule_id=schedule_id), tenants=tenants)
        return None if found is None else found.schedule

    def schedules(self, *, tenants: Tenants) -> list[Schedule]:
        """Every schedule; see ScheduleBackend."""
        return [row.schedule for row in self._all(_Row, Rest.SCHEDULES, tenants=tenants)]

    def schedule_versions(self, schedule_id: str, *, tenants: Tenants) -> list[ScheduleVersion] | None:
        """The specs of a schedule; see ScheduleBackend."""
        path = at(Rest.SCHEDULE_VERSIONS, schedule_id=schedule_id)
        found = self._http.find(Listed[ScheduleVersion], path, tenants=tenants)
        return None if found is None else list(found.items)

    def firings(self, schedule_ids: Sequence[str], *, limit: int) -> dict[str, list[FiredAt]]:
        """What came of the last due times; see ScheduleBackend."""
        if len(schedule_ids) == 1:
            found = self._http.find(_Row, at(Rest.SCHEDULE, schedule_id=schedule_ids[0]))
            rows = [] if found is None else [found]
        else:
            rows = self._all(_Row, Rest.SCHEDULES) if schedule_ids else []
        wanted = frozenset(schedule_ids)
        return {row.schedule.id: list(row.last[:limit]) for row in rows if row.last and row.schedule.id in wanted}

    def coming_firings(self, *, tenants: Tenants, limit: int) -> Coming:
        """What fires next; see ScheduleBackend."""
        self._needs(OUTLOOK)
        return self._http.get(Coming, Rest.SCHEDULES_COMING, pairs_of(limit=limit), tenants=tenants)

    def missed_firings(self, since: datetime, *, tenants: Tenants, limit: int) -> list[MissedFiring]:
        """What was missed since then; see ScheduleBackend."""
        self._needs(OUTLOOK)
        pairs = pairs_of(since=since, limit=limit)
        return list(self._http.get(Listed[MissedFiring], Rest.SCHEDULES_MISSED, pairs, tenants=tenants).items)

    def missed_last(self, *, tenants: Tenants) -> list[MissedFiring]:
        """Whose last due time was missed; see ScheduleBackend."""
        self._needs(OUTLOOK)
        return list(self._http.get(Listed[MissedFiring], Rest.SCHEDULES_MISSED_LAST, tenants=tenants).items)


class Runs(Remote):
    """See `RunBackend`. Runs are planned by the remote's workers."""

    def run_schedule(self, schedule_id: str, trigger: Trigger, stamp: Stamp) -> Run:
        """Start a run now; see RunBackend."""
        body = {"trigger": trigger.value}
        return self._http.send(Run, "POST", at(Rest.SCHEDULE_RUN, schedule_id=schedule_id), stamp, body=body)

    def cancel_run(self, run_id: str, stamp: Stamp) -> Run:
        """Cancel a run; see RunBackend."""
        return self._http.send(Run, "POST", at(Rest.RUN_CANCEL, run_id=run_id), stamp)

    def retry_run(self, run_id: str, verb: Verb, stamp: Stamp) -> Run:
        """Repeat a run; see RunBackend."""
        body = {"failed": verb is RUN_RETRY_FAILED}
        return self._http.send(Run, "POST", at(Rest.RUN_RETRY, run_id=run_id), stamp, body=body)

    def get_run(self, run_id: str, *, tenants: Tenants) -> Run | None:
        """One run; see RunBackend."""
        found = self._http.find(_Detail, at(Rest.RUN, run_id=run_id), tenants=tenants)
        return None if found is None else found.run

    def list_runs(self, where: RunFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> RunPage:
        """One keyset page; see RunBackend."""
        pairs = [*where.to_pairs(), *pairs_of(cursor=cursor, limit=limit)]
        page = self._http.get(Listed[Run], Rest.RUNS, pairs, tenants=tenants)
        older, newer = in_time(page.next_cursor, page.prev_cursor, where.sort)
        return RunPage(rows=page.items, older=older, newer=newer)

    def count_runs(self, where: RunFilter, *, tenants: Tenants) -> dict[RunState, int]:
        """How many are in each state; see RunBackend."""
        return self._http.get(_Summary, Rest.RUNS_SUMMARY, where.to_pairs(), tenants=tenants).by_state

    def run_figures(self, since: datetime, *, tenants: Tenants) -> RunFigures:
        """How runs stand; see RunBackend."""
        self._needs(RUN_PARTS)
        return self._http.get(RunFigures, Rest.RUNS_FIGURES, pairs_of(since=since), tenants=tenants)

    def run_spec(self, run_id: str) -> ScheduleSpec | None:
        """What a run follows; see RunBackend."""
        self._needs(RUN_PARTS)
        return self._http.find(ScheduleSpec, at(Rest.RUN_SPEC, run_id=run_id))

    def run_segments(self, run_id: str) -> list[Segment]:
        """The segments of a run; see RunBackend."""
        found = self._http.find(_Detail, at(Rest.RUN, run_id=run_id))
        return [] if found is None else list(found.segments)

    def run_targets(
        self, run_id: str, *, after: int, limit: int, states: Sequence[TargetState] = ()
    ) -> list[RunTarget]:
        """Targets of a run; see RunBackend."""
        pairs = pairs_of(cursor=after or None, limit=limit, state=list(states))
        found = self._http.find(Listed[RunTarget], at(Rest.RUN_TARGETS, run_id=run_id), pairs)
        return [] if found is None else list(found.items)

    def plan_order(self, run_id: str) -> PlanOrder | None:
        """Only the remote's workers ask this."""
        raise not_here()

    def known_content(self, schedule_id: str, targets: Sequence[str]) -> dict[str, str]:
        """Only the remote's workers ask this."""
        raise not_here()

    def plan_run(self, run_id: str, plan: Plan) -> bool:
        """Only the remote's workers do this."""
        raise not_here()

    def fail_run(self, run_id: str, message: str) -> None:
        """Only the remote's workers do this."""
        raise not_here()


def missing_run(run_id: str) -> NotFound:
    """The error for a run that is not there (any more)."""
    return NotFound(f"There is no run {run_id}.")
