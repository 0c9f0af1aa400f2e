"""Dead letters and replay plans behind the port that the console knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from execution_ops.backends.embedded import letter_control, letter_groups, letter_reads, replay_rows
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.replay_driver import ReplayDriver
from execution_ops.backends.embedded.replay_freeze import ReplayFreezer
from execution_ops.backends.embedded.replay_plans import Plans
from execution_ops.domain.dead_letters import (
    DeadLetter,
    DeadLetterDetail,
    Groups,
    LetterCounts,
    LetterOutcome,
    LetterPage,
)
from execution_ops.domain.letter_filters import DeadLetterFilter
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
from execution_ops.domain.verbs import Stamp

# SQLite's write lock goes to whoever asks at the right moment. PostgreSQL's rows are waited for in turn, but
# the other jobs of the driver's process need the interpreter.
WRITER_PAUSE_S = {"sqlite": 0.022, "postgresql": 0.012}
Tenants = frozenset[str] | None


class LetterBackend:
    """Implements DeadLetterBackend and ReplayBackend; every method is as the port says."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self.pause_s = WRITER_PAUSE_S[plans.engine.dialect.name]
        self.driver = ReplayDriver(plans)
        self._freezer = ReplayFreezer(plans)

    def list_letters(self, where: DeadLetterFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> LetterPage:
        """One keyset page of entries."""
        return letter_reads.list_letters(self._plans.engine, where, tenants=tenants, cursor=cursor, limit=limit)

    def count_letters(self, where: DeadLetterFilter, *, tenants: Tenants) -> LetterCounts:
        """Counts by state."""
        return letter_reads.count_letters(self._plans.engine, where, tenants=tenants)

    def iterate_letters(
        self, where: DeadLetterFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[DeadLetter]]:
        """All matches in batches."""
        return letter_reads.iterate_letters(self._plans.engine, where, tenants=tenants, batch=batch)

    def letter_groups(self, where: DeadLetterFilter, *, tenants: Tenants, limit: int) -> Groups:
        """The error groups with the most open entries first."""
        return letter_groups.letter_groups(self._plans.engine, where, tenants=tenants, limit=limit)

    def get_letter(self, letter_id: str, *, tenants: Tenants) -> DeadLetterDetail | None:
        """Everything about one entry."""
        return letter_reads.get_letter(self._plans.engine, letter_id, tenants=tenants)

    def letter_facets(self, *, tenants: Tenants) -> dict[str, list[str]]:
        """Values to suggest in filters."""
        return letter_groups.letter_facets(self._plans.engine, tenants=tenants)

    def act_on_letters(
        self, verb: str, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[LetterOutcome]:
        """Replay, resolve or reopen entries."""
        plans = self._plans
        return letter_control.act(plans.engine, plans.dispatcher, plans.registry, verb, ids, stamp, revisions)

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
        """Store a plan and start the job that freezes and judges its entries."""
        return self._plans.create(
            kind,
            where=where,
            ids=ids,
            description=description,
            rate=rate,
            starts=starts,
            undoes=undoes,
            stamp=stamp,
        )

    def get_plan(self, plan_id: str, *, tenants: Tenants) -> ReplayPlan | None:
        """One plan."""
        with read(self._plans.engine) as connection:
            return replay_rows.plan_row(connection, plan_id, tenants)

    def list_plans(self, *, tenants: Tenants, cursor: str | None, limit: int) -> PlanPage:
        """Plans, newest first."""
        return replay_rows.list_plans(self._plans.engine, tenants=tenants, cursor=cursor, limit=limit)

    def plan_items(
        self,
        plan_id: str,
        *,
        tenants: Tenants,
        statuses: Sequence[ItemStatus],
        verdicts: Sequence[Verdict],
        after: int,
        limit: int,
    ) -> ItemPage | None:
        """Entries of a plan."""
        return replay_rows.plan_items(
            self._plans.engine,
            plan_id,
            tenants=tenants,
            statuses=statuses,
            verdicts=verdicts,
            after=after,
            limit=limit,
        )

    def act_on_plan(self, plan_id: str, verb: str, stamp: Stamp) -> ReplayPlan:
        """Start, hold, resume or abort."""
        return self._plans.act(plan_id, verb, stamp)

    def set_plan_rate(self, plan_id: str, rate: float | None, stamp: Stamp) -> ReplayPlan:
        """Another rate from now on."""
        return self._plans.set_rate(plan_id, rate, stamp)

    def prepare_plan(self, plan_id: str, *, batch: int) -> Prepared:
        """Freeze and judge the next entries of a draft."""
        return self._freezer.prepare(plan_id, batch=batch)

    def dispatch_plan(self, plan_id: str, round_: int, *, most: int) -> Dispatched:
        """Send the next entries of a running plan."""
        return self.driver.dispatch(plan_id, round_, most=most)
