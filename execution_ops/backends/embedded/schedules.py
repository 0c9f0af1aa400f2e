"""Schedules: made, edited, paused, resumed, deleted; each is one transaction with its audit row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.submit import check_payload, json_text
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import SubjectKind, Touched
from execution_ops.domain.cron import Cron
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.firings import next_after
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import Registry
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE, SCHEDULE_DELETE, SCHEDULE_EDIT, SCHEDULE_PAUSE
from execution_ops.domain.schedules import (
    SCHEDULES_MAX,
    Schedule,
    ScheduleSpec,
    ScheduleVersion,
    check_for_schedules,
    check_revision,
    check_spec,
    fill,
    paused_or_resumed,
    touched,
)
from execution_ops.domain.times import from_ms, to_ms
from execution_ops.domain.topics import SCHEDULES, schedule_topic
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.domain.zones import zone

SCHEDULE = table("schedule")
VERSION = table("schedule_version")


@dataclass(frozen=True)
class Schedules:
    """What is done to schedules on one database. `registry` knows the job types that they may start."""

    engine: Engine
    registry: Registry

    def create(self, tenant: str, spec: ScheduleSpec, stamp: Stamp, *, paused: bool) -> Schedule:
        """Make a schedule, see `ScheduleBackend.create_schedule`."""
        spec, queue = self.check(spec)
        with write(self.engine) as connection:
            now = clock_ms(connection)
            kept = select(func.count()).select_from(SCHEDULE).where(SCHEDULE.c.deleted_at.is_(None))
            if connection.execute(kept).scalar_one() >= SCHEDULES_MAX:
                raise Conflict(f"There are {SCHEDULES_MAX:,} schedules, and no more than that can be kept.")
            _check_name(connection, tenant, spec.name, but=None)
            made = Schedule(
                id=new_id(),
                tenant=tenant,
                spec=spec,
                created_at=from_ms(now),
                changed_at=from_ms(now),
                changed_by=stamp.actor.name,
                next_at=_next(spec, from_ms(now)),
            )
            if paused:
                told = {"paused_at": from_ms(now), "paused_by": stamp.actor.name, "pause_reason": "made paused"}
                made = made.model_copy(update=told)
            fixed = {"id": made.id, "tenant": tenant, "created_at": now}
            n = connection.execute(
                insert(SCHEDULE).values(**fixed, **_columns(made, queue)).returning(SCHEDULE.c.n)
            ).scalar_one()
            _keep_version(connection, n, made, stamp)
            _tell(connection, SCHEDULE_CREATE, stamp, now, before=None, after=made)
        return made

    def edit(self, schedule_id: str, spec: ScheduleSpec, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Give a schedule its next version, see `ScheduleBackend.edit_schedule`."""
        spec, queue = self.check(spec)

        def edited(connection: Connection, row: RowMapping, before: Schedule, now: datetime) -> Schedule:
            if spec == before.spec:
                raise Conflict("This is what holds already: nothing was changed.", code="NO_CHANGE")
            _check_name(connection, before.tenant, spec.name, but=row["n"])
            same_times = (spec.cron, spec.zone) == (before.spec.cron, before.spec.zone)
            update = {
                "spec": spec,
                "version": before.version + 1,
                "next_at": before.next_at if same_times else _next(spec, now),
            }
            after = before.model_copy(update=update)
            _keep_version(connection, row["n"], after.model_copy(update={"changed_at": now}), stamp)
            return after

        return self._change(schedule_id, SCHEDULE_EDIT, edited, stamp, revision, queue)

    def act(self, schedule_id: str, verb: Verb, stamp: Stamp, *, revision: int | None) -> Schedule:
        """Pause, resume or delete a schedule, see `ScheduleBackend.act_on_schedule`."""

        def acted(connection: Connection, row: RowMapping, before: Schedule, now: datetime) -> Schedule:
            if verb is SCHEDULE_DELETE:
                return before.model_copy(update={"deleted_at": now, "next_at": None})
            # Its revision is counted by the caller, with that of an edit.
            after = paused_or_resumed(before, verb, stamp, now)
            next_at = before.next_at if verb is SCHEDULE_PAUSE else _next(before.spec, now)
            return after.model_copy(update={"revision": before.revision, "next_at": next_at})

        return self._change(schedule_id, verb, acted, stamp, revision, None)

    def get(self, schedule_id: str, *, tenants: frozenset[str] | None) -> Schedule | None:
        """One schedule, also a deleted one."""
        with read(self.engine) as connection:
            row = connection.execute(select(SCHEDULE).where(SCHEDULE.c.id == schedule_id)).mappings().one_or_none()
        return None if row is None or not _sees(tenants, row["tenant"]) else schedule_of(row)

    def all(self, *, tenants: frozenset[str] | None) -> list[Schedule]:
        """Every schedule that was not deleted, by name."""
        wanted = select(SCHEDULE).where(SCHEDULE.c.deleted_at.is_(None)).order_by(SCHEDULE.c.name, SCHEDULE.c.n)
        if tenants is not None:
            wanted = wanted.where(SCHEDULE.c.tenant.in_(sorted(tenants)))
        with read(self.engine) as connection:
            return [schedule_of(row) for row in connection.execute(wanted).mappings()]

    def versions(self, schedule_id: str, *, tenants: frozenset[str] | None) -> list[ScheduleVersion] | None:
        """Its specs, newest first."""
        with read(self.engine) as connection:
            row = connection.execute(select(SCHEDULE).where(SCHEDULE.c.id == schedule_id)).mappings().one_or_none()
            if row is None or not _sees(tenants, row["tenant"]):
                return None
            found = connection.execute(
                select(VERSION).where(VERSION.c.schedule_n == row["n"]).order_by(VERSION.c.version.desc())
            ).mappings()
            return [
                ScheduleVersion(
                    version=one["version"],
                    spec=ScheduleSpec.model_validate_json(one["spec"]),
                    at=from_ms(one["at"]),
                    by=one["by"],
                    reason=one["reason"],
                )
                for one in found
            ]

    def check(self, spec: ScheduleSpec) -> tuple[ScheduleSpec, str]:
        """The checked spec and the queue of its jobs; InvalidInput, in words, if something can't be."""
        spec = check_spec(spec)
        zone(spec.zone)
        Cron.parse(spec.cron)
        entry = self.registry.get(spec.job_type)
        if entry is None:
            raise InvalidInput(f"There is no job type {spec.job_type!r} here.", field="job_type")
        check_for_schedules(entry)
        json_text(spec.payload, "The payload template")
        if spec.payload or not spec.targets:
            check_payload(entry, fill(spec.payload, spec.targets[0] if spec.targets else ""))
        return spec, entry.queue

    def _change(
        self,
        schedule_id: str,
        verb: Verb,
        act: Callable[[Connection, RowMapping, Schedule, datetime], Schedule],
        stamp: Stamp,
        revision: int | None,
        queue: str | None,
    ) -> Schedule:
        with write(self.engine) as connection:
            row = lock_schedule(connection, schedule_id, stamp)
            before, now = schedule_of(row), clock_ms(connection)
            check_revision(before, revision)
            after = touched(act(connection, row, before, from_ms(now)), stamp, from_ms(now))
            values = _columns(after, queue or row["queue"])
            connection.execute(update(SCHEDULE).where(SCHEDULE.c.n == row["n"]).values(**values))
            _tell(connection, verb, stamp, now, before=before, after=after)
        return after


def lock_schedule(connection: Connection, schedule_id: str, stamp: Stamp) -> RowMapping:
    """The row of a schedule that the stamp's actor sees, ours until this transaction ends; else NotFound."""
    found = connection.execute(select(SCHEDULE).where(SCHEDULE.c.id == schedule_id).with_for_update(key_share=True))
    row = found.mappings().one_or_none()
    if row is None or row["deleted_at"] is not None or not _sees(stamp.actor.tenants, row["tenant"]):
        raise NotFound(f"There is no schedule {schedule_id}. It may have been deleted.")
    return row


def schedule_of(row: RowMapping) -> Schedule:
    """A row as the entity."""
    return Schedule(
        id=row["id"],
        tenant=row["tenant"],
        spec=ScheduleSpec.model_validate_json(row["spec"]),
        version=row["version"],
        revision=row["revision"],
        paused_at=_moment(row["paused_at"]),
        paused_by=row["paused_by"],
        pause_reason=row["pause_reason"],
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
        changed_by=row["changed_by"],
        deleted_at=_moment(row["deleted_at"]),
        next_at=_moment(row["next_at"]),
    )


def _next(spec: ScheduleSpec, after: datetime) -> datetime | None:
    following = next_after(Cron.parse(spec.cron), zone(spec.zone), after)
    return None if following is None else following.at


def _columns(schedule: Schedule, queue: str) -> dict[str, Any]:
    spec = schedule.spec
    return {
        "name": spec.name,
        "job_type": spec.job_type,
        "queue": queue,
        "catch_up_ms": spec.catch_up_s * 1000,
        "spec": spec.model_dump_json(),
        "version": schedule.version,
        "revision": schedule.revision,
        "paused_at": _ms(schedule.paused_at),
        "paused_by": schedule.paused_by,
        "pause_reason": schedule.pause_reason,
        "changed_at": to_ms(schedule.changed_at),
        "changed_by": schedule.changed_by,
        "deleted_at": _ms(schedule.deleted_at),
        "next_at": _ms(schedule.next_at),
    }


def _keep_version(connection: Connection, n: int, schedule: Schedule, stamp: Stamp) -> None:
    connection.execute(
        insert(VERSION).values(
            schedule_n=n,
            version=schedule.version,
            spec=schedule.spec.model_dump_json(),
            at=to_ms(schedule.changed_at),
            by=stamp.actor.name,
            reason=stamp.reason,
        )
    )


def _check_name(connection: Connection, tenant: str, name: str, *, but: int | None) -> None:
    same = select(SCHEDULE.c.n).where(
        SCHEDULE.c.tenant == tenant, SCHEDULE.c.name == name, SCHEDULE.c.deleted_at.is_(None)
    )
    found = connection.execute(same).scalar_one_or_none()
    if found is not None and found != but:
        raise Conflict(f"{tenant} has a schedule of the name {name!r} already.", code="EXISTS", field="name")


def _tell(
    connection: Connection, verb: Verb, stamp: Stamp, now: int, *, before: Schedule | None, after: Schedule
) -> None:
    """Write the change to the audit, and wake the pages that show schedules."""
    record(
        connection,
        verb.name,
        stamp,
        touched=Touched(SubjectKind.SCHEDULE, (after.id,), after.tenant),
        subject=f"{after.id} {after.spec.name}",
        count=1,
        before=_json(before),
        after=_json(after),
        inverse=verb.inverse or "",
    )
    announce_topics(connection, [SCHEDULES, schedule_topic(after.id)], now)


def _json(schedule: Schedule | None) -> str:
    return "" if schedule is None else json.dumps(schedule.model_dump(mode="json"), ensure_ascii=False)


def _sees(tenants: frozenset[str] | None, tenant: str) -> bool:
    return tenants is None or tenant in tenants


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_ms(value)


def _ms(value: datetime | None) -> int | None:
    return None if value is None else to_ms(value)
