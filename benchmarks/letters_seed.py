"""Dead letters by the million, made up for `benchmarks.dead_letters`: entries in groups, and jobs to replay."""

from __future__ import annotations

import itertools
import random
from typing import Any

from sqlalchemy import Engine, insert, text

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.letters import payload_digest
from execution_ops.backends.embedded.transitions import table
from execution_ops.domain.error_categories import Category
from execution_ops.domain.fingerprints import fingerprint
from execution_ops.domain.ids import new_id
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import now_ms

GROUPS = 300
TENANTS = tuple(f"tenant{i:02d}" for i in range(20))
TYPES = tuple(f"bench.t{i:02d}" for i in range(30))
STATES = (DeadLetterState.PENDING, DeadLetterState.RESOLVED, DeadLetterState.REPLAYED, DeadLetterState.QUARANTINED)
SHARES = (0.55, 0.25, 0.18, 0.02)
CHUNK = 20_000
DAYS = 14
BODY = '{"order":12345,"customer":"c-1"}'


def seed(engine: Engine, entries: int) -> None:
    """Entries as burials leave them, with counters, in groups of very different sizes."""
    chance = random.Random(20_261_124)
    now = now_ms()
    groups = [_group(chance, i) for i in range(GROUPS)]
    weights = list(itertools.accumulate(1 / (i + 1) ** 0.8 for i in range(GROUPS)))
    counts: dict[tuple[str, str, str, str], list[int]] = {}
    hours: dict[tuple[int, str, str], int] = {}
    letter = table("dead_letter")
    for start in range(0, entries, CHUNK):
        rows = []
        for i in range(start, min(start + CHUNK, entries)):
            group = chance.choices(groups, cum_weights=weights)[0]
            died = now - DAYS * 86_400_000 + int((i + 1) / entries * DAYS * 86_400_000)
            state = chance.choices(STATES, SHARES)[0].value
            row = _entry(chance, group, died, state)
            rows.append(row)
            counted = counts.setdefault((row["fingerprint"], row["tenant"], row["job_type"], state), [0, 0])
            counted[0] += 1
            counted[1] = died
            hour = (died // 3_600_000, row["fingerprint"], row["tenant"])
            hours[hour] = hours.get(hour, 0) + 1
        with write(engine) as connection:
            connection.execute(insert(letter), rows)
    names = ("fingerprint", "tenant", "job_type", "state")
    with write(engine) as connection:
        connection.execute(
            insert(table("letter_group")), [{**group["mark"], "first_at": now - DAYS * 86_400_000} for group in groups]
        )
        connection.execute(
            insert(table("letter_counter")),
            [{**dict(zip(names, key, strict=True)), "entries": n, "last_at": at} for key, (n, at) in counts.items()],
        )
        connection.execute(
            insert(table("letter_hour")),
            [
                {"hour": hour, "fingerprint": mark, "tenant": tenant, "deaths": n}
                for (hour, mark, tenant), n in hours.items()
            ],
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


def _word(number: int) -> str:
    """A word for a number: numbers alone do not tell errors apart."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")


def _group(chance: random.Random, number: int) -> dict[str, Any]:
    error_type, message = f"Error{number % 40:02d}", f"step {_word(number)} of the import failed at row {number}"
    category = chance.choice(list(Category)).value
    mark = fingerprint(error_type, message, "", category)
    types = chance.sample(TYPES, 1 + number % 3)
    return {
        "mark": {
            "fingerprint": mark.digest,
            "error_type": error_type,
            "template": mark.template,
            "frame": mark.frame,
            "category": category,
        },
        "message": message,
        "types": types,
        "tenants": chance.sample(TENANTS, 1 + number % len(TENANTS)),
    }


def _entry(chance: random.Random, group: dict[str, Any], died: int, state: str) -> dict[str, Any]:
    mark = group["mark"]
    return {
        "id": new_id(),
        "job_id": new_id(),
        "dag_id": new_id(),
        "dag_title": "seeded",
        "node_key": "work",
        "job_type": chance.choice(group["types"]),
        "label": "",
        "queue": "bench",
        "tenant": chance.choice(group["tenants"]),
        "priority": 0,
        "state": state,
        "revision": 0,
        "created_at": died,
        "attempts": 3,
        "max_attempts": 3,
        "worker_id": "worker-1",
        "worker_version": "1",
        "error_type": mark["error_type"],
        "error_message": group["message"],
        "error_stack": "",
        "fingerprint": mark["fingerprint"],
        "category": mark["category"],
        "payload_sha256": "0" * 64,
        "payload_bytes": 100,
    }


def seed_dead_jobs(engine: Engine, count: int) -> None:
    """Jobs that died, with all that a replay needs of them."""
    now, digest = now_ms(), payload_digest(BODY)
    for start in range(0, count, CHUNK):
        jobs, values, letters = [], [], []
        dag_id = new_id()
        for i in range(start, min(start + CHUNK, count)):
            job_id, n = new_id(), 10_000_000 + i
            jobs.append(_job(job_id, n, dag_id, i, now))
            values.append({"job_n": n, "which": "payload", "body": BODY, "size": len(BODY)})
            letters.append(_letter(job_id, dag_id, now + i // 100, digest))
        with write(engine) as connection:
            dag = {"id": dag_id, "title": "seeded", "tenant": "bench", "created_at": now, "size": len(jobs)}
            connection.execute(insert(table("dag")), [dag])
            for name, rows in (("job", jobs), ("job_value", values), ("dead_letter", letters)):
                connection.execute(insert(table(name)), rows)
    mark = letters[0]
    counter = {name: mark[name] for name in ("fingerprint", "tenant", "job_type", "state")}
    with write(engine) as connection:
        connection.execute(insert(table("letter_counter")), [{**counter, "entries": count, "last_at": now}])


def _job(job_id: str, n: int, dag_id: str, i: int, now: int) -> dict[str, Any]:
    return {
        "n": n,
        "id": job_id,
        "dag_id": dag_id,
        "node_key": f"n{i}",
        "job_type": "bench.replayed",
        "queue": "replayed",
        "tenant": "bench",
        "state": "failed",
        "dispatch": 3,
        "attempts": 3,
        "max_attempts": 3,
        "timeout_ms": 60_000,
        "created_at": now + i // 100,
        "started_at": now,
        "finished_at": now,
        "error_type": "ValueError",
        "error_message": "order is broken",
    }


def _letter(job_id: str, dag_id: str, died: int, digest: str) -> dict[str, Any]:
    mark = fingerprint("ValueError", "order is broken", "", Category.VALIDATION.value)
    return {
        "id": new_id(),
        "job_id": job_id,
        "dag_id": dag_id,
        "dag_title": "seeded",
        "node_key": "work",
        "job_type": "bench.replayed",
        "label": "",
        "queue": "replayed",
        "tenant": "bench",
        "priority": 0,
        "state": "pending",
        "revision": 0,
        "created_at": died,
        "attempts": 3,
        "max_attempts": 3,
        "worker_id": "w",
        "worker_version": "1",
        "error_type": "ValueError",
        "error_message": "order is broken",
        "error_stack": "",
        "fingerprint": mark.digest,
        "category": Category.VALIDATION.value,
        "payload_sha256": digest,
        "payload_bytes": len(BODY),
    }


def failure(chance: random.Random) -> tuple[str, str, str]:
    """Error type, message and stack of a failure as handlers leave them."""
    messages = (
        f"order {chance.randrange(10**9)} of /srv/data/{chance.randrange(99)}/orders.csv is broken, "
        f"line {chance.randrange(999)}",
        f"no answer from 10.0.{chance.randrange(255)}.{chance.randrange(255)}:5432 in {chance.randrange(60)} s",
        f"GET https://api.example.org/v1/items/{chance.randrange(10**6)}?page=2 answered 503 "
        f"at 2026-11-{chance.randrange(1, 28):02d}T03:14:15Z",
        f"duplicate key {new_id()} in table orders",
    )
    frames = "".join(
        f'  File "/srv/app/.venv/lib/python3.11/site-packages/sqlalchemy/engine/part{i}.py", '
        f"line {chance.randrange(2000)}, "
        f"in _execute_{i}\n    return self._do(statement, parameters)\n"
        for i in range(8)
    )
    own = (
        f'  File "/srv/app/orders/load.py", line {chance.randrange(300)}, in load_{chance.randrange(20)}\n'
        "    save(row)\n"
    )
    stack = f"Traceback (most recent call last):\n{own}{frames}ValueError: {messages[0]}\n"
    return f"Error{chance.randrange(9)}", chance.choice(messages), stack
