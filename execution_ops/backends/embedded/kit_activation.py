"""The pointer to the active kit: swapped, and swapped back, in one transaction with all that it brings."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from execution_ops.backends.embedded import baselines
from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.kit_rows import (
    ACTIVATION,
    COLUMNS,
    KIT,
    disabled_json,
    disabled_of,
    kit_of,
)
from execution_ops.backends.embedded.scanner_config import defaults_now, save_defaults, settings_now
from execution_ops.backends.embedded.transitions import announce_topics, table
from execution_ops.domain.audit import EVERYONE, SubjectKey, SubjectKind, Touched
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.kit_records import (
    GENERATIONS_KEPT,
    Kit,
    KitOrder,
    KitPlace,
    check_order,
    why_kit_off,
    why_untrusted,
)
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_ROLLBACK
from execution_ops.domain.states import KitState
from execution_ops.domain.topics import ANALYZERS, KITS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

BASELINE = table("baseline")
_POINTER_LOCK = 7_204_011
_STANDING = select(ACTIVATION).where(ACTIVATION.c.undone_at.is_(None)).order_by(ACTIVATION.c.n.desc())


def place(connection: Connection) -> KitPlace:
    """The active kit, and where a roll-back would lead."""
    standing = connection.execute(_STANDING.limit(2)).mappings().all()
    if not standing:
        return KitPlace(rollback_off=KIT_ROLLBACK.refusal)
    active = _kit(connection, standing[0]["kit_id"])
    if len(standing) == 1:
        return KitPlace(active=active, rollback_off=f"No other kit was active before {active.title}.")
    previous = _kit(connection, standing[1]["kit_id"])
    off = f"The files of {previous.title} were removed. Import and activate it instead."
    if previous.has_files:
        off = _why_untrusted(connection, previous)
    return KitPlace(active=active, previous=previous, rollback_off=off)


def activate(connection: Connection, kit_id: str, order: KitOrder, stamp: Stamp) -> Kit:
    """Make it the active one; see `KitBackend.activate_kit`."""
    lock_pointer(connection)
    done = connection.execute(select(ACTIVATION.c.kit_id).where(ACTIVATION.c.job_id == order.job_id)).one_or_none()
    if done is not None:
        return _kit(connection, done.kit_id)
    kit, before = _kit(connection, kit_id), place(connection).active
    if off := why_kit_off(stamp.actor, KIT_ACTIVATE, kit) or _why_untrusted(connection, kit):
        raise Conflict(off)
    lower = check_order(kit, before, force=order.force)
    now, was = clock_ms(connection), defaults_now(connection)
    changes = order.disabled is not None and tuple(sorted(set(order.disabled))) != was.disabled
    generation = connection.execute(
        insert(ACTIVATION)
        .values(
            kit_id=kit.id,
            job_id=order.job_id,
            version=kit.version,
            at=now,
            by=stamp.actor.name,
            reason=stamp.reason,
            forced=lower,
            disabled=disabled_json(was.disabled) if changes else None,
            undone_by="",
            undone_reason="",
        )
        .returning(ACTIVATION.c.n)
    ).scalar_one()
    _point(connection, kit, before, stamp, now, generation=generation, forced=lower)
    _promote(connection, order.baselines, kit, order.job_id, stamp)
    if order.disabled is not None and changes:
        save_defaults(connection, order.disabled, KIT_ACTIVATE, stamp, seen=None)
    _let_go_of_old_ones(connection, stamp)
    after = _kit(connection, kit.id)
    _tell(connection, KIT_ACTIVATE, stamp, before, after, now)
    return after


def rollback(connection: Connection, stamp: Stamp, *, seen: str) -> Kit:
    """Make the kit before active again; see `KitBackend.rollback_kit`."""
    lock_pointer(connection)
    found = place(connection)
    if seen and (found.active is None or found.active.id != seen):
        raise Conflict("Another kit is active by now: look at it, then roll back.", code="CHANGED")
    if found.rollback_off or found.active is None or found.previous is None:
        raise Conflict(found.rollback_off)
    undone, stands = connection.execute(_STANDING.limit(2)).mappings().all()
    now = clock_ms(connection)
    told = {"undone_at": now, "undone_by": stamp.actor.name, "undone_reason": stamp.reason}
    connection.execute(update(ACTIVATION).where(ACTIVATION.c.n == undone["n"]).values(told))
    _point(connection, found.previous, found.active, stamp, now, generation=stands["n"], forced=stands["forced"])
    baselines.unpromote_kit(connection, undone["kit_id"], stamp, since=undone["at"])
    _restore_defaults(connection, undone, stamp)
    after = _kit(connection, found.previous.id)
    _tell(connection, KIT_ROLLBACK, stamp, found.active, after, now)
    return after


def lock_pointer(connection: Connection) -> None:
    """Be alone, until the end of the transaction, with which kit is active and whether it can be."""
    # On SQLite the one writer is alone with it anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POINTER_LOCK})


def _why_untrusted(connection: Connection, kit: Kit) -> str:
    # The signature was checked at the import; since then the key may have leaked, and been disabled for that.
    return why_untrusted(kit, settings_now(connection).settings.trust)


def _kit(connection: Connection, kit_id: str) -> Kit:
    row = connection.execute(select(*COLUMNS).where(KIT.c.id == kit_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no kit {kit_id}.")
    return kit_of(row)


def _point(
    connection: Connection, kit: Kit, before: Kit | None, stamp: Stamp, now: int, *, generation: int, forced: bool
) -> None:
    if before is not None:
        connection.execute(update(KIT).where(KIT.c.id == before.id).values(state=KitState.SUPERSEDED.value))
    values = {"state": KitState.ACTIVE.value, "generation": generation, "activated_at": now, "forced": forced}
    told = {"activated_by": stamp.actor.name, "activate_reason": stamp.reason}
    connection.execute(update(KIT).where(KIT.c.id == kit.id).values(**values, **told))


def _promote(connection: Connection, ids: Sequence[str], kit: Kit, job_id: str, stamp: Stamp) -> None:
    # Always in one order, so that no two transactions wait for each other.
    wanted = select(BASELINE.c.n).where(BASELINE.c.id.in_(ids)).order_by(BASELINE.c.n)
    for n in connection.execute(wanted).scalars().all():
        baselines.promote_of_kit(connection, n, stamp, kit_id=kit.id, job_id=job_id)


def _restore_defaults(connection: Connection, undone: RowMapping, stamp: Stamp) -> None:
    """The default analyzers as they were before the activation, if it changed them."""
    if undone["disabled"] is None:
        return
    then = disabled_of(undone["disabled"])
    if then != defaults_now(connection).disabled:
        save_defaults(connection, then, KIT_ROLLBACK, stamp, seen=None)


def _let_go_of_old_ones(connection: Connection, stamp: Stamp) -> None:
    """Kits that were active before those that a roll-back can reach lose their files; the audit tells of each."""
    standing = [row["kit_id"] for row in connection.execute(_STANDING.limit(100)).mappings()]
    kept = list(dict.fromkeys(standing))[: GENERATIONS_KEPT + 1]
    old = (KIT.c.state == KitState.SUPERSEDED.value) & KIT.c.id.not_in(kept) & KIT.c.has_files
    gone = update(KIT).where(old).values(has_files=False).returning(KIT.c.n, KIT.c.id, KIT.c.version)
    for row in sorted(connection.execute(gone)):
        # Nobody removed the kit: it is the activation that has taken its files.
        record(
            connection,
            KIT_ACTIVATE.name,
            stamp,
            touched=Touched(SubjectKind.KIT, (row.id,), EVERYONE),
            subject=f"files of kit {row.id} {row.version}",
            count=1,
            before=json.dumps({"has_files": True}),
            after=json.dumps({"has_files": False, "kept_for_rollback": GENERATIONS_KEPT}),
        )


def _tell(connection: Connection, verb: Verb, stamp: Stamp, before: Kit | None, after: Kit, now: int) -> None:
    """Write the swap to the audit, and wake the pages that show kits, and those that show what their Syft offers."""
    was = {"active": before.id, "version": before.version} if before else {}
    holds = {"active": after.id, "version": after.version, "manifest_sha256": after.manifest_sha256}
    record(
        connection,
        verb.name,
        stamp,
        touched=Touched(
            SubjectKind.KIT, (after.id,), EVERYONE, also=(SubjectKey(SubjectKind.KIT, before.id),) if before else ()
        ),
        subject=f"kit {after.id} {after.version}",
        count=1,
        before=json.dumps(was),
        after=json.dumps({**holds, "generation": after.generation, "forced": after.forced}),
        inverse=verb.inverse or "",
    )
    announce_topics(connection, [KITS, ANALYZERS], now)
