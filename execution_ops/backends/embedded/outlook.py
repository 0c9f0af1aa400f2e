"""Reading what schedules will do and what they missed, over all of them at once; bounded, by indexes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, select

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.firing import FIRING
from execution_ops.backends.embedded.schedules import SCHEDULE
from execution_ops.domain.outlook import Coming, ComingFiring, MissedFiring
from execution_ops.domain.schedules import Missed, ScheduleSpec
from execution_ops.domain.times import from_ms, to_ms

Tenants = frozenset[str] | None


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
    """The last due times that brought no run, see `ScheduleBackend.missed_firings`.

    Of each schedule a stretch of the key of `firing` is read, from the last due time before `since` on: what that
    one tells of may reach into the window, as after a night without power.
    """
    earlier = FIRING.alias()
    last_before = (
        select(func.max(earlier.c.due_at))
        .where(earlier.c.schedule_n == SCHEDULE.c.n, earlier.c.due_at < to_ms(since))
        .scalar_subquery()
    )
    wanted = (
        select(SCHEDULE.c.id, SCHEDULE.c.name, SCHEDULE.c.tenant, FIRING.c.due_at, FIRING.c.missed, FIRING.c.times)
        .join(FIRING, FIRING.c.schedule_n == SCHEDULE.c.n)
        .where(
            SCHEDULE.c.deleted_at.is_(None),
            FIRING.c.due_at >= func.coalesce(last_before, to_ms(since)),
            FIRING.c.at >= to_ms(since),
            FIRING.c.missed != "",
        )
        .order_by(FIRING.c.due_at.desc(), SCHEDULE.c.n)
        .limit(limit)
    )
    if tenants is not None:
        wanted = wanted.where(SCHEDULE.c.tenant.in_(sorted(tenants)))
    with read(engine) as connection:
        return [
            MissedFiring(
                schedule_id=row["id"],
                name=row["name"],
                tenant=row["tenant"],
                due_at=from_ms(row["due_at"]),
                missed=Missed(row["missed"]),
                times=row["times"],
            )
            for row in connection.execute(wanted).mappings()
        ]
