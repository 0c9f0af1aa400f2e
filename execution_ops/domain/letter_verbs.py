"""What an operator can do to dead letters and to replay plans; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.states import OPEN_LETTERS, DeadLetterState, ReplayState
from execution_ops.domain.verb import Verb

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
LETTER_VERBS: tuple[Verb, ...] = (REPLAY, RESOLVE, REOPEN)
PLAN_VERBS: tuple[Verb, ...] = (START_PLAN, HOLD_PLAN, RESUME_PLAN, ABORT_PLAN)
