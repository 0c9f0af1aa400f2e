"""What the leader does at due times: a run, or a record of why there is none.

DBOS has schedules, but a thread for each of them, with up to 10 s of jitter, without a catch-up window and
without a word on what was missed. Here a due time is decided in one transaction with its run and with the
start of what plans it, under a key that can exist once, so whoever is killed in between has done all or
nothing, and two leaders do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, bindparam, exists, insert, select, text, update

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_control import WORKER
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.many import one_of
from execution_ops.backends.embedded.run_rows import RUN, SCHEDULER, run_values, store_runs
from execution_ops.backends.embedded.schedules import SCHEDULE
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.cron import Cron
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.firings import Occurrence, between, next_after
from execution_ops.domain.job_types import Registry
from execution_ops.domain.runs import Trigger
from execution_ops.domain.schedules import GRACE_S, Missed, Overlap, ScheduleSpec
from execution_ops.domain.states import ACTIVE_RUNS, WorkerState
from execution_ops.domain.times import from_ms, to_ms
from execution_ops.domain.topics import RUNS, SCHEDULES
from execution_ops.domain.verbs import REASON_MAX
from execution_ops.domain.zones import zone

FIRING = table("firing")
LEASE = table("lease")
# In this row of `lease`, `until` is when due times were last looked at.
WATCH = "scheduler"
BATCH = 100
# More due times than this that were missed for one reason are not counted further.
TIMES_MAX = 1_000
_DECIDED = exists().where(FIRING.c.schedule_n == SCHEDULE.c.n, FIRING.c.due_at == SCHEDULE.c.next_at)
_DUE = (
    select(SCHEDULE, _DECIDED.label("decided"))
    .where(SCHEDULE.c.deleted_at.is_(None), SCHEDULE.c.next_at <= bindparam("now"))
    # Without a worker it stays due until its window is over.
    .where(
        one_of(SCHEDULE.c.queue, "served")
        | SCHEDULE.c.paused_at.is_not(None)
        | (SCHEDULE.c.next_at + SCHEDULE.c.catch_up_ms < bindparam("now") - GRACE_S * 1000)
    )
    .order_by(SCHEDULE.c.next_at, SCHEDULE.c.n)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_NEXT = update(SCHEDULE).where(SCHEDULE.c.n == bindparam("of")).values(next_at=bindparam("then"))
_LOOKED = text(
    "INSERT INTO lease (name, owner, until, epoch) VALUES (:name, '', :at, 1) "
    "ON CONFLICT (name) DO UPDATE SET until = excluded.until"
)
_ACTIVE = (
    select(RUN.c.n, RUN.c.schedule_id, RUN.c.waits_for)
    .where(one_of(RUN.c.schedule_id, "schedules"), RUN.c.state.in_([state.value for state in ACTIVE_RUNS]))
    .order_by(RUN.c.n)
)


@dataclass
class _Look:
    """One pass over what is due, within a transaction: what it decided, to be written together."""

    now: int
    last: int
    nexts: list[dict[str, Any]] = field(default_factory=list)
    # Each with the id of its run, empty for none.
    firings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Clockwork:
    """Fires schedules; the leader calls `fire` each second."""

    engine: Engine
    dispatcher: Dispatcher
    registry: Registry

    def fire(self) -> int:
        """Decide every due time up to now; how many."""
        total = 0
        while True:
            with write(self.engine) as connection:
                decided = self._fire(connection)
                if not decided:
                    _looked(connection)
                    return total
            total += decided

    def _fire(self, connection: Connection) -> int:
        """Decide one due time of each of the next schedules; how many."""
        now = clock_ms(connection)
        look = _Look(now=now, last=_last_look(connection, now))
        due = list(connection.execute(_DUE, {"now": now, "served": sorted(served_queues(connection))}).mappings())
        if not due:
            return 0
        active = _active(connection, [row["id"] for row in due])
        for row in due:
            try:
                _decide(look, row, active.get(row["id"], []))
            except InvalidInput as error:
                # Its zone or rule is not known any more, after an upgrade: that must not hold up the others.
                _suspend(connection, row, error.message, now)
        if look.nexts:
            self._store(connection, look)
        return len(due)

    def _store(self, connection: Connection, look: _Look) -> None:
        numbers = store_runs(connection, Gate(connection, self.dispatcher), self.registry, look.runs)
        if look.firings:
            columns = [{**firing, "run_n": numbers.get(run_id)} for run_id, firing in look.firings]
            connection.execute(insert(FIRING), columns)
        connection.execute(_NEXT, look.nexts)
        announce_topics(connection, [SCHEDULES, RUNS], look.now)


def served_queues(connection: Connection) -> frozenset[str]:
    """The queues that some worker takes jobs from."""
    online = connection.execute(select(WORKER.c.queues).where(WORKER.c.state == WorkerState.ONLINE.value)).scalars()
    return frozenset(queue for queues in online for queue in queues.split(","))


def _decide(look: _Look, row: RowMapping, active: Sequence[RowMapping]) -> None:
    """Decide the next due time of a schedule; `active` are its runs that have not ended, oldest first."""
    spec = ScheduleSpec.model_validate_json(row["spec"])
    cron, place, at = Cron.parse(spec.cron), zone(spec.zone), row["next_at"]
    last, times = from_ms(at), 1
    if row["decided"]:
        # The schedule's row is older than the record of its firing: what was decided stays so.
        look.nexts.append({"of": row["n"], "then": _ms(next_after(cron, place, last))})
        return
    why = _why_missed(look, row, spec, active)
    horizon = look.now - _window_ms(spec)
    if why and at < horizon:
        # All that is too late is told at once: it may be a week of seconds.
        more = between(cron, place, last, from_ms(horizon), TIMES_MAX)
        times += len(more)
        last = more[-1].at if more else last
        if len(more) == TIMES_MAX:
            last = from_ms(horizon)
    run_id = ""
    if not why:
        waits_for = active[-1]["n"] if active and spec.overlap is Overlap.QUEUE_ONE else None
        run = run_values(dict(row), spec, Trigger.CRON, look.now, due_at=at, waits_for=waits_for)
        look.runs.append(run)
        run_id = run["id"]
    firing = {"schedule_n": row["n"], "due_at": at, "missed": why, "times": times, "at": look.now}
    look.firings.append((run_id, firing))
    look.nexts.append({"of": row["n"], "then": _ms(next_after(cron, place, last))})


def _why_missed(look: _Look, row: RowMapping, spec: ScheduleSpec, active: Sequence[RowMapping]) -> str:
    """Why there is no run at the due time; empty if there is one."""
    if row["paused_at"] is not None:
        return Missed.PAUSED.value
    if row["next_at"] < look.now - _window_ms(spec):
        # Nobody looked since it came due: the system was down. Else it was seen, and waited for a worker.
        return (Missed.SYSTEM_DOWN if row["next_at"] >= look.last else Missed.NO_WORKER).value
    if active and spec.overlap is Overlap.SKIP:
        return Missed.OVERLAP.value
    if spec.overlap is Overlap.QUEUE_ONE and any(run["waits_for"] is not None for run in active):
        return Missed.OVERLAP.value
    return ""


def _suspend(connection: Connection, row: RowMapping, why: str, now: int) -> None:
    """Pause a schedule that can't be read; whoever resumes it has mended it first."""
    values = {"paused_at": now, "paused_by": SCHEDULER.actor.name, "pause_reason": why[:REASON_MAX], "next_at": None}
    told = {"revision": row["revision"] + 1, "changed_at": now, "changed_by": SCHEDULER.actor.name}
    connection.execute(update(SCHEDULE).where(SCHEDULE.c.n == row["n"]).values(**values, **told))


def _ms(following: Occurrence | None) -> int | None:
    return None if following is None else to_ms(following.at)


def _window_ms(spec: ScheduleSpec) -> int:
    return max(spec.catch_up_s, GRACE_S) * 1000


def _active(connection: Connection, schedules: Sequence[str]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = {}
    for run in connection.execute(_ACTIVE, {"schedules": schedules}).mappings():
        found.setdefault(run["schedule_id"], []).append(run)
    return found


def _last_look(connection: Connection, now: int) -> int:
    """When due times were last looked at; now if never."""
    last = connection.execute(select(LEASE.c.until).where(LEASE.c.name == WATCH)).scalar_one_or_none()
    return now if last is None else int(last)


def _looked(connection: Connection) -> None:
    connection.execute(_LOOKED, {"name": WATCH, "at": clock_ms(connection)})
