"""What an operator can do to workers; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.states import WorkerState
from execution_ops.domain.verb import Verb

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
WORKER_VERBS: tuple[Verb, ...] = (WORKER_DRAIN, WORKER_RESUME, WORKER_STOP)
