"""What can be undone, for how long, and why something can't be: pure, so that every edge says the same.

To undo is to put back what held before, as long as the effect has not left: a setting, a limit, a state that somebody
chose. What started or stopped work has an inverse, but no undo: work was done, or lost, meanwhile.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from execution_ops.domain import job_verbs, letter_verbs, quota_verbs, scanner_verbs, schedule_verbs, worker_verbs
from execution_ops.domain.access import Actor
from execution_ops.domain.audit import EVERYONE, SUBJECTS_MAX, AuditEvent, AuditRecord
from execution_ops.domain.audit_filters import verb_label
from execution_ops.domain.times import Instant, iso
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.verbs import EXPORTS, VERBS

UNDO_WINDOW = timedelta(minutes=10)
# These look at things, or take copies of them, and change nothing.
WITNESSED = (*EXPORTS, job_verbs.REVEAL.name)
UNDOABLE = frozenset(
    verb.name
    for verb in (
        *quota_verbs.QUOTA_VERBS,
        schedule_verbs.SCHEDULE_EDIT,
        schedule_verbs.SCHEDULE_PAUSE,
        schedule_verbs.SCHEDULE_RESUME,
        letter_verbs.RESOLVE,
        letter_verbs.REOPEN,
        letter_verbs.HOLD_PLAN,
        letter_verbs.RESUME_PLAN,
        letter_verbs.SET_RATE,
        worker_verbs.WORKER_DRAIN,
        worker_verbs.WORKER_RESUME,
        scanner_verbs.KIT_ACTIVATE,
        scanner_verbs.BASELINE_PROMOTE,
        scanner_verbs.BASELINE_ROLLBACK,
        scanner_verbs.ANALYZERS_EDIT,
        scanner_verbs.ANALYZERS_ROLLBACK,
        scanner_verbs.SETTINGS_EDIT,
        scanner_verbs.SETTINGS_ROLLBACK,
        scanner_verbs.TRUST_ADD,
        scanner_verbs.TRUST_DISABLE,
        scanner_verbs.TRUST_ENABLE,
    )
)
_STARTED = frozenset(
    verb.name
    for verb in (
        job_verbs.RETRY,
        job_verbs.SUBMIT,
        letter_verbs.REPLAY,
        letter_verbs.START_PLAN,
        schedule_verbs.SCHEDULE_RUN,
        schedule_verbs.RUN_RETRY,
        schedule_verbs.RUN_RETRY_FAILED,
    )
)
_STOPPED = frozenset(verb.name for verb in (job_verbs.CANCEL, schedule_verbs.RUN_CANCEL))
# What they put back is what was before, and where nothing was they have nothing to go back to.
_NEEDS_BEFORE = frozenset({scanner_verbs.KIT_ACTIVATE.name, scanner_verbs.BASELINE_PROMOTE.name})
_NOTHING = ("", "{}")


class UndoOffer(BaseModel):
    """Whether an event can be undone: `off` says why not, "" if it can, until the moment `until`. `verb` does it."""

    model_config = ConfigDict(frozen=True)

    n: int
    off: str
    verb: str
    until: Instant


def inverse_of(event: AuditEvent) -> Verb | None:
    """The verb that undoes the event; None where there is none."""
    return VERBS.get(event.inverse)


def may_undo(event: AuditRecord, now: datetime, later: AuditEvent | None) -> str:
    """Why the event can't be undone now, in words; "" if it can.

    `later` is the last event that changed one of the same things after it: then it is not this event's effect any
    more that holds.
    """
    if never := _why_never(event):
        return never
    if event.undone_by is not None:
        return f"It was undone already, by event {event.undone_by}."
    if now - event.at > UNDO_WINDOW:
        return f"It could be undone for 10 minutes, until {iso(event.at + UNDO_WINDOW)}."
    if later is not None:
        return f"{later.actor} changed it since: {verb_label(later.verb)} at {iso(later.at)}, event {later.n}."
    return ""


def _why_never(event: AuditRecord) -> str:
    """Why no moment is one to undo the event."""
    if event.verb in _STARTED:
        return "It started work, which can't be taken back: cancel that instead."
    if event.verb in _STOPPED:
        return "What was stopped can't go on where it was: retry it instead."
    if event.verb not in UNDOABLE or inverse_of(event) is None:
        return "This can't be undone."
    if event.count == 0:
        return "Nothing was done, so there is nothing to undo."
    if event.count > SUBJECTS_MAX:
        return f"It was done to more than {SUBJECTS_MAX} things, which the audit does not list."
    if event.verb in _NEEDS_BEFORE and event.before in _NOTHING:
        return "Nothing was there before it that could be put back."
    return ""


def why_not_theirs(actor: Actor, event: AuditEvent) -> str:
    """Why this actor may not undo the event, in words: it takes what its inverse takes. "" if they may."""
    inverse = inverse_of(event)
    if inverse is not None and (forbidden := why_off(inverse, actor, event.tenant.strip(EVERYONE))):
        return forbidden
    able = actor if inverse is None else actor.within(inverse.scope)
    if able.tenants is not None and event.tenant in ("", EVERYONE):
        return "This is shared by tenants: only who may act for all tenants can undo it."
    return ""


def say_left(until: datetime, now: datetime) -> str:
    """How long something can still be undone: "4 minutes left"."""
    minutes = math.ceil((until - now).total_seconds() / 60)
    if minutes <= 1:
        return "less than a minute left"
    return f"{minutes} minutes left"
