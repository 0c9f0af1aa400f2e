"""Reading what schedules will do and what they missed, over all of them at once; bounded, by indexes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch
from execution_ops.backends.embedded.schedules import SCHEDULE
from execution_ops.domain.outlook import Coming, ComingFiring, MissedFiring
from execution_ops.domain.schedules import Missed, ScheduleSpec
from execution_ops.domain.times import from_ms, to_ms

Tenants = frozenset[str] | None
# Of one schedule a stretch of the key of `firing`, from the last due time before `since` on: what that one tells of
# may reach into the window, as after a night without power.
_STRETCH = (
    "f.schedule_n = s.n AND f.due_at >= coalesce((SELECT max(e.due_at) FROM firing AS e "
    "WHERE e.schedule_n = s.n AND e.due_at < :since), :since) AND f.at >= :since AND f.missed <> ''"
)
# SQLite goes from each schedule to its stretch by itself. PostgreSQL would rather read all that ever came due, unless
# what it may read of one schedule has a limit.
_MISSED = {
    "sqlite": f"JOIN firing AS f ON {_STRETCH}",
    "postgresql": f"JOIN LATERAL (SELECT f.due_at, f.missed, f.times FROM firing AS f WHERE {_STRETCH} "
    "ORDER BY f.due_at DESC LIMIT :most) AS f ON true",
}
# Of each schedule the last entry of the same key. PostgreSQL is told again to go from schedule to schedule.
_LAST = {
    "sqlite": "JOIN firing AS f ON f.schedule_n = s.n AND f.due_at = "
    "(SELECT max(e.due_at) FROM firing AS e WHERE e.schedule_n = s.n)",
    "postgresql": "JOIN LATERAL (SELECT f.due_at, f.missed, f.times FROM firing AS f WHERE f.schedule_n = s.n "
    "ORDER BY f.due_at DESC LIMIT 1) AS f ON true",
}


def coming(engine: Engine, *, tenants: Tenants, limit: int) -> Coming:
    """The next due times of the enabled schedules, in the order of the index `schedule_due`."""
    kept = [SCHEDULE.c.deleted_at.is_(None)]
    if tenants is not None:
        kept.append(SCHEDULE.c.tenant.in_(sorted(tenants)))
    wanted = (
        select(SCHEDULE)
        .where(*kept, SCHEDULE.c.next_at.is_not(None), SCHEDULE.c.paused_at.is_(None))
        .order_by(SCHEDULE.c.next_at, SCHEDULE.c.n)
        .limit(limit)
    )
    with read(engine) as connection:
        rows = connection.execute(wanted).mappings().all()
        known = bool(rows) or connection.execute(select(SCHEDULE.c.n).where(*kept).limit(1)).first() is not None
    firings = []
    for row in rows:
        spec = ScheduleSpec.model_validate_json(row["spec"])
        firing = ComingFiring(
            schedule_id=row["id"],
            name=row["name"],
            tenant=row["tenant"],
            queue=row["queue"],
            cron=spec.cron,
            zone=spec.zone,
            due_at=from_ms(row["next_at"]),
        )
        firings.append(firing)
    return Coming(firings=tuple(firings), schedules=known)


def missed_firings(engine: Engine, since: datetime, *, tenants: Tenants, limit: int) -> list[MissedFiring]:
    """The last due times that brought no run, see `ScheduleBackend.missed_firings`."""
    tail = "ORDER BY f.due_at DESC, s.n LIMIT :most"
    return _missed(engine, _MISSED, tail, {"since": to_ms(since), "most": limit}, tenants)


def missed_last(engine: Engine, *, tenants: Tenants) -> list[MissedFiring]:
    """What missed its last due time, see `ScheduleBackend.missed_last`."""
    tail = "AND s.paused_at IS NULL AND f.missed NOT IN ('', :paused) ORDER BY s.name, s.n"
    return _missed(engine, _LAST, tail, {"paused": Missed.PAUSED.value}, tenants)


def _missed(
    engine: Engine, joins: Mapping[str, str], tail: str, params: Mapping[str, Any], tenants: Tenants
) -> list[MissedFiring]:
    """What these joins find of the schedules that are kept."""
    if tenants is not None and not tenants:
        return []
    where = one_of({} if tenants is None else {"tenant": tuple(sorted(tenants))}, "s.")
    sql = (
        f"SELECT s.id, s.name, s.tenant, f.due_at, f.missed, f.times FROM schedule AS s {joins[engine.dialect.name]} "
        f"WHERE s.deleted_at IS NULL AND {where.sql} {tail}"
    )
    with read(engine) as connection:
        rows = fetch(connection, Query(sql, {**where.params, **params}))
    return [
        MissedFiring(
            schedule_id=row["id"],
            name=row["name"],
            tenant=row["tenant"],
            due_at=from_ms(row["due_at"]),
            missed=Missed(row["missed"]),
            times=row["times"],
        )
        for row in rows
    ]
