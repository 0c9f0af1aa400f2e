"""Making, changing and deleting quotas: each is one transaction with its audit row and what it lets in."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.gate import lock_set, open_held
from execution_ops.backends.embedded.quota_reads import QUOTA, limits_of, quota_of
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.audit import SubjectKind, Touched
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.ids import new_id
from execution_ops.domain.quota_changes import changed, check_revision
from execution_ops.domain.quota_rates import carry
from execution_ops.domain.quota_verbs import QUOTA_CREATE, QUOTA_DELETE
from execution_ops.domain.quotas import NO_LIMITS, QUOTAS_MAX, Limits, Quota, check_reach, quota_name, sees
from execution_ops.domain.times import from_ms, to_ms
from execution_ops.domain.topics import QUOTAS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


def create(engine: Engine, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
    """Make a quota; see `QuotaBackend.create_quota`."""
    check_reach(stamp.actor, tenant)
    with write(engine) as connection:
        lock_set(connection, changing=True)
        known = select(QUOTA).where(QUOTA.c.tenant == tenant, QUOTA.c.job_type == job_type)
        if connection.execute(known).first() is not None:
            raise Conflict(f"There is a quota for {quota_name(tenant, job_type)} already: change that.", code="EXISTS")
        if connection.execute(select(func.count()).select_from(QUOTA)).scalar_one() >= QUOTAS_MAX:
            raise Conflict(f"There are {QUOTAS_MAX:,} quotas, and no more than that can be kept.")
        now = clock_ms(connection)
        quota = Quota(
            id=new_id(),
            tenant=tenant,
            job_type=job_type,
            configured=limits,
            created_at=from_ms(now),
            changed_at=from_ms(now),
            changed_by=stamp.actor.name,
        )
        values = {"id": quota.id, "tenant": tenant, "job_type": job_type, "created_at": now, **_columns(quota)}
        connection.execute(insert(QUOTA).values(**values, tat=0))
        _tell(connection, QUOTA_CREATE, stamp, now, before=None, after=quota)
    return quota


def change(
    engine: Engine,
    dispatcher: Dispatcher,
    quota_id: str,
    verb: Verb,
    limits: Limits | None,
    stamp: Stamp,
    *,
    revision: int | None,
) -> Quota:
    """Do a verb to a quota; see `QuotaBackend.change_quota`."""
    with write(engine) as connection:
        row = _locked(connection, quota_id, stamp)
        before, now = quota_of(row), clock_ms(connection)
        check_revision(before, revision)
        after = changed(before, verb, limits, stamp, from_ms(now))
        tat = carry(limits_of(row), after.limits, row["tat"], now)
        connection.execute(update(QUOTA).where(QUOTA.c.n == row["n"]).values(**_columns(after), tat=tat))
        _tell(connection, verb, stamp, now, before=before, after=after)
        open_held(connection, dispatcher, row["n"])
    return after


def remove(engine: Engine, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
    """Delete a quota; see `QuotaBackend.delete_quota`."""
    with write(engine) as connection:
        lock_set(connection, changing=True)
        row = _locked(connection, quota_id, stamp)
        quota = quota_of(row)
        check_revision(quota, revision)
        connection.execute(delete(QUOTA).where(QUOTA.c.n == row["n"]))
        _tell(connection, QUOTA_DELETE, stamp, clock_ms(connection), before=quota, after=None)
    return quota


def put_back(
    engine: Engine, dispatcher: Dispatcher, was: Quota | None, left: Quota | None, verb: Verb, stamp: Stamp
) -> None:
    """Make the quota what it `was` before a change that `left` it as it is: also one that the change made or deleted.

    Conflict if it is not as it was left.
    """
    with write(engine) as connection:
        lock_set(connection, changing=True)
        now, known = clock_ms(connection), left or was
        assert known is not None
        check_reach(stamp.actor, known.tenant)
        told = {"changed_at": from_ms(now), "changed_by": stamp.actor.name, "revision": known.revision + 1}
        after = None if was is None else was.model_copy(update=told)
        if left is None:
            assert after is not None
            same = (QUOTA.c.tenant == known.tenant) & (QUOTA.c.job_type == known.job_type)
            if connection.execute(select(QUOTA.c.n).where(same | (QUOTA.c.id == known.id))).first() is not None:
                raise Conflict(f"There is a quota for {known.name} again: change that.", code="EXISTS")
            fixed = {"id": known.id, "tenant": known.tenant, "job_type": known.job_type}
            created = to_ms(known.created_at)
            connection.execute(insert(QUOTA).values(**fixed, created_at=created, **_columns(after), tat=0))
        else:
            row = _locked(connection, known.id, stamp)
            check_revision(quota_of(row), left.revision)
            if after is None:
                connection.execute(delete(QUOTA).where(QUOTA.c.n == row["n"]))
            else:
                tat = carry(limits_of(row), after.limits, row["tat"], now)
                connection.execute(update(QUOTA).where(QUOTA.c.n == row["n"]).values(**_columns(after), tat=tat))
        _tell(connection, verb, stamp, now, before=left, after=after)
        if left is not None and after is not None:
            open_held(connection, dispatcher, row["n"])


def _locked(connection: Connection, quota_id: str, stamp: Stamp) -> RowMapping:
    found = connection.execute(select(QUOTA).where(QUOTA.c.id == quota_id).with_for_update(key_share=True))
    row = found.mappings().one_or_none()
    if row is None or not sees(stamp.actor.tenants, quota_of(row)):
        raise NotFound(f"There is no quota {quota_id}. It may have been deleted.")
    check_reach(stamp.actor, row["tenant"])
    return row


def _columns(quota: Quota) -> dict[str, Any]:
    """What a change may change, as columns."""
    override = quota.override or NO_LIMITS
    return {
        **quota.configured.model_dump(),
        **{f"override_{name}": value for name, value in override.model_dump().items()},
        "overridden_at": None if quota.override is None else to_ms(quota.changed_at),
        "paused_at": None if quota.paused_at is None else to_ms(quota.paused_at),
        "paused_by": quota.paused_by,
        "pause_reason": quota.pause_reason,
        "changed_at": to_ms(quota.changed_at),
        "changed_by": quota.changed_by,
        "revision": quota.revision,
    }


def _tell(
    connection: Connection, verb: Verb, stamp: Stamp, now: int, *, before: Quota | None, after: Quota | None
) -> None:
    """Write the change to the audit, and wake the pages that show quotas."""
    known = before or after
    assert known is not None
    record(
        connection,
        verb.name,
        stamp,
        # A quota of any tenant is everybody's, and spelled as that.
        touched=Touched(SubjectKind.QUOTA, (known.id,), known.tenant),
        subject=f"{known.id} {known.name}",
        count=1,
        before=_json(before),
        after=_json(after),
        inverse=verb.inverse or "",
    )
    announce_topics(connection, [QUOTAS], now)


def _json(quota: Quota | None) -> str:
    return "" if quota is None else json.dumps(quota.model_dump(mode="json"), ensure_ascii=False)
