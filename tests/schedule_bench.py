"""Schedules and runs under test: a bench that plans, due times put into the past, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, text

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_tables import Worker
from execution_ops.backends.embedded.run_feed import Entry, append
from execution_ops.backends.embedded.run_rows import RUN
from execution_ops.domain.job_types import PLANNER_TYPE
from execution_ops.domain.runs import Run, Trigger
from execution_ops.domain.schedules import Schedule, ScheduleSpec
from execution_ops.domain.states import ENDED_RUNS
from execution_ops.domain.times import now_ms
from execution_ops.services.own_jobs import LEDGER
from tests.execution import STAMP, Bench, wait_until
from tests.jobs import QUEUE, REGISTRY, add_own

MINUTE_MS = 60_000


add_own(REGISTRY, "execution_ops.services.run_planner", PLANNER_TYPE)


def schedule(bench: Bench, *, tenant: str = "acme", paused: bool = False, **values: Any) -> Schedule:
    """A schedule of test.echo jobs, every minute, unless told otherwise."""
    LEDGER.bind(bench.beneath)
    given = {"name": "nightly", "job_type": "test.echo", "cron": "* * * * *", **values}
    return bench.backend.create_schedule(tenant, ScheduleSpec(**given), STAMP, paused=paused)


def stand_in(bench: Bench, *queues: str) -> None:
    """A worker that is online as far as the ledger tells, but runs nothing."""
    now = now_ms()
    worker = Worker(
        id="stand-in",
        name="stand-in",
        host="elsewhere",
        pid=1,
        version="0",
        state="online",
        queues=",".join(queues or (QUEUE, "ops")),
        concurrency=1,
        started_at=now,
        heartbeat_at=now,
    )
    with write(bench.beneath.engine) as connection:
        connection.execute(insert(Worker).values(**worker.model_dump()))


def due(bench: Bench, *schedules: Schedule, ago_ms: int = 0) -> int:
    """Make the next due time of the schedules one minute mark of the past; which."""
    at = (now_ms() - ago_ms) // MINUTE_MS * MINUTE_MS
    with write(bench.beneath.engine) as connection:
        for one in schedules:
            connection.execute(text("UPDATE schedule SET next_at = :at WHERE id = :id"), {"at": at, "id": one.id})
    return at


def looked(bench: Bench, at: int) -> None:
    """Due times were last looked at then."""
    with write(bench.beneath.engine) as connection:
        connection.execute(text("DELETE FROM lease WHERE name = 'scheduler'"))
        connection.execute(
            text("INSERT INTO lease (name, owner, until, epoch) VALUES ('scheduler', '', :at, 1)"), {"at": at}
        )


def firings(bench: Bench, of: Schedule) -> list[tuple[int, str, int]]:
    """(due time, why missed, how many) of a schedule, the oldest first."""
    rows = bench.rows(
        "SELECT f.due_at, f.missed, f.times FROM firing f JOIN schedule s ON s.n = f.schedule_n "
        "WHERE s.id = :id ORDER BY f.due_at",
        id=of.id,
    )
    return [(row["due_at"], row["missed"], row["times"]) for row in rows]


def run_now(bench: Bench, of: Schedule) -> Run:
    """A run of the schedule, asked for by hand."""
    return bench.backend.run_schedule(of.id, Trigger.MANUAL, STAMP)


def run(bench: Bench, run_id: str) -> Run:
    """The run as it stands."""
    found = bench.backend.get_run(run_id, tenants=None)
    assert found is not None
    return found


def await_end(bench: Bench, runs: Iterable[str]) -> list[Run]:
    """Wait until these runs have ended."""
    ids = list(runs)
    wait_until(lambda: all(run(bench, one).state in ENDED_RUNS for one in ids), "the runs have ended")
    return [run(bench, one) for one in ids]


def tell(bench: Bench, run_id: str, *entries: Entry, close: bool = False) -> None:
    """Let the run tell this, as whoever works on it does."""
    with write(bench.beneath.engine) as connection:
        n = connection.execute(select(RUN.c.n).where(RUN.c.id == run_id)).scalar_one()
        append(connection, n, run_id, now_ms(), entries, close=close)
