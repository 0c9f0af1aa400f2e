"""What an operator can do to schedules and to their runs; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.states import ACTIVE_RUNS, ENDED_RUNS, RunState
from execution_ops.domain.verb import Verb

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
SCHEDULE_VERBS: tuple[Verb, ...] = (
    SCHEDULE_CREATE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
    SCHEDULE_DELETE,
)
RUN_VERBS: tuple[Verb, ...] = (RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED)
