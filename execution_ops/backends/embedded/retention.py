"""What the leading worker removes for its age: round by round, each step one short transaction.

A step that is killed has done all or nothing. Two leaders do no harm: what a step removes is judged anew in its
transaction.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select, text

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.leftovers import Cleaner, count_leftovers
from execution_ops.backends.embedded.letter_counters import fold_letters
from execution_ops.backends.embedded.retention_jobs import JobSweep
from execution_ops.backends.embedded.retention_looks import Position, Sweep
from execution_ops.backends.embedded.retention_sweeps import MISSED, AuditSweep, LetterSweep, RunSweep
from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.retention import (
    BATCH_FIRST,
    BATCH_MAX,
    Due,
    Kind,
    Policy,
    RetentionStatus,
    RetentionSurvey,
    Tally,
    next_batch,
)
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import from_ms, now_ms

logger = logging.getLogger(__name__)

TALLY = table("retention_tally")
ROUND = "round"
ROUND_EVERY_S = 600.0
TELL_EVERY_S = 1.0
LEFTOVER_ROWS = 2_000
PAUSE_MIN_S = 0.005
SURVEY_BATCH = 500
_ADD = text(
    "INSERT INTO retention_tally (kind, removed, at) VALUES (:kind, :removed, :at) ON CONFLICT (kind) DO UPDATE "
    "SET removed = retention_tally.removed + excluded.removed, at = excluded.at"
)
_FORGET_COUNTERS = text(
    "DELETE FROM letter_counter WHERE entries = 0 AND fingerprint NOT IN (SELECT fingerprint FROM letter_group) "
    "AND fingerprint NOT IN (SELECT fingerprint FROM letter_delta)"
)


def _sweeps() -> tuple[Sweep[Any], ...]:
    return (
        JobSweep(),
        LetterSweep(DeadLetterState.REPLAYED),
        LetterSweep(DeadLetterState.RESOLVED),
        RunSweep(),
        AuditSweep(),
    )


class Retention:
    """The removal of one ledger. One thread calls it."""

    def __init__(self, engine: Engine, store: ArtifactStore, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy
        self._cleaner = Cleaner(engine, store)
        self._steps: Iterator[float] | None = None
        self._next_round = 0.0
        self._told = 0.0

    def step(self) -> float | None:
        """Do one short piece of work; after how many seconds the next may follow, None if there is nothing to do.

        Raises Unavailable when the database does not answer; the round begins anew then.
        """
        if self._steps is None:
            if time.monotonic() < self._next_round:
                return None
            self._steps = self._round()
        try:
            return next(self._steps)
        except StopIteration:
            self._steps, self._next_round = None, time.monotonic() + ROUND_EVERY_S
            return None
        except BaseException:
            self._steps = None
            raise

    def _round(self) -> Iterator[float]:
        removed: Counter[Kind] = Counter()
        for sweep in _sweeps():
            before = self._policy.before(sweep.kind, now_ms())
            if before is not None:
                for number, pause in self._sweep(sweep, before):
                    removed[sweep.kind] += number
                    yield pause
        yield from self._missed_firings()
        yield from self._clear_leftovers()
        fold_letters(self._engine)
        with write(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE letter_counter IN EXCLUSIVE MODE"))
            connection.execute(_FORGET_COUNTERS)
            connection.execute(_ADD, {"kind": ROUND, "removed": 0, "at": now_ms()})
        if told := ", ".join(f"{number:,} {kind.word}" for kind, number in removed.items() if number):
            logger.info("removed for their age: %s", told)

    def _sweep(self, sweep: Sweep[Any], before: int) -> Iterator[tuple[int, float]]:
        """Steps through all that is old: how many were removed, and the pause to make."""
        position: Position | None = (0, 0)
        size = BATCH_FIRST
        while position is not None:
            now = now_ms()
            with read(self._engine) as connection:
                look = sweep.look(connection, before, now, position, size)
                if look.going:
                    sweep.prepare(connection, look)
            position = look.position
            if not look.going:
                yield 0, PAUSE_MIN_S
                continue
            with write(self._engine) as connection:
                began = time.perf_counter()
                number = sweep.remove(connection, look, before, now)
                if number:
                    connection.execute(_ADD, {"kind": sweep.kind.value, "removed": number, "at": now})
                    if position is None or time.monotonic() - self._told > TELL_EVERY_S:
                        self._told = time.monotonic()
                        sweep.tell(connection, look, now)
            held = time.perf_counter() - began
            logger.debug("removed %d %s in %.1f ms", number, sweep.kind.word, held * 1000)
            size = next_batch(size, held * 1000)
            # As long again for the others: SQLite lets one write at a time, and serves no queue.
            yield number, max(PAUSE_MIN_S, held)

    def _missed_firings(self) -> Iterator[float]:
        """Due times that were missed are a part of the history of runs."""
        before = self._policy.before(Kind.RUNS, now_ms())
        if before is None:
            return
        with read(self._engine) as connection:
            schedules = list(connection.execute(text("SELECT n FROM schedule ORDER BY n")).scalars())
        for schedule in schedules:
            values = {"before": before, "schedule": schedule, "limit": BATCH_MAX}
            gone = BATCH_MAX
            while gone == BATCH_MAX:
                with write(self._engine) as connection:
                    gone = connection.execute(MISSED, values).rowcount
                yield PAUSE_MIN_S

    def _clear_leftovers(self) -> Iterator[float]:
        after = 0
        while (left := self._cleaner.look(after)) is not None:
            done = False
            while not done:
                began = time.perf_counter()
                done = self._cleaner.clear(left, LEFTOVER_ROWS)
                yield max(PAUSE_MIN_S, time.perf_counter() - began)
            after = left["n"]


def survey(engine: Engine, policy: Policy) -> RetentionSurvey:
    """What a round would remove now. Reads it all, a batch at a time: for an operator, never for a request."""
    now = now_ms()
    due: dict[Kind, Due] = {kind: Due(kind=kind, days=policy.days(kind)) for kind in Kind}
    for sweep in _sweeps():
        before = policy.before(sweep.kind, now)
        position: Position | None = None if before is None else (0, 0)
        while position is not None and before is not None:
            with read(engine) as connection:
                look = sweep.look(connection, before, now, position, SURVEY_BATCH)
            position = look.position
            so_far = due[sweep.kind]
            stays = Counter(so_far.stays)
            stays.update({why.value: number for why, number in look.stays.items()})
            due[sweep.kind] = so_far.model_copy(
                update={"count": so_far.count + len(look.going), "stays": dict(sorted(stays.items()))}
            )
    return RetentionSurvey(at=from_ms(now), due=tuple(due.values()))


def status(engine: Engine, policy: Policy) -> RetentionStatus:
    """What was removed so far."""
    with read(engine) as connection:
        rows = {row["kind"]: row for row in connection.execute(select(TALLY)).mappings()}
        leftovers = count_leftovers(connection)
    return RetentionStatus(
        kinds=tuple(
            Tally(
                kind=kind,
                days=policy.days(kind),
                removed=rows[kind.value]["removed"] if kind.value in rows else 0,
                removed_at=from_ms(rows[kind.value]["at"]) if kind.value in rows else None,
            )
            for kind in Kind
        ),
        round_at=from_ms(rows[ROUND]["at"]) if ROUND in rows else None,
        leftovers=leftovers,
    )
