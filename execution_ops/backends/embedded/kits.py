"""Offline kits in the ledger: received, refused, removed, and how far the work on them is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.kit_activation import activate, lock_pointer, place, rollback
from execution_ops.backends.embedded.kit_rows import (
    ACTIVATION,
    COLUMNS,
    KIT,
    RUN,
    activation_of,
    columns_of,
    columns_of_run,
    kit_of,
    run_of,
)
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import EVERYONE, SubjectKind, Touched
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.kit_records import (
    RUNS_KEPT,
    Kit,
    KitActivation,
    KitOrder,
    KitPlace,
    KitReads,
    KitRun,
    NewKit,
    why_kit_off,
)
from execution_ops.domain.kits import KitReport
from execution_ops.domain.scanner_verbs import KIT_IMPORT, KIT_REMOVE
from execution_ops.domain.states import KitState
from execution_ops.domain.topics import KITS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp

LIMITS = Actor(name="the limits of quarantine", scopes=frozenset(), source="console")
HISTORY_MAX = 100


class Kits:
    """Implements KitBackend."""

    def __init__(self, engine: Engine, kit_root: Path) -> None:
        self._kit_engine = engine
        self.kit_root = kit_root

    # reading

    def kits(self, *, removed: bool = False, before: int | None = None, limit: int) -> list[Kit]:
        """Kits, the last received first."""
        wanted = select(*COLUMNS).order_by(KIT.c.n.desc()).limit(limit)
        if not removed:
            wanted = wanted.where(KIT.c.removed_at.is_(None))
        if before is not None:
            wanted = wanted.where(KIT.c.n < before)
        with read(self._kit_engine) as connection:
            return [kit_of(row) for row in connection.execute(wanted).mappings()]

    def get_kit(self, kit_id: str) -> KitReads | None:
        """One kit with its verification and its activations."""
        with read(self._kit_engine) as connection:
            row = connection.execute(select(KIT).where(KIT.c.id == kit_id)).mappings().one_or_none()
            if row is None:
                return None
            past = (
                select(ACTIVATION)
                .where(ACTIVATION.c.kit_id == kit_id)
                .order_by(ACTIVATION.c.n.desc())
                .limit(HISTORY_MAX)
            )
            activations = tuple(activation_of(one) for one in connection.execute(past).mappings())
        return KitReads(kit=kit_of(row), report=KitReport.model_validate_json(row["report"]), activations=activations)

    def kit_by_manifest(self, manifest_sha256: str) -> Kit | None:
        """The verified kit with this manifest."""
        with read(self._kit_engine) as connection:
            row = connection.execute(select(*COLUMNS).where(KIT.c.identity == manifest_sha256)).mappings().one_or_none()
            return None if row is None else kit_of(row)

    def kit_place(self) -> KitPlace:
        """The active kit, and where a roll-back would lead."""
        with read(self._kit_engine) as connection:
            return place(connection)

    def kit_activations(self, *, limit: int) -> list[KitActivation]:
        """What was activated, the newest first."""
        with read(self._kit_engine) as connection:
            rows = connection.execute(select(ACTIVATION).order_by(ACTIVATION.c.n.desc()).limit(limit))
            return [activation_of(row) for row in rows.mappings()]

    def active_syft(self) -> str:
        """The path of the Syft that the active kit brought."""
        return active_syft(self._kit_engine, self.kit_root)

    def kits_without_files(self) -> list[Kit]:
        """Kits whose files are to be deleted, or are already."""
        return self._some(~KIT.c.has_files)

    def quarantined_kits(self) -> list[Kit]:
        """All kits in quarantine that have their bundle."""
        return self._some(KIT.c.has_files, KIT.c.state == KitState.QUARANTINED.value)

    def get_kit_run(self, job_id: str) -> KitRun | None:
        """The work of a job."""
        with read(self._kit_engine) as connection:
            row = connection.execute(select(RUN).where(RUN.c.job_id == job_id)).mappings().one_or_none()
            return None if row is None else run_of(row)

    def kit_runs(self, *, limit: int) -> list[KitRun]:
        """The work of jobs on kits, the newest first."""
        with read(self._kit_engine) as connection:
            rows = connection.execute(select(RUN).order_by(RUN.c.started_at.desc(), RUN.c.job_id.desc()).limit(limit))
            return [run_of(row) for row in rows.mappings()]

    # writing

    def keep_kit(self, new: NewKit, report: KitReport, stamp: Stamp) -> Kit:
        """Keep what an import found."""
        with write(self._kit_engine) as connection:
            known = _by_identity(connection, new.identity)
            if known is not None and known["has_files"] and known["signer_fingerprint"] == new.signer_fingerprint:
                return kit_of(known)
            now, told = clock_ms(connection), {"report": report.model_dump_json()}
            if known is None:
                received = {"received_at": now, "received_by": stamp.actor.name}
                connection.execute(insert(KIT).values({**_DEFAULTS, **columns_of(new), **received, **told}))
            else:
                # Its files are there, still or again. The same manifest can be signed with another key by now.
                told |= {name: getattr(new, name) for name in _FOUND}
                connection.execute(update(KIT).where(KIT.c.n == known["n"]).values({**_BACK, **told}))
            row = _by_identity(connection, new.identity)
            assert row is not None
            kit = kit_of(row)
            _tell(connection, KIT_IMPORT.name, stamp, kit, now)
            return kit

    def activate_kit(self, kit_id: str, order: KitOrder, stamp: Stamp) -> Kit:
        """Make it the active one."""
        with write(self._kit_engine) as connection:
            return activate(connection, kit_id, order, stamp)

    def rollback_kit(self, stamp: Stamp, *, seen: str = "") -> Kit:
        """Make the kit before active again."""
        with write(self._kit_engine) as connection:
            return rollback(connection, stamp, seen=seen)

    def remove_kit(self, kit_id: str, stamp: Stamp, verb: Verb = KIT_REMOVE) -> Kit:
        """Mark it removed."""
        with write(self._kit_engine) as connection:
            # An activation or a roll-back at the same time would make a kit active that has just lost its files.
            lock_pointer(connection)
            row = connection.execute(select(KIT).where(KIT.c.id == kit_id).with_for_update()).mappings().one_or_none()
            if row is None:
                raise NotFound(f"There is no kit {kit_id}.")
            # A kit that has lost its files can still be taken off the list.
            if off := why_kit_off(stamp.actor, verb, kit_of(row).model_copy(update={"has_files": True})):
                raise Conflict(off)
            return _remove(connection, row["n"], verb, stamp)

    def expire_kits(self, ids: Sequence[str], why: str) -> None:
        """Mark kits in quarantine as removed by its limits."""
        stamp = Stamp(actor=LIMITS, reason=why)
        held = KIT.c.id.in_(ids) & (KIT.c.state == KitState.QUARANTINED.value) & KIT.c.has_files
        with write(self._kit_engine) as connection:
            for n in (
                connection.execute(select(KIT.c.n).where(held).order_by(KIT.c.n).with_for_update()).scalars().all()
            ):
                _remove(connection, n, KIT_REMOVE, stamp)

    def save_kit_run(self, run: KitRun) -> None:
        """Keep how far the work of a job is."""
        with write(self._kit_engine) as connection:
            values = columns_of_run(run)
            done = connection.execute(update(RUN).where(RUN.c.job_id == run.job_id).values(values))
            if done.rowcount == 0:
                connection.execute(insert(RUN).values(values))
                last = select(RUN.c.started_at).order_by(RUN.c.started_at.desc()).offset(RUNS_KEPT).limit(1)
                connection.execute(delete(RUN).where(RUN.c.started_at <= last.scalar_subquery()))
            announce_topics(connection, [KITS], clock_ms(connection))

    def _some(self, *conditions: object) -> list[Kit]:
        wanted = select(*COLUMNS).where(*conditions).order_by(KIT.c.n)  # type: ignore[arg-type]
        with read(self._kit_engine) as connection:
            return [kit_of(row) for row in connection.execute(wanted).mappings()]


_DEFAULTS = {
    "has_files": True,
    "forced": False,
    "activated_by": "",
    "activate_reason": "",
    "removed_by": "",
    "remove_reason": "",
}
_BACK = {"has_files": True, "removed_at": None, "removed_by": "", "remove_reason": ""}
# What a verification tells beside its report.
_FOUND = ("signer", "signer_fingerprint", "exit_code", "category", "failure")
_SYFT = select(KIT.c.id, KIT.c.syft).where(KIT.c.state == KitState.ACTIVE.value)


def active_syft(engine: Engine, kit_root: Path) -> str:
    """The path of the Syft that the active kit brought, "" if it brought none."""
    with read(engine) as connection:
        row = connection.execute(_SYFT).one_or_none()
    return str(kit_root / row.id / row.syft) if row is not None and row.syft else ""


def _by_identity(connection: Connection, identity: str) -> RowMapping | None:
    wanted = select(*COLUMNS).where(KIT.c.identity == identity).with_for_update()
    return connection.execute(wanted).mappings().one_or_none()


def _by_n(connection: Connection, n: int) -> RowMapping:
    return connection.execute(select(*COLUMNS).where(KIT.c.n == n)).mappings().one()


def _remove(connection: Connection, n: int, verb: Verb, stamp: Stamp) -> Kit:
    now = clock_ms(connection)
    gone = {"has_files": False, "removed_at": now, "removed_by": stamp.actor.name, "remove_reason": stamp.reason}
    connection.execute(update(KIT).where(KIT.c.n == n).values(gone))
    kit = kit_of(_by_n(connection, n))
    _tell(connection, verb.name, stamp, kit, now)
    return kit


def _tell(connection: Connection, verb: str, stamp: Stamp, kit: Kit, now: int) -> None:
    after = kit.model_dump_json(include={"id", "version", "state", "manifest_sha256", "failure", "has_files"})
    record(
        connection,
        verb,
        stamp,
        touched=Touched(SubjectKind.KIT, (kit.id,), EVERYONE),
        subject=f"kit {kit.id} {kit.version}".strip(),
        count=1,
        after=after,
    )
    announce_topics(connection, [KITS], now)
