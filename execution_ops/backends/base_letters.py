"""The port for dead letters and replay plans. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

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


class DeadLetterBackend(Protocol):
    """Dead letters: what died, in groups, and the verbs on entries. Tenants are isolated as with jobs."""

    def list_letters(
        self, where: DeadLetterFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
    ) -> LetterPage:
        """One keyset page of entries by their death. InvalidInput for a bad cursor."""

    def count_letters(self, where: DeadLetterFilter, *, tenants: frozenset[str] | None) -> LetterCounts:
        """Counts by state for the filter without its own states; from counters, else bounded."""

    def iterate_letters(
        self, where: DeadLetterFilter, *, tenants: frozenset[str] | None, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[DeadLetter]]:
        """All matches in keyset batches, each its own short read, for exports; `stamp` as in `iterate_jobs`."""

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

        An entry of which `revisions` names another revision than it has is refused: somebody was faster. So is the
        replay of a job of a type whose `scope` the actor does not hold.
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
