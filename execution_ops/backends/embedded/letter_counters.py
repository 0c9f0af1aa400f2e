"""How many dead letters are where, kept so that no request ever counts; the same way as `counters` does for jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

from execution_ops.backends.embedded.counters import FOLD_MAX
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import now_ms

HOUR_MS = 3_600_000
KEEP_HOURS = 24 * 31

_APPEND = text(
    "INSERT INTO letter_delta (fingerprint, tenant, job_type, state, entries, died_at) "
    "VALUES (:fingerprint, :tenant, :job_type, :state, :entries, :died_at)"
)
_TAKE = text(
    "DELETE FROM letter_delta WHERE seq IN (SELECT seq FROM letter_delta ORDER BY seq LIMIT :most) "
    "RETURNING fingerprint, tenant, job_type, state, entries, died_at"
)
_ADD = text(
    "INSERT INTO letter_counter (fingerprint, tenant, job_type, state, entries, last_at) "
    "VALUES (:fingerprint, :tenant, :job_type, :state, :entries, :last_at) "
    "ON CONFLICT (fingerprint, tenant, job_type, state) DO UPDATE "
    "SET entries = letter_counter.entries + excluded.entries, "
    "last_at = CASE WHEN excluded.last_at > letter_counter.last_at "
    "THEN excluded.last_at ELSE letter_counter.last_at END"
)
_ADD_HOUR = text(
    "INSERT INTO letter_hour (hour, fingerprint, tenant, deaths) VALUES (:hour, :fingerprint, :tenant, :deaths) "
    "ON CONFLICT (fingerprint, hour, tenant) DO UPDATE SET deaths = letter_hour.deaths + excluded.deaths"
)


class LetterMove(NamedTuple):
    """One entry's change of state; `old` is None, and `died_at` set, for a new one."""

    fingerprint: str
    tenant: str
    job_type: str
    old: DeadLetterState | None
    new: DeadLetterState
    died_at: int | None = None


def count_letters(connection: Connection, moves: Iterable[LetterMove]) -> None:
    """Count the moves, in the transaction that made them."""
    sums: Counter[tuple[str, str, str, DeadLetterState, int | None]] = Counter()
    for fingerprint, tenant, job_type, old, new, died_at in moves:
        if old is not None:
            sums[fingerprint, tenant, job_type, old, None] -= 1
        sums[fingerprint, tenant, job_type, new, died_at] += 1
    rows = [
        {
            "fingerprint": fingerprint,
            "tenant": tenant,
            "job_type": job_type,
            "state": state.value,
            "entries": entries,
            "died_at": died_at,
        }
        for (fingerprint, tenant, job_type, state, died_at), entries in sums.items()
        if entries
    ]
    if rows:
        connection.execute(_APPEND, rows)


def uncount_letters(connection: Connection, gone: Iterable[tuple[str, str, str, str]]) -> None:
    """Take removed entries (fingerprint, tenant, type, state) out of the counters, in the transaction that removes
    them. The hours in which they were added stay as they are: those tell of deaths."""
    names = ("fingerprint", "tenant", "job_type", "state")
    rows = [
        {**dict(zip(names, key, strict=True)), "entries": -entries, "died_at": None}
        for key, entries in Counter(gone).items()
    ]
    if rows:
        connection.execute(_APPEND, rows)


def fold_letters(engine: Engine) -> int:
    """Fold the deltas that are there into the counters; how many they were. The leader calls it each second."""
    total = 0
    while True:
        with write(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE letter_counter IN EXCLUSIVE MODE"))
            folded = _fold(connection)
            if total == 0:
                oldest = now_ms() // HOUR_MS - KEEP_HOURS
                connection.execute(text("DELETE FROM letter_hour WHERE hour < :oldest"), {"oldest": oldest})
        total += folded
        if folded < FOLD_MAX:
            return total


def _fold(connection: Connection) -> int:
    taken = connection.execute(_TAKE, {"most": FOLD_MAX}).all()
    sums: Counter[tuple[str, ...]] = Counter()
    newest: dict[tuple[str, ...], int] = {}
    hours: Counter[tuple[int, str, str]] = Counter()
    for fingerprint, tenant, job_type, state, entries, died_at in taken:
        key = (fingerprint, tenant, job_type, state)
        sums[key] += entries
        newest[key] = max(newest.get(key, 0), died_at or 0)
        if died_at is not None:
            hours[died_at // HOUR_MS, fingerprint, tenant] += entries
    names = ("fingerprint", "tenant", "job_type", "state")
    if sums:
        connection.execute(
            _ADD,
            [
                {**dict(zip(names, key, strict=True)), "entries": entries, "last_at": newest[key]}
                for key, entries in sorted(sums.items())
            ],
        )
    if hours:
        rows = [
            {"hour": hour, "fingerprint": fingerprint, "tenant": tenant, "deaths": deaths}
            for (hour, fingerprint, tenant), deaths in sorted(hours.items())
        ]
        connection.execute(_ADD_HOUR, rows)
    return len(taken)
