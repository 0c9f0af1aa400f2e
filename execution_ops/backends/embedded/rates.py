"""Reading how many jobs came and ended when, without reading it all again each time somebody looks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded.counters import ALL_TENANTS
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.rates import MINUTE_MS, Figures, Rates, Window, queue_rates
from execution_ops.domain.times import from_ms, now_ms, to_ms

Tenants = frozenset[str] | None
# Buckets by queue and their beginning.
Buckets = dict[str, dict[int, Figures]]
KEPT_MAX = 32


@dataclass
class _Kept:
    """What was read of a window that begins at `first`, up to the fold `seen`."""

    first: int
    seen: int
    buckets: Buckets = field(default_factory=dict)


class RateReader:
    """The figures by queue as one process reads them: whole when a window moves on by a bucket, and from then
    on only what was folded since. Every answer is exact for the moment of its connection. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: OrderedDict[tuple[Window, Tenants], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def rates(self, window: Window, *, tenants: Tenants) -> Rates:
        """The figures of a window, see `JobBackend.rates`."""
        now = now_ms()
        if tenants is not None and not tenants:
            return Rates(window=window, queues=(), since=window.since(from_ms(now)), as_of=from_ms(now))
        with read(self._engine) as connection:
            return self.within(connection, window, tenants=tenants, now=now)

    def within(self, connection: Connection, window: Window, *, tenants: Tenants, now: int) -> Rates:
        """The same as the given read transaction sees it; `tenants` is not empty, `now` in ms."""
        as_of = from_ms(now)
        since = window.since(as_of)
        first, width, last = to_ms(since), window.bucket_ms, window.buckets - 1
        with self._lock:
            folded = self._folded(connection, window, tenants, first)
            fresh = _deltas(connection, window, tenants, first)
            queues = []
            for queue in sorted(folded.keys() | fresh.keys()):
                figures: dict[int, Figures] = {}
                for buckets in (folded.get(queue, {}), fresh.get(queue, {})):
                    for start, more in buckets.items():
                        # A machine whose clock is ahead writes into buckets that are yet to begin.
                        i = min((start - first) // width, last)
                        figures[i] = _add(figures[i], more) if i in figures else more
                queues.append(queue_rates(queue, window, figures, as_of))
        return Rates(window=window, queues=tuple(queues), since=since, as_of=as_of)

    def _folded(self, connection: Connection, window: Window, tenants: Tenants, first: int) -> Buckets:
        """What is folded of the window, as the connection sees it."""
        width = window.bucket_ms // MINUTE_MS
        where, params = one_of({"tenant": (ALL_TENANTS,) if tenants is None else tuple(sorted(tenants))})
        of_width = f"FROM queue_rate WHERE width = :width AND {where}"
        params |= {"width": width, "first": first}
        last = fetch(connection, Query(f"SELECT max(folded) AS folded {of_width}", params))[0]["folded"] or 0
        kept = self._kept.pop((window, tenants), None)
        # A fold before the one that was seen: this transaction is older than one that read meanwhile, or the
        # database was put back.
        if kept is None or kept.first != first or last < kept.seen:
            kept, since = _Kept(first, 0), ""
        else:
            since = f" AND (start, queue) IN (SELECT start, queue {of_width} AND folded > :seen)"
        if last > kept.seen:
            sql = (
                "SELECT start, queue, sum(arrived) AS arrived, sum(done) AS done, sum(failed) AS failed "
                f"{of_width} AND start >= :first{since} GROUP BY start, queue"
            )
            for row in fetch(connection, Query(sql, {**params, "seen": kept.seen})):
                buckets = kept.buckets.setdefault(row["queue"], {})
                buckets[row["start"]] = (int(row["arrived"]), int(row["done"]), int(row["failed"]))
            kept.seen = last
        self._kept[window, tenants] = kept
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return kept.buckets


def _deltas(connection: Connection, window: Window, tenants: Tenants, first: int) -> Buckets:
    """What is not folded yet, for instance because no worker is there to do it."""
    where, params = one_of({} if tenants is None else {"tenant": tuple(sorted(tenants))})
    width = window.bucket_ms
    sql = (
        f"SELECT queue, at / {width} * {width} AS start, sum(arrived) AS arrived, "
        "sum(CASE WHEN state = 'succeeded' THEN jobs ELSE 0 END) AS done, "
        "sum(CASE WHEN state IN ('failed', 'timed_out') THEN jobs ELSE 0 END) AS failed "
        f"FROM counter_delta WHERE at >= :first AND {where} GROUP BY 1, 2"
    )
    found: Buckets = {}
    for row in fetch(connection, Query(sql, {**params, "first": first})):
        figures = (int(row["arrived"]), int(row["done"]), int(row["failed"]))
        found.setdefault(row["queue"], {})[row["start"]] = figures
    return found


def _add(figures: Figures, more: Figures) -> Figures:
    return (figures[0] + more[0], figures[1] + more[1], figures[2] + more[2])
