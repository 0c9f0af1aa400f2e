"""Runs with many events, for benchmarks: seeded, and told on as their jobs would."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import Engine, insert, text, update

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.run_feed import EVENT, FEED, Entry, append
from execution_ops.backends.embedded.run_rows import RUN, SEGMENT, TARGET, run_values
from execution_ops.domain.ids import new_id
from execution_ops.domain.run_events import RunEventKind
from execution_ops.domain.runs import Trigger
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.times import now_ms

SEGMENTS = 8
TARGETS = 640
BATCH = 5_000
LEVELS = (10, 20, 20, 20, 20, 20, 20, 20, 30, 40)
LINE = "registry.acme/apps/mail:5.5 layer 3 of 12, already catalogued, 911 packages in 1.4 s, event"


@dataclass(frozen=True)
class SeededRun:
    """A run that goes on, as the ledger knows it."""

    n: int
    id: str


def seed_run(engine: Engine, events: int) -> SeededRun:
    """A run of 640 targets in 8 segments that has told so many lines and goes on."""
    spec = ScheduleSpec(name="registry-sweep", job_type="scan.inspect", cron="0 3 * * *")
    schedule = {"id": new_id(), "name": spec.name, "version": 1, "tenant": "acme", "queue": "scan"}
    now = now_ms()
    begun = now - events * 5
    values = run_values(schedule, spec, Trigger.CRON, begun, due_at=begun, state=RunState.RUNNING.value)
    values |= {"started_at": begun, "candidates": TARGETS, "running": 36, "completed": 490, "failed": 3, "waiting": 111}
    with write(engine) as connection:
        n = connection.execute(insert(RUN).returning(RUN.c.n), [values]).scalar_one()
        connection.execute(
            insert(SEGMENT), [{"run_n": n, "no": no, "name": f"/srv/part-{no}/*"} for no in range(1, SEGMENTS + 1)]
        )
        connection.execute(insert(TARGET), [_target(n, no, begun, now) for no in range(1, TARGETS + 1)])
        connection.execute(
            insert(FEED), {"run_n": n, "last_seq": 0, "last_line": 0, "job_lines": 0, "closed": False, **_levels(0)}
        )
    for first in range(1, events + 1, BATCH):
        numbers = range(first, min(events + 1, first + BATCH))
        with write(engine) as connection:
            connection.execute(insert(EVENT), [_event(n, seq, begun) for seq in numbers])
    with write(engine) as connection:
        standing = {"last_seq": events, "last_line": events, "job_lines": events, **_levels(events)}
        connection.execute(update(FEED).where(FEED.c.run_n == n).values(**standing))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return SeededRun(n, str(values["id"]))


@dataclass
class Teller:
    """Adds a line at a time to the feed of a run, each in a transaction of its own, at a rate, until told to stop.

    `committed` has the moment (s since 1970) at which each line was there, by its number.
    """

    engine: Engine
    run: SeededRun
    last: int
    per_second: int
    committed: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def tell(self) -> None:
        """Go on until `stop`."""
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due += 1 / self.per_second
            number = self.last = self.last + 1
            with write(self.engine) as connection:
                entry = Entry(RunEventKind.LOG, f"{LINE} {number}", 20, segment=1, target=1, source="mail:5.5 catalog")
                append(connection, self.run.n, self.run.id, now_ms(), [entry])
            self.committed[number] = time.time()

    def stop(self) -> None:
        """Tell no more."""
        self._stop.set()


def _target(n: int, no: int, begun: int, now: int) -> dict[str, object]:
    state = TargetState.COMPLETED if no <= 490 else TargetState.FAILED if no <= 493 else TargetState.WAITING
    if 493 < no <= 529:
        state = TargetState.RUNNING
    span = (now - begun) // TARGETS
    ended = state in (TargetState.COMPLETED, TargetState.FAILED)
    return {
        "run_n": n,
        "no": no,
        "segment": (no - 1) * SEGMENTS // TARGETS + 1,
        "target": f"/srv/part/{no}",
        "content": "",
        "state": state.value,
        "spec": "{}",
        "started_at": None if state is TargetState.WAITING else begun + no * span,
        "finished_at": begun + (no + 2) * span if ended else None,
    }


def _event(n: int, seq: int, begun: int) -> dict[str, object]:
    return {
        "run_n": n,
        "seq": seq,
        "at": begun + seq * 5,
        "kind": RunEventKind.LOG.value,
        "line": seq,
        "level": LEVELS[seq % len(LEVELS)],
        "segment": seq % SEGMENTS + 1,
        "target": seq % TARGETS + 1,
        "source": "mail:5.5 catalog",
        "job_id": "",
        "body": f"{LINE} {seq}",
    }


def _levels(events: int) -> dict[str, int]:
    share = events // len(LEVELS)
    counts = {"debug": share, "warning": share, "error": share}
    return {**counts, "info": events - 3 * share}
