"""How long the job list takes on a ledger that `benchmarks.seed` filled.

    python -m benchmarks.list_jobs --url sqlite:///seeded.db

Through the service: the first page, deep pages, every combination of up to four filters (common,
rare, old and never-met values), searches, and the counts of the summary page. One line a kind.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from benchmarks.seed import QUEUES, TENANTS, TYPES, WORKERS
from execution_ops.backends.base import JobBackend
from execution_ops.backends.embedded.engines import QueryCounter, ledger_engine
from execution_ops.backends.embedded.reads import LedgerReads
from execution_ops.domain.access import local_operator
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.paging import Cursor, Towards, encode_cursor
from execution_ops.domain.query_values import Sort
from execution_ops.services.jobs import JobService

TARGET_P95_MS = 10.0
TARGET_WORST_MS = 50.0
Pair = tuple[str, str]

# For each filter: common, middling, old only, a handful, none at all. Each in two or three values.
CHOICES: dict[str, list[list[Pair]]] = {
    "state": [[("state", value)] for value in ("succeeded", "failed", "timed_out", "running", "pending")]
    + [[("state", "failed"), ("state", "timed_out")]],
    "job_type": [[("job_type", value)] for value in (TYPES[0], TYPES[1], TYPES[20], TYPES[38], TYPES[39], "no.such")]
    + [[("job_type", value) for value in TYPES[3:8]]],
    "queue": [[("queue", value)] for value in (QUEUES[0], QUEUES[5], QUEUES[10], QUEUES[11])],
    "tenant": [[("tenant", value)] for value in (TENANTS[0], TENANTS[1], TENANTS[25], TENANTS[48], TENANTS[49])]
    + [[("tenant", value) for value in TENANTS[10:15]]],
    "time": [[("after", "24h")], [("after", "1h")], [("before", "28d")], [("after", "20d"), ("before", "19d")]],
    "ended": [[("ended_after", "30m")], [("ended_after", "24h")]],
    "worker": [[("worker", WORKERS[0])], [("worker", WORKERS[7])], [("worker", "worker-99")]],
    "error": [[("error", word)] for word in ("refused", "host0 refused", "host499", "syft", "nothing")],
    "payload": [
        [("payload.image.tag", "latest")],
        [("payload.image.name", "img0")],
        [("payload.image.name", "img900")],
        [("payload.number", "500000")],
        [("payload.image.tag", "latest"), ("payload.image.name", "img3")],
    ],
    "id": [[("id", "01")], [("id", "019")], [("id", "ffff")]],
}


def combinations(most: int, sample: int | None) -> Iterator[tuple[int, JobFilter]]:
    """Every combination of up to `most` filters, or an even sample of those with each number."""
    chance = random.Random(1)
    for size in range(1, most + 1):
        found = [
            list(itertools.chain.from_iterable(chosen))
            for names in itertools.combinations(CHOICES, size)
            for chosen in itertools.product(*(CHOICES[name] for name in names))
        ]
        if sample is not None and len(found) > sample:
            found = chance.sample(found, sample)
        for pairs in found:
            yield size, JobFilter.from_query(pairs)


class Times:
    """Milliseconds of calls of one kind, with the slowest one's name.

    Each call is made `repeat` times and the best counts: 1 on a quiet machine, 3 where other
    programs take the processor away now and then.
    """

    def __init__(self, repeat: int) -> None:
        self._repeat = repeat
        self.ms: list[float] = []
        self.worst = (0.0, "")

    def take(self, name: str, call: Callable[[], Any]) -> None:
        """Time one call."""
        taken = []
        for _ in range(self._repeat):
            began = time.perf_counter()
            call()
            taken.append((time.perf_counter() - began) * 1000)
        self.ms.append(min(taken))
        self.worst = max(self.worst, (min(taken), name))

    def row(self, kind: str) -> tuple[str, ...]:
        """A line of the table."""
        ordered = sorted(self.ms)
        p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.95, 0.99))
        good = p95 <= TARGET_P95_MS and ordered[-1] <= TARGET_WORST_MS
        figures = (statistics.median(ordered), p95, p99, ordered[-1])
        return (
            kind,
            f"{len(ordered):,}",
            *(f"{ms:.2f}" for ms in figures),
            "yes" if good else "NO",
            self.worst[1][:70],
        )


def measure(service: JobService, engine_counts: QueryCounter, sample: int | None, rounds: int, repeat: int) -> Table:
    """Run everything and make the table."""
    actor = local_operator()
    table = Table("what", "calls", "median", "p95", "p99", "worst ms", "in target", "slowest")

    def pages(kind: str, filters: list[JobFilter], cursor: Callable[[JobFilter], str | None]) -> None:
        times = Times(repeat)
        for where in filters:
            at = cursor(where)
            times.take(where.to_query(), lambda where=where, at=at: service.list(actor, where, cursor=at))
        table.add_row(*times.row(kind))

    def counts(kind: str, filters: list[JobFilter]) -> None:
        times = Times(repeat)
        for where in filters:
            times.take(where.to_query(), lambda where=where: service.counts(actor, where))
        table.add_row(*times.row(kind))

    newest = service.list(actor, JobFilter(), limit=1).rows[0].created_at
    middle = int(newest.timestamp() * 1000) - 15 * 86_400_000

    def deep(where: JobFilter) -> str:
        towards = Towards.OLDER if where.sort is Sort.NEWEST else Towards.NEWER
        return encode_cursor(Cursor(where.sort, towards, middle, 0))

    pages("warming up", [JobFilter()] * 20, lambda _: None)
    pages("first page", [JobFilter(), JobFilter(sort=Sort.OLDEST)] * rounds, lambda _: None)
    pages("deep page", [JobFilter(), JobFilter(sort=Sort.OLDEST)] * rounds, deep)
    filters = list(combinations(4, sample))
    for size in range(1, 5):
        pages(f"{size} filter(s), first page", [where for number, where in filters if number == size], lambda _: None)
    pages("1-4 filters, deep page", [where for _, where in filters], deep)
    counts("counts without filter", [JobFilter()] * rounds)
    plain = {"state", "job_type", "queue", "tenant"}
    counts("counts of the counters", [w for _, w in filters if {key for key, _ in w.to_pairs()} <= plain])
    counts("bounded counts", [w for _, w in filters if not {key for key, _ in w.to_pairs()} <= plain])
    health = Times(repeat)
    for _ in range(rounds):
        health.take("", lambda: service.health(actor))
    table.add_row(*health.row("queue health"))
    table.caption = (
        f"{engine_counts.total:,} statements. Target: p95 {TARGET_P95_MS:.0f}, worst {TARGET_WORST_MS:.0f} ms."
    )
    return table


def main() -> None:
    """Measure the ledger that the command line names and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="SQLAlchemy URL of a seeded database")
    parser.add_argument("--sample", type=int, default=None, help="combinations of each size; default: all")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=1, help="take the best of so many runs of each call")
    arguments = parser.parse_args()
    engine = ledger_engine(arguments.url)
    counter = QueryCounter(engine)
    backend = cast(JobBackend, LedgerReads(engine, lambda _: None))
    began = time.monotonic()
    table = measure(JobService(backend), counter, arguments.sample, arguments.rounds, arguments.repeat)
    table.title = f"Job list on {engine.dialect.name}, {time.monotonic() - began:.0f} s"
    Console(width=200).print(table)
    engine.dispose()


if __name__ == "__main__":
    main()
