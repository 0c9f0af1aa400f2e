"""The port between the console and an engine. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.run_stream import RunStreamBackend
from execution_ops.domain.dead_letters import (
    DeadLetter,
    DeadLetterDetail,
    Groups,
    LetterCounts,
    LetterOutcome,
    LetterPage,
)
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.fleet import Fleet, WorkerOutcome
from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.jobs import (
    Change,
    Counts,
    Dag,
    Health,
    JobDetail,
    JobRow,
    LogLevel,
    LogSlice,
    Outcome,
    Page,
    Submission,
)
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.outlook import Coming, MissedFiring
from execution_ops.domain.quotas import Limits, Quota, QuotaRow
from execution_ops.domain.replays import (
    Dispatched,
    ItemPage,
    ItemStatus,
    PlanKind,
    PlanPage,
    Prepared,
    ReplayPlan,
    Verdict,
)
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import FiredAt, Plan, PlanOrder, Run, RunFigures, RunPage, RunTarget, Segment, Trigger
from execution_ops.domain.schedules import Schedule, ScheduleSpec, ScheduleVersion
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.verbs import Stamp, Verb


class Capabilities(BaseModel):
    """Which verbs an engine can do. A reason (in words) stands where it can't; empty means it can."""

    model_config = ConfigDict(frozen=True)

    cancel: str = ""
    retry: str = ""


class QuotaBackend(Protocol):
    """Quotas. Who may change one is checked by the stamp's actor: its tenants are all it may touch."""

    def quotas(self, *, tenants: frozenset[str] | None) -> tuple[QuotaRow, ...]:
        """All quotas that who sees these tenants sees, those of any tenant included, with their figures.

        The quotas are those of this moment. Their figures are sampled at most once a second, however
        often this is called.
        """

    def create_quota(self, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
        """Make a quota, which holds from then on. Conflict if there is one for this tenant and type."""

    def change_quota(
        self, quota_id: str, verb: Verb, limits: Limits | None, stamp: Stamp, *, revision: int | None
    ) -> Quota:
        """Do one of QUOTA_EDIT, _OVERRIDE (both with `limits`), _RESET, _PAUSE and _RESUME.

        It holds from the moment of its commit. NotFound for an unknown quota, Conflict if it is not at
        `revision` any more or the verb would change nothing; nothing is done then.
        """

    def delete_quota(self, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
        """Delete a quota; what it was. Its jobs go to the next one that fits them."""


class JobBackend(Protocol):
    """Jobs, their DAGs, their logs and their counts.

    Tenant isolation is the backend's: `tenants` None sees all, else only those. Ids are checked
    by the caller. A read of something unknown answers None; verbs answer one Outcome an id.
    """

    capabilities: Capabilities

    def close(self) -> None:
        """Give back connections and threads."""

    def ping(self) -> None:
        """One cheap read; raises Unavailable when the database does not answer."""

    def statements(self) -> int:
        """How many statements (or requests) this backend sent since it was opened."""

    # writing

    def submit(self, spec: DagSpec, *, tenant: str, stamp: Stamp) -> Submission:
        """Store a DAG whole and start what has no parents.

        The same `stamp.idempotency_key` of a tenant gives the first submission again.
        InvalidInput for an unknown job type, a payload its model refuses, a cycle or an unknown
        parent; nothing is stored then.
        """

    def cancel(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Cancel waiting jobs at once, ask running ones to stop. Audited in the same transaction.

        A database lost in the middle of many ids raises nothing: the outcomes of the rest say so.
        """

    def retry(self, ids: Sequence[str], stamp: Stamp) -> list[Outcome]:
        """Start ended jobs (RETRYABLE) again with fresh attempts. Audited likewise."""

    def witness(self, verb: str, subject: str, stamp: Stamp) -> None:
        """Write to the audit what changes nothing but must be known: that somebody saw secrets."""

    # reading

    def list_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> Page:
        """One keyset page; `cursor` is a Page's `older` or `newer`. InvalidInput for a bad cursor."""

    def count_jobs(self, where: JobFilter, *, tenants: frozenset[str] | None) -> Counts:
        """Counts by state for the filter without its own states; from counters, else bounded."""

    def iterate_jobs(
        self, where: JobFilter, *, tenants: frozenset[str] | None, batch: int = 500
    ) -> Iterator[list[JobRow]]:
        """All matches in keyset batches, each its own short read, for exports and bulk verbs."""

    def get_job(self, job_id: str, *, tenants: frozenset[str] | None) -> JobDetail | None:
        """One job with its attempts, timeline and relatives."""

    def get_value(self, job_id: str, which: str, *, tenants: frozenset[str] | None) -> str | None:
        """The JSON text of `payload` or `result`, not redacted. None if there is none."""

    def get_log(
        self,
        job_id: str,
        *,
        tenants: frozenset[str] | None,
        after: int = 0,
        skip: int = 0,
        limit: int = 500,
        level: LogLevel | None = None,
        text: str = "",
        last: bool = False,
    ) -> LogSlice | None:
        """Lines with seq > `after`, at least `level`, containing `text`, without the first `skip`.

        `last` takes the end instead.
        """

    def get_dag(self, dag_id: str, *, tenants: frozenset[str] | None) -> Dag | None:
        """The whole DAG."""

    def health(self, *, tenants: frozenset[str] | None) -> Health:
        """Queues and workers now. A sampler calls it, never a request."""

    def facets(self) -> dict[str, list[str]]:
        """The values that `job_type`, `queue` and `tenant` take, for suggestions; from counters."""

    def artifact(self, sha256: str, *, tenants: frozenset[str] | None) -> Path | None:
        """The stored file, None if unknown or of another tenant."""

    # live

    def last_change(self) -> int:
        """The newest sequence number of the change feed, 0 if empty."""

    def changes_after(self, seq: int, limit: int = 1000) -> tuple[list[Change], bool]:
        """Changes after `seq`, oldest first, and whether some were trimmed in between (then all changed).

        So it is too when the feed ends before `seq`: the database was put back to an older state.
        """


class DeadLetterBackend(Protocol):
    """Dead letters: what died, in groups, and the verbs on entries. Tenants are isolated as with jobs."""

    def list_letters(
        self, where: DeadLetterFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
    ) -> LetterPage:
        """One keyset page of entries by their death. InvalidInput for a bad cursor."""

    def count_letters(self, where: DeadLetterFilter, *, tenants: frozenset[str] | None) -> LetterCounts:
        """Counts by state for the filter without its own states; from counters, else bounded."""

    def iterate_letters(
        self, where: DeadLetterFilter, *, tenants: frozenset[str] | None, batch: int = 500
    ) -> Iterator[list[DeadLetter]]:
        """All matches in keyset batches, each its own short read, for exports."""

    def letter_groups(self, where: DeadLetterFilter, *, tenants: frozenset[str] | None, limit: int) -> Groups:
        """The groups with the most open entries, then the newest, and the figures around them.

        Of the filter, `group`, `tenant`, `job_type` and the categories count.
        """

    def get_letter(self, letter_id: str, *, tenants: frozenset[str] | None) -> DeadLetterDetail | None:
        """Everything about one entry."""

    def letter_facets(self, *, tenants: frozenset[str] | None) -> dict[str, list[str]]:
        """The values that `job_type`, `tenant` and `error_type` take, for suggestions; from counters."""

    def act_on_letters(
        self, verb: str, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[LetterOutcome]:
        """Replay, resolve or reopen entries. Audited in the same transaction, one Outcome an id.

        An entry of which `revisions` names another revision than it has is refused: somebody was faster.
        """


class ReplayBackend(Protocol):
    """Replay plans. A plan is seen by who may see all tenants that its maker saw.

    `pause_s` is how long whoever writes batch after batch waits between two, so that other writers get in.
    """

    pause_s: float

    def create_plan(
        self,
        kind: PlanKind,
        *,
        where: DeadLetterFilter | None,
        ids: Sequence[str],
        description: str,
        rate: float | None,
        starts: bool,
        undoes: str,
        stamp: Stamp,
    ) -> ReplayPlan:
        """Store a plan and start the job that freezes and judges its entries.

        The scope is `where` as it matches at this moment, else `ids`, else what the plan `undoes` did. The
        same `stamp.idempotency_key` gives the first plan again. Conflict if nothing matches.
        """

    def get_plan(self, plan_id: str, *, tenants: frozenset[str] | None) -> ReplayPlan | None:
        """One plan with the figures of its items."""

    def list_plans(self, *, tenants: frozenset[str] | None, cursor: str | None, limit: int) -> PlanPage:
        """Plans, newest first."""

    def plan_items(
        self,
        plan_id: str,
        *,
        tenants: frozenset[str] | None,
        statuses: Sequence[ItemStatus],
        verdicts: Sequence[Verdict],
        after: int,
        limit: int,
    ) -> ItemPage | None:
        """Entries of a plan with a number above `after`; empty sequences mean any."""

    def act_on_plan(self, plan_id: str, verb: str, stamp: Stamp) -> ReplayPlan:
        """Start, hold, resume or abort. Conflict, saying who and when, if its state does not allow that.

        What is already so is answered without doing it again.
        """

    def set_plan_rate(self, plan_id: str, rate: float | None, stamp: Stamp) -> ReplayPlan:
        """Send at another rate from now on."""

    # for the driver of a plan

    def prepare_plan(self, plan_id: str, *, batch: int) -> Prepared:
        """Freeze and judge the next entries of a draft; the last call makes it ready."""

    def dispatch_plan(self, plan_id: str, round_: int, *, most: int) -> Dispatched:
        """Send the next entries of a running plan, in one transaction with what it records of them.

        Only the driver of the current round sends anything.
        """


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


class WorkerBackend(Protocol):
    """The fleet. Workers belong to no tenant: all see them, and only who acts for all tenants changes them."""

    def fleet(self, *, tenants: frozenset[str] | None) -> Fleet:
        """The workers that live, and the last of those that ended in the last day; of running jobs and waiting
        ones only those of these tenants. A sampler calls it, never a request."""

    def act_on_workers(
        self, verb: Verb, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[WorkerOutcome]:
        """Do one of WORKER_DRAIN, _RESUME and _STOP. Audited in the same transaction, one Outcome an id.

        What is so already, and a worker of which `revisions` names another revision than it has, is refused.
        A worker keeps to it within a second: what it had taken is run, nothing else is taken.
        """


class Backend(
    JobBackend,
    QuotaBackend,
    DeadLetterBackend,
    ReplayBackend,
    ScheduleBackend,
    RunBackend,
    RunStreamBackend,
    WorkerBackend,
    Protocol,
):
    """All that an engine does for the console."""
