"""What an operator can do to jobs, and how jobs are started; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.states import CANCELABLE, RETRYABLE
from execution_ops.domain.verb import Verb

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

JOB_VERBS: tuple[Verb, ...] = (CANCEL, RETRY)
