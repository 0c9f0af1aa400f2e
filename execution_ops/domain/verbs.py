"""What an operator can do to a thing: one table for buttons, bulk bar, API, CLI and audit.

The verbs of each area are in a module of their own; `VERBS` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor, Scope
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.identity_verbs import IDENTITY_VERBS
from execution_ops.domain.job_verbs import JOB_VERBS, REVEAL, SCAN, SUBMIT
from execution_ops.domain.letter_verbs import LETTER_VERBS, PLAN_VERBS, SET_RATE
from execution_ops.domain.quota_verbs import QUOTA_VERBS
from execution_ops.domain.scanner_verbs import SCANNER_VERBS
from execution_ops.domain.schedule_verbs import RUN_VERBS, SCHEDULE_VERBS
from execution_ops.domain.text import is_unicode
from execution_ops.domain.verb import Verb, why_off
from execution_ops.domain.worker_verbs import WORKER_VERBS

REASON_MAX = 256
TICKET_MAX = 128

# It is done to every list, whatever is in it.
EXPORT = Verb(
    name="export",
    label="Export",
    scope=Scope.READ,
    icon="download",
    effect="Writes what matches into a file. Who exported what, and how it ended, is written to the audit.",
)

# How it ended. Nobody does these: the audit tells of them.
EXPORT_FINISHED = Verb(
    name="export_finished",
    label="Export finished",
    scope=Scope.READ,
    icon="circle-check",
    effect="The file was handed out whole.",
)
EXPORT_CUT_OFF = Verb(
    name="export_cut_off",
    label="Export cut off",
    scope=Scope.READ,
    icon="octagon-x",
    effect="The file was handed out up to here, when whoever took it went away or something failed.",
)
EXPORTS = (EXPORT.name, EXPORT_FINISHED.name, EXPORT_CUT_OFF.name)

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        *(*JOB_VERBS, SCAN, SUBMIT, REVEAL, EXPORT, EXPORT_FINISHED, EXPORT_CUT_OFF, *QUOTA_VERBS),
        *(*LETTER_VERBS, *PLAN_VERBS, SET_RATE, *SCHEDULE_VERBS, *RUN_VERBS, *WORKER_VERBS, *SCANNER_VERBS),
        *IDENTITY_VERBS,
    )
}


class Stamp(BaseModel):
    """Who asked for a change and why; it goes to the audit with the change.

    `undoes` is the number of the audit event that the change takes back: then it is done only if that event's effect
    still stands, in the same transaction.
    """

    model_config = ConfigDict(frozen=True)

    actor: Actor
    reason: str = ""
    ticket: str = ""
    idempotency_key: str = ""
    correlation_id: str = ""
    undoes: int | None = None


def check_stamp(verb: Verb, stamp: Stamp) -> None:
    """Raise InvalidInput if the verb needs a reason that is missing, or a text is too long or cannot be stored."""
    if verb.reason_required and not stamp.reason.strip():
        raise InvalidInput(f"{verb.label} needs a reason.", code="REASON_REQUIRED")
    if len(stamp.reason) > REASON_MAX:
        raise InvalidInput(f"A reason has at most {REASON_MAX} characters.")
    if len(stamp.ticket) > TICKET_MAX:
        raise InvalidInput(f"A ticket has at most {TICKET_MAX} characters.")
    if not all(is_unicode(text) and "\0" not in text for text in (stamp.reason, stamp.ticket)):
        raise InvalidInput("A reason and a ticket are text, without the character NUL and without half characters.")


def why_not(verb: Verb, actor: Actor, states: Iterable[StrEnum], tenant: str = "") -> str:
    """Why the verb can do nothing for things in these states, in words; empty if it can for at least one.

    `tenant` is that of the things, where it is one and known.
    """
    if forbidden := why_off(verb, actor, tenant):
        return forbidden
    return "" if any(state in verb.applies_to for state in states) else verb.refusal
