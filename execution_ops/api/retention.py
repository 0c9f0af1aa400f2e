"""What is kept for how long."""

from __future__ import annotations

from fastapi import APIRouter

from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.operations import reads
from execution_ops.domain.access import Scope
from execution_ops.domain.retention import RetentionStatus, RetentionSurvey
from execution_ops.routes import Rest

router = APIRouter(tags=["retention"])


@router.get(Rest.RETENTION, **reads())
def get_retention(services: ServicesDep, actor: ActorDep) -> RetentionStatus:
    """How many days jobs, runs, dead letters and the audit are kept, and how many of each were removed so far."""
    return services.retention.status(actor)


@router.get(Rest.RETENTION_PREVIEW, **reads(Scope.ADMIN))
def preview_retention(services: ServicesDep, actor: ActorDep) -> RetentionSurvey:
    """What would be removed now. Needs ops:admin, and takes seconds where much is old."""
    return services.retention.survey(actor)
