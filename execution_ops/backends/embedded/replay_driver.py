"""What drives a replay plan: sending its entries, and seeing what came of them.

Each batch is one transaction: what is sent and what is recorded of it commit together, so whoever is killed
in between has either done both or neither, and no entry is sent twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, bindparam, select, text, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.letter_control import said_change
from execution_ops.backends.embedded.letter_counters import LetterMove, count_letters
from execution_ops.backends.embedded.letters import ITEM, LETTER, PLAN, change
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.replay_freeze import entries_by_number, stamp_of
from execution_ops.backends.embedded.replay_judge import superseded
from execution_ops.backends.embedded.replay_plans import Plans, lock_plan
from execution_ops.backends.embedded.replay_rows import (
    count_outcomes,
    plan_touched,
    read_counts,
    tenants_of,
    with_outcomes,
)
from execution_ops.backends.embedded.restarts import restart_many
from execution_ops.backends.embedded.transitions import JOB, announce_topics, lock_jobs, restart
from execution_ops.domain.dead_letters import open_state
from execution_ops.domain.replays import (
    SAYS,
    Dispatched,
    ItemCounts,
    ItemStatus,
    PlanKind,
    Verdict,
)
from execution_ops.domain.states import DeadLetterState, JobState, ReplayState
from execution_ops.domain.times import now_ms
from execution_ops.domain.topics import LETTERS, REPLAYS, plan_topic

_NEXT_ITEMS = (
    select(ITEM)
    .where(ITEM.c.plan_n == bindparam("plan"), ITEM.c.status == ItemStatus.ELIGIBLE.value)
    .where(ITEM.c.verdict == Verdict.ELIGIBLE.value)
    .order_by(ITEM.c.no)
    .limit(bindparam("most"))
)
_JOB_IDS = select(LETTER.c.job_id).where(one_of(LETTER.c.n, "numbers"))
_SENT_ITEMS = (
    update(ITEM)
    .where(ITEM.c.plan_n == bindparam("of_plan"), one_of(ITEM.c.no, "numbers"))
    .values(status=bindparam("becomes"), sent_at=bindparam("at"))
)
# The locks on the entries and their jobs keep what is read here as it was picked.
_TAKE = (
    update(LETTER)
    .where(ITEM.c.plan_n == bindparam("of_plan"), one_of(ITEM.c.no, "numbers"))
    .where(LETTER.c.n == ITEM.c.letter_n, JOB.c.id == LETTER.c.job_id)
    .values(
        state=DeadLetterState.REPLAYING.value,
        revision=LETTER.c.revision + 1,
        attempt_from=JOB.c.attempts,
        plan_n=ITEM.c.plan_n,
        item_no=ITEM.c.no,
        changed_at=bindparam("at"),
        changed_by=bindparam("by"),
        note=bindparam("why"),
    )
)
_OPEN_PLANS = text("SELECT id, n, state, counts FROM replay_plan WHERE NOT settled AND state <> 'draft' ORDER BY n")


class _Pick(NamedTuple):
    """An item of the plan with its entry and, for a replay, the entry's job."""

    item: RowMapping
    entry: RowMapping | None
    job: RowMapping | None


@dataclass(frozen=True)
class ReplayDriver:
    """The work on plans; every method may be called again after a crash at any point."""

    plans: Plans

    @property
    def engine(self) -> Engine:
        """The ledger."""
        return self.plans.engine

    def dispatch(self, plan_id: str, round_: int, *, most: int) -> Dispatched:
        """Send the next entries of a running plan, see `ReplayBackend.dispatch_plan`."""
        with write(self.engine) as connection:
            plan = lock_plan(connection, plan_id)
            state, counts = ReplayState(plan["state"]), read_counts(plan["counts"])
            if state is not ReplayState.RUNNING or plan["rounds"] != round_:
                # Held, aborted, or another driver has taken over: nothing is left for this one.
                return Dispatched(state=state, rate=plan["rate"], sent=0, skipped=0, left=0)
            if most < 1:
                return Dispatched(state=state, rate=plan["rate"], sent=0, skipped=0, left=counts.left)
            picks = self._pick(connection, plan, most)
            sent, skipped = self._send(connection, plan, picks)
            if picks:
                counts = _moved(counts, plan, sent, skipped)
                connection.execute(update(PLAN).where(PLAN.c.n == plan["n"]).values(counts=counts.model_dump_json()))
                announce_topics(connection, [LETTERS, plan_topic(plan_id)], now_ms())
            left = counts.left if picks else 0
            return Dispatched(state=state, rate=plan["rate"], sent=len(sent), skipped=len(skipped), left=left)

    def settle(self) -> None:
        """See what became of what was sent, and complete what has come to its end. The leader calls it each second."""
        with read(self.engine) as connection:
            plans = [plan for plan in connection.execute(_OPEN_PLANS) if _may_move(plan.state, plan.counts)]
            found = [(plan.id, count_outcomes(connection, plan.n)) for plan in plans]
        for plan_id, outcomes in found:
            # Counted before the lock is taken: a driver must not wait for it. What ended meanwhile is seen next time.
            with write(self.engine) as connection:
                self._settle(connection, lock_plan(connection, plan_id), outcomes)

    def _settle(self, connection: Connection, plan: RowMapping, outcomes: dict[ItemStatus, int]) -> None:
        state, known = ReplayState(plan["state"]), read_counts(plan["counts"])
        counts = with_outcomes(known, outcomes)
        values: dict[str, Any] = {}
        if counts != known:
            values["counts"] = counts.model_dump_json()
        if state is ReplayState.RUNNING and counts.left == 0 and counts.open == 0:
            values |= {"state": ReplayState.COMPLETED.value, "ended_at": now_ms(), "settled": True}
            subject = f"plan {plan['id']}"
            record(
                connection,
                "complete",
                stamp_of(plan),
                touched=plan_touched(plan),
                subject=subject,
                count=counts.sent,
                before=plan["state"],
            )
        elif state in (ReplayState.ABORTED, ReplayState.COMPLETED) and counts.open == 0:
            values["settled"] = True
        if values:
            connection.execute(update(PLAN).where(PLAN.c.n == plan["n"]).values(**values))
            announce_topics(connection, [REPLAYS, plan_topic(plan["id"])], now_ms())

    def _pick(self, connection: Connection, plan: RowMapping, most: int) -> list[_Pick]:
        """The next items with their entries, locked after the entries' jobs."""
        items = list(connection.execute(_NEXT_ITEMS, {"plan": plan["n"], "most": most}).mappings())
        numbers = [item["letter_n"] for item in items]
        jobs: dict[str, RowMapping] = {}
        if plan["kind"] != PlanKind.RESOLVE.value:
            jobs = lock_jobs(connection, list(connection.execute(_JOB_IDS, {"numbers": numbers}).scalars()))
        entries = entries_by_number(connection, numbers, lock=True)
        picks = []
        for item in items:
            entry = entries.get(item["letter_n"])
            picks.append(_Pick(item, entry, jobs.get(entry["job_id"]) if entry is not None else None))
        return picks

    def _send(
        self, connection: Connection, plan: RowMapping, picks: Sequence[_Pick]
    ) -> tuple[list[_Pick], list[tuple[_Pick, str]]]:
        """Do the plan's verb to what is as the dry run found it; what was sent, and what was skipped and why."""
        sent: list[_Pick] = []
        skipped: list[tuple[_Pick, str]] = []
        old: set[int] = set()
        if plan["kind"] == PlanKind.REOPEN.value:
            old = superseded(connection, [pick.entry for pick in picks if pick.entry is not None])
        for pick in picks:
            why = _why_not(plan, pick, old)
            if why:
                skipped.append((pick, why))
            else:
                sent.append(pick)
        now = now_ms()
        if sent:
            if plan["kind"] == PlanKind.REPLAY.value:
                self._replay(connection, plan, sent, now)
            else:
                self._close(connection, plan, sent, now)
            self._record(connection, plan, sent)
        _mark(connection, plan, sent, skipped, now)
        return sent, skipped

    def _replay(self, connection: Connection, plan: RowMapping, sent: Sequence[_Pick], now: int) -> None:
        stamp = stamp_of(plan)
        taken = {"of_plan": plan["n"], "numbers": [pick.item["no"] for pick in sent]}
        connection.execute(_TAKE, {**taken, "at": now, "by": stamp.actor.name, "why": stamp.reason})
        count_letters(
            connection,
            [
                LetterMove(
                    pick.entry["fingerprint"],
                    pick.entry["tenant"],
                    pick.entry["job_type"],
                    DeadLetterState(pick.entry["state"]),
                    DeadLetterState.REPLAYING,
                )
                for pick in sent
                if pick.entry is not None
            ],
        )
        jobs = [pick.job for pick in sent if pick.job is not None]
        ready = [job for job in jobs if not job["waiting_for"]]
        gate = Gate(connection, self.plans.dispatcher)
        restart_many(connection, gate, ready, now, PlanKind.REPLAY.value, stamp)
        for job in jobs:
            if job["waiting_for"]:
                restart(connection, gate, job, now, PlanKind.REPLAY.value, stamp)
        gate.open()

    def _close(self, connection: Connection, plan: RowMapping, sent: Sequence[_Pick], now: int) -> None:
        stamp = stamp_of(plan)
        entries = [pick.entry for pick in sent if pick.entry is not None]
        if plan["kind"] == PlanKind.RESOLVE.value:
            change(connection, entries, DeadLetterState.RESOLVED, now, stamp=stamp, plan_n=plan["n"])
            return
        for state in (DeadLetterState.PENDING, DeadLetterState.QUARANTINED):
            part = [entry for entry in entries if open_state(entry["redeaths"]) is state]
            if part:
                change(connection, part, state, now, stamp=stamp, plan_n=plan["n"])

    def _record(self, connection: Connection, plan: RowMapping, sent: Sequence[_Pick]) -> None:
        ids = [pick.entry["id"] for pick in sent if pick.entry is not None]
        subject = json.dumps({"plan": plan["id"], "entries": ids})
        inverse = {"replay": "cancel", "resolve": "reopen", "reopen": "resolve"}[plan["kind"]]
        touched = plan_touched(plan)
        record(
            connection, plan["kind"], stamp_of(plan), touched=touched, subject=subject, count=len(sent), inverse=inverse
        )


def _may_move(state: str, counts: str) -> bool:
    """Whether counting a plan's items may bring anything new: not for one that is held with nothing under way."""
    return state != ReplayState.HELD or read_counts(counts).open > 0


def _why_not(plan: RowMapping, pick: _Pick, old: set[int]) -> str:
    """Why an entry is not sent although the dry run found it eligible, in words. `old` is what is superseded."""
    entry, tenants = pick.entry, tenants_of(plan)
    if entry is None or not (tenants is None or entry["tenant"] in tenants):
        return "It is not there any more."
    if entry["revision"] != pick.item["revision"]:
        return f"It changed: {said_change(entry)}."
    if entry["n"] in old:
        return f"{SAYS[Verdict.SUPERSEDED].capitalize()}."
    if plan["kind"] != PlanKind.REPLAY.value:
        return ""
    if pick.job is None:
        return f"{SAYS[Verdict.PAYLOAD_GONE].capitalize()}."
    if pick.job["state"] not in (JobState.FAILED, JobState.TIMED_OUT):
        return f"Its job is {pick.job['state'].replace('_', ' ')}."
    return ""


def _mark(
    connection: Connection,
    plan: RowMapping,
    sent: Sequence[_Pick],
    skipped: Sequence[tuple[_Pick, str]],
    now: int,
) -> None:
    of_plan = update(ITEM).where(ITEM.c.plan_n == plan["n"])
    numbers = [pick.item["no"] for pick in sent]
    if numbers:
        status = ItemStatus.SENT if plan["kind"] == PlanKind.REPLAY.value else ItemStatus.DONE
        values = {"of_plan": plan["n"], "numbers": numbers, "becomes": status.value, "at": now}
        connection.execute(_SENT_ITEMS, values)
    for pick, why in skipped:
        connection.execute(
            of_plan.where(ITEM.c.no == pick.item["no"]).values(
                status=ItemStatus.SKIPPED.value, verdict=Verdict.CHANGED.value, detail=why
            )
        )


def _moved(
    counts: ItemCounts, plan: RowMapping, sent: Sequence[_Pick], skipped: Sequence[tuple[_Pick, str]]
) -> ItemCounts:
    """The figures after a batch; counting all items for each batch would take longer than sending it."""
    by_status, by_verdict = dict(counts.by_status), dict(counts.by_verdict)
    status = ItemStatus.SENT if plan["kind"] == PlanKind.REPLAY.value else ItemStatus.DONE
    for key, more in ((status, len(sent)), (ItemStatus.SKIPPED, len(skipped))):
        if more:
            by_status[key] = by_status.get(key, 0) + more
    by_status[ItemStatus.ELIGIBLE] = by_status.get(ItemStatus.ELIGIBLE, 0) - len(sent) - len(skipped)
    if skipped:
        by_verdict[Verdict.CHANGED] = by_verdict.get(Verdict.CHANGED, 0) + len(skipped)
        by_verdict[Verdict.ELIGIBLE] = by_verdict.get(Verdict.ELIGIBLE, 0) - len(skipped)
    return ItemCounts(
        by_status={status: items for status, items in by_status.items() if items},
        by_verdict={verdict: items for verdict, items in by_verdict.items() if items},
    )
