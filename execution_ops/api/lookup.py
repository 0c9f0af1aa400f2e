"""Finding a thing by the beginning of its id."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from execution_ops.api.deps import ActorDep, ServicesDep
from execution_ops.api.operations import reads
from execution_ops.domain.lookup import PREFIX_MIN, Lookup
from execution_ops.routes import Rest

router = APIRouter(tags=["lookup"])


@router.get(Rest.LOOKUP, **reads())
def look_up(
    services: ServicesDep,
    actor: ActorDep,
    id: Annotated[str, Query(description=f"The beginning of an id, {PREFIX_MIN} characters at least.")] = "",
) -> Lookup:
    """Jobs, runs, dead letters, replay plans, schedules and workers whose id begins so: at most five of each."""
    return services.lookup.find(actor, id)
