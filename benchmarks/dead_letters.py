"""How dead letters behave by the million: pages, fingerprints, and a replay plan of 100,000 entries.

    python -m benchmarks.dead_letters [--entries 1000000] [--plan 100000] [--only PART]

Fills an empty ledger with entries in 300 groups on SQLite and on PostgreSQL, then measures through the
services: the page of the groups, the page of the queue with every single filter and pairs of them; how
many fingerprints a second one core makes; how fast a plan is sent with its rate off and at 50 a second
while a worker process runs other jobs, and what these notice of it; what a web process with open
tabs grows by. Parts: `pages`, `fingerprints`, `plan`, `web`.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.letters_plan import REGISTRY, measure_plan, measure_web, settings, work
from benchmarks.letters_seed import GROUPS, STATES, TENANTS, TYPES, failure, seed
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.access import local_operator
from execution_ops.domain.fingerprints import fingerprint
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.services.dead_letters import DeadLetterService
from tests.databases import postgres_server

PARTS = ("pages", "plan", "web")


def measure_pages(backend: EmbeddedBackend, kind: str, out: Table) -> None:
    """The two pages through the service, each call once."""
    service, actor = DeadLetterService(backend), local_operator()
    found = service.groups(actor, DeadLetterFilter())
    marks = [group.fingerprint for group in found.groups]
    few = [[("tenant", TENANTS[3])], [("job_type", TYPES[4])], [("retryable", "yes")], [("category", "auth")], []]
    group_filters = [DeadLetterFilter.from_query(pairs) for pairs in few]
    _row(out, kind, "groups page", 50, _times(lambda where: service.groups(actor, where), group_filters * 12))
    plain = [DeadLetterFilter.from_query(pairs) for pairs in queue_filters(marks, 1)]
    _row(out, kind, "queue page, none or one filter", 25, _times(lambda where: service.list(actor, where), plain * 3))
    pairs = [DeadLetterFilter.from_query(pairs) for pairs in queue_filters(marks, 2)]
    _row(out, kind, "queue page, two filters", 25, _times(lambda where: service.list(actor, where), pairs))
    _row(out, kind, "counts beside it", None, _times(lambda where: service.counts(actor, where), plain + pairs))


def queue_filters(marks: list[str], size: int) -> Iterator[list[tuple[str, str]]]:
    """No filter and each single one, or each pair of two different fields."""
    choices: dict[str, list[str]] = {
        "state": [state.value for state in STATES],
        "group": [marks[0], marks[20], marks[-1]],
        "tenant": [TENANTS[0], TENANTS[7], TENANTS[-1]],
        "job_type": [TYPES[0], TYPES[15], "no.such"],
        "category": ["transient", "auth", "unknown"],
        "retryable": ["yes", "no"],
        "error_type": ["Error00", "Error39"],
        "after": ["1h", "24h", "7d"],
    }
    single = [(name, value) for name, values in choices.items() for value in values]
    if size == 1:
        yield []
        yield from ([pair] for pair in single)
    else:
        yield from ([one, two] for i, one in enumerate(single) for two in single[i + 1 :] if one[0] != two[0])


def _times(call: Callable[[DeadLetterFilter], object], filters: list[DeadLetterFilter]) -> list[float]:
    times = []
    for where in filters:
        start = time.perf_counter()
        call(where)
        times.append((time.perf_counter() - start) * 1000)
    return times


def _row(out: Table, kind: str, what: str, target: float | None, times: list[float]) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    within = "" if target is None else f"<= {target:g} {'ok' if p95 <= target else 'MISSED'}"
    out.add_row(
        kind, what, str(len(times)), f"{statistics.median(times):.1f}", f"{p95:.1f}", f"{max(times):.1f}", within
    )


def measure_fingerprints(console: Console, count: int = 40_000) -> None:
    """Complete fingerprints of failures with stacks of about 2 kB, on one core."""
    chance = random.Random(1)
    failures = [failure(chance) for _ in range(2_000)]
    start = time.process_time()
    for i in range(count):
        fingerprint(*failures[i % len(failures)])
    rate = count / (time.process_time() - start)
    size = statistics.mean(len(stack) for _, _, stack in failures)
    console.print(f"fingerprints: {rate:,.0f}/s on one core, stacks of {size:,.0f} characters (target 20,000/s)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--plan", type=int, default=100_000)
    parser.add_argument("--only", choices=("fingerprints", *PARTS))
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--worker", nargs=2, metavar=("DIRECTORY", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(Path(arguments.worker[0]), arguments.worker[1])
        return
    console = Console()
    if arguments.only in (None, "fingerprints"):
        measure_fingerprints(console)
    pages = Table(
        "database",
        "call",
        "calls",
        "median ms",
        "p95 ms",
        "worst ms",
        "target",
        title=f"{arguments.entries:,} entries in {GROUPS} groups",
    )
    plans = Table("database", "what", "seen", "target", "", title=f"a replay plan of {arguments.plan:,} entries")
    try:
        with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
            for kind in (arguments.database,) if arguments.database else ("sqlite", "postgresql"):
                for part in PARTS:
                    if arguments.only not in (None, part) or (part == "web" and kind != "sqlite"):
                        continue
                    home = Path(folder) / f"{kind}-{part}"
                    home.mkdir()
                    url = f"sqlite:///{home / 'execution_ops.db'}" if kind == "sqlite" else server.create()[1]
                    backend = EmbeddedBackend(settings(home, url), REGISTRY)
                    if part == "pages":
                        seed(backend.engine, arguments.entries)
                        measure_pages(backend, kind, pages)
                    elif part == "plan":
                        measure_plan(backend, home, url, kind, arguments.plan, plans)
                    else:
                        measure_web(backend, home, url, arguments.plan, plans)
                    backend.close()
    finally:
        # What a part has seen is worth having when a later one fails.
        for each in (pages, plans):
            if each.row_count:
                console.print(each)


if __name__ == "__main__":
    main()
