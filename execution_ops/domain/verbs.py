"""What an operator can do to a thing: one table for buttons, bulk bar, API, CLI and audit."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor, Scope, why_forbidden
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.scanner_verbs import SCANNER_VERBS
from execution_ops.domain.states import (
    ACTIVE_RUNS,
    CANCELABLE,
    ENDED_RUNS,
    OPEN_LETTERS,
    RETRYABLE,
    DeadLetterState,
    ReplayState,
    RunState,
    WorkerState,
)
from execution_ops.domain.text import is_unicode
from execution_ops.domain.verb import Verb as Verb

REASON_MAX = 256
TICKET_MAX = 128


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

REPLAY = Verb(
    name="replay",
    label="Replay",
    scope=Scope.OPERATE,
    applies_to=OPEN_LETTERS,
    inverse="cancel",
    shortcut="p",
    icon="rotate-ccw",
    effect="The job starts again in its own queue with fresh attempts and the same payload, and its DAG goes on.",
    refusal="Only pending or quarantined dead letters can be replayed.",
)
RESOLVE = Verb(
    name="resolve",
    label="Resolve",
    scope=Scope.OPERATE,
    applies_to=OPEN_LETTERS,
    reason_required=True,
    inverse="reopen",
    shortcut="e",
    icon="check",
    effect="It is closed without another try. Its job stays failed, and what waits behind it goes on waiting.",
    refusal="Only pending or quarantined dead letters can be resolved.",
)
REOPEN = Verb(
    name="reopen",
    label="Reopen",
    scope=Scope.OPERATE,
    applies_to=frozenset({DeadLetterState.RESOLVED}),
    inverse="resolve",
    shortcut="o",
    icon="undo-2",
    effect="It is pending again, as before it was resolved.",
    refusal="Only resolved dead letters can be reopened.",
)
START_PLAN = Verb(
    name="start",
    label="Start",
    scope=Scope.OPERATE,
    applies_to=frozenset({ReplayState.DRAFT}),
    inverse="hold",
    icon="play",
    effect="What the dry run found eligible is sent, once each, at the rate of the plan.",
    refusal="Only a draft can be started.",
)
HOLD_PLAN = Verb(
    name="hold",
    label="Pause",
    scope=Scope.OPERATE,
    applies_to=frozenset({ReplayState.RUNNING}),
    inverse="resume",
    icon="pause",
    effect="Nothing more is sent. What was sent goes on.",
    refusal="Only a running plan can be paused.",
)
RESUME_PLAN = Verb(
    name="resume",
    label="Resume",
    scope=Scope.OPERATE,
    applies_to=frozenset({ReplayState.HELD}),
    inverse="hold",
    icon="play",
    effect="The plan goes on with what was not sent yet.",
    refusal="Only a paused plan can be resumed.",
)
ABORT_PLAN = Verb(
    name="abort",
    label="Abort",
    scope=Scope.OPERATE,
    applies_to=frozenset({ReplayState.DRAFT, ReplayState.RUNNING, ReplayState.HELD}),
    reason_required=True,
    danger=True,
    icon="octagon-x",
    effect="Nothing more is sent, for good. What was sent goes on; the rest stays pending.",
    refusal="This plan has ended.",
)
SET_RATE = Verb(
    name="rate",
    label="Change the rate",
    scope=Scope.OPERATE,
    applies_to=frozenset({ReplayState.DRAFT, ReplayState.RUNNING, ReplayState.HELD}),
    inverse="rate",
    icon="gauge",
    effect="The plan sends that many jobs a second from now on.",
    refusal="This plan has ended.",
)
SCHEDULE_CREATE = Verb(
    name="schedule_create",
    label="New schedule",
    scope=Scope.SCHEDULE,
    inverse="schedule_delete",
    icon="plus",
    effect="It fires at its next due time, unless it is made paused.",
)
SCHEDULE_EDIT = Verb(
    name="schedule_edit",
    label="Edit",
    scope=Scope.SCHEDULE,
    inverse="schedule_edit",
    icon="pencil",
    effect="It becomes the next version and holds from the next due time on. Runs under way keep theirs.",
)
SCHEDULE_PAUSE = Verb(
    name="schedule_pause",
    label="Pause",
    scope=Scope.SCHEDULE,
    reason_required=True,
    inverse="schedule_resume",
    icon="circle-pause",
    effect="It does not fire; what comes due meanwhile is recorded as missed. Runs under way go on.",
)
SCHEDULE_RESUME = Verb(
    name="schedule_resume",
    label="Resume",
    scope=Scope.SCHEDULE,
    inverse="schedule_pause",
    icon="play",
    effect="It fires again from its next due time on. What was missed while it was paused stays missed.",
)
SCHEDULE_RUN = Verb(
    name="schedule_run",
    label="Run now",
    scope=Scope.OPERATE,
    inverse="run_cancel",
    icon="play",
    effect="A run starts at once, also while the schedule is paused. Its due times stay as they are.",
)
SCHEDULE_DELETE = Verb(
    name="schedule_delete",
    label="Delete",
    scope=Scope.SCHEDULE,
    reason_required=True,
    danger=True,
    icon="trash-2",
    effect="It never fires again. Its runs and versions are kept.",
)
RUN_CANCEL = Verb(
    name="run_cancel",
    label="Cancel",
    scope=Scope.OPERATE,
    applies_to=ACTIVE_RUNS,
    reason_required=True,
    danger=True,
    inverse="run_retry",
    icon="ban",
    effect="Targets that wait never start, and the jobs of those that run are asked to stop.",
    refusal="Only a run that has not ended can be canceled.",
)
RUN_RETRY = Verb(
    name="run_retry",
    label="Retry",
    scope=Scope.OPERATE,
    applies_to=ENDED_RUNS,
    inverse="run_cancel",
    icon="rotate-ccw",
    effect="A new run starts that finds its targets anew. This one stays as it ended.",
    refusal="Only a run that has ended can be retried.",
)
RUN_RETRY_FAILED = Verb(
    name="run_retry_failed",
    label="Retry failed segments",
    scope=Scope.OPERATE,
    applies_to=frozenset({RunState.ERROR, RunState.CANCELED}),
    inverse="run_cancel",
    icon="rotate-ccw",
    effect="A new run starts with the targets of the segments that did not all succeed. This one stays as it ended.",
    refusal="Only a run that ended in error or was canceled has failed segments.",
)
WORKER_DRAIN = Verb(
    name="worker_drain",
    label="Drain",
    scope=Scope.OPERATE,
    applies_to=frozenset({WorkerState.ONLINE}),
    reason_required=True,
    inverse="worker_resume",
    icon="circle-arrow-down",
    effect="What runs is finished and nothing new is taken. Other workers of the same queues go on.",
    refusal="Only a worker that is online can be drained.",
)
WORKER_RESUME = Verb(
    name="worker_resume",
    label="Resume",
    scope=Scope.OPERATE,
    applies_to=frozenset({WorkerState.DRAINING, WorkerState.DRAINED}),
    inverse="worker_drain",
    icon="play",
    effect="Jobs are taken again, within a second and without a restart.",
    refusal="Only a draining or drained worker can be resumed.",
)
WORKER_STOP = Verb(
    name="worker_stop",
    label="Stop",
    scope=Scope.OPERATE,
    applies_to=frozenset({WorkerState.ONLINE, WorkerState.DRAINING, WorkerState.DRAINED}),
    reason_required=True,
    danger=True,
    icon="power",
    effect="What runs is finished, then the process ends. This can't be undone: start another one.",
    refusal="This worker has ended.",
)
EXPORT = Verb(
    name="export",
    label="Export",
    scope=Scope.READ,
    icon="download",
    effect="Writes what matches into a file. Who exported what is written to the audit.",
)

JOB_VERBS: tuple[Verb, ...] = (CANCEL, RETRY)
LETTER_VERBS: tuple[Verb, ...] = (REPLAY, RESOLVE, REOPEN)
PLAN_VERBS: tuple[Verb, ...] = (START_PLAN, HOLD_PLAN, RESUME_PLAN, ABORT_PLAN)
QUOTA_VERBS: tuple[Verb, ...] = (
    QUOTA_CREATE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_RESET,
    QUOTA_PAUSE,
    QUOTA_RESUME,
    QUOTA_DELETE,
)
SCHEDULE_VERBS: tuple[Verb, ...] = (
    SCHEDULE_CREATE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
    SCHEDULE_DELETE,
)
RUN_VERBS: tuple[Verb, ...] = (RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED)
WORKER_VERBS: tuple[Verb, ...] = (WORKER_DRAIN, WORKER_RESUME, WORKER_STOP)
VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        *(*JOB_VERBS, SCAN, SUBMIT, REVEAL, EXPORT, *QUOTA_VERBS),
        *(*LETTER_VERBS, *PLAN_VERBS, SET_RATE, *SCHEDULE_VERBS, *RUN_VERBS, *WORKER_VERBS, *SCANNER_VERBS),
    )
}


class Stamp(BaseModel):
    """Who asked for a change and why; it goes to the audit with the change."""

    model_config = ConfigDict(frozen=True)

    actor: Actor
    reason: str = ""
    ticket: str = ""
    idempotency_key: str = ""
    correlation_id: str = ""


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


def why_not(verb: Verb, actor: Actor, states: Iterable[StrEnum]) -> str:
    """Why the verb can do nothing for things in these states, in words; empty if it can for at least one."""
    if forbidden := why_forbidden(actor, verb.scope):
        return forbidden
    return "" if any(state in verb.applies_to for state in states) else verb.refusal
