"""Fill a ledger with many made-up jobs, fast and always the same, for the other benchmarks.

    python -m benchmarks.seed --url sqlite:///seeded.db --jobs 1000000 [--queues 200]

The mix has traps for a list: values that only old jobs have, pairs of values that never meet,
states with a handful of jobs, and error words and payload values from common to unique.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlmodel import SQLModel

from execution_ops.backends.embedded.counter_tables import Counter as CounterRow
from execution_ops.backends.embedded.counters import add_rates, sum_up
from execution_ops.backends.embedded.engines import ledger_engine, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.tables import Dag, Job, JobToken, JobValue
from execution_ops.backends.embedded.tokens import error_tokens, payload_tokens
from execution_ops.domain.rates import MINUTE_MS, Window
from execution_ops.domain.states import ENDED, JobState
from execution_ops.domain.times import now_ms


def types(number: int) -> tuple[str, ...]:
    """The names of so many job types."""
    return tuple(f"type.t{i:02d}" for i in range(number))


def queues(number: int) -> tuple[str, ...]:
    """The names of so many queues."""
    return tuple(f"queue{i:02d}" for i in range(number))


TYPES = types(40)
QUEUES = queues(12)
TENANTS = tuple(f"tenant{i:02d}" for i in range(50))
WORKERS = tuple(f"worker-{i:02d}" for i in range(8))
ENDS = (JobState.SUCCEEDED, JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELED)
_ARRIVED, _FIGURES = 0, {JobState.SUCCEEDED: 1, JobState.FAILED: 2, JobState.TIMED_OUT: 2}
SHARES = (0.93, 0.045, 0.005, 0.02)
ERRORS = (
    ("ConnectionError", "connection refused by {host}"),
    ("TimeoutError", "no answer from {host} in 30 s"),
    ("ValueError", "the manifest of {host} is malformed"),
    ("SyftMissing", "syft is not installed: set EXECUTION_OPS_SYFT"),
)
DAYS = 30
DAG_SIZE = 8
WAITING = 3_000
# A type has a queue of its own; some of its jobs are in one of the next few.
SPREAD = 10
RUNNING = 8
CHUNK = 20_000


class Tables(NamedTuple):
    """Rows of one chunk, as tuples in the order of the tables' columns."""

    dags: list[tuple[Any, ...]]
    jobs: list[tuple[Any, ...]]
    values: list[tuple[Any, ...]]
    tokens: list[tuple[Any, ...]]


class Mix(NamedTuple):
    """How many jobs there are, and of what."""

    jobs: int
    types: tuple[str, ...] = TYPES
    queues: tuple[str, ...] = QUEUES


# (arrived, done, failed) by minute since 1970, tenant and queue.
Minutes = dict[tuple[int, str, str], list[int]]


def seed(engine: Engine, jobs: int, number_of_queues: int = len(QUEUES)) -> None:
    """Fill a migrated, empty ledger. Secondary indexes are made at the end: it is much faster."""
    mix = Mix(jobs, types(max(len(TYPES), number_of_queues)), queues(number_of_queues))
    indexes = sorted((index for index in Job.__table__.indexes), key=lambda index: str(index.name))  # type: ignore[attr-defined]
    with write(engine) as connection:
        if connection.scalar(text("SELECT 1 FROM job LIMIT 1")):
            raise SystemExit("The ledger has jobs already: give an empty one.")
        for index in indexes:
            connection.execute(DropIndex(index))
    counts: Counter[tuple[str, str, str, str]] = Counter()
    minutes: Minutes = {}
    for chunk in _chunks(mix, counts, minutes):
        with write(engine) as connection:
            for model, rows in (
                (Dag, chunk.dags),
                (Job, chunk.jobs),
                (JobValue, chunk.values),
                (JobToken, chunk.tokens),
            ):
                _copy(connection, model, rows)
    with write(engine) as connection:
        for index in indexes:
            connection.execute(CreateIndex(index))
        _copy(connection, CounterRow, [(*key, number) for key, number in sorted(counts.items())])
        sum_up(connection)
        add_rates(connection, minutes)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('job', 'n'), (SELECT max(n) FROM job))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


def _chunks(mix: Mix, counts: Counter[tuple[str, str, str, str]], minutes: Minutes) -> Iterator[Tables]:
    jobs = mix.jobs
    chance = random.Random(20_261_123)
    now = now_ms()
    numbers = itertools.count(1)
    dag_id, home = "", _Home()
    for start in range(0, jobs, CHUNK):
        tables = Tables([], [], [], [])
        for i in range(start, min(start + CHUNK, jobs)):
            # In bursts of about twenty to the millisecond.
            created = now - DAYS * 86_400_000 + int((i // 20 + 1) * 20 / jobs * DAYS * 86_400_000)
            if i % DAG_SIZE == 0:
                dag_id, home = _id(chance, created), _home(chance, i, mix)
                tables.dags.append((dag_id, "seeded", TENANTS[home.tenant], created, min(DAG_SIZE, jobs - i), None, ""))
            job = _job(chance, i, mix, created, home) | {"dag_id": dag_id}
            n = next(numbers)
            _add(tables, chance, n, job)
            counts[job["tenant"], job["job_type"], job["queue"], job["state"]] += 1
            figure = _FIGURES.get(job["state"])
            moments = [(_ARRIVED, created), *([] if figure is None else [(figure, job["finished_at"])])]
            for which, at in moments:
                if at > now - 2 * Window.DAY.ms:
                    minutes.setdefault((at // MINUTE_MS, job["tenant"], job["queue"]), [0, 0, 0])[which] += 1
        yield tables


class _Home(NamedTuple):
    """The tenant of a DAG's jobs and, where it is a trap, their type and queue."""

    tenant: int = 0
    kind: int | None = None
    queue: int | None = None


def _home(chance: random.Random, i: int, mix: Mix) -> _Home:
    if i < mix.jobs // 10 and chance.random() < 0.01:
        # Values that only old jobs have.
        return _Home(len(TENANTS) - 2, len(mix.types) - 2, len(mix.queues) - 2)
    if i % 100_000 == 80:
        # Values of a handful of jobs, wherever.
        return _Home(len(TENANTS) - 1, len(mix.types) - 1, len(mix.queues) - 1)
    return _Home(_zipf(chance, len(TENANTS) - 2))


def _job(chance: random.Random, i: int, mix: Mix, created: int, home: _Home) -> dict[str, Any]:
    kind = _zipf(chance, len(mix.types) - 2) if home.kind is None else home.kind
    if (kind, home.tenant) == (1, 1):
        # Two common values that never meet.
        kind = 0
    common = len(mix.queues) - 2
    queue = (kind + (0 if chance.random() < 0.9 else chance.randrange(SPREAD))) % common
    queue = queue if home.queue is None else home.queue
    left = mix.jobs - i
    if left <= RUNNING:
        state = JobState.RUNNING
    elif left <= WAITING and chance.random() < 0.5:
        state = JobState.PENDING if i % 3 == 0 else JobState.SCHEDULED
    else:
        state = chance.choices(ENDS, SHARES)[0]
    started = None if state in {JobState.PENDING, JobState.SCHEDULED} else created + chance.randrange(1_000)
    error_type, message = ("", "")
    if state in {JobState.FAILED, JobState.TIMED_OUT}:
        error_type, message = ERRORS[min(_zipf(chance, len(ERRORS)), 2)] if i % 20_000 else ERRORS[3]
    return {
        "id": _id(chance, created),
        "dag_id": "",
        "node_key": f"node{i % DAG_SIZE}",
        "job_type": mix.types[kind],
        "label": "",
        "group_key": "",
        "queue": mix.queues[queue],
        "tenant": TENANTS[home.tenant],
        "state": state.value,
        "cancel_requested_at": None,
        "dispatch": 1,
        "waiting_for": 1 if state is JobState.PENDING else 0,
        "attempts": 0 if started is None else 1,
        "tries_from": 0,
        "max_attempts": 3,
        "timeout_ms": 300_000,
        "priority": 0,
        "created_at": created,
        "eligible_at": None,
        "started_at": started,
        "finished_at": started + chance.randrange(60_000) if started and state in ENDED else None,
        "worker_id": "" if started is None else WORKERS[_zipf(chance, len(WORKERS))],
        "error_type": error_type,
        "error_message": message.format(host=f"host{_zipf(chance, 500)}"),
        "progress_done": 0,
        "progress_total": 0,
        "progress_note": "",
        "run_n": None,
    }


def _add(tables: Tables, chance: random.Random, n: int, job: dict[str, Any]) -> None:
    tables.jobs.append((n, *job.values()))
    tokens = error_tokens(job["error_type"], job["error_message"])
    if n % 10 == 0:
        payload = {"image": {"name": f"img{_zipf(chance, 1_000)}", "tag": "latest"}, "number": n, "dry": n % 50 == 0}
        body = json.dumps(payload)
        tables.values.append((n, "payload", body, len(body)))
        tokens |= payload_tokens(payload)
    tables.tokens.extend((token, job["created_at"], n) for token in tokens)


def _zipf(chance: random.Random, size: int) -> int:
    """A number below `size`, the small ones often (log-uniform, close to Zipf with exponent 1)."""
    return int(size ** chance.random() - 1 + 1e-9) if size > 1 else 0


def _id(chance: random.Random, at: int) -> str:
    value = f"{at:012x}7{chance.getrandbits(12):03x}{0x8000 | chance.getrandbits(14):04x}{chance.getrandbits(48):012x}"
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _copy(connection: Connection, model: type[SQLModel], rows: Sequence[tuple[Any, ...]]) -> None:
    table = model.__table__  # type: ignore[attr-defined]
    columns: Iterable[str] = table.columns.keys()
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        raw.executemany(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def main() -> None:
    """Migrate and fill the ledger that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="SQLAlchemy URL of an empty database")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--queues", type=int, default=len(QUEUES), help="in so many queues")
    arguments = parser.parse_args()
    engine = ledger_engine(arguments.url)
    upgrade(engine)
    began = time.monotonic()
    seed(engine, arguments.jobs, arguments.queues)
    print(f"{arguments.jobs:,} jobs in {time.monotonic() - began:.0f} s")
    engine.dispose()


if __name__ == "__main__":
    main()
