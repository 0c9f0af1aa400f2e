"""How long the audit takes to read with many events: pages, searches, timelines of single things.

    python -m benchmarks.audit --url sqlite:///audit.db --events 1000000

Fills an empty ledger first. One line a kind of read, in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, insert, text

from execution_ops.backends.embedded.audit import AUDIT, SUBJECT, WORD
from execution_ops.backends.embedded.audit_backend import Audit
from execution_ops.backends.embedded.engines import ledger_engine, read, write
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.tokens import reason_token
from execution_ops.domain.audit import SubjectKey, SubjectKind
from execution_ops.domain.audit_filters import AuditFilter

START = 1_780_000_000_000
BATCH = 10_000
ACTORS, TENANTS, THINGS, WORDS = 40, 50, 20_000, 2_000
VERBS = ("cancel", "retry", "resolve", "quota_edit", "quota_pause", "schedule_edit", "export")
KINDS = ("job", "job", "dead_letter", "quota", "quota", "schedule", "dead_letter")
ROUNDS = 30
ACME = frozenset({"tenant-3"})
READS: dict[str, tuple[str, frozenset[str] | None]] = {
    "first page": ("", None),
    "first page, who sees one tenant": ("", ACME),
    "one actor": ("actor=ann-7", None),
    "one verb": ("verb=quota_pause", None),
    "a rare actor with a verb": ("actor=rare&verb=cancel", None),
    "actor, verb and tenant": ("actor=ann-7&verb=quota_pause&tenant=tenant-3", None),
    "one thing": ("id=thing-77", None),
    "one thing, who sees one tenant": ("id=thing-77", ACME),
    "a ticket": ("ticket=OPS-5000", None),
    "a word of the reason": ("text=word77", None),
    "two words of the reason": ("text=word77+common", None),
    "a day in the past": ("after=2026-06-05T00:00:00Z&before=2026-06-06T00:00:00Z&actor=ann-3", None),
    "nothing matches, searched to the bound": ("actor=ann-7&verb=cancel&kind=schedule", None),
}


def main() -> None:
    """Fill, read, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--events", type=int, default=1_000_000)
    given = options.parse_args()
    engine = ledger_engine(given.url)
    upgrade(engine)
    fill(engine, given.events)
    audit, shown = Audit(engine), Table("read", "median", "worst")
    for name, (query, tenants) in READS.items():
        where = AuditFilter.from_query(query)

        def page(where: AuditFilter = where, tenants: frozenset[str] | None = tenants) -> object:
            return audit.list_audit(where, tenants=tenants, cursor=None, limit=50)

        shown.add_row(name, *timed(page))
    key = SubjectKey(SubjectKind.QUOTA, "thing-77")
    shown.add_row("timeline of one thing", *timed(lambda: audit.audit_of([key], tenants=None, limit=20)))
    shown.add_row("known actors", *timed(audit.audit_actors))
    shown.add_row("count, bounded", *timed(lambda: audit.count_audit(tenants=None)))
    Console().print(shown)


def timed(act: Callable[[], object]) -> tuple[str, str]:
    """Median and worst of some rounds, in ms."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(found):.1f}", f"{max(found):.1f}"


def fill(engine: Engine, events: int) -> None:
    """Bring the audit to that many events."""
    with read(engine) as connection:
        there = int(connection.execute(text("SELECT count(*) FROM audit_event")).scalar_one())
    for first in range(there, events, BATCH):
        rows = list(_rows(first, min(BATCH, events - first)))
        with write(engine) as connection:
            connection.execute(insert(AUDIT), rows)
            places = [{"created_at": row["created_at"], "n": row["n"]} for row in rows]
            connection.execute(
                insert(SUBJECT),
                [
                    {"kind": row["kind"], "id": row["subject_id"], **place}
                    for row, place in zip(rows, places, strict=True)
                ],
            )
            connection.execute(
                insert(WORD),
                [
                    {"token": reason_token(word), **place}
                    for row, place in zip(rows, places, strict=True)
                    for word in row["reason"].split()
                ],
            )
    with write(engine) as connection:
        connection.execute(text("ANALYZE"))


def _rows(first: int, count: int) -> Iterator[dict[str, Any]]:
    for i in range(first, first + count):
        which = i * 7 % len(VERBS)
        yield {
            "n": i + 1,
            "created_at": START + i * 2_000,
            "actor": "rare" if i % 100_000 == 5 else f"ann-{i % ACTORS}",
            "source": "192.0.2.7",
            "verb": VERBS[which],
            "kind": KINDS[which],
            "subject": f"thing-{i % THINGS} of somebody",
            "subject_id": f"thing-{i % THINGS}",
            "tenant": f"tenant-{i % TENANTS}",
            "count": 1,
            "reason": f"word{i % WORDS} common",
            "ticket": f"OPS-{i}" if i % 1_000 == 0 else "",
            "before": '{"max_active": 1}',
            "after": '{"max_active": 2}',
            "inverse": "",
            "correlation_id": f"request-{i}",
        }


if __name__ == "__main__":
    main()
