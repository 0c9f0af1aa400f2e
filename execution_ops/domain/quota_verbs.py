"""What an operator can do to quotas; part of the one table of verbs."""

from __future__ import annotations

from execution_ops.domain.access import Scope
from execution_ops.domain.verb import Verb

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
QUOTA_VERBS: tuple[Verb, ...] = (
    QUOTA_CREATE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_RESET,
    QUOTA_PAUSE,
    QUOTA_RESUME,
    QUOTA_DELETE,
)
