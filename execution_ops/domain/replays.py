"""Replay plans: a frozen set of dead letters, what a dry run says of each, and how fast they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.states import DeadLetterState, JobState, ReplayState
from execution_ops.domain.times import Instant

RATE_MAX = 10_000.0
RATE_MIN = 0.01


class PlanKind(StrEnum):
    """What a plan does to its entries; the verb of the same name does it to one."""

    REPLAY = "replay"
    RESOLVE = "resolve"
    REOPEN = "reopen"


class Verdict(StrEnum):
    """What the dry run says of an entry, or why it was not sent."""

    ELIGIBLE = "eligible"
    NOT_OPEN = "not_open"
    QUARANTINED = "quarantined"
    UNREGISTERED = "unregistered"
    PAYLOAD_INVALID = "payload_invalid"
    PAYLOAD_GONE = "payload_gone"
    JOB_MOVED = "job_moved"
    FORBIDDEN = "forbidden"
    SUPERSEDED = "superseded"
    CHANGED = "changed"


class ItemStatus(StrEnum):
    """Where one entry of a plan is: judged, then sent or skipped, then what came of it."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    SENT = "sent"
    SKIPPED = "skipped"
    DONE = "done"
    SUCCEEDED = "succeeded"
    DIED_SAME = "died_same"
    DIED_NEW = "died_new"
    CANCELED = "canceled"


SENT = frozenset(
    {
        ItemStatus.SENT,
        ItemStatus.DONE,
        ItemStatus.SUCCEEDED,
        ItemStatus.DIED_SAME,
        ItemStatus.DIED_NEW,
        ItemStatus.CANCELED,
    }
)

SAYS: dict[Verdict, str] = {
    Verdict.ELIGIBLE: "will be sent",
    Verdict.NOT_OPEN: "not open any more",
    Verdict.QUARANTINED: "in quarantine: it died again too often, so only a single replay takes it",
    Verdict.UNREGISTERED: "handler no longer registered",
    Verdict.PAYLOAD_INVALID: "payload no longer valid",
    Verdict.PAYLOAD_GONE: "payload no longer stored as it was",
    Verdict.JOB_MOVED: "job runs, waits or has ended otherwise since",
    Verdict.FORBIDDEN: "takes a permission that no plan has, so only a single replay takes it",
    Verdict.SUPERSEDED: "its job was started again since, so this death is history",
    Verdict.CHANGED: "changed since the dry run",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ItemCounts(_Frozen):
    """How many entries of a plan are where, and for what reasons some are not sent."""

    by_status: dict[ItemStatus, int]
    by_verdict: dict[Verdict, int]

    @property
    def sent(self) -> int:
        """How many were sent, whatever came of them."""
        return sum(count for status, count in self.by_status.items() if status in SENT)

    @property
    def left(self) -> int:
        """How many are still to be sent."""
        return self.by_status.get(ItemStatus.ELIGIBLE, 0)

    @property
    def open(self) -> int:
        """How many were sent and have not come to an end yet."""
        return self.by_status.get(ItemStatus.SENT, 0)


class ReplayPlan(_Frozen):
    """A frozen set of dead letters and what is done with them.

    `filter` is the query that found them, empty for entries picked by hand; `description` says it in
    words. `total` is how many were frozen, `expected` how many were to be frozen as far as counted.
    `prepared` says that the freeze and the dry run are done, `starts` that it then starts by itself.
    `rate` is how many a second are sent at most, None for as fast as possible. `driver_job_id` is the
    background job that prepares or sends now or did so last; `driver_failed` says that it ended without
    finishing, so that the plan stands still. `side_effects` are warnings of the job types in it.
    `note` is the reason of its last change. `undoes` is the plan that this one takes back.
    """

    id: str
    kind: PlanKind
    description: str
    filter: str
    tenant: str
    state: ReplayState
    prepared: bool
    starts: bool
    expected: int
    total: int
    counts: ItemCounts
    rate: float | None
    actor: str
    reason: str
    ticket: str
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    changed_at: Instant
    changed_by: str
    note: str
    driver_job_id: str
    driver_failed: bool
    side_effects: tuple[str, ...]
    undoes: str


class ReplayItem(_Frozen):
    """One entry of a plan. `detail` says in words what its verdict is about (who changed it and when).

    Of an entry that was removed for its age only the number, the status and the verdict are left; its ids are "".
    """

    no: int
    letter_id: str
    job_id: str
    job_type: str
    label: str
    tenant: str
    error_type: str
    error_message: str
    status: ItemStatus
    verdict: Verdict
    detail: str
    sent_at: Instant | None


class PlanPage(_Frozen):
    """One page of plans, newest first."""

    plans: tuple[ReplayPlan, ...]
    next_cursor: str | None


class ItemPage(_Frozen):
    """One page of the entries of a plan, in their order; `next_no` is where the next page begins."""

    items: tuple[ReplayItem, ...]
    next_no: int | None


class Prepared(_Frozen):
    """How far freezing and judging is."""

    frozen: int
    finished: bool


class Dispatched(_Frozen):
    """What one batch did: how many it `sent` and skipped; `left` are still to send."""

    state: ReplayState
    rate: float | None
    sent: int
    skipped: int
    left: int


def check_rate(rate: float | None) -> float | None:
    """A rate in jobs a second, None for no limit; InvalidInput for what is no rate."""
    if rate is None:
        return None
    if isinstance(rate, bool) or not RATE_MIN <= rate <= RATE_MAX:  # NaN compares false
        raise InvalidInput(f"A rate is {RATE_MIN:g} to {RATE_MAX:,.0f} jobs a second, or none for no limit.")
    return float(rate)


def judge(
    kind: PlanKind,
    state: DeadLetterState,
    job_state: JobState | None,
    *,
    registered: bool,
    same_payload: bool,
    payload_problem: str,
) -> Verdict:
    """What a dry run says of an entry. `job_state` is None when the job is no longer stored.

    `payload_problem` is why the job type of today refuses the payload, empty if it takes it.
    """
    if kind is PlanKind.REOPEN:
        return Verdict.ELIGIBLE if state is DeadLetterState.RESOLVED else Verdict.NOT_OPEN
    if state is DeadLetterState.QUARANTINED:
        return Verdict.QUARANTINED
    if state is not DeadLetterState.PENDING:
        return Verdict.NOT_OPEN
    if kind is PlanKind.RESOLVE:
        return Verdict.ELIGIBLE
    if not registered:
        return Verdict.UNREGISTERED
    if job_state is None or not same_payload:
        return Verdict.PAYLOAD_GONE
    if payload_problem:
        return Verdict.PAYLOAD_INVALID
    if job_state not in (JobState.FAILED, JobState.TIMED_OUT):
        return Verdict.JOB_MOVED
    return Verdict.ELIGIBLE


@dataclass
class Pace:
    """How many may be sent by now at a rate. Times are seconds of a clock that never goes back.

    It counts from an anchor that moves when the rate changes, so that the rate is kept on the whole and
    no burst follows a pause: of what a stall missed it makes up for at most `BURST_S`.
    """

    BURST_S = 1.0

    rate: float | None = None
    anchor: float = 0.0
    sent: int = 0

    def set_rate(self, rate: float | None, now: float) -> None:
        """Go on at another rate from now."""
        if rate != self.rate:
            self.rate, self.anchor, self.sent = rate, now, 0

    def allowance(self, now: float, most: int) -> int:
        """How many may be sent now, at most `most`."""
        if self.rate is None:
            return most
        behind = self.rate * (now - self.anchor) - self.sent
        longest = max(1.0, self.rate * self.BURST_S)
        if behind > longest:
            self.anchor += (behind - longest) / self.rate
            behind = longest
        return max(0, min(most, int(behind + 1e-9)))

    def count(self, sent: int) -> None:
        """So many were sent."""
        self.sent += sent

    def wait_s(self, now: float) -> float:
        """How long until the next one may be sent."""
        if self.rate is None:
            return 0.0
        return max(0.0, self.anchor + (self.sent + 1) / self.rate - now)
