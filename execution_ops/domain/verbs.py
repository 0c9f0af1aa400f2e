"""What an operator can do to a thing: one table for buttons, bulk bar, API, CLI and audit."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor, Scope, why_forbidden
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.states import CANCELABLE, RETRYABLE, JobState

REASON_MAX = 256
TICKET_MAX = 128


class Verb(BaseModel):
    """One thing that can be done.

    `effect` says in one sentence what it does, for the dialog; `refusal` says why it is off
    when the state does not allow it; `inverse` names the verb that undoes it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    scope: Scope
    applies_to: frozenset[JobState] = frozenset()
    reason_required: bool = False
    danger: bool = False
    inverse: str | None = None
    shortcut: str | None = None
    icon: str
    effect: str
    refusal: str = ""


CANCEL = Verb(
    name="cancel",
    label="Cancel",
    scope=Scope.OPERATE,
    applies_to=CANCELABLE,
    reason_required=True,
    danger=True,
    inverse="retry",
    shortcut="c",
    icon="ban",
    effect="Waiting jobs never start. A running job is asked to stop and shows canceling until it did.",
    refusal="Only jobs that wait or run can be canceled.",
)
RETRY = Verb(
    name="retry",
    label="Retry",
    scope=Scope.OPERATE,
    applies_to=RETRYABLE,
    inverse="cancel",
    shortcut="t",
    icon="rotate-ccw",
    effect="The job starts again with fresh attempts. Its history stays, and jobs behind it continue.",
    refusal="Only failed, timed out or canceled jobs can be retried.",
)
SCAN = Verb(
    name="scan",
    label="Scan a directory",
    scope=Scope.OPERATE,
    icon="folder-search",
    effect="Plans a scan of the directory, archive or image and starts it.",
)
SUBMIT = Verb(
    name="submit",
    label="Submit a job",
    scope=Scope.OPERATE,
    inverse="cancel",
    icon="play",
    effect="Starts one job of a type that an installed package provides.",
)
REVEAL = Verb(
    name="reveal",
    label="Reveal",
    scope=Scope.REVEAL,
    icon="lock",
    effect="Shows the secrets of a payload or result. Each look is written to the audit.",
)
QUOTA_CREATE = Verb(
    name="quota_create",
    label="New quota",
    scope=Scope.QUOTA,
    inverse="quota_delete",
    icon="plus",
    effect="Jobs of this tenant and type are held to the limits at once, also those that wait already.",
)
QUOTA_EDIT = Verb(
    name="quota_edit",
    label="Change the configured values",
    scope=Scope.QUOTA,
    inverse="quota_edit",
    icon="pencil",
    effect="Workers keep to the new values at once. Jobs that run go on.",
)
QUOTA_OVERRIDE = Verb(
    name="quota_override",
    label="Override for now",
    scope=Scope.QUOTA,
    inverse="quota_reset",
    icon="gauge",
    effect="Workers keep to these values until the quota is reset; the configured ones are kept.",
)
QUOTA_RESET = Verb(
    name="quota_reset",
    label="Reset",
    scope=Scope.QUOTA,
    inverse="quota_override",
    icon="undo-2",
    effect="The configured values hold again.",
)
QUOTA_PAUSE = Verb(
    name="quota_pause",
    label="Pause",
    scope=Scope.QUOTA,
    reason_required=True,
    inverse="quota_resume",
    icon="circle-pause",
    effect="Nothing new starts. Running jobs finish, the others wait until the quota is resumed.",
)
QUOTA_RESUME = Verb(
    name="quota_resume",
    label="Resume",
    scope=Scope.QUOTA,
    inverse="quota_pause",
    icon="play",
    effect="Waiting jobs start again, as many as the limits allow.",
)
QUOTA_DELETE = Verb(
    name="quota_delete",
    label="Delete",
    scope=Scope.QUOTA,
    danger=True,
    inverse="quota_create",
    icon="trash-2",
    effect="Its jobs are held to the next quota that fits them, or to none. What waits because of it may start.",
)

JOB_VERBS: tuple[Verb, ...] = (CANCEL, RETRY)
QUOTA_VERBS: tuple[Verb, ...] = (
    QUOTA_CREATE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_RESET,
    QUOTA_PAUSE,
    QUOTA_RESUME,
    QUOTA_DELETE,
)
VERBS: dict[str, Verb] = {verb.name: verb for verb in (CANCEL, RETRY, SCAN, SUBMIT, REVEAL, *QUOTA_VERBS)}


class Stamp(BaseModel):
    """Who asked for a change and why; it goes to the audit with the change."""

    model_config = ConfigDict(frozen=True)

    actor: Actor
    reason: str = ""
    ticket: str = ""
    idempotency_key: str = ""
    correlation_id: str = ""


def check_stamp(verb: Verb, stamp: Stamp) -> None:
    """Raise InvalidInput if the verb needs a reason that is missing, or a text is too long."""
    if verb.reason_required and not stamp.reason.strip():
        raise InvalidInput(f"{verb.label} needs a reason.", code="REASON_REQUIRED")
    if len(stamp.reason) > REASON_MAX:
        raise InvalidInput(f"A reason has at most {REASON_MAX} characters.")
    if len(stamp.ticket) > TICKET_MAX:
        raise InvalidInput(f"A ticket has at most {TICKET_MAX} characters.")


def why_not(verb: Verb, actor: Actor, states: Iterable[JobState]) -> str:
    """Why the verb can do nothing for these jobs, in words; empty if it can for at least one."""
    if forbidden := why_forbidden(actor, verb.scope):
        return forbidden
    return "" if any(state in verb.applies_to for state in states) else verb.refusal
