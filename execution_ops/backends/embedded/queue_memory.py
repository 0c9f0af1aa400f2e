"""What is read of queues less often than how they stand: the types of their jobs, and which job waits longest."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from execution_ops.backends.embedded.jobs_sql import OLDEST_PROBES, oldest_query
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch

# A queue hardly ever gets a first job of another type.
TYPES_S = 10.0
# Which job waits longest is shown in minutes; that none waits is known at once.
WAIT_S = 2.0
VIEWERS_MAX = 32
# The tenants that a viewer sees, as `one_of` takes them; empty for all.
Seen = dict[str, tuple[str, ...]]


class _Wait(NamedTuple):
    """Since when the job that waits longest may start, in ms, and when that was read, in s."""

    since: int
    read_at: float


class _OfViewer:
    """What was read for those who see the same tenants."""

    def __init__(self) -> None:
        self.types: dict[str, list[str]] = {}
        self.types_at = float("-inf")
        self.waits: dict[str, _Wait] = {}


class QueueMemory:
    """Remembers for a few seconds what takes a look at each queue to find out. Thread-safe."""

    def __init__(self) -> None:
        self._viewers: OrderedDict[tuple[str, ...] | None, _OfViewer] = OrderedDict()
        self._lock = threading.Lock()

    def job_types(self, connection: Connection, seen: Seen, queues: Collection[str]) -> dict[str, list[str]]:
        """The types of the jobs that each queue has or had, by name. `queues` have some, so they are among them."""
        viewer = self._of(seen)
        if time.monotonic() - viewer.types_at > TYPES_S or not viewer.types.keys() >= set(queues):
            viewer.types, viewer.types_at = job_types(connection, seen), time.monotonic()
        return viewer.types

    def waiting_since(self, connection: Connection, seen: Seen, queues: Collection[str]) -> dict[str, int]:
        """Since when the job that waits longest in each of these queues may start, in ms; `queues` have one that does.

        It is the earliest of the oldest few. In the future it is for a job in its back-off.
        """
        viewer, now = self._of(seen), time.monotonic()
        known = viewer.waits
        kept = {queue: known[queue] for queue in queues if queue in known and now - known[queue].read_at <= WAIT_S}
        fresh = _waiting_since(connection, seen, [queue for queue in queues if queue not in kept])
        viewer.waits = {**kept, **{queue: _Wait(since, now) for queue, since in fresh.items()}}
        return {queue: wait.since for queue, wait in viewer.waits.items()}

    def _of(self, seen: Seen) -> _OfViewer:
        with self._lock:
            viewer = self._viewers.pop(seen.get("tenant"), None) or _OfViewer()
            self._viewers[seen.get("tenant")] = viewer
            if len(self._viewers) > VIEWERS_MAX:
                self._viewers.popitem(last=False)
            return viewer


def job_types(connection: Connection, seen: Seen) -> dict[str, list[str]]:
    """The types of the jobs that each queue has or had, by name."""
    where, params = one_of(seen)
    # Each DISTINCT goes through an index; a UNION would sort what both gave.
    sql = " UNION ALL ".join(
        f"SELECT DISTINCT queue, job_type FROM {table} WHERE {where}" for table in ("counter", "counter_delta")
    )
    types: dict[str, set[str]] = defaultdict(set)
    for row in fetch(connection, Query(sql, params)):
        types[row["queue"]].add(row["job_type"])
    return {queue: sorted(names) for queue, names in types.items()}


def _waiting_since(connection: Connection, seen: Seen, queues: Sequence[str]) -> dict[str, int]:
    """In two steps: a job that was created first and has been allowed to start ever since waits longest. Only where
    the first one does not, for it was tried before or waited for a parent, those after it are asked as well."""
    found: dict[str, int] = {}
    unsure = set()
    for queue, created, since in _oldest(connection, seen, queues, probes=1):
        found[queue] = min(found.get(queue, since), since)
        if since > created:
            unsure.add(queue)
    for queue, _, since in _oldest(connection, seen, sorted(unsure), probes=OLDEST_PROBES):
        found[queue] = min(found[queue], since)
    return found


def _oldest(
    connection: Connection, seen: Seen, queues: Sequence[str], *, probes: int
) -> Iterator[tuple[str, int, int]]:
    """Of the jobs of each queue and tenant that were created first: queue, creation, and since when they may start."""
    # In parts: SQLite joins at most 500 selects.
    for few_queues in _parts(queues):
        for few_tenants in _parts(seen.get("tenant", ("",))):
            closed = {**({"tenant": few_tenants} if seen else {}), "queue": few_queues}
            for row in fetch(connection, oldest_query(closed, connection.dialect.name, probes)):
                since = row["eligible_at"] or row["scheduled_at"] or row["created_at"]
                yield row["queue"], row["created_at"], since


def _parts(values: Sequence[str], size: int = 20) -> list[tuple[str, ...]]:
    return [tuple(values[start : start + size]) for start in range(0, len(values), size)]
