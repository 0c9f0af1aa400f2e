"""The cache of results in the ledger: taking, keeping within its limits, counting, clearing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, text, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.scanner_config import settings_now
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import SubjectKind, Touched, own_tenant
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.scan_cache import WINDOW_DAYS, CacheEntry, CacheFigures, CachePreview, CacheScope
from execution_ops.domain.scanner_settings import CacheLimits
from execution_ops.domain.scanner_verbs import CACHE_CLEAR
from execution_ops.domain.times import from_ms, to_ms
from execution_ops.domain.topics import ANALYZERS
from execution_ops.domain.verbs import Stamp

CACHE = table("scan_cache")
DAY = table("scan_cache_day")
DAY_MS = 24 * 3600 * 1000
# How many entries one job drops at most: it is there to scan, not to tidy up.
DROP_MAX = 500
_COUNT = text(
    "INSERT INTO scan_cache_day (day, tenant, hits, misses, evicted, expired) "
    "VALUES (:day, :tenant, :hits, :misses, :evicted, :expired) ON CONFLICT (day, tenant) DO UPDATE SET "
    "hits = scan_cache_day.hits + :hits, misses = scan_cache_day.misses + :misses, "
    "evicted = scan_cache_day.evicted + :evicted, expired = scan_cache_day.expired + :expired"
)

Tenants = frozenset[str] | None


def take(
    connection: Connection, tenant: str, key: str, now: int, stored: Callable[[str], Path | None]
) -> CacheEntry | None:
    """What is kept under the key, counted as a hit or a miss; `stored` answers where an artifact lies."""
    limits = settings_now(connection).settings.cache
    if not limits.enabled:
        return None
    row = connection.execute(select(CACHE).where(CACHE.c.key == key, CACHE.c.tenant == tenant)).mappings().first()
    if row is None:
        _count(connection, tenant, now, misses=1)
        return None
    if row["created_at"] <= _oldest(limits, now) or stored(row["sha256"]) is None:
        connection.execute(delete(CACHE).where(CACHE.c.key == key))
        _count(connection, tenant, now, misses=1, expired=1)
        return None
    connection.execute(update(CACHE).where(CACHE.c.key == key).values(last_used_at=now, hits=CACHE.c.hits + 1))
    _count(connection, tenant, now, hits=1)
    return _entry(row)


def keep(connection: Connection, tenant: str, job_id: str, entry: CacheEntry, now: int) -> None:
    """Keep a result and make room for it; one that is larger than the whole cache is not kept."""
    limits = settings_now(connection).settings.cache
    artifact = entry.artifact
    if not limits.enabled or artifact.size > limits.max_bytes:
        return
    # Of two jobs that found the same at once, one is enough.
    connection.execute(delete(CACHE).where(CACHE.c.key == entry.key))
    connection.execute(
        insert(CACHE).values(
            key=entry.key,
            tenant=tenant,
            analyzer=entry.analyzer,
            source=entry.source,
            **artifact.model_dump(),
            components=entry.components,
            job_id=job_id,
            created_at=now,
            last_used_at=now,
            hits=0,
        )
    )
    _expire(connection, limits, now)
    _evict(connection, limits, now)


def figures(connection: Connection, tenants: Tenants, now: int) -> CacheFigures:
    """How the cache stands, of these tenants."""
    limits = settings_now(connection).settings.cache
    held = connection.execute(
        select(CACHE.c.analyzer, func.count().label("entries"), func.sum(CACHE.c.size).label("bytes"))
        .where(*_of(CACHE, tenants))
        .group_by(CACHE.c.analyzer)
    ).all()
    names = ("hits", "misses", "evicted", "expired")
    done = connection.execute(
        select(*(func.coalesce(func.sum(DAY.c[name]), 0).label(name) for name in names)).where(
            DAY.c.day > now // DAY_MS - WINDOW_DAYS, *_of(DAY, tenants)
        )
    ).one()
    return CacheFigures(
        limits=limits,
        entries=sum(row.entries for row in held),
        used_bytes=sum(int(row.bytes) for row in held),
        by_analyzer={row.analyzer: row.entries for row in held},
        **{name: int(getattr(done, name)) for name in names},
    )


def preview(connection: Connection, scope: CacheScope, tenants: Tenants, until: int) -> CachePreview:
    """The entries of a scope that were there at `until`."""
    found = connection.execute(
        select(
            func.count().label("entries"),
            func.coalesce(func.sum(CACHE.c.size), 0).label("bytes"),
        ).where(*_matching(scope, tenants, until))
    ).one()
    return CachePreview(scope=scope, entries=found.entries, bytes=int(found.bytes), until=until)


def clear(connection: Connection, seen: CachePreview, stamp: Stamp, now: int) -> CachePreview:
    """Drop exactly what was seen, with its audit row."""
    tenants = stamp.actor.tenants
    there = preview(connection, seen.scope, tenants, seen.until)
    if there != seen:
        raise Conflict(
            f"The cache changed meanwhile: of the {seen.entries:,} entries {there.entries:,} are left. "
            "Look again, then clear.",
            code="CHANGED",
        )
    if not seen.entries:
        raise Conflict("There is no such entry: nothing was cleared.", code="NO_CHANGE")
    connection.execute(delete(CACHE).where(*_matching(seen.scope, tenants, seen.until)))
    record(
        connection,
        CACHE_CLEAR.name,
        stamp,
        touched=Touched(
            SubjectKind.CACHE, (seen.scope.analyzer,) if seen.scope.analyzer else (), own_tenant(stamp.actor)
        ),
        subject=_subject(seen.scope),
        count=seen.entries,
        before=seen.model_dump_json(),
    )
    announce_topics(connection, [ANALYZERS], now)
    return seen


def _subject(scope: CacheScope) -> str:
    which = f"entries of {scope.analyzer}" if scope.analyzer else "all entries"
    return f"{which} before {scope.before.isoformat()}" if scope.before else which


def _matching(scope: CacheScope, tenants: Tenants, until: int) -> list[ColumnElement[bool]]:
    wanted = [*_of(CACHE, tenants), CACHE.c.created_at < until]
    if scope.analyzer:
        wanted.append(CACHE.c.analyzer == scope.analyzer)
    if scope.before is not None:
        wanted.append(CACHE.c.created_at < to_ms(scope.before))
    return wanted


def _of(source: Any, tenants: Tenants) -> list[ColumnElement[bool]]:
    return [] if tenants is None else [source.c.tenant.in_(sorted(tenants))]


def _oldest(limits: CacheLimits, now: int) -> int:
    return now - limits.ttl_days * DAY_MS


def _expire(connection: Connection, limits: CacheLimits, now: int) -> None:
    old = select(CACHE.c.key, CACHE.c.tenant).where(CACHE.c.created_at <= _oldest(limits, now)).limit(DROP_MAX)
    _drop(connection, connection.execute(old).all(), now, "expired")


def _evict(connection: Connection, limits: CacheLimits, now: int) -> None:
    """Drop what was used least lately until the rest fits."""
    used = int(connection.execute(select(func.coalesce(func.sum(CACHE.c.size), 0))).scalar_one())
    if used <= limits.max_bytes:
        return
    doomed = []
    least = select(CACHE.c.key, CACHE.c.tenant, CACHE.c.size).order_by(CACHE.c.last_used_at, CACHE.c.key)
    for row in connection.execute(least.limit(DROP_MAX)).all():
        if used <= limits.max_bytes:
            break
        doomed.append(row)
        used -= row.size
    _drop(connection, doomed, now, "evicted")


def _drop(connection: Connection, rows: Any, now: int, why: str) -> None:
    if not rows:
        return
    connection.execute(delete(CACHE).where(CACHE.c.key.in_([row.key for row in rows])))
    for tenant in sorted({row.tenant for row in rows}):
        _count(connection, tenant, now, **{why: sum(row.tenant == tenant for row in rows)})


def _count(connection: Connection, tenant: str, now: int, **counts: int) -> None:
    none = dict.fromkeys(("hits", "misses", "evicted", "expired"), 0)
    connection.execute(_COUNT, {"day": now // DAY_MS, "tenant": tenant, **none, **counts})


def _entry(row: RowMapping) -> CacheEntry:
    return CacheEntry(
        key=row["key"],
        analyzer=row["analyzer"],
        source=row["source"],
        artifact=Artifact(name=row["name"], sha256=row["sha256"], size=row["size"], media_type=row["media_type"]),
        components=row["components"],
        job_id=row["job_id"],
        created_at=from_ms(row["created_at"]),
    )
