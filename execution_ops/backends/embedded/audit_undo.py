"""Taking an event of the audit back: by the inverse of its verb, in one transaction with the event that tells of it.

Each way below ends in `audit.record`, which is called with the locks on what is changed and sees to it that the effect
still stands: a Conflict of it leaves nothing done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import Engine, select

from execution_ops.backends.base import Backend
from execution_ops.backends.embedded import quotas
from execution_ops.backends.embedded.audit import AUDIT
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read
from execution_ops.domain.audit import AuditDetail, SubjectKind
from execution_ops.domain.baselines import Baseline, PromotionOrder
from execution_ops.domain.errors import Conflict
from execution_ops.domain.letter_verbs import SET_RATE
from execution_ops.domain.quotas import Quota
from execution_ops.domain.scanner_settings import ScannerSettings
from execution_ops.domain.scanner_verbs import BASELINE_PROMOTE
from execution_ops.domain.schedule_verbs import SCHEDULE_EDIT
from execution_ops.domain.schedules import Schedule
from execution_ops.domain.undo import inverse_of
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class _Outcome(Protocol):
    @property
    def done(self) -> bool: ...

    @property
    def why(self) -> str: ...


def undo(backend: Backend, engine: Engine, dispatcher: Dispatcher, detail: AuditDetail, stamp: Stamp) -> int:
    """Take the event back; the number of the event that says so. See `AuditBackend.undo_audit`."""
    event, inverse = detail.event, inverse_of(detail.event)
    ways: dict[SubjectKind, Callable[[Backend, AuditDetail, Verb, Stamp], None]] = {
        SubjectKind.SCHEDULE: _schedule,
        SubjectKind.DEAD_LETTER: _letters,
        SubjectKind.WORKER: _workers,
        SubjectKind.REPLAY_PLAN: _plan,
        SubjectKind.BASELINE: _baseline,
        SubjectKind.SCANNER_SETTINGS: _settings,
        SubjectKind.ANALYZERS: _analyzers,
        SubjectKind.KIT: _kit,
    }
    signed = stamp.model_copy(update={"undoes": event.n})
    if inverse is None:
        raise Conflict("This can't be undone.")
    if event.kind is SubjectKind.QUOTA:
        was, left = (Quota.model_validate_json(text) if text else None for text in (event.before, event.after))
        quotas.put_back(engine, dispatcher, was, left, inverse, signed)
    else:
        ways[event.kind](backend, detail, inverse, signed)
    with read(engine) as connection:
        made = connection.execute(select(AUDIT.c.n).where(AUDIT.c.undoes == event.n)).scalar_one_or_none()
    if made is None:
        raise Conflict("It is so already: there was nothing to undo.")
    return int(made)


def _schedule(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    was, left = (Schedule.model_validate_json(text) for text in (detail.event.before, detail.event.after))
    if inverse is SCHEDULE_EDIT:
        backend.edit_schedule(left.id, was.spec, stamp, revision=left.revision)
    else:
        backend.act_on_schedule(left.id, inverse, stamp, revision=left.revision)


def _letters(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    revisions = json.loads(detail.event.after or "{}").get("revision", {})
    _check(backend.act_on_letters(inverse.name, _ids(detail), stamp, revisions))


def _workers(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    _check(backend.act_on_workers(inverse, _ids(detail), stamp, {}))


def _plan(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    event = detail.event
    if inverse is SET_RATE:
        backend.set_plan_rate(event.subject_id, json.loads(event.before), stamp)
    else:
        backend.act_on_plan(event.subject_id, inverse.name, stamp)


def _baseline(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    event = detail.event
    was, left = (Baseline.model_validate_json(text) if text else None for text in (event.before, event.after))
    if inverse is not BASELINE_PROMOTE:
        backend.rollback_baseline(event.subject_id, stamp)
    elif was is not None:
        order = PromotionOrder(job_id="", held="" if left is None else left.id)
        backend.promote_baseline(was.id, order, stamp)


def _settings(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    was = ScannerSettings.model_validate_json(detail.event.before)
    backend.save_scanner_settings(was, inverse, stamp, seen=None)


def _analyzers(backend: Backend, detail: AuditDetail, inverse: Verb, stamp: Stamp) -> None:
    disabled: Any = json.loads(detail.event.before).get("disabled", ())
    backend.save_analyzer_defaults(disabled, inverse, stamp, seen=None)


def _kit(backend: Backend, detail: AuditDetail, _inverse: Verb, stamp: Stamp) -> None:
    backend.rollback_kit(stamp, seen=detail.event.subject_id)


def _ids(detail: AuditDetail) -> list[str]:
    return [one for kind, one in detail.subjects if kind is detail.event.kind]


def _check(outcomes: Sequence[_Outcome]) -> None:
    """Conflict, in the words of the first refusal, where nothing was done at all."""
    if outcomes and not any(outcome.done for outcome in outcomes):
        raise Conflict(outcomes[0].why)
