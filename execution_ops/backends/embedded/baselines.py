"""Baselines: kept, promoted, rolled back, deleted; each is one transaction with its audit row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from execution_ops.backends.embedded import baseline_rows as rows
from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.baseline_rows import BASELINE, PROMOTION, baseline_of, source_key
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.transitions import announce_topics
from execution_ops.domain.audit import SubjectKey, SubjectKind, Touched
from execution_ops.domain.baselines import Baseline, NewBaseline, PromotionOrder, missing
from execution_ops.domain.errors import Conflict
from execution_ops.domain.ids import new_id
from execution_ops.domain.scanner_verbs import (
    BASELINE_PROMOTE,
    BASELINE_REMOVE,
    BASELINE_ROLLBACK,
    BASELINE_SAVE,
    KIT_ACTIVATE,
    KIT_ROLLBACK,
)
from execution_ops.domain.states import BaselineState
from execution_ops.domain.topics import BASELINES
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


def keep(connection: Connection, new: NewBaseline, parts: str, stamp: Stamp) -> Baseline:
    """Keep a result in the caller's transaction; see `BaselineBackend.keep_baseline`."""
    now = clock_ms(connection)
    _lock_source(connection, new.tenant, new.source)
    known = rows.of_document(connection, new.tenant, new.source, new.sha256)
    if known is not None:
        return _kept_again(connection, known, new, stamp, now)
    values: dict[str, Any] = {
        **new.model_dump(),
        "id": new_id(),
        "source_key": source_key(new.source),
        "state": BaselineState.CANDIDATE.value,
        "parts": parts,
        "created_at": now,
        "created_by": stamp.actor.name,
        "promoted_by": "",
        "promote_reason": "",
    }
    n = connection.execute(insert(BASELINE).values(**values).returning(BASELINE.c.n)).scalar_one()
    made = _again(connection, n)
    _tell(connection, BASELINE_SAVE, stamp, now, None, made)
    return made


def promote_of_kit(connection: Connection, baseline_n: int, stamp: Stamp, *, kit_id: str, job_id: str) -> None:
    """Let scans of its source compare with a baseline that the kit brought, in the caller's transaction.

    One that is promoted already stays so.
    """
    row = _locked(connection, baseline_n)
    if row["state"] != BaselineState.PROMOTED:
        held = rows.promoted(connection, row["tenant"], row["source"])
        _promote(connection, row, held, KIT_ACTIVATE, stamp, {"kit_id": kit_id, "job_id": job_id})


def promote(connection: Connection, baseline_id: str, order: PromotionOrder, stamp: Stamp) -> Baseline:
    """Promote a candidate that the stamp's actor sees; see `BaselineBackend.promote_baseline`."""
    row = _locked(connection, _seen(connection, baseline_id, stamp)["n"])
    standing = _standing(connection, row["tenant"], row["source"])
    if row["state"] == BaselineState.PROMOTED:
        if standing is not None and standing["job_id"] == order.job_id:
            # An earlier try of this very job got that far.
            return baseline_of(row)
        raise Conflict(BASELINE_PROMOTE.refusal)
    held = rows.promoted(connection, row["tenant"], row["source"])
    if order.held != ("" if held is None else held["id"]):
        raise Conflict(
            "Another baseline of this source was promoted or rolled back meanwhile: look at the difference again.",
            code="CHANGED_MEANWHILE",
        )
    _promote(connection, row, held, BASELINE_PROMOTE, stamp, {"kit_id": "", "job_id": order.job_id})
    return _again(connection, row["n"])


def roll_back(connection: Connection, baseline_id: str, stamp: Stamp) -> Baseline:
    """Let the promotion before the one that stands stand again; see `BaselineBackend.rollback_baseline`."""
    row = _seen(connection, baseline_id, stamp)
    _lock_source(connection, row["tenant"], row["source"])
    row = _again_row(connection, row["n"])
    if row["state"] != BaselineState.PROMOTED:
        raise Conflict(BASELINE_ROLLBACK.refusal)
    target = _before(connection, row["tenant"], row["source"])
    if target is None:
        raise Conflict("No baseline was promoted before this one: there is nothing to go back to.")
    if _again_row(connection, target["baseline_n"])["deleted_at"] is not None:
        raise Conflict("The baseline that was promoted before was deleted. Promote another one instead.")
    _stand(connection, row, target, BASELINE_ROLLBACK, stamp, kit_id="")
    return _again(connection, target["baseline_n"])


def remove(connection: Connection, baseline_id: str, stamp: Stamp) -> Baseline:
    """Delete a candidate; see `BaselineBackend.remove_baseline`."""
    row = _seen(connection, baseline_id, stamp)
    _lock_source(connection, row["tenant"], row["source"])
    before = _again(connection, row["n"])
    if before.state is not BaselineState.CANDIDATE:
        raise Conflict(BASELINE_REMOVE.refusal)
    now = clock_ms(connection)
    gone = update(BASELINE).where(BASELINE.c.n == row["n"], rows.KEPT).values(deleted_at=now)
    if connection.execute(gone).rowcount != 1:
        raise missing(baseline_id)
    _tell(connection, BASELINE_REMOVE, stamp, now, before, None)
    return before


def unpromote_kit(connection: Connection, kit_id: str, stamp: Stamp, *, since: int, verb: Verb = KIT_ROLLBACK) -> None:
    """Take back what the kit's activation at `since` promoted, in the caller's transaction.

    Of each source whose promoted baseline stands by that activation, the one before it is promoted again, or none
    where none was, or where it was deleted. What somebody promoted since stays, and so does what an earlier activation
    of the same kit promoted.
    """
    touched = select(PROMOTION.c.tenant, PROMOTION.c.source).where(PROMOTION.c.kit_id == kit_id).distinct()
    for tenant, source in sorted(tuple(row) for row in connection.execute(touched)):
        _lock_source(connection, tenant, source)
        standing = _standing(connection, tenant, source)
        held = rows.promoted(connection, tenant, source)
        if held is None or standing is None:
            continue
        if standing["kit_id"] == kit_id and standing["at"] >= since:
            _stand(connection, held, _before(connection, tenant, source), verb, stamp, kit_id=kit_id)


def _promote(
    connection: Connection,
    row: RowMapping,
    held: RowMapping | None,
    verb: Verb,
    stamp: Stamp,
    by: dict[str, str],
) -> None:
    """Promote a candidate of a locked source; `by` is the kit and the job that do it."""
    standing = _standing(connection, row["tenant"], row["source"])
    entry = {"baseline_n": row["n"], "stands": None, "before": None if standing is None else standing["n"]}
    _move(connection, row, held, entry | by, verb, stamp)


def _stand(
    connection: Connection, held: RowMapping, target: RowMapping | None, verb: Verb, stamp: Stamp, *, kit_id: str
) -> None:
    """Let an earlier promotion stand again in place of the one that holds; None for none."""
    row = None if target is None else _again_row(connection, target["baseline_n"])
    if row is not None and row["deleted_at"] is not None:
        row = None
    entry = {
        "baseline_n": None if row is None else row["n"],
        "stands": None if target is None else target["n"],
        "before": None if target is None else target["before"],
        "kit_id": kit_id,
        "job_id": "",
    }
    _move(connection, row, held, entry, verb, stamp)


def _move(
    connection: Connection,
    row: RowMapping | None,
    held: RowMapping | None,
    entry: dict[str, Any],
    verb: Verb,
    stamp: Stamp,
) -> None:
    """Swap the promoted baseline of a locked source, with its log, its audit and its pages."""
    now, subject = clock_ms(connection), row or held
    assert subject is not None
    before = None if held is None else baseline_of(held)
    if held is not None:
        back = update(BASELINE).where(BASELINE.c.n == held["n"])
        connection.execute(back.values(state=BaselineState.CANDIDATE.value))
    after = None
    if row is not None:
        told = {"promoted_at": now, "promoted_by": stamp.actor.name, "promote_reason": stamp.reason}
        up = update(BASELINE).where(BASELINE.c.n == row["n"])
        connection.execute(up.values(state=BaselineState.PROMOTED.value, **told))
        after = _again(connection, row["n"])
    connection.execute(
        insert(PROMOTION).values(
            **entry,
            **{name: subject[name] for name in ("tenant", "source", "source_key")},
            previous=None if held is None else held["n"],
            verb=verb.name,
            at=now,
            by=stamp.actor.name,
            reason=stamp.reason,
        )
    )
    _tell(connection, verb, stamp, now, before, after)


def _standing(connection: Connection, tenant: str, source: str) -> RowMapping | None:
    """The promotion of a source that stands: the last one, or what a later roll-back went back to."""
    last = _entries(tenant, source).order_by(PROMOTION.c.n.desc()).limit(1)
    row = connection.execute(last).mappings().one_or_none()
    if row is None or row["stands"] is None:
        return None if row is None or row["baseline_n"] is None else row
    return connection.execute(select(PROMOTION).where(PROMOTION.c.n == row["stands"])).mappings().one()


def _before(connection: Connection, tenant: str, source: str) -> RowMapping | None:
    """The promotion that stood before the one that stands now."""
    standing = _standing(connection, tenant, source)
    if standing is None or standing["before"] is None:
        return None
    return connection.execute(select(PROMOTION).where(PROMOTION.c.n == standing["before"])).mappings().one()


def _entries(tenant: str, source: str) -> Any:
    return select(PROMOTION).where(PROMOTION.c.tenant == tenant, PROMOTION.c.source_key == source_key(source))


def _locked(connection: Connection, n: int) -> RowMapping:
    """A baseline that is still kept, whose source nobody else changes until the end of the transaction."""
    row = _again_row(connection, n)
    _lock_source(connection, row["tenant"], row["source"])
    row = _again_row(connection, n)
    if row["deleted_at"] is not None:
        raise missing(row["id"])
    return row


def _lock_source(connection: Connection, tenant: str, source: str) -> None:
    """Keep others from changing what is promoted of a source: its first row, also a deleted one, is the lock."""
    key = (BASELINE.c.tenant == tenant, BASELINE.c.source_key == source_key(source))
    first = select(BASELINE.c.n).where(*key).order_by(BASELINE.c.created_at, BASELINE.c.n).limit(1)
    connection.execute(first.with_for_update(key_share=True))


def _kept_again(connection: Connection, known: RowMapping, new: NewBaseline, stamp: Stamp, now: int) -> Baseline:
    before = baseline_of(known)
    told = {"label": new.label or before.label, "green": new.green or before.green}
    after = before.model_copy(update=told)
    if after != before:
        connection.execute(update(BASELINE).where(BASELINE.c.n == known["n"]).values(**told))
        _tell(connection, BASELINE_SAVE, stamp, now, before, after)
    return after


def _seen(connection: Connection, baseline_id: str, stamp: Stamp) -> RowMapping:
    row = rows.one(connection, baseline_id, stamp.actor.tenants)
    if row is None:
        raise missing(baseline_id)
    return row


def _again_row(connection: Connection, n: int) -> RowMapping:
    return connection.execute(select(BASELINE).where(BASELINE.c.n == n)).mappings().one()


def _again(connection: Connection, n: int) -> Baseline:
    return baseline_of(_again_row(connection, n))


def _tell(
    connection: Connection, verb: Verb, stamp: Stamp, now: int, before: Baseline | None, after: Baseline | None
) -> None:
    """Write the change to the audit, and wake the pages that show baselines."""
    subject = after or before
    assert subject is not None
    replaced = (SubjectKey(SubjectKind.BASELINE, before.id),) if before is not None else ()
    record(
        connection,
        verb.name,
        stamp,
        touched=Touched(SubjectKind.BASELINE, (subject.id,), subject.tenant, also=replaced),
        subject=f"{subject.id} {subject.source}",
        count=1,
        before="" if before is None else before.model_dump_json(),
        after="" if after is None else after.model_dump_json(),
        inverse=verb.inverse or "",
    )
    announce_topics(connection, [BASELINES], now)
