"""The port for schedules, runs and what runs tell. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from execution_ops.domain.jobs import (
    LogLevel,
)
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.run_events import RunArtifact, RunEvent, RunFeed, RunLog, TargetBars
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import FiredAt, Plan, PlanOrder, Run, RunFigures, RunPage, RunTarget, Segment, Trigger
from execution_ops.domain.schedules import Schedule, ScheduleSpec, ScheduleVersion
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class ScheduleBackend(Protocol):
    """Schedules. Who may change one is checked by the stamp's actor: its tenants are all it may touch."""

    def create_schedule(self, tenant: str, spec: ScheduleSpec, stamp: Stamp, *, paused: bool) -> Schedule:
        """Make a schedule. InvalidInput, in words, for a spec that can't be; Conflict if its name is taken."""

    def edit_schedule(self, schedule_id: str, spec: ScheduleSpec, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Make the spec its next version. Conflict if it is not at `revision` any more, or nothing changes."""

    def act_on_schedule(self, schedule_id: str, verb: Verb, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Do one of SCHEDULE_PAUSE, _RESUME and _DELETE. Conflict as for an edit."""

    def check_schedule(self, spec: ScheduleSpec) -> ScheduleSpec:
        """The spec as it would be stored; InvalidInput, in words, if it can't be."""

    def get_schedule(self, schedule_id: str, *, tenants: frozenset[str] | None) -> Schedule | None:
        """One schedule, also a deleted one."""

    def schedules(self, *, tenants: frozenset[str] | None) -> list[Schedule]:
        """Every schedule that was not deleted, by name."""

    def schedule_versions(self, schedule_id: str, *, tenants: frozenset[str] | None) -> list[ScheduleVersion] | None:
        """The specs of a schedule, the newest first."""

    def firings(self, schedule_ids: Sequence[str], *, limit: int) -> dict[str, list[FiredAt]]:
        """The last due times of each schedule and what came of them, the newest first."""

    def coming_firings(self, *, tenants: frozenset[str] | None, limit: int) -> Coming:
        """The next due time of each enabled schedule, the soonest first, of at most so many."""

    def missed_firings(self, since: datetime, *, tenants: frozenset[str] | None, limit: int) -> list[MissedFiring]:
        """What the schedules that are kept missed since then, the last due time first, at most so many.

        One record that was made since then may begin before. Reads what came due in the time: sample it.
        """

    def missed_last(self, *, tenants: frozenset[str] | None) -> list[MissedFiring]:
        """The enabled schedules whose last due time brought no run and was meant to, by name."""


class RunBackend(Protocol):
    """Runs of schedules. Tenants are isolated as with jobs."""

    def run_schedule(self, schedule_id: str, trigger: Trigger, stamp: Stamp) -> Run:
        """Start a run now. The same `stamp.idempotency_key` of a tenant gives the first run again."""

    def cancel_run(self, run_id: str, stamp: Stamp) -> Run:
        """Cancel a run; one that is canceled already stays so. Conflict if it has ended otherwise."""

    def retry_run(self, run_id: str, verb: Verb, stamp: Stamp) -> Run:
        """Start a run that repeats an ended one (RUN_RETRY), or its failed segments (RUN_RETRY_FAILED)."""

    def get_run(self, run_id: str, *, tenants: frozenset[str] | None) -> Run | None:
        """One run."""

    def list_runs(self, where: RunFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> RunPage:
        """One keyset page. InvalidInput for a bad cursor."""

    def count_runs(self, where: RunFilter, *, tenants: frozenset[str] | None) -> dict[RunState, int]:
        """How many match in each state, without the filter's own states; bounded."""

    def run_figures(self, since: datetime, *, tenants: frozenset[str] | None) -> RunFigures:
        """How runs stand now, and what came of those made since then; bounded."""

    def run_spec(self, run_id: str) -> ScheduleSpec | None:
        """What a run follows."""

    def run_segments(self, run_id: str) -> list[Segment]:
        """The segments of a run, with how many targets of each are where."""

    def run_targets(
        self, run_id: str, *, after: int, limit: int, states: Sequence[TargetState] = ()
    ) -> list[RunTarget]:
        """Targets of a run with a number above `after`, in one of these states if any is given."""

    # for the planner

    def plan_order(self, run_id: str) -> PlanOrder | None:
        """What targets are to be found for; None if the run waits for no plan (any more)."""

    def known_content(self, schedule_id: str, targets: Sequence[str]) -> dict[str, str]:
        """What these targets held when they last succeeded for the schedule."""

    def plan_run(self, run_id: str, plan: Plan) -> bool:
        """Store the plan of a run, which goes on from it; False if it waits for none (any more)."""

    def fail_run(self, run_id: str, message: str) -> None:
        """End a run that could not be planned."""


class RunStreamBackend(Protocol):
    """The events of runs. Tenants are not asked here: `RunBackend.get_run` has answered for them."""

    def run_feed(self, run_id: str) -> RunFeed | None:
        """How far the events of a run go; None if there is no such run."""

    def run_events(self, run_id: str, *, after: int, limit: int) -> list[RunEvent]:
        """Events with a number above `after`, oldest first; never one before others with smaller numbers."""

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
        """Lines numbered above `after`, at least `level`, containing `text`, without the first `skip`.

        `last` takes the end instead.
        """

    def run_bars(self, run_id: str, segment: int) -> list[TargetBars]:
        """The targets of a segment with their jobs, in the order of the plan."""

    def run_artifacts(self, run_id: str, *, after: int, limit: int) -> list[RunArtifact]:
        """What the jobs of the `limit` targets after number `after` left behind, in the order of the plan."""
