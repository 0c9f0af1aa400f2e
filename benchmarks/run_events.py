"""A run that has told very much, for benchmarks: seeded fast, and always the same."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, insert, select, text

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.run_feed import Entry, append, open_feeds, say, tell_segment, tell_state
from execution_ops.backends.embedded.run_rows import RUN, SEGMENT, TARGET
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import RunState, TargetState
from execution_ops.domain.times import now_ms

TENANT = "acme"
SEGMENTS = 4
TARGETS = 50
# A word of so few lines that a search has to look at nearly all.
NEEDLE = "manifest is malformed"
NEEDLE_EVERY = 20_000
_BATCH = 10_000
_LEVELS = ((logging.INFO, 70), (logging.DEBUG, 20), (logging.WARNING, 8), (logging.ERROR, 2))


def seed_run(engine: Engine, events: int, *, ended: bool = True) -> str:
    """A run of so many events in all, in segments of `TARGETS` targets each; its id. One that has not `ended` goes
    on telling what `tell` is given."""
    run_id, now = new_id(), now_ms()
    state = RunState.COMPLETED if ended else RunState.RUNNING
    run = {
        "id": run_id,
        "schedule_id": new_id(),
        "schedule_name": "benchmark",
        "schedule_version": 1,
        "spec": "{}",
        "tenant": TENANT,
        "job_type": "bench.nothing",
        "queue": "bench",
        "trigger_kind": "manual",
        "state": state.value,
        "settled": ended,
        "created_at": now,
        "started_at": now,
        "finished_at": now if ended else None,
        "completed" if ended else "running": SEGMENTS * TARGETS,
    }
    with write(engine) as connection:
        n = connection.execute(insert(RUN).returning(RUN.c.n), [run]).scalar_one()
        segments = range(1, SEGMENTS + 1)
        connection.execute(insert(SEGMENT), [{"run_n": n, "no": no, "name": f"images/{no}/*.tar"} for no in segments])
        connection.execute(
            insert(TARGET),
            [
                {
                    "run_n": n,
                    "no": (segment - 1) * TARGETS + i,
                    "segment": segment,
                    "target": f"images/{segment}/{i}.tar",
                    "state": (TargetState.COMPLETED if ended else TargetState.RUNNING).value,
                    "spec": "{}",
                    "started_at": now,
                    "finished_at": now if ended else None,
                }
                for segment in segments
                for i in range(1, TARGETS + 1)
            ],
        )
        open_feeds(connection, {n: [tell_state(RunState.RUNNING)]}, now)
    told = [*_events(events - 2), tell_state(state) if ended else say("The seed ends here.")]
    for start in range(0, len(told), _BATCH):
        tell(engine, run_id, told[start : start + _BATCH], close=ended and start + _BATCH >= len(told))
    if engine.dialect.name == "postgresql":
        # What its own daemon does sooner or later.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE run_event"))
    return run_id


def tell(engine: Engine, run_id: str, entries: Sequence[Entry], *, close: bool = False) -> None:
    """Let the run tell this in one transaction, as a worker does."""
    with write(engine) as connection:
        n = connection.execute(select(RUN.c.n).where(RUN.c.id == run_id)).scalar_one()
        append(connection, n, run_id, now_ms(), entries, close=close)


def line_of_job(words: str, level: int = logging.INFO, *, segment: int = 1, target: int = 1) -> Entry:
    """A line as a job writes it."""
    entry = say(words, level, source="catalog: java archives", segment=segment, target=target)
    return entry._replace(job_id=f"01a211be-9063-776b-8313-{target:012d}")


def _events(count: int) -> Iterator[Entry]:
    chance = random.Random(1)
    levels, weights = zip(*_LEVELS, strict=True)
    for i in range(count):
        segment, target = chance.randint(1, SEGMENTS), chance.randint(1, TARGETS)
        if i % 500 == 499:
            yield tell_segment(segment, f"images/{segment}/*.tar", {TargetState.RUNNING: TARGETS})
            continue
        words = f"Looked at layer {i} of images/{segment}/{target}.tar and found {chance.randrange(900)} packages in it"
        if i % NEEDLE_EVERY == NEEDLE_EVERY - 1:
            words = f"{words}; the {NEEDLE}"
        (level,) = chance.choices(levels, weights)
        yield line_of_job(words, level, segment=segment, target=(segment - 1) * TARGETS + target)
